"""Proof that the books are right: every entry balances and every kept balance follows from the postings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString

from arrears.access.model import Permission
from arrears.kernel.context import Context
from arrears.ledger.checks import KEPT_CHECKS, Check
from arrears.ledger.trial_balance import TrialLine, lines_of
from arrears_sdk.errors import AccessError
from arrears_sdk.ids import encode_id

MOST_FAULTS_NAMED = 20
# The whole ledger is read; a book of millions takes minutes, which no request has but an operator's command does.
_TIMEOUT_MS = 3_600_000


@dataclass(frozen=True)
class LedgerFault:
    """One thing that is wrong: which check found it, the public id of what it is wrong with, and in what way."""

    check: str
    subject: str
    message: str


@dataclass(frozen=True)
class LedgerReport:
    """How much was checked and what is wrong; `faults` names the first ones of each check.

    `trial_balance` has what was posted in all, by client, currency, account of the books and component.
    """

    accounts: int
    entries: int
    postings: int
    payments: int
    faults_found: int
    faults: tuple[LedgerFault, ...]
    trial_balance: tuple[TrialLine, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.faults_found == 0


_COUNTS: LiteralString = """
select (select count(*) from account), (select count(*) from ledger_entry), (select count(*) from posting),
       (select count(*) from payment)
