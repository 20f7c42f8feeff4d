"""Interest of the days that have ended: counted for each client after its midnight, stretch by stretch of accounts.

How far each account is counted stands beside it and is written with the entries. So a run that was ended in the middle
goes on where it stopped, running twice changes nothing, and many days at once come to the entries of day by day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import LiteralString
from uuid import UUID

import structlog

from arrears.kernel.context import Context
from arrears.kernel.jobs import job
from arrears.kernel.transaction import Transaction, begin
from arrears.ledger.accrual_rows import Accrued, Behind, Counted, first_accounts, locked_accounts, write_interest
from arrears.ledger.booking import resettle, tell_of_interest
from arrears.ledger.history import InterestTerms
from arrears.ledger.interest import extend, mark_of, terms_of_count
from arrears.ledger.standstill import standstills
from arrears.ledger.terms import terms_for
from arrears_sdk.clock import business_date
from arrears_sdk.errors import InputError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import LARGEST_MINOR

PARTITION = "ledger.accrue_partition"
COMMAND = "ledger.accrue"
ACCOUNTS_PER_PARTITION = 5_000
# What one transaction books at most, however long nothing was counted; one account is not divided. Payments on the
# accounts wait for it.
DAYS_PER_TRANSACTION = 2_500
# Accounts whose past has to be looked at again take their whole history into memory.
RESETTLED_PER_TRANSACTION = 200
PLANNING_TIMEOUT_MS = 60_000

_ONE_DAY = timedelta(days=1)
_CLIENTS: LiteralString = "select id, time_zone from client where %(id)s::uuid is null or id = %(id)s order by id"
# Whose interest a hold stops, as `interest_holds` has it.
_HELD: LiteralString = """
select account.id, account.client_id
from hold join account on hold.account_id = account.id
    or hold.account_id is null and hold.debtor_id = account.debtor_id
       and (hold.client_id is null or hold.client_id = account.client_id)
join accrual on accrual.account_id = account.id
where hold.id = %(id)s and hold.channel is null and 'INTEREST' = any (hold.blocks)
"""
_ACCOUNT: LiteralString = "select id, client_id from account where id = %(id)s and last_entry_on is not null"
_END: LiteralString = "delete from accrual where account_id = any (%(ids)s::uuid[])"

log = structlog.get_logger(__name__)


@dataclass
class Accrual:
    """What a run booked: how many days' interest on how many accounts, and how much by currency in minor units."""

    entries: int = 0
    accounts: set[UUID] = field(default_factory=set)
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, accrued: Sequence[Accrued]) -> None:
        """Counts in what one transaction booked."""
        for one in accrued:
            if one.days:
                self.accounts.add(one.account.account_id)
            for _, minor in one.days:
                self.entries += 1
                self.amounts[one.account.currency] = self.amounts.get(one.account.currency, 0) + minor


async def accrue(context: Context, through: date | None = None) -> Accrual:
    """Books the interest of every client's accounts through a day that has ended there; the last one unless given.

    Raises InputError for a day that has not ended for some client. What is booked already stays as it is.
    """
    booked = Accrual()
    for client_id, zone in await _clients(context):
        ended = business_date(context.clock.now(), zone) - _ONE_DAY
        if through is not None and through > ended:
            raise InputError(f"{through} has not ended yet for every client; {ended} has.", field=("input", "through"))
        for behind in await _stretches(context, Behind(client_id, zone, through or ended)):
            await accrue_stretch(context, behind, into=booked)
    return booked


async def count_interest(context: Context, client_id: UUID, through: date) -> None:
    """Books the interest of a client's accounts through a day, here and now; nothing where that was done already."""
    for found, zone in await _clients(context, client_id):
        for behind in await _stretches(context, Behind(found, zone, through)):
            await accrue_stretch(context, behind)


async def accrue_client(context: Context, client_id: UUID, through: date) -> None:
    """Puts a job on the queue for every stretch of a client's accounts whose interest is behind a day."""
    found = await _clients(context, client_id)
    if not found:
        return
    stretches = await _stretches(context, Behind(client_id, found[0][1], through))
    async with begin(context) as tx:
        for behind in stretches:
            await tx.defer(
                PARTITION,
                client_id=str(client_id),
                through_on=through.isoformat(),
                first=str(behind.first),
                until=None if behind.until is None else str(behind.until),
            )


@job(PARTITION, attempts=10)
async def accrue_partition(context: Context, client_id: str, through_on: str, first: str, until: str | None) -> None:
    """Books the interest of one stretch of a client's accounts through a day."""
    for found, zone in await _clients(context, UUID(client_id)):
        behind = Behind(
            found, zone, date.fromisoformat(through_on), UUID(first), None if until is None else UUID(until)
        )
        await accrue_stretch(context, behind)


async def accrue_stretch(context: Context, behind: Behind, *, into: Accrual | None = None) -> None:
    """Books what a stretch of accounts is behind, in as many transactions as it takes."""
    settled: set[UUID] = set()
    while True:
        async with begin(context) as tx:
            with tx.under_command(COMMAND):
                accounts = await locked_accounts(tx, behind, DAYS_PER_TRANSACTION)
                if accounts is None:
                    return
                cases = [Case(account, await _terms(tx, account)) for account in accounts]
                accrued, passed_over = await _book(tx, behind, cases, settled)
        behind = replace(behind, without=behind.without | passed_over)
        if into is not None:
            into.add(accrued)


