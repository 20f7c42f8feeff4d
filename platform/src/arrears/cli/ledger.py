"""`arrears ledger`: proof that the books are right, and the interest that nights add to them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, print_table, say, wait_for
from arrears.cli.statement import show_statement

if TYPE_CHECKING:
    from arrears.ledger.accruing import Accrual
    from arrears.ledger.verification import LedgerReport

ledger = typer.Typer(no_args_is_help=True, help="Check the ledger, and book its interest.")
ledger.command("statement")(show_statement)


@ledger.callback()
def begin_ledger() -> None:
    """Check the ledger, and book its interest."""


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


@ledger.command("accrue")
def accrue_interest(
    through: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The last day to count; else the last that has ended for each client."),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Book the interest of days that have ended. Every night does so by itself; again changes nothing."""

    async def accrue() -> Accrual:
        from arrears.ledger.accruing import accrue as accrue_all

        async with deployment_for(data) as deployment:
            context = deployment.worker_context("interest")
            return await accrue_all(context, None if through is None else through.date())

    booked = wait_for(accrue())
    if json:
        print_json({"accounts": len(booked.accounts), "entries": booked.entries, "amounts_minor": booked.amounts})
    else:
        _tell_interest(booked)


def _tell_interest(booked: Accrual) -> None:
    from arrears_sdk.money import Money

    if not booked.entries:
        say("There was no interest to book.")
        return
    amounts = ", ".join(str(Money(minor, currency)) for currency, minor in sorted(booked.amounts.items()))
    say(f"Booked {amounts} of interest: {booked.entries:,} days' on {len(booked.accounts):,} accounts.")


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
