"""The words of debtors: kinds of names, places, contact points and consents, and the pure rules on them."""

from __future__ import annotations

import datetime
from enum import StrEnum

from arrears.debtors.folding import folded


class DebtorKind(StrEnum):
    """Whether a debtor is a human being or an organisation."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"


class NameKind(StrEnum):
    """In what sense a debtor bears a name."""

    LEGAL = "LEGAL"
    ALIAS = "ALIAS"
    FORMER = "FORMER"
    TRADING = "TRADING"


class ResidenceKind(StrEnum):
    """What a place is to the debtor."""

    RESIDENCE = "RESIDENCE"
    MAILING = "MAILING"
    WORK = "WORK"
    CURRENT_LOCATION = "CURRENT_LOCATION"
    STATED_LOCATION = "STATED_LOCATION"


class NationalIdKind(StrEnum):
    """Which register a national identifier comes from."""

    SOCIAL_SECURITY = "SOCIAL_SECURITY"
    TAX = "TAX"
    NATIONAL_IDENTITY = "NATIONAL_IDENTITY"
    PASSPORT = "PASSPORT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    COMPANY_TAX = "COMPANY_TAX"
    OTHER = "OTHER"


class ContactChannel(StrEnum):
    """What kind of endpoint a contact point is."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    FAX = "FAX"
    SOCIAL = "SOCIAL"
    PORTAL = "PORTAL"


class LineType(StrEnum):
    """What kind of line a number is."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    MOBILE_OR_LANDLINE = "MOBILE_OR_LANDLINE"
    VOIP = "VOIP"
    TOLL_FREE = "TOLL_FREE"
    UNKNOWN = "UNKNOWN"


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


class CommunicationChannel(StrEnum):
    """The way in which a debtor is contacted (rule sheet, section 0.1)."""

    PHONE_CALL = "PHONE_CALL"
    PHONE_AUTODIALED = "PHONE_AUTODIALED"
    PHONE_PRERECORDED = "PHONE_PRERECORDED"
    RINGLESS_VOICEMAIL = "RINGLESS_VOICEMAIL"
    SMS = "SMS"
    EMAIL = "EMAIL"
    LETTER = "LETTER"
    POSTCARD = "POSTCARD"
    SOCIAL_PRIVATE = "SOCIAL_PRIVATE"
    SOCIAL_PUBLIC = "SOCIAL_PUBLIC"
    IN_PERSON_HOME = "IN_PERSON_HOME"
    IN_PERSON_WORK = "IN_PERSON_WORK"
    IN_PERSON_PUBLIC = "IN_PERSON_PUBLIC"
    PUSH_OR_PORTAL = "PUSH_OR_PORTAL"
    FAX = "FAX"


class ConsentState(StrEnum):
    """Whether a record gives consent or takes it back."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


class ConsentScope(StrEnum):
    """How far a consent or its revocation reaches."""

    ALL_MESSAGES = "ALL_MESSAGES"
    CLIENT_MESSAGES = "CLIENT_MESSAGES"
    THIS_KIND_OF_MESSAGE = "THIS_KIND_OF_MESSAGE"


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
