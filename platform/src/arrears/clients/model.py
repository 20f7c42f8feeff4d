"""The words of clients: in which role the agency collects for one, and where the relation stands."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.money import EXPONENTS
from arrears_sdk.vocabulary import (
    CollectorRole as CollectorRole,
)

_COUNTRY = re.compile(r"[A-Z]{2}")


class ClientStatus(StrEnum):
    """Where the relation with a client stands."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


def checked_text(text: str, field: tuple[str, ...], *, most: int = 200) -> str:
    """The text without surrounding blanks; InputError when nothing is left, or more than `most` characters."""
    kept = text.strip()
    if not kept:
        raise InputError("This may not be empty.", code=ErrorCode.REQUIRED, field=field)
    if len(kept) > most:
        raise InputError(f"This may have at most {most} characters, and has {len(kept)}.", field=field)
    if not kept.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in kept):
        raise InputError("This contains control characters.", field=field)
    return kept


def checked_country(country: str, field: tuple[str, ...]) -> str:
    """The ISO 3166-1 code as given; InputError when it has another form."""
    if not _COUNTRY.fullmatch(country):
        raise InputError(f"{country[:60]!r} is not a two-letter country code in capitals, such as US.", field=field)
    return country


def checked_currency(currency: str, field: tuple[str, ...]) -> str:
    """The ISO 4217 code as given; InputError when it is not an active one."""
    if currency not in EXPONENTS:
        raise InputError(
            f"{currency[:60]!r} is not an active ISO 4217 currency.", code=ErrorCode.UNKNOWN_CURRENCY, field=field
        )
    return currency


def checked_time_zone(name: str, field: tuple[str, ...]) -> str:
    """The IANA zone name as given; InputError when there is no such zone."""
    if name not in _zone_names():
        raise InputError(f"{name[:60]!r} is not an IANA time zone such as Europe/Berlin.", field=field)
    return name


@cache
def _zone_names() -> frozenset[str]:
    # Bare names such as EST are kept for old software and stand for no place.
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")
