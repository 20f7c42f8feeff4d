from __future__ import annotations

from arrears.kernel.command import Command, Result, command
from arrears.kernel.records import Event
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import Transaction


class Nothing(Command):
    pass


class Done(Result):
    number: int


@command("test.nothing", permission="x")
async def nothing(tx: Transaction, change: Nothing) -> Done:
    tx.emit(Event("Happened", "prin", tx.context.principal.id))
    await tx.schedule("x", subject_id=tx.context.principal.id, due_at=tx.now)
    return Done(number=1)


async def test_smoke(deployment) -> None:
    rows = await deployment.database.read(
        Scope.everything(), "select uuid_v7()::text is not null, '{\"a\": 1}'::json, current_user"
    )
    assert rows == [(True, b'{"a": 1}', "arrears_api")]
    context = deployment.context()
    first = await nothing(context, Nothing(), idempotency_key="k")
    again = await nothing(context, Nothing(), idempotency_key="k")
    assert (first.replayed, again.replayed, again.result) == (False, True, Done(number=1))
    assert await deployment.database.read(Scope.everything(), "select count(*), max(name) from event") == [
        (1, "Happened")
    ]
