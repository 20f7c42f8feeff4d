"""Recording interactions: many at a time, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime

from arrears.clients.model import checked_text, checked_time_zone
from arrears.debtors.model import CommunicationChannel
from arrears.interactions.gate import OutboundContact, Passage, gate_keeper
from arrears.interactions.model import (
    RIGHT_PARTIES,
    TRAITS,
    Direction,
    EndpointType,
    Initiator,
    InteractionResult,
    PartyReached,
    Reach,
    fits,
    local_date,
    usual_party,
)
from arrears.interactions.queries import EndpointSeen, Surroundings, surroundings
from arrears.kernel.batches import insert_rows
from arrears.kernel.command import Command, Result
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError, NotFoundError, Problem
from arrears_sdk.ids import new_id

# A telephone system's clock may be a little ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
# Nobody collects by contacts so old, and the first instants of the calendar have no day in zones west of Greenwich.
EARLIEST_CONTACT = datetime(1900, 1, 1, tzinfo=UTC)
_LONGEST = {
    "content": 20_000,
    "note": 20_000,
    "bounce_notice": 2_000,
    "endpoint": 320,
    "language": 35,
    "template": 200,
    "template_version": 100,
    "recording_reference": 500,
}
_MOST_DISCLOSURES = 50
# A number written without its country; fewer digits could be the end of many numbers.
_FEWEST_DIGITS = 7


class InteractionContent(Command):
    """What is known of one contact or attempt."""

    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    channel: CommunicationChannel
    direction: Direction
    contact_point_id: UUID | None = None
    endpoint: str | None = None
    endpoint_type: EndpointType | None = None
    party_reached: PartyReached | None = None
    result: InteractionResult
    debts_discussed: tuple[UUID, ...] = ()
    initiated_by: Initiator | None = None
    at_debtor_request: bool = False
    required_by_law: bool = False
    debtor_zone: str | None = None
    language: str | None = None
    content: str | None = None
    disclosures: tuple[str, ...] = ()
    template: str | None = None
    template_version: str | None = None
    opt_out_line: bool = False
    bounce_notice: str | None = None
    recording_reference: str | None = None
    note: str | None = None


class InteractionRecord(InteractionContent):
    """A contact or attempt to be written down: about an account, or with a debtor for a client without one.

    `debtor_id` is who was contacted; left out, it is the account's primary debtor. `client_id` is needed when there is
    no account. What is left out is taken from the contact point, the result and the debtor's time zones. `permit_id` is
    what let it be made; a contact from the agency without one is recorded as outside the gate.
    """

    account_id: UUID | None = None
    debtor_id: UUID | None = None
    client_id: UUID | None = None
    permit_id: UUID | None = None


class InteractionRecorded(Result):
    """The interaction that was written down."""

    interaction_id: UUID


@dataclass(frozen=True)
class Correction:
    """Which interaction a new one supersedes, and why; `passage` is the old one's where that holds for the new one."""

    corrects_id: UUID
    reason: str
    passage: Passage | None = None


@dataclass(frozen=True)
class _Subject:
    """Whose interaction it is: client, debtor and the place of the input for what is wrong."""

    client_id: UUID
    debtor_id: UUID


async def record_interactions(
    tx: Transaction,
    records: Sequence[InteractionRecord],
    *,
    at: Sequence[tuple[str, ...]] | None = None,
    corrections: Sequence[Correction | None] | None = None,
    history: bool = False,
) -> list[InteractionRecorded]:
    """Write down contacts and attempts; the results stand in the order of the records.

    Contacts from the agency are looked at by the gate, but for `history`: what another system did before this one knew
    of the debt, which no gate could have let through.

    All or none: InputError lists everything that is wrong, each problem at the place of its record: `at`, else
    `("interactions", "0")` and so on. The number of statements does not depend on the number of records.
    """
    if not records:
        return []
    places = at or [("interactions", str(position)) for position in range(len(records))]
    found = await surroundings(
        await tx.connection(),
        accounts={id for record in records for id in (record.account_id, *record.debts_discussed) if id},
        debtors={record.debtor_id for record in records if record.debtor_id},
        clients={record.client_id for record in records if record.client_id},
        contact_points={record.contact_point_id for record in records if record.contact_point_id},
    )
    rows: list[dict[str, object]] = []
    debts: list[dict[str, object]] = []
    problems: list[Problem] = []
    superseded = corrections or [None] * len(records)
    for record, place, correction in zip(records, places, superseded, strict=True):
        try:
            row = _row(tx, record, found, correction)
        except ArrearsError as error:
            problems += [Problem(each.code, each.message, (*place, *each.field)) for each in error.problems]
            continue
        rows.append(row)
        debts += [_discussed(row, account_id) for account_id in dict.fromkeys(record.debts_discussed)]
    if problems:
        raise InputError.of(problems)
    passages = await _passages(tx, records, rows, found, places, superseded, history=history)
    rows = [row | vars(passage) for row, passage in zip(rows, passages, strict=True)]
    connection = await tx.connection()
    await insert_rows(connection, "interaction", rows)
    await insert_rows(connection, "interaction_account", debts)
    for row in rows:
        _announce(tx, row)
    return [InteractionRecorded(interaction_id=UUID(str(row["id"]))) for row in rows]


