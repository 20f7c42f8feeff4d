"""`arrears ledger statement`: the statement of one account, on the screen, as JSON, or as a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.ledger.positions import DebtAmounts
    from arrears.ledger.statements import Statement

COLUMNS = ("day", "what", "principal", "interest", "fees", "costs", "balance")
_DAY = ["%Y-%m-%d"]
_INSTANT = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]


def show_statement(
    account: Annotated[str, typer.Argument(help="The account's id: acct_...", metavar="ACCOUNT")],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="The first day; else the beginning of the debt.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="The last day; else today in the client's zone.")
    ] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option("--known-at", formats=_INSTANT, help="Count only what was recorded by this instant."),
    ] = None,
    merged: Annotated[
        bool, typer.Option("--merged", help="Count corrections into the lines that they correct.")
    ] = False,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as a PDF to this file instead.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell how a debt stood before a period, what moved it, and how it stood after."""

    async def state() -> tuple[Statement, bytes]:
        from arrears.ledger.printing import printed
        from arrears.ledger.statements import Period, StatementCorrections, statement

        corrections = StatementCorrections.MERGED if merged else StatementCorrections.SHOWN
        period = Period(_day(first), _day(last), known_at, corrections)
        async with deployment_for(data) as deployment:
            found = await statement(deployment.context(), account, period)
        return found, b"" if pdf is None else await printed(found)

    found, page = wait_for(state())
    if pdf is not None:
        pdf.write_bytes(page)
    if json:
        print_json(_plain(found))
    elif pdf is not None:
        say(f"The statement of {found.reference} is in {pdf}.")
    else:
        _tell(found)


def _plain(value: object) -> object:
    """A value for a script; amounts exactly, as text."""
    from arrears_sdk.money import Money

    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def _tell(statement: Statement) -> None:
    say(f"Statement of account {statement.reference}: {statement.creditor}, in {statement.currency}")
    say(f"As recorded by {statement.known_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
    print_table(COLUMNS, list(_rows(statement)))


def _rows(statement: Statement) -> Iterator[tuple[object, ...]]:
    opening, closing = statement.opening.owed, statement.closing.owed
    yield statement.from_on, "Opening balance", *_parts(opening), opening.total.amount
    for line in statement.lines:
        yield line.day, line.words, *_parts(line.change), line.balance.amount
        for correction in line.corrections:
            yield "", correction.words, *_parts(correction.change), correction.balance.amount
    yield statement.to_on, "Closing balance", *_parts(closing), closing.total.amount


def _parts(amounts: DebtAmounts) -> tuple[object, ...]:
    return tuple(part.amount for part in (amounts.principal, amounts.interest, amounts.fees, amounts.costs))
