"""Changing debtors: their facts, names and places, and which clients see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import select

from arrears.access.model import Permission
from arrears.clients.commands import client_countries
from arrears.clients.model import checked_country
from arrears.debtors import jobs
from arrears.debtors.commands.create import LINK_TAKEN
from arrears.debtors.commands.facts import (
    Origin,
    Path,
    Problems,
    check_kind,
    checked_birth,
    checked_languages,
    checked_span,
    name_row,
    optional_text,
    residence_row,
    shown_name,
    zones_of_residence,
)
from arrears.debtors.commands.inputs import (
    DebtorLinkClient,
    DebtorSaved,
    DebtorUpdate,
    NameAdd,
    NameAdded,
    ResidenceAdd,
    ResidenceEnd,
    ResidenceSaved,
)
from arrears.debtors.commands.prepare import name_columns, stored_reference
from arrears.debtors.indexing import renew_name_tokens, write_tokens
from arrears.debtors.model import DebtorKind
from arrears.debtors.tables import DebtorClientRow, DebtorNameRow, DebtorRow, ResidenceRow, TimeZoneCandidateRow
from arrears.debtors.tokens import SearchedLink, SearchedName, tokens_for_link, tokens_for_name
from arrears.kernel.command import check_version, command, load
from arrears.kernel.personal import Personal
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, NotFoundError, Problem, RefusedError

_PERSONAL = {
    "date_of_birth",
    "registration_number",
    "full_name",
    "given_name",
    "family_name",
    "address_lines",
    "city",
    "region",
    "postal_code",
    "value",
    "extension",
    "network",
    "invalid_reason",
    "evidence",
    "source",
    "revocation_medium",
}


@command("debtor.update", permission=Permission.DEBTORS_WRITE)
async def debtor_update(tx: Transaction, change: DebtorUpdate) -> DebtorSaved:
    """Changes facts of a debtor. CONFLICT when they were changed since the caller read them."""
    row = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"))
    check_version(row, change.version)
    given = change.model_fields_set - {"debtor_id", "version"}
    before = picture(row, given)
    for name, value in _checked(tx, change, row, given).items():
        setattr(row, name, value)
    tx.audit(subject="dbtr", subject_id=row.id, before=before, after=picture(row, given), person_id=row.id)
    tx.emit(Event("DebtorUpdated", "dbtr", row.id, payload={"changed": sorted(given)}))
    return DebtorSaved(debtor_id=row.id)


@command(
    "debtor.link_client",
    permission=Permission.DEBTORS_WRITE,
    constraints={
        "uq_debtor_client_client_id_reference": Problem(LINK_TAKEN.code, LINK_TAKEN.message, ("input", "reference")),
        "uq_debtor_client_debtor_id_client_id": Problem(
            ErrorCode.CONFLICT, "The client sees this debtor already.", ("input", "clientId")
        ),
    },
)
async def debtor_link_client(tx: Transaction, change: DebtorLinkClient) -> DebtorSaved:
    """Lets a further client see the debtor. DUPLICATE_REFERENCE when the client's reference is another debtor's."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"))
    await client_countries(tx, [change.client_id], ("input", "clientId"))
    link = DebtorClientRow(
        debtor_id=debtor.id,
        client_id=change.client_id,
        reference=stored_reference(change.reference, tx.context.vault),
        created_at=tx.now,
    )
    tx.session.add(link)
    await tx.session.flush()
    await write_tokens(
        tx, tokens_for_link(debtor.id, debtor.display_name, SearchedLink(link.id, link.client_id, link.reference))
    )
    told = None if link.reference is None else Personal(link.reference)
    after = {"client_id": str(link.client_id), "reference": told}
    tx.audit(subject="dbtr", subject_id=debtor.id, client_id=link.client_id, after=after, person_id=debtor.id)
    tx.emit(Event("DebtorLinked", "dbtr", debtor.id, link.client_id))
    return DebtorSaved(debtor_id=debtor.id)


@command("name.add", permission=Permission.DEBTORS_WRITE)
async def name_add(tx: Transaction, change: NameAdd) -> NameAdded:
    """Adds a name; a legal name that is not over becomes the one that the debtor is shown by."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"), lock=True)
    origin = await supplied(tx, debtor.id, change.supplied_by)
    values = name_row(change, origin, ("input",))
    name = DebtorNameRow(**values)
    known = await tx.session.execute(select(DebtorNameRow).where(DebtorNameRow.debtor_id == debtor.id))
    every = [*(row.model_dump() for row in known.scalars()), values]
    tx.session.add(name)
    await tx.session.flush()
    await write_tokens(tx, tokens_for_name(debtor.id, SearchedName(name.id, name.client_id, name.full_name)))
    await _show_by(tx, debtor, name_columns(shown_name(every, origin.today)))
    after = picture(name, change.model_fields_set - {"debtor_id"})
    tx.audit(subject="name", subject_id=name.id, client_id=name.client_id, after=after, person_id=debtor.id)
    tx.emit(Event("DebtorNameAdded", "dbtr", debtor.id, name.client_id, {"name_id": str(name.id), "kind": name.kind}))
    return NameAdded(name_id=name.id, debtor_id=debtor.id)


@command("residence.add", permission=Permission.DEBTORS_WRITE)
async def residence_add(tx: Transaction, change: ResidenceAdd) -> ResidenceSaved:
    """Adds a place where the debtor lives, works, receives letters or is, and the time zones it stands for."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"))
    origin = await supplied(tx, debtor.id, change.supplied_by)
    values = residence_row(change, origin, ("input",))
    residence = ResidenceRow(**values)
    tx.session.add(residence)
    await tx.session.flush()
    tx.session.add_all(TimeZoneCandidateRow(**zone) for zone in zones_of_residence(values, origin.today))
    after = picture(residence, change.model_fields_set - {"debtor_id"})
    tx.audit(subject="addr", subject_id=residence.id, client_id=residence.client_id, after=after, person_id=debtor.id)
    payload = {"residence_id": str(residence.id), "kind": residence.kind, "country": residence.country}
    tx.emit(Event("ResidenceAdded", "dbtr", debtor.id, residence.client_id, payload))
    return ResidenceSaved(residence_id=residence.id, debtor_id=debtor.id)


