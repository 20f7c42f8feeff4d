"""Checked rows of what is known about a debtor, each from one part of an input; nothing here reads or writes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from arrears.clients.model import checked_country, checked_text
from arrears.debtors.commands.inputs import NewContactPoint, NewName, NewNationalId, NewResidence
from arrears.debtors.contact_values import ContactValue, contact_value, is_geographical, places_its_owner
from arrears.debtors.model import (
    ZONE_SOURCE_OF_PLACE,
    ContactChannel,
    ContactOwner,
    DebtorKind,
    LineType,
    NameKind,
    ResidenceKind,
    Validity,
    ZoneSource,
    full_name,
    is_over,
    national_id_digits,
    national_id_hint,
)
from arrears.debtors.zones import zones_of_place
from arrears.kernel.personal import mask_card_numbers
from arrears_sdk.errors import ErrorCode, InputError, Problem
from arrears_sdk.ids import new_id

Path = tuple[str, ...]
RowValues = dict[str, Any]
T = TypeVar("T")

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EARLIEST_BIRTH = datetime.date(1880, 1, 1)
_LONGEST_ADDRESS = 500


@dataclass(frozen=True)
class Origin:
    """Whose debtor a fact is about, who supplied it (None: the agency), and when it is written down."""

    debtor_id: UUID
    client_id: UUID | None
    now: datetime.datetime

    @property
    def today(self) -> datetime.date:
        """The day of writing, in UTC; an end that lies between two zones' days counts as not yet reached."""
        return (self.now - datetime.timedelta(hours=12)).date()


