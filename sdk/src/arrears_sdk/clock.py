"""Time as something that is handed over: rules and commands take a clock and never ask the machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from arrears_sdk.errors import InputError


class Clock(Protocol):
    """Anything that tells the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and for simulations."""

    def __init__(self, at: datetime) -> None:
        self._at = _utc(at)

    def now(self) -> datetime:
        """The instant at which the clock stands, aware, in UTC."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Moves the clock on by a duration; a negative one is refused, since time never runs back."""
        if by < timedelta(0):
            raise ValueError("a clock is only moved forwards")
        self._at += by

    def move_to(self, at: datetime) -> None:
        """Moves the clock to a later instant."""
        self.advance(_utc(at) - self._at)


def business_date(instant: datetime, zone: str | ZoneInfo) -> date:
    """The calendar day in a zone at an aware instant; raises `InputError` for an unknown zone."""
    return _utc(instant).astimezone(_zone(zone)).date()


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    if isinstance(zone, ZoneInfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        # ZoneInfo raises three unrelated types: not found, malformed, and a folder's name such as "Europe".
        raise InputError(f"{zone!r} is not a time zone of the IANA database, such as 'Europe/Berlin'.") from error
