"""What a row of a client's file can say: every value that an importer hands over, by name, with its kind and meaning.

Names are `section.value`, such as `account.due_on`; mappings of the bundled formats use the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from arrears_sdk.vocabulary import AccountStatus, DebtorKind, HoldKind, Product, Purpose

ImportValue: TypeAlias = str | date

LONGEST_SHOWN = 500


class FieldKind(StrEnum):
    """In what form a value is handed over."""

    TEXT = "TEXT"
    REFERENCE = "REFERENCE"
    DATE = "DATE"
    AMOUNT = "AMOUNT"
    CHOICE = "CHOICE"
    CURRENCY = "CURRENCY"

    @property
    def form(self) -> str:
        """How a value of the kind looks."""
        return _FORMS[self]


_FORMS: Mapping[FieldKind, str] = {
    FieldKind.TEXT: "Text, without blanks around it.",
    FieldKind.REFERENCE: "Text; card numbers in it are replaced by the platform.",
    FieldKind.DATE: "A `datetime.date`.",
    FieldKind.AMOUNT: "A decimal number as text, such as '-1234.56': never a float, nothing between its digits.",
    FieldKind.CHOICE: "One of the field's choices, as text.",
    FieldKind.CURRENCY: "An active ISO 4217 code.",
}


@dataclass(frozen=True, slots=True)
class ImportField:
    """One value of a row. A required one is there in every row, or the row is refused."""

    name: str
    kind: FieldKind
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()


def is_readable(text: str) -> bool:
    """Whether all bytes behind a text belonged to its file's encoding, and the platform can store it."""
    if text.isascii():
        return "\0" not in text
    return not any(character == "\ufffd" or "\ud800" <= character <= "\udfff" for character in text)


def shown(text: str) -> str:
    """A text as people are told it: bytes outside the file's encoding written out, and not too long."""
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    readable = readable.rstrip("\r\n")
    return readable if len(readable) <= LONGEST_SHOWN else readable[:LONGEST_SHOWN] + "…"


_METHODS = ("CASH", "CHEQUE", "BANK_TRANSFER", "DIRECT_DEBIT", "CARD", "OTHER")
_PAID_TO = ("AGENCY", "CLIENT")
_TEXT, _REFERENCE, _DATE = FieldKind.TEXT, FieldKind.REFERENCE, FieldKind.DATE
_AMOUNT, _CHOICE = FieldKind.AMOUNT, FieldKind.CHOICE

_DEBTOR = (
    ImportField("reference", _REFERENCE, "The client's own reference of the debtor; equal ones are one debtor.", True),
    ImportField("kind", _CHOICE, "Whether it is a person or a company.", True, tuple(DebtorKind)),
    ImportField("name", _TEXT, "The whole name."),
    ImportField("given_name", _TEXT, "The given name."),
    ImportField("family_name", _TEXT, "The family name."),
    ImportField("date_of_birth", _DATE, "When a person was born."),
    ImportField("country", _TEXT, "The debtor's country (ISO 3166-1, two letters)."),
    ImportField("preferred_language", _TEXT, "The language to write in, as a BCP 47 tag."),
    ImportField("legal_form", _TEXT, "A company's legal form."),
    ImportField("registration_number", _TEXT, "A company's number in its register."),
    ImportField("address_lines", _TEXT, "Street and house, with line breaks between lines."),
    ImportField("city", _TEXT, "The city."),
    ImportField("region", _TEXT, "The state or region."),
    ImportField("postal_code", _TEXT, "The postal code."),
    ImportField("address_country", _TEXT, "The country of the address; the debtor's unless given."),
    ImportField("phone", _TEXT, "A phone number."),
    ImportField("email", _TEXT, "An e-mail address."),
)
_ACCOUNT = (
    ImportField("reference", _REFERENCE, "The client's own reference of the debt, in each file only once.", True),
    ImportField("product", _CHOICE, "What kind of debt it is.", True, tuple(Product)),
    ImportField("purpose", _CHOICE, "For what it was made.", True, tuple(Purpose)),
    ImportField("opened_on", _DATE, "When it came to be.", True),
    ImportField("due_on", _DATE, "When it fell due.", True),
    ImportField("placed_on", _DATE, "When the client placed it; the day it was opened unless given."),
    ImportField("currency", FieldKind.CURRENCY, "Its currency; the client's unless given."),
    ImportField("status", _CHOICE, "Where it stands.", False, tuple(AccountStatus)),
    ImportField("original_reference", _REFERENCE, "The reference that the original creditor used."),
    ImportField("itemization_on", _DATE, "The day from which interest, fees and payments are listed."),
    ImportField("charge_off_on", _DATE, "When the creditor charged it off."),
    ImportField("first_delinquency_on", _DATE, "When it first became overdue and stayed so."),
    ImportField("default_on", _DATE, "When it went into default."),
    ImportField("last_payment_on", _DATE, "When the last payment before the placement came in."),
)
_OPENING = (
    ImportField("principal", _AMOUNT, "The principal that was owed."),
    ImportField("interest", _AMOUNT, "The interest that was owed."),
    ImportField("fees", _AMOUNT, "The fees that were owed."),
    ImportField("costs", _AMOUNT, "The costs that were owed."),
    ImportField("effective_on", _DATE, "The day as of which that was owed; the day it was opened unless given."),
)
_PAYMENT = (
    ImportField("received_on", _DATE, "When a payment came in that was already made; without it there is none."),
    ImportField("amount", _AMOUNT, "How much it was; all that was owed unless given."),
    ImportField("method", _CHOICE, "By which way it came.", False, _METHODS),
    ImportField("paid_to", _CHOICE, "Who received it.", False, _PAID_TO),
    ImportField("reference", _REFERENCE, "Its reference."),
)
_HOLD = (
    ImportField("kind", _CHOICE, "What holds the account; without it nothing does.", False, tuple(HoldKind)),
    ImportField("reason", _TEXT, "Why."),
    ImportField("from_on", _DATE, "From which day on."),
    ImportField("until_on", _DATE, "Until which day, which is no longer held."),
)
_SECTIONS = {"debtor": _DEBTOR, "account": _ACCOUNT, "opening": _OPENING, "payment": _PAYMENT, "hold": _HOLD}

IMPORT_FIELDS: Mapping[str, ImportField] = {
    f"{section}.{field.name}": ImportField(
        f"{section}.{field.name}", field.kind, field.meaning, field.required, field.choices
    )
    for section, fields in _SECTIONS.items()
    for field in fields
}
"""Every value that a row can have, by name."""
