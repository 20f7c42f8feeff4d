"""`arrears ledger`: proof that the books are right, interest, and what puts them right."""

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
    from arrears.ledger.replays import Replay
    from arrears.ledger.snapshot_runs import SnapshotMade
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


@ledger.command("snapshot")
def snapshot_balances(
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day, whose snapshot is then kept; else the last that has ended."),
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Make the snapshots that are kept again, each from every posting.")
    ] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Snapshot every client's balances. Every night does so by itself; again changes nothing."""

    async def snapshot() -> list[SnapshotMade]:
        from arrears.ledger.snapshot_runs import snapshot_clients

        async with deployment_for(data) as deployment:
            context = deployment.worker_context("snapshots")
            return await snapshot_clients(context, None if on is None else on.date(), afresh=afresh)

    made = wait_for(snapshot())
    if json:
        print_json([asdict(one) for one in made])
    else:
        print_table(
            ("client", "day", "accounts", "as known at"),
            [(one.client, one.day, f"{one.accounts:,}", f"{one.made_at:%Y-%m-%d %H:%M:%SZ}") for one in made],
        )


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


@ledger.command("replay")
def replay_ledger(
    account: Annotated[
        list[str] | None, typer.Option(help="The id of an account; may be given several times. All when none is given.")
    ] = None,
    client: Annotated[
        str | None, typer.Option(help="The reference or id of the client whose accounts are replayed.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Tell what would change, and write nothing.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Compute accounts again from the beginning, and put their ledger right; with --check exit code 1 if it differs."""

    async def replay() -> Replay:
        from arrears.ledger.replays import replay_books
        from arrears_sdk.ids import decode_id

        async with deployment_for(data) as deployment:
            context = deployment.worker_context("ledger replay")
            return await replay_books(
                context,
                account_ids=[decode_id("acct", one) for one in account or ()],
                client=client,
                check=check,
            )

    replayed = wait_for(replay())
    if json:
        from arrears_sdk.ids import encode_id

        print_json(
            {
                "accounts": replayed.accounts,
                "changed": [encode_id("acct", one) for one in replayed.changed],
                "corrected": replayed.corrected,
                "added": replayed.added,
            }
        )
    else:
        _tell_replay(replayed, check=check)
    if check and replayed.changed:
        raise typer.Exit(1)


def _tell_replay(replayed: Replay, *, check: bool) -> None:
    looked_at = f"{replayed.accounts:,} accounts"
    if not replayed.changed:
        say(f"Nothing is to be put right: the ledger of {looked_at} is as their courses have it.")
        return
    would = "would be " if check else ""
    say(
        f"Of {looked_at} {len(replayed.changed):,} {would}put right: {replayed.corrected:,} entries corrected,"
        f" {replayed.added:,} added."
    )


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
    else:
        say(f"The ledger is not sound: {report.faults_found:,} faults in {read}. The first ones:")
        faults = [(fault.check, fault.subject, fault.message) for fault in report.faults]
        print_table(("check", "subject", "fault"), faults)
    _tell_trial_balance(report)


def _tell_trial_balance(report: LedgerReport) -> None:
    """The trial balance, with a line of sums below each book of a client and currency."""
    import itertools

    from arrears.graphql.sums import Sum
    from arrears_sdk.ids import encode_id

    rows: list[tuple[object, ...]] = []
    for (client_id, currency, book), lines in itertools.groupby(
        report.trial_balance, key=lambda line: (line.client_id, line.currency, line.book)
    ):
        posted: list[tuple[str, str | None, int, int]] = [
            (line.ledger_account, line.component, line.debit_minor, line.credit_minor) for line in lines
        ]
        posted.append(("in all", None, sum(line[2] for line in posted), sum(line[3] for line in posted)))
        for account, component, *sides in posted:
            amounts = (format(Sum.of(minor, currency).amount, "f") for minor in sides)
            rows.append((encode_id("clnt", client_id), currency, book, account, component, *amounts))
    if rows:
        print_table(("client", "currency", "book", "account", "component", "debits", "credits"), rows)
