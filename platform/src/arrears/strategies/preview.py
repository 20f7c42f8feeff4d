"""What a client's strategy would do with its accounts now or on a day, and whether it might. Nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from arrears.compliance.facts import account_views
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears.strategies.facts import FactsWanted, RawFacts, read_facts
from arrears.strategies.queries import ClientSeen, Page, Wanted, client_meant, client_seen, page_of
from arrears.strategies.rulings import Proposed, rulings_on
from arrears_sdk.errors import InputError, LimitError
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import Account

if TYPE_CHECKING:
    import polars

    from arrears.kernel.context import Context

MOST_ACCOUNTS = 250
MOST_ACTIONS = 1_000
DECIDE_SECONDS = 10.0
FURTHEST = timedelta(days=3_660)


@dataclass(frozen=True)
class StrategyUsed:
    """The strategy of one place, the plugin that decided and whose scores it saw; None as portfolio: the client's."""

    strategy: str
    plugin: str
    plugin_version: str
    settings_version: int
    portfolio_id: str | None
    scorer: str | None
    scorer_version: str | None
    scorer_problem: str | None


@dataclass(frozen=True)
class ProposedAction:
    """One proposed action with the ruling that it would get; None where nobody's leave is needed."""

    account_id: str
    reference: str
    action: str
    channel: str | None
    template: str | None
    due_at: datetime
    step: str
    score: float | None
    account_score: float | None
    reason: str
    account_ids: tuple[str, ...]
    balance: Money
    days_past_due: int
    strategy: StrategyUsed
    ruling: Ruling | None = None


@dataclass(frozen=True)
class Preview:
    """One page of what would be done on a business day of the client."""

    client_id: UUID
    client: ClientSeen
    day: date
    page: Page
    strategies: tuple[StrategyUsed, ...]
    actions: tuple[ProposedAction, ...]


@dataclass
class _Part:
    """The accounts of one place, whose settings choose strategy and scorer."""

    place: Place
    ids: list[UUID] = field(default_factory=list)
    views: Sequence[Account] = ()


async def preview(context: Context, wanted: Wanted, on: date | None = None) -> Preview:
    """What the client's strategy would do with these accounts on a day, today in the client's zone when none is named.

    Accounts of the same debtors are decided on together with them. InputError, NotFoundError and LimitError for what
    was asked; RefusedError when no strategy is chosen, or its plugin fails.
    """
    _check(wanted)
    host = context.service(PluginHost)
    now = context.clock.now()
    async with context.database.reads(context.principal.scope) as connection:
        client_id = await client_meant(connection, wanted)
        client = await client_seen(connection, client_id, now)
        day = on or client.today
        if abs(day - client.today) > FURTHEST:
            raise InputError("A preview reaches at most ten years back or ahead.", field=("on",))
        instant = now if day == client.today else _end_of(day, client.time_zone)
        page = await page_of(connection, wanted, client_id, day)
    # Settings are asked for with no connection in hand: whoever reads them needs one as well.
    parts = await _parts(host, client_id, page)
    to_score = await _to_score(host, parts)
    facts = FactsWanted(client_id, day, instant, list(page.references))
    async with context.database.reads(context.principal.scope) as connection:
        raw = await read_facts(connection, facts, client.time_zone)
        for part in to_score:
            part.views = await account_views(connection, part.ids, instant)
    decided = [await _decide(host, page, part, raw, day) for part in parts]
    actions = [action for _, proposed in decided for action in proposed if _is_asked(action, page, wanted)]
    if len(actions) > MOST_ACTIONS:
        raise LimitError(f"The strategy proposes more than {MOST_ACTIONS:,} actions: ask for fewer accounts.")
    proposed = _for_ruling(client_id, page, actions, earliest=now if day == client.today else None)
    rulings = await rulings_on(context, host, proposed)
    ruled = [replace(action, ruling=ruling) for action, ruling in zip(actions, rulings, strict=True)]
    ruled.sort(key=lambda one: (one.due_at, -(one.score if one.score is not None else float("-inf")), one.account_id))
    return Preview(client_id, client, day, page, tuple(used for used, _ in decided), tuple(ruled))