class Problems:
    """Collects what is wrong with the parts of one input, so that a caller learns all of it at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def of(self, check: Callable[[], T]) -> T | None:
        """What the check gives, or None when it found a problem."""
        try:
            return check()
        except InputError as error:
            self.found += error.problems
            return None

    def add(self, message: str, field: Path, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        """Notes a problem."""
        self.found.append(Problem(code, message, field))

    def raise_any(self) -> None:
        """Raises InputError with everything that was found."""
        if self.found:
            raise InputError.of(self.found)


def optional_text(text: str | None, field: Path, *, most: int = 200) -> str | None:
    """The text without surrounding blanks and with card numbers starred out; None for an empty one."""
    return mask_card_numbers(checked_text(text, field, most=most)) if text and text.strip() else None


def checked_languages(languages: Sequence[str], field: Path) -> list[str]:
    """The BCP 47 tags in order, each once; InputError for one of another form."""
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise InputError(f"{language[:60]!r} is not a language tag such as de or pt-BR.", field=field)
    return list(dict.fromkeys(languages))


def checked_birth(born_on: datetime.date, today: datetime.date, field: Path) -> datetime.date:
    """The date of birth; InputError when nobody alive can have it."""
    if not _EARLIEST_BIRTH <= born_on <= today:
        raise InputError("A date of birth lies in the past, and after 1879.", field=field)
    return born_on


def check_kind(kind: DebtorKind, values: Mapping[str, object], at: Path, problems: Problems) -> None:
    """Notes the facts that a debtor of this kind cannot have."""
    foreign = {
        DebtorKind.PERSON: {"legal_form": "legalForm", "registration_number": "registrationNumber"},
        DebtorKind.COMPANY: {"date_of_birth": "dateOfBirth"},
    }[kind]
    for name, shown in foreign.items():
        if values.get(name) is not None:
            problems.add(f"A {kind.value.lower()} has no {name.replace('_', ' ')}.", (*at, shown))


def checked_span(from_on: datetime.date | None, until_on: datetime.date | None, at: Path) -> None:
    """Returns when a span does not end before it begins; else raises InputError."""
    if from_on is not None and until_on is not None and until_on < from_on:
        raise InputError("This ends before it begins.", field=(*at, "untilOn"))


def name_row(new: NewName, origin: Origin, at: Path) -> RowValues:
    """The row of a name; InputError when there is nothing to call the debtor by."""
    given = optional_text(new.given_name, (*at, "givenName"))
    family = optional_text(new.family_name, (*at, "familyName"))
    full = optional_text(new.full_name, (*at, "fullName"), most=300) or full_name(given, family)
    if not full:
        raise InputError("A name needs a full name, or a given or family name.", code=ErrorCode.REQUIRED, field=at)
    checked_span(new.from_on, new.until_on, at)
    return {
        **_origin(origin),
        "kind": new.kind,
        "full_name": full,
        "given_name": given,
        "family_name": family,
        "from_on": new.from_on,
        "until_on": new.until_on,
        "created_at": origin.now,
    }


def shown_name(names: Sequence[RowValues], today: datetime.date) -> RowValues:
    """The name a debtor is shown by: the latest legal one that is not over, else a trading name, else the first."""
    current = [name for name in names if not is_over(name["until_on"], today)]
    for kind in (NameKind.LEGAL, NameKind.TRADING):
        of_kind = [name for name in current if name["kind"] == kind]
        if of_kind:
            return max(of_kind, key=lambda name: name["from_on"] or datetime.date.min)
    return (current or list(names))[0]


def residence_row(new: NewResidence, origin: Origin, at: Path) -> RowValues:
    """The row of a place."""
    checked_span(new.from_on, new.until_on, at)
    return {
        **_origin(origin),
        "kind": new.kind,
        "address_lines": optional_text(new.address_lines, (*at, "addressLines"), most=_LONGEST_ADDRESS),
        "city": optional_text(new.city, (*at, "city")),
        "region": optional_text(new.region, (*at, "region")),
        "postal_code": optional_text(new.postal_code, (*at, "postalCode"), most=20),
        "country": checked_country(new.country, (*at, "country")),
        "from_on": new.from_on,
        "until_on": new.until_on,
        "source": optional_text(new.source, (*at, "source")),
        "obtained_on": new.obtained_on,
        **_versioned(origin),
    }


def contact_point_row(new: NewContactPoint, origin: Origin, country: str | None, at: Path) -> RowValues:
    """The row of a contact point; `country` is where a number without international prefix is taken to be."""
    read_in = new.country and checked_country(new.country, (*at, "country"))
    made: ContactValue = contact_value(new.channel, new.value, country=read_in or country, field=(*at, "value"))
    has_line = made.line_type is not None
    if new.line_type is not None and not has_line:
        raise InputError("Only a phone or fax number has a line type.", field=(*at, "lineType"))
    network = optional_text(new.network, (*at, "network"))
    if new.channel is ContactChannel.SOCIAL and network is None:
        raise InputError("A handle needs the network it belongs to.", code=ErrorCode.REQUIRED, field=(*at, "network"))
    return {
        **_origin(origin),
        "channel": new.channel,
        "value": made.value,
        "extension": optional_text(new.extension, (*at, "extension"), most=20) or made.extension,
        "network": network,
        "line_type": new.line_type or made.line_type,
        "owner": new.owner,
        "used_for": new.used_for,
        "source": optional_text(new.source, (*at, "source")),
        "obtained_on": new.obtained_on,
        "area_zones": list(made.area_zones),
        "reassignment_checked_on": new.reassignment_checked_on,
        "validity": Validity.UNVERIFIED,
        "invalid_reason": None,
        "invalid_on": None,
        "preferred": new.preferred,
        **_versioned(origin),
    }


def national_id_row(new: NewNationalId, origin: Origin, at: Path) -> tuple[RowValues, str]:
    """The row of an identifier without its sealed bytes and its keyed token, and the number in its one form."""
    country = checked_country(new.country, (*at, "country"))
    digits = national_id_digits(new.number)
    if not 4 <= len(digits) <= 40:
        raise InputError("An identifier has 4 to 40 letters and digits.", field=(*at, "number"))
    row: RowValues = {**_origin(origin), "kind": new.kind, "country": country, "hint": national_id_hint(digits)}
    return row | _versioned(origin), digits


def zones_of_residence(residence: Mapping[str, Any], today: datetime.date) -> list[RowValues]:
    """The time zone candidates of a place; none for a place of work and for one that is over."""
    source = ZONE_SOURCE_OF_PLACE.get(ResidenceKind(residence["kind"]))
    if source is None or is_over(residence["until_on"], today):
        return []
    zones = zones_of_place(residence["country"], residence["region"])
    return [_candidate(residence, zone, source, residence_id=residence["id"]) for zone in zones]


def zones_of_contact_point(contact: Mapping[str, Any]) -> list[RowValues]:
    """The time zone candidates of a number; none for an invalid one, a third party's, and one without a place."""
    if contact["validity"] == Validity.INVALID or contact["owner"] == ContactOwner.THIRD_PARTY:
        return []
    if contact["line_type"] is None or not places_its_owner(line_type := LineType(contact["line_type"])):
        return []
    source = ZoneSource.AREA_CODE if is_geographical(contact["value"], line_type) else ZoneSource.NUMBER_COUNTRY
    return [_candidate(contact, zone, source, contact_point_id=contact["id"]) for zone in contact["area_zones"]]


def _candidate(
    of: Mapping[str, Any],
    zone: str,
    source: ZoneSource,
    *,
    residence_id: UUID | None = None,
    contact_point_id: UUID | None = None,
) -> RowValues:
    return {
        "id": new_id(),
        "debtor_id": of["debtor_id"],
        "client_id": of["client_id"],
        "zone": zone,
        "source": source,
        "residence_id": residence_id,
        "contact_point_id": contact_point_id,
    }


def _origin(origin: Origin) -> RowValues:
    return {"id": new_id(), "debtor_id": origin.debtor_id, "client_id": origin.client_id}


def _versioned(origin: Origin) -> RowValues:
    return {"version": 1, "created_at": origin.now, "updated_at": origin.now}
