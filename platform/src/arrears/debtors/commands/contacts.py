"""Changing contact points, and recording what debtors agree to."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from uuid import UUID

from arrears.access.model import Permission
from arrears.clients.commands import client_countries
from arrears.clients.model import checked_text
from arrears.debtors.commands.change import picture, supplied
from arrears.debtors.commands.facts import RowValues, contact_point_row, optional_text, zones_of_contact_point
from arrears.debtors.commands.inputs import (
    ConsentRecord,
    ConsentsRecorded,
    ContactPointAdd,
    ContactPointInvalidate,
    ContactPointSaved,
    ContactPointUpdate,
)
from arrears.debtors.indexing import write_tokens
from arrears.debtors.model import ConsentScope, ConsentState, ContactChannel, Validity
from arrears.debtors.tables import ConsentRow, ContactPointRow, DebtorRow, TimeZoneCandidateRow
from arrears.debtors.tokens import SearchedContact, tokens_for_contact
from arrears.kernel.command import check_version, command, load
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, InputError, Problem, RefusedError

_REQUIRED_WHEN_GIVEN = {"owner": "owner", "used_for": "usedFor", "preferred": "preferred", "verified": "verified"}
_LONGEST_EVIDENCE = 2_000
_CLOCK_TOLERANCE = datetime.timedelta(minutes=5)


@command(
    "contact_point.add",
    permission=Permission.DEBTORS_WRITE,
    constraints={
        "uq_contact_point_value": Problem(
            ErrorCode.CONFLICT, "This contact point is known already from the same source.", ("input", "value")
        )
    },
)
async def contact_point_add(tx: Transaction, change: ContactPointAdd) -> ContactPointSaved:
    """Adds a number, address or handle in its one form, with the time zones that a number stands for."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"))
    origin = await supplied(tx, debtor.id, change.supplied_by)
    country = debtor.country
    if country is None and change.supplied_by is not None:
        country = (await client_countries(tx, [change.supplied_by], ("input", "suppliedBy")))[change.supplied_by]
    contact = ContactPointRow(**contact_point_row(change, origin, country, ("input",)))
    tx.session.add(contact)
    await tx.session.flush()
    await _renew_zones(tx, contact)
    searched = SearchedContact(contact.id, contact.client_id, ContactChannel(contact.channel), contact.value)
    await write_tokens(tx, tokens_for_contact(debtor.id, searched))
    after = picture(contact, change.model_fields_set - {"debtor_id"})
    tx.audit(subject="cont", subject_id=contact.id, client_id=contact.client_id, after=after, person_id=debtor.id)
    payload = {"contact_point_id": str(contact.id), "channel": contact.channel}
    tx.emit(Event("ContactPointAdded", "dbtr", debtor.id, contact.client_id, payload))
    return ContactPointSaved(contact_point_id=contact.id, debtor_id=debtor.id)


@command("contact_point.update", permission=Permission.DEBTORS_WRITE)
async def contact_point_update(tx: Transaction, change: ContactPointUpdate) -> ContactPointSaved:
    """Changes what is known about a contact point. `verified` makes it valid, also after it was invalid."""
    row = await _loaded(tx, change.contact_point_id, change.version)
    given = change.model_fields_set - {"contact_point_id", "version"}
    for name, shown in _REQUIRED_WHEN_GIVEN.items():
        if name in given and getattr(change, name) is None:
            raise InputError(
                "This may be left out, but not set to null.", code=ErrorCode.REQUIRED, field=("input", shown)
            )
    if "line_type" in given and (change.line_type is None) != (row.line_type is None):
        raise InputError("A number has a line type, and nothing else has one.", field=("input", "lineType"))
    if "network" in given and row.channel == ContactChannel.SOCIAL and not change.network:
        raise InputError(
            "A handle needs the network it belongs to.", code=ErrorCode.REQUIRED, field=("input", "network")
        )
    changed = (given - {"verified"}) | ({"validity", "invalid_on", "invalid_reason"} if "verified" in given else set())
    before = picture(row, changed)
    for name in given - {"verified"}:
        value = getattr(change, name)
        if name in ("extension", "network", "source"):
            value = optional_text(value, ("input", name))
        setattr(row, name, value)
    if change.verified is not None:
        row.validity = Validity.VALID if change.verified else Validity.UNVERIFIED
        row.invalid_on = row.invalid_reason = None
    await _save(tx, row, "ContactPointUpdated", before, changed)
    return ContactPointSaved(contact_point_id=row.id, debtor_id=row.debtor_id)


@command("contact_point.invalidate", permission=Permission.DEBTORS_WRITE)
async def contact_point_invalidate(tx: Transaction, change: ContactPointInvalidate) -> ContactPointSaved:
    """Notes that a contact point does not reach the debtor; it stays on record and is no longer used or counted."""
    row = await _loaded(tx, change.contact_point_id, change.version)
    if row.validity == Validity.INVALID:
        raise RefusedError(
            "This contact point is invalid already.", code=ErrorCode.ALREADY_ENDED, field=("input", "contactPointId")
        )
    reason = optional_text(change.reason, ("input", "reason"))
    if reason is None:
        raise InputError("Say why it is invalid.", code=ErrorCode.REQUIRED, field=("input", "reason"))
    changed = {"validity", "invalid_on", "invalid_reason", "preferred"}
    before = picture(row, changed)
    row.validity, row.invalid_reason, row.invalid_on = Validity.INVALID, reason, tx.now.date()
    row.preferred = False
    await _save(tx, row, "ContactPointInvalidated", before, changed)
    return ContactPointSaved(contact_point_id=row.id, debtor_id=row.debtor_id)


