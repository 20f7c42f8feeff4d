"""The ladder's rules written down a second time, account by account in plain Python, to compare the plugin with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from arrears_dunning_ladder import Conditions, LadderConfig, PauseReason, Step
from arrears_sdk.money import Money

Row = Mapping[str, Any]


def decide(config: LadderConfig, rows: Sequence[Row], as_of: date) -> list[dict[str, Any]]:
    """The actions in the order of their accounts, without their reasons and scores."""
    due_at = datetime.combine(as_of, config.at, ZoneInfo(config.time_zone)).astimezone(UTC)
    debtors: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        debtors[row["client_id"], row["debtor_id"]].append(row)
    actions = []
    for owned in debtors.values():
        actions += [{**action, "due_at": due_at} for action in _of_debtor(config, owned)]
    return sorted(actions, key=lambda action: (action["account_id"], action["action"]))


def _of_debtor(config: LadderConfig, rows: Sequence[Row]) -> list[dict[str, Any]]:
    sent = [row["days_since_template"] for row in rows if row["days_since_template"] is not None]
    if sent and min(sent) < config.minimum_gap_days:
        return []
    actions, ready = [], []
    for row in rows:
        place = next_step(config, row)
        if place is None:
            continue
        step = config.steps[place]
        channel = next((channel.value for channel in step.channels if channel.value in row["channels"]), None)
        if waits(config, row) or (step.action == "CONTACT" and channel is None):
            actions.append(_action(row, "PAUSE", None, None, step, [row]))
        else:
            ready.append((place, channel, row))
    if ready:
        lowest = min(place for place, _, _ in ready)
        group = [(channel, row) for place, channel, row in ready if place == lowest]
        group.sort(key=lambda pair: (-pair[1]["balance_minor"], pair[1]["due_on"], pair[1]["account_id"]))
        step, (channel, leading) = config.steps[lowest], group[0]
        covered = [row for _, row in group]
        actions.append(_action(leading, step.action, channel, step.recorded_as, step, covered))
    return actions


def next_step(config: LadderConfig, row: Row) -> int | None:
    """The place of the step that is due for an account, from 0."""
    if row["balance_minor"] <= 0 or row["status"] not in config.statuses:
        return None
    taken = [place for place, step in enumerate(config.steps) if step.recorded_as in row["templates"]]
    highest = max(taken, default=-1)
    for place, step in enumerate(config.steps):
        again = (
            step.repeat_every_days is not None
            and place == highest
            and row["days_since_template"] is not None
            and row["days_since_template"] >= step.repeat_every_days
        )
        if (place > highest or again) and is_day(step, row["days_past_due"]) and holds(step.when, row):
            return place
    return None


def is_day(step: Step, days: int) -> bool:
    """Whether a step makes sense so many days past due."""
    return days >= step.from_days and (step.last_day is None or days <= step.last_day)


def holds(when: Conditions, row: Row) -> bool:
    """Whether all conditions of a step hold."""
    owed = Money(row["balance_minor"], row["currency"]).amount
    contact, score = row["days_since_contact"], row["score"]
    return all(
        (
            when.balance_from is None or owed >= Decimal(when.balance_from),
            when.balance_to is None or owed <= Decimal(when.balance_to),
            not when.statuses or row["status"] in when.statuses,
            not when.products or row["product"] in when.products,
            not when.last_results or row["last_result"] in when.last_results,
            when.score_from is None or (score is not None and score >= when.score_from),
            when.score_to is None or (score is not None and score <= when.score_to),
            when.last_contact_days_from is None or contact is None or contact >= when.last_contact_days_from,
            when.last_contact_days_to is None or (contact is not None and contact <= when.last_contact_days_to),
        )
    )


def waits(config: LadderConfig, row: Row) -> bool:
    """Whether a promise, a dispute or a hold makes the account wait."""
    held = {kind for kind in row["holds"] if kind not in config.ignored_holds}
    return (
        (PauseReason.PROMISE in config.pause_on and row["promise_open"])
        or (PauseReason.DISPUTE in config.pause_on and row["dispute_open"])
        or (PauseReason.HOLD in config.pause_on and bool(held))
    )


def _action(
    row: Row, action: str, channel: str | None, template: str | None, step: Step, covered: Sequence[Row]
) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "action": action,
        "channel": channel,
        "template": template,
        "step": step.name,
        "account_ids": [one["account_id"] for one in covered],
    }