async def _passages(
    tx: Transaction,
    records: Sequence[InteractionRecord],
    rows: Sequence[dict[str, object]],
    seen: Surroundings,
    places: Sequence[tuple[str, ...]],
    corrections: Sequence[Correction | None],
    *,
    history: bool,
) -> list[Passage]:
    """How each record stands to the gate."""
    found = [Passage() if correction is None else correction.passage or Passage() for correction in corrections]
    asked = [
        index
        for index, (record, correction) in enumerate(zip(records, corrections, strict=True))
        if record.direction is Direction.OUTBOUND and not history and (correction is None or correction.passage is None)
    ]
    if asked:
        contacts = [_outbound(records[index], rows[index], seen, places[index]) for index in asked]
        for index, passage in zip(asked, await gate_keeper.gate.passages(tx, contacts), strict=True):
            found[index] = passage
    return found


def _outbound(
    record: InteractionRecord, row: dict[str, object], seen: Surroundings, place: tuple[str, ...]
) -> OutboundContact:
    named = (record.account_id, *record.debts_discussed)
    point = None if record.contact_point_id is None else seen.endpoints.get(record.contact_point_id)
    return OutboundContact(
        client_id=UUID(str(row["client_id"])),
        debtor_id=UUID(str(row["debtor_id"])),
        account_ids=tuple(dict.fromkeys(id for id in named if id is not None)),
        started_at=record.started_at,
        channel=record.channel,
        contact_point_id=record.contact_point_id,
        is_elsewhere=_is_elsewhere(record.endpoint, None if point is None else point.value),
        initiated_by=Initiator(str(row["initiated_by"])),
        at_debtor_request=record.at_debtor_request,
        required_by_law=record.required_by_law,
        language=record.language,
        opt_out_line=record.opt_out_line,
        permit_id=record.permit_id,
        field=(*place, "permitId"),
    )


def _is_elsewhere(written: str | None, known: str | None) -> bool:
    """Whether a number or address is written out that is not the contact point's; numbers may lack their country."""
    if written is None or not written.strip():
        return False
    if known is None or known.casefold() == written.strip().casefold():
        return known is None
    digits = "".join(character for character in written if character.isdecimal()).lstrip("0")
    return not (known.startswith("+") and len(digits) >= _FEWEST_DIGITS and known.endswith(digits))


def _row(
    tx: Transaction, record: InteractionRecord, found: Surroundings, correction: Correction | None
) -> dict[str, object]:
    """The row of one record; InputError or NotFoundError with paths below the record."""
    subject = _subject(record, found)
    _check_debts(record, subject, found)
    if record.permit_id is not None and record.direction is not Direction.OUTBOUND:
        raise InputError("What comes from the debtor needs no permit.", field=("permitId",))
    endpoint = _endpoint(record, subject, found)
    _check_times(tx, record)
    party = _party(record)
    zone = _zone(record, subject, found)
    principal = tx.context.principal
    inbound = record.direction is Direction.INBOUND
    initiated_by = record.initiated_by or (Initiator.DEBTOR if inbound else Initiator.AGENCY)
    texts = {name: _text(record, name, most) for name, most in _LONGEST.items() if name != "endpoint"}
    return {
        "id": new_id(),
        "client_id": subject.client_id,
        "account_id": record.account_id,
        "debtor_id": subject.debtor_id,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "channel": record.channel.value,
        "direction": record.direction.value,
        "contact_point_id": record.contact_point_id,
        "endpoint": _text(record, "endpoint", _LONGEST["endpoint"]) or (endpoint and endpoint.value),
        "endpoint_type": (record.endpoint_type or _endpoint_type(endpoint)).value,
        "party_reached": party.value,
        "result": record.result.value,
        "debt_discussed": bool(record.debts_discussed),
        "initiated_by": initiated_by.value,
        "at_debtor_request": record.at_debtor_request,
        "required_by_law": record.required_by_law,
        "debtor_local_date": local_date(record.started_at, zone),
        "debtor_zone": zone,
        **texts,
        "disclosures": _disclosures(record),
        "opt_out_line": record.opt_out_line,
        "recorded_by_id": principal.id,
        "recorded_by_name": principal.name,
        "recorded_at": tx.now,
        "corrects_id": correction and correction.corrects_id,
        "correction_reason": correction and correction.reason,
    }


def _subject(record: InteractionRecord, found: Surroundings) -> _Subject:
    if record.account_id is not None:
        account = found.accounts.get(record.account_id)
        if account is None:
            raise _unknown("acct", "accountId")
        if record.client_id not in (None, account.client_id):
            raise InputError("The account belongs to another client.", field=("clientId",))
        if record.debtor_id is not None and record.debtor_id not in account.debtor_ids:
            raise _unknown("dbtr", "debtorId")
        return _Subject(account.client_id, record.debtor_id or account.debtor_ids[0])
    if record.debtor_id is None or record.client_id is None:
        missing = "debtorId" if record.debtor_id is None else "clientId"
        raise InputError("Without an account, debtor and client are named.", code=ErrorCode.REQUIRED, field=(missing,))
    if (record.debtor_id, record.client_id) not in found.links:
        raise _unknown("dbtr", "debtorId")
    return _Subject(record.client_id, record.debtor_id)


