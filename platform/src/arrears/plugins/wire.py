"""What the platform and the process of one plugin say to each other over their pipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from arrears.plugins.ports import Request
from arrears_sdk.events import JsonValue

Lent = Literal["now", "get", "put", "delete", "list", "of_debtor"]


@dataclass(frozen=True, slots=True)
class Call:
    """Make a call on the object with these settings, which is made and started when there is none; without a request
    it is only made.
    """

    number: int
    key: str
    values: Mapping[str, JsonValue]
    request: Request | None


@dataclass(frozen=True, slots=True)
class Forget:
    """Stop the object with these settings."""

    key: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop every object and end."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The call has been begun: its time counts from now."""

    number: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The call was answered."""

    number: int
    answer: object


@dataclass(frozen=True, slots=True)
class Failed:
    """The call was not answered: `kind` says in which of the ways that the platform tells apart."""

    number: int
    kind: Literal["raised", "refused", "wrong", "settings", "not_started"]
    text: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The plugin has been imported, or could not be."""

    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The plugin wants something that the platform lends."""

    number: int
    what: Lent
    client_id: str | None = None
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What the platform gave, or raised."""

    number: int
    value: object = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the plugin's log."""

    level: int
    message: str


FromPlatform = Call | Forget | Stop | Given
FromPlugin = Ready | Begun | Answered | Failed | Wanted | Logged
