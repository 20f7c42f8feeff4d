"""A statement of account as a PDF: A4, tagged so that it can be read aloud, with no more than the debtor may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import cache
from typing import Final, TypedDict

from arrears.kernel.printing import printed_page, template_in
from arrears.ledger import wording
from arrears.ledger.positions import DebtAmounts
from arrears.ledger.statements import Statement, StatementBalances, StatementCorrection, StatementLine, StatementTotal
from arrears_sdk.money import Money

_COMPONENTS: Final = tuple(wording.COMPONENTS.values())


class Row(TypedDict):
    """One row of a table; `under` stands under the row before it."""

    day: str
    words: str
    notes: Sequence[str]
    amounts: Sequence[str]
    strong: bool
    under: bool


async def printed(statement: Statement) -> bytes:
    """The PDF of a statement."""
    return await printed_page(_template(), page_of(statement))


def page_of(statement: Statement) -> dict[str, object]:
    """What stands on the pages. Why an entry was made is in the words of staff, and does not."""
    return {
        "title": f"Statement of account {statement.reference}",
        "facts": _facts(statement),
        "line-head": ["Day", "What", *_COMPONENTS, "Balance"],
        "lines": [
            _balances_row("Opening balance", statement.from_on.isoformat(), statement.opening),
            *(row for line in statement.lines for row in _line_rows(line)),
            _balances_row("Closing balance", statement.to_on.isoformat(), statement.closing),
        ],
        "total-head": ["Number", "What", *_COMPONENTS, "Total"],
        "totals": [_total_row(total) for total in statement.totals],
        "last-day": wording.day(statement.to_on),
        "closing": _closing(statement),
    }


def figure(amount: Money) -> str:
    """An amount with the decimals of its currency and no name of it: 1,234.50."""
    return f"{amount.amount:,}"


def _facts(statement: Statement) -> list[tuple[str, str]]:
    debtor = [] if statement.debtor is None else [("Debtor", statement.debtor)]
    return [
        ("Creditor", statement.creditor),
        *debtor,
        ("Account", statement.reference),
        ("Period", wording.span(statement.from_on, statement.to_on)),
        ("All amounts in", statement.currency),
        ("As recorded by", f"{statement.known_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
    ]


def _closing(statement: Statement) -> list[tuple[str, str]]:
    closing, currency = statement.closing, statement.currency
    owed = zip(_COMPONENTS, _parts(closing.owed), strict=True)
    rows = [(name, f"{amount} {currency}") for name, amount in owed]
    rows.append(("Owed in all", f"{figure(closing.owed.total)} {currency}"))
    if closing.written_off.minor:
        rows.append(("Written off", f"{figure(closing.written_off)} {currency}"))
    if closing.surplus.minor:
        rows.append(("Owed to the debtor", f"{figure(closing.surplus)} {currency}"))
    return rows


def _line_rows(line: StatementLine) -> Iterator[Row]:
    notes = [f"Paid: {figure(line.paid)}"] if line.paid is not None and line.paid.minor else []
    if line.from_on != line.day:
        notes.append(wording.span(line.from_on, line.day))
    yield Row(
        day=line.day.isoformat(),
        words=line.words,
        notes=[*notes, *_notes(line)],
        amounts=[*_parts(line.change), figure(line.balance)],
        strong=False,
        under=False,
    )
    for correction in line.corrections:
        yield Row(
            day="",
            words=f"{correction.words}, recorded on {wording.day(correction.recorded_at.astimezone(UTC).date())}",
            notes=_notes(correction),
            amounts=[*_parts(correction.change), figure(correction.balance)],
            strong=False,
            under=True,
        )


def _total_row(total: StatementTotal) -> Row:
    return Row(
        day=f"{total.entries:,}",
        words=total.words,
        notes=_notes(total),
        amounts=[*_parts(total.change), figure(total.change.total)],
        strong=False,
        under=False,
    )


def _balances_row(words: str, day: str, balances: StatementBalances) -> Row:
    return Row(
        day=day,
        words=words,
        notes=_notes(balances),
        amounts=[*_parts(balances.owed), figure(balances.owed.total)],
        strong=True,
        under=False,
    )


def _notes(of: StatementLine | StatementCorrection | StatementTotal | StatementBalances) -> list[str]:
    notes = [f"Written off: {figure(of.written_off)}"] if of.written_off.minor else []
    return [*notes, *([f"Owed to the debtor: {figure(of.surplus)}"] if of.surplus.minor else [])]


def _parts(amounts: DebtAmounts) -> list[str]:
    return [figure(part) for part in (amounts.principal, amounts.interest, amounts.fees, amounts.costs)]


@cache
def _template() -> bytes:
    return template_in("arrears.ledger", "statement.typ")
