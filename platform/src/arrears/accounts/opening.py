"""Opening accounts: many at a time with their parties and their chain of creditors, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from arrears.accounts.facts import DebtFacts, FactCheck, sealed_facts
from arrears.accounts.model import (
    OPENING_STATUSES,
    AccountStatus,
    CreditorRole,
    Liability,
    PartyRole,
    Product,
    Purpose,
    usual_liability,
)
from arrears.accounts.queries import Surroundings, Wanted, surroundings
from arrears.clients.model import checked_currency, checked_text
from arrears.debtors.commands.change import debtor_link_client
from arrears.debtors.commands.inputs import DebtorLinkClient
from arrears.debtors.indexing import AccountReference, add_reference_tokens
from arrears.kernel.batches import insert_rows
from arrears.kernel.command import Command, Result
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.ids import new_id


class CreditorOpening(Command):
    """One link of the chain of title, in order from the original creditor."""

    name: str
    role: CreditorRole
    from_on: date | None = None
    document_reference: str | None = None


class PartyOpening(Command):
    """A further debtor of the account; the primary one is the account's own."""

    debtor_id: UUID
    role: PartyRole
    liability: Liability | None = None
    from_on: date | None = None


class OpeningFacts(DebtFacts):
    """What an account begins with, apart from its primary debtor."""

    client_id: UUID
    reference: str
    product: Product
    purpose: Purpose
    currency: str
    opened_on: date
    due_on: date
    placed_on: date | None = None
    status: AccountStatus = AccountStatus.IMPORTED
    portfolio_id: UUID | None = None
    placement_id: UUID | None = None
    team_id: UUID | None = None
    parties: tuple[PartyOpening, ...] = ()
    creditors: tuple[CreditorOpening, ...] = ()


class AccountOpening(OpeningFacts):
    """One account to be opened for a debtor who is known already."""

    debtor_id: UUID


class AccountOpened(Result):
    """The account that was opened, and its primary debtor."""

    account_id: UUID
    debtor_id: UUID


# As many as an account shows of its chain.
MOST_CREDITORS = 20
_FACTS = frozenset(DebtFacts.model_fields) | {"reference", "product", "purpose", "opened_on", "due_on"}


@dataclass(frozen=True)
class _Checked:
    """One opening whose facts passed, with the columns to store and the names of its parties."""

    opening: AccountOpening
    columns: Mapping[str, object]
    placed_on: date


async def open_accounts(
    tx: Transaction, openings: Sequence[AccountOpening], *, at: Sequence[tuple[str, ...]] | None = None
) -> list[AccountOpened]:
    """Open accounts with their parties and creditors; the results stand in the order of the openings.

    All or none: InputError lists everything that is wrong, each problem at the place of its opening: `at`, else
    `("openings", "0")` and so on. The number of statements does not grow with the number of accounts, only with
    that of debtors whom a client did not see before.
    """
    if not openings:
        return []
    places = at or [("openings", str(position)) for position in range(len(openings))]
    found = await surroundings(await tx.connection(), _wanted(openings))
    checked: list[_Checked] = []
    problems: list[Problem] = []
    for opening, place in zip(openings, places, strict=True):
        check = FactCheck(opening.currency, tx.context.vault, place)
        _check_opening(check, opening, found)
        problems += check.problems
        if not check.problems:
            checked.append(_Checked(opening, check.columns, _placed_on(tx, opening, found)))
    if problems:
        raise InputError.of(problems)
    return await _write(tx, checked, found)


def _wanted(openings: Sequence[AccountOpening]) -> Wanted:
    return Wanted(
        clients={opening.client_id for opening in openings},
        debtors={debtor_id for opening in openings for debtor_id in _debtors(opening)},
        portfolios={opening.portfolio_id for opening in openings if opening.portfolio_id},
        placements={opening.placement_id for opening in openings if opening.placement_id},
        teams={opening.team_id for opening in openings if opening.team_id},
        references={opening.reference for opening in openings},
    )


