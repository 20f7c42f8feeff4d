"""One record of every kind that payments keep, for a client that has an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from arrears_sdk.ids import new_id
from tests.conftest import START

_INTENT = """
insert into payment_intent (id, client_id, account_id, debtor_id, gateway, plugin, plugin_version, amount_minor,
                            currency, method, initiated_by, status, outcome, provider_reference, principal_id, version,
                            created_at, updated_at)
select %(intent)s, client_id, id, debtor_id, 'sandbox', 'sandbox-gateway', '0', 1200, currency, 'CARD', 'DEBTOR',
       'PENDING', 'PENDING', 'ch_' || %(intent)s, gen_random_uuid(), 1, %(at)s, %(at)s
from account where client_id = %(client)s order by id limit 1
"""
_BESIDE = (
    """
insert into payment_refund (id, client_id, account_id, intent_id, amount_minor, currency, reason, status, principal_id,
                            version, created_at, updated_at)
select gen_random_uuid(), client_id, account_id, id, 600, currency, 'r', 'CREATED', gen_random_uuid(), 1, %(at)s, %(at)s
from payment_intent where id = %(intent)s
""",
    """
insert into payment_attempt (id, client_id, account_id, intent_id, kind, started_at)
select gen_random_uuid(), client_id, account_id, id, 'CHARGE', %(at)s from payment_intent where id = %(intent)s
""",
    """
insert into payment_chargeback (id, client_id, account_id, intent_id, reference, amount_minor, currency, won)
select gen_random_uuid(), client_id, account_id, id, 'd', 100, currency, false from payment_intent where id = %(intent)s
""",
    """
insert into payment_finding (id, client_id, account_id, intent_id, position, verdict, rule, reason, citation, plugin,
                             plugin_version)
select gen_random_uuid(), client_id, account_id, id, 1, 'WARN', 'r', 'because', '', 'p', '0'
from payment_intent where id = %(intent)s
""",
    """
insert into webhook_notice (id, client_id, gateway, notice_id, kind, outcome, intent_id, occurred_at, received_at)
select gen_random_uuid(), client_id, gateway, 'evt', 'CHARGE', 'PENDING', id, %(at)s, %(at)s
from payment_intent where id = %(intent)s
""",
)


def insert_payment(connection: psycopg.Connection[Any], client_id: UUID) -> UUID:
    """An intent that is pending, with a refund, an attempt, a chargeback, a finding and a notice; its id."""
    values = {"intent": new_id(), "client": client_id, "at": START}
    for statement in (_INTENT, *_BESIDE):
        connection.execute(statement.encode(), values)
    return UUID(str(values["intent"]))
