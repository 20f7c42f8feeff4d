"""Recording the agency's own licences, registrations and bonds, and when they end."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.compliance.fact_parts import checked_place
from arrears.compliance.facts_tables import LicenceRow
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Result, check_version, command, load
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import AccessError, ErrorCode, InputError, Problem, RefusedError


class LicenceKind(StrEnum):
    """By what the agency may collect at a place."""

    LICENCE = "LICENCE"
    REGISTRATION = "REGISTRATION"
    AUTHORISATION = "AUTHORISATION"
    EXEMPTION = "EXEMPTION"
    BOND = "BOND"


class LicenceRecord(DatedCommand):
    """What the agency holds at a place, from a day, and until a last day where that is known."""

    place: str
    kind: LicenceKind
    number: str | None = None
    from_on: date
    until_on: date | None = None


class LicenceEnd(DatedCommand):
    """The last day of a licence."""

    licence_id: UUID
    version: int
    until_on: date


class LicenceSaved(Result):
    """The licence that was recorded or changed."""

    licence_id: UUID


@command(
    "licence.record",
    permission=Permission.LICENCES_WRITE,
    constraints={
        "uq_licence_place_kind_from_on": Problem(
            ErrorCode.CONFLICT, "This is recorded already, from the same day on.", ("input", "fromOn")
        )
    },
)
async def record_licence(tx: Transaction, change: LicenceRecord) -> LicenceSaved:
    """Write down a licence; rules ask for it by its place."""
    _whole_agency(tx)
    if change.until_on is not None and change.until_on < change.from_on:
        raise InputError("This ends before it begins.", field=("input", "untilOn"))
    licence = LicenceRow(
        place=checked_place(change.place),
        kind=change.kind.value,
        number=None if change.number is None else checked_text(change.number, ("input", "number"), most=100),
        from_on=change.from_on,
        until_on=change.until_on,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(licence)
    after = {name: getattr(licence, name) for name in ("place", "kind", "number", "from_on", "until_on")}
    tx.audit(subject="lcnc", subject_id=licence.id, client_id=None, after=after)
    _announce(tx, licence, "LicenceRecorded")
    return LicenceSaved(licence_id=licence.id)


@command("licence.end", permission=Permission.LICENCES_WRITE)
async def end_licence(tx: Transaction, change: LicenceEnd) -> LicenceSaved:
    """Say which day is the last of a licence; a renewal is a licence of its own, or a later last day."""
    _whole_agency(tx)
    licence = await load(tx, LicenceRow, change.licence_id, kind="lcnc", field=("input", "licenceId"))
    check_version(licence, change.version)
    if change.until_on < licence.from_on:
        raise InputError("This ends before it begins.", field=("input", "untilOn"))
    if change.until_on == licence.until_on:
        raise RefusedError("That is its last day already.", code=ErrorCode.ALREADY_ENDED, field=("input", "untilOn"))
    before = {"until_on": licence.until_on}
    licence.until_on, licence.updated_at = change.until_on, tx.now
    after = {"until_on": change.until_on}
    tx.audit(subject="lcnc", subject_id=licence.id, client_id=None, before=before, after=after)
    _announce(tx, licence, "LicenceEnded")
    return LicenceSaved(licence_id=licence.id)


def _whole_agency(tx: Transaction) -> None:
    if tx.context.principal.scope.kind != "all":
        raise AccessError("A licence is written down by somebody who sees all clients.", code=ErrorCode.FORBIDDEN)


def _announce(tx: Transaction, licence: LicenceRow, name: str) -> None:
    payload = {
        "place": licence.place,
        "kind": licence.kind,
        "fromOn": licence.from_on.isoformat(),
        "untilOn": None if licence.until_on is None else licence.until_on.isoformat(),
    }
    tx.emit(Event(name, "lcnc", licence.id, None, payload))
