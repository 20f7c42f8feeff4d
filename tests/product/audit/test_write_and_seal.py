"""What a command changed is written under a code, numbered, chained and vouched for outside the database."""

from __future__ import annotations

import base64
import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import orjson
import psycopg
import pytest

from arrears.kernel.audit import Personal, reveal_audited
from arrears.kernel.audit_heads import Head, HeadLog
from arrears.kernel.audit_verify import AuditFault, verify
from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.sealer import Sealer
from arrears.kernel.transaction import begin
from arrears.kernel.vault import Vault, destroy_person_key
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from tests.conftest import Deployment


async def write(deployment: Deployment, count: int = 1, **state: object) -> None:
    async with begin(deployment.context(reason="on the phone")) as tx:
        for number in range(count):
            tx.audit(subject="acct", subject_id=new_id(), before={"number": number}, after=state)


async def test_an_entry_says_who_what_why_before_and_after(deployment: Deployment) -> None:
    account, client = new_id(), new_id()
    context = deployment.context(reason="asked by the client")
    async with begin(context) as tx:
        tx.audit(
            subject="acct",
            subject_id=account,
            client_id=client,
            before={
                "due_on": datetime.date(2026, 3, 1),
                "balance": Money.parse("12.30", "USD"),
                "rate": Decimal("0.10"),
            },
            after={"due_on": None, "parties": [client]},
        )

    rows = await deployment.worker_database.read(
        context.principal.scope,
        """select occurred_at, request_id, principal_id, principal_kind, principal_name, command, subject, subject_id,
                  client_id, reason, before, after from audit_entry""",
    )

    assert rows == [
        (
            datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC),
            context.request_id,
            context.principal.id,
            "SYSTEM",
            "test",
            "",
            "acct",
            account,
            client,
            "asked by the client",
            b'{"balance":{"amount":"12.30","currency":"USD"},"due_on":"2026-03-01","rate":"0.10"}',
            b'{"due_on":null,"parties":["' + str(client).encode() + b'"]}',
        )
    ]


async def test_a_rolled_back_change_leaves_no_entry(deployment: Deployment) -> None:
    async def change_and_fail() -> None:
        async with begin(deployment.context()) as tx:
            tx.audit(subject="acct", subject_id=new_id(), after={"a": 1})
            raise LookupError

    with pytest.raises(LookupError):
        await change_and_fail()
    assert await stored(deployment, "select count(*) from audit_entry") == 0


async def test_a_card_number_in_the_reason_is_starred_out(deployment: Deployment) -> None:
    async with begin(deployment.context(reason="card 4111 1111 1111 1111 declined")) as tx:
        tx.audit(subject="acct", subject_id=new_id(), after={})
    assert await stored(deployment, "select reason from audit_entry") == "card **** **** **** 1111 declined"


async def test_personal_values_are_ciphertext_until_revealed_and_gone_once_erased(deployment: Deployment) -> None:
    debtor, other = new_id(), new_id()
    async with begin(deployment.context()) as tx:
        tx.audit(
            subject="cont",
            subject_id=new_id(),
            person_id=debtor,
            before={"phone": Personal("+12025550143")},
            after={"phones": [{"phone": Personal("+12025550199", person_id=other), "kind": "MOBILE"}]},
        )
    entry_id = await stored(deployment, "select id from audit_entry")
    before = orjson.loads(await stored(deployment, "select before::text from audit_entry"))
    after = orjson.loads(await stored(deployment, "select after::text from audit_entry"))

    assert before["phone"].keys() == {"sealed", "person"}
    assert before["phone"]["person"] == str(debtor)
    assert b"2025550143" not in base64.b64decode(before["phone"]["sealed"])
    assert after["phones"][0]["kind"] == "MOBILE"
    async with begin(deployment.context()) as tx:
        assert await reveal_audited(tx, deployment.vault, entry_id, "before", before) == {"phone": "+12025550143"}
        assert await destroy_person_key(tx, other)
        assert await reveal_audited(tx, deployment.vault, entry_id, "after", after) == {
            "phones": [{"phone": {"erased": True}, "kind": "MOBILE"}]
        }
    async with begin(deployment.context()) as tx:
        tx.audit(subject="cont", subject_id=new_id(), person_id=other, after={"phone": Personal("+12025550100")})
    last = await stored(deployment, "select after::text from audit_entry order by id desc limit 1")
    assert orjson.loads(last) == {"phone": {"erased": True}}


