"""`arrears config`: the settings of plugins and of the platform's parts as a file, `arrears.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.failures import CHECK_FAILED, WRONG_INPUT
from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import note, print_json, say, wait_for

if TYPE_CHECKING:
    from arrears.configuration.commands import SettingsChanged
    from arrears.configuration.document import Document, FileFault
    from arrears.configuration.filing import Checked, Plan
    from arrears.configuration.planning import Difference
    from arrears.kernel.context import Context

config = typer.Typer(no_args_is_help=True, help="Check, compare, apply and write the settings file arrears.toml.")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The settings file, such as arrears.toml.")]
PruneOption = Annotated[
    bool, typer.Option("--prune", help="Empty the clients and portfolios that the file does not name.")
]


@config.command("check")
def check(file: FileArgument, data: DataOption = None, json: JsonOption = False) -> None:
    """Say what is wrong with a file, each fault with its path and line; exit code 1 when something is."""

    async def look() -> Checked | list[FileFault]:
        document = _read(file)
        if isinstance(document, list):
            return document
        from arrears.configuration.filing import check_file

        async with deployment_for(data) as deployment:
            return await check_file(deployment.context(), document)

    found = wait_for(look())
    faults, notes = (found, ()) if isinstance(found, list) else (found.faults, found.notes)
    if json:
        print_json({"faults": [_fault_json(fault) for fault in faults], "notes": [_fault_json(one) for one in notes]})
    else:
        _tell(file, notes)
        _tell(file, faults)
        if not faults:
            say(f"{file} is right.")
    if faults:
        raise typer.Exit(CHECK_FAILED)


@config.command("diff")
def diff(file: FileArgument, prune: PruneOption = False, data: DataOption = None, json: JsonOption = False) -> None:
    """Show what applying a file would change; exit code 1 when it would change something."""

    async def look() -> Plan | None:
        document = _document(file)
        if document is None:
            return None
        async with deployment_for(data) as deployment:
            return await _plan(deployment.context(), file, document, prune=prune)

    plan = wait_for(look())
    if plan is None:
        raise typer.Exit(WRONG_INPUT)
    if json:
        print_json({"version": plan.version, "changes": [_difference_json(plan, one) for one in plan.differences]})
    else:
        _show(plan)
    if plan.differences:
        raise typer.Exit(CHECK_FAILED)


@config.command("apply")
def apply(
    file: FileArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    prune: PruneOption = False,
    reason: Annotated[str | None, typer.Option(help="Why; kept with the version and in the audit.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make the deployment's settings what a file says: the plan is shown first, then done at once or not at all."""
    if json and not yes:
        raise typer.BadParameter("--json asks nobody: say --yes as well.")

    async def work() -> tuple[Plan, SettingsChanged | None] | None:
        from arrears.configuration.commands import settings_apply

        document = _document(file)
        if document is None:
            return None
        async with deployment_for(data) as deployment:
            context = deployment.context()
            plan = await _plan(context, file, document, prune=prune)
            if plan is None:
                return None
            if not json:
                _show(plan)
            if not plan.differences or not (yes or _agreed()):
                return plan, None
            return plan, (await settings_apply(context, plan.change(reason))).result

    done = wait_for(work())
    if done is None:
        raise typer.Exit(WRONG_INPUT)
    plan, changed = done
    version = plan.version if changed is None else changed.version
    if json:
        print_json({"version": version, "changes": [_difference_json(plan, one) for one in plan.differences]})
    elif changed is not None:
        say(f"Applied; the settings are at version {version}.")
    elif plan.differences:
        say("Nothing was applied.")


@config.command("export")
def export(
    output: Annotated[Path | None, typer.Option("--output", help="Write to this file instead.", metavar="FILE")] = None,
    data: DataOption = None,
) -> None:
    """Write all settings as a file that says the same; secrets stay references."""

    async def read() -> str:
        from arrears.configuration.filing import export_file

        async with deployment_for(data) as deployment:
            return await export_file(deployment.context())

    text = wait_for(read())
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        note(f"Written to {output}.")


def _read(file: Path) -> Document | list[FileFault]:
    from arrears.configuration.document import FileFault, read_document

    try:
        return read_document(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return [FileFault((), None, "The file is not UTF-8 text.")]


def _document(file: Path) -> Document | None:
    """The file, or None after telling what is wrong with it."""
    found = _read(file)
    if isinstance(found, list):
        _tell(file, found)
        return None
    return found


async def _plan(context: Context, file: Path, document: Document, *, prune: bool) -> Plan | None:
    """The plan, or None after telling why there can be none."""
    from arrears.configuration.filing import check_file, plan_file

    checked = await check_file(context, document, prune=prune)
    _tell(file, checked.notes)
    if checked.faults:
        _tell(file, checked.faults)
        return None
    return await plan_file(context, checked)


def _agreed() -> bool:
    return typer.confirm("Apply these changes?")


def _tell(file: Path, faults: Sequence[FileFault]) -> None:
    for fault in faults:
        line = "" if fault.line is None else f":{fault.line}"
        where = f" {fault.where}:" if fault.where else ""
        note(f"{file}{line}:{where} {fault.message}")


def _show(plan: Plan) -> None:
    from arrears.configuration.writing import shown

    if not plan.differences:
        say(f"Nothing to change: the settings are as the file says (version {plan.version}).")
        return
    heading = None
    for one in plan.differences:
        if heading != (one.place, one.group):
            heading = (one.place, one.group)
            say(f"{plan.names.name(one.place)}: {one.group}")
        if not one.was_set:
            say(f"  + {one.name} = {shown(one.after)}")
        elif not one.is_set:
            say(f"  - {one.name} (was {shown(one.before)})")
        else:
            say(f"  ~ {one.name}: {shown(one.before)} -> {shown(one.after)}")


def _difference_json(plan: Plan, one: Difference) -> dict[str, object]:
    return {
        "client": plan.names.client(one.place),
        "portfolio": plan.names.portfolio(one.place),
        "group": one.group,
        "name": one.name,
        "change": "add" if not one.was_set else "remove" if not one.is_set else "change",
        "before": one.before,
        "after": one.after,
    }


def _fault_json(fault: FileFault) -> dict[str, object]:
    return {"path": fault.where, "line": fault.line, "message": fault.message}
