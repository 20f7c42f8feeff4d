"""What clients have settled about how their debts run: the group of settings `debts`, and the terms of one account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from arrears.accounts.model import Product
from arrears.ledger import rates
from arrears.ledger.history import (
    Ahead,
    Compounding,
    DayCount,
    InterestTerms,
    RatePeriod,
    Rounding,
    Stage,
    Terms,
    Timing,
    Turn,
    Waterfall,
)
from arrears.ledger.model import DebtComponent
from arrears.ledger.waterfalls import PRESETS
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place, setting_groups
from arrears_sdk.plugin import Config

if TYPE_CHECKING:
    from arrears.kernel.context import Context


def _preset(name: str) -> str:
    if name not in PRESETS:
        raise ValueError(f"there is no waterfall called {name!r}; there are {', '.join(sorted(PRESETS))}")
    return name


def _law(name: str) -> str:
    if name not in rates.NAMES:
        raise ValueError(f"there is no statutory rate called {name!r}; there are {', '.join(rates.NAMES)}")
    return name


def _each_once(values: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(values)) < len(values):
        raise ValueError("each may be named once")
    return values


Percent = Annotated[Decimal, Field(ge=0, le=999, decimal_places=6)]
Components = Annotated[tuple[DebtComponent, ...], Field(min_length=1), AfterValidator(_each_once)]


class AllocationTurn(Config):
    """One turn of an order in which money is spread."""

    components: Components = Field(description="The components that are paid in this turn, in their order.")
    timings: frozenset[Timing] = Field(
        default=frozenset(Timing),
        min_length=1,
        description="Of which instalments: past due, due on the day, or due later. Without instalments all count.",
    )
    by_instalment: bool = Field(
        default=False,
        description="Whether all components of an instalment are paid before the next instalment.",
    )


class AllocationOrder(Config):
    """An order of one's own in which money is spread."""

    name: str = Field(min_length=1, max_length=80, description="What people call it; traces of payments name it.")
    turns: tuple[AllocationTurn, ...] = Field(min_length=1, max_length=20, description="The turns, first things first.")
    ahead: Ahead = Field(default=Ahead.NEXT, description="Which instalments money paid in advance goes to.")

    def waterfall(self) -> Waterfall:
        """The order as it is computed."""
        turns = (Turn(turn.components, turn.timings, turn.by_instalment) for turn in self.turns)
        return Waterfall(self.name, tuple(turns), self.ahead)


Allocation = Annotated[str, AfterValidator(_preset)] | AllocationOrder


class AllocationCase(Config):
    """An order for some products or stages of a debt."""

    order: Allocation = Field(description="The name of an order, or an order of one's own.")
    products: frozenset[Product] = Field(default=frozenset(), description="For which products; for all when empty.")
    stages: frozenset[Stage] = Field(default=frozenset(), description="At which stages; at all when empty.")


class DatedRate(Config):
    """A rate from a day on."""

    from_on: date = Field(description="The first day on which it holds.")
    percent: Percent = Field(description="Per cent a year.")