async def test_sealing_numbers_without_gaps_and_writes_the_head_outside(deployment: Deployment, tmp_path: Path) -> None:
    heads = HeadLog(tmp_path / "audit" / "heads.log")
    sealer = Sealer(heads)
    await write(deployment, 3)
    await write(deployment, 2)

    assert await sealer.seal(deployment.worker_context()) == 5
    assert await sealer.seal(deployment.worker_context()) == 0
    await write(deployment, 1)
    assert await sealer.seal(deployment.worker_context()) == 1

    numbers = await stored(deployment, "select array_agg(sequence order by sequence) from audit_seal")
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert await stored(deployment, "select count(*) from audit_pending") == 0
    assert [head.sequence for head in heads.read()] == [5, 6]
    assert (heads.path.stat().st_mode & 0o777) == 0o600
    report = await verify(deployment.worker_database, deployment.vault, heads.read())
    assert (report.sealed, report.unsealed, report.heads, report.first_bad) == (6, 0, 2, None)


async def test_entries_that_wait_for_a_second_are_no_fault_and_those_that_wait_too_long_are(
    deployment: Deployment, tmp_path: Path
) -> None:
    await write(deployment, 2)
    report = await verify(deployment.worker_database, deployment.vault, [])
    assert (report.whole, report.unsealed) == (True, 2)
    late = await verify(deployment.worker_database, deployment.vault, [], unsealed_limit=datetime.timedelta(0))
    assert late.first_bad is not None
    assert late.first_bad.fault is AuditFault.NEVER_SEALED


async def test_an_old_deployment_key_still_verifies_what_it_signed(deployment: Deployment, tmp_path: Path) -> None:
    old, new = f"one:{new_key_text()}", f"two:{new_key_text()}"
    heads = HeadLog(tmp_path / "heads.log")
    for keys in (DeploymentKeys.parse(old), DeploymentKeys.parse(new, [old])):
        deployment.vault = Vault(keys)
        await write(deployment, 2)
        await Sealer(heads).seal(deployment.worker_context())

    assert (await verify(deployment.worker_database, deployment.vault, heads.read())).whole
    only_new = await verify(deployment.worker_database, Vault(DeploymentKeys.parse(new)), [])
    assert only_new.first_bad is not None
    assert (only_new.first_bad.fault, only_new.first_bad.sequence) == (AuditFault.ALTERED, 1)


async def test_the_api_can_write_entries_but_neither_change_nor_seal_them(deployment: Deployment) -> None:
    await write(deployment, 1)
    for statement in (
        "update audit_entry set reason = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
        "delete from audit_pending",
        "insert into audit_seal (sequence, entry_id, chain, key_id) values (1, gen_random_uuid(), '', '')",
    ):
        async with await psycopg.AsyncConnection.connect(deployment.urls.api) as connection:
            await connection.execute("select set_config('app.scope', 'all', false)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(statement)
    async with await psycopg.AsyncConnection.connect(deployment.urls.owner) as connection:
        with pytest.raises(psycopg.Error, match="append-only") as refused:
            await connection.execute("update audit_entry set reason = 'x'")
        assert refused.value.sqlstate == "AR001"


def test_the_head_log_survives_a_torn_line_and_rotates(tmp_path: Path) -> None:
    vault = Vault(DeploymentKeys.generate())
    log = HeadLog(tmp_path / "heads.log", largest_bytes=600, kept_files=2)
    at = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
    log.append(Head.of(vault, 1, bytes(32), at))
    with log.path.open("ab") as file:
        file.write(b'{"sequence": 2, "cha')
    for number in range(3, 12):
        log.append(Head.of(vault, number, bytes(32), at + datetime.timedelta(seconds=number)))

    read = list(log.read())

    assert [head.sequence for head in read][-4:] == [8, 9, 10, 11]
    assert 2 not in [head.sequence for head in read]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["heads.log", "heads.log.1", "heads.log.2"]
    assert log.last() == read[-1]
    assert all(head.is_genuine(vault) for head in read)
    assert not Head(1, b"\1" * 32, at, read[0].key_id, read[0].code).is_genuine(vault)


async def stored(deployment: Deployment, query: str) -> UUID | int | str | list[int]:
    async with await psycopg.AsyncConnection.connect(deployment.urls.worker) as connection:
        row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row[0]
