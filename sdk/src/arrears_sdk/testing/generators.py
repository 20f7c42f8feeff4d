"""Hypothesis strategies for what plugins are asked about, for an author's own properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies

from arrears_sdk.testing.builders import Builder
from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, Debtor, PaymentAttempt

BuiltT = TypeVar("BuiltT")


def built(make: Callable[[Builder], BuiltT]) -> strategies.SearchStrategy[BuiltT]:
    """Whatever a function makes with a builder: `built(lambda build: replace(build.debtor(), time_zones=()))`."""
    return strategies.integers(0, 2**31).map(lambda seed: make(Builder(seed)))


def debtors() -> strategies.SearchStrategy[Debtor]:
    """Debtors."""
    return built(Builder.debtor)


def accounts() -> strategies.SearchStrategy[Account]:
    """Accounts."""
    return built(lambda build: build.account())


def contact_attempts() -> strategies.SearchStrategy[ContactAttempt]:
    """Contacts that somebody wants to make."""
    return built(Builder.contact_attempt)


def payment_attempts() -> strategies.SearchStrategy[PaymentAttempt]:
    """Payments that somebody wants to take."""
    return built(Builder.payment_attempt)


def action_attempts() -> strategies.SearchStrategy[ActionAttempt]:
    """Suits, fees, credit reports and the like."""
    return built(Builder.action_attempt)
