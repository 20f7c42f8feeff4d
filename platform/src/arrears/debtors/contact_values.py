"""Numbers, addresses and handles brought into one form each, so that equal ones are equal."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from arrears.debtors.model import ContactChannel, LineType
from arrears_sdk.errors import ErrorCode, InputError

_LINE_TYPES: dict[int, LineType] = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.MOBILE_OR_LANDLINE,
    PhoneNumberType.VOIP: LineType.VOIP,
    PhoneNumberType.TOLL_FREE: LineType.TOLL_FREE,
}
_LONGEST_EMAIL = 254
_LONGEST_HANDLE = 200


@dataclass(frozen=True)
class ContactValue:
    """What is known from the value alone: its one form, and for a number its line and place."""

    value: str
    extension: str | None = None
    line_type: LineType | None = None
    area_zones: tuple[str, ...] = ()


def contact_value(
    channel: ContactChannel, text: str, *, country: str | None, field: tuple[str, ...] = ()
) -> ContactValue:
    """The value in its one form: phone and fax E.164, e-mail in small letters, handles without their leading @.

    `country` (ISO 3166-1) tells how a number without international prefix is read. Raises InputError when the text
    cannot be what the channel takes.
    """
    kept = unicodedata.normalize("NFKC", text).strip()
    if not kept:
        raise InputError("A contact point needs a value.", code=ErrorCode.REQUIRED, field=field)
    match channel:
        case ContactChannel.PHONE | ContactChannel.FAX:
            return _phone_value(kept, country, field)
        case ContactChannel.EMAIL:
            return ContactValue(_email(kept, field))
        case ContactChannel.SOCIAL | ContactChannel.PORTAL:
            return ContactValue(_handle(kept, channel, field))


def phone_number(text: str, country: str | None) -> PhoneNumber | None:
    """The number that the text can mean when read in the country, or None."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def national_digits(e164: str) -> str:
    """The digits of an E.164 number without its country code: what people write and read out."""
    digits = e164.removeprefix("+")
    # No country code begins with another one, so the first that fits is the one.
    for length in (1, 2, 3):
        if int(digits[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return digits[length:]
    return digits


def places_its_owner(line_type: LineType) -> bool:
    """Whether the number's area says where its owner is; toll-free and internet numbers have no place."""
    return line_type in (LineType.LANDLINE, LineType.MOBILE, LineType.MOBILE_OR_LANDLINE)


def is_geographical(e164: str, line_type: LineType) -> bool:
    """Whether the number's own digits name an area, and not only a country."""
    if line_type is LineType.MOBILE:
        # In a few countries mobile numbers carry the area code of where they were bought.
        return phonenumbers.is_number_geographical(phonenumbers.parse(e164))
    return True


def _phone_value(text: str, country: str | None, field: tuple[str, ...]) -> ContactValue:
    number = phone_number(text, country)
    if number is None:
        # The number itself is personal and stays out of messages, which end up in logs.
        read = f"read in {country}" if country else "without a country; write it with + and the country code"
        raise InputError(f"This is not a phone number ({read}).", field=field)
    line_type = _LINE_TYPES.get(phonenumbers.number_type(number), LineType.UNKNOWN)
    zones: tuple[str, ...] = ()
    if places_its_owner(line_type):
        zones = tuple(zone for zone in time_zones_for_number(number) if zone != UNKNOWN_TIMEZONE)
    return ContactValue(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        extension=number.extension or None,
        line_type=line_type,
        area_zones=zones,
    )


def _email(text: str, field: tuple[str, ...]) -> str:
    local, _, domain = text.rpartition("@")
    labels = domain.split(".")
    spaced = any(character.isspace() or unicodedata.category(character) == "Cc" for character in text)
    if not local or "@" in local or len(labels) < 2 or not all(labels) or spaced or len(text) > _LONGEST_EMAIL:
        raise InputError("This is not an e-mail address.", field=field)
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        raise InputError("The part after the @ of this e-mail address is not a domain.", field=field) from None
    # The standard lets a server tell capitals apart before the @; none in use does, and people mix them.
    return f"{local.lower()}@{ascii_domain.lower()}"


def _handle(text: str, channel: ContactChannel, field: tuple[str, ...]) -> str:
    if len(text) > _LONGEST_HANDLE or any(unicodedata.category(character) == "Cc" for character in text):
        raise InputError(f"A handle has at most {_LONGEST_HANDLE} printable characters.", field=field)
    return text.removeprefix("@") if channel is ContactChannel.SOCIAL else text
