"""From a row as an importer read it to what will be stored: every check that needs no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

from arrears.accounts.model import AccountStatus, HoldKind, Product, Purpose
from arrears.clients.model import checked_text
from arrears.debtors.model import DebtorKind
from arrears.imports.model import ClientTerms, HoldWish, PaymentWish, RowDraft, RowFault
from arrears.kernel.personal import protect_reference
from arrears.kernel.vault import Vault
from arrears.ledger.model import DebtComponent, PaidTo, PaymentMethod
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.import_fields import IMPORT_FIELDS, FieldKind, ImportValue, is_readable, shown
from arrears_sdk.money import EXPONENTS, LARGEST_MINOR, Money
from arrears_sdk.ports.importer import ImportedRow, ImportLayout, RefusedRow

_CHOICES: Mapping[str, type[StrEnum]] = {
    "debtor.kind": DebtorKind,
    "account.product": Product,
    "account.purpose": Purpose,
    "account.status": AccountStatus,
    "payment.method": PaymentMethod,
    "payment.paid_to": PaidTo,
    "hold.kind": HoldKind,
}
_REQUIRED = tuple(name for name, field in IMPORT_FIELDS.items() if field.required)
_ORDER = {name: place for place, name in enumerate(IMPORT_FIELDS)}
_OPENING = tuple((f"opening.{component.value.lower()}", component) for component in DebtComponent)


class _ValueError(Exception):
    """A value is not what its field holds."""

    def __init__(self, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        super().__init__(reason)
        self.code = code


class RowConverter:
    """Turns the rows of one file into drafts, each with all its faults."""

    def __init__(self, layout: ImportLayout, terms: ClientTerms, today: date, vault: Vault) -> None:
        self._columns = layout.sources
        self._terms = terms
        self._today = today
        self._vault = vault
        self._places = {name: place for place, name in enumerate(layout.columns)}
        self._checks = {name: self._check_of(name) for name in IMPORT_FIELDS}

    def convert(self, row: ImportedRow | RefusedRow) -> RowDraft:
        """The draft of a row; its amounts are there even when other faults keep the row out."""
        draft = RowDraft(row.line, list(row.cells) or [shown(row.raw)], self._terms.currency)
        problems = row.problems if isinstance(row, RefusedRow) else ()
        found = [self._told(draft, row, problem) for problem in problems]
        values: dict[str, object] = {}
        for name, value in row.values.items():
            try:
                values[name] = self._checks[name](value)
            except KeyError:
                reason = f"The importer gives a value {shown(str(name))!r}, which no row has."
                found.append((-1, self._fault(draft, name, reason)))
            except _ValueError as error:
                found.append((_ORDER[name], self._fault(draft, name, str(error), error.code)))
        if not found and not all(name in values for name in _REQUIRED):
            lacking = [name for name in _REQUIRED if name not in values]
            reason = "This is needed and empty."
            found = [(_ORDER[name], self._fault(draft, name, reason, ErrorCode.REQUIRED)) for name in lacking]
        # In the order of the fields, whoever found them.
        draft.faults += [fault for _, fault in sorted(found, key=lambda each: each[0])]
        draft.account_reference = _text_or_none(values.get("account.reference")) or ""
        self._take_money(draft, values)
        if not draft.faults:
            self._take_account(draft, values)
            self._take_payment(draft, values)
            self._take_hold(draft, values)
            draft.debtor = {
                path.removeprefix("debtor."): str(value)
                for path, value in values.items()
                if path.startswith("debtor.") and path != "debtor.reference"
            }
        return draft

    def refuse(self, draft: RowDraft, path: str, problem: Problem) -> None:
        """Notes what a later check found wrong with the value of a field."""
        self._refuse(draft, path, problem.message, problem.code)

    def refuse_amount(self, draft: RowDraft, reason: str) -> None:
        """Keeps a row out, and out of the totals, whose amount is too large to be counted."""
        self._refuse(draft, "opening.principal", reason, ErrorCode.AMOUNT_OUT_OF_RANGE)
        draft.opening.clear()

    def _refuse(self, draft: RowDraft, path: str, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        draft.faults.append(self._fault(draft, path, reason, code))

    def _fault(self, draft: RowDraft, path: str, reason: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> RowFault:
        columns = self._columns.get(path, ())
        original = shown(", ".join(self._cell(draft, name) for name in columns)) if columns else None
        return RowFault(draft.line, ", ".join(columns) or None, code, reason, original)

    def _told(self, draft: RowDraft, row: ImportedRow | RefusedRow, problem: Problem) -> tuple[int, RowFault]:
        """A problem that the importer told: of a value by its path, of a column by its name, or of the whole row."""
        path = ".".join(problem.field)
        if path in _ORDER:
            return _ORDER[path], self._fault(draft, path, problem.message, problem.code)
        if path in self._places:
            cell = shown(self._cell(draft, path))
            return -1, RowFault(draft.line, path, problem.code, problem.message, cell)
        return -1, RowFault(draft.line, None, problem.code, problem.message, shown(row.raw))

    def _cell(self, draft: RowDraft, column: str) -> str:
        place = self._places.get(column, len(draft.cells))
        return draft.cells[place] if place < len(draft.cells) else ""

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
            path.removeprefix("account."): value for path, value in values.items() if path.startswith("account.")
        }
        opened_on, due_on = values["account.opened_on"], values["account.due_on"]
        assert isinstance(opened_on, date)
        assert isinstance(due_on, date)
        draft.account.setdefault("placed_on", opened_on)
        draft.account.setdefault("status", AccountStatus.ACTIVE)
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
            PaymentMethod(str(values.get("payment.method", PaymentMethod.OTHER))),
            PaidTo(str(values.get("payment.paid_to", PaidTo.CLIENT))),
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

    def _check_of(self, name: str) -> Callable[[ImportValue], object]:
        match IMPORT_FIELDS[name].kind:
            case FieldKind.DATE:
                return _iso_day if name == "debtor.date_of_birth" else _day
            case FieldKind.CHOICE:
                return _choice(_CHOICES[name])
            case FieldKind.CURRENCY:
                return _currency
            case FieldKind.REFERENCE:
                return self._reference
            case FieldKind.TEXT | FieldKind.AMOUNT:
                return _text

    def _reference(self, value: ImportValue) -> str:
        try:
            return protect_reference(checked_text(_text(value), (), most=100), self._vault)
        except InputError as error:
            raise _ValueError(str(error), error.code) from error


def _text(value: ImportValue) -> str:
    if not isinstance(value, str):
        raise _ValueError(f"The importer gives {type(value).__name__} where text belongs.")
    if not is_readable(value):
        raise _ValueError("The text holds characters that cannot be stored.")
    return value


def _day(value: ImportValue) -> date:
    if type(value) is not date:
        raise _ValueError(f"The importer gives {type(value).__name__} where a day belongs.")
    return value


def _iso_day(value: ImportValue) -> str:
    return _day(value).isoformat()


def _choice(kind: type[StrEnum]) -> Callable[[ImportValue], StrEnum]:
    choices: dict[object, StrEnum] = {each.value: each for each in kind}

    def check(value: ImportValue) -> StrEnum:
        if value not in choices:
            raise _ValueError(f"{shown(str(value))!r} is none of {', '.join(kind)}.")
        return choices[value]

    return check


def _currency(value: ImportValue) -> str:
    if value not in EXPONENTS:
        raise _ValueError(f"{shown(str(value))!r} is not an active ISO 4217 currency.", ErrorCode.UNKNOWN_CURRENCY)
    return str(value)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
