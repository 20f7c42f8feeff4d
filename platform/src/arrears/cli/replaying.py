"""`arrears compliance replay`: past decisions put to the rules again, as they are or as they might be."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.failures import CHECK_FAILED
from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import note, print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arrears.compliance.model import Finding
    from arrears.compliance.replaying import Difference, Replay, ReplayQuestion, RuleCount
    from arrears.configuration.document import FileFault
    from arrears.deployment import Deployment
    from arrears.plugins.host import PluginHost
    from arrears.plugins.settings import SettingsSnapshot

_DAY = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
_MOST_SHOWN = 50


@dataclass
class _Found:
    """Everything that was replayed."""

    replayed: int = 0
    erased: int = 0
    differences: list[Difference] = field(default_factory=list)
    plugins: set[str] = field(default_factory=set)

    def add(self, page: Replay) -> None:
        """One page more."""
        self.replayed += page.replayed
        self.erased += page.erased
        self.differences += page.differences
        self.plugins |= {f"{plugin.name} {plugin.version}" for plugin in page.plugins}

    @property
    def by_rule(self) -> list[RuleCount]:
        """The differences by rule."""
        from arrears.compliance.replaying import counted

        return counted(self.differences)


def replay(
    since: Annotated[datetime, typer.Option(formats=_DAY, help="The first day, or instant, in UTC.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, help="The day, or instant, up to which, not within; else 31 days later. In UTC."),
    ] = None,
    plugin: Annotated[
        list[Path] | None,
        typer.Option(
            "--plugin", metavar="FILE", help="A file with a plugin to try: in place of the one of its name, everywhere."
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="A settings file to try, such as arrears.toml.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Show only differences that this rule is behind.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show which past decisions would now be others, on the facts that they were made on; exit code 1 when any would.

    Nothing is stored. A month takes its time: every decision's facts are opened and every rule is asked again.
    """
    begins = since.replace(tzinfo=UTC)
    ends = begins + timedelta(days=31) if until is None else until.replace(tzinfo=UTC)

    async def look() -> _Found:
        async with deployment_for(data) as deployment:
            return await _replayed(deployment, begins, ends, plugin or [], settings, rule)

    found = wait_for(look())
    if json:
        print_json(_plain(found))
    else:
        _tell(found)
    if found.differences:
        raise typer.Exit(CHECK_FAILED)


async def _replayed(
    deployment: Deployment, since: datetime, until: datetime, files: list[Path], settings: Path | None, rule: str | None
) -> _Found:
    from arrears.compliance.replaying import ReplayQuestion
    from arrears.compliance.trying import host_to_try
    from arrears.plugins.discovery import in_file
    from arrears.plugins.host import PluginHost

    host = deployment.services.find(PluginHost)
    question = ReplayQuestion(since=since, until=until, rule=rule)
    if not files and settings is None:
        return await _pages(deployment, host, question)
    snapshot = await host.snapshot() if settings is None else await _settings_of(deployment, settings)
    names = [candidate.name for file in files for candidate in in_file(file)]
    async with host_to_try(host, snapshot, files, names) as beside:
        return await _pages(deployment, beside, question)


async def _pages(deployment: Deployment, host: PluginHost, question: ReplayQuestion) -> _Found:
    from arrears.compliance.replaying import replay as replay_page

    found = _Found()
    while True:
        page = await replay_page(deployment.context(), host, question)
        found.add(page)
        if not page.has_next_page:
            return found
        question = replace(question, after=page.last_id)


async def _settings_of(deployment: Deployment, file: Path) -> SettingsSnapshot:
    """What would hold if the file were applied."""
    from arrears.configuration.document import Document, read_document
    from arrears.configuration.filing import check_file
    from arrears.configuration.planning import with_statements
    from arrears_sdk.errors import InputError

    document = read_document(file.read_text(encoding="utf-8"))
    faults: Sequence[FileFault]
    if isinstance(document, Document):
        checked = await check_file(deployment.context(), document)
        if not checked.faults:
            return with_statements(checked.snapshot, checked.statements)
        faults = checked.faults
    else:
        faults = document
    raise InputError(f"{file} cannot be tried: {faults[0].message} `arrears config check {file}` tells more.")


def _tell(found: _Found) -> None:
    say(f"{found.replayed} decisions asked again of {', '.join(sorted(found.plugins)) or 'no plugin'}.")
    if found.erased:
        note(f"{found.erased} were not: the facts of their persons are erased.")
    if not found.differences:
        say("None would be another.")
        return
    say(f"{len(found.differences)} would be others:")
    print_table(("plugin", "rule", "gone", "new"), [(one.plugin, one.rule, one.gone, one.new) for one in found.by_rule])
    print_table(
        ("decision", "decided", "then", "now", "no longer said", "said now"),
        [_row(one) for one in found.differences[:_MOST_SHOWN]],
    )
    if len(found.differences) > _MOST_SHOWN:
        note(f"These are the first {_MOST_SHOWN}; --json gives all.")


def _row(one: Difference) -> tuple[object, ...]:
    from arrears_sdk.ids import encode_id

    return (
        encode_id("deci", one.decision_id),
        f"{one.decided_at.astimezone(UTC):%Y-%m-%d %H:%M}Z",
        one.before.value,
        one.after.value,
        "; ".join(map(_shown, one.gone)),
        "; ".join(map(_shown, one.new)),
    )


def _shown(finding: Finding) -> str:
    return f"{finding.verdict.value} {finding.rule or finding.plugin}: {finding.reason}"


def _plain(found: _Found) -> dict[str, object]:
    from arrears_sdk.ids import encode_id

    return {
        "replayed": found.replayed,
        "erased": found.erased,
        "plugins": sorted(found.plugins),
        "by_rule": [asdict(one) for one in found.by_rule],
        "differences": [asdict(one) | {"decision_id": encode_id("deci", one.decision_id)} for one in found.differences],
    }