def _check(wanted: Wanted) -> None:
    if wanted.account_ids is not None and not 1 <= len(set(wanted.account_ids)) <= MOST_ACCOUNTS:
        raise InputError(f"Name 1 to {MOST_ACCOUNTS} accounts.", field=("accountIds",))
    if wanted.account_ids is not None and wanted.after is not None:
        raise InputError("Accounts that are named have no further pages.", field=("after",))
    if not 1 <= wanted.first <= MOST_ACCOUNTS:
        raise InputError(f"A page has 1 to {MOST_ACCOUNTS} accounts.", field=("first",))


def _end_of(day: date, zone: str) -> datetime:
    """The last instant of a business day."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)


async def _parts(host: PluginHost, client_id: UUID, page: Page) -> list[_Part]:
    """Accounts by the place whose settings hold for them: a portfolio's only where it has any of its own."""
    snapshot = await host.snapshot()
    parts: dict[Place, _Part] = {}
    for id, portfolio in page.portfolios.items():
        own = Place(client_id, portfolio)
        place = own if own in snapshot.places else Place(client_id)
        parts.setdefault(place, _Part(place)).ids.append(id)
    # Also without any account it is said which strategy there is, or that there is none.
    return list(parts.values()) or [_Part(Place(client_id))]


async def _to_score(host: PluginHost, parts: Sequence[_Part]) -> list[_Part]:
    """The parts whose accounts somebody is to score."""
    from arrears.strategies.scoring import scorer_at

    return [part for part in parts if part.ids and (await scorer_at(host, part.place)).name is not None]


async def _decide(
    host: PluginHost, page: Page, part: _Part, raw: RawFacts, day: date
) -> tuple[StrategyUsed, list[ProposedAction]]:
    # Polars loads with the first preview of a process.
    from arrears.strategies.deciding import decide, strategy_at
    from arrears.strategies.frame import account_frame
    from arrears.strategies.scoring import scored, scorer_at

    bound, scorer = await strategy_at(host, part.place), await scorer_at(host, part.place)
    frame = await asyncio.to_thread(account_frame, raw)
    frame = frame.filter(frame["account_id"].is_in([encode_id("acct", id) for id in part.ids]))
    frame, problem = await scored(host, scorer, part.place, frame, part.views)
    actions = await decide(bound, frame, day, budget_seconds=DECIDE_SECONDS)
    portfolio = part.place.portfolio_id
    used = StrategyUsed(
        strategy=bound.key,
        plugin=bound.plugin,
        plugin_version=bound.version,
        settings_version=bound.settings_version,
        portfolio_id=None if portfolio is None else encode_id("port", portfolio),
        scorer=scorer.name,
        scorer_version=scorer.version,
        scorer_problem=problem,
    )
    return used, _proposed(page, used, actions, frame)


def _proposed(
    page: Page, used: StrategyUsed, actions: polars.DataFrame, frame: polars.DataFrame
) -> list[ProposedAction]:
    known: Mapping[str, tuple[int, str, int, float | None]] = {
        id: (balance, currency, days, score)
        for id, balance, currency, days, score in frame.select(
            "account_id", "balance_minor", "currency", "days_past_due", "score"
        ).iter_rows()
    }
    made = []
    for row in actions.iter_rows(named=True):
        balance, currency, days, score = known[row["account_id"]]
        made.append(
            ProposedAction(
                **{**row, "account_ids": tuple(row["account_ids"])},
                reference=page.references[decode_id("acct", row["account_id"])],
                account_score=score,
                balance=Money(balance, currency),
                days_past_due=days,
                strategy=used,
            )
        )
    return made


def _is_asked(action: ProposedAction, page: Page, wanted: Wanted) -> bool:
    """On a page each action stands once, with the account that leads; of named accounts every action is shown."""
    if wanted.account_ids is None:
        return decode_id("acct", action.account_id) in page.asked
    return any(decode_id("acct", id) in page.asked for id in action.account_ids)


def _for_ruling(
    client_id: UUID, page: Page, actions: Sequence[ProposedAction], *, earliest: datetime | None
) -> list[Proposed]:
    """What is to be ruled on; today nothing can happen any more before now."""
    proposed = []
    for action in actions:
        ids = tuple(decode_id("acct", id) for id in action.account_ids)
        at = action.due_at if earliest is None else max(earliest, action.due_at)
        place = Place(client_id, page.portfolios[decode_id("acct", action.account_id)])
        proposed.append(Proposed(at, place, action.action, action.channel, ids))
    return proposed
