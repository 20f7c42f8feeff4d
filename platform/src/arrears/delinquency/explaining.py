"""The figures of a debt's delinquency in words, one line for each."""

from __future__ import annotations

from datetime import date

from arrears.delinquency.model import ONE_DAY, Bucket, Pause, Reckoning, Rules, paused_days
from arrears.delinquency.queries import Debt
from arrears_sdk.money import Money


def explain(
    debt: Debt,
    rules: Rules,
    day: date,
    due_on: date | None,
    told: Reckoning,
    bucket: Bucket | None,
    pause: Pause | None,
) -> list[str]:
    """How each figure came to be, in the order in which one follows from the other."""
    balance = Money(debt.balance_on(day), debt.currency)
    if due_on is None:
        return [f"At the end of {day} {balance} is owed; nothing is past due.", "The debt is current."]
    part = "oldest unpaid instalment" if debt.has_instalments else "debt"
    verb = "fell" if due_on < day else "falls"
    lines = [f"At the end of {day} {balance} is owed; the {part} {verb} due on {due_on}."]
    if told.days_past_due == 0:
        lines.append(f"Days past due: 0; the first one is {due_on + ONE_DAY}.")
    else:
        lines.append(f"Days past due: from {due_on} to {day} are {told.days_past_due}.")
        lines += [
            f"Paused from {one.from_on} until {one.until_on}: {days} of these do not count."
            for one in debt.pauses
            if (days := paused_days(due_on, day, [one]))
        ]
        if rules.grace_days:
            lines.append(f"Days of grace: {rules.grace_days}, of which {told.grace_days} are used.")
        lines.append(
            f"Delinquent days: {told.days_past_due} - {told.paused_days} paused - {told.grace_days} of grace"
            f" = {told.delinquent_days}."
        )
    lines.append(_of_bucket(bucket, pause))
    return lines


def _of_bucket(bucket: Bucket | None, pause: Pause | None) -> str:
    shown = "The debt is current" if bucket is None else f"Bucket {bucket.name}: {bucket.shown} delinquent days"
    if pause is None:
        return f"{shown}."
    return f"{shown}; it stays so while the debt is paused, until {pause.until_on}."
