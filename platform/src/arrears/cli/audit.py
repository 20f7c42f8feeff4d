"""`arrears audit`: the trail of who did what, sealed and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import print_json, say, wait_for

if TYPE_CHECKING:
    from arrears.compliance.checking import DecisionReport
    from arrears.kernel.audit_verify import AuditReport

audit = typer.Typer(no_args_is_help=True, help="Check the audit trail, or seal it now.")


@audit.command("verify")
def verify_audit(data: DataOption = None, json: JsonOption = False) -> None:
    """Check every audit row against its code, its chain and the heads kept outside, and every decision against its
    audit row; exit code 1 at a bad one.
    """

    async def check() -> tuple[AuditReport, DecisionReport]:
        from arrears.compliance.checking import check_decisions
        from arrears.kernel.audit_verify import verify

        async with deployment_for(data) as deployment:
            report = await verify(deployment.worker_database, deployment.vault, deployment.audit_heads.read())
            return report, await check_decisions(deployment.worker_database)

    report, decisions = wait_for(check())
    if json:
        print_json(_as_json(report, decisions))
    else:
        _tell(report, decisions)
    if report.first_bad is not None or decisions.first_bad is not None:
        raise typer.Exit(1)


def _as_json(report: AuditReport, decisions: DecisionReport) -> dict[str, object]:
    bad, altered = report.first_bad, decisions.first_bad
    from arrears_sdk.ids import encode_id

    found = None if bad is None else {"fault": bad.fault, "sequence": bad.sequence, "message": bad.message}
    decision = None if altered is None else {"id": encode_id("deci", altered.decision_id), "message": altered.message}
    return {
        "whole": report.whole and altered is None,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "heads": report.heads,
        "first_bad": found,
        "decisions": decisions.checked,
        "first_bad_decision": decision,
    }


def _tell(report: AuditReport, decisions: DecisionReport) -> None:
    bad, altered = report.first_bad, decisions.first_bad
    if bad is None:
        say(
            f"The audit trail is whole: {report.sealed:,} rows sealed, {report.unsealed:,} not yet,"
            f" {report.heads:,} heads outside the database agree."
        )
    else:
        say(f"The audit trail is not whole ({bad.fault}): {bad.message}")
    if altered is None:
        say(f"{decisions.checked:,} decisions are as they were made.")
    else:
        from arrears_sdk.ids import encode_id

        say(f"Decision {encode_id('deci', altered.decision_id)}: {altered.message}")


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
