"""One rule for each state whose limitation period has no row of its own: no suit, nor threat of one, after it."""

from __future__ import annotations

from collections.abc import Callable

from arrears_sdk.law.us_periods import Periods, table
from arrears_sdk.rules import Confidence
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_us_states.law import EVERY_CHANNEL, SUITS, law
from arrears_us_states.places import STATES
from arrears_us_states.settings import UsStatesConfig
from arrears_us_states.stops import suit_on_barred_debt

OWN_ROWS = frozenset({"CA", "DC", "MS", "NY", "WA", "WI"})
"""States whose period is the test of a rule of the sheet: `us.dc.limitation`, `us.ms.extinguished` and so on."""
LimitationRule = Callable[[ContactAttempt | ActionAttempt, UsStatesConfig], Ruling | None]


def _confidence(words: str) -> Confidence:
    if words.startswith("read at source"):
        return "S"
    return "G" if words.startswith("general knowledge") else "P"


def _rule(periods: Periods) -> LimitationRule:
    def limitation(attempt: ContactAttempt | ActionAttempt, settings: UsStatesConfig) -> Ruling | None:
        return suit_on_barred_debt(attempt, settings, periods.state)

    limitation.__doc__ = (
        f"No suit in {STATES[periods.state]}, nor threat of one, after {periods.written} years on a written contract,"
        f" {periods.open_account} on an open account, {periods.oral} on an oral one, {periods.note} on a note,"
        f" {periods.card} on a card."
    )
    return limitation


for _periods in table().values():
    if _periods.state not in OWN_ROWS:
        law(
            f"us.{_periods.state.lower()}.limitation",
            place=f"US-{_periods.state}",
            citation=_periods.citation,
            confidence=_confidence(_periods.confidence),
            contacts=EVERY_CHANNEL,
            actions=SUITS,
            configured=True,
        )(_rule(_periods))
