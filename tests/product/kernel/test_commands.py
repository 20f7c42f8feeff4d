"""Commands: permission, one transaction, what is noted with it, versions, retries, and the database's refusals."""

from __future__ import annotations

import asyncio
import datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.principal import Principal
from arrears.kernel.records import Event
from arrears.kernel.scope import Scope
from arrears.kernel.tables import DeploymentRow, Row, Versioned
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.errors import (
    AccessError,
    ConflictError,
    ErrorCode,
    FaultError,
    InputError,
    LimitError,
    NotFoundError,
    Problem,
    TemporaryError,
)
from tests.conftest import START, Deployment

EVERYTHING = Scope.everything()
SUBJECT = UUID(int=42)


class BoxRow(Row, Versioned, table=True):
    """A row that the tests of this file edit; its table is made by them."""

    __tablename__ = "sample_box"

    label: str


BoxRow.metadata.remove(BoxRow.__table__)  # type: ignore[attr-defined]


class Note(Command):
    text: str
    client_id: UUID | None = None


class Noted(Result):
    text: str
    at: datetime.datetime


class Relabel(Command):
    box_id: UUID
    version: int
    label: str


class Relabelled(Result):
    version: int


@command("test.note", permission="notes.write")
async def note(tx: Transaction, change: Note) -> Noted:
    """Write one of everything, and fail afterwards when asked to."""
    tx.emit(Event("Noted", "note", SUBJECT, payload={"text": change.text}))
    tx.audit(subject="note", subject_id=SUBJECT, before=None, after={"text": change.text})
    await tx.schedule("note.expire", subject_id=SUBJECT, due_at=tx.now + datetime.timedelta(days=1), payload={"a": 1})
    if change.text == "fail":
        raise InputError("No.", field=("input", "text"))
    return Noted(text=change.text, at=tx.now)


@command("test.silent", permission="notes.write")
async def silent(tx: Transaction, change: Note) -> Noted:
    return Noted(text=change.text, at=tx.now)


@command("test.outer", permission="notes.write")
async def outer(tx: Transaction, change: Note) -> Noted:
    return await silent.within(tx, change)


@command("test.relabel", permission="notes.write")
async def relabel(tx: Transaction, change: Relabel) -> Relabelled:
    box = await load(tx, BoxRow, change.box_id, kind="box", field=("input", "boxId"))
    check_version(box, change.version)
    if change.label == "wait":
        await asyncio.sleep(0.3)
    box.label = change.label
    await tx.session.flush()
    return Relabelled(version=box.version)


@command(
    "test.execute",
    permission="notes.write",
    constraints={
        "uq_sample_box_label": Problem(ErrorCode.DUPLICATE_REFERENCE, "That label is taken.", ("input", "text"))
    },
)
async def execute(tx: Transaction, change: Note) -> Noted:
    await tx.session.execute(text(change.text))
    return Noted(text="", at=tx.now)


async def make_boxes(deployment: Deployment, *labels: str) -> None:
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        await owner.execute(
            "create table sample_box (id uuid primary key default uuid_v7(), version integer not null default 1,"
            " created_at timestamptz not null default now(), updated_at timestamptz not null default now(),"
            " label text not null, constraint uq_sample_box_label unique (label),"
            " constraint ck_sample_box_label check (label <> ''))"
        )
        await owner.execute("call protect('sample_box', 'anyone')")
        await owner.execute("call apply_policies()")
        for number, label in enumerate(labels, start=1):
            await owner.execute("insert into sample_box (id, label) values (%s, %s)", [UUID(int=number), label])


async def stored(deployment: Deployment, sql: str) -> list[tuple[object, ...]]:
    return await deployment.database.read(EVERYTHING, sql)


async def test_everything_noted_is_written_with_the_principal_and_the_platforms_instant(deployment: Deployment) -> None:
    context = deployment.context()
    receipt = await note(context, Note(text="hello"))

    assert (receipt.result, receipt.replayed) == (Noted(text="hello", at=START), False)
    who, request = context.principal.id, context.request_id
    assert await stored(
        deployment,
        "select name, subject, subject_id, principal_id, request_id, payload, occurred_at, dispatched_at from event",
    ) == [("Noted", "note", SUBJECT, who, request, b'{"text": "hello"}', START, None)]
    assert await stored(deployment, "select kind, subject_id, due_at, payload from schedule") == [
        ("note.expire", SUBJECT, START + datetime.timedelta(days=1), b'{"a": 1}')
    ]
    assert await stored(
        deployment, "select command, subject, subject_id, principal_id, request_id, after::jsonb from audit_entry"
    ) == [("test.note", "note", SUBJECT, who, request, b'{"text": "hello"}')]


async def test_nothing_is_written_when_the_command_refuses(deployment: Deployment) -> None:
    with pytest.raises(InputError) as refused:
        await note(deployment.context(), Note(text="fail"))

    assert refused.value.problems[0].field == ("input", "text")
    counts = "select (select count(*) from event), (select count(*) from schedule), (select count(*) from audit_entry)"
    assert await stored(deployment, counts) == [(0, 0, 0)]


