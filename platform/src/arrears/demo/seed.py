"""Carrying out the invented stories by the platform's own commands, day by day, under a clock that moves along."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from arrears.clients.commands import (
    ClientCreate,
    PlacementCreate,
    PortfolioCreate,
    client_create,
    placement_create,
    portfolio_create,
)
from arrears.clients.model import CollectorRole
from arrears.demo.acts import Act, Story
from arrears.demo.agency import CREDITORS, Creditor
from arrears.demo.opening import open_stories
from arrears.demo.staff import MANAGER
from arrears.demo.standing import record_licences
from arrears.demo.stories import LAST_DAY, invent_book
from arrears.demo.working import work_day
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.transaction import Transaction, begin
from arrears_sdk.clock import FixedClock

# A desk's day is written up the next morning, when it has ended in every zone of the clients.
WRITTEN_UP = datetime.time(hour=12)
PROGRESS_STEPS = (LAST_DAY + 1) * len(CREDITORS)

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Desk:
    """The people who work for one client: a manager who receives its debts, and a collector who works them."""

    creditor: Creditor
    manager: Principal
    collector: Principal
    client_id: UUID
    portfolios: dict[str, UUID]
    team_id: UUID


@dataclass(frozen=True)
class History:
    """The run through the days: which stories begin and which acts happen on each."""

    context: Context
    first_day: datetime.date
    stories: Sequence[Story]

    def date(self, day: int) -> datetime.date:
        """The calendar day of a day of the history."""
        return self.first_day + datetime.timedelta(days=day)

    def instant(self, day: int) -> datetime.datetime:
        """When a day is written up."""
        return datetime.datetime.combine(self.date(day + 1), WRITTEN_UP, datetime.UTC)

    def context_at(self, day: int, principal: Principal) -> Context:
        """The circumstances under which somebody writes up a day."""
        clock = FixedClock(self.instant(day))
        return dataclasses.replace(
            self.context, principal=principal, clock=clock, request_id=f"demo-{self.date(day):%Y%m%d}"
        )


def history_start(today: datetime.date) -> datetime.date:
    """The first day of a history that ends the day before yesterday, so that every day of it can be written up."""
    return today - datetime.timedelta(days=LAST_DAY + 2)


async def seed_clients(history: History, actors: dict[str, Principal], teams: dict[str, UUID]) -> list[Desk]:
    """The three clients with their portfolios, and the desks that will work for them."""
    manager = actors[MANAGER]
    desks = []
    async with begin(history.context_at(0, manager)) as tx:
        await record_licences(tx, history.first_day)
        for creditor in CREDITORS:
            client_id, portfolios = await _seed_client(tx, creditor)
            desk = creditor.desk
            desks.append(Desk(creditor, manager, actors[desk], client_id, portfolios, teams[desk]))
    return desks


async def _seed_client(tx: Transaction, creditor: Creditor) -> tuple[UUID, dict[str, UUID]]:
    client = ClientCreate(
        name=creditor.name,
        reference=creditor.reference,
        country=creditor.country.code,
        currency=creditor.currency,
        time_zone=creditor.zone,
        collector_role=CollectorRole.THIRD_PARTY,
    )
    client_id = (await client_create.within(tx, client)).client_id
    await tx.session.flush()
    portfolios: dict[str, UUID] = {}
    for segment in creditor.segments:
        portfolio = PortfolioCreate(
            client_id=client_id, name=segment.name, reference=segment.reference, product=segment.product.value
        )
        portfolios[segment.reference] = (await portfolio_create.within(tx, portfolio)).portfolio_id
    return client_id, portfolios


async def seed_history(history: History, desks: Iterable[Desk], progress: Progress) -> None:
    """Every placement and every act, each desk's day in one transaction; the desks work side by side."""
    async with asyncio.TaskGroup() as group:
        for desk in desks:
            group.create_task(_work(history, desk, progress), name=desk.creditor.desk)


async def _work(history: History, desk: Desk, progress: Progress) -> None:
    placed: dict[int, list[Story]] = defaultdict(list)
    acts: dict[int, list[tuple[Story, Act]]] = defaultdict(list)
    for story in history.stories:
        if story.creditor is desk.creditor:
            placed[story.placed].append(story)
            for act in story.acts:
                acts[act.day].append((story, act))
    for day in range(LAST_DAY + 1):
        if day in placed:
            async with begin(history.context_at(day, desk.manager)) as tx:
                await _receive(tx, history, desk, day, placed[day])
        if day in acts:
            async with begin(history.context_at(day, desk.collector)) as tx:
                await work_day(tx, history.date(day), acts[day])
        progress(1)


async def _receive(tx: Transaction, history: History, desk: Desk, day: int, stories: Sequence[Story]) -> None:
    on = history.date(day)
    by_segment: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        by_segment[story.segment.reference].append(story)
    for reference, members in sorted(by_segment.items()):
        placement = PlacementCreate(
            client_id=desk.client_id,
            portfolio_id=desk.portfolios[reference],
            reference=f"{reference}-{on:%Y-%m-%d}",
            received_on=on,
            note=f"{len(members)} accounts",
        )
        placement_id = (await placement_create.within(tx, placement)).placement_id
        await tx.session.flush()
        await open_stories(tx, members, desk.client_id, desk.portfolios[reference], placement_id, desk.team_id, on)


def book(accounts: int) -> list[Story]:
    """The stories of a book of so many accounts."""
    return invent_book(accounts)