def _check_debts(record: InteractionRecord, subject: _Subject, found: Surroundings) -> None:
    for position, account_id in enumerate(record.debts_discussed):
        account = found.accounts.get(account_id)
        # Debts of another client are another interaction: each client has the log of its own debts and no other's.
        if account is None or account.client_id != subject.client_id or subject.debtor_id not in account.debtor_ids:
            raise _unknown("acct", "debtsDiscussed", str(position))


def _endpoint(record: InteractionRecord, subject: _Subject, found: Surroundings) -> EndpointSeen | None:
    if record.contact_point_id is None:
        return None
    endpoint = found.endpoints.get(record.contact_point_id)
    if endpoint is None or endpoint.debtor_id != subject.debtor_id:
        raise _unknown("cont", "contactPointId")
    return endpoint


def _endpoint_type(endpoint: EndpointSeen | None) -> EndpointType:
    if endpoint is None:
        return EndpointType.UNKNOWN
    if endpoint.owner == "THIRD_PARTY":
        return EndpointType.THIRD_PARTY
    if endpoint.owner == "EMPLOYER" or endpoint.used_for == "WORK":
        return EndpointType.WORK
    if endpoint.line_type == "MOBILE":
        return EndpointType.MOBILE
    return EndpointType.HOME if endpoint.used_for == "HOME" else EndpointType.UNKNOWN


def _check_times(tx: Transaction, record: InteractionRecord) -> None:
    if record.started_at < EARLIEST_CONTACT:
        raise InputError("A contact before the year 1900 cannot be recorded.", field=("startedAt",))
    if record.started_at > tx.now + CLOCK_TOLERANCE:
        raise InputError("A contact that has not begun cannot be recorded.", field=("startedAt",))
    if record.ended_at is not None and record.ended_at < record.started_at:
        raise InputError("A contact ends after it begins.", field=("endedAt",))


def _party(record: InteractionRecord) -> PartyReached:
    if not fits(record.channel.value, record.result):
        raise InputError(f"{record.channel} does not end as {record.result}.", field=("result",))
    party = record.party_reached or usual_party(record.result)
    reach = TRAITS[record.result].reach
    if reach in {Reach.REACH, Reach.SUCCESS} and party is PartyReached.NONE:
        raise InputError(f"{record.result} means that somebody was reached.", field=("partyReached",))
    if reach in {Reach.FAIL, Reach.ATTEMPT} and party in RIGHT_PARTIES:
        raise InputError(f"{record.result} means that the debtor was not reached.", field=("partyReached",))
    return party


def _zone(record: InteractionRecord, subject: _Subject, found: Surroundings) -> str:
    if record.debtor_zone is not None:
        return checked_time_zone(record.debtor_zone, ("debtorZone",))
    # The client's own zone is the last resort; who may not see the client gets the day in UTC.
    return found.debtor_zones.get(subject.debtor_id) or found.client_zones.get(subject.client_id) or "UTC"


def _text(record: InteractionRecord, name: str, most: int) -> str | None:
    text: str | None = getattr(record, name)
    if text is None or not text.strip():
        return None
    first, *others = name.split("_")
    field = first + "".join(other.capitalize() for other in others)
    checked = checked_text(text, (field,), most=most)
    return checked if name == "endpoint" else mask_card_numbers(checked)


def _disclosures(record: InteractionRecord) -> list[str]:
    if len(record.disclosures) > _MOST_DISCLOSURES:
        raise InputError(f"At most {_MOST_DISCLOSURES} disclosures can be named.", field=("disclosures",))
    return [
        mask_card_numbers(checked_text(disclosure, ("disclosures", str(position)), most=500))
        for position, disclosure in enumerate(record.disclosures)
    ]


def _discussed(row: dict[str, object], account_id: UUID) -> dict[str, object]:
    return {
        "client_id": row["client_id"],
        "interaction_id": row["id"],
        "account_id": account_id,
        "debtor_id": row["debtor_id"],
    }


def _announce(tx: Transaction, row: dict[str, object]) -> None:
    id, client_id, debtor_id = (UUID(str(row[name])) for name in ("id", "client_id", "debtor_id"))
    known = ("account_id", "channel", "direction", "result", "started_at", "corrects_id")
    # The row itself is never changed, so the audit need not repeat what was said; it names what decides how it counts.
    after = {name: row[name] for name in known if row[name] is not None}
    tx.audit(subject="intr", subject_id=id, client_id=client_id, after=after, person_id=debtor_id)
    payload = {
        "debtorId": str(debtor_id),
        "accountId": None if row["account_id"] is None else str(row["account_id"]),
        "channel": row["channel"],
        "direction": row["direction"],
        "result": row["result"],
        "correctsId": None if row["corrects_id"] is None else str(row["corrects_id"]),
    }
    tx.emit(Event("InteractionRecorded", "intr", id, client_id, payload))


def _unknown(kind: str, *field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=field)