class InterestRule(Config):
    """By what rule debts bear interest."""

    products: frozenset[Product] = Field(default=frozenset(), description="For which products; for all when empty.")
    method: Literal["NONE", "SIMPLE", "COMPOUND"] = Field(
        default="SIMPLE", description="No interest, interest on what is owed, or interest on unpaid interest as well."
    )
    contract: bool = Field(default=False, description="Whether the rate is the one of the account's own contract.")
    percent: Percent | None = Field(default=None, description="A fixed rate in per cent a year.")
    statutory: Annotated[str, AfterValidator(_law)] | None = Field(
        default=None, description="The name of a rate that a law sets, such as de.bgb-288-consumer."
    )
    rates: tuple[DatedRate, ...] = Field(default=(), max_length=500, description="Rates of one's own with their days.")
    margin: Decimal = Field(
        default=Decimal(0), ge=-100, le=100, decimal_places=6, description="Points above the rate, or below it."
    )
    day_count: DayCount = Field(default=DayCount.ACTUAL_365, description="How days and the year are counted.")
    compounding: Compounding = Field(
        default=Compounding.YEARLY, description="After which periods unpaid interest bears interest, if compound."
    )
    rounding: Rounding = Field(default=Rounding.HALF_EVEN, description="How the exact sum becomes whole minor units.")
    bears: frozenset[DebtComponent] = Field(
        default=frozenset({DebtComponent.PRINCIPAL}), min_length=1, description="The components that bear interest."
    )
    cap_percent: Percent | None = Field(
        default=None, description="Interest ends when it comes to so many per cent of the principal at its beginning."
    )
    no_more_than_principal: bool = Field(
        default=False, description="Interest stands still while as much interest as principal is owed."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = [self.contract, self.percent is not None, self.statutory is not None, bool(self.rates)]
        if sum(sources) != (0 if self.method == "NONE" else 1):
            raise ValueError(
                "give one of contract, percent, statutory and rates" if self.method != "NONE" else "NONE has no rate"
            )
        if len({rate.from_on for rate in self.rates}) < len(self.rates):
            raise ValueError("two rates begin on the same day")
        return self

    def terms(self, contract_percent: Decimal | None) -> InterestTerms:
        """The rule for an account, whose contract may have a rate of its own."""
        periods = self._periods(contract_percent)
        if not periods:
            return InterestTerms()
        return InterestTerms(
            name=self.method.lower(),
            rates=periods,
            day_count=self.day_count,
            compounding=self.compounding if self.method == "COMPOUND" else Compounding.NEVER,
            rounding=self.rounding,
            bears=self.bears,
            cap_percent=self.cap_percent,
            no_more_than_principal=self.no_more_than_principal,
            keeps_first_rate=self.statutory is not None and rates.keeps_first(self.statutory),
        )

    def _periods(self, contract_percent: Decimal | None) -> tuple[RatePeriod, ...]:
        if self.contract:
            given = [] if contract_percent is None else [RatePeriod(date.min, contract_percent, "the contract")]
        elif self.percent is not None:
            given = [RatePeriod(date.min, self.percent, "the creditor's rate")]
        elif self.statutory is not None:
            given = list(rates.statutory(self.statutory))
        else:
            given = [RatePeriod(rate.from_on, rate.percent, "the creditor's rates") for rate in self.rates]
        given.sort(key=lambda period: period.from_on)
        return tuple(replace(period, percent=max(period.percent + self.margin, Decimal(0))) for period in given)


class DebtSettings(Config):
    """How the debts of a client run: what payments pay first, and what interest they bear."""

    allocation: Allocation = Field(
        default="usual", description="The order in which money is spread over a debt, unless a case below says else."
    )
    allocation_cases: tuple[AllocationCase, ...] = Field(
        default=(), max_length=100, description="Orders for single products and stages; the first that fits holds."
    )
    interest: tuple[InterestRule, ...] = Field(
        default=(), max_length=100, description="Rules of interest; the first that fits the product holds, else none."
    )
    judgment_interest: tuple[InterestRule, ...] = Field(
        default=(),
        max_length=100,
        description="Rules of interest from a judgment on, unless the judgment itself has a rate.",
    )
    non_performing_after_days: int = Field(
        default=90, ge=1, le=3650, description="After how many days past due a debt counts as non-performing."
    )


GROUP = setting_groups.declare("debts", DebtSettings, "How payments are spread, and what interest debts bear.")


async def terms_for(
    context: Context, client_id: UUID, portfolio_id: UUID | None, product: str, contract_percent: Decimal | None
) -> Terms:
    """The terms that hold now for an account of a client, by its product and the rate of its contract."""
    # Without a host, as in tools that work on the database alone, nobody can have set anything.
    if not context.services.offers(PluginHost):
        return terms_by(DebtSettings(), Product(product), contract_percent)
    settings = await context.service(PluginHost).config(DebtSettings, Place(client_id, portfolio_id))
    return terms_by(settings, Product(product), contract_percent)


@lru_cache(maxsize=4096)
def terms_by(settings: DebtSettings, product: Product, contract_percent: Decimal | None) -> Terms:
    """The terms by these settings."""
    return Terms(
        waterfalls={stage: _waterfall(settings, product, stage) for stage in Stage},
        non_performing_after_days=settings.non_performing_after_days,
        interest=_interest(settings.interest, product, contract_percent),
        judgment_interest=_interest(settings.judgment_interest, product, contract_percent),
    )


def _waterfall(settings: DebtSettings, product: Product, stage: Stage) -> Waterfall:
    order = settings.allocation
    for case in settings.allocation_cases:
        if (not case.products or product in case.products) and (not case.stages or stage in case.stages):
            order = case.order
            break
    return PRESETS[order] if isinstance(order, str) else order.waterfall()


def _interest(rules: Iterable[InterestRule], product: Product, contract_percent: Decimal | None) -> InterestTerms:
    for rule in rules:
        if not rule.products or product in rule.products:
            return rule.terms(contract_percent)
    return InterestTerms()
