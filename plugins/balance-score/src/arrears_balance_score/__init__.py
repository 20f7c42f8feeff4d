"""A thirty-line scorer: how likely an account is to be paid, judged by balance, age, payments and contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from pydantic import Field

from arrears_balance_score.showing import parts
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ports.graphql import GraphQLParts
from arrears_sdk.views import Account, Score
from arrears_sdk.vocabulary import HoldKind


class BalanceScoreConfig(Config):
    """How much each circumstance counts; a score is the logistic function of their sum."""

    typical_balance: float = Field(default=500.0, gt=0, description="An amount that is usual, in units of a currency.")
    typical_age_days: int = Field(default=90, gt=0, description="So many days past due are usual.")


class BalanceScore(Plugin[BalanceScoreConfig]):
    """Scores accounts: little owed, young, paid on before and in touch is likely to be paid."""

    name = "balance-score"

    def score_accounts(self, accounts: Sequence[Account]) -> list[Score]:
        """One score for each account, with what moved it in the order of its weight."""
        return [self._score(account) for account in accounts]

    def _score(self, account: Account) -> Score:
        owed, age = float(account.balance.amount), max(account.days_past_due, 0)
        moved: Mapping[str, float] = {
            "little is owed": 1.0 - owed / self.config.typical_balance,
            "it is young": 1.0 - age / self.config.typical_age_days,
            "it was paid on before": 1.0 if account.last_payment_on else -0.25,
            "there was contact": 0.5 if account.contacts else 0.0,
            "it is disputed": -2.0 if any(hold.kind is HoldKind.DISPUTE for hold in account.holds) else 0.0,
        }
        weights = {reason: max(-2.0, min(2.0, weight)) for reason, weight in moved.items()}
        told = sorted(
            (reason for reason in weights if weights[reason]), key=lambda reason: (-abs(weights[reason]), reason)
        )
        reasons = tuple(reason if weights[reason] > 0 else _OPPOSITE.get(reason, reason) for reason in told)
        return Score(value=1 / (1 + exp(-sum(weights.values()))), reasons=reasons)

    def register_graphql(self) -> GraphQLParts:
        """`score` on accounts, and the bands that scores fall into."""
        return parts(self.score_accounts)


_OPPOSITE = {
    "little is owed": "much is owed",
    "it is young": "it is old",
    "it was paid on before": "it was never paid on",
}
