"""What a client's rules of fees would charge on a day; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from arrears.charges.model import Debt
from arrears.charges.queries import books, candidates, charge_settings, debts
from arrears.charges.weighing import Fee, fees_on
from arrears.kernel.calendar import check_calendar
from arrears.kernel.context import Context
from arrears.kernel.transaction import begin
from arrears_sdk.clock import business_date
from arrears_sdk.errors import InputError, NotFoundError

MOST_ACCOUNTS = 250

_ZONE: LiteralString = "select time_zone from client where id = %s"


@dataclass(frozen=True)
class PreviewedFee:
    """One fee that would be charged, and the debt that would be charged."""

    debt: Debt
    fee: Fee


@dataclass(frozen=True)
class FeesPreview:
    """What would be charged on a day on one page of accounts, and after which account the next page begins."""

    client_id: UUID
    on: date
    fees: tuple[PreviewedFee, ...]
    last: UUID | None
    more: bool


@dataclass(frozen=True)
class WantedFees:
    """Which accounts of a client are looked at: those that are named, or a page of all."""

    client_id: UUID
    account_ids: Sequence[UUID] | None = None
    first: int = 50
    after: UUID | None = None


async def preview_fees(context: Context, wanted: WantedFees, on: date | None = None) -> FeesPreview:
    """What the rules would charge on a day, today unless another is named, by what is known now.

    For a day to come, debts are taken to stay as they are. InputError for a wrong page, NotFoundError for a client or
    an account that the principal does not see.
    """
    _check(wanted, on)
    async with begin(context) as tx:
        connection = await tx.connection()
        row = await (await connection.execute(_ZONE, [wanted.client_id])).fetchone()
        if row is None:
            raise NotFoundError("There is no such client that you may see.", field=("clientId",))
        day = on or business_date(tx.now, row[0])
        if wanted.account_ids is None:
            found = await candidates(
                connection,
                wanted.client_id,
                since=day,
                through=day,
                after=wanted.after,
                limit=wanted.first + 1,
            )
        else:
            found = await debts(connection, wanted.account_ids)
            if len(found) != len(set(wanted.account_ids)) or any(one.client_id != wanted.client_id for one in found):
                raise NotFoundError("There is no such account of the client that you may see.", field=("accountIds",))
        page = found if wanted.account_ids is not None else found[: wanted.first]
        known = await books(tx, page, through=day)
    fees = []
    for debt in page:
        rules = (await charge_settings(context, debt.client_id, debt.portfolio_id)).rules
        book = known[debt.account_id]
        fees += [PreviewedFee(debt, fee) for fee in fees_on(debt, book.late_on(day), rules, book.notices, book.fees)]
    last = page[-1].account_id if page else None
    return FeesPreview(wanted.client_id, day, tuple(fees), last, len(found) > len(page))


def _check(wanted: WantedFees, on: date | None) -> None:
    check_calendar(on, ("on",))
    if wanted.account_ids is not None and not 1 <= len(set(wanted.account_ids)) <= MOST_ACCOUNTS:
        raise InputError(f"Name 1 to {MOST_ACCOUNTS} accounts.", field=("accountIds",))
    if wanted.account_ids is not None and wanted.after is not None:
        raise InputError("Accounts that are named have no further pages.", field=("after",))
    if not 1 <= wanted.first <= MOST_ACCOUNTS:
        raise InputError(f"A page has 1 to {MOST_ACCOUNTS} accounts.", field=("first",))
