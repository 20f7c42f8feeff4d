"""One desk's day: what happened to its accounts, written by the platform's commands."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from arrears.accounts.commands import (
    AccountChangeStatus,
    AccountClose,
    HoldPlace,
    HoldRelease,
    change_account_status,
    close_account,
    place_hold,
    release_hold,
)
from arrears.debtors.model import CommunicationChannel
from arrears.demo.acts import Act, Charge, Close, Contact, Move, Payment, Resume, Return, Stop, Story
from arrears.demo.standing import record_first_letters
from arrears.interactions.model import Direction, InteractionResult
from arrears.interactions.recording import InteractionRecord, record_interactions
from arrears.kernel.transaction import Transaction
from arrears.ledger.batches import record_payments
from arrears.ledger.commands import (
    ChargeRecord,
    PaymentRecord,
    PaymentReverse,
    record_charge,
    reverse_payment,
)
from arrears.ledger.model import PaidTo
from arrears_sdk.money import Money

SUNDAY = 6
_NOT_ON_SUNDAYS = {CommunicationChannel.PHONE_CALL, CommunicationChannel.SMS}
_DISCUSSED = {
    InteractionResult.TALKED,
    InteractionResult.PROMISE,
    InteractionResult.REFUSES,
    InteractionResult.DISPUTES,
    InteractionResult.HARDSHIP,
    InteractionResult.CEASE,
    InteractionResult.BANKRUPT,
}
Kind = TypeVar("Kind", bound=Act)


async def work_day(tx: Transaction, on: datetime.date, acts: Sequence[tuple[Story, Act]]) -> None:
    """Carry out a day's acts: contacts first, then money, then what follows from both."""
    made = _only(acts, Contact)
    with tx.under_command("interaction.record"):
        # The years before today are another system's: no gate let these contacts through.
        await record_interactions(tx, [_record(story, contact, on) for story, contact in made], history=True)
    await record_first_letters(tx, on, made)
    for story, charge in _only(acts, Charge):
        await _charge(tx, story, charge, on)
    await _pay(tx, _only(acts, Payment), on)
    for story, returned in _only(acts, Return):
        assert story.payment_id is not None
        await reverse_payment.within(tx, PaymentReverse(payment_id=story.payment_id, reason=returned.reason))
    for story, resume in _only(acts, Resume):
        assert story.hold_id is not None
        await release_hold.within(tx, HoldRelease(hold_id=story.hold_id, version=1, reason=resume.reason))
    for story, stop in _only(acts, Stop):
        await _stop(tx, story, stop)
    for story, move in _only(acts, Move):
        await change_account_status.within(
            tx, AccountChangeStatus(account_id=_account(story), version=await _version(tx, story), status=move.status)
        )
    for story, close in _only(acts, Close):
        await close_account.within(
            tx, AccountClose(account_id=_account(story), version=await _version(tx, story), reason=close.reason)
        )


def _only(acts: Sequence[tuple[Story, Act]], kind: type[Kind]) -> list[tuple[Story, Kind]]:
    return [(story, act) for story, act in acts if isinstance(act, kind)]


def _record(story: Story, contact: Contact, on: datetime.date) -> InteractionRecord:
    zone = story.debtor.city.zone
    outbound = contact.direction is Direction.OUTBOUND
    if outbound and contact.channel in _NOT_ON_SUNDAYS and on.weekday() == SUNDAY:
        on -= datetime.timedelta(days=1)
    hour, minute = divmod(contact.minute, 60)
    started_at = datetime.datetime.combine(on, datetime.time(hour, minute), ZoneInfo(zone)).astimezone(datetime.UTC)
    ended_at = started_at + datetime.timedelta(seconds=contact.lasted_seconds) if contact.lasted_seconds else None
    discussed = contact.result in _DISCUSSED and contact.party is None
    return InteractionRecord(
        account_id=_account(story),
        started_at=started_at,
        ended_at=ended_at,
        channel=contact.channel,
        direction=contact.direction,
        contact_point_id=story.endpoints.get(contact.endpoint) if contact.endpoint else None,
        party_reached=contact.party,
        result=contact.result,
        debts_discussed=(_account(story),) if discussed else (),
        debtor_zone=zone,
        language=story.debtor.country.language,
        template=contact.template,
        template_version="1" if contact.template else None,
        note=contact.note,
    )


async def _charge(tx: Transaction, story: Story, charge: Charge, on: datetime.date) -> None:
    amount = Money(charge.amount_minor, story.creditor.currency)
    change = ChargeRecord(
        account_id=_account(story), component=charge.component, amount=amount, effective_on=on, reason=charge.reason
    )
    await record_charge.within(tx, change)


async def _pay(tx: Transaction, payments: Sequence[tuple[Story, Payment]], on: datetime.date) -> None:
    if not payments:
        return
    changes = [
        PaymentRecord(
            account_id=_account(story),
            amount=Money(payment.amount_minor, story.creditor.currency),
            method=payment.method,
            paid_to=PaidTo.CLIENT if payment.to_client else PaidTo.AGENCY,
            received_on=on,
            reference=payment.reference,
        )
        for story, payment in payments
    ]
    for (story, _), recorded in zip(payments, await record_payments(tx, changes), strict=True):
        story.payment_id = recorded.payment_id


async def _stop(tx: Transaction, story: Story, stop: Stop) -> None:
    change = HoldPlace(
        account_id=_account(story),
        kind=stop.kind,
        reason=stop.reason,
        source=stop.source,
        bankruptcy_chapter=stop.chapter,
    )
    story.hold_id = (await place_hold.within(tx, change)).hold_id


def _account(story: Story) -> UUID:
    assert story.account_id is not None, f"account {story.reference} was not opened"
    return story.account_id


async def _version(tx: Transaction, story: Story) -> int:
    await tx.session.flush()
    connection = await tx.connection()
    row = await (await connection.execute("select version from account where id = %s", [story.account_id])).fetchone()
    assert row is not None
    return int(row[0])
