"""One record of every kind that instalments and delinquency keep, for a client that has an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from arrears_sdk.ids import new_id
from tests.conftest import START

_ROWS = (
    """
insert into instalment_schedule (id, client_id, account_id, sequence, from_on, reason, recorded_at)
select %(schedule)s, client_id, id, 1, '2026-03-02', 'r', %(at)s from account where client_id = %(client)s
order by id limit 1
""",
    """
insert into instalment (client_id, account_id, schedule_id, number, due_on, currency, principal_minor)
select client_id, account_id, id, 1, '2026-04-01', 'USD', 100 from instalment_schedule where id = %(schedule)s
""",
    """
insert into delinquency_pause (client_id, account_id, sequence, kind, from_on, until_on, reason, recorded_at)
select client_id, account_id, 1, 'PAUSE', '2026-03-10', '2026-03-11', 'r', %(at)s from instalment_schedule
where id = %(schedule)s
""",
    """
insert into delinquency_bucket (client_id, account_id, bucket, from_days, added_on, lifted_on, recorded_at)
select client_id, account_id, '1-30', 1, '2020-01-01', '2020-01-02', %(at)s from instalment_schedule
where id = %(schedule)s
""",
)


def insert_delinquency(connection: psycopg.Connection[Any], client_id: UUID) -> None:
    """A schedule with an instalment, a pause and a stay in a bucket of one of the client's accounts."""
    values = {"client": client_id, "schedule": new_id(), "at": START}
    for statement in _ROWS:
        connection.execute(statement, values)
