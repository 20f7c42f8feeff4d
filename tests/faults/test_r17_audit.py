"""R17: every raw edit, deletion, swap, insertion and tail cut of the audit trail is found, by number.

The editor is a superuser who switched the triggers off; what it lacks is the deployment key and the head file.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from arrears.kernel.audit_heads import Head, HeadLog
from arrears.kernel.audit_verify import AuditFault, BadRow, verify_on
from arrears.kernel.sealer import Sealer
from arrears.kernel.transaction import begin
from arrears_sdk.ids import new_id
from tests.conftest import Deployment, Server

TRIALS = int(os.environ.get("ARREARS_TRIALS", "1000"))
SEED = int(os.environ.get("ARREARS_SEED", "17"))
SEALED = 12
UNSEALED = 3

ENTRY_EDITS = {
    "id": "gen_random_uuid()",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "request_id": "request_id || ' '",
    "principal_id": "gen_random_uuid()",
    "principal_kind": "'PERSON'",
    "principal_name": "null",
    "command": "'account.close'",
    "subject": "'dbtr'",
    "subject_id": "gen_random_uuid()",
    "client_id": "gen_random_uuid()",
    "person_id": "gen_random_uuid()",
    "reason": "''",
    "before": "'{\"amount\": 1}'",
    "after": "null",
    "key_id": "'another'",
    "code": "sha256(code)",
}
SEAL_EDITS = {
    "sequence": "sequence + 1000",
    "entry_id": "gen_random_uuid()",
    "chain": "sha256(chain)",
    "key_id": "'another'",
    "sealed_at": "sealed_at + interval '1 microsecond'",
}
CONTENT = [name for name in ENTRY_EDITS if name != "id"]

Connection = psycopg.AsyncConnection[tuple[object, ...]]


@dataclass
class Tampering:
    """One random act: what it did, and the lowest number that a report of it may name."""

    connection: Connection
    random: random.Random
    told: str = ""
    number: int | None = None
    done: list[str] = field(default_factory=list)

    async def run(self, statement: str, *parameters: object) -> None:
        cursor = await self.connection.execute(statement, parameters or None)
        assert cursor.rowcount > 0, f"{statement} changed nothing"
        self.done.append(statement)

    def sealed(self) -> int:
        return self.random.randint(1, SEALED)

    def two(self) -> tuple[int, int]:
        first, second = sorted(self.random.sample(range(1, SEALED + 1), 2))
        return first, second


async def edit_sealed_entry(act: Tampering) -> None:
    column, act.number = act.random.choice(list(ENTRY_EDITS)), act.sealed()
    await act.run(
        f"update audit_entry set {column} = {ENTRY_EDITS[column]}"
        " where id = (select entry_id from audit_seal where sequence = %s)",
        act.number,
    )


async def edit_waiting_entry(act: Tampering) -> None:
    column = act.random.choice(list(ENTRY_EDITS))
    waiting = "(select entry_id from audit_pending order by entry_id offset %s limit 1)"
    await act.run(
        f"update audit_entry set {column} = {ENTRY_EDITS[column]} where id = {waiting}", act.random.randrange(UNSEALED)
    )


async def edit_seal(act: Tampering) -> None:
    column, act.number = act.random.choice(list(SEAL_EDITS)), act.sealed()
    await act.run(f"update audit_seal set {column} = {SEAL_EDITS[column]} where sequence = %s", act.number)


async def delete_entry(act: Tampering) -> None:
    act.number = act.sealed()
    await act.run(
        "delete from audit_entry e using audit_seal s where s.entry_id = e.id and s.sequence = %s", act.number
    )


async def delete_seal(act: Tampering) -> None:
    act.number = act.sealed()
    await act.run("delete from audit_seal where sequence = %s", act.number)


async def delete_entry_and_seal(act: Tampering) -> None:
    await delete_entry(act)
    await act.run("delete from audit_seal where sequence = %s", act.number)


async def delete_and_close_the_gap(act: Tampering) -> None:
    await delete_entry_and_seal(act)
    assert act.number is not None
    for later in range(act.number + 1, SEALED + 1):
        await act.run("update audit_seal set sequence = sequence - 1 where sequence = %s", later)


async def delete_waiting_entry(act: Tampering) -> None:
    await act.run(
        "delete from audit_entry where id = (select entry_id from audit_pending order by entry_id offset %s limit 1)",
        act.random.randrange(UNSEALED),
    )


async def hide_waiting_entry_from_the_sealer(act: Tampering) -> None:
    await act.run(
        "delete from audit_pending where entry_id = (select entry_id from audit_pending order by entry_id limit 1)"
    )


async def swap_contents(act: Tampering) -> None:
    act.number, second = act.two()
    columns = ", ".join(CONTENT)
    await act.run(
        f"""update audit_entry e set ({columns}) = (select {columns} from audit_entry o where o.id = pair.other)
            from (select a.entry_id as one, b.entry_id as other from audit_seal a, audit_seal b
                  where (a.sequence, b.sequence) in ((%s, %s), (%s, %s))) as pair where e.id = pair.one""",
        *(act.number, second, second, act.number),
    )


async def swap_numbers(act: Tampering) -> None:
    act.number, second = act.two()
    await act.run("update audit_seal set sequence = -1 where sequence = %s", act.number)
    await act.run("update audit_seal set sequence = %s where sequence = %s", act.number, second)
    await act.run("update audit_seal set sequence = %s where sequence = -1", second)


async def swap_what_seals_point_at(act: Tampering) -> None:
    act.number, second = act.two()
    cursor = await act.connection.execute(
        "select entry_id from audit_seal where sequence in (%s, %s) order by sequence", [act.number, second]
    )
    (first_id,), (second_id,) = await cursor.fetchall()
    await act.run("update audit_seal set entry_id = gen_random_uuid() where sequence = %s", act.number)
    await act.run("update audit_seal set entry_id = %s where sequence = %s", first_id, second)
    await act.run("update audit_seal set entry_id = %s where sequence = %s", second_id, act.number)


async def cut_the_tail(act: Tampering) -> None:
    act.number = act.sealed()
    await act.run("delete from audit_entry where id in (select entry_id from audit_pending)")
    await act.run("delete from audit_pending")
    await act.run("delete from audit_entry e using audit_seal s where s.entry_id = e.id and sequence >= %s", act.number)
    await act.run("delete from audit_seal where sequence >= %s", act.number)


async def empty_everything(act: Tampering) -> None:
    act.number = 1
    for table in ("audit_pending", "audit_seal", "audit_entry"):
        await act.run(f"delete from {table}")


async def insert_copy_of_an_entry(act: Tampering) -> None:
    columns = ", ".join(CONTENT)
    await act.run(
        f"""insert into audit_entry (id, {columns}) select gen_random_uuid(), {columns} from audit_entry
            where id = (select entry_id from audit_seal where sequence = %s)""",
        act.sealed(),
    )


async def insert_sealed_entry(act: Tampering) -> None:
    await insert_copy_of_an_entry(act)
    act.number = SEALED + 1
    await act.run(
        """insert into audit_seal (sequence, entry_id, chain, key_id, sealed_at)
           select %s, e.id, s.chain, s.key_id, s.sealed_at from audit_seal s, audit_entry e
           where s.sequence = %s and not exists (select 1 from audit_seal x where x.entry_id = e.id)
             and not exists (select 1 from audit_pending x where x.entry_id = e.id)""",
        *(SEALED + 1, SEALED),
    )


ACTS: list[Callable[[Tampering], Awaitable[None]]] = [
    edit_sealed_entry,
    edit_sealed_entry,
    edit_sealed_entry,
    edit_waiting_entry,
    edit_seal,
    edit_seal,
    delete_entry,
    delete_seal,
    delete_entry_and_seal,
    delete_and_close_the_gap,
    delete_waiting_entry,
    hide_waiting_entry_from_the_sealer,
    swap_contents,
    swap_numbers,
    swap_what_seals_point_at,
    cut_the_tail,
    empty_everything,
    insert_copy_of_an_entry,
    insert_sealed_entry,
]


@pytest.fixture
async def trail(deployment: Deployment, tmp_path: Path) -> list[Head]:
    """A sealed trail with a few entries that still wait; its heads."""
    log = HeadLog(tmp_path / "heads.log")
    for size, sealed in ((5, True), (SEALED - 5, True), (UNSEALED, False)):
        async with begin(deployment.context(reason="a reason")) as tx:
            for number in range(size):
                tx.audit(
                    subject="acct",
                    subject_id=new_id(),
                    client_id=new_id(),
                    before={"amount": 100 + number},
                    after={"amount": 200 + number},
                    person_id=new_id(),
                )
        if sealed:
            assert await Sealer(log).seal(deployment.worker_context()) == size
    return list(log.read())


@pytest.fixture
async def superuser(server: Server, deployment: Deployment) -> AsyncIterator[Connection]:
    """A superuser's connection with every trigger off, in a transaction that is never committed."""
    url = psycopg.conninfo.make_conninfo(
        server.superuser_url, dbname=psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)["dbname"]
    )
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for table in ("audit_entry", "audit_seal", "audit_pending"):
            await connection.execute(f"alter table {table} disable trigger all")
        yield connection
        await connection.rollback()


