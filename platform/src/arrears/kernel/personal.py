"""Personal values: how they are marked for the audit trail, and how card numbers are kept out of stored text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from arrears.kernel.vault import Vault


@dataclass(frozen=True)
class Personal:
    """A personal value on its way to the audit trail or an event, where it is stored as ciphertext only.

    `person_id` says whose it is; without it the record's own person counts.
    """

    value: str = field(repr=False)
    person_id: UUID | None = None

    def __str__(self) -> str:
        return "Personal(****)"


# Issuer ranges: first and last prefix (of equal length), and the lengths of numbers that are issued in them.
_SIXTEEN: Final = frozenset({16})
_UP_TO_NINETEEN: Final = frozenset({16, 17, 18, 19})
_ISSUER_RANGES: Final[tuple[tuple[str, str, frozenset[int]], ...]] = (
    ("4", "4", frozenset({13, 16, 19})),  # Visa
    ("51", "55", _SIXTEEN),  # Mastercard
    ("2221", "2720", _SIXTEEN),  # Mastercard
    ("34", "34", frozenset({15})),  # American Express
    ("37", "37", frozenset({15})),  # American Express
    ("300", "305", frozenset({14, 16})),  # Diners Club
    ("3095", "3095", frozenset({14, 16})),  # Diners Club
    ("36", "36", frozenset({14, 15, 16, 17, 18, 19})),  # Diners Club
    ("38", "39", frozenset({14, 16})),  # Diners Club
    ("3528", "3589", _UP_TO_NINETEEN),  # JCB
    ("6011", "6011", _UP_TO_NINETEEN),  # Discover
    ("644", "649", _UP_TO_NINETEEN),  # Discover
    ("65", "65", _UP_TO_NINETEEN),  # Discover, RuPay
    ("60", "60", _SIXTEEN),  # RuPay
    ("81", "82", _UP_TO_NINETEEN),  # UnionPay, RuPay
    ("62", "62", _UP_TO_NINETEEN),  # UnionPay
    ("50", "50", _UP_TO_NINETEEN),  # Maestro, Verve
    ("56", "58", _UP_TO_NINETEEN),  # Maestro
    ("63", "63", _UP_TO_NINETEEN),  # Maestro, InstaPayment
    ("67", "67", _UP_TO_NINETEEN),  # Maestro
    ("2200", "2205", _UP_TO_NINETEEN),  # Mir
    ("9792", "9792", _SIXTEEN),  # Troy
)

# Between the digits of one number: spaces of any kind, dashes, dots, underscores, and characters that do not show.
_GAP: Final = r"[\s\-‐‑‒–—.·_\u00ad\u200b-\u200d\u2060\ufeff]{0,3}"
# Found first and left alone: our own ids and UUIDs (their digits mean nothing), longer hexadecimal words, IBANs.
_CANDIDATE: Final = re.compile(
    rf"""(?P<kept>
            \bcard-[0-9]{{4}}-(?=[0-9a-f]*[a-f])[0-9a-f]{{24}}(?![0-9A-Za-z])
          | \b[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}\b
          | (?<![0-9A-Za-z])(?:[a-z]{{2,8}}_)?(?=[0-9a-f]*[a-f])[0-9a-f]{{32,}}(?![0-9A-Za-z])
         )
       | (?P<iban>(?<![0-9A-Za-z])[A-Z]{{2}}\d{{2}}(?:[ ]?[A-Z0-9]{{4}}){{2,7}}(?:[ ]?[A-Z0-9]{{1,3}})?(?![0-9A-Za-z]))
       | (?P<run>\d(?:{_GAP}\d){{11,}})
    """,
    re.VERBOSE,
)
_DIGITS: Final = re.compile(r"\d+")
_USUAL_GROUPS: Final = frozenset({(4, 6, 5), (4, 6, 4), (4, 5, 4), (4, 4, 4, 4, 3), (8, 8), (6, 10), (6, 13)})
_LONGEST_PHONE: Final = 15
SHORTEST_CARD: Final = 13
LONGEST_CARD: Final = 19


def is_card_number(digits: str) -> bool:
    """Whether the digits lie in an issuer's range, have a length issued there, and pass the Luhn check."""
    return _in_issuer_range(digits) and _passes_luhn(digits)


