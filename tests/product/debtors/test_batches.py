"""Making many debtors at once: the same as one by one, in a number of statements that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from arrears.debtors.commands import (
    DebtorCreate,
    NewClientLink,
    NewContactPoint,
    NewName,
    NewNationalId,
    NewResidence,
    create_debtors,
)
from arrears.debtors.model import ContactChannel, DebtorKind, NationalIdKind, ResidenceKind
from arrears.kernel.transaction import Transaction, open_transaction
from arrears_sdk.errors import ConflictError
from tests.conftest import Deployment
from tests.product.debtors.conftest import Clients, anna

# Every table that a new debtor writes to, without ids, keys and instants; `n` is the debtor's place in its batch.
PICTURE = {
    "debtor": "kind, display_name, sort_name, date_of_birth, country, languages, version",
    "debtor_client": "client_id, reference",
    "debtor_name": "kind, full_name, given_name, family_name, client_id",
    "residence": "kind, address_lines, city, region, country, client_id",
    "contact_point": "channel, value, line_type, owner, area_zones, client_id, validity",
    "time_zone_candidate": "zone, source, client_id",
    "national_id": "kind, country, blind, hint, client_id",
    "search_token": "kind, token, client_id",
}


async def picture(tx: Transaction) -> dict[str, list[Any]]:
    await tx.flush()
    connection = await tx.connection()
    found: dict[str, list[Any]] = {}
    for table, columns in PICTURE.items():
        owner = "id" if table == "debtor" else "debtor_id"
        cursor = await connection.execute(
            f"""select numbered.n, {", ".join(f"t.{column}" for column in columns.split(", "))}
                from {table} t join (select id, row_number() over (order by id) as n from debtor) numbered
                  on numbered.id = t.{owner}"""
        )
        found[table] = sorted(await cursor.fetchall(), key=repr)
    cursor = await connection.execute("select command, subject, client_id, before::text from audit_entry")
    found["audit"] = sorted(await cursor.fetchall(), key=repr)
    cursor = await connection.execute("select name, client_id, payload::text from event where name like 'Debtor%'")
    found["event"] = sorted(await cursor.fetchall(), key=repr)
    return found


NAMES = st.sampled_from(["Anna Müller", "Søren O'Brien", "山田 太郎", "ACME & Co. KG", "Åsa"])
PHONES = st.sampled_from(["+12025550143", "+493012345678", "+4915123456789", "+18005550199"])


@st.composite
def debtors(draw: st.DrawFn, clients: Clients) -> list[DebtorCreate]:
    """Up to five debtors with what real files hold, or leave out."""
    made: list[DebtorCreate] = []
    for place in range(draw(st.integers(1, 5))):
        known_to = draw(st.sampled_from([(clients.bank,), (clients.shop,), (clients.bank, clients.shop)]))
        with_reference = draw(st.booleans())
        phones = draw(st.lists(PHONES, max_size=2, unique=True))
        made.append(
            DebtorCreate(
                kind=draw(st.sampled_from(DebtorKind)),
                clients=tuple(
                    NewClientLink(client_id=client, reference=f"R-{place}" if with_reference else None)
                    for client in known_to
                ),
                names=tuple(NewName(full_name=name) for name in draw(st.lists(NAMES, min_size=1, max_size=2))),
                residences=tuple(
                    NewResidence(kind=kind, country="US", region=draw(st.sampled_from([None, "IL", "TN"])))
                    for kind in draw(st.lists(st.sampled_from(ResidenceKind), max_size=2))
                ),
                contact_points=tuple(NewContactPoint(channel=ContactChannel.PHONE, value=phone) for phone in phones),
                national_ids=tuple(
                    NewNationalId(kind=NationalIdKind.TAX, country="DE", number=f"12345678{place}")
                    for _ in range(draw(st.integers(0, 1)))
                ),
                country=draw(st.sampled_from([None, "DE", "US"])),
            )
        )
    return made


async def one_by_one(tx: Transaction, batch: Sequence[DebtorCreate]) -> None:
    for new in batch:
        await create_debtors(tx, [new])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_batch_is_the_same_as_its_debtors_one_by_one(
    deployment: Deployment, clients: Clients, data: st.DataObject
) -> None:
    # given
    batch = data.draw(debtors(clients))
    pictures = []
    # when: each in a transaction that is rolled back
    for write in (create_debtors, one_by_one):
        async with open_transaction(deployment.context()) as tx:
            await write(tx, batch)
            pictures.append(await picture(tx))
    # then
    assert pictures[0] == pictures[1]
    assert len(pictures[0]["debtor"]) == len(batch)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the database through psycopg, as it is sent."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(self: Any, query: Any, *arguments: Any, **further: Any) -> Any:
        # The announcement of an earlier commit comes in between, whenever it likes.
        if "pg_notify" not in str(query):
            sent.append(str(query))
        return await execute(self, query, *arguments, **further)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    return sent


async def test_a_hundred_debtors_take_as_many_statements_as_two(
    deployment: Deployment, clients: Clients, statements: list[str]
) -> None:
    counts = []
    for size in (1, 2, 100):
        batch = [
            anna(clients.bank, clients=(NewClientLink(client_id=clients.bank, reference=f"{size}-{place}"),))
            for place in range(size)
        ]
        async with open_transaction(deployment.context()) as tx:
            statements.clear()
            await create_debtors(tx, batch)
            counts.append(len(statements))
    # The first one also opens its connection.
    assert counts[1] == counts[2]
    assert counts[1] <= 12


async def test_a_reference_given_twice_in_a_batch_is_refused_at_the_second_one(
    deployment: Deployment, clients: Clients
) -> None:
    async with open_transaction(deployment.context()) as tx:
        with pytest.raises(ConflictError) as refused:
            await create_debtors(tx, [anna(clients.bank), anna(clients.shop), anna(clients.bank)])
    assert refused.value.problems[0].field == ("input", "2", "clients")