async def test_1000_random_raw_changes_are_all_found_with_the_first_bad_row(
    deployment: Deployment, trail: list[Head], superuser: Connection
) -> None:
    chance = random.Random(SEED)
    untouched = await verify_on(superuser, deployment.vault, trail)
    assert (untouched.sealed, untouched.unsealed, untouched.first_bad) == (SEALED, UNSEALED, None)
    missed: list[str] = []
    seen: set[str] = set()
    for trial in range(TRIALS):
        tampering = Tampering(superuser, chance)
        act = chance.choice(ACTS)
        await superuser.execute("savepoint trial")
        await act(tampering)
        report = await verify_on(superuser, deployment.vault, trail)
        if report.first_bad is None or not names_the_row(report.first_bad, tampering.number):
            missed.append(f"seed {SEED}, trial {trial}, {act.__name__}: {tampering.done} gave {report.first_bad}")
        else:
            seen.add(act.__name__)
        await superuser.execute("rollback to savepoint trial")
    assert missed == []
    assert seen == {act.__name__ for act in ACTS} or TRIALS < 200


def names_the_row(bad: BadRow, number: int | None) -> bool:
    """The first bad row by its number, a row without a number by its id, a cut by the first number that is gone."""
    if number is None:
        return bad.sequence is None and bad.entry_id is not None
    return bad.sequence == number


