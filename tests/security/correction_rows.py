"""A judgment and a receipt with a share, for a client that has an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from arrears_sdk.ids import new_id
from tests.conftest import START

_ROWS = (
    """
insert into ledger_entry (id, client_id, account_id, kind, effective_on, recorded_at, currency, amount_minor, command,
                          principal_id)
select %(entry)s, client_id, id, 'JUDGMENT', '2026-03-01', %(at)s, currency, 0, 'ledger.record_judgment', %(entry)s
from account where client_id = %(client)s order by id limit 1
""",
    """
insert into judgment (id, client_id, account_id, entry_id, entered_on, court, case_reference, currency,
                      principal_minor, interest_minor, fees_minor, costs_minor, recorded_at)
select gen_random_uuid(), client_id, account_id, id, effective_on, 'court', 'case', currency, 100, 0, 0, 0, %(at)s
from ledger_entry where id = %(entry)s
""",
    """
insert into receipt (id, client_id, debtor_id, amount_minor, currency, method, paid_to, received_on, effective_on,
                     reference, way, recorded_at)
select %(receipt)s, client_id, debtor_id, 100, currency, 'CASH', 'AGENCY', '2026-03-01', '2026-03-01', 'r', 'EVEN',
       %(at)s
from account where client_id = %(client)s order by id limit 1
""",
    """
insert into receipt_share (id, receipt_id, client_id, account_id, position, owed_minor, amount_minor, currency, reason)
select gen_random_uuid(), %(receipt)s, client_id, id, 1, 100, 0, currency, 'r'
from account where client_id = %(client)s order by id limit 1
""",
)


def insert_corrections(connection: psycopg.Connection[Any], client_id: UUID) -> None:
    """A judgment that awards what is owed, and a receipt of which the account got nothing."""
    values = {"entry": new_id(), "receipt": new_id(), "client": client_id, "at": START}
    for statement in _ROWS:
        connection.execute(statement.encode(), values)
