"""What verification asks beyond single entries: kept values, snapshots, how money was spread, transfers, interest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from arrears.accounts.totals import COUNTED, SUMS


@dataclass(frozen=True)
class Check:
    """One thing that must hold: SQL that gives the id and the fault of whatever does not, and the kind of its ids."""

    name: str
    prefix: str
    sql: LiteralString


_KEPT = Check(
    "kept values",
    "acct",
    """
    select account.id, format('kept: written off %%s, last entry %%s; posted: %%s, %%s', account.written_off_minor,
                              coalesce(account.last_entry_on::text, 'none'), coalesce(fold.written_off, 0),
                              coalesce(latest.entry_on::text, 'none'))
    from account
    left join (
        select account_id, sum(amount_minor) as written_off
        from posting where ledger_account = 'WRITTEN_OFF' group by account_id
    ) fold on fold.account_id = account.id
    left join (
        select account_id, max(effective_on) as entry_on from ledger_entry where account_id is not null
        group by account_id
    ) latest on latest.account_id = account.id
    where (account.written_off_minor, account.last_entry_on)
        is distinct from (coalesce(fold.written_off, 0), latest.entry_on)
    """,
)

# A snapshot that was made by another server says nothing and is not read; one that is not complete is not read yet.
_SNAPSHOTS = Check(
    "snapshots",
    "acct",
    f"""
    with made as (
        select * from balance_snapshot
        where completed_at is not null and server = (select system_identifier from pg_control_system())
    ), kept as (
        select made.day, line.* from made join snapshot_balance line on line.snapshot_id = made.id
    ), fold as (
        select made.id as snapshot_id, made.day, line.account_id, {SUMS}
        from made join posting line on line.client_id = made.client_id
        where {COUNTED} and line.effective_on <= made.day and line.recorded_in < made.horizon
        group by made.id, made.day, line.account_id
    )
    select account_id, format(
        'snapshot of %%s: principal %%s, interest %%s, fees %%s, costs %%s, written off %%s;'
        ' posted: %%s, %%s, %%s, %%s, %%s',
        coalesce(kept.day, fold.day), coalesce(kept.principal_minor, 0), coalesce(kept.interest_minor, 0),
        coalesce(kept.fees_minor, 0), coalesce(kept.costs_minor, 0), coalesce(kept.written_off_minor, 0),
        coalesce(fold.principal_minor, 0), coalesce(fold.interest_minor, 0), coalesce(fold.fees_minor, 0),
        coalesce(fold.costs_minor, 0), coalesce(fold.written_off_minor, 0))
    from kept full join fold using (snapshot_id, account_id)
    where (coalesce(kept.principal_minor, 0), coalesce(kept.interest_minor, 0), coalesce(kept.fees_minor, 0),
           coalesce(kept.costs_minor, 0), coalesce(kept.written_off_minor, 0))
       <> (coalesce(fold.principal_minor, 0), coalesce(fold.interest_minor, 0), coalesce(fold.fees_minor, 0),
           coalesce(fold.costs_minor, 0), coalesce(fold.written_off_minor, 0))
    """,
)

_TRIAL_BALANCE = Check(
    "trial balance",
    "clnt",
    """
    select client_id, format('the %%s book in %%s is off balance by %%s minor units', lower(book), currency,
                             sum(amount_minor))
    from posting group by client_id, book, currency having sum(amount_minor) <> 0
    """,
)

_ALLOCATIONS = Check(
    "allocations",
    "paym",
    """
    select payment.id, case
            when spread.payment_id is null then 'how the money was spread is not kept'
            when spread.sequences <> spread.last_sequence then 'one of the times that the money was spread is missing'
            when not spread.is_whole then 'not all of the money is spread, or more than it'
            else 'the money is spread otherwise than it is posted' end
    from payment
    left join (
        select allocation.payment_id, count(*) as sequences, max(allocation.sequence) as last_sequence,
               bool_and(allocation.paid_minor = of_payment.amount_minor) as is_whole
        from (
            select one.payment_id, one.sequence,
                   (select coalesce(sum(line.paid_minor), 0)
                    from allocation_line line where line.allocation_id = one.id) as paid_minor
            from allocation one
        ) allocation join payment of_payment on of_payment.id = allocation.payment_id
        group by allocation.payment_id
    ) spread on spread.payment_id = payment.id
    where spread.payment_id is null or spread.sequences <> spread.last_sequence or not spread.is_whole
       or exists (
            select 1
            from (
                select line.component, line.paid_minor as minor
                from allocation_line line
                join allocation latest on latest.id = line.allocation_id
                where latest.payment_id = payment.id and latest.sequence = spread.last_sequence
                union all
                select line.component, -line.amount_minor
                from ledger_entry entry
                join ledger_entry booked on booked.id = coalesce(entry.corrects_id, entry.id)
                join posting line on line.entry_id = entry.id
                where entry.payment_id = payment.id and booked.kind in ('PAYMENT', 'RECOVERY')
                  and line.ledger_account = 'RECOVERED'
                union all
                select null, line.amount_minor
                from ledger_entry entry
                join ledger_entry booked on booked.id = coalesce(entry.corrects_id, entry.id)
                join posting line on line.entry_id = entry.id
                where entry.payment_id = payment.id and booked.kind in ('PAYMENT', 'RECOVERY')
                  and line.ledger_account = 'REFUNDS_PAYABLE'
            ) compared
            group by component having sum(minor) <> 0)
    """,
)

_TRANSFERS = Check(
    "transfers",
    "entr",
    """
    select (array_agg(id order by id))[1], case
            when transfer_id is null then 'a transfer without its other half'
            when count(*) <> 2 then format('a transfer has %%s entries instead of two', count(*))
            else 'the two entries of a transfer do not cancel' end
    from ledger_entry where kind = 'TRANSFER'
    group by transfer_id, case when transfer_id is null then id end
    having transfer_id is null or count(*) <> 2 or sum(amount_minor) <> 0 or min(currency) <> max(currency)
    """,
)

_INTEREST = Check(
    "interest",
    "entr",
    """
    select entry.id, case
            when entry.fault = 'component' then 'interest of a day is posted to something else than interest'
            when entry.fault = 'twice' then format('the interest of %%s is booked more than once', entry.effective_on)
            else format('interest of %%s, which is counted through %%s only', entry.effective_on, entry.through_on) end
    from (
        select interest.id, interest.effective_on, accrual.through_on, case
                when exists (
                    select 1 from posting line
                    where line.entry_id = interest.id and line.component is distinct from 'INTEREST') then 'component'
                when interest.position > 1 then 'twice'
                when interest.effective_on > accrual.through_on then 'ahead' end as fault
        from (
            select id, account_id, effective_on,
                   row_number() over (partition by account_id, effective_on order by id) as position
            from ledger_entry where kind = 'INTEREST'
        ) interest
        left join accrual on accrual.account_id = interest.account_id
    ) entry
    where entry.fault is not null
    """,
)

_ACCRUALS = Check(
    "accruals",
    "acct",
    """
    select accrual.account_id, format('interest since %%s: counted %%s, posted %%s', accrual.began_on,
                                      accrual.accrued_minor, coalesce(posted.minor, 0))
    from accrual
    left join lateral (
        select sum(line.amount_minor) as minor
        from ledger_entry entry
        join ledger_entry booked on booked.id = coalesce(entry.corrects_id, entry.id)
        join posting line on line.entry_id = entry.id
        where entry.account_id = accrual.account_id and booked.kind = 'INTEREST'
          and entry.effective_on > accrual.began_on and entry.effective_on <= accrual.through_on
          and line.ledger_account = 'RECEIVABLE'
    ) posted on true
    where accrual.accrued_minor <> coalesce(posted.minor, 0)
    """,
)

KEPT_CHECKS = (_KEPT, _SNAPSHOTS, _TRIAL_BALANCE, _ALLOCATIONS, _TRANSFERS, _INTEREST, _ACCRUALS)
