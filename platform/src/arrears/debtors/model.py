"""The words of debtors: kinds of names, places, contact points and consents, and the pure rules on them."""

from __future__ import annotations

import datetime
from enum import StrEnum

from arrears.debtors.folding import folded
from arrears_sdk.vocabulary import (
    CommunicationChannel as CommunicationChannel,
    ConsentScope as ConsentScope,
    ConsentState as ConsentState,
    ContactChannel as ContactChannel,
    DebtorKind as DebtorKind,
    LineType as LineType,
    ResidenceKind as ResidenceKind,
)


class NameKind(StrEnum):
    """In what sense a debtor bears a name."""

    LEGAL = "LEGAL"
    ALIAS = "ALIAS"
    FORMER = "FORMER"
    TRADING = "TRADING"


class NationalIdKind(StrEnum):
    """Which register a national identifier comes from."""

    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    TAX = "TAX"
    NATIONAL_IDENTITY = "NATIONAL_IDENTITY"
    PASSPORT = "PASSPORT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    COMPANY_TAX = "COMPANY_TAX"
    OTHER = "OTHER"


class ContactOwner(StrEnum):
    """Whose number, address or handle it is."""

    DEBTOR = "DEBTOR"
    THIRD_PARTY = "THIRD_PARTY"
    EMPLOYER = "EMPLOYER"
    UNKNOWN = "UNKNOWN"


class ContactUse(StrEnum):
    """Where a contact point reaches the debtor."""

    HOME = "HOME"
    WORK = "WORK"
    UNKNOWN = "UNKNOWN"


class Validity(StrEnum):
    """Whether a contact point is known to work."""

    UNVERIFIED = "UNVERIFIED"
    VALID = "VALID"
    INVALID = "INVALID"


class ConsentMethod(StrEnum):
    """How the debtor expressed it."""

    WRITTEN = "WRITTEN"
    ELECTRONIC = "ELECTRONIC"
    ORAL = "ORAL"
    CONDUCT = "CONDUCT"


class ZoneSource(StrEnum):
    """What places a debtor in a time zone."""

    CURRENT_LOCATION = "CURRENT_LOCATION"
    RESIDENCE = "RESIDENCE"
    MAILING_ADDRESS = "MAILING_ADDRESS"
    AREA_CODE = "AREA_CODE"
    NUMBER_COUNTRY = "NUMBER_COUNTRY"
    STATED_LOCATION = "STATED_LOCATION"


class SearchKind(StrEnum):
    """What a search text is compared with."""

    NAME = "NAME"
    REFERENCE = "REFERENCE"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    NATIONAL_ID = "NATIONAL_ID"


ZONE_SOURCE_OF_PLACE: dict[ResidenceKind, ZoneSource] = {
    ResidenceKind.CURRENT_LOCATION: ZoneSource.CURRENT_LOCATION,
    ResidenceKind.RESIDENCE: ZoneSource.RESIDENCE,
    ResidenceKind.MAILING: ZoneSource.MAILING_ADDRESS,
    ResidenceKind.STATED_LOCATION: ZoneSource.STATED_LOCATION,
}
"""The places whose zones count for a debtor; a place of work does not (rule sheet, section 0.4)."""


def full_name(given: str | None, family: str | None) -> str:
    """Given and family name as one text; empty when there is neither."""
    return " ".join(part for part in (given, family) if part)


def sort_name(full: str, family: str | None, given: str | None) -> str:
    """The folded name under which a debtor is listed: family name first where it is known."""
    return folded(full_name(family, given) if family else full)[:200]


def is_over(until_on: datetime.date | None, on: datetime.date) -> bool:
    """Whether a span that lasts through its last day lies wholly before a day."""
    return until_on is not None and until_on < on


def national_id_digits(text: str) -> str:
    """A national identifier without blanks and separators, in capitals: what is compared and sealed."""
    return "".join(character for character in folded(text) if character.isalnum()).upper()


def national_id_hint(digits: str) -> str:
    """The last characters, few enough to tell two identifiers of one person apart and no more."""
    return digits[-4:] if len(digits) >= 8 else digits[-2:] if len(digits) >= 5 else ""
