"""A small agency made by the platform's own commands: two clients, a handful of debtors with everything about them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from arrears.access.model import ROLE_PERMISSIONS, Role
from arrears.accounts.commands import AccountOpen, open_account
from arrears.accounts.holds import HoldPlace, place_hold
from arrears.accounts.model import CreditorRole, HoldKind, HoldSource, PartyRole, Product, Purpose
from arrears.accounts.opening import CreditorOpening, PartyOpening
from arrears.clients.commands import (
    ClientCreate,
    PlacementCreate,
    PortfolioCreate,
    client_create,
    placement_create,
    portfolio_create,
)
from arrears.clients.model import CollectorRole
from arrears.debtors import commands as debtors
from arrears.debtors.model import CommunicationChannel, ContactChannel, DebtorKind
from arrears.interactions.commands import InteractionRecord, record_interaction
from arrears.interactions.model import Direction, InteractionResult
from arrears.kernel.context import Context
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.ledger.commands import (
    ChargeRecord,
    OpeningBalanceRecord,
    PaymentRecord,
    record_charge,
    record_opening_balance,
    record_payment,
)
from arrears.ledger.model import DebtComponent, PaymentMethod
from arrears.schema import core_schema
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.conftest import START, Deployment

COUNTRIES = (("US", "USD", "America/New_York"), ("DE", "EUR", "Europe/Berlin"))


@dataclass
class SmallAgency:
    """What was made: public ids by prefix, and principals by what they may see."""

    clients: list[UUID] = field(default_factory=list)
    debtors: list[UUID] = field(default_factory=list)
    accounts: list[UUID] = field(default_factory=list)
    ids: dict[str, list[str]] = field(default_factory=dict)
    principals: dict[str, Principal] = field(default_factory=dict)


async def make_small_agency(deployment: Deployment) -> SmallAgency:
    """Make the agency; figures are the same every time."""
    agency = SmallAgency()
    context = deployment.context()
    for number, (country, currency, zone) in enumerate(COUNTRIES):
        client_id = await _client(context, number, country, currency, zone)
        agency.clients.append(client_id)
        for place in range(4):
            await _debtor_with_account(context, agency, client_id, country, currency, number * 4 + place)
    agency.ids = _public_ids(deployment.urls.owner)
    agency.principals = {role.value: principal_of(role, agency) for role in Role}
    agency.principals["everything"] = Principal.system("test")
    agency.principals["client"] = agency.principals["CLIENT"]
    return agency


def principal_of(role: Role, agency: SmallAgency) -> Principal:
    """A principal of a role: clients see the first client, debtors the first debtor and its account, the rest all."""
    scope = Scope.everything()
    if role is Role.CLIENT:
        scope = Scope("limited", staff=False, clients=(agency.clients[0],))
    elif role is Role.DEBTOR:
        scope = Scope("limited", staff=False, accounts=(agency.accounts[0],), debtor=agency.debtors[0])
    permissions = frozenset(map(str, ROLE_PERMISSIONS[role]))
    kind = "DEBTOR" if role is Role.DEBTOR else "PERSON"
    return Principal(new_id(), kind, role.value.title(), frozenset({role.value}), permissions, scope)


async def _client(context: Context, number: int, country: str, currency: str, zone: str) -> UUID:
    made = await client_create(
        context,
        ClientCreate(
            name=f"Client {number}",
            reference=f"C{number}",
            country=country,
            currency=currency,
            time_zone=zone,
            collector_role=CollectorRole.THIRD_PARTY,
        ),
    )
    client_id = made.result.client_id
    await portfolio_create(context, PortfolioCreate(client_id=client_id, name="Cards", reference="CARDS"))
    await placement_create(
        context, PlacementCreate(client_id=client_id, reference="P1", received_on=datetime.date(2026, 1, 5))
    )
    return client_id


async def _debtor_with_account(
    context: Context, agency: SmallAgency, client_id: UUID, country: str, currency: str, number: int
) -> None:
    debtor_id = await _debtor(context, client_id, country, number)
    other = [PartyOpening(debtor_id=agency.debtors[-1], role=PartyRole.CO_DEBTOR)] if number % 4 else []
    opened = await open_account(
        context,
        AccountOpen(
            client_id=client_id,
            debtor_id=debtor_id,
            reference=f"INV-{number}",
            product=Product.INVOICE,
            purpose=Purpose.CONSUMER,
            currency=currency,
            opened_on=datetime.date(2025, 11, 1 + number),
            due_on=datetime.date(2026, 1, 20) + datetime.timedelta(days=20 * (number % 4)),
            parties=tuple(other),
            creditors=(CreditorOpening(name="First Bank", role=CreditorRole.ORIGINAL),),
        ),
    )
    account_id = opened.result.account_id
    agency.debtors.append(debtor_id)
    agency.accounts.append(account_id)
    await _money(context, account_id, currency, number)
    await _contacts(context, account_id, number)
    if number % 3 == 0:
        await place_hold(
            context,
            HoldPlace(account_id=account_id, kind=HoldKind.DISPUTE, reason="Not mine", source=HoldSource.DEBTOR),
        )


async def _debtor(context: Context, client_id: UUID, country: str, number: int) -> UUID:
    phone = f"+1202555010{number}" if country == "US" else f"+4930230{number}4567"
    made = await debtors.debtor_create(
        context,
        debtors.DebtorCreate(
            kind=DebtorKind.PERSON,
            clients=(debtors.NewClientLink(client_id=client_id, reference=f"D-{number}"),),
            names=(debtors.NewName(given_name="Jörg", family_name=f"Müller {number}"),),
            residences=(debtors.NewResidence(country=country, city="Springfield", address_lines="1 Main Street"),),
            contact_points=(
                debtors.NewContactPoint(channel=ContactChannel.PHONE, value=phone),
                debtors.NewContactPoint(channel=ContactChannel.EMAIL, value=f"joerg{number}@example.com"),
            ),
            supplied_by=client_id,
            languages=("de", "en"),
            country=country,
        ),
    )
    return made.result.debtor_id


async def _money(context: Context, account_id: UUID, currency: str, number: int) -> None:
    opening = OpeningBalanceRecord(
        account_id=account_id, principal=Money(10_000 + number, currency), effective_on=datetime.date(2025, 12, 1)
    )
    await record_opening_balance(context, opening)
    charge = ChargeRecord(
        account_id=account_id,
        component=DebtComponent.FEES,
        amount=Money(500, currency),
        effective_on=datetime.date(2026, 1, 15),
        reason="Late fee",
    )
    await record_charge(context, charge)
    if number % 2:
        payment = PaymentRecord(
            account_id=account_id,
            amount=Money(2_500, currency),
            method=PaymentMethod.CARD,
            received_on=datetime.date(2026, 2, 1),
        )
        await record_payment(context, payment)


async def _contacts(context: Context, account_id: UUID, number: int) -> None:
    for call in range(number % 4 + 1):
        await record_interaction(
            context,
            InteractionRecord(
                account_id=account_id,
                started_at=START - datetime.timedelta(days=call + 1, hours=number),
                channel=CommunicationChannel.PHONE_CALL,
                direction=Direction.OUTBOUND,
                result=InteractionResult.NO_ANSWER,
                endpoint="+12025550100",
                note="Rang out.",
            ),
        )


def _public_ids(owner: str) -> dict[str, list[str]]:
    """Up to six ids of each kind, and one of each that nothing has."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(owner) as connection:
        for entity in core_schema().index.entities.values():
            rows = connection.execute(f"select id from {entity.table} order by id limit 6").fetchall()
            found[entity.prefix] = [encode_id(entity.prefix, row[0]) for row in rows]
            found[entity.prefix].append(encode_id(entity.prefix, UUID(int=7)))
    return found