async def test_a_trail_cut_off_and_continued_by_the_sealer_itself_is_found(
    deployment: Deployment, trail: list[Head], server: Server, tmp_path: Path
) -> None:
    """The editor cuts the tail and lets the honest sealer chain new entries in the place of those that vanished."""
    url = psycopg.conninfo.make_conninfo(
        server.superuser_url, dbname=psycopg.conninfo.conninfo_to_dict(deployment.urls.owner)["dbname"]
    )
    async with await psycopg.AsyncConnection.connect(url) as connection:
        for table in ("audit_entry", "audit_seal", "audit_pending"):
            await connection.execute(f"alter table {table} disable trigger all")
        await connection.execute(
            "delete from audit_entry e using audit_seal s where s.entry_id = e.id and sequence > 8"
        )
        await connection.execute("delete from audit_seal where sequence > 8")
        for table in ("audit_entry", "audit_seal", "audit_pending"):
            await connection.execute(f"alter table {table} enable trigger all")
    async with begin(deployment.context()) as tx:
        for _ in range(10):
            tx.audit(subject="acct", subject_id=new_id())
    log = HeadLog(tmp_path / "heads.log")
    await Sealer(log).seal(deployment.worker_context())

    async with deployment.worker_database.reads(deployment.context().principal.scope) as connection:
        report = await verify_on(connection, deployment.vault, list(log.read()))

    assert report.first_bad is not None
    assert (report.first_bad.fault, report.first_bad.sequence) == (AuditFault.HEAD_DISAGREES, SEALED)


async def test_a_head_made_up_without_the_key_is_found(deployment: Deployment, trail: list[Head]) -> None:
    forged = Head(SEALED, b"\1" * 32, trail[-1].sealed_at, trail[-1].key_id, trail[-1].code)
    async with deployment.worker_database.reads(deployment.context().principal.scope) as connection:
        report = await verify_on(connection, deployment.vault, [*trail[:-1], forged])
        without = await verify_on(connection, deployment.vault, [])
    assert report.first_bad is not None
    assert without.first_bad is not None
    assert (report.first_bad.fault, report.first_bad.sequence) == (AuditFault.HEAD_FORGED, SEALED)
    assert without.first_bad.fault is AuditFault.HEAD_MISSING
