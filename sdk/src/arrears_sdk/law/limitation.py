"""The clock of limitation periods (rule sheet, section 1.5): when a claim expires, with spans that do not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from arrears_sdk.law.days import years_after

Tolling = tuple[date, date | None]
"""A span that does not count: its first day, and its last, None while it lasts."""


def expires_on(
    accrued_on: date, years: int, *, restarts: Iterable[date] = (), tolling: Sequence[Tolling] = ()
) -> date | None:
    """The last day of the period; None while a span lasts in which it does not run.

    The period begins anew at the latest restart (payment, acknowledgment) that came before it had expired; an earlier
    expiry stands, whatever came after it.
    """
    ends = _extended(accrued_on, years, tolling)
    for restart in sorted([day for day in restarts if day > accrued_on]):
        if ends is not None and restart > ends:
            break
        ends = _extended(restart, years, tolling)
    return ends


def _extended(start: date, years: int, tolling: Sequence[Tolling]) -> date | None:
    """The end of a period from a day, put off by every day on which it does not run."""
    ends = years_after(start, years)
    if not tolling:
        return ends
    for first, last in _merged(tolling):
        if first > ends or (last is not None and last <= start):
            continue
        if last is None:
            return None
        ends += timedelta(days=(last - max(first, start + timedelta(days=1))).days + 1)
    return ends


def _merged(tolling: Sequence[Tolling]) -> list[Tolling]:
    """The spans in their order, those that touch made one."""
    merged: list[Tolling] = []
    for first, last in sorted(tolling, key=lambda span: span[0]):
        if merged and (merged[-1][1] is None or first <= merged[-1][1] + timedelta(days=1)):
            before = merged[-1]
            ends = None if before[1] is None or last is None else max(before[1], last)
            merged[-1] = (before[0], ends)
        else:
            merged.append((first, last))
    return merged


def is_barred(today: date, expires: date | None) -> bool:
    """Whether the period is over: its last day is still within it."""
    return expires is not None and today > expires
