"""Opening the accounts of a placement: debtors, accounts, opening balances, each in batches."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from arrears.accounts.commands import AccountOpening, CreditorOpening, PartyOpening, open_account, open_accounts
from arrears.accounts.model import AccountStatus, CreditorRole, Product, Purpose
from arrears.debtors.commands.create import create_debtors
from arrears.demo.acts import Story
from arrears.demo.people import Invented
from arrears.kernel.transaction import Transaction
from arrears.ledger.batches import record_opening_balances
from arrears.ledger.commands import OpeningBalanceRecord
from arrears_sdk.money import Money

_ENDPOINTS = "select debtor_id, channel, line_type, id from contact_point where debtor_id = any(%s)"
_KEYS = {("PHONE", "MOBILE"): "mobile", ("PHONE", "LANDLINE"): "landline", ("EMAIL", None): "mail"}


async def open_stories(
    tx: Transaction,
    stories: Sequence[Story],
    client_id: UUID,
    portfolio_id: UUID,
    placement_id: UUID,
    team_id: UUID,
    on: datetime.date,
) -> None:
    """Open the accounts of one placement, and note their ids in the stories."""
    debtors = await _debtors(tx, stories, client_id, on)
    openings = [
        AccountOpening(
            client_id=client_id,
            portfolio_id=portfolio_id,
            placement_id=placement_id,
            team_id=team_id,
            debtor_id=debtors[id(story.debtor)],
            parties=tuple(PartyOpening(debtor_id=debtors[id(other)], role=role) for role, other in story.others),
            **_facts(story, on),
        )
        for story in stories
    ]
    with tx.under_command(open_account.name):
        opened = await open_accounts(tx, openings)
    balances = []
    for story, result in zip(stories, opened, strict=True):
        story.account_id, story.debtor_id = result.account_id, result.debtor_id
        amounts = {
            component.value.lower(): Money(minor, story.creditor.currency) for component, minor in story.owed.items()
        }
        balances.append(OpeningBalanceRecord(account_id=result.account_id, effective_on=on, **amounts))
    await record_opening_balances(tx, balances)
    await _note_endpoints(tx, stories)


def _facts(story: Story, on: datetime.date) -> dict[str, Any]:
    due_on = on - datetime.timedelta(days=story.age_days)
    opened_on = due_on - datetime.timedelta(days=30 if story.segment.product is Product.INVOICE else 400)
    facts: dict[str, Any] = {
        "reference": story.reference,
        "product": story.segment.product,
        "purpose": story.segment.purpose,
        "currency": story.creditor.currency,
        "opened_on": opened_on,
        "due_on": due_on,
        "placed_on": on,
        "itemization_on": due_on,
        "default_on": due_on + datetime.timedelta(days=30),
        "status": AccountStatus.ACTIVE,
        "creditors": (CreditorOpening(name=story.creditor.name, role=CreditorRole.ORIGINAL),),
    }
    if story.segment.product is Product.CARD and story.segment.purpose is Purpose.CONSUMER:
        facts["charge_off_on"] = min(on, due_on + datetime.timedelta(days=180))
    return facts


async def _debtors(tx: Transaction, stories: Sequence[Story], client_id: UUID, on: datetime.date) -> dict[int, UUID]:
    """The ids of everybody on the accounts, by who is meant; those that are new to the client are made."""
    known: dict[int, UUID] = {}
    new: dict[int, tuple[Invented, str]] = {}
    for story in stories:
        for position, person in enumerate(_people(story)):
            if person.debtor_id is not None:
                known[id(person)] = person.debtor_id
            else:
                new.setdefault(id(person), (person, f"{story.reference}/{position + 1}"))
    saved = await create_debtors(tx, [person.as_debtor(client_id, reference, on) for person, reference in new.values()])
    for (person, _), result in zip(new.values(), saved, strict=True):
        person.debtor_id = known[id(person)] = result.debtor_id
    return known


def _people(story: Story) -> Iterator[Invented]:
    yield story.debtor
    for _, other in story.others:
        yield other


async def _note_endpoints(tx: Transaction, stories: Sequence[Story]) -> None:
    connection = await tx.connection()
    cursor = await connection.execute(_ENDPOINTS, [[story.debtor_id for story in stories]])
    found: dict[UUID, dict[str, UUID]] = {}
    for debtor_id, channel, line_type, contact_point_id in await cursor.fetchall():
        found.setdefault(debtor_id, {})[_KEYS[channel, line_type]] = contact_point_id
    for story in stories:
        assert story.debtor_id is not None
        story.endpoints = found.get(story.debtor_id, {})  # type: ignore[assignment]