async def test_a_command_that_records_nothing_is_audited_all_the_same(deployment: Deployment) -> None:
    context = deployment.context()
    await outer(context, Note(text="x"))

    rows = await stored(deployment, "select command, subject, subject_id from audit_entry")
    assert rows == [("test.silent", "prin", context.principal.id)]


async def test_a_permission_that_is_missing_is_named_before_anything_runs(deployment: Deployment) -> None:
    reader = Principal(UUID(int=1), "PERSON", "R", frozenset(), frozenset({"notes.read"}), EVERYTHING)

    with pytest.raises(AccessError) as refused:
        await note(deployment.context(reader), Note(text="x"))

    assert refused.value.code is ErrorCode.FORBIDDEN
    assert str(refused.value) == "This needs the permission notes.write."
    assert await stored(deployment, "select count(*) from event") == [(0,)]


def test_a_command_tells_its_types() -> None:
    assert (note.name, note.permission, note.input_type, note.result_type) == (
        "test.note",
        "notes.write",
        Note,
        Noted,
    )


async def test_an_edit_raises_the_version_and_notes_the_instant(deployment: Deployment) -> None:
    await make_boxes(deployment, "old")
    context = deployment.context()

    receipt = await relabel(context, Relabel(box_id=UUID(int=1), version=1, label="new"))

    assert receipt.result == Relabelled(version=2)
    assert await stored(deployment, "select label, version, updated_at from sample_box") == [("new", 2, START)]
    with pytest.raises(ConflictError) as stale:
        await relabel(context, Relabel(box_id=UUID(int=1), version=1, label="newer"))
    assert stale.value.problems == (
        Problem(
            ErrorCode.CONFLICT,
            "Someone else changed this since you read it. Reload and try again.",
            ("input", "version"),
        ),
    )


async def test_of_two_edits_at_once_one_conflicts(deployment: Deployment) -> None:
    await make_boxes(deployment, "old")
    context = deployment.context()

    slow = asyncio.create_task(relabel(context, Relabel(box_id=UUID(int=1), version=1, label="wait")))
    await asyncio.sleep(0.1)
    fast = await relabel(context, Relabel(box_id=UUID(int=1), version=1, label="fast"))

    with pytest.raises(ConflictError) as stale:
        await slow
    assert fast.result == Relabelled(version=2)
    assert stale.value.code is ErrorCode.CONFLICT
    assert await stored(deployment, "select label, version from sample_box") == [("fast", 2)]


async def test_a_stale_row_in_a_plain_unit_of_work_conflicts_too(deployment: Deployment) -> None:
    await make_boxes(deployment, "old")

    async def edit_behind_anothers_back() -> None:
        async with begin(deployment.context()) as tx:
            box = await load(tx, BoxRow, UUID(int=1), kind="box")
            await relabel(deployment.context(), Relabel(box_id=UUID(int=1), version=1, label="other"))
            box.label = "mine"

    with pytest.raises(ConflictError) as stale:
        await edit_behind_anothers_back()

    assert stale.value.code is ErrorCode.CONFLICT
    assert await stored(deployment, "select label, version from sample_box") == [("other", 2)]


async def test_an_unknown_and_an_invisible_row_give_the_same_answer(deployment: Deployment) -> None:
    limited = Principal(
        UUID(int=1), "PERSON", "L", frozenset(), frozenset({"notes.write"}), Scope("limited", staff=False)
    )
    async with begin(deployment.context()) as tx:
        row = (await tx.session.execute(text("select id from deployment"))).scalar_one()
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as owner:
        # For this test the deployment is out of sight of those with a limit.
        await owner.execute("drop policy api_reads on deployment")

    answers = []
    for id in (row, UUID(int=404)):
        async with begin(deployment.context(limited)) as tx:
            with pytest.raises(NotFoundError) as missing:
                await load(tx, DeploymentRow, id, kind="depl", field=("input", "id"))
            answers.append(missing.value.problems)
    assert answers[0] == answers[1]
    assert answers[0][0] == Problem(
        ErrorCode.NOT_FOUND, "There is no such record (depl) that you may see.", ("input", "id")
    )


REFUSALS = [
    ("insert into sample_box (label) values ('one')", ConflictError, ErrorCode.DUPLICATE_REFERENCE),
    ("insert into sample_box (label) values ('')", InputError, ErrorCode.INVALID_INPUT),
    ("insert into sample_box (label) values (null)", InputError, ErrorCode.INVALID_INPUT),
    ("insert into sample_box (label) select 5 / 0", FaultError, ErrorCode.INTERNAL),
    ("select pg_sleep(3)", LimitError, ErrorCode.LIMIT_EXCEEDED),
    ("insert into principal (id) values (uuid_v7())", InputError, ErrorCode.INVALID_INPUT),
    ("drop table sample_box", FaultError, ErrorCode.INTERNAL),
    ("select nonsense", FaultError, ErrorCode.INTERNAL),
    ("set transaction read only; insert into sample_box (label) values ('x')", TemporaryError, ErrorCode.UNAVAILABLE),
]


