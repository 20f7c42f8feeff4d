"""Scalars and money of the schema.

Every output scalar takes text that is already in its outside form as well as the Python value: the planner's
statements return finished JSON, and the same leaves are completed by graphql-core when part of an operation runs there.
"""

from __future__ import annotations

import datetime
from decimal import Decimal as PythonDecimal
from typing import Any, NewType

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from arrears.graphql.edge.engine import Upload
from arrears.graphql.permission import open_field
from arrears_sdk.errors import InputError
from arrears_sdk.money import EXPONENTS

CurrencyCode = NewType("CurrencyCode", str)
Json = NewType("Json", object)


def _date_out(value: Any) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _date_in(value: Any) -> datetime.date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("A Date is written YYYY-MM-DD.")
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a day of the calendar; a Date is written YYYY-MM-DD.") from None


def _instant_out(value: Any) -> str:
    if isinstance(value, str):
        return value
    instant: datetime.datetime = value
    return instant.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant_in(value: Any) -> datetime.datetime:
    if not isinstance(value, str):
        raise ValueError("A DateTime is RFC 3339 text, for example 2026-03-02T12:00:00Z.")
    try:
        instant = datetime.datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError("no offset")
        return instant.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{value!r} is not an RFC 3339 instant with an offset, such as 2026-03-02T12:00:00Z."
        ) from None


def _decimal_in(value: Any) -> PythonDecimal:
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > 40:
        raise ValueError('A Decimal is exact text, for example "12.34".')
    try:
        number = PythonDecimal(str(value))
    except ArithmeticError:
        raise ValueError(f'{value!r} is not a decimal number; write it as text, for example "12.34".') from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(f"{value!r} is not a finite decimal number of a sensible size.")
    return number


def _currency_in(value: Any) -> str:
    if not isinstance(value, str) or value not in EXPONENTS:
        raise ValueError(f"{value!r} is not an active ISO 4217 currency code such as EUR.")
    return value


def _decimal_out(value: Any) -> str:
    return value if isinstance(value, str) else format(value, "f")


def _json_in(value: Any) -> Any:
    orjson.dumps(value)
    return value


def _upload_in(value: Any) -> Upload:
    if not isinstance(value, Upload):
        raise ValueError("An Upload is a file of a multipart request: leave a null here and name the place in `map`.")
    return value


def _upload_out(value: Any) -> str:
    raise TypeError(f"{value!r} is for input only.")


def _scalar(name: str, description: str, serialize: Any, parse: Any, url: str | None = None) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, serialize=serialize, parse_value=parse, specified_by_url=url
    )


SCALARS: dict[object, ScalarDefinition] = {
    datetime.date: _scalar(
        "Date",
        "A day of the calendar, YYYY-MM-DD. The field says in which time zone it is a legal day.",
        _date_out,
        _date_in,
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    datetime.datetime: _scalar(
        "DateTime",
        "An instant in UTC as RFC 3339 text with microseconds, such as 2026-03-02T12:00:00.000000Z.",
        _instant_out,
        _instant_in,
        "https://www.rfc-editor.org/rfc/rfc3339",
    ),
    PythonDecimal: _scalar("Decimal", "An exact decimal number as text. Never a float.", _decimal_out, _decimal_in),
    CurrencyCode: _scalar("CurrencyCode", "An active ISO 4217 currency code, such as USD.", str, _currency_in),
    Json: _scalar("JSON", "Any JSON value.", lambda value: value, _json_in),
    Upload: _scalar(
        "Upload",
        "A file of a `multipart/form-data` request; null in `operations`, and put in its place by `map`. Input only.",
        _upload_out,
        _upload_in,
        "https://github.com/jaydenseric/graphql-multipart-request-spec",
    ),
}


@strawberry.type(description="An exact amount of one currency.")
class Money:
    """An exact amount of one currency."""

    amount: PythonDecimal = open_field("The amount with the currency's own number of decimals.")
    currency: CurrencyCode = open_field("The currency of the amount.")


@strawberry.input(description="An exact amount of one currency, as given by the caller.")
class MoneyInput:
    """An exact amount of one currency, as given by the caller."""

    amount: PythonDecimal = strawberry.field(description="The amount, with at most the currency's decimals.")
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")


def money_minor(amount: PythonDecimal, currency: str) -> int:
    """The amount in minor units; InputError when the currency has fewer decimals or 64 bits do not hold it."""
    from arrears_sdk.money import Money as ExactMoney

    return ExactMoney.parse(format(amount, "f"), currency).minor


__all__ = ["SCALARS", "CurrencyCode", "InputError", "Json", "Money", "MoneyInput", "Upload", "money_minor"]
