"""A fee that is quoted, for a client that has an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from arrears_sdk.ids import new_id
from tests.conftest import START

_ROWS = (
    """
insert into fee_claim (id, client_id, account_id, debtor_id, rule, period, kind, amount_minor, currency, computed_minor,
                       base_minor, days_past_due, settings_version, state, quoted_on, claim_on, ask_on, version,
                       created_at, updated_at)
select %(fee)s, client_id, id, debtor_id, 'late', 'ONCE', 'LATE', 100, currency, 100, 1000, 10, 0, 'QUOTED',
       '2026-03-01', '2026-03-01', '2026-03-01', 1, %(at)s, %(at)s
from account where client_id = %(client)s order by id limit 1
""",
    """
insert into fee_claim_step (id, client_id, account_id, fee_claim_id, position, step, state, effective_on, recorded_at,
                            recorded_by_id, recorded_by_name, reason)
select %(step)s, client_id, account_id, id, 1, 'QUOTED', 'QUOTED', quoted_on, %(at)s, %(step)s, 'system', 'r'
from fee_claim where id = %(fee)s
""",
)


def insert_fee(connection: psycopg.Connection[Any], client_id: UUID) -> None:
    """A fee of one of the client's accounts, with the step by which it came about."""
    values = {"client": client_id, "fee": new_id(), "step": new_id(), "at": START}
    for statement in _ROWS:
        connection.execute(statement, values)
