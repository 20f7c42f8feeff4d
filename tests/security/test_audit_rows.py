"""Whose audit entries a scope sees: everything, its clients' own, or none."""

from __future__ import annotations

import psycopg
import pytest

from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.ids import new_id
from tests.conftest import Deployment

A, B, ACCOUNT = new_id(), new_id(), new_id()
COUNT = "select count(*) from audit_entry"


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.everything(), 4),
        (Scope(kind="limited", staff=True, clients=(A,)), 2),
        (Scope(kind="limited", staff=True, clients=(A, B)), 3),
        (Scope(kind="limited", staff=True), 0),
        (Scope(kind="limited", staff=True, accounts=(ACCOUNT,)), 0),
        (Scope(kind="limited", staff=False, accounts=(ACCOUNT,), debtor=new_id()), 0),
    ],
)
async def test_a_scope_sees_its_clients_entries_only(deployment: Deployment, scope: Scope, seen: int) -> None:
    async with begin(deployment.context()) as tx:
        for client in (A, A, B, None):
            tx.audit(subject="acct", subject_id=ACCOUNT, client_id=client)
    assert await deployment.database.read(scope, COUNT) == [(seen,)]
    for table in ("audit_seal", "audit_pending"):
        (found,) = await deployment.database.read(scope, f"select count(*) from {table}")
        assert found[0] == 0 or scope == Scope.everything()


async def test_without_a_scope_nothing_is_seen_and_nothing_can_be_written(deployment: Deployment) -> None:
    async with begin(deployment.context()) as tx:
        tx.audit(subject="acct", subject_id=ACCOUNT)
    async with await psycopg.AsyncConnection.connect(deployment.urls.api) as connection:
        assert await (await connection.execute(COUNT)).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(
                """insert into audit_entry (id, occurred_at, recorded_at, request_id, principal_id, principal_kind,
                                            command, subject, subject_id, key_id, code)
                   values (gen_random_uuid(), now(), now(), 'x', gen_random_uuid(), 'SYSTEM', 'x', 'x',
                           gen_random_uuid(), 'x', '')"""
            )


async def test_a_limited_principal_writes_entries_that_it_cannot_read_back(deployment: Deployment) -> None:
    scope = Scope(kind="limited", staff=True, accounts=(ACCOUNT,))
    limited = Principal(new_id(), "PERSON", "x", frozenset(), frozenset({"*"}), scope)
    async with begin(deployment.context(limited)) as tx:
        tx.audit(subject="acct", subject_id=ACCOUNT, client_id=A, after={"status": "CLOSED"})
    assert await deployment.database.read(scope, COUNT) == [(0,)]
    assert await deployment.database.read(Scope.everything(), COUNT) == [(1,)]
