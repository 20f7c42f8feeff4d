"""Reading golden cases strictly: YAML without surprises, and parts in which whatever is unknown is an error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import yaml

from arrears_sdk.errors import InputError
from arrears_sdk.money import Money

WordT = TypeVar("WordT", bound=StrEnum)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?( fold)?(Z|[+-]\d{2}:\d{2})?")
_KEPT = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


class _Loader(yaml.SafeLoader):
    """YAML in which `on`, `NO` and `10:00` are texts, and a key that stands twice is an error."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the library wants it on the class
        first: [resolver for resolver in resolvers if resolver[0] in _KEPT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        """A mapping whose keys stand once each."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]{0,17})$"), list("-0123456789"))


def read_yaml(path: Path) -> object:
    """What a file says; `InputError` when it cannot be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - derived from the safe loader
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path} is no YAML: {error}") from error


def merged(under: object, over: object) -> object:
    """A case over its file's defaults: mappings key by key, everything else replaced."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{key: merged(under.get(key), value) for key, value in over.items()}}


class Part:
    """One mapping of a case. Each key is taken once; `end` refuses those that nobody took."""

    def __init__(self, value: object, where: str, zone: str = "UTC") -> None:
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise InputError(f"{where}: a mapping is wanted, not {value!r}")
        self.where = where
        self.zone = zone
        self._values: dict[str, object] = {str(key): each for key, each in value.items()}
        self._taken: set[str] = set()

    def fault(self, key: str, message: str) -> InputError:
        """An error that names the file, the case and the key."""
        return InputError(f"{self.where}.{key}: {message}")

    def take(self, key: str) -> object:
        """What stands at a key; None when nothing does."""
        self._taken.add(key)
        return self._values.get(key)

    def has(self, key: str) -> bool:
        """Whether something stands at a key."""
        return self._values.get(key) is not None

    def end(self) -> None:
        """Refuses every key that was not taken."""
        for key in self._values:
            if key not in self._taken:
                near = difflib.get_close_matches(key, self._taken, n=1)
                known = ", ".join(sorted(self._taken))
                raise self.fault(key, f"unknown key{f', meant {near[0]}?' if near else f'; known are {known}'}")

    def needed(self, key: str) -> None:
        """Refuses a part that lacks a key."""
        if not self.has(key):
            near = difflib.get_close_matches(key, self._values, n=1)
            raise self.fault(key, f"is missing; is it meant by the unknown key {near[0]}?" if near else "is missing")

    def text(self, key: str) -> str | None:
        """A text."""
        value = self.take(key)
        if value is not None and not isinstance(value, str):
            raise self.fault(key, f"a text is wanted, not {value!r}; put it into quotation marks")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self._text(key, value) for value in self._list(key))

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.fault(key, f"a text is wanted, not {value!r}")
        return value

    def _list(self, key: str) -> list[object]:
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.fault(key, f"a list is wanted, not {value!r}")
        return value

    def word(self, key: str, words: type[WordT]) -> WordT | None:
        """A word of a closed list."""
        value = self.take(key)
        return None if value is None else self._word(key, value, words)

    def words(self, key: str, words: type[WordT]) -> tuple[WordT, ...]:
        """A list of words of a closed list."""
        return tuple(self._word(key, value, words) for value in self._list(key))

    def _word(self, key: str, value: object, words: type[WordT]) -> WordT:
        if isinstance(value, str) and value in words.__members__:
            return words[value]
        raise self.fault(key, unknown_word(str(value), words.__members__))

    def flag(self, key: str) -> bool:
        """True or false; false when nothing is said."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.fault(key, f"true or false is wanted, not {value!r}")

    def number(self, key: str) -> int | None:
        """A whole number."""
        value = self.take(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise self.fault(key, f"a whole number is wanted, not {value!r}")
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = []
        for value in self._list(key):
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.fault(key, f"whole numbers are wanted, not {value!r}")
            found.append(value)
        return tuple(found)

    def days(self, key: str) -> tuple[date, ...]:
        """A list of calendar days."""
        return tuple(self._day(key, value) for value in self.texts(key))

    def decimal(self, key: str) -> Decimal | None:
        """An exact decimal number."""
        value = self.take(key)
        if value is None:
            return None
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise self.fault(key, f"a number is wanted, not {value!r}") from error

    def money(self, key: str) -> Money | None:
        """An amount, written as `50.00 USD`."""
        value = self.text(key)
        if value is None:
            return None
        amount, _, currency = value.partition(" ")
        try:
            return Money.parse(amount, currency)
        except InputError as error:
            raise self.fault(key, f"{value!r} is no amount such as '50.00 USD': {error}") from error

    def day(self, key: str) -> date | None:
        """A calendar day, written as 2026-06-01."""
        value = self.text(key)
        return None if value is None else self._day(key, value)

    def _day(self, key: str, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.fault(key, f"{value!r} is no day such as 2026-06-01") from error

    def wall_time(self, key: str) -> time | None:
        """A time of the day, written as 10:00."""
        value = self.text(key)
        if value is None:
            return None
        try:
            return time.fromisoformat(value)
        except ValueError as error:
            raise self.fault(key, f"{value!r} is no time of the day such as 10:00") from error

    def instant(self, key: str) -> datetime | None:
        """An instant: with an offset absolute, without one in the debtor's first zone; a day alone is its beginning."""
        value = self.text(key)
        if value is None:
            return None
        match = _INSTANT.fullmatch(value)
        if match is None:
            raise self.fault(key, f"{value!r} is no instant such as '2026-06-01 12:00'")
        day, clock, fold, offset = match.groups()
        try:
            if offset:
                return datetime.fromisoformat(f"{day}T{clock or '00:00'}{offset}").astimezone(UTC)
            wall = datetime.fromisoformat(f"{day}T{clock or '00:00'}").replace(fold=1 if fold else 0)
        except ValueError as error:
            raise self.fault(key, f"{value!r} is no instant: {error}") from error
        return self._local(key, value, wall)

    def _local(self, key: str, value: str, wall: datetime) -> datetime:
        instant = wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        if instant.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) != wall.replace(fold=0):
            raise self.fault(key, f"{value!r} does not exist in {self.zone}, where the clock was put forward")
        return instant

    def part(self, key: str) -> Part:
        """A part within; empty when nothing stands there."""
        return Part(self.take(key), f"{self.where}.{key}", self.zone)

    def parts(self, key: str) -> Iterator[Part]:
        """A list of parts."""
        for number, value in enumerate(self._list(key)):
            yield Part(value, f"{self.where}.{key}[{number}]", self.zone)


def unknown_word(word: str, known: Iterable[str]) -> str:
    """That a word is not known, and which was probably meant."""
    names = list(known)
    near = difflib.get_close_matches(word.upper(), names, n=3, cutoff=0.5)
    return f"unknown word {word!r}" + (f", meant {' or '.join(near)}?" if near else f"; known are {', '.join(names)}")
