"""The hooks that are asked about many things at once: what each takes and gives, and how the checks ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from arrears_sdk.hooks import HOOKS, Family
from arrears_sdk.ruling import Ruling
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation
from arrears_sdk.testing.samples import Item, Samples
from arrears_sdk.testing.trial import Session, Trial
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, PaymentAttempt, Score

Answer: TypeAlias = Ruling | Score
Attempt: TypeAlias = ContactAttempt | PaymentAttempt | ActionAttempt

BATCH_HOOKS = tuple(name for name, hook in HOOKS.items() if hook.batch)
DECISION_HOOKS = tuple(name for name, hook in HOOKS.items() if hook.family is Family.DECISION)
SCORE_HOOKS = ("score_accounts",)
MANY = 40
"""How many samples a check looks at where it does not say otherwise."""


def sample(samples: Samples, hook: str, seed: int) -> Item:
    """One thing to ask a hook about; the same for the same seed."""
    build = Builder(seed)
    makers: dict[str, Callable[[Builder], Item]] = {
        "rule_on_contacts": samples.contacts,
        "rule_on_payments": samples.payments,
        "rule_on_actions": samples.actions,
        "score_accounts": samples.accounts,
    }
    return makers[hook](build)


def batch(trial: Trial, hook: str, count: int = MANY, first: int = 0) -> list[Item]:
    """Several things to ask a hook about."""
    return [sample(trial.samples, hook, seed) for seed in range(first, first + count)]


def answers(session: Session, hook: str, items: Sequence[Item]) -> list[Answer]:
    """One answer for each item, of the right type; a `Violation` otherwise. Nothing is not asked about."""
    if not items:
        return []
    given = session.ask(hook, items)
    found = sequence(hook, given)
    wanted = answer_type(hook)
    if len(found) != len(items):
        raise Violation(f"{hook} was asked about {len(items)} and gave {len(found)} answers")
    for answer in found:
        if type(answer) is not wanted:
            raise Violation(f"{hook} gave {type(answer).__name__}, where {wanted.__name__} is wanted")
    return [answer for answer in found if isinstance(answer, Ruling | Score)]


def sequence(hook: str, given: object) -> list[object]:
    """The answers as a list."""
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        raise Violation(f"{hook} gave {type(given).__name__}, where a list of answers is wanted")
    return list(given)


def answer_type(hook: str) -> type[Ruling] | type[Score]:
    """What a hook answers for each item."""
    return Score if hook in SCORE_HOOKS else Ruling


def first_difference(items: Sequence[Item], left: Sequence[object], right: Sequence[object]) -> str:
    """Where two lists of answers differ, for a message; empty when they are equal."""
    for item, one, other in zip(items, left, right, strict=True):
        if one != other:
            return f"for {shown(item)}\n  one answer is {spoken(one)}\n  the other is {spoken(other)}"
    return ""


def shown(item: Item) -> str:
    """An item in a few words."""
    if isinstance(item, Account):
        return f"an account of {item.balance}, {item.days_past_due} days past due"
    what = item.channel if isinstance(item, ContactAttempt) else getattr(item, "kind", "payment")
    places = ", ".join(sorted(item.jurisdictions)) or "nowhere"
    zones = ", ".join(item.debtor.time_zones) or "an unknown zone"
    return f"{what} at {item.at.isoformat()} in {zones}, under the law of {places}"


def spoken(answer: object) -> str:
    """An answer in a few words."""
    if not isinstance(answer, Ruling):
        return repr(answer)
    found = "; ".join(f"{finding.rule or 'no rule'}: {finding.reason}" for finding in answer.ordered[:3])
    until = f" until {answer.until.isoformat()}" if answer.until else ""
    return f"{answer.verdict.name}{until} ({found})" if found else answer.verdict.name
