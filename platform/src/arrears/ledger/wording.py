"""The words in which entries and figures of a debt are told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears.ledger.model import DebtComponent, EntryKind

KINDS = {
    EntryKind.OPENING_BALANCE: "Owed when it was placed",
    EntryKind.CHARGE: "Charge",
    EntryKind.FEE: "Fee",
    EntryKind.INTEREST: "Interest",
    EntryKind.JUDGMENT: "Judgment",
    EntryKind.ADJUSTMENT: "Adjustment",
    EntryKind.DISCOUNT: "Discount",
    EntryKind.WRITE_OFF: "Written off",
    EntryKind.TRANSFER: "Transfer",
    EntryKind.PAYMENT: "Payment",
    EntryKind.RECOVERY: "Payment of what was written off",
    EntryKind.REFUND: "Payment given back",
    EntryKind.CHARGEBACK: "Payment taken back by the bank",
    EntryKind.CHARGEBACK_WON: "Payment restored by the bank",
    EntryKind.REVERSAL: "Undone",
    EntryKind.CORRECTION: "Correction",
}
COMPONENTS = {component: component.value.capitalize() for component in DebtComponent}


def day(on: date) -> str:
    """A day as people write it: 5 March 2026."""
    return f"{on.day} {on:%B %Y}"


def span(first: date, last: date) -> str:
    """Days from one to another."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def percent(rate: Decimal) -> str:
    """A yearly rate: 5 %, 10.27 %."""
    plain = format(rate.normalize(), "f")
    return f"{plain} %"


def counted(number: int, noun: str) -> str:
    """One day, or 12 days."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def entry(kind: EntryKind, original_kind: EntryKind) -> str:
    """An entry by its kind; one that undoes or corrects another names that one's."""
    if kind is EntryKind.REVERSAL:
        return f"{KINDS[kind]}: {KINDS[original_kind].lower()}"
    if kind is EntryKind.CORRECTION:
        return f"{KINDS[kind]} of: {KINDS[original_kind].lower()}"
    return KINDS[kind]


def interest(rate: Decimal | None, days: int) -> str:
    """Interest of days at a rate; without a rate that holds today, of days alone."""
    at = "" if rate is None else f" at {percent(rate)} a year"
    return f"{KINDS[EntryKind.INTEREST]}{at}, {counted(days, 'day')}"
