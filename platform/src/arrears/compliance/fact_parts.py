"""The parts of a fact, checked against what the catalogue gives its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from arrears.debtors.zones import place_code
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.law.facts import FactPart, FactSpec

if TYPE_CHECKING:
    from arrears.compliance.recording import FactRecord

_MOST = 2**31 - 1
FIELDS: Mapping[FactPart, tuple[str, ...]] = {
    FactPart.WORD: ("word",),
    FactPart.ON: ("on",),
    FactPart.NUMBER: ("number",),
    FactPart.AMOUNT: ("amount",),
    FactPart.PLACE: ("place",),
    FactPart.HOURS: ("earliest", "latest", "weekdays"),
    FactPart.CHANNEL: ("channel",),
}
"""The fields of an input in which a part is said."""


def checked_parts(change: FactRecord, spec: FactSpec) -> dict[str, Any]:
    """The columns of what the fact says; InputError with everything that is missing, out of place or unknown."""
    problems: list[Problem] = []
    for part, names in FIELDS.items():
        given = [name for name in names if getattr(change, name) not in (None, ())]
        if given and part not in spec.parts:
            message = f"{change.kind.value} says nothing of this."
            problems += [Problem(ErrorCode.INVALID_INPUT, message, ("input", name)) for name in given]
        elif not given and part in spec.needs:
            message = f"{change.kind.value} needs this."
            problems.append(Problem(ErrorCode.REQUIRED, message, ("input", names[0])))
    problems += [*_values(change, spec)]
    if problems:
        raise InputError.of(problems)
    return {
        "word": change.word,
        "on_day": change.on,
        "number": change.number,
        "amount_minor": None if change.amount is None else change.amount.minor,
        "currency": None if change.amount is None else change.amount.currency,
        "place": None if change.place is None else checked_place(change.place),
        "earliest_time": change.earliest,
        "latest_time": change.latest,
        "weekdays": sorted(set(change.weekdays or ())),
        "channel": None if change.channel is None else change.channel.value,
    }


def checked_place(place: str, field: str = "place") -> str:
    """The place as rules spell it, `US-NY` for New York however it was given; InputError for what is none."""
    code = place_code(place)
    if code is None:
        raise InputError(_no_place(place), field=("input", field))
    return code


def _values(change: FactRecord, spec: FactSpec) -> list[Problem]:
    """What is wrong with parts that are there."""
    wrong: list[tuple[str, str]] = []
    if change.word is not None and spec.words and change.word not in spec.words:
        wrong.append(("word", f"One of {', '.join(spec.words)} is wanted, not {change.word[:60]!r}."))
    if change.number is not None and not 0 <= change.number <= _MOST:
        wrong.append(("number", "A number from nought to 2,147,483,647 is wanted."))
    if change.amount is not None and change.amount.minor < 0:
        wrong.append(("amount", "An amount is not negative."))
    if change.weekdays and not set(change.weekdays) <= set(range(1, 8)):
        wrong.append(("weekdays", "Days of the week are 1 for Monday to 7 for Sunday."))
    for name in ("earliest", "latest"):
        hour = getattr(change, name)
        if hour is not None and (hour.tzinfo is not None or hour.second or hour.microsecond):
            wrong.append((name, "An hour of the debtor's day in hours and minutes is wanted, such as 09:00."))
    if change.earliest is not None and change.earliest == change.latest:
        wrong.append(("latest", "Hours that end when they begin are none."))
    if change.place is not None and place_code(change.place) is None:
        wrong.append(("place", _no_place(change.place)))
    return [Problem(ErrorCode.INVALID_INPUT, message, ("input", name)) for name, message in wrong]


def _no_place(text: str) -> str:
    return f"{text[:60]!r} is no place: give a country and its region, such as US-NY."
