"""The mapping file: how columns of a file become debtors, accounts, opening entries, payments and holds."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.events import JsonValue

Encoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "iso-8859-1", "iso-8859-2", "iso-8859-15"
]

MOST_PROBLEMS = 50
_LONGEST_DATE_FORMAT = 60
_DAY = date(2001, 12, 31)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Where one value comes from: a column, a constant, or a template over columns."""

    column: str | None = None
    constant: str | None = None
    template: str | None = None
    default: str | None = None
    values: dict[str, str] | None = None
    date: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.column, self.constant, self.template)) != 1:
            raise ValueError("give exactly one of column, constant and template")
        if self.template is not None:
            template_columns(self.template)
        if self.date is not None:
            check_date_format(self.date)
        if any("\0" in text for text in self._texts()):
            raise ValueError("the character U+0000 cannot be stored")
        return self

    def _texts(self) -> Iterable[str]:
        values = (self.values or {}).values()
        return (text for text in (self.constant, self.template, self.default, *values) if text is not None)

    def columns(self) -> tuple[str, ...]:
        """The columns that this value is made from."""
        if self.column is not None:
            return (self.column,)
        return template_columns(self.template) if self.template is not None else ()


def template_columns(template: str) -> tuple[str, ...]:
    """The columns that a template names, in order."""
    return tuple(name for _, name in template_parts(template) if name is not None)


def template_parts(template: str) -> list[tuple[str, str | None]]:
    """Pieces of text, each with the column whose value follows it; `ValueError` for anything else in braces."""
    parts: list[tuple[str, str | None]] = []
    for text, name, specification, conversion in string.Formatter().parse(template):
        if name is not None and (not name or specification or conversion):
            raise ValueError("a template holds only text and column names in braces, such as '{first} {last}'")
        parts.append((text, name))
    return parts


def check_date_format(written: str) -> None:
    """`ValueError` unless a day written in this format can be read back."""
    if len(written) > _LONGEST_DATE_FORMAT:
        raise ValueError(f"a date format has at most {_LONGEST_DATE_FORMAT} characters")
    try:
        found = datetime.strptime(_DAY.strftime(written), written).date()  # noqa: DTZ007 - a calendar day has no zone
    except (ValueError, re.error):
        found = None
    if found != _DAY:
        raise ValueError(f"{written!r} is no format of a date, such as '%Y-%m-%d'")


def _from_shorthand(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


Value = Annotated[Source, BeforeValidator(_from_shorthand)]


class FileFormat(_Strict):
    """How the bytes of the file become rows and cells."""

    encoding: Encoding = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', min_length=1, max_length=1)

    @model_validator(mode="after")
    def _characters_serve(self) -> Self:
        if self.delimiter == self.quote:
            raise ValueError("the delimiter and the quote are the same")
        if any(character in "\r\n\0" for character in (self.delimiter, self.quote)):
            raise ValueError("a line break neither parts cells nor quotes them")
        return self


class Formats(_Strict):
    """How dates and amounts are written; `empty` lists texts that mean that a cell has no value."""

    date: str = "%Y-%m-%d"
    decimal_separator: Literal[".", ","] = "."
    thousands_separator: Literal["", ",", ".", " ", "'"] = ""
    empty: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        check_date_format(self.date)
        if self.decimal_separator == self.thousands_separator:
            raise ValueError("the decimal and the thousands separator are the same")
        return self


class DebtorFields(_Strict):
    """The debtor of a row. Rows with the same reference are one debtor."""

    reference: Value
    kind: Value = Source(constant="PERSON")
    name: Value | None = None
    given_name: Value | None = None
    family_name: Value | None = None
    date_of_birth: Value | None = None
    country: Value | None = None
    preferred_language: Value | None = None
    legal_form: Value | None = None
    registration_number: Value | None = None
    address_lines: Value | None = None
    city: Value | None = None
    region: Value | None = None
    postal_code: Value | None = None
    address_country: Value | None = None
    phone: Value | None = None
    email: Value | None = None

    @model_validator(mode="after")
    def _has_name(self) -> Self:
        if self.name is None and self.family_name is None:
            raise ValueError("give the debtor a name, or a family_name")
        return self


class AccountFields(_Strict):
    """The account of a row. `currency` is the client's own and `placed_on` the opening day unless given."""

    reference: Value
    product: Value
    purpose: Value
    opened_on: Value
    due_on: Value
    placed_on: Value | None = None
    currency: Value | None = None
    status: Value = Source(constant="ACTIVE")
    original_reference: Value | None = None
    itemization_on: Value | None = None
    charge_off_on: Value | None = None
    first_delinquency_on: Value | None = None
    default_on: Value | None = None
    last_payment_on: Value | None = None


class OpeningFields(_Strict):
    """The opening entry: what was owed, by component, on the day it takes effect (the opening day unless given)."""

    principal: Value | None = None
    interest: Value | None = None
    fees: Value | None = None
    costs: Value | None = None
    effective_on: Value | None = None

    @model_validator(mode="after")
    def _some_amount(self) -> Self:
        if all(amount is None for amount in (self.principal, self.interest, self.fees, self.costs)):
            raise ValueError("give at least one of principal, interest, fees and costs")
        return self


class PaymentFields(_Strict):
    """A payment already made: there is one when `received_on` has a value. Without `amount` it is all that is owed."""

    received_on: Value
    amount: Value | None = None
    method: Value = Source(constant="OTHER")
    paid_to: Value = Source(constant="CLIENT")
    reference: Value | None = None


class HoldFields(_Strict):
    """A hold on the account: there is one when `kind` has a value."""

    kind: Value
    reason: Value = Source(constant="Imported")
    from_on: Value | None = None
    until_on: Value | None = None


class ImportMapping(_Strict):
    """The whole mapping file."""

    file: FileFormat = FileFormat()
    # Made when it is needed: making it parses a date, which has the time module look up its zones again.
    formats: Formats = Field(default_factory=Formats)
    debtor: DebtorFields
    account: AccountFields
    opening: OpeningFields
    payment: PaymentFields | None = None
    hold: HoldFields | None = None

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Every value of the mapping with its path, such as `account.due_on`."""
        for section in ("debtor", "account", "opening", "payment", "hold"):
            fields: BaseModel | None = getattr(self, section)
            for name in type(fields).model_fields if fields is not None else ():
                source = getattr(fields, name)
                if source is not None:
                    yield f"{section}.{name}", source


def understood(content: Mapping[str, JsonValue]) -> ImportMapping:
    """The mapping of a mapping file's content; `InputError` names every fault by its path."""
    try:
        return ImportMapping.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
        raise InputError.of(_problem(fault["loc"], fault["type"], fault["msg"]) for fault in faults) from error


def _problem(location: tuple[int | str, ...], kind: str, message: str) -> Problem:
    place = ".".join(str(part) for part in location)
    field = tuple(str(part) for part in location)
    if kind == "extra_forbidden":
        return Problem(ErrorCode.INVALID_INPUT, f"{place}: there is no such setting.", field)
    if kind == "missing":
        return Problem(ErrorCode.REQUIRED, f"{place}: this setting is needed.", field)
    return Problem(ErrorCode.INVALID_INPUT, f"{place}: {message}", field)