@pytest.mark.parametrize(("sql", "error", "code"), REFUSALS)
async def test_what_the_database_refuses_comes_in_the_callers_words(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, sql: str, error: type[Exception], code: ErrorCode
) -> None:
    await make_boxes(deployment, "one")
    monkeypatch.setattr("arrears.kernel.transaction.STATEMENT_TIMEOUT_MS", 300)

    with pytest.raises(error) as refused:
        await execute(deployment.context(), Note(text=sql))

    assert type(refused.value) is error
    assert refused.value.code is code  # type: ignore[attr-defined]
    assert await stored(deployment, "select label from sample_box") == [("one",)]


async def test_a_named_constraint_speaks_the_commands_words(deployment: Deployment) -> None:
    await make_boxes(deployment, "one")

    with pytest.raises(ConflictError) as refused:
        await execute(deployment.context(), Note(text="insert into sample_box (label) values ('one')"))

    assert refused.value.problems == (
        Problem(ErrorCode.DUPLICATE_REFERENCE, "That label is taken.", ("input", "text")),
    )


class Swap(Command):
    first: UUID
    second: UUID


@command("test.swap", permission="notes.write")
async def swap(tx: Transaction, change: Swap) -> Noted:
    """Lock two rows one after the other, so that two of these deadlock."""
    for box in (change.first, change.second):
        await tx.session.execute(text("update sample_box set version = version + 1 where id = :box"), {"box": box})
        await asyncio.sleep(0.2)
    return Noted(text="", at=tx.now)


async def test_a_deadlock_is_run_again_unseen(deployment: Deployment) -> None:
    await make_boxes(deployment, "one", "two")
    one, two = UUID(int=1), UUID(int=2)
    context = deployment.context()

    await asyncio.gather(swap(context, Swap(first=one, second=two)), swap(context, Swap(first=two, second=one)))

    assert await stored(deployment, "select version from sample_box order by id") == [(3,), (3,)]
    assert await stored(deployment, "select count(*) from audit_entry") == [(2,)]


@command("test.count", permission="notes.write", isolation="SERIALIZABLE")
async def count_up(tx: Transaction, change: Note) -> Noted:
    """Read, then write what was read plus one: lost updates unless the database refuses."""
    label = (await tx.session.execute(text("select label from sample_box"))).scalar_one()
    await asyncio.sleep(0.02)
    await tx.session.execute(text("update sample_box set label = :next"), {"next": str(int(label) + 1)})
    return Noted(text=label, at=tx.now)


async def test_a_serialisation_failure_is_run_again_and_no_update_is_lost(deployment: Deployment) -> None:
    await make_boxes(deployment, "0")
    context = deployment.context()

    await asyncio.gather(*(count_up(context, Note(text="")) for _ in range(4)))

    assert await stored(deployment, "select label from sample_box") == [("4",)]
    assert await stored(deployment, "select count(*) from audit_entry") == [(4,)]


async def test_a_row_outside_the_scope_is_refused_as_unknown(deployment: Deployment) -> None:
    limited = Principal(
        UUID(int=1), "PERSON", "L", frozenset(), frozenset({"notes.write"}), Scope("limited", staff=False)
    )
    insert = (
        "insert into client values (uuid_v7(), 'A', 'A', 'DE', 'EUR', 'Europe/Berlin', 'THIRD_PARTY', false, 'ACTIVE',"
        " 1, now(), now())"
    )

    with pytest.raises(NotFoundError) as refused:
        await execute(deployment.context(limited), Note(text=insert))

    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_a_cancelled_command_leaves_nothing_and_frees_its_connection(deployment: Deployment) -> None:
    await make_boxes(deployment, "one")
    running = asyncio.create_task(execute(deployment.context(), Note(text="select pg_sleep(10) from sample_box")))
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    # All eight connections are free and carry no scope of earlier work.
    context = deployment.context()
    await asyncio.gather(*(note(context, Note(text=str(number))) for number in range(16)))
    async with deployment.database.engine.connect() as connection:
        seen = (await connection.execute(text("select count(*) from event"))).scalar_one()
    assert seen == 0
    assert await stored(deployment, "select count(*) from event") == [(16,)]


async def test_the_scope_survives_a_savepoint_that_is_rolled_back(deployment: Deployment) -> None:
    async with begin(deployment.context()) as tx:
        with pytest.raises(KeyError):
            async with tx.session.begin_nested():
                raise KeyError
        seen = (await tx.session.execute(text("select count(*) from deployment"))).scalar_one()

    assert seen == 1


async def test_an_input_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="extra"):
        Note.model_validate({"text": "x", "extra": 1})
