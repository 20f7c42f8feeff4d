"""Search tokens: what of a debtor can be typed into a search box, and what a typed text is compared with.

A token is compared by equality or as a beginning, both of which keep their index under row-level security. Each
token carries the client that supplied the value (None: the agency), so a client user finds nobody by what another
client or the agency knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from arrears.debtors.contact_values import national_digits
from arrears.debtors.folding import folded, pieces, spellings, words
from arrears.debtors.model import ContactChannel, SearchKind, national_id_digits
from arrears.kernel.personal import protect_reference
from arrears.kernel.vault import Vault

_LONGEST_TOKEN = 128
_SUFFIX_LENGTHS = (4, 6, 7, 8)
_MOST_WORDS = 6
_SHORTEST_BEGINNING = 2
_LONGEST_TEXT = 300


@dataclass(frozen=True)
class Token:
    """One row of the search table: `subject_id` is the row the value stands in, and with which the token goes."""

    kind: SearchKind
    token: str
    subject_id: UUID
    debtor_id: UUID
    client_id: UUID | None


@dataclass(frozen=True)
class SearchedName:
    """A name as it is searched."""

    subject_id: UUID
    client_id: UUID | None
    full_name: str


@dataclass(frozen=True)
class SearchedLink:
    """A client that sees the debtor, with its reference of the debtor."""

    subject_id: UUID
    client_id: UUID
    reference: str | None


@dataclass(frozen=True)
class SearchedContact:
    """A contact point as it is searched; `value` in its one form."""

    subject_id: UUID
    client_id: UUID | None
    channel: ContactChannel
    value: str


def tokens_for_debtor(
    debtor_id: UUID,
    display_name: str,
    links: Iterable[SearchedLink],
    names: Iterable[SearchedName] = (),
    contacts: Iterable[SearchedContact] = (),
) -> list[Token]:
    """All tokens of a debtor without its accounts' references and national identifiers.

    The display name is what every client that sees the debtor also reads, so it is searchable for each of them; for
    the client that supplied that very name, it is so already.
    """
    made: list[Token] = []
    known = list(names)
    covered = {name.client_id for name in known if name.full_name == display_name}
    for link in links:
        made += tokens_for_link(debtor_id, "" if link.client_id in covered else display_name, link)
    for name in known:
        made += tokens_for_name(debtor_id, name)
    for contact in contacts:
        made += tokens_for_contact(debtor_id, contact)
    return made


def tokens_for_link(debtor_id: UUID, display_name: str, link: SearchedLink) -> list[Token]:
    """The display name and the client's own reference, for one client that sees the debtor."""
    made = _tokens(SearchKind.NAME, _name_tokens(display_name), link.subject_id, debtor_id, link.client_id)
    if link.reference:
        made += tokens_for_reference(debtor_id, link.subject_id, link.client_id, link.reference)
    return made


def tokens_for_name(debtor_id: UUID, name: SearchedName) -> list[Token]:
    """The words of a name, each in every spelling."""
    return _tokens(SearchKind.NAME, _name_tokens(name.full_name), name.subject_id, debtor_id, name.client_id)


def tokens_for_contact(debtor_id: UUID, contact: SearchedContact) -> list[Token]:
    """The number's digits in full and from the end, or the e-mail address and what stands before its @."""
    kind, found = SearchKind.EMAIL, _email_tokens(contact.value)
    if contact.channel in (ContactChannel.PHONE, ContactChannel.FAX):
        kind, found = SearchKind.PHONE, _phone_tokens(contact.value)
    elif contact.channel is not ContactChannel.EMAIL:
        return []
    return _tokens(kind, found, contact.subject_id, debtor_id, contact.client_id)


def tokens_for_reference(debtor_id: UUID, subject_id: UUID, client_id: UUID, reference: str) -> list[Token]:
    """A client's reference (of the debtor or of an account) without separators, and its parts."""
    return _tokens(SearchKind.REFERENCE, _reference_tokens(reference), subject_id, debtor_id, client_id)


def blind_national_id(vault: Vault, digits: str) -> str:
    """The keyed token of an identifier in its one form; the same whatever register it comes from."""
    return vault.blind("national-id", digits)


