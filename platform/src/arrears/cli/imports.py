"""`arrears import`: a file of a client's debts, taken in under a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import note, print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.imports.model import ImportOptions, ImportProgress, ImportReport
    from arrears_sdk.money import Money

FAULTS_SHOWN = 20


def import_file(
    file: Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)],
    mapping: Annotated[Path, typer.Option(help="The TOML file that maps its columns.", exists=True, dir_okay=False)],
    client: Annotated[str, typer.Option(help="The client's reference or id (clnt_...).")],
    file_format: Annotated[
        str, typer.Option("--format", help="The format of the file, as its importer calls it.")
    ] = "csv",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take nothing in unless every row is good.")
    ] = False,
    refused: Annotated[Path | None, typer.Option(help="A file for the refused rows, with the reasons.")] = None,
    placement: Annotated[str | None, typer.Option(help="The reference of the placement; made when new.")] = None,
    received_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day the placement was received; else today.")
    ] = None,
    expect_rows: Annotated[int | None, typer.Option(min=0, help="How many rows the sender announced.")] = None,
    expect_total: Annotated[
        list[str] | None, typer.Option(help='What the sender says they add up to, such as "1234.56 USD".')
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Take in a file of debts for a client; exit code 1 when rows were refused.

    The same file under the same mapping is taken in once: after an interruption it goes on where it stopped.
    """

    async def take_in() -> ImportReport:
        from arrears.imports.commands import run_import
        from arrears.imports.mapping import parse_mapping
        from arrears.imports.model import ImportOptions

        options: ImportOptions = ImportOptions(
            client=client,
            format=file_format,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            refused_file=refused,
            placement=placement,
            received_on=None if received_on is None else received_on.date(),
            expected_rows=expect_rows,
            expected_totals=tuple(map(_money, expect_total or ())),
        )
        understood = parse_mapping(mapping.read_text(encoding="utf-8"))
        async with deployment_for(data) as deployment:
            with _progress_bar(shown=not json) as progress:
                return await run_import(deployment.context(), file, understood, options, progress)

    report = wait_for(take_in())
    if json:
        print_json(_plain(report))
    else:
        _tell(report)
    if report.rows_refused:
        raise typer.Exit(1)


def _money(text: str) -> Money:
    from arrears_sdk.money import Money

    amount, _, currency = text.strip().partition(" ")
    return Money.parse(amount, currency.strip())


@contextmanager
def _progress_bar(*, shown: bool) -> Iterator[Callable[[ImportProgress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as bar:
        task = bar.add_task("Reading", total=None)

        def advance(progress: ImportProgress) -> None:
            counts = f"{progress.rows_accepted:,} rows taken in, {progress.rows_refused:,} refused"
            bar.update(task, description=counts, completed=progress.bytes_read, total=progress.bytes_total)

        yield advance


def _tell(report: ImportReport) -> None:
    if report.repeated:
        say("This file was taken in before under the same mapping; nothing was changed.")
    elif not report.stored:
        say("Nothing was stored.")
    say(
        f"{report.rows_read:,} rows read: {report.rows_accepted:,} accepted, {report.rows_refused:,} refused;"
        f" {report.debtors_created:,} debtors made, {report.payments_recorded:,} payments recorded."
    )
    if report.totals:
        print_table(
            ("accepted", "refused", "paid"), [(total.accepted, total.refused, total.paid) for total in report.totals]
        )
    if report.faults:
        shown = report.faults[:FAULTS_SHOWN]
        rows = [(fault.line, fault.column, fault.reason, fault.original) for fault in shown]
        print_table(("line", "column", "reason", "text"), rows)
    if report.faults_found > FAULTS_SHOWN:
        note(f"These are the first {min(FAULTS_SHOWN, len(report.faults))} of {report.faults_found:,} faults.")
    if report.refused_file is not None:
        note(f"The refused rows are in {report.refused_file}.")


def _plain(report: ImportReport) -> dict[str, object]:
    from arrears_sdk.ids import encode_id

    return {
        "run": None if report.run_id is None else encode_id("impt", report.run_id),
        "stored": report.stored,
        "repeated": report.repeated,
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_refused": report.rows_refused,
        "debtors_created": report.debtors_created,
        "payments_recorded": report.payments_recorded,
        "totals": [
            {
                "currency": total.accepted.currency,
                "accepted": str(total.accepted.amount),
                "refused": str(total.refused.amount),
                "paid": str(total.paid.amount),
            }
            for total in report.totals
        ],
        "faults_found": report.faults_found,
        "faults": [
            {
                "line": fault.line,
                "column": fault.column,
                "code": fault.code,
                "reason": fault.reason,
                "original": fault.original,
            }
            for fault in report.faults
        ],
        "refused_file": None if report.refused_file is None else str(report.refused_file),
    }
