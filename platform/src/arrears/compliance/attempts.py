"""What plugins were shown for decisions, kept so that it can be shown again: sealed under the key of its person."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from arrears.kernel.database import Connection
from arrears.kernel.vault import Cell, Connected, UnitOfWork, Vault
from arrears.plugins.settings import Place
from arrears_sdk.errors import FaultError
from arrears_sdk.money import Money
from arrears_sdk.views import ActionAttempt, ContactAttempt, Interaction, PaymentAttempt

Attempt: TypeAlias = ContactAttempt | PaymentAttempt | ActionAttempt

_TABLE = "decision_facts"
_CLASSES: Mapping[str, type[Attempt]] = {"CONTACT": ContactAttempt, "PAYMENT": PaymentAttempt, "ACTION": ActionAttempt}
_KINDS = {kind: name for name, kind in _CLASSES.items()}
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
# A decision's facts are digested when it is made and written when it is kept: a batch lies between the two.
_MOST_TEXTS = 2_048
_TEXTS: dict[int, tuple[object, bytes]] = {}
_HISTORIES: dict[int, tuple[object, bytes]] = {}


@dataclass(frozen=True)
class PlacedAttempt:
    """What was asked at one place: the settings of its client and portfolio chose the plugins."""

    place: Place
    attempt: Attempt


@dataclass(frozen=True)
class FactsToStore:
    """The attempts of one decision, and whose they are."""

    decision_id: UUID
    client_id: UUID | None
    debtor_id: UUID
    attempts: Sequence[PlacedAttempt]


async def store_attempts(tx: UnitOfWork, vault: Vault, facts: Sequence[FactsToStore]) -> None:
    """Keeps what was shown for decisions; of persons who were erased nothing is kept."""
    cells = [(_cell(one.debtor_id, one.decision_id), packed(one.attempts)) for one in facts]
    sealed = await vault.seal_unless_erased(tx, cells)
    kept = [(one, code) for one, code in zip(facts, sealed, strict=True) if code is not None]
    if not kept:
        return
    connection = await tx.connection()
    await connection.execute(
        "insert into decision_facts (id, client_id, debtor_id, sealed)"
        " select * from unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bytea[])",
        [
            [one.decision_id for one, _ in kept],
            [one.client_id for one, _ in kept],
            [one.debtor_id for one, _ in kept],
            [code for _, code in kept],
        ],
    )


async def stored_attempts(
    connection: Connection, vault: Vault, decision_ids: Collection[UUID]
) -> dict[UUID, list[PlacedAttempt]]:
    """What was shown for decisions, one for each place that was asked, in that order.

    Decisions that the caller does not see, and those of persons who were erased since, are left out.
    """
    cursor = await connection.execute(
        "select id, debtor_id, sealed from decision_facts where id = any(%s::uuid[]) order by id", [list(decision_ids)]
    )
    rows = [(UUID(str(id)), UUID(str(debtor_id)), bytes(sealed)) for id, debtor_id, sealed in await cursor.fetchall()]
    cells = [(_cell(debtor_id, id), sealed) for id, debtor_id, sealed in rows]
    opened = await vault.open_unless_erased(Connected(connection), cells)
    return {id: unpacked(found) for (id, _, _), found in zip(rows, opened, strict=True) if found is not None}


def packed(attempts: Iterable[PlacedAttempt]) -> bytes:
    """The attempts as compressed JSON."""
    document = [
        {
            "client": one.place.client_id,
            "portfolio": one.place.portfolio_id,
            "kind": _KINDS[type(one.attempt)],
            "attempt": orjson.Fragment(attempt_text(one.attempt)),
        }
        for one in attempts
    ]
    return zlib.compress(orjson.dumps(document, default=plain, option=orjson.OPT_UTC_Z), level=1)


def unpacked(stored: bytes) -> list[PlacedAttempt]:
    """The attempts that were packed."""
    return [_placed(part) for part in orjson.loads(zlib.decompress(stored))]


def attempt_text(attempt: Attempt) -> bytes:
    """Everything that an attempt holds as JSON, in one canonical form: it is digested, and it is stored.

    Made once for an attempt, and once for the history that attempts of one debtor share.
    """
    known = _TEXTS.get(id(attempt))
    if known is not None and known[0] is attempt:
        return known[1]
    document: dict[str, object] = {name: getattr(attempt, name) for name in _names(_KINDS[type(attempt)])}
    document["history"] = orjson.Fragment(_history_text(attempt.history))
    return _remembered(_TEXTS, attempt, orjson.dumps(document, default=plain, option=_OPTIONS))


def _history_text(history: Sequence[Interaction]) -> bytes:
    known = _HISTORIES.get(id(history))
    if known is not None and known[0] is history:
        return known[1]
    return _remembered(_HISTORIES, history, orjson.dumps(history, default=plain, option=_OPTIONS))


def _remembered(texts: dict[int, tuple[object, bytes]], whole: object, text: bytes) -> bytes:
    """The text, kept with what it is of, so that no other object can come to have the same id."""
    while len(texts) >= _MOST_TEXTS:
        texts.pop(next(iter(texts)), None)
    texts[id(whole)] = (whole, text)
    return text


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted(field.name for field in fields(_CLASSES[kind]) if field.name != "history"))


def plain(value: object) -> object:
    """What JSON holds in place of a value of an attempt that it has no form for; always the same for the same."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a fact of type {type(value).__name__}")


def _placed(part: dict[str, Any]) -> PlacedAttempt:
    client, portfolio = (None if part[name] is None else UUID(part[name]) for name in ("client", "portfolio"))
    if part["kind"] not in _CLASSES:
        raise FaultError(f"A stored attempt is of the unknown kind {part['kind']!r}.")
    adapter: TypeAdapter[Attempt] = _adapter(part["kind"])
    attempt = orjson.dumps(_money_as_read(part["attempt"]), default=plain)
    return PlacedAttempt(Place(client, portfolio), adapter.validate_json(attempt))


def _money_as_read(value: object) -> object:
    """The same JSON, its money in the form in which money is read: stored are whole minor units."""
    if isinstance(value, dict):
        if value.keys() == {"minor", "currency"}:
            money = Money(value["minor"], value["currency"])
            return {"amount": str(money.amount), "currency": money.currency}
        return {name: _money_as_read(part) for name, part in value.items()}
    return [_money_as_read(part) for part in value] if isinstance(value, list) else value


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_CLASSES[kind])


def _cell(debtor_id: UUID, decision_id: UUID) -> Cell:
    return Cell(debtor_id, _TABLE, decision_id, "sealed")