@command("consent.record", permission=Permission.DEBTORS_WRITE)
async def consent_record(tx: Transaction, change: ConsentRecord) -> ConsentsRecorded:
    """Records that a debtor agreed to be contacted, or took it back; earlier records stay as they were."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"))
    if change.client_id is not None:
        await supplied(tx, debtor.id, change.client_id, ("input", "clientId"))
    if change.contact_point_id is not None:
        contact = await load(
            tx, ContactPointRow, change.contact_point_id, kind="cont", field=("input", "contactPointId")
        )
        if contact.debtor_id != debtor.id:
            raise InputError("The contact point belongs to another debtor.", field=("input", "contactPointId"))
    rows = [ConsentRow(channel=channel, **_consent_values(tx, change)) for channel in _checked_channels(change)]
    tx.session.add_all(rows)
    after = {
        "channels": [row.channel for row in rows],
        **picture(rows[0], set(ConsentRecord.model_fields) - {"debtor_id", "channels"}),
    }
    for row in rows:
        tx.audit(subject="cons", subject_id=row.id, client_id=row.client_id, after=after, person_id=debtor.id)
    name = "ConsentGranted" if change.state is ConsentState.GRANTED else "ConsentRevoked"
    endpoint = None if change.contact_point_id is None else str(change.contact_point_id)
    payload = {"contact_point_id": endpoint, "channels": [row.channel for row in rows], "scope": change.scope.value}
    tx.emit(Event(name, "dbtr", debtor.id, change.client_id, payload))
    return ConsentsRecorded(debtor_id=debtor.id, consent_ids=tuple(row.id for row in rows))


async def _loaded(tx: Transaction, contact_point_id: UUID, version: int) -> ContactPointRow:
    row = await load(tx, ContactPointRow, contact_point_id, kind="cont", field=("input", "contactPointId"))
    check_version(row, version)
    return row


async def _save(
    tx: Transaction, row: ContactPointRow, event: str, before: Mapping[str, object], changed: Iterable[str]
) -> None:
    """Writes what follows from a changed contact point: its zones, the audit and the event."""
    await tx.session.flush()
    await _renew_zones(tx, row)
    after = picture(row, changed)
    tx.audit(
        subject="cont", subject_id=row.id, client_id=row.client_id, before=before, after=after, person_id=row.debtor_id
    )
    payload = {"contact_point_id": str(row.id), "channel": row.channel, "validity": str(row.validity)}
    tx.emit(Event(event, "dbtr", row.debtor_id, row.client_id, payload))


async def _renew_zones(tx: Transaction, row: ContactPointRow) -> None:
    connection = await tx.connection()
    await connection.execute("delete from time_zone_candidate where contact_point_id = %s", (row.id,))
    tx.session.add_all(TimeZoneCandidateRow(**zone) for zone in zones_of_contact_point(row.model_dump()))


def _checked_channels(change: ConsentRecord) -> tuple[str, ...]:
    if not change.channels:
        raise InputError("Name at least one channel.", code=ErrorCode.REQUIRED, field=("input", "channels"))
    return tuple(dict.fromkeys(channel.value for channel in change.channels))


def _consent_values(tx: Transaction, change: ConsentRecord) -> RowValues:
    """The columns of a consent besides its channel; InputError for what contradicts itself."""
    given_at = change.given_at or tx.now
    revoked = change.state is ConsentState.REVOKED
    if given_at > tx.now + _CLOCK_TOLERANCE:
        raise InputError("Nobody can have agreed in the future.", field=("input", "givenAt"))
    if change.expires_at is not None and (revoked or change.expires_at <= given_at):
        raise InputError(
            "Only a consent that was given expires, and only after it was given.", field=("input", "expiresAt")
        )
    medium = optional_text(change.revocation_medium, ("input", "revocationMedium"))
    if revoked != (medium is not None):
        raise InputError(
            "A revocation needs the medium by which it came, and a consent has none.",
            code=ErrorCode.REQUIRED if revoked else ErrorCode.INVALID_INPUT,
            field=("input", "revocationMedium"),
        )
    if change.scope is ConsentScope.CLIENT_MESSAGES and change.client_id is None:
        raise InputError("Name the client whose messages this is about.", field=("input", "clientId"))
    return {
        "debtor_id": change.debtor_id,
        "client_id": change.client_id,
        "contact_point_id": change.contact_point_id,
        "state": change.state,
        "scope": change.scope,
        "method": change.method,
        "source": mask_card_numbers(checked_text(change.source, ("input", "source"))),
        "given_directly": change.given_directly,
        "given_at": given_at,
        "expires_at": change.expires_at,
        "evidence": optional_text(change.evidence, ("input", "evidence"), most=_LONGEST_EVIDENCE),
        "revocation_medium": medium,
        "recorded_at": tx.now,
    }
