"""The years of which anything can be told: rules count days from what they are told, and the calendar has ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import ValidationInfo, field_validator

from arrears.kernel.command import Command
from arrears_sdk.errors import InputError

ONE_DAY = timedelta(days=1)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class DatedCommand(Command):
    """The input of a command whose days and instants lie within the years of which anything can be told."""

    @field_validator("*", mode="after")
    @classmethod
    def _within_the_calendar(cls, told: Any, info: ValidationInfo) -> Any:
        # No ValueError: it is the caller's to mend, also where a command is made outside the schema.
        check_calendar(told, ("input", info.field_name or ""))
        return told


def told_day(day: date) -> date:
    """The day, as near as the calendar of rules comes to it: rows of old and of other systems hold any day."""
    return min(max(day, EARLIEST.date()), LATEST.date() - ONE_DAY)


def check_calendar(told: object, field: tuple[str, ...]) -> None:
    """InputError for a day or an instant so far away that nobody can mean it; other values pass."""
    if isinstance(told, datetime):
        far = not EARLIEST <= told < LATEST
    else:
        far = isinstance(told, date) and not EARLIEST.date() <= told < LATEST.date()
    if far:
        raise InputError("Only the years from 1900 to 2199 can be told.", field=field)
