"""Recording facts that rules of law turn on, ending them, and withdrawing what was recorded in error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.compliance.fact_parts import checked_parts
from arrears.compliance.facts_tables import FactRow
from arrears.compliance.queries import debtor_of_contact_point
from arrears.compliance.subjects import account_seen, is_seen_debtor
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import AccessError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactSpec
from arrears_sdk.law.words import FactSource
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import CommunicationChannel

# Another system's clock may be a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
_LONGEST_TEXT = 2_000


class FactState(StrEnum):
    """Where a fact stands at an instant."""

    UPCOMING = "UPCOMING"
    IN_FORCE = "IN_FORCE"
    ENDED = "ENDED"
    WITHDRAWN = "WITHDRAWN"


class FactRecord(DatedCommand):
    """A fact of a kind, with the parts that the catalogue gives the kind.

    What it is about follows from the kind: a debtor; a debt, by its account, or all debts of a debtor; an endpoint, by
    its contact point; or a place. `client_id` says from which client it is known; left out, the agency knows it itself,
    and for an account it is the account's client.
    """

    kind: FactKind
    debtor_id: UUID | None = None
    account_id: UUID | None = None
    contact_point_id: UUID | None = None
    client_id: UUID | None = None
    source: FactSource
    received_at: AwareDatetime | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    word: str | None = None
    on: date | None = None
    number: int | None = None
    amount: Money | None = None
    place: str | None = None
    earliest: time | None = None
    latest: time | None = None
    weekdays: tuple[int, ...] | None = None
    channel: CommunicationChannel | None = None
    evidence: str | None = None


class FactEnd(DatedCommand):
    """The end of a fact that holds: at once, or at an instant."""

    fact_id: UUID
    version: int
    ends_at: AwareDatetime | None = None
    reason: str


class FactWithdraw(Command):
    """A fact that was recorded in error."""

    fact_id: UUID
    version: int
    reason: str


class FactSaved(Result):
    """The fact that was recorded or changed."""

    fact_id: UUID


@command("fact.record", permission=Permission.FACTS_WRITE)
async def record_fact(tx: Transaction, change: FactRecord) -> FactSaved:
    """Write down a fact; every rule that turns on it reads it from now on."""
    spec = FACTS[change.kind]
    parts = checked_parts(change, spec)
    client_id, debtor_id = await _subject(tx, change, spec)
    received_at, starts_at = _times(tx, change)
    principal = tx.context.principal
    fact = FactRow(
        kind=change.kind.value,
        client_id=client_id,
        debtor_id=debtor_id,
        account_id=change.account_id,
        contact_point_id=change.contact_point_id,
        source=change.source.value,
        received_at=received_at,
        starts_at=starts_at,
        ends_at=change.ends_at,
        **parts,
        evidence=None if change.evidence is None else _text(change.evidence, "evidence"),
        recorded_by_id=principal.id,
        recorded_by_name=principal.name,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(fact)
    after = {name: value for name, value in parts.items() if value} | {
        "kind": fact.kind,
        "debtor_id": debtor_id,
        "account_id": fact.account_id,
        "contact_point_id": fact.contact_point_id,
        "source": fact.source,
        "received_at": received_at,
        "starts_at": starts_at,
        "ends_at": fact.ends_at,
        "word": _private(fact, fact.word),
        "evidence": _private(fact, fact.evidence),
    }
    tx.audit(subject="fact", subject_id=fact.id, client_id=client_id, after=after, person_id=debtor_id)
    _announce(tx, fact, "FactRecorded")
    return FactSaved(fact_id=fact.id)


@command("fact.end", permission=Permission.FACTS_WRITE)
async def end_fact(tx: Transaction, change: FactEnd) -> FactSaved:
    """Say until when a fact holds: what was decided before stays as it is."""
    fact = await _loaded(tx, change.fact_id, change.version)
    if fact.ends_at is not None and fact.ends_at <= tx.now:
        raise RefusedError("The fact has ended already.", code=ErrorCode.ALREADY_ENDED, field=("input", "factId"))
    ends_at = change.ends_at or tx.now
    if ends_at <= fact.starts_at:
        raise InputError("A fact ends after it starts: withdraw it, if it never was one.", field=("input", "endsAt"))
    before = {"ends_at": fact.ends_at}
    fact.ends_at, fact.end_reason = ends_at, _text(change.reason, "reason")
    after = {"ends_at": ends_at, "end_reason": _private(fact, fact.end_reason)}
    _audit(tx, fact, before, after)
    _announce(tx, fact, "FactEnded")
    return FactSaved(fact_id=fact.id)


@command("fact.withdraw", permission=Permission.FACTS_WRITE)
async def withdraw_fact(tx: Transaction, change: FactWithdraw) -> FactSaved:
    """Take back what was recorded in error: no rule reads it any more, and what was decided on it stays."""
    fact = await _loaded(tx, change.fact_id, change.version)
    fact.withdrawn_at, fact.withdrawn_reason = tx.now, _text(change.reason, "reason")
    after = {"withdrawn_at": tx.now, "withdrawn_reason": _private(fact, fact.withdrawn_reason)}
    _audit(tx, fact, {"withdrawn_at": None}, after)
    _announce(tx, fact, "FactWithdrawn")
    return FactSaved(fact_id=fact.id)


async def _loaded(tx: Transaction, fact_id: UUID, version: int) -> FactRow:
    """A fact that stands, and may be changed by the principal."""
    fact = await load(tx, FactRow, fact_id, kind="fact", field=("input", "factId"))
    if fact.debtor_id is None:
        _may_speak_of_places(tx)
    check_version(fact, version)
    if fact.withdrawn_at is not None:
        raise RefusedError("The fact was withdrawn already.", code=ErrorCode.ALREADY_ENDED, field=("input", "factId"))
    fact.updated_at = tx.now
    return fact


def _times(tx: Transaction, change: FactRecord) -> tuple[datetime, datetime]:
    """When it was received and from when it holds."""
    received_at = change.received_at or tx.now
    if received_at > tx.now + CLOCK_TOLERANCE:
        raise InputError("What is received later is not known yet.", field=("input", "receivedAt"))
    starts_at = change.starts_at or received_at
    if change.ends_at is not None and change.ends_at <= starts_at:
        raise InputError("A fact ends after it starts.", field=("input", "endsAt"))
    return received_at, starts_at


async def _subject(tx: Transaction, change: FactRecord, spec: FactSpec) -> tuple[UUID | None, UUID | None]:
    """The client and the debtor of a fact, both visible to the principal."""
    _check_level(change, spec)
    if spec.level is FactLevel.PLACE:
        _may_speak_of_places(tx)
        return None, None
    connection = await tx.connection()
    client_id, debtor_id = change.client_id, change.debtor_id
    if change.contact_point_id is not None:
        owner = await debtor_of_contact_point(connection, change.contact_point_id)
        if owner is None or debtor_id not in (None, owner):
            raise _unknown("cont", "contactPointId")
        debtor_id = owner
    if change.account_id is not None:
        account = await account_seen(connection, change.account_id)
        if account is None:
            raise _unknown("acct", "accountId")
        if debtor_id is not None and debtor_id not in account.parties:
            raise _unknown("dbtr", "debtorId")
        if client_id is not None and client_id != account.client_id:
            raise _unknown("clnt", "clientId")
        return account.client_id, debtor_id or account.debtor_id
    assert debtor_id is not None, "the level says that one is named"
    if not await is_seen_debtor(connection, debtor_id):
        raise _unknown("dbtr", "debtorId")
    if client_id is not None and not await is_seen_debtor(connection, debtor_id, client_id):
        raise _unknown("clnt", "clientId")
    return client_id, debtor_id


def _check_level(change: FactRecord, spec: FactSpec) -> None:
    """InputError when it is not said what the fact is about, or more than that."""
    level, kind = spec.level, change.kind.value
    if level is FactLevel.PLACE:
        for name, shown in (
            ("debtor_id", "debtorId"),
            ("account_id", "accountId"),
            ("contact_point_id", "contactPointId"),
            ("client_id", "clientId"),
        ):
            if getattr(change, name) is not None:
                raise InputError(f"{kind} is about a place, and about nobody there.", field=("input", shown))
        return
    if level is not FactLevel.DEBT and change.account_id is not None:
        whose = "endpoint" if level is FactLevel.ENDPOINT else "debtor"
        raise InputError(f"{kind} is about the {whose}, not about one account.", field=("input", "accountId"))
    if level is FactLevel.ENDPOINT:
        if change.contact_point_id is None:
            message = f"{kind} is about an endpoint: name the contact point."
            raise InputError(message, code=ErrorCode.REQUIRED, field=("input", "contactPointId"))
        return
    if change.contact_point_id is not None:
        raise InputError(f"{kind} is not about a contact point.", field=("input", "contactPointId"))
    if change.debtor_id is None and change.account_id is None:
        message = "Name the debtor." if level is FactLevel.DEBTOR else "Name the account, or the debtor for all debts."
        raise InputError(message, code=ErrorCode.REQUIRED, field=("input", "debtorId"))


def _may_speak_of_places(tx: Transaction) -> None:
    if tx.context.principal.scope.kind != "all":
        raise AccessError(
            "What holds for a whole place is said by somebody who sees all clients.", code=ErrorCode.FORBIDDEN
        )


def _text(text: str, name: str) -> str:
    return mask_card_numbers(checked_text(text, ("input", name), most=_LONGEST_TEXT))


def _private(fact: FactRow, text: str | None) -> Personal | str | None:
    """A text for the audit: what is said about a person only under the person's key."""
    return text if text is None or fact.debtor_id is None else Personal(text)


def _unknown(kind: str, field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=("input", field))


def _audit(tx: Transaction, fact: FactRow, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    tx.audit(
        subject="fact",
        subject_id=fact.id,
        client_id=fact.client_id,
        before=before,
        after=after,
        person_id=fact.debtor_id,
    )


def _announce(tx: Transaction, fact: FactRow, name: str) -> None:
    payload = {
        "debtorId": None if fact.debtor_id is None else str(fact.debtor_id),
        "accountId": None if fact.account_id is None else str(fact.account_id),
        "contactPointId": None if fact.contact_point_id is None else str(fact.contact_point_id),
        "kind": fact.kind,
        "startsAt": fact.starts_at.isoformat(),
        "endsAt": None if fact.ends_at is None else fact.ends_at.isoformat(),
    }
    tx.emit(Event(name, "fact", fact.id, fact.client_id, payload))