async def recount_held(context: Context, hold_id: UUID) -> None:
    """Has the ledger say what the courses say of accounts whose interest a hold stops; nothing for other holds."""
    await _recount(context, _HELD, hold_id)


async def recount_account(context: Context, account_id: UUID) -> None:
    """Has the ledger say what an account's course says by the facts that are known now."""
    await _recount(context, _ACCOUNT, account_id)


async def _recount(context: Context, accounts: LiteralString, subject_id: UUID) -> None:
    async with begin(context) as tx:
        cursor = await (await tx.connection()).execute(accounts, {"id": subject_id})
        with tx.under_command("ledger.recount"):
            await _settle(tx, dict(await cursor.fetchall()))


@dataclass(frozen=True, slots=True)
class Case:
    """An account with the terms by which its count runs now."""

    account: Counted
    terms: InterestTerms

    @property
    def is_settled(self) -> bool:
        """Whether the kept balances are those of the day to which interest is counted, by the terms that hold."""
        account = self.account
        later = account.last_entry_on is not None and account.last_entry_on > account.state.through_on
        return not later and account.rule == mark_of(self.terms, account.state.through_on)


async def _terms(tx: Transaction, account: Counted) -> InterestTerms:
    return terms_of_count(
        await terms_for(tx.context, account.client_id, account.portfolio_id, account.product, account.contract_percent),
        account.award,
    )


async def _book(
    tx: Transaction, behind: Behind, cases: Sequence[Case], settled: set[UUID]
) -> tuple[list[Accrued], frozenset[UUID]]:
    """Books what can be counted from kept balances, and has the past of other accounts looked at again, once each.

    Gives what was booked, and the accounts that are to be left alone.
    """
    others = [case for case in cases if not case.is_settled]
    again = [case for case in others if case.account.account_id not in settled][:RESETTLED_PER_TRANSACTION]
    hopeless = {case.account.account_id for case in others if case.account.account_id in settled}
    for account_id in hopeless:
        log.error("ledger.accrual_unsettled", account=encode_id("acct", account_id))
    accrued = await _counted(tx, behind.through_on, [case for case in cases if case.is_settled])
    fitting = [one for one in accrued if _fits(one)]
    if fitting:
        await write_interest(tx, behind.client_id, fitting)
        _tell(tx, behind, fitting)
    if again:
        await _settle(tx, {case.account.account_id: behind.client_id for case in again})
        await _end(tx, [case.account.account_id for case in again if not case.terms.rates])
        settled |= {case.account.account_id for case in again}
    return fitting, frozenset(hopeless | {one.account.account_id for one in accrued if not _fits(one)})


async def _counted(tx: Transaction, through: date, cases: Sequence[Case]) -> list[Accrued]:
    if not cases:
        return []
    free = await standstills(await tx.connection(), [case.account.account_id for case in cases])
    accrued: list[Accrued] = []
    for case in cases:
        account = case.account
        days, state = extend(
            account.state,
            account.owed,
            case.terms,
            through,
            principal_at_start_minor=account.state.principal_at_start_minor,
            free=free.get(account.account_id, ()),
        )
        accrued.append(Accrued(account, days, state, mark_of(case.terms, through)))
    return accrued


def _fits(one: Accrued) -> bool:
    """Whether the new balance fits into 64 bits; a debt that does not is left to people."""
    balance = sum(one.account.owed.values()) + sum(minor for _, minor in one.days)
    if balance <= LARGEST_MINOR:
        return True
    log.error("ledger.accrual_out_of_range", account=encode_id("acct", one.account.account_id))
    return False


async def _settle(tx: Transaction, accounts: Mapping[UUID, UUID]) -> None:
    """Books what the courses of accounts say otherwise, by account and client, and tells the audit of it."""
    for account_id, plan in (await resettle(tx, accounts)).items():
        tx.audit(
            subject="acct",
            subject_id=account_id,
            client_id=accounts[account_id],
            after={
                "corrected": plan.corrected,
                "added": len(plan.following) - plan.corrected,
                "from_on": plan.from_on,
            },
        )


async def _end(tx: Transaction, account_ids: Sequence[UUID]) -> None:
    """Forgets the counts of accounts whose terms bear interest no more."""
    if account_ids:
        await (await tx.connection()).execute(_END, {"ids": list(account_ids)})


def _tell(tx: Transaction, behind: Behind, accrued: Sequence[Accrued]) -> None:
    """One event for each day that bore interest, and one line of the audit for all of it."""
    client_id = behind.client_id
    days = ((day, one.account.currency, minor) for one in accrued for day, minor in one.days)
    tell_of_interest(tx, client_id, days)
    booked = Accrual()
    booked.add(accrued)
    tx.audit(
        subject="clnt",
        subject_id=client_id,
        client_id=client_id,
        after={
            "interest_through_on": behind.through_on,
            "accounts": len(booked.accounts),
            "entries": booked.entries,
            "amounts_minor": booked.amounts,
        },
    )


async def _stretches(context: Context, behind: Behind) -> list[Behind]:
    async with context.database.reads(context.principal.scope, timeout_ms=PLANNING_TIMEOUT_MS) as connection:
        firsts = await first_accounts(connection, behind, ACCOUNTS_PER_PARTITION)
    untils = [*firsts[1:], None]
    return [replace(behind, first=first, until=until) for first, until in zip(firsts, untils, strict=False)]


async def _clients(context: Context, client_id: UUID | None = None) -> list[tuple[UUID, str]]:
    rows = await context.database.read(context.principal.scope, _CLIENTS, {"id": client_id})
    return [(row[0], row[1]) for row in rows]
