"""The daily run: every account to which a rule applies is charged, once, for each day since the last run.

Which fees come about follows from how debts stood at the beginning of each day, and what there is already is not made
again. So days that are gone through twice, by two workers or at once after a year, come to the same fees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import LiteralString
from uuid import UUID

import structlog

from arrears.charges.claiming import FeeClaim, claim_fee
from arrears.charges.model import FeeState, KnownFee
from arrears.charges.progress import Run, end_run, open_run, pass_account
from arrears.charges.queries import PARTS, Book, books, candidates, charge_settings, debts
from arrears.charges.quoting import FeesAssess, assess_fees
from arrears.charges.settings import ChargeSettings, FeeRule
from arrears.charges.waiving import FeeWaive, waive_fee
from arrears.charges.weighing import fees_on
from arrears.kernel.context import Context
from arrears.kernel.transaction import begin
from arrears_sdk.clock import business_date
from arrears_sdk.errors import ArrearsError, InputError, RefusedError
from arrears_sdk.ids import encode_id

BATCH = 200
NOTHING_OWED = "Nothing but fees was owed any more on the day on which it would have been claimed"

log = structlog.get_logger(__name__)

_CLIENTS: LiteralString = "select id, time_zone from client where %(id)s::uuid is null or id = %(id)s order by id"
_PORTFOLIOS: LiteralString = "select id from portfolio where client_id = %s order by id"
_QUOTED: LiteralString = "select exists (select 1 from fee_claim where client_id = %s and state = 'QUOTED')"


@dataclass
class Tally:
    """How many fees a run quoted, claimed and waived, how many the gate refused, and how many accounts failed."""

    quoted: int = 0
    claimed: int = 0
    waived: int = 0
    refused: int = 0
    failed: int = 0


@dataclass
class _Rules:
    """The rules of one client by portfolio, as they are needed."""

    context: Context
    client_id: UUID
    known: dict[UUID | None, ChargeSettings] = field(default_factory=dict)

    async def at(self, portfolio_id: UUID | None) -> Sequence[FeeRule]:
        if portfolio_id not in self.known:
            self.known[portfolio_id] = await charge_settings(self.context, self.client_id, portfolio_id)
        return self.known[portfolio_id].rules

    async def everywhere(self) -> list[FeeRule]:
        """The rules of the client and of each of its portfolios."""
        async with begin(self.context) as tx:
            rows = await (await (await tx.connection()).execute(_PORTFOLIOS, [self.client_id])).fetchall()
        return [rule for id in (None, *(row[0] for row in rows)) for rule in await self.at(id)]


async def run_charges(context: Context, through: date | None = None) -> Tally:
    """Charges the accounts of every client through a day that has begun there; today in its zone unless given."""
    tally = Tally()
    for client_id, zone in await _clients(context):
        today = business_date(context.clock.now(), zone)
        if through is not None and through > today:
            raise InputError(f"{through} lies in the future: it is {today} for a client.", field=("input", "through"))
        rules = _Rules(context, client_id)
        known = await rules.everywhere()
        for part in range(PARTS):
            await _run_part(rules, known, part, through or today, tally)
    return tally


async def run_part(context: Context, client_id: UUID, part: int, through: date) -> Tally:
    """Charges the accounts of one part of a client for each day since its last run."""
    tally = Tally()
    rules = _Rules(context, client_id)
    await _run_part(rules, await rules.everywhere(), part, through, tally)
    return tally


async def _run_part(rules: _Rules, known: Sequence[FeeRule], part: int, through: date, tally: Tally) -> None:
    context, client_id = rules.context, rules.client_id
    first = min((rule.from_on for rule in known if rule.from_on is not None), default=through)
    while (run := await open_run(context, client_id, part, through, first)) is not None:
        if known or await _has_quoted(context, client_id):
            await _go_through(context, run, rules, tally)
        await end_run(context, run)


async def _go_through(context: Context, run: Run, rules: _Rules, tally: Tally) -> None:
    after = run.after
    while True:
        async with begin(context) as tx:
            found = await candidates(
                await tx.connection(),
                run.client_id,
                since=run.since,
                through=run.through,
                after=after,
                limit=BATCH,
                part=run.part,
            )
            known = await books(tx, found, through=run.through)
        for debt in found:
            await _charge(context, known[debt.account_id], await rules.at(debt.portfolio_id), run.days, tally)
        if len(found) < BATCH:
            return
        after = found[-1].account_id
        await pass_account(context, run, after)


async def _charge(context: Context, book: Book, rules: Sequence[FeeRule], days: Sequence[date], tally: Tally) -> None:
    """Charges one account for each day; what fails is told, and found again by the next run."""
    try:
        await _charge_days(context, book, rules, days, tally)
    except ArrearsError as error:
        tally.failed += 1
        log.warning("charges.account_failed", account=encode_id("acct", book.debt.account_id), exc_info=error)


async def _charge_days(
    context: Context, book: Book, rules: Sequence[FeeRule], days: Sequence[date], tally: Tally
) -> None:
    for day in days:
        if not _concerns(book, rules, day):
            continue
        for fee in _to_claim(book, day):
            await _claim(context, book, fee, day, tally)
        made = (await assess_fees(context, FeesAssess(account_id=book.debt.account_id, on=day))).result
        tally.quoted += len(made.fee_claim_ids)
        book = await _again(context, book, days[-1])
        due = [fee for fee in _to_claim(book, day) if fee.fee_claim_id in made.fee_claim_ids]
        for fee in due:
            await _claim(context, book, fee, day, tally)
        if due:
            book = await _again(context, book, days[-1])


def _concerns(book: Book, rules: Sequence[FeeRule], day: date) -> bool:
    """Whether anything is to be claimed or quoted on a day, as far as it is known."""
    if _to_claim(book, day):
        return True
    return bool(rules) and bool(fees_on(book.debt, book.late_on(day), rules, book.notices, book.fees))


def _to_claim(book: Book, day: date) -> list[KnownFee]:
    return [fee for fee in book.fees if fee.state is FeeState.QUOTED and fee.ask_on <= day]


async def _again(context: Context, book: Book, through: date) -> Book:
    """The book as it is now: what was booked may have changed how earlier payments were spread."""
    async with begin(context) as tx:
        found = await debts(await tx.connection(), [book.debt.account_id])
        return (await books(tx, found, through=through))[book.debt.account_id]


async def _claim(context: Context, book: Book, fee: KnownFee, day: date, tally: Tally) -> None:
    """Claims a quoted fee; one is let go when nothing but fees is owed any more. Who was faster has done it."""
    try:
        if not book.late_on(day).parts:
            await waive_fee(context, FeeWaive(fee_claim_id=fee.fee_claim_id, reason=NOTHING_OWED))
            tally.waived += 1
            return
        claimed = (await claim_fee(context, FeeClaim(fee_claim_id=fee.fee_claim_id))).result
    except RefusedError as error:
        log.info("charges.claim_passed_over", fee=encode_id("feec", fee.fee_claim_id), reason=str(error))
        return
    if claimed.entry_id is None:
        tally.refused += 1
    else:
        tally.claimed += 1


async def _clients(context: Context) -> list[tuple[UUID, str]]:
    async with begin(context) as tx:
        rows = await (await (await tx.connection()).execute(_CLIENTS, {"id": None})).fetchall()
    return [(row[0], row[1]) for row in rows]


async def _has_quoted(context: Context, client_id: UUID) -> bool:
    async with begin(context) as tx:
        row = await (await (await tx.connection()).execute(_QUOTED, [client_id])).fetchone()
    return bool(row and row[0])