def _check_opening(check: FactCheck, opening: AccountOpening, found: Surroundings) -> None:
    _check_ids(check, opening, found)
    try:
        checked_currency(opening.currency, check.path("currency"))
    except InputError as error:
        check.problems.extend(error.problems)
        return
    check.check({name: getattr(opening, name) for name in _FACTS})
    if opening.due_on < opening.opened_on:
        check.refuse("due_on", "A debt is not due before it exists.")
    if opening.status not in OPENING_STATUSES:
        check.refuse("status", f"An account is not opened as {opening.status}.", ErrorCode.STATUS_NOT_REACHABLE)
    reference = (opening.client_id, check.columns.get("reference"))
    if reference in found.references:
        check.refuse(
            "reference", "This client has an account of this reference already.", ErrorCode.DUPLICATE_REFERENCE
        )
    found.references.add(reference)
    _check_parties(check, opening, found)
    _check_creditors(check, opening)


def _check_ids(check: FactCheck, opening: AccountOpening, found: Surroundings) -> None:
    wanted = (
        ("client_id", opening.client_id in found.clients),
        ("debtor_id", opening.debtor_id in found.debtors),
        ("portfolio_id", opening.portfolio_id is None or (opening.client_id, opening.portfolio_id) in found.portfolios),
        ("placement_id", opening.placement_id is None or (opening.client_id, opening.placement_id) in found.placements),
        ("team_id", opening.team_id is None or opening.team_id in found.teams),
    )
    for name, exists in wanted:
        if not exists:
            check.refuse(name, "There is no such record that you may see.", ErrorCode.NOT_FOUND)


def _check_parties(check: FactCheck, opening: AccountOpening, found: Surroundings) -> None:
    seen = {opening.debtor_id}
    for position, party in enumerate(opening.parties):
        place = (*check.at, "parties", str(position))
        if party.debtor_id not in found.debtors:
            check.problems.append(
                Problem(ErrorCode.NOT_FOUND, "There is no such record that you may see.", (*place, "debtorId"))
            )
        elif party.debtor_id in seen:
            check.problems.append(
                Problem(ErrorCode.INVALID_INPUT, "This debtor stands on the account already.", (*place, "debtorId"))
            )
        if party.role is PartyRole.PRIMARY:
            check.problems.append(
                Problem(ErrorCode.INVALID_INPUT, "An account has one primary debtor, its own.", (*place, "role"))
            )
        seen.add(party.debtor_id)


def _check_creditors(check: FactCheck, opening: AccountOpening) -> None:
    if len(opening.creditors) > MOST_CREDITORS:
        check.refuse("creditors", f"A chain of title has at most {MOST_CREDITORS} creditors.", ErrorCode.LIMIT_EXCEEDED)
        return
    last = len(opening.creditors) - 1
    for position, creditor in enumerate(opening.creditors):
        place = (*check.at, "creditors", str(position))
        if creditor.role is CreditorRole.ORIGINAL and position > 0:
            check.problems.append(
                Problem(ErrorCode.INVALID_INPUT, "The original creditor is the first of the chain.", (*place, "role"))
            )
        if creditor.role is CreditorRole.CURRENT and position < last:
            check.problems.append(
                Problem(ErrorCode.INVALID_INPUT, "The current creditor is the last of the chain.", (*place, "role"))
            )
        try:
            checked_text(creditor.name, (*place, "name"))
            if creditor.document_reference is not None:
                checked_text(creditor.document_reference, (*place, "documentReference"))
        except InputError as error:
            check.problems.extend(error.problems)


def _placed_on(tx: Transaction, opening: AccountOpening, found: Surroundings) -> date:
    if opening.placed_on is not None:
        return opening.placed_on
    if opening.placement_id is not None:
        return found.placements[opening.client_id, opening.placement_id]
    return tx.now.astimezone(ZoneInfo(found.clients[opening.client_id].time_zone)).date()


