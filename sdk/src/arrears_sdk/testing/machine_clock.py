"""Shows a plugin another machine clock, and notices when it looks."""

from __future__ import annotations

import datetime
import sys
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from arrears_sdk import clock as sdk_clock
from arrears_sdk.testing.trial import PluginClass


class Looks:
    """Who looked at the machine's clock: the names of what was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def note(self, call: str) -> None:
        """One look."""
        self.calls.append(call)


class _Stand(type):
    """Makes a stand-in pass for the class that it stands for."""

    stands_for: type

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.stands_for)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.stands_for)


def _datetimes(at: datetime.datetime, looks: Looks) -> type[datetime.datetime]:
    class Standing(datetime.datetime, metaclass=_Stand):
        stands_for = datetime.datetime

        def __new__(cls, *arguments: object, **named: object) -> datetime.datetime:  # type: ignore[misc]
            return datetime.datetime(*arguments, **named)  # type: ignore[arg-type]  # noqa: DTZ001

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
            looks.note("datetime.now")
            return at.astimezone(tz) if tz else at.replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> datetime.datetime:  # type: ignore[override]
            looks.note("datetime.utcnow")
            return at.replace(tzinfo=None)

        @classmethod
        def today(cls) -> datetime.datetime:  # type: ignore[override]
            looks.note("datetime.today")
            return at.replace(tzinfo=None)

    return Standing


def _dates(at: datetime.datetime, looks: Looks) -> type[datetime.date]:
    class Standing(datetime.date, metaclass=_Stand):
        stands_for = datetime.date

        def __new__(cls, *arguments: object, **named: object) -> datetime.date:  # type: ignore[misc]
            return datetime.date(*arguments, **named)  # type: ignore[arg-type]

        @classmethod
        def today(cls) -> datetime.date:  # type: ignore[override]
            looks.note("date.today")
            return at.date()

    return Standing


def _times(at: datetime.datetime, looks: Looks) -> dict[str, Callable[..., object]]:
    seconds = at.timestamp()

    def stamped(name: str, value: Callable[[], object]) -> Callable[..., object]:
        real: Callable[..., object] = getattr(time, name)

        def called(*arguments: object) -> object:
            if arguments:
                return real(*arguments)
            looks.note(f"time.{name}")
            return value()

        return called

    return {
        "time": stamped("time", lambda: seconds),
        "time_ns": stamped("time_ns", lambda: int(seconds * 1_000_000_000)),
        "localtime": stamped("localtime", lambda: time.localtime(seconds)),
        "gmtime": stamped("gmtime", lambda: time.gmtime(seconds)),
    }


@contextmanager
def shown(plugin: PluginClass, at: datetime.datetime) -> Iterator[Looks]:
    """While it lasts, the plugin's own modules and the SDK's `SystemClock` see this machine clock."""
    looks = Looks()
    stands: dict[int, object] = {
        id(datetime.datetime): _datetimes(at, looks),
        id(datetime.date): _dates(at, looks),
    }
    times = _times(at, looks)
    stands |= {id(getattr(time, name)): stand for name, stand in times.items()}
    stands[id(datetime)] = _module(
        datetime, {"datetime": stands[id(datetime.datetime)], "date": stands[id(datetime.date)]}
    )
    stands[id(time)] = _module(time, times)
    replaced: list[tuple[types.ModuleType, str, object]] = []
    for module in [*_modules_of(plugin), sdk_clock]:
        for name, value in list(vars(module).items()):
            stand = stands.get(id(value))
            if stand is not None:
                replaced.append((module, name, value))
                setattr(module, name, stand)
    try:
        yield looks
    finally:
        for module, name, value in replaced:
            setattr(module, name, value)


def _module(real: types.ModuleType, changed: dict[str, object] | dict[str, Callable[..., object]]) -> types.ModuleType:
    stand = types.ModuleType(real.__name__)
    vars(stand).update(vars(real))
    vars(stand).update(changed)
    return stand


def _modules_of(plugin: PluginClass) -> list[types.ModuleType]:
    """Every module of the plugin's own package that is loaded."""
    top = plugin.__module__.partition(".")[0]
    return [module for name, module in list(sys.modules.items()) if name == top or name.startswith(f"{top}.")]
