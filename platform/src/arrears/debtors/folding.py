"""Text folded so that people find each other's names however they are typed."""

from __future__ import annotations

import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent.
_BASE_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# How the same sounds are written where the accent is missing: Mueller for Müller, Soerensen for Sørensen.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_APOSTROPHES = "'’ʼ`´"


def folded(text: str) -> str:
    """The text in small letters without accents: "Müßig" gives "mussig"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare.translate(_BASE_LETTERS))


def written_out(text: str) -> str:
    """The text folded as it is written without accents: "Müßig" gives "muessig"."""
    return folded(unicodedata.normalize("NFKC", text).casefold().translate(_WRITTEN_OUT))


def spellings(text: str) -> tuple[str, ...]:
    """Each way in which the folded text may be written: one, or two when it has such letters."""
    return tuple(dict.fromkeys((folded(text), written_out(text))))


def pieces(text: str) -> tuple[str, ...]:
    """What stands between blanks and separators, in order; apostrophes stay inside."""
    return tuple("".join(c if _in_word(c) or c in _APOSTROPHES else " " for c in text).split())


def words(text: str) -> tuple[str, ...]:
    """The words of folded text in order; an apostrophe joins and also parts.

    "o'brien-smith" gives obrien, brien, smith.
    """
    found: dict[str, None] = {}
    for piece in pieces(text):
        parts = "".join(c if _in_word(c) else " " for c in piece).split()
        found.update(dict.fromkeys(word for word in ("".join(parts), *parts) if len(word) > 1 or len(parts) == 1))
    return tuple(found)


def _in_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, and a word does not end at one.
    return character.isalnum() or unicodedata.category(character) in ("Mc", "Mn")
