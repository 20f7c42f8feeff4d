"""Recording that a notice was given, came back or arrived; what follows from it is counted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.compliance.facts_tables import NoticeAccountRow, NoticeRow
from arrears.compliance.queries import debtor_of_contact_point
from arrears.compliance.recording import CLOCK_TOLERANCE
from arrears.compliance.subjects import AccountSeen, accounts_seen, debtor_zones, interaction_seen, is_seen_debtor
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Result, check_version, command, load
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.clock import business_date
from arrears_sdk.errors import ErrorCode, InputError, LimitError, NotFoundError, RefusedError
from arrears_sdk.law.calendars import us_federal_holiday
from arrears_sdk.law.days import business_days_after, days_after
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.vocabulary import CommunicationChannel

MOST_ACCOUNTS = 100
# 12 CFR 1006.34(b)(5): receipt may be assumed five days after sending, without Saturdays, Sundays and the holidays of
# 5 USC 6103(a); the validation period ends 30 days after receipt.
_DAYS_TO_RECEIPT = 5
_VALIDATION_DAYS = 30
_ARRIVES = "A notice arrives after it was sent, and not later than today."
_DIGEST = "0123456789abcdef"


class NoticeRecord(DatedCommand):
    """A notice that was given to a debtor about some debts, or about all of them when none is named.

    For a validation notice the day of receipt is assumed when it is not known, and the end of the period follows.
    """

    kind: NoticeKind
    medium: CommunicationChannel
    debtor_id: UUID | None = None
    account_ids: tuple[UUID, ...] | None = None
    client_id: UUID | None = None
    sent_at: AwareDatetime | None = None
    received_on: date | None = None
    ends_on: date | None = None
    contact_point_id: UUID | None = None
    content_hash: str | None = None
    template: str | None = None
    template_version: str | None = None
    language: str | None = None
    interaction_id: UUID | None = None


class NoticeReturn(DatedCommand):
    """A notice that came back undelivered."""

    notice_id: UUID
    version: int
    returned_at: AwareDatetime | None = None


class NoticeReceive(DatedCommand):
    """The day on which a notice is known to have arrived."""

    notice_id: UUID
    version: int
    received_on: date


class NoticeSaved(Result):
    """The notice that was recorded or changed."""

    notice_id: UUID


@command("notice.record", permission=Permission.FACTS_WRITE)
async def record_notice(tx: Transaction, change: NoticeRecord) -> NoticeSaved:
    """Write down a notice that was given; one that is sent again is a notice of its own, and its period starts anew."""
    accounts = await _accounts(tx, change)
    debtor_id = await _debtor(tx, change, accounts)
    client_id = await _client(tx, change, accounts, debtor_id)
    sent_at = change.sent_at or tx.now
    if sent_at > tx.now + CLOCK_TOLERANCE:
        raise InputError("A notice is recorded once it was sent.", field=("input", "sentAt"))
    zones = await debtor_zones(await tx.connection(), debtor_id)
    # Of the days that it may have been for the debtor the last: what starts then ends late, in the debtor's favour.
    sent_on = max(business_date(sent_at, zone) for zone in zones or ("UTC",))
    received_on, assumed = _receipt(change, sent_on, tx.now)
    principal = tx.context.principal
    notice = NoticeRow(
        kind=change.kind.value,
        medium=change.medium.value,
        client_id=client_id,
        debtor_id=debtor_id,
        sent_at=sent_at,
        received_on=received_on,
        receipt_assumed=assumed,
        ends_on=_ends_on(change, received_on, sent_on),
        contact_point_id=change.contact_point_id,
        content_hash=_digest(change.content_hash),
        template=_text(change.template, "template"),
        template_version=_text(change.template_version, "templateVersion"),
        language=_text(change.language, "language", 35),
        interaction_id=change.interaction_id,
        recorded_by_id=principal.id,
        recorded_by_name=principal.name,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(notice)
    await tx.session.flush()
    tx.session.add_all(
        NoticeAccountRow(
            client_id=account.client_id,
            notice_id=notice.id,
            account_id=account.id,
            debtor_id=debtor_id,
            sent_at=sent_at,
        )
        for account in accounts
    )
    after = {
        "kind": notice.kind,
        "medium": notice.medium,
        "account_ids": [account.id for account in accounts],
        "sent_at": sent_at,
        "received_on": received_on,
        "receipt_assumed": assumed,
        "ends_on": notice.ends_on,
        "content_hash": notice.content_hash,
    }
    tx.audit(subject="notc", subject_id=notice.id, client_id=client_id, after=after, person_id=debtor_id)
    _announce(tx, notice, "NoticeRecorded")
    return NoticeSaved(notice_id=notice.id)


@command("notice.return", permission=Permission.FACTS_WRITE)
async def return_notice(tx: Transaction, change: NoticeReturn) -> NoticeSaved:
    """Note that a notice came back: for the rules it was never given."""
    notice = await _loaded(tx, change.notice_id, change.version)
    returned_at = change.returned_at or tx.now
    if not notice.sent_at <= returned_at <= tx.now + CLOCK_TOLERANCE:
        message = "A notice comes back after it was sent, and not later than now."
        raise InputError(message, field=("input", "returnedAt"))
    if notice.received_on is not None and not notice.receipt_assumed:
        message = "This notice is known to have arrived."
        raise RefusedError(message, code=ErrorCode.CONFLICT, field=("input", "noticeId"))
    notice.returned_at = returned_at
    _audit(tx, notice, {"returned_at": None}, {"returned_at": returned_at})
    _announce(tx, notice, "NoticeReturned")
    return NoticeSaved(notice_id=notice.id)


@command("notice.receive", permission=Permission.FACTS_WRITE)
async def receive_notice(tx: Transaction, change: NoticeReceive) -> NoticeSaved:
    """Note the day on which a notice arrived. A period that it opened ends later for it, never earlier."""
    notice = await _loaded(tx, change.notice_id, change.version)
    if not notice.sent_at.date() - timedelta(days=1) <= change.received_on <= _latest_today(tx.now):
        raise InputError(_ARRIVES, field=("input", "receivedOn"))
    before = {"received_on": notice.received_on, "ends_on": notice.ends_on}
    notice.received_on, notice.receipt_assumed = change.received_on, False
    if notice.kind == NoticeKind.VALIDATION:
        ends_on = days_after(change.received_on, _VALIDATION_DAYS)
        notice.ends_on = ends_on if notice.ends_on is None else max(ends_on, notice.ends_on)
    elif notice.ends_on is not None and notice.ends_on < change.received_on:
        message = "The period of this notice would end before it arrived."
        raise InputError(message, field=("input", "receivedOn"))
    _audit(tx, notice, before, {"received_on": notice.received_on, "ends_on": notice.ends_on})
    _announce(tx, notice, "NoticeReceived")
    return NoticeSaved(notice_id=notice.id)


async def _loaded(tx: Transaction, notice_id: UUID, version: int) -> NoticeRow:
    notice = await load(tx, NoticeRow, notice_id, kind="notc", field=("input", "noticeId"))
    check_version(notice, version)
    if notice.returned_at is not None:
        message = "The notice came back already: one that is sent again is recorded by itself."
        raise RefusedError(message, code=ErrorCode.ALREADY_ENDED, field=("input", "noticeId"))
    notice.updated_at = tx.now
    return notice


async def _accounts(tx: Transaction, change: NoticeRecord) -> list[AccountSeen]:
    wanted = list(dict.fromkeys(change.account_ids or ()))
    if len(wanted) > MOST_ACCOUNTS:
        raise LimitError(f"At most {MOST_ACCOUNTS} accounts can be named.", field=("input", "accountIds"))
    found = await accounts_seen(await tx.connection(), wanted) if wanted else {}
    if len(found) != len(wanted):
        raise _unknown("acct", "accountIds")
    return [found[id] for id in wanted]


async def _debtor(tx: Transaction, change: NoticeRecord, accounts: list[AccountSeen]) -> UUID:
    """To whom it was given: the debtor, whose contact point it is, or the primary debtor of the accounts."""
    connection = await tx.connection()
    debtor_id = change.debtor_id
    if change.contact_point_id is not None:
        owner = await debtor_of_contact_point(connection, change.contact_point_id)
        if owner is None or debtor_id not in (None, owner):
            raise _unknown("cont", "contactPointId")
        debtor_id = owner
    if debtor_id is None:
        owners = {account.debtor_id for account in accounts}
        if len(owners) != 1:
            raise InputError("Name the debtor.", code=ErrorCode.REQUIRED, field=("input", "debtorId"))
        return owners.pop()
    if not await is_seen_debtor(connection, debtor_id) or any(debtor_id not in one.parties for one in accounts):
        raise _unknown("dbtr", "debtorId")
    return debtor_id


async def _client(tx: Transaction, change: NoticeRecord, accounts: list[AccountSeen], debtor_id: UUID) -> UUID | None:
    """The client whose debts it was about; None for those of several, and for the agency's own."""
    connection = await tx.connection()
    clients = {account.client_id for account in accounts}
    client_id = change.client_id
    if client_id is not None:
        if not await is_seen_debtor(connection, debtor_id, client_id) or (clients and clients != {client_id}):
            raise _unknown("clnt", "clientId")
    elif len(clients) == 1:
        client_id = clients.pop()
    if change.interaction_id is not None:
        seen = await interaction_seen(connection, change.interaction_id)
        if seen is None or seen[1] != debtor_id or client_id not in (None, seen[0]) or len(clients) > 1:
            raise _unknown("intr", "interactionId")
        return seen[0]
    return client_id


