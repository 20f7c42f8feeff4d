"""One batch of rows into the database: debtors, accounts, opening entries, payments and holds, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from arrears.accounts.commands import place_hold
from arrears.accounts.holds import HoldPlace
from arrears.accounts.model import HoldSource
from arrears.accounts.opening import AccountOpening, open_accounts
from arrears.debtors.commands import (
    DebtorCreate,
    NewClientLink,
    NewContactPoint,
    NewName,
    NewResidence,
    prepared_debtor,
    write_debtors,
)
from arrears.debtors.commands.prepare import PreparedDebtor
from arrears.debtors.model import ContactChannel, DebtorKind
from arrears.debtors.queries import debtors_by_reference
from arrears.imports.model import ClientTerms, PaymentWish, RowDraft
from arrears.imports.queries import taken_account_references
from arrears.kernel.transaction import Transaction
from arrears.ledger.booking import Wish, book
from arrears.ledger.model import EntryKind, PaymentDraft
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.ids import new_id

_TAKEN = Problem(ErrorCode.DUPLICATE_REFERENCE, "The client has an account of this reference already.")

# Where in the mapping the value stands that a check of debtors complains about.
_DEBTOR_PARTS = {
    "names": ("debtor.name", "debtor.family_name"),
    "residences": ("debtor.address_lines", "debtor.city", "debtor.postal_code"),
    "contactPoints": ("debtor.phone", "debtor.email"),
    "dateOfBirth": ("debtor.date_of_birth",),
    "country": ("debtor.country",),
    "languages": ("debtor.preferred_language",),
    "legalForm": ("debtor.legal_form",),
    "registrationNumber": ("debtor.registration_number",),
    "kind": ("debtor.kind",),
}


class RowsRefusedError(Exception):
    """Some rows of a batch cannot be stored: their places in the batch, and the path and problem of each."""

    def __init__(self, refused: Sequence[tuple[int, str, Problem]]) -> None:
        super().__init__(f"{len(refused)} problems")
        self.refused = refused


@dataclass(frozen=True)
class Stored:
    """What a batch added: the references of new debtors, and how many payments."""

    new_debtors: frozenset[str]
    payments: int


async def store_rows(tx: Transaction, rows: Sequence[RowDraft], terms: ClientTerms, placement_id: UUID) -> Stored:
    """Writes the rows, all or none; RowsRefusedError names every row that the database's contents speak against.

    The number of statements does not grow with the number of rows, apart from their holds.
    """
    if not rows:
        return Stored(frozenset(), 0)
    taken = await taken_account_references(tx, terms.client_id, [row.account_reference for row in rows])
    known = await debtors_by_reference(tx, terms.client_id, {row.debtor_reference for row in rows})
    refused = [(place, "account.reference", _TAKEN) for place, row in enumerate(rows) if row.account_reference in taken]
    first_rows: dict[str, int] = {}
    for place, row in enumerate(rows):
        if row.debtor_reference not in known:
            first_rows.setdefault(row.debtor_reference, place)
    prepared, problems = _prepared_debtors(tx, rows, first_rows, terms)
    refused += problems
    if refused:
        raise RowsRefusedError(refused)
    written = await write_debtors(tx, list(prepared.values()))
    debtors = known | {reference: made.debtor_id for reference, made in zip(prepared, written, strict=True)}
    account_ids = await _open(tx, rows, debtors, terms, placement_id)
    await _post(tx, rows, account_ids)
    await _hold(tx, rows, account_ids, terms)
    payments = sum(1 for row in rows if row.payment is not None)
    return Stored(frozenset(prepared), payments)


def _prepared_debtors(
    tx: Transaction, rows: Sequence[RowDraft], first_rows: Mapping[str, int], terms: ClientTerms
) -> tuple[dict[str, PreparedDebtor], list[tuple[int, str, Problem]]]:
    prepared: dict[str, PreparedDebtor] = {}
    refused: list[tuple[int, str, Problem]] = []
    countries = {terms.client_id: terms.country}
    for reference, place in first_rows.items():
        try:
            new = _debtor(rows[place], terms.client_id)
            prepared[reference] = prepared_debtor(
                new, countries=countries, now=tx.now, vault=tx.context.vault, at=("debtor",)
            )
        except InputError as error:
            refused += [(place, _debtor_path(rows[place], problem), problem) for problem in error.problems]
    return prepared, refused


def _debtor(row: RowDraft, client_id: UUID) -> DebtorCreate:
    given = row.debtor
    phone, email = given.get("phone"), given.get("email")
    points = [NewContactPoint(channel=ContactChannel.PHONE, value=phone)] if phone else []
    points += [NewContactPoint(channel=ContactChannel.EMAIL, value=email)] if email else []
    birth = given.get("date_of_birth")
    return DebtorCreate(
        kind=DebtorKind(given["kind"]),
        clients=(NewClientLink(client_id=client_id, reference=row.debtor_reference),),
        names=(
            NewName(
                full_name=given.get("name"), given_name=given.get("given_name"), family_name=given.get("family_name")
            ),
        ),
        residences=_residences(given),
        contact_points=tuple(points),
        date_of_birth=date.fromisoformat(birth) if birth else None,
        country=given.get("country"),
        preferred_language=given.get("preferred_language"),
        legal_form=given.get("legal_form"),
        registration_number=given.get("registration_number"),
    )


def _residences(given: Mapping[str, str]) -> tuple[NewResidence, ...]:
    if not given.keys() & {"address_lines", "city", "region", "postal_code"}:
        return ()
    country = given.get("address_country") or given.get("country")
    if country is None:
        raise InputError("An address needs a country.", code=ErrorCode.REQUIRED, field=("debtor", "residences"))
    address = NewResidence(
        address_lines=given.get("address_lines"),
        city=given.get("city"),
        region=given.get("region"),
        postal_code=given.get("postal_code"),
        country=country,
    )
    return (address,)


def _debtor_path(row: RowDraft, problem: Problem) -> str:
    part, *further = problem.field[1:] or ("",)
    paths = _DEBTOR_PARTS.get(part, ("debtor.reference",))
    if part == "contactPoints":
        # The phone comes first where there is one.
        is_email = "phone" not in row.debtor or further[:1] == ["1"]
        return paths[1] if is_email else paths[0]
    present = [path for path in paths if path.removeprefix("debtor.") in row.debtor]
    return present[0] if present else paths[0]


async def _open(
    tx: Transaction, rows: Sequence[RowDraft], debtors: Mapping[str, UUID], terms: ClientTerms, placement_id: UUID
) -> list[UUID]:
    openings = [
        AccountOpening.model_validate(
            {
                **row.account,
                "client_id": terms.client_id,
                "debtor_id": debtors[row.debtor_reference],
                "placement_id": placement_id,
            }
        )
        for row in rows
    ]
    try:
        opened = await open_accounts(tx, openings, at=[("account", str(place)) for place in range(len(rows))])
    except InputError as error:
        raise RowsRefusedError([_account_problem(problem) for problem in error.problems]) from error
    return [each.account_id for each in opened]


def _account_problem(problem: Problem) -> tuple[int, str, Problem]:
    _, place, *name = problem.field
    column = (
        "".join("_" + letter.lower() if letter.isupper() else letter for letter in name[0]) if name else "reference"
    )
    return int(place), f"account.{column}", problem


async def _post(tx: Transaction, rows: Sequence[RowDraft], account_ids: Sequence[UUID]) -> None:
    wishes: list[Wish] = []
    for row, account_id in zip(rows, account_ids, strict=True):
        if row.opening:
            wishes.append(_opening(row, account_id))
        if row.payment is not None:
            wishes.append(_payment(row, row.payment, account_id))
    await book(tx, wishes)


def _opening(row: RowDraft, account_id: UUID) -> Wish:
    assert row.effective_on is not None
    return Wish(
        account_id=account_id,
        kind=EntryKind.OPENING_BALANCE,
        effective_on=row.effective_on,
        changes=row.opening,
    )


def _payment(row: RowDraft, payment: PaymentWish, account_id: UUID) -> Wish:
    amount = row.paid_minor
    return Wish(
        account_id=account_id,
        kind=EntryKind.PAYMENT,
        effective_on=payment.received_on,
        money_minor=amount,
        payment=PaymentDraft(new_id(), amount, payment.method, payment.paid_to, payment.received_on, payment.reference),
    )


async def _hold(tx: Transaction, rows: Sequence[RowDraft], account_ids: Sequence[UUID], terms: ClientTerms) -> None:
    zone = ZoneInfo(terms.time_zone)
    for row, account_id in zip(rows, account_ids, strict=True):
        if row.hold is not None:
            hold = HoldPlace(
                account_id=account_id,
                kind=row.hold.kind,
                reason=row.hold.reason,
                source=HoldSource.CLIENT,
                starts_at=_start_of(row.hold.from_on, zone),
                ends_at=_start_of(row.hold.until_on, zone),
            )
            await place_hold.within(tx, hold)


def _start_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)
