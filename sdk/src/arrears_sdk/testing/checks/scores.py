"""What holds for scores beyond what holds for every batch."""

from __future__ import annotations

import math

from arrears_sdk.testing.batch_hooks import SCORE_HOOKS, answers, batch
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.trial import Trial
from arrears_sdk.views import Score


@check(
    "score.range",
    "A score beyond its range puts one debtor before all others for ever, whatever else is known.",
    hooks=SCORE_HOOKS,
    needs=("batch.count", "batch.types"),
)
def scores_lie_between_nought_and_one(trial: Trial) -> None:
    """Every value is a number from 0 to 1."""
    for score in _scores(trial):
        value: object = score.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Violation(f"a score is {value!r}, which is no number")
        if not 0 <= value <= 1:
            raise Violation(f"a score is {value}, which does not lie between 0 and 1")


@check(
    "score.reasons",
    "A person who is treated worse by a score has a right to know why, and nobody could say.",
    hooks=SCORE_HOOKS,
    needs=("batch.count", "batch.types"),
)
def scores_have_reasons(trial: Trial) -> None:
    """Every score gives at least one reason in words."""
    for score in _scores(trial):
        if not score.reasons or not all(str(reason).strip() for reason in score.reasons):
            raise Violation(f"a score of {score.value} gives {score.reasons!r} as its reasons")


def _scores(trial: Trial) -> list[Score]:
    found = []
    for config in trial.settings:
        with trial.session(config) as session:
            found += answers(session, "score_accounts", batch(trial, "score_accounts", 120))
    return [score for score in found if isinstance(score, Score)]