def token_for_national_id(debtor_id: UUID, subject_id: UUID, client_id: UUID | None, blind: str) -> Token:
    """The keyed token of a sealed identifier; it is found by equality only."""
    return Token(SearchKind.NATIONAL_ID, blind, subject_id, debtor_id, client_id)


@dataclass(frozen=True)
class Wanted:
    """One range of tokens that a search looks at. A debtor is found when every part of a kind is met in some range."""

    kind: SearchKind
    low: str
    high: str
    part: int
    parts: int


def wanted_tokens(vault: Vault, kinds: Iterable[SearchKind], text: str) -> list[Wanted]:
    """What a typed text asks for, compared with any of the kinds; empty when it holds nothing that can be searched."""
    found: list[Wanted] = []
    for kind in kinds:
        groups = _searched(vault, kind, text[:_LONGEST_TEXT])
        for part, spelled in enumerate(groups):
            # The last code point ends the range of everything that begins with the spelling.
            found += [Wanted(kind, low, low + "\U0010ffff", part, len(groups)) for low in spelled]
    return found


def _searched(vault: Vault, kind: SearchKind, text: str) -> list[tuple[str, ...]]:
    """Groups of beginnings: a debtor must have a token for one of each group."""
    match kind:
        case SearchKind.NAME:
            return _searched_name(text)
        case SearchKind.REFERENCE:
            stored = folded(protect_reference(text.strip(), vault))
            token = "".join(character for character in stored if character.isalnum())
            return [(token[:_LONGEST_TOKEN],)] if len(token) >= _SHORTEST_BEGINNING else []
        case SearchKind.PHONE:
            return _searched_phone(text)
        case SearchKind.EMAIL:
            token = folded(text.strip())
            return [(token[:_LONGEST_TOKEN],)] if len(token) > _SHORTEST_BEGINNING else []
        case SearchKind.NATIONAL_ID:
            digits = national_id_digits(text)
            return [(blind_national_id(vault, digits),)] if digits else []


def _searched_name(text: str) -> list[tuple[str, ...]]:
    groups: list[tuple[str, ...]] = []
    # Taken apart before it is folded, so that a word and its written-out spelling stay one group.
    for piece in pieces(text)[:_MOST_WORDS]:
        joined = tuple(dict.fromkeys(found[0] for spelling in spellings(piece) if (found := words(spelling))))
        if joined:
            groups.append(tuple(word[:_LONGEST_TOKEN] for word in joined))
    # One letter alone would find a whole chapter of the alphabet; one character of a script of signs is a name.
    return groups if any(len(group[0].encode()) >= _SHORTEST_BEGINNING for group in groups) else []


def _searched_phone(text: str) -> list[tuple[str, ...]]:
    digits = "".join(str(int(character)) for character in text.replace("(0)", "") if character.isdecimal())
    # A number written with its trunk or international zeros is stored without them; the end of one may begin with zero.
    forms = tuple(form for form in dict.fromkeys((digits, digits.lstrip("0"))) if len(form) >= min(_SUFFIX_LENGTHS))
    return [forms] if forms else []


def _name_tokens(name: str) -> Iterator[str]:
    for spelling in spellings(name):
        yield from words(spelling)


def _reference_tokens(reference: str) -> Iterator[str]:
    text = folded(reference)
    yield "".join(character for character in text if character.isalnum())
    parts = "".join(character if character.isalnum() else " " for character in text).split()
    if len(parts) > 1:
        yield from (part for part in parts if len(part) > 2)


def _phone_tokens(e164: str) -> Iterator[str]:
    national = national_digits(e164)
    yield e164.removeprefix("+")
    yield national
    yield national.lstrip("0")
    yield from (national[-length:] for length in _SUFFIX_LENGTHS if length < len(national))


def _email_tokens(address: str) -> Iterator[str]:
    text = folded(address)
    yield text
    yield text.rpartition("@")[0]


def _tokens(
    kind: SearchKind, found: Iterable[str], subject_id: UUID, debtor_id: UUID, client_id: UUID | None
) -> list[Token]:
    kept = dict.fromkeys(token[:_LONGEST_TOKEN] for token in found if token)
    return [Token(kind, token, subject_id, debtor_id, client_id) for token in kept]