def _receipt(change: NoticeRecord, sent_on: date, now: datetime) -> tuple[date | None, bool]:
    """The day of receipt, and whether it is assumed."""
    if change.received_on is not None:
        if not sent_on <= change.received_on <= _latest_today(now):
            raise InputError(_ARRIVES, field=("input", "receivedOn"))
        return change.received_on, False
    if change.kind is NoticeKind.VALIDATION:
        return business_days_after(sent_on, _DAYS_TO_RECEIPT, us_federal_holiday), True
    return None, False


def _ends_on(change: NoticeRecord, received_on: date | None, sent_on: date) -> date | None:
    """The last day of the period that the notice opens."""
    if change.kind is NoticeKind.VALIDATION:
        assert received_on is not None, "the receipt of a validation notice is assumed"
        ends_on = days_after(received_on, _VALIDATION_DAYS)
        if change.ends_on is not None and change.ends_on < ends_on:
            message = f"The validation period cannot end before {ends_on.isoformat()}."
            raise InputError(message, field=("input", "endsOn"))
        return change.ends_on or ends_on
    if change.ends_on is not None and change.ends_on < (received_on or sent_on):
        raise InputError("The period ends after the notice was given.", field=("input", "endsOn"))
    return change.ends_on


def _latest_today(now: datetime) -> date:
    """The day that it is where it is latest."""
    return (now + timedelta(hours=14)).date()


def _digest(text: str | None) -> str | None:
    if text is not None and (len(text) != 64 or set(text) - set(_DIGEST)):
        raise InputError("A SHA-256 in 64 hexadecimal digits is wanted.", field=("input", "contentHash"))
    return text


def _text(text: str | None, name: str, most: int = 200) -> str | None:
    return None if text is None else checked_text(text, ("input", name), most=most)


def _unknown(kind: str, field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=("input", field))


def _audit(tx: Transaction, notice: NoticeRow, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    tx.audit(
        subject="notc",
        subject_id=notice.id,
        client_id=notice.client_id,
        before=before,
        after=after,
        person_id=notice.debtor_id,
    )


def _announce(tx: Transaction, notice: NoticeRow, name: str) -> None:
    payload = {
        "debtorId": str(notice.debtor_id),
        "kind": notice.kind,
        "medium": notice.medium,
        "sentAt": notice.sent_at.isoformat(),
        "receivedOn": None if notice.received_on is None else notice.received_on.isoformat(),
        "endsOn": None if notice.ends_on is None else notice.ends_on.isoformat(),
    }
    tx.emit(Event(name, "notc", notice.id, notice.client_id, payload))
