"""The facts of a debt that people enter and correct, and the checks that each must pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from arrears.accounts.model import Acknowledgment, Instrument, Product, Purpose
from arrears.clients.model import checked_text
from arrears.kernel.command import Command
from arrears.kernel.personal import Personal, mask_card_numbers, protect_reference
from arrears.kernel.vault import Vault
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.money import Money

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_HIGHEST_RATE = Decimal(1000)


class DebtFacts(Command):
    """What is known of a debt beyond who owes whom; a fact that is left out is unknown."""

    original_reference: str | None = None
    servicing_reference: str | None = None
    itemization_on: date | None = None
    charge_off_on: date | None = None
    first_delinquency_on: date | None = None
    last_payment_on: date | None = None
    judgment_on: date | None = None
    default_on: date | None = None
    accrues_from_on: date | None = None
    acknowledged_on: date | None = None
    acknowledgment: Acknowledgment | None = None
    in_default_when_acquired: bool | None = None
    secured_property: str | None = None
    instrument: Instrument | None = None
    contract_place: str | None = None
    governing_law: str | None = None
    interest_clause: str | None = None
    interest_rate_percent: Decimal | None = None
    fee_clause: str | None = None
    principal_at_default: Money | None = None
    hospital_non_profit: bool | None = None
    first_billed_on: date | None = None
    assistance_applied_on: date | None = None


class AccountFacts(DebtFacts):
    """The facts of a debt together with those that every account has; in a change, a field left out stays as it is."""

    reference: str | None = None
    product: Product | None = None
    purpose: Purpose | None = None
    portfolio_id: UUID | None = None
    placement_id: UUID | None = None
    opened_on: date | None = None
    due_on: date | None = None
    placed_on: date | None = None


NEVER_NULL = frozenset({"reference", "product", "purpose", "opened_on", "due_on", "placed_on"})
_REFERENCES = frozenset({"reference", "original_reference", "servicing_reference"})
_PLACES = frozenset({"contract_place", "governing_law"})
_LENGTHS = {"secured_property": 500, "interest_clause": 2000, "fee_clause": 2000}


@dataclass
class FactCheck:
    """Checks the given facts of one account; `columns` holds the values to store, `problems` all that is wrong."""

    currency: str
    vault: Vault
    at: tuple[str, ...]
    columns: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def check(self, facts: Mapping[str, object]) -> None:
        """Take in facts by their names."""
        for name, value in facts.items():
            if value is None:
                self._absent(name)
            elif name == "principal_at_default":
                self._attempt(name, lambda value=value: self._minor(value))  # type: ignore[misc]
            elif isinstance(value, StrEnum):
                self.columns[name] = value.value
            elif isinstance(value, str):
                self._attempt(name, lambda name=name, value=value: self._text(name, value))  # type: ignore[misc]
            elif isinstance(value, Decimal):
                self._attempt(name, lambda value=value: self._rate(value))  # type: ignore[misc]
            else:
                self.columns[name] = value

    def refuse(self, name: str, message: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        """Note that a fact is wrong."""
        self.problems.append(Problem(code, message, self.path(name)))

    def path(self, name: str) -> tuple[str, ...]:
        """The place of a fact in the caller's input."""
        first, *others = name.split("_")
        return (*self.at, first + "".join(other.capitalize() for other in others))

    def _absent(self, name: str) -> None:
        if name in NEVER_NULL:
            self.refuse(name, "Every account has this; it cannot be taken away.", ErrorCode.REQUIRED)
            return
        self.columns["principal_at_default_minor" if name == "principal_at_default" else name] = None

    def _attempt(self, name: str, checked: Callable[[], object]) -> None:
        try:
            self.columns["principal_at_default_minor" if name == "principal_at_default" else name] = checked()
        except InputError as error:
            self.problems.extend(Problem(each.code, each.message, self.path(name)) for each in error.problems)

    def _text(self, name: str, value: str) -> str:
        if name in _PLACES:
            if not _PLACE.fullmatch(value):
                raise InputError(f"{value[:60]!r} is not a country or a part of one, such as DE or US-NY.")
            return value
        text = checked_text(value, (), most=_LENGTHS.get(name, 100))
        # The creditor's number of a card account is often the card's own, which is never stored.
        return protect_reference(text, self.vault) if name in _REFERENCES else mask_card_numbers(text)

    def _rate(self, value: Decimal) -> Decimal:
        if not value.is_finite() or not 0 <= value < _HIGHEST_RATE:
            raise InputError("A yearly rate lies between 0 and 1000 per cent.")
        if value != round(value, 6):
            raise InputError("A rate has at most six decimals.")
        return value

    def _minor(self, value: object) -> int:
        assert isinstance(value, Money)
        if value.currency != self.currency:
            raise InputError(f"The account is in {self.currency}.", code=ErrorCode.CURRENCY_MISMATCH)
        if value.minor < 0:
            raise InputError("An amount owed at default is not negative.", code=ErrorCode.AMOUNT_OUT_OF_RANGE)
        return value.minor


def sealed_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts for the audit: a description of somebody's belongings is personal; dates, clauses, references are not."""
    owned = facts.get("secured_property")
    return facts if owned is None else {**facts, "secured_property": Personal(owned)}
