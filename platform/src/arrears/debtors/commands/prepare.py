"""From the input of a new debtor to the rows that will be written: every check that needs no database."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from arrears.clients.model import checked_country, checked_text
from arrears.debtors.commands.facts import (
    Origin,
    Path,
    Problems,
    RowValues,
    check_kind,
    checked_birth,
    checked_languages,
    contact_point_row,
    name_row,
    national_id_row,
    optional_text,
    residence_row,
    shown_name,
)
from arrears.debtors.commands.inputs import DebtorCreate
from arrears.debtors.model import sort_name
from arrears.kernel.personal import protect_reference
from arrears.kernel.vault import Vault
from arrears_sdk.errors import ErrorCode
from arrears_sdk.ids import new_id

PartT = TypeVar("PartT")
MadeT = TypeVar("MadeT")


@dataclass(frozen=True)
class PreparedDebtor:
    """A debtor that passed every check that needs no database, as the rows that will be written."""

    debtor_id: UUID
    debtor: RowValues
    links: list[RowValues]
    names: list[RowValues]
    residences: list[RowValues]
    contact_points: list[RowValues]
    national_ids: list[tuple[RowValues, str]]
    at: Path = field(default=("input",))

    @property
    def references(self) -> list[tuple[UUID, str]]:
        """The clients' references of the debtor, as they are stored."""
        return [(link["client_id"], link["reference"]) for link in self.links if link["reference"]]


def prepared_debtor(
    new: DebtorCreate, *, countries: Mapping[UUID, str], now: datetime.datetime, vault: Vault, at: Path = ("input",)
) -> PreparedDebtor:
    """The rows of a new debtor; InputError with every problem found, each at its path below `at`.

    `countries` gives the country of each client that the debtor names (see `client_countries`).
    """
    problems = Problems()
    debtor_id = new_id()
    clients = [link.client_id for link in new.clients]
    supplied_by = _supplier(new, clients, at, problems)
    origin = Origin(debtor_id, supplied_by, now)
    country = new.country and problems.of(lambda: checked_country(new.country or "", (*at, "country")))
    read_in = country or (countries.get(clients[0]) if clients else None)
    links = [_link_row(new, place, origin, vault, at, problems) for place in range(len(new.clients))]
    names = _each(new.names, "names", lambda name, where: name_row(name, origin, where), at, problems)
    residences = _each(new.residences, "residences", lambda one, where: residence_row(one, origin, where), at, problems)
    contacts = _each(
        new.contact_points,
        "contactPoints",
        lambda one, where: contact_point_row(one, origin, read_in, where),
        at,
        problems,
    )
    national_ids = _each(
        new.national_ids, "nationalIds", lambda one, where: national_id_row(one, origin, where), at, problems
    )
    _check_unique(contacts, ("channel", "value"), (*at, "contactPoints"), problems)
    _check_unique([row for row, _ in national_ids], ("kind", "country"), (*at, "nationalIds"), problems)
    debtor = _debtor_row(new, origin, names, country or None, at, problems)
    problems.raise_any()
    return PreparedDebtor(debtor_id, debtor, links, names, residences, contacts, national_ids, at)


def _supplier(new: DebtorCreate, clients: Sequence[UUID], at: Path, problems: Problems) -> UUID | None:
    if not clients:
        problems.add("A debtor needs at least one client.", (*at, "clients"), ErrorCode.REQUIRED)
    if len(set(clients)) < len(clients):
        problems.add("A client is named twice.", (*at, "clients"))
    if new.supplied_by is not None and new.supplied_by not in clients:
        problems.add("Whoever supplies the data must be one of the clients.", (*at, "suppliedBy"))
    if new.supplied_by is None and len(clients) == 1:
        return clients[0]
    return new.supplied_by


def _link_row(new: DebtorCreate, place: int, origin: Origin, vault: Vault, at: Path, problems: Problems) -> RowValues:
    link = new.clients[place]
    where = (*at, "clients", str(place), "reference")
    return {
        "id": new_id(),
        "debtor_id": origin.debtor_id,
        "client_id": link.client_id,
        "reference": problems.of(lambda: stored_reference(link.reference, vault, where)),
        "created_at": origin.now,
    }


def stored_reference(reference: str | None, vault: Vault, field: Path = ("input", "reference")) -> str | None:
    """A client's reference as it is stored: without blanks around it, a card number in it made unreadable."""
    return protect_reference(checked_text(reference, field), vault) if reference and reference.strip() else None


def _debtor_row(
    new: DebtorCreate, origin: Origin, names: Sequence[RowValues], country: str | None, at: Path, problems: Problems
) -> RowValues:
    if not new.names:
        problems.add("A debtor needs at least one name.", (*at, "names"), ErrorCode.REQUIRED)
    check_kind(new.kind, new.model_dump(), at, problems)
    born_on = new.date_of_birth
    if born_on is not None:
        problems.of(lambda: checked_birth(born_on, origin.now.date(), (*at, "dateOfBirth")))
    spoken = [new.preferred_language, *new.languages] if new.preferred_language else list(new.languages)
    languages = problems.of(lambda: checked_languages(spoken, (*at, "languages")))
    shown = shown_name(names, origin.today) if names else {"full_name": "", "family_name": None, "given_name": None}
    return {
        "id": origin.debtor_id,
        "kind": new.kind,
        **name_columns(shown),
        "date_of_birth": born_on,
        "country": country,
        "preferred_language": new.preferred_language,
        "languages": languages or [],
        "legal_form": problems.of(lambda: optional_text(new.legal_form, (*at, "legalForm"))),
        "registration_number": problems.of(lambda: optional_text(new.registration_number, (*at, "registrationNumber"))),
        "version": 1,
        "created_at": origin.now,
        "updated_at": origin.now,
    }


def name_columns(shown: Mapping[str, Any]) -> dict[str, str]:
    """The columns of a debtor that come from the name it is shown by."""
    full = shown["full_name"]
    return {"display_name": full, "sort_name": sort_name(full, shown["family_name"], shown["given_name"])}


def _each(
    parts: Sequence[PartT],
    called: str,
    make: Callable[[PartT, Path], MadeT],
    at: Path,
    problems: Problems,
) -> list[MadeT]:
    made: list[MadeT] = []
    for place, part in enumerate(parts):
        row = problems.of(lambda part=part, place=place: make(part, (*at, called, str(place))))  # type: ignore[misc]
        if row is not None:
            made.append(row)
    return made


def _check_unique(rows: Sequence[RowValues], keys: Sequence[str], at: Path, problems: Problems) -> None:
    seen = [tuple(row[key] for key in keys) for row in rows]
    if len(set(seen)) < len(seen):
        problems.add("Two of these are the same.", at)
