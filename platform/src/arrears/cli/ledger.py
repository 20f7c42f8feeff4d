"""`arrears ledger`: proof that the books are right."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.ledger.verification import LedgerReport

ledger = typer.Typer(no_args_is_help=True, help="Check the ledger.")


@ledger.callback()
def begin_ledger() -> None:
    """Check the ledger."""


@ledger.command("verify")
def verify_ledger(data: DataOption = None, json: JsonOption = False) -> None:
    """Derive every balance again from the postings and compare; exit code 1 when anything differs."""

    async def verify() -> LedgerReport:
        from arrears.ledger.verification import verify

        async with deployment_for(data) as deployment:
            return await verify(deployment.worker_context("ledger verification"))

    report = wait_for(verify())
    if json:
        print_json({"sound": report.is_sound, **asdict(report)})
    else:
        _tell(report)
    if not report.is_sound:
        raise typer.Exit(1)


def _tell(report: LedgerReport) -> None:
    read = (
        f"{report.accounts:,} accounts, {report.entries:,} entries, {report.postings:,} postings and"
        f" {report.payments:,} payments"
    )
    if report.is_sound:
        say(f"The ledger is sound: {read}.")
        return
    say(f"The ledger is not sound: {report.faults_found:,} faults in {read}. The first ones:")
    print_table(("check", "subject", "fault"), [(fault.check, fault.subject, fault.message) for fault in report.faults])