@command("residence.end", permission=Permission.DEBTORS_WRITE)
async def residence_end(tx: Transaction, change: ResidenceEnd) -> ResidenceSaved:
    """Notes the last day of a place; once it is past, the place no longer says where the debtor is."""
    row = await load(tx, ResidenceRow, change.residence_id, kind="addr", field=("input", "residenceId"))
    check_version(row, change.version)
    if row.until_on is not None:
        raise RefusedError("This place has an end already.", code=ErrorCode.ALREADY_ENDED, field=("input", "untilOn"))
    checked_span(row.from_on, change.until_on, ("input",))
    row.until_on = change.until_on
    await renew_zones(tx, row)
    after = {"until_on": change.until_on}
    tx.audit(subject="addr", subject_id=row.id, client_id=row.client_id, before={"until_on": None}, after=after)
    tx.emit(Event("ResidenceEnded", "dbtr", row.debtor_id, row.client_id, {"residence_id": str(row.id)}))
    return ResidenceSaved(residence_id=row.id, debtor_id=row.debtor_id)


async def supplied(
    tx: Transaction, debtor_id: UUID, client_id: UUID | None, field: Path = ("input", "suppliedBy")
) -> Origin:
    """The origin of a fact; NotFoundError when the client that supplies it is not one that sees the debtor."""
    if client_id is not None:
        link = select(DebtorClientRow.id).where(
            DebtorClientRow.debtor_id == debtor_id, DebtorClientRow.client_id == client_id
        )
        if (await tx.session.execute(link)).first() is None:
            raise NotFoundError("There is no such client of this debtor that you may see.", field=field)
    return Origin(debtor_id, client_id, tx.now)


async def renew_zones(tx: Transaction, residence: ResidenceRow) -> None:
    """Writes the time zone candidates of a place anew."""
    connection = await tx.connection()
    await connection.execute("delete from time_zone_candidate where residence_id = %s", (residence.id,))
    today = Origin(residence.debtor_id, residence.client_id, tx.now).today
    zones = zones_of_residence(residence.model_dump(), today)
    tx.session.add_all(TimeZoneCandidateRow(**zone) for zone in zones)


def picture(row: Any, names: Iterable[str]) -> dict[str, object]:
    """The named columns of a row for the audit, the personal ones marked as such."""
    columns = {("client_id" if name == "supplied_by" else name) for name in names} & set(type(row).model_fields)
    shown = {name: getattr(row, name) for name in sorted(columns)}
    return {
        name: Personal(str(value)) if name in _PERSONAL and value is not None else value
        for name, value in shown.items()
    }


async def _show_by(tx: Transaction, debtor: DebtorRow, columns: dict[str, str]) -> None:
    if debtor.display_name == columns["display_name"] and debtor.sort_name == columns["sort_name"]:
        return
    before = {"display_name": Personal(debtor.display_name)}
    debtor.display_name, debtor.sort_name = columns["display_name"], columns["sort_name"]
    await tx.session.flush()
    await renew_name_tokens(tx, debtor.id)
    # Links of clients outside this principal's scope are invisible here; a job renews those.
    await tx.defer(jobs.RENEW_TOKENS, debtor_id=str(debtor.id))
    after = {"display_name": Personal(debtor.display_name)}
    tx.audit(subject="dbtr", subject_id=debtor.id, before=before, after=after, person_id=debtor.id)
    tx.emit(Event("DebtorRenamed", "dbtr", debtor.id))


def _checked(tx: Transaction, change: DebtorUpdate, row: DebtorRow, given: set[str]) -> dict[str, Any]:
    problems = Problems()
    values: dict[str, Any] = {name: getattr(change, name) for name in given}
    check_kind(DebtorKind(row.kind), values, ("input",), problems)
    if (born_on := values.get("date_of_birth")) is not None:
        problems.of(lambda: checked_birth(born_on, tx.now.date(), ("input", "dateOfBirth")))
    if (country := values.get("country")) is not None:
        problems.of(lambda: checked_country(country, ("input", "country")))
    for name, shown in (("legal_form", "legalForm"), ("registration_number", "registrationNumber")):
        if name in values:
            values[name] = problems.of(lambda name=name, shown=shown: optional_text(values[name], ("input", shown)))  # type: ignore[misc]
    if given & {"languages", "preferred_language"}:
        preferred = values.get("preferred_language", row.preferred_language)
        spoken = values.get("languages", row.languages) or ()
        listed = [preferred, *spoken] if preferred else list(spoken)
        values["languages"] = problems.of(lambda: checked_languages(listed, ("input", "languages")))
    problems.raise_any()
    return values
