"""The settings of fees: by which rules late and dunning fees come about, and how far they may go."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from arrears.charges.model import FeeKind, FeePeriod
from arrears.ledger.history import Rounding
from arrears.plugins.settings import setting_groups
from arrears_sdk.errors import ArrearsError
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.money import EXPONENTS, Money
from arrears_sdk.plugin import Config
from arrears_sdk.vocabulary import Product

MOST_RULES = 50
_EXACT = re.compile(r"\d{1,15}(\.\d{1,6})?")


def _exact(text: str) -> str:
    if not _EXACT.fullmatch(text):
        raise ValueError(f'{text[:40]!r} is no exact amount: write digits and a point as text, such as "12.50".')
    return text


def _above_zero(text: str) -> str:
    if not Decimal(text):
        raise ValueError("This must be above zero.")
    return text


def _known_currency(code: str) -> str:
    if code not in EXPONENTS:
        raise ValueError(f"{code[:20]!r} is no currency: give its three letters, such as EUR.")
    return code


Exact: TypeAlias = Annotated[str, AfterValidator(_exact), AfterValidator(_above_zero)]
CurrencyCode: TypeAlias = Annotated[str, AfterValidator(_known_currency)]
RuleId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=60)]


class FeeRule(Config):
    """When a fee is charged, and how much it is. Amounts are exact decimals as text, in the rule's currency."""

    id: RuleId = Field(
        description="The rule's name, by which its fees are known for ever: give another fee another id."
    )
    kind: FeeKind = Field(description="LATE for a debt that is past due, DUNNING for reminding the debtor of it.")
    currency: CurrencyCode = Field(description="Only accounts kept in this currency are charged.")
    amount: Exact | None = Field(default=None, description='A fixed amount, such as "12.50".')
    percent: Exact | None = Field(
        default=None, description='Instead of an amount: so many per cent of the overdue principal, such as "5".'
    )
    after_days: int = Field(default=1, ge=1, le=3_650, description="From how many days past due on it is charged.")
    period: FeePeriod = Field(
        default=FeePeriod.ONCE, description="How often: ONCE, MONTHLY, PER_INSTALMENT or PER_NOTICE."
    )
    notices: tuple[NoticeKind, ...] = Field(
        default=(NoticeKind.ARREARS, NoticeKind.DEFAULT), description="PER_NOTICE: which kinds of notices count."
    )
    products: frozenset[Product] = Field(default=frozenset(), description="Only debts of these kinds; all when empty.")
    from_on: date | None = Field(
        default=None,
        description="What became chargeable before this day is not charged, so that an old book is spared.",
    )
    quoted_first: int = Field(
        default=0, ge=0, le=365, description="For how many days the debtor is only told of it before it is owed."
    )
    minimum: Exact | None = Field(default=None, description="A percentage that comes to less is raised to this.")
    maximum: Exact | None = Field(default=None, description="A percentage that comes to more is lowered to this.")
    account_total: Exact | None = Field(
        default=None, description="The most that all fees of an account may come to, whichever rule charged them."
    )
    principal_percent: Exact | None = Field(
        default=None, description="The most that all fees of an account may come to, in per cent of its principal."
    )
    rounding: Rounding = Field(
        default=Rounding.HALF_EVEN, description="How a percentage becomes whole cents: HALF_EVEN, HALF_UP, DOWN or UP."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("Give either `amount` or `percent`.")
        if self.amount is not None and (self.minimum is not None or self.maximum is not None):
            raise ValueError("`minimum` and `maximum` bound a percentage; a fixed amount needs none.")
        for name in ("amount", "minimum", "maximum", "account_total"):
            text = getattr(self, name)
            try:
                if text is not None:
                    Money.parse(text, self.currency)
            except ArrearsError as error:
                raise ValueError(f"`{name}`: {error}") from error
        if self.minimum is not None and self.maximum is not None and self.minor("minimum") > self.minor("maximum"):
            raise ValueError("`minimum` is above `maximum`.")
        if self.percent is not None and Decimal(self.percent) > 100:
            raise ValueError("`percent` is above 100.")
        if self.period is FeePeriod.PER_NOTICE and not self.notices:
            raise ValueError("`notices` names no kind, so that nothing would ever be charged per notice.")
        if self.period in (FeePeriod.PER_NOTICE, FeePeriod.PER_INSTALMENT) and self.from_on is None:
            raise ValueError("`from_on` is missing: say from which day on notices or instalments are charged.")
        return self

    def minor(self, name: str) -> int:
        """An amount of the rule in minor units."""
        return Money.parse(getattr(self, name), self.currency).minor

    def of(self, base_minor: int) -> int:
        """What the rule charges on an amount of principal, before any cap over the whole account."""
        if self.percent is None:
            return self.minor("amount")
        if base_minor <= 0:
            return 0
        fee = rounded(Fraction(self.percent) * base_minor / 100, self.rounding)
        if self.minimum is not None:
            fee = max(fee, self.minor("minimum"))
        return fee if self.maximum is None else min(fee, self.minor("maximum"))

    def most(self, principal_minor: int) -> int | None:
        """The most that all fees of an account with so much principal may come to by this rule; none for no end."""
        ends = []
        if self.account_total is not None:
            ends.append(self.minor("account_total"))
        if self.principal_percent is not None:
            # Rounded down whatever the rule says: a cap is never exceeded by a fraction of a cent.
            ends.append(rounded(Fraction(self.principal_percent) * principal_minor / 100, Rounding.DOWN))
        return min(ends, default=None)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """An exact amount of minor units, not negative, as whole ones."""
    down, rest = divmod(exact.numerator, exact.denominator)
    if rounding is Rounding.DOWN or not rest:
        return down
    if rounding is Rounding.UP:
        return down + 1
    twice = 2 * rest
    if twice == exact.denominator:
        return down + 1 if rounding is Rounding.HALF_UP or down % 2 else down
    return down + 1 if twice > exact.denominator else down


class ChargeSettings(Config):
    """The rules by which a client's accounts are charged fees; without any, nothing is charged."""

    rules: tuple[FeeRule, ...] = Field(
        default=(), max_length=MOST_RULES, description="The rules of late and dunning fees, in the order of their turn."
    )

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        ids = [rule.id for rule in self.rules]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise ValueError(f"Two rules are called {twice[0]!r}.")
        return self

    def rule(self, id: str) -> FeeRule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules if rule.id == id), None)


GROUP = setting_groups.declare("charges", ChargeSettings, "Late and dunning fees.")
