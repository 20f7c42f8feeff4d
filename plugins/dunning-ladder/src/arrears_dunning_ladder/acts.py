"""Whether an act comes too soon for the ladder: a fee, a suit, a credit report."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from arrears_dunning_ladder.config import LadderConfig, PauseReason, Step
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ActionAttempt, Hold
from arrears_sdk.vocabulary import HoldKind

TOO_SOON = "dunning-ladder.too-soon"
NOT_FORESEEN = "dunning-ladder.conditions"
PAUSED = "dunning-ladder.paused"


def rule_on_act(config: LadderConfig, attempt: ActionAttempt) -> Ruling:
    """No objection when some step for such an act is due, and nothing makes the ladder wait.

    A ladder without such a step has nothing to say about the act.
    """
    steps = [step for step in config.steps if step.action == attempt.kind]
    if not steps:
        return ALLOWED
    paused = Ruling.combine(_paused(hold) for hold in _counting(config, attempt))
    if paused.findings:
        return paused
    said = [_of_step(config, step, attempt) for step in steps]
    # The step that objects least decides: it alone would be enough for the act.
    return min(said, key=lambda ruling: (ruling.verdict, ruling.until or datetime.max.replace(tzinfo=UTC)))


def _counting(config: LadderConfig, attempt: ActionAttempt) -> Iterable[Hold]:
    for hold in dict.fromkeys((*attempt.holds, *attempt.account.holds)):
        begun = hold.starts_at <= attempt.at and (hold.ends_at is None or attempt.at < hold.ends_at)
        disputed = PauseReason.DISPUTE in config.pause_on and hold.kind is HoldKind.DISPUTE
        held = PauseReason.HOLD in config.pause_on and hold.kind not in config.ignored_holds
        if begun and (disputed or held):
            yield hold


def _paused(hold: Hold) -> Ruling:
    reason = f"The ladder waits: a hold of kind {hold.kind} is in force."
    if hold.ends_at is None:
        return Ruling.deny(reason, rule=PAUSED, missing_fact="release of the hold")
    return Ruling.defer(hold.ends_at, reason, rule=PAUSED)


def _of_step(config: LadderConfig, step: Step, attempt: ActionAttempt) -> Ruling:
    account = attempt.account
    if account.balance.minor <= 0:
        return Ruling.deny(f"{step.name} is for accounts on which something is owed.", rule=NOT_FORESEEN)
    amount = account.balance.amount
    when = step.when
    unmet = [
        (when.balance_from is not None and amount < when.balance_from, f"at least {when.balance_from} is owed"),
        (when.balance_to is not None and amount > when.balance_to, f"at most {when.balance_to} is owed"),
        (
            bool(when.statuses) and account.status not in when.statuses,
            "the status is " + " or ".join(sorted(when.statuses)),
        ),
        (account.status not in config.statuses, "the status is " + " or ".join(sorted(config.statuses))),
        (
            bool(when.products) and account.product not in when.products,
            "the debt is " + " or ".join(sorted(when.products)),
        ),
        (
            step.last_day is not None and account.days_past_due > step.last_day,
            f"it is at most {step.last_day} days past due",
        ),
    ]
    missing = [condition for fails, condition in unmet if fails]
    if missing:
        return Ruling.deny(f"The ladder allows {step.name} only where {' and '.join(missing)}.", rule=NOT_FORESEEN)
    if account.days_past_due >= step.from_days:
        return ALLOWED
    day = account.due_on + timedelta(days=step.from_days)
    opens = datetime.combine(day, config.at, ZoneInfo(config.time_zone)).astimezone(UTC)
    reason = f"The ladder allows {step.name} from {step.from_days} days past due on, and it is {account.days_past_due}."
    # The day begins elsewhere before the hour comes here; what is put off is put off to a later instant.
    return Ruling.defer(max(opens, attempt.at + timedelta(minutes=1)), reason, rule=TOO_SOON)
