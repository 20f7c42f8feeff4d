"""From the cells of a row to what will be stored: every check that needs no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from arrears.accounts.model import AccountStatus, HoldKind, Product, Purpose
from arrears.clients.model import checked_text
from arrears.debtors.model import DebtorKind
from arrears.imports.mapping import Formats, ImportMapping, Source, template_parts
from arrears.imports.model import ClientTerms, HoldWish, PaymentWish, RowDraft, RowFault
from arrears.imports.reading import Record, is_readable, shown
from arrears.kernel.personal import protect_reference
from arrears.kernel.vault import Vault
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.money import EXPONENTS, LARGEST_MINOR, Money

T = TypeVar("T")
EnumT = TypeVar("EnumT", bound=StrEnum)
MOST_CACHED = 50_000
_CHOICES: Mapping[str, type[StrEnum]] = {
    "debtor.kind": DebtorKind,
    "account.product": Product,
    "account.purpose": Purpose,
    "account.status": AccountStatus,
    "payment.method": PaymentMethod,
    "payment.paid_to": PaidTo,
    "hold.kind": HoldKind,
}
_AMOUNTS = frozenset({"opening.principal", "opening.interest", "opening.fees", "opening.costs", "payment.amount"})
_REQUIRED = frozenset(
    {"debtor.reference", "debtor.kind", "account.reference", "account.product", "account.purpose",
     "account.opened_on", "account.due_on"}
)  # fmt: skip
_REFERENCES = frozenset({"debtor.reference", "account.reference", "account.original_reference", "payment.reference"})
_OPENING = tuple((f"opening.{component.value.lower()}", component) for component in DebtComponent)


class _CellError(Exception):
    """A cell cannot be read as what it is mapped to."""

    def __init__(self, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class _Field:
    """One value of the mapping: how its text is taken from a row, how it is understood, and what was understood."""

    path: str
    source: Source
    text: Callable[[list[str]], str | None]
    parse: Callable[[str], object]
    known: dict[str, object] = field(default_factory=dict)

    def value(self, cells: list[str]) -> object:
        text = self.text(cells)
        if text is None:
            if self.path in _REQUIRED:
                raise _CellError("This is needed and empty.", ErrorCode.REQUIRED)
            return None
        if text in self.known:
            return self.known[text]
        if len(self.known) >= MOST_CACHED:
            self.known.clear()
        self.known[text] = value = self.parse(text)
        return value


class RowConverter:
    """Turns the rows of one file into drafts, each with all its faults."""

    def __init__(
        self, mapping: ImportMapping, header: Sequence[str], terms: ClientTerms, today: date, vault: Vault
    ) -> None:
        _refuse_unknown_columns(mapping, header)
        self._formats = mapping.formats
        self._terms = terms
        self._today = today
        self._vault = vault
        self._places = {name: place for place, name in enumerate(header)}
        self._fields = [self._field(path, source) for path, source in mapping.sources()]
        self._columns = {path: source.columns() for path, source in mapping.sources()}

    def convert(self, record: Record) -> RowDraft:
        """The draft of a row; its amounts are there even when other faults keep the row out."""
        draft = RowDraft(record.line, record.cells, self._terms.currency)
        if not is_readable("".join(record.cells)):
            self._refuse_unreadable(draft)
            return draft
        values: dict[str, object] = {}
        for each in self._fields:
            try:
                values[each.path] = each.value(record.cells)
            except _CellError as error:
                self._refuse(draft, each.path, str(error), error.code)
        draft.account_reference = _text_or_none(values.get("account.reference")) or ""
        self._take_money(draft, values)
        if not draft.faults:
            self._take_account(draft, values)
            self._take_payment(draft, values)
            self._take_hold(draft, values)
            draft.debtor = {
                path.removeprefix("debtor."): str(value)
                for path, value in values.items()
                if value is not None and path.startswith("debtor.") and path != "debtor.reference"
            }
        return draft

    def refuse(self, draft: RowDraft, path: str, problem: Problem) -> None:
        """Notes what a later check found wrong with the value at a path of the mapping."""
        self._refuse(draft, path, problem.message, problem.code)

    def refuse_amount(self, draft: RowDraft, reason: str) -> None:
        """Keeps a row out, and out of the totals, whose amount is too large to be counted."""
        self._refuse(draft, "opening.principal", reason, ErrorCode.AMOUNT_OUT_OF_RANGE)
        draft.opening.clear()

    def _refuse(self, draft: RowDraft, path: str, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        columns: tuple[str, ...] = self._columns.get(path, ())
        original = shown(", ".join(draft.cells[self._places[name]] for name in columns)) if columns else None
        draft.faults.append(RowFault(draft.line, ", ".join(columns) or None, code, reason, original))

    def _refuse_unreadable(self, draft: RowDraft) -> None:
        for name, place in self._places.items():
            cell = draft.cells[place]
            if not is_readable(cell):
                reason = "The cell holds bytes that do not belong to the encoding."
                draft.faults.append(RowFault(draft.line, name, ErrorCode.INVALID_INPUT, reason, shown(cell)))

    def _take_money(self, draft: RowDraft, values: dict[str, object]) -> None:
        currency = values.get("account.currency")
        if isinstance(currency, str):
            draft.currency = currency
        for path, component in _OPENING:
            written = values.get(path)
            if isinstance(written, str):
                minor = self._minor(draft, path, written)
                if minor:
                    draft.opening[component] = minor
        if draft.opening_minor > LARGEST_MINOR:
            self._refuse(
                draft, "opening.principal", "The sum does not fit into 64 bits.", ErrorCode.AMOUNT_OUT_OF_RANGE
            )
            draft.opening.clear()

    def _minor(self, draft: RowDraft, path: str, written: str) -> int | None:
        try:
            minor = Money.parse(written, draft.currency).minor
        except InputError as error:
            self._refuse(draft, path, str(error), error.code)
            return None
        if minor < 0:
            self._refuse(draft, path, "An amount owed or paid is not negative.", ErrorCode.AMOUNT_NOT_POSITIVE)
            return None
        return minor

    def _take_account(self, draft: RowDraft, values: dict[str, object]) -> None:
        draft.debtor_reference = str(values["debtor.reference"])
        draft.account = {
            path.removeprefix("account."): value
            for path, value in values.items()
            if value is not None and path.startswith("account.")
        }
        opened_on, due_on = values["account.opened_on"], values["account.due_on"]
        assert isinstance(opened_on, date)
        assert isinstance(due_on, date)
        draft.account.setdefault("placed_on", opened_on)
        draft.account["currency"] = draft.currency
        if due_on < opened_on:
            self._refuse(draft, "account.due_on", "A debt is not due before it exists.")
        effective_on = values.get("opening.effective_on") or opened_on
        assert isinstance(effective_on, date)
        if effective_on > self._today:
            path = "opening.effective_on" if values.get("opening.effective_on") else "account.opened_on"
            self._refuse(draft, path, f"This lies in the future: it is {self._today} for the client.")
        draft.effective_on = effective_on

    def _take_payment(self, draft: RowDraft, values: dict[str, object]) -> None:
        received_on = values.get("payment.received_on")
        if not isinstance(received_on, date):
            return
        written = values.get("payment.amount")
        minor = self._minor(draft, "payment.amount", written) if isinstance(written, str) else None
        draft.payment = PaymentWish(
            received_on,
            minor,
            PaymentMethod(str(values["payment.method"])),
            PaidTo(str(values["payment.paid_to"])),
            _text_or_none(values.get("payment.reference")),
        )
        if received_on > self._today:
            reason = f"This lies in the future: it is {self._today} for the client."
            self._refuse(draft, "payment.received_on", reason)
        elif draft.effective_on is not None and received_on < draft.effective_on:
            self._refuse(draft, "payment.received_on", f"The debt is from {draft.effective_on}; it is not paid before.")
        if minor is not None and minor > draft.opening_minor:
            reason = f"More is paid than the {Money(draft.opening_minor, draft.currency)} that is owed."
            self._refuse(draft, "payment.amount", reason, ErrorCode.AMOUNT_EXCEEDS_BALANCE)
        if draft.paid_minor == 0:
            draft.payment = None

    def _take_hold(self, draft: RowDraft, values: dict[str, object]) -> None:
        kind = values.get("hold.kind")
        if not isinstance(kind, HoldKind):
            return
        from_on, until_on = values.get("hold.from_on"), values.get("hold.until_on")
        draft.hold = HoldWish(
            kind,
            str(values.get("hold.reason") or "Imported"),
            from_on if isinstance(from_on, date) else None,
            until_on if isinstance(until_on, date) else None,
        )
        if draft.hold.from_on and draft.hold.until_on and draft.hold.until_on <= draft.hold.from_on:
            self._refuse(draft, "hold.until_on", "A hold ends after it starts.")

    def _field(self, path: str, source: Source) -> _Field:
        return _Field(path, source, _text_of(source, self._places, self._formats.empty), self._parser(path, source))

    def _parser(self, path: str, source: Source) -> Callable[[str], object]:
        if path.endswith("_on") or path == "debtor.date_of_birth":
            return _dates(source.date or self._formats.date, iso=path == "debtor.date_of_birth")
        if path in _CHOICES:
            return _choices(_CHOICES[path])
        if path in _AMOUNTS:
            return _amounts(self._formats)
        if path == "account.currency":
            return _currency
        if path in _REFERENCES:
            return self._reference
        return str

    def _reference(self, text: str) -> str:
        try:
            return protect_reference(checked_text(text, (), most=100), self._vault)
        except InputError as error:
            raise _CellError(str(error), error.code) from error


def _refuse_unknown_columns(mapping: ImportMapping, header: Sequence[str]) -> None:
    problems = []
    for path, source in mapping.sources():
        for column in source.columns():
            where = ("mapping", *path.split("."))
            if column not in header:
                message = f"{path}: the file has no column {column!r}; it has {', '.join(map(repr, header))}."
                problems.append(Problem(ErrorCode.INVALID_INPUT, message, where))
            elif list(header).count(column) > 1:
                message = f"{path}: the file has more than one column {column!r}."
                problems.append(Problem(ErrorCode.INVALID_INPUT, message, where))
    if problems:
        raise InputError.of(problems)


def _text_of(source: Source, places: Mapping[str, int], empty: Sequence[str]) -> Callable[[list[str]], str | None]:
    nothing = frozenset({"", *empty})
    values, default = source.values, source.default
    if source.constant is not None:
        constant: str | None = source.constant or None
        return lambda _: constant
    if source.template is not None:
        parts = [(text, None if name is None else places[name]) for text, name in template_parts(source.template)]

        def from_template(cells: list[str]) -> str | None:
            filled = (text if place is None else text + cells[place].strip() for text, place in parts)
            return "".join(filled).strip() or default

        return from_template
    place = places[source.column or ""]

    def from_column(cells: list[str]) -> str | None:
        text = cells[place].strip()
        if text in nothing:
            return default
        if values is None:
            return text
        if text not in values:
            raise _CellError(f"{shown(text)!r} is none of the values that the mapping knows: {', '.join(values)}.")
        return values[text] or default

    return from_column


def _dates(written: str, *, iso: bool) -> Callable[[str], object]:
    def parse(text: str) -> object:
        try:
            day = datetime.strptime(text, written).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            raise _CellError(f"{shown(text)!r} is not a date written as {written}.") from None
        return day.isoformat() if iso else day

    return parse


def _choices(kind: type[EnumT]) -> Callable[[str], EnumT]:
    def parse(text: str) -> EnumT:
        try:
            return kind(text)
        except ValueError:
            raise _CellError(f"{shown(text)!r} is none of {', '.join(kind)}.") from None

    return parse


def _amounts(formats: Formats) -> Callable[[str], str]:
    point, group = re.escape(formats.decimal_separator), re.escape(formats.thousands_separator)
    grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+|" if group else ""
    pattern = re.compile(rf"-?(?:{grouped}\d+)(?:{point}\d+)?", re.ASCII)

    def parse(text: str) -> str:
        # A no-break space groups digits as well as a plain one.
        plain = text.replace("\u00a0", " ").replace("\u202f", " ")
        if not pattern.fullmatch(plain):
            example = f"1{formats.thousands_separator}234{formats.decimal_separator}56"
            raise _CellError(f"{shown(text)!r} is not an amount written as {example}.")
        if formats.thousands_separator:
            plain = plain.replace(formats.thousands_separator, "")
        return plain.replace(formats.decimal_separator, ".")

    return parse


def _currency(text: str) -> str:
    if text not in EXPONENTS:
        raise _CellError(f"{shown(text)!r} is not an active ISO 4217 currency.", ErrorCode.UNKNOWN_CURRENCY)
    return text


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
