"""Reads what decisions stand on: a fixed number of statements for a batch of whatever size, as the caller sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from arrears.compliance.gathered import (
    AccountFacts,
    ConsentFacts,
    DebtFacts,
    DebtorFacts,
    Gathered,
    HoldFacts,
    InteractionFacts,
    LicenceFacts,
    NoticeFacts,
    PermitFacts,
    PlaceFacts,
    PointFacts,
    StatedFacts,
    ZoneFacts,
)
from arrears.compliance.gathering_statements import (
    ACCOUNTS,
    CONSENTS,
    DEBTORS,
    HISTORY,
    HOLDS,
    LICENCES,
    NOTICES,
    PERMITS,
    PLACES,
    POINTS,
    STATED,
    ZONES,
)
from arrears.kernel.context import Context
from arrears.kernel.database import Connection

HISTORY_DAYS = 366
MOST_HISTORY = 1_000

Source: TypeAlias = Context | Connection
"""Where facts are read: in a context's own snapshot, or on the connection of a transaction that is under way."""

# The columns of an account's row that are its own; what follows says how the debt stands.
_OWN = len(fields(AccountFacts)) - 1


@asynccontextmanager
async def connected(source: Source) -> AsyncIterator[Connection]:
    """A connection on which the caller's scope is set: the transaction's own, or one with a snapshot of its own."""
    if isinstance(source, Context):
        async with source.database.reads(source.principal.scope) as connection:
            yield connection
    else:
        yield source


async def gather(
    connection: Connection,
    accounts: Iterable[tuple[UUID, datetime]],
    debtors: Iterable[tuple[UUID, datetime]] = (),
    points: Collection[UUID] = (),
    *,
    for_rules: bool = True,
) -> Gathered:
    """What is known of these accounts, their debtors and the further debtors, each at its instant.

    Two round trips and twelve statements; seven for what is not shown to rules. What is unknown or not visible is left
    out.
    """
    asked = sorted(set(accounts))
    parameters: dict[str, Any] = {
        "accounts": [id for id, _ in asked],
        "account_ats": [at for _, at in asked],
        "points": list(points),
    }
    rows = await _rows(connection, (ACCOUNTS, POINTS), parameters)
    found = {(row[1], row[0]): AccountFacts(*(*row[:_OWN], DebtFacts(*row[_OWN:]))) for row in rows[0]}
    known = {row[0]: PointFacts(*row) for row in rows[1]}
    concerned = [*debtors, *((account.debtor_id, account.asked_at) for account in found.values())]
    latest: dict[UUID, datetime] = {}
    for id, at in concerned:
        latest[id] = max(at, latest.get(id, at))
    if not latest:
        return Gathered(found, known)
    parameters |= {
        "debtors": list(latest),
        "debtor_ats": list(latest.values()),
        "held": parameters["accounts"],
        "earliest": min(at for _, at in concerned),
        "days": HISTORY_DAYS,
        "most": MOST_HISTORY,
    }
    of_rules = (HISTORY, PERMITS, STATED, NOTICES, LICENCES) if for_rules else ()
    rows = await _rows(connection, (DEBTORS, PLACES, ZONES, CONSENTS, HOLDS, *of_rules), parameters)
    holds = [HoldFacts(*row) for row in rows[4]]
    gathered = Gathered(
        accounts=found,
        points=known,
        debtors={row[0]: DebtorFacts(*row) for row in rows[0]},
        places=_by((place.debtor_id, place) for place in (PlaceFacts(*row) for row in rows[1])),
        zones=_by((zone.debtor_id, zone) for zone in (ZoneFacts(*row) for row in rows[2])),
        consents=_by((consent.debtor_id, consent) for consent in (ConsentFacts(*row) for row in rows[3])),
        account_holds=_by((hold.account_id, hold) for hold in holds if hold.account_id is not None),
        debtor_holds=_by((hold.debtor_id, hold) for hold in holds if hold.account_id is None),
    )
    return _with_rules(gathered, rows[5:]) if for_rules else gathered


def _with_rules(gathered: Gathered, rows: Sequence[Sequence[tuple[Any, ...]]]) -> Gathered:
    """What only rules are shown beside."""
    history, permits, stated, notices, licences = rows
    facts = [StatedFacts(*row) for row in stated]
    return replace(
        gathered,
        history=_by((one.debtor_id, one) for one in (InteractionFacts(*row) for row in history)),
        permits=_by((one.debtor_id, one) for one in (PermitFacts(*row) for row in permits)),
        stated=_by((fact.debtor_id, fact) for fact in facts if fact.debtor_id is not None),
        stated_of_accounts=_by((fact.account_id, fact) for fact in facts if fact.account_id is not None),
        stated_of_places=[fact for fact in facts if fact.debtor_id is None],
        notices=_by((notice.debtor_id, notice) for notice in (NoticeFacts(*row) for row in notices)),
        licences=[LicenceFacts(*row) for row in licences],
    )


async def _rows(
    connection: Connection, statements: Sequence[str], parameters: Mapping[str, Any]
) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, all in one round trip."""
    async with connection.pipeline():
        cursors = [await connection.execute(statement, parameters) for statement in statements]
    return [await cursor.fetchall() for cursor in cursors]


FactsT = TypeVar("FactsT")


def _by(pairs: Iterable[tuple[UUID, FactsT]]) -> Mapping[UUID, Sequence[FactsT]]:
    found: defaultdict[UUID, list[FactsT]] = defaultdict(list)
    for id, fact in pairs:
        found[id].append(fact)
    return found