"""

# Sums of 64-bit amounts are numeric in PostgreSQL: exact, and never out of range.
_CHECKS = (
    Check(
        "entries",
        "entr",
        """
        select coalesce(entry.id, line.entry_id), case
                when entry.id is null then 'postings without an entry'
                when line.entry_id is null then 'no postings'
                when line.debt <> 0 then format('the debt book is off balance by %%s minor units', line.debt)
                when line.agency <> 0 then format('the agency book is off balance by %%s minor units', line.agency)
                when line.change <> entry.amount_minor
                    then format('the amount is %%s, the receivable changes by %%s', entry.amount_minor, line.change)
                when line.positions <> line.lines then 'a posting is missing or was added'
                else 'client, account, currency, effective date or instant of a posting differ from the entry' end
        from ledger_entry entry
        full join (
            select posting.entry_id, count(*) as lines, max(posting.position) as positions,
                   coalesce(sum(posting.amount_minor) filter (where posting.book = 'DEBT'), 0) as debt,
                   coalesce(sum(posting.amount_minor) filter (where posting.book = 'AGENCY'), 0) as agency,
                   coalesce(sum(posting.amount_minor) filter (where posting.ledger_account = 'RECEIVABLE'), 0)
                       as change,
                   bool_and(posting.client_id = stated.client_id and posting.currency = stated.currency
                        and posting.effective_on = stated.effective_on
                        and posting.recorded_at = stated.recorded_at and posting.recorded_in = stated.recorded_in
                        and coalesce(posting.account_id = stated.account_id, true)) as agrees
            from posting left join ledger_entry stated on stated.id = posting.entry_id
            group by posting.entry_id
        ) line on line.entry_id = entry.id
        where (line.debt = 0 and line.agency = 0 and line.change = entry.amount_minor
               and line.positions = line.lines and line.agrees) is not true
          -- A court may award exactly what is owed.
          and (entry.kind = 'JUDGMENT' and entry.amount_minor = 0 and line.entry_id is null) is not true
        """,
    ),
    Check(
        "balances",
        "acct",
        """
        select account.id, format(
            'kept: principal %%s, interest %%s, fees %%s, costs %%s, placed %%s; posted: %%s, %%s, %%s, %%s, %%s',
            account.principal_minor, account.interest_minor, account.fees_minor, account.costs_minor,
            account.placed_minor, coalesce(fold.principal, 0), coalesce(fold.interest, 0), coalesce(fold.fees, 0),
            coalesce(fold.costs, 0), coalesce(opening.placed, 0))
        from account
        left join (
            select account_id,
                   coalesce(sum(amount_minor) filter (where component = 'PRINCIPAL'), 0) as principal,
                   coalesce(sum(amount_minor) filter (where component = 'INTEREST'), 0) as interest,
                   coalesce(sum(amount_minor) filter (where component = 'FEES'), 0) as fees,
                   coalesce(sum(amount_minor) filter (where component = 'COSTS'), 0) as costs
            from posting where ledger_account = 'RECEIVABLE' group by account_id
        ) fold on fold.account_id = account.id
        left join (
            select entry.account_id, sum(entry.amount_minor) as placed
            from ledger_entry entry left join ledger_entry original on original.id = entry.reverses_id
            where coalesce(original.kind, entry.kind) = 'OPENING_BALANCE' group by entry.account_id
        ) opening on opening.account_id = account.id
        where (account.principal_minor, account.interest_minor, account.fees_minor, account.costs_minor,
               account.balance_minor, account.placed_minor)
            is distinct from (
               coalesce(fold.principal, 0), coalesce(fold.interest, 0), coalesce(fold.fees, 0),
               coalesce(fold.costs, 0),
               coalesce(fold.principal + fold.interest + fold.fees + fold.costs, 0), coalesce(opening.placed, 0))
        """,
    ),
    Check(
        "currencies",
        "entr",
        """
        select entry.id, format('the entry is in %%s, its account in %%s', entry.currency, account.currency)
        from ledger_entry entry join account on account.id = entry.account_id
        where entry.currency <> account.currency or entry.client_id <> account.client_id
        """,
    ),
    Check(
        "reversals",
        "entr",
        """
        select reversal_id, format('%%s %%s is left with %%s minor units', ledger_account, component, sum(amount_minor))
        from (
            select reversal.id as reversal_id, line.ledger_account, line.component, line.amount_minor
            from ledger_entry reversal join posting line on line.entry_id in (reversal.id, reversal.reverses_id)
            where reversal.reverses_id is not null
        ) mirrored
        group by reversal_id, ledger_account, component having sum(amount_minor) <> 0
        """,
    ),
    Check(
        "payments",
        "paym",
        """
        select payment.id, case
                when entry.id is null then 'no ledger entry'
                when paid.at_first <> payment.amount_minor
                    then format('the payment is %%s, its entry %%s', payment.amount_minor, paid.at_first)
                when entry.account_id <> payment.account_id or entry.currency <> payment.currency
                    then 'account or currency differ from the entry'
                else format('the state is %%s against the ledger', payment.state) end
        from payment
        left join ledger_entry entry on entry.payment_id = payment.id and entry.kind in ('PAYMENT', 'RECOVERY')
        left join (
            -- What counts of a payment: what it recovered of the debt, and what it brought beyond that.
            select booked.payment_id,
                   sum(case line.ledger_account when 'RECOVERED' then line.amount_minor else -line.amount_minor end)
                       as standing,
                   sum(case line.ledger_account when 'RECOVERED' then line.amount_minor else -line.amount_minor end)
                       filter (where booked.kind in ('PAYMENT', 'RECOVERY')) as at_first
            from ledger_entry booked join posting line on line.entry_id = booked.id
            where booked.payment_id is not null and line.ledger_account in ('RECOVERED', 'REFUNDS_PAYABLE')
            group by booked.payment_id
        ) paid on paid.payment_id = payment.id
        where (paid.at_first = payment.amount_minor and entry.account_id = payment.account_id
               and entry.currency = payment.currency
               and paid.standing >= 0 and (payment.state = 'REVERSED') = (paid.standing = 0)) is not true
        """,
    ),
)
_FIRST_FAULTS: LiteralString = "select *, count(*) over () from ({}) found (id, message) order by id limit %(most)s"


async def verify(context: Context) -> LedgerReport:
    """The state of the whole ledger in one snapshot; needs a principal that may see every client."""
    principal = context.principal
    if not principal.may(Permission.LEDGER_READ) or principal.scope.kind != "all":
        raise AccessError("Verifying the ledger needs the right to read it for every client.")
    faults: list[LedgerFault] = []
    found = 0
    async with context.database.reads(principal.scope, timeout_ms=_TIMEOUT_MS) as connection:
        counts = await (await connection.execute(_COUNTS)).fetchone()
        assert counts is not None
        for check in (*_CHECKS, *KEPT_CHECKS):
            statement = _FIRST_FAULTS.format(check.sql)
            cursor = await connection.execute(statement, {"most": MOST_FAULTS_NAMED})
            rows: list[tuple[Any, ...]] = await cursor.fetchall()
            found += rows[0][2] if rows else 0
            faults.extend(LedgerFault(check.name, encode_id(check.prefix, row[0]), row[1]) for row in rows)
        lines = await lines_of(connection)
    return LedgerReport(counts[0], counts[1], counts[2], counts[3], found, tuple(faults), tuple(lines))
