"""Takes personal data and secrets out of whatever is about to be logged.

Two nets. By name: a value under a key such as `phone` or `token` is starred out whatever it looks like. By form: what
looks like a phone number, an e-mail address, a national id, a card, a token or a key is starred out wherever it stands.
A person's name has no form, so that names must not be put into a message: they are logged under a key.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from pydantic import BaseModel

from arrears.kernel.keys import Secret
from arrears.kernel.personal import Personal, mask_card_numbers

MASK: Final = "****"
DEEPEST: Final = 8
LONGEST_TEXT: Final = 10_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HIDDEN_KEYS: Final = _words(
    """
    password passwd passphrase secret token authorization cookie credential api_key apikey jwt bearer private_key
    deployment_key session_key signature dsn pin
    """
)
_PERSONAL_KEYS: Final = _words(
    """
    name first_name middle_name last_name given_name family_name full_name display_name legal_name maiden_name alias
    phone telephone mobile fax email e_mail mail address street line1 line2 city postcode postal_code zip zip_code
    residence national_id ssn social_security tax_id passport licence_number date_of_birth birth_date born_on birthday
    iban bic account_number sort_code routing_number card card_number pan note notes text body message_text comment
    reason before after payload variables parameters arguments args params value spoken_to
    """
)
# Names of things, not of people; and words that only look like one of the above.
_HARMLESS_KEYS: Final = _words(
    """
    application_name operation_name job_name event_name logger_name file_name path_name function_name table_name
    column_name command_name host_name module_name queue_name task_name thread_name process_name key_id reason_code
    """
)
_PARTS: Final = re.compile(r"[a-z0-9]+")
_ENDINGS: Final = tuple(f"_{word}" for word in _HIDDEN_KEYS | _PERSONAL_KEYS)


def is_sensitive_key(key: str) -> bool:
    """Whether values under this key are starred out whatever they look like; spelling and case do not matter."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    plain = "_".join(_PARTS.findall(plain.lower()))
    if plain in _HARMLESS_KEYS:
        return False
    return plain in _HIDDEN_KEYS or plain in _PERSONAL_KEYS or plain.endswith(_ENDINGS)