async def _write(tx: Transaction, checked: Sequence[_Checked], found: Surroundings) -> list[AccountOpened]:
    ids = [new_id() for _ in checked]
    both = list(zip(ids, checked, strict=True))
    connection = await tx.connection()
    wanted = {(debtor, item.opening.client_id) for item in checked for debtor in _debtors(item.opening)}
    # A debtor who is new to the client; rare, since a debtor is mostly made for the client that places the account.
    for debtor_id, client_id in sorted(wanted - found.links):
        await debtor_link_client.within(tx, DebtorLinkClient(debtor_id=debtor_id, client_id=client_id))
    await insert_rows(connection, "account", [_account(tx, account_id, item) for account_id, item in both])
    await insert_rows(connection, "party", [row for pair in both for row in _parties(tx, *pair, found)])
    await insert_rows(connection, "account_creditor", [row for pair in both for row in _creditors(*pair, found)])
    await add_reference_tokens(
        tx,
        (
            AccountReference(account_id, item.opening.client_id, item.opening.debtor_id, str(item.columns["reference"]))
            for account_id, item in both
        ),
    )
    for account_id, item in both:
        _announce(tx, account_id, item)
    return [AccountOpened(account_id=account_id, debtor_id=item.opening.debtor_id) for account_id, item in both]


def _debtors(opening: AccountOpening) -> Iterator[UUID]:
    yield opening.debtor_id
    for party in opening.parties:
        yield party.debtor_id


def _account(tx: Transaction, account_id: UUID, item: _Checked) -> dict[str, object]:
    opening = item.opening
    return {
        "id": account_id,
        "client_id": opening.client_id,
        "debtor_id": opening.debtor_id,
        "portfolio_id": opening.portfolio_id,
        "placement_id": opening.placement_id,
        "team_id": opening.team_id,
        "currency": opening.currency,
        "status": opening.status.value,
        **item.columns,
        "placed_on": item.placed_on,
        "placed_minor": 0,
        "principal_minor": 0,
        "interest_minor": 0,
        "fees_minor": 0,
        "costs_minor": 0,
        "balance_minor": 0,
        "written_off_minor": 0,
        "version": 1,
        "created_at": tx.now,
        "updated_at": tx.now,
    }


def _parties(tx: Transaction, account_id: UUID, item: _Checked, found: Surroundings) -> Iterator[dict[str, object]]:
    opening = item.opening
    primary = PartyOpening(debtor_id=opening.debtor_id, role=PartyRole.PRIMARY)
    for position, party in enumerate((primary, *opening.parties), start=1):
        yield {
            "client_id": opening.client_id,
            "account_id": account_id,
            "debtor_id": party.debtor_id,
            "role": party.role.value,
            "liability": (party.liability or usual_liability(party.role)).value,
            "position": position,
            "name": found.debtors[party.debtor_id],
            "from_on": party.from_on or opening.opened_on,
            "version": 1,
            "created_at": tx.now,
            "updated_at": tx.now,
        }


def _creditors(account_id: UUID, item: _Checked, found: Surroundings) -> Iterator[dict[str, object]]:
    client = found.clients[item.opening.client_id]
    # Who is told nothing of a chain knows one thing: the client says that it is the creditor now.
    chain = item.opening.creditors or (CreditorOpening(name=client.name, role=CreditorRole.CURRENT),)
    for position, creditor in enumerate(chain, start=1):
        yield {
            "client_id": item.opening.client_id,
            "account_id": account_id,
            "position": position,
            "name": mask_card_numbers(creditor.name.strip()),
            "role": creditor.role.value,
            "from_on": creditor.from_on,
            "document_reference": creditor.document_reference and mask_card_numbers(creditor.document_reference),
        }


def _announce(tx: Transaction, account_id: UUID, item: _Checked) -> None:
    opening = item.opening
    known: dict[str, Any] = {name: value for name, value in item.columns.items() if value is not None}
    tx.audit(
        subject="acct",
        subject_id=account_id,
        client_id=opening.client_id,
        after={
            **sealed_facts(known),
            "debtor_id": opening.debtor_id,
            "status": opening.status.value,
            "currency": opening.currency,
        },
        person_id=opening.debtor_id,
    )
    payload = {"debtorId": str(opening.debtor_id), "status": opening.status.value, "currency": opening.currency}
    tx.emit(Event("AccountOpened", "acct", account_id, opening.client_id, payload))