def mask_card_numbers(text: str) -> str:
    """The text with every card number in it starred out up to its last four digits; everything else unchanged."""
    return _replace_card_numbers(text, _starred)


def contains_card_number(text: str) -> bool:
    """Whether `mask_card_numbers` would change the text."""
    return mask_card_numbers(text) != text


def protect_reference(text: str, vault: Vault) -> str:
    """The reference with a card number in it replaced by its last four digits and a keyed token.

    The same number always gives the same token, so a reference stays unique and can be looked up by
    `protect_reference(what the user typed)`. A reference without a card number is returned as it is.
    """

    def last_four_and_token(written: str, digits: str) -> str:
        return f"card-{digits[-4:]}-{vault.blind('card', digits)[:24]}"

    return _replace_card_numbers(text, last_four_and_token)


def _replace_card_numbers(text: str, replacement: Callable[[str, str], str]) -> str:
    def replaced(found: re.Match[str]) -> str:
        if found["kept"]:
            return found[0]
        if found["iban"]:
            # What only looks like an IBAN may hide a card number, so its digits are searched after all.
            return found[0] if _is_iban(found[0]) else _DIGIT_RUN.sub(in_run, found[0])
        return in_run(found)

    def in_run(found: re.Match[str]) -> str:
        written = found[0]
        before = text[found.start() - 1 : found.start()] if found.re is _CANDIDATE else ""
        groups = [group.span() for group in _DIGITS.finditer(written)]
        if before == "+" and sum(end - start for start, end in groups) <= _LONGEST_PHONE:
            return written
        pieces: list[str] = []
        done = 0
        for start, end in _cards_in(written, groups):
            pieces += [written[done:start], replacement(written[start:end], _plain_digits(written[start:end]))]
            done = end
        return "".join([*pieces, written[done:]])

    return _CANDIDATE.sub(replaced, text)


_DIGIT_RUN: Final = re.compile(rf"\d(?:{_GAP}\d){{11,}}")


def _cards_in(written: str, groups: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans of the card numbers in a run of digit groups: whole groups, the longest first, never overlapping."""
    first = 0
    while first < len(groups):
        fits = _fitting(groups, first)
        for last in reversed(fits):
            start, end = groups[first][0], groups[last][1]
            sizes = tuple(stop - begin for begin, stop in groups[first : last + 1])
            whole = first == 0 and last == len(groups) - 1
            if (whole or _is_usual(sizes)) and is_card_number(_plain_digits(written[start:end])):
                yield start, end
                first = last
                break
        first += 1


def _fitting(groups: Sequence[tuple[int, int]], first: int) -> list[int]:
    """The last groups up to which the digits from the first group on are as many as a card number has."""
    fits: list[int] = []
    digits = 0
    for last in range(first, len(groups)):
        digits += groups[last][1] - groups[last][0]
        if digits > LONGEST_CARD:
            break
        if digits >= SHORTEST_CARD:
            fits.append(last)
    return fits


def _is_usual(sizes: tuple[int, ...]) -> bool:
    """Whether people write a card number in groups of these sizes: equal ones, the last shorter, or an issuer's."""
    even = len(set(sizes[:-1])) <= 1 and sizes[-1] <= sizes[0]
    return even or sizes in _USUAL_GROUPS


def _plain_digits(written: str) -> str:
    # Digits of other scripts are digits too: a number typed in full-width or Arabic digits is the same number.
    return "".join(str(unicodedata.decimal(character)) for character in written if character.isdecimal())


def _starred(written: str, digits: str) -> str:
    left = len(digits) - 4
    characters: list[str] = []
    for character in written:
        hidden = character.isdecimal() and left > 0
        characters.append("*" if hidden else character)
        left -= hidden
    return "".join(characters)


def _in_issuer_range(digits: str) -> bool:
    return any(
        first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUER_RANGES
    )


def _passes_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_iban(text: str) -> bool:
    compact = text.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1