_QUOTED: Final = r"""\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"""
_HIDDEN_WORDS: Final = r"(?i:\b(?:[\w-]{0,40}[_-])?(?:password|passwd|secret|token|api[_-]?key|authorization|cookie))"
_PERSONAL_WORDS: Final = (
    r"(?i:\b(?:[\w-]{0,40}[_-])?(?:phone|e-?mail|ssn|iban|(?:first|last|full|given|family|display)[_-]?name"
    r"|date[_-]of[_-]birth|national[_-]id|address))"
)
_Form = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
_CREDENTIALS: Final[tuple[_Form, ...]] = (
    (re.compile(r"\barr_[0-9A-Za-z_-]{16,}"), f"arr_{MASK}"),
    (re.compile(r"\beyJ[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*){1,4}"), MASK),
)
# What frames a value, whatever the value looks like.
_FRAMES: Final[tuple[_Form, ...]] = (
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), MASK),
    *_CREDENTIALS,
    (re.compile(r"(?i)\b(bearer|basic|digest)(\s+)(?=[\w+/=.~-]{6,})[^\s\"',;]+"), rf"\1\2{MASK}"),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), MASK),
    # What PostgreSQL says about the row at hand, and what SQLAlchemy says about parameters.
    (
        re.compile(
            r"(?<=\)=\().*?(?=\)(?:\s+(?:already exists|is not present|is still referenced|conflicts)|,|$))",
            re.MULTILINE,
        ),
        MASK,
    ),
    (re.compile(r"(?<=Failing row contains \().*?(?=\)\.?$)", re.MULTILINE), MASK),
    (re.compile(r"(?<=\[parameters: ).*(?=\])"), MASK),
    (re.compile(r"(?m)^(\s*LINE \d+: |.*COPY \w+, line \d+(?:, column \w+)?: ).*$"), rf"\1{MASK}"),
    (re.compile(r"(?i)(invalid input (?:syntax|value) for [^:\n]+: ).*"), rf"\1{MASK}"),
    # A query string may hold anything that was asked for.
    (re.compile(r"(?<=[\w/-])\?[^\s\"'<>?=]*=[^\s\"'<>]*"), f"?{MASK}"),
    (re.compile(rf"({_HIDDEN_WORDS}[\"']?\s*[=:]\s*)({_QUOTED}|(?!\*{{4}})[^\s,;&)}}\]]+)"), rf"\1{MASK}"),
    (re.compile(rf"({_PERSONAL_WORDS}[\"']?\s*[=:]\s*)({_QUOTED}|(?!\*{{4}})[^,;&)}}\]\n]+)"), rf"\1{MASK}"),
    # A quoted value after `name`, as JSON and Python show it.
    (re.compile(rf"((?<!\w)\w{{0,40}}name[\"']?\s*[=:]\s*)({_QUOTED})", re.IGNORECASE), rf"\1{MASK}"),
)
# What values themselves look like; after the frames, in which they would no longer be recognised.
_VALUES: Final[tuple[_Form, ...]] = (
    (re.compile(r"(?<![\w.!#$%&'*+/?^`{|}~-])[\w.!#$%&'*+/?^`{|}~-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), MASK),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), MASK),
    # National insurance number; social security number; German tax id in groups.
    (re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE), MASK),
    (re.compile(r"(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])"), MASK),
    (re.compile(r"(?<![\w-])\d{2} \d{3} \d{3} \d{3}(?![\w-])"), MASK),
    # Phone numbers: with a country, with a trunk prefix, in the North American form.
    (re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[\s().\-/]{0,2}\d){6,14}(?!\w)"), MASK),
    (re.compile(r"(?<![\w.:-])\(?0\d{1,5}\)?(?:[\s.\-/]{1,2}\d{2,}){1,4}(?![\w:.-]?\w)"), MASK),
    (re.compile(r"(?<![\w.-])\(?[2-9]\d{2}\)?[\s.-]{1,2}[2-9]\d{2}[\s.-]\d{4}(?![\w-])"), MASK),
    # Any long run of digits that stands alone: an account, a phone or an id; a log needs none of them.
    (re.compile(r"(?<![\w.-])\d{9,}(?!\w|\.\d)"), MASK),
    (re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{43}=(?![\w+/=])"), MASK),
)
_MAY_HOLD: Final = re.compile(r"[@%?=:]|\d{3}|\d[ .-]\d|eyJ|arr_|-----|(?i:bearer|basic|digest)")


def mask_answer(message: str) -> str:
    """A message to the caller with numbers, addresses and credentials that it repeats starred out.

    Callers keep messages in places that are kept less well than ours. What the message says is left alone, also where
    a log would not show it.
    """
    if len(message) > LONGEST_TEXT:
        message = _shortened(message)
    if not _MAY_HOLD.search(message):
        return message
    return mask_card_numbers(_replace(_replace(message, _CREDENTIALS), _VALUES))


def mask_text(text: str) -> str:
    """The text with everything in it that looks like personal data or a secret starred out."""
    if len(text) > LONGEST_TEXT:
        text = _shortened(text)
    if not _MAY_HOLD.search(text):
        return text
    if "%" in text:
        decoded = unquote(text)
        # Percent signs may hide what the forms below look for.
        text = decoded if decoded != text and _mask_forms(decoded) != decoded else text
    return mask_card_numbers(_mask_forms(text))


def mask_value(value: object, depth: int = 0) -> object:
    """The value as it may be logged: containers, models and dataclasses walked through, the rest by its text."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return mask_text(value)
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
        case Personal() | Secret():
            return MASK
        case _ if depth >= DEEPEST:
            return f"<{type(value).__name__}>"
        case Mapping():
            return {
                mask_text(str(key)): MASK
                if is_sensitive_key(str(key)) and inner is not None
                else mask_value(inner, depth + 1)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [mask_value(inner, depth + 1) for inner in value]
        case BaseModel():
            return mask_value({name: getattr(value, name) for name in type(value).model_fields}, depth + 1)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            shown = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.repr}
            return mask_value(shown, depth + 1)
        case _:
            return mask_text(str(value))


def _shortened(text: str) -> str:
    """Begin and end of a long text, cut at blanks so that no half of a number is left; tracebacks say it at the end."""
    half = LONGEST_TEXT // 2
    begin, end = text[:half], text[-half:]
    begin, end = begin[: begin.rfind(" ") + 1], end[end.find(" ") :] if " " in end else ""
    return f"{begin}… ({len(text)} characters) …{end}"


def _mask_forms(text: str) -> str:
    return _replace(_replace(text, _FRAMES), _VALUES)


def _replace(text: str, forms: Iterable[_Form]) -> str:
    for form, replacement in forms:
        text = form.sub(replacement, text)
    return text
