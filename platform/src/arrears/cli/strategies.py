"""`arrears strategies`: what a client's strategy would do with its accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from arrears.cli.opening import DataOption, JsonOption, deployment_for
from arrears.cli.output import note, print_json, print_table, say, wait_for

if TYPE_CHECKING:
    from arrears.strategies.preview import Preview, ProposedAction

strategies = typer.Typer(no_args_is_help=True, help="See what a client's collection strategy would do.")


@strategies.callback()
def _group() -> None:
    """Keeps `preview` a word of its own while it is the only command."""


@strategies.command("preview")
def preview_strategy(
    client: Annotated[str, typer.Option(help="The client's reference or id (clnt_...).")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The business day at the client's; else today.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=250, help="How many accounts to look at.")] = 50,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a client's strategy would do with its accounts, and what would be said to it; changes nothing."""

    async def look() -> Preview:
        from arrears.strategies.preview import preview
        from arrears.strategies.queries import Wanted, client_called

        async with deployment_for(data) as deployment:
            context = deployment.context()
            wanted = Wanted(await client_called(context, client), first=limit)
            return await preview(context, wanted, None if on is None else on.date())

    found = wait_for(look())
    if json:
        print_json(_plain(found))
    else:
        _tell(found)


def _tell(found: Preview) -> None:
    for used in found.strategies:
        where = "" if used.portfolio_id is None else f" for {used.portfolio_id}"
        scores = "" if used.scorer is None else f", scores of {used.scorer} {used.scorer_version}"
        say(
            f"{used.strategy} ({used.plugin} {used.plugin_version}, settings {used.settings_version}){where}{scores},"
            f" on {found.day} at {found.client.reference}:"
        )
        if used.scorer_problem:
            note(f"Scores are missing: {used.scorer_problem}.")
    columns = ("account", "action", "by", "template", "due", "balance", "days", "score", "may it?", "why")
    print_table(columns, [_row(action) for action in found.actions])
    if found.page.more:
        note(f"These are the first {len(found.page.asked)} accounts; --limit shows up to 250.")


def _row(action: ProposedAction) -> tuple[object, ...]:
    others = len(action.account_ids) - 1
    return (
        action.reference + (f" +{others}" if others else ""),
        action.action,
        action.channel,
        action.template,
        f"{action.due_at:%Y-%m-%d %H:%M}Z",
        action.balance,
        action.days_past_due,
        None if action.account_score is None else f"{action.account_score:.2f}",
        _leave(action),
        action.reason,
    )


def _leave(action: ProposedAction) -> str | None:
    if action.ruling is None:
        return None
    said = "; ".join(f"{finding.plugin}: {finding.reason}" for finding in action.ruling.deciding)
    verdict = action.ruling.verdict.name
    if action.ruling.until is not None:
        verdict += f" until {action.ruling.until:%Y-%m-%d %H:%M}Z"
    return f"{verdict} ({said})" if said else verdict


def _plain(found: Preview) -> dict[str, object]:
    return {
        "client": found.client.reference,
        "on": found.day,
        "strategies": [vars(used) for used in found.strategies],
        "actions": [
            {
                **{name: value for name, value in vars(action).items() if name not in ("strategy", "ruling")},
                "plugin": action.strategy.plugin,
                "ruling": None
                if action.ruling is None
                else {
                    "verdict": action.ruling.verdict.name,
                    "until": action.ruling.until,
                    "findings": [
                        {
                            "verdict": finding.verdict.name,
                            "plugin": finding.plugin,
                            "plugin_version": finding.plugin_version,
                            "settings_version": finding.settings_version,
                            "rule": finding.rule,
                            "citation": finding.citation,
                            "reason": finding.reason,
                            "until": finding.until,
                        }
                        for finding in action.ruling.ordered
                    ],
                },
            }
            for action in found.actions
        ],
        "more": found.page.more,
    }
