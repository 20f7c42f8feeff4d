"""`arrears audit`: the trail of who did what, sealed and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, say, wait_for

if TYPE_CHECKING:
    from arrears.kernel.audit_verify import AuditReport

audit = typer.Typer(no_args_is_help=True, help="Check the audit trail, or seal it now.")


@audit.command("verify")
def verify_audit(data: DataOption = None, json: JsonOption = False) -> None:
    """Check every audit row against its code, its chain and the heads kept outside; exit code 1 at a bad row."""

    async def check() -> AuditReport:
        from arrears.kernel.audit_verify import verify

        async with deployment_for(data) as deployment:
            return await verify(deployment.worker_database, deployment.vault, deployment.audit_heads.read())

    report = wait_for(check())
    bad = report.first_bad
    if json:
        found = None if bad is None else {"fault": bad.fault, "sequence": bad.sequence, "message": bad.message}
        counts = {"sealed": report.sealed, "unsealed": report.unsealed, "heads": report.heads}
        print_json({"whole": report.whole, **counts, "first_bad": found})
    elif bad is None:
        say(
            f"The audit trail is whole: {report.sealed:,} rows sealed, {report.unsealed:,} not yet,"
            f" {report.heads:,} heads outside the database agree."
        )
    else:
        say(f"The audit trail is not whole ({bad.fault}): {bad.message}")
    if bad is not None:
        raise typer.Exit(1)


@audit.command("seal")
def seal_audit(data: DataOption = None, json: JsonOption = False) -> None:
    """Number and chain every audit row that waits; a running worker does it every second."""

    async def seal() -> int:
        from arrears.kernel.sealer import Sealer

        async with deployment_for(data) as deployment:
            return await Sealer(deployment.audit_heads).seal(deployment.worker_context("sealer"))

    sealed = wait_for(seal())
    if json:
        print_json({"sealed": sealed})
    else:
        say(f"Sealed {sealed:,} audit rows.")
