"""What holds for parts that a plugin adds to the schema."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from arrears_sdk.money import Money
from arrears_sdk.ports.graphql import Asked, ExtendedObject, ExtendedType, Extension, GraphQLParts, RootQuery
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.trial import Session, Trial

HOOK = ("register_graphql",)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PERMISSION = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_PLAIN = (str, int, float, bool, Decimal, date, datetime, Money)
_PREFIXES = {"Account": "acct", "Client": "clnt", "Debtor": "dbtr", "Interaction": "intr"}


def parts(trial: Trial) -> Iterator[tuple[Session, GraphQLParts]]:
    """What the plugin adds under the first of its settings, beside the session that answers."""
    with trial.session(trial.settings[0]) as session:
        added = session.ask("register_graphql")
        assert isinstance(added, GraphQLParts)
        yield session, added


def _fields(added: GraphQLParts) -> tuple[RootQuery | Extension, ...]:
    return (*added.queries, *added.extensions)


@check(
    "graphql.names",
    "A field that clashes or has no name of its own stops the start, and with it all payments of that day.",
    hooks=HOOK,
    needs=("registration.sync",),
)
def names_are_sound(trial: Trial) -> None:
    """Names are lower-case words joined by underscores, used once, on types that can be extended."""
    for _, added in parts(trial):
        names = [query.name for query in added.queries]
        names += [f"{extension.on}.{extension.name}" for extension in added.extensions]
        if doubled := {name for name in names if names.count(name) > 1}:
            raise Violation(f"adds {', '.join(sorted(doubled))} twice")
        for field in _fields(added):
            if not _NAME.fullmatch(field.name):
                raise Violation(f"adds a field called {field.name!r}; write it like last_score")
        for extension in added.extensions:
            if extension.on not in get_args(ExtendedType):
                raise Violation(f"extends {extension.on}, where one of {', '.join(get_args(ExtendedType))} can be")


@check(
    "graphql.permissions",
    "A field without a permission shows a debtor's data to everybody who can sign in.",
    hooks=HOOK,
    needs=("registration.sync",),
)
def permissions_are_named(trial: Trial) -> None:
    """Every field names a permission such as `accounts.read`."""
    for _, added in parts(trial):
        for field in _fields(added):
            if not _PERMISSION.fullmatch(field.permission):
                raise Violation(f"{field.name} needs the permission {field.permission!r}; name one like accounts.read")


@check(
    "graphql.descriptions",
    "A field that nobody explained is misread, and a debtor is judged by a number that means something else.",
    hooks=HOOK,
    needs=("registration.sync",),
)
def everything_is_described(trial: Trial) -> None:
    """Every field and argument, and every type that they give, says what it means."""
    for _, added in parts(trial):
        for field in _fields(added):
            if not field.description.strip():
                raise Violation(f"{field.name} has no description")
            arguments = field.arguments.items() if isinstance(field, RootQuery) else ()
            if silent := [name for name, (_, about) in arguments if not about.strip()]:
                raise Violation(f"{field.name} has arguments without a description: {', '.join(silent)}")
            for kind in _classes(field.returns):
                about = inspect.getdoc(kind) or ""
                if not about or about.startswith(f"{kind.__name__}(") or about == inspect.getdoc(enum.Enum):
                    raise Violation(f"{kind.__name__}, which {field.name} gives, has no docstring")


@check(
    "graphql.types",
    "A type that the schema cannot show stops the start of the whole deployment.",
    hooks=HOOK,
    needs=("registration.sync",),
)
def types_can_be_shown(trial: Trial) -> None:
    """Fields give plain values, `Money`, enums, dataclasses of these with described fields, or lists of them."""
    for _, added in parts(trial):
        for field in _fields(added):
            _showable(field.returns, field.name)
            if isinstance(field, RootQuery):
                for name, (kind, _) in field.arguments.items():
                    _showable(kind, f"the argument {name} of {field.name}")


def _bare(kind: object) -> tuple[object, ...]:
    """The types of which an annotation is made, without None."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return tuple(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) in (list, tuple):
        return tuple(part for part in get_args(kind) if part is not Ellipsis)
    return (kind,)


def _showable(kind: object, where: str) -> None:
    found = _bare(kind)
    if len(found) != 1:
        raise Violation(f"{where} has the type {kind}, which is several")
    if found[0] is not kind:
        _showable(found[0], where)
        return
    if kind in _PLAIN or (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        return
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
        raise Violation(f"{where} has the type {kind}, which the schema cannot show")
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if not (get_origin(hint) is Annotated and any(isinstance(part, str) for part in get_args(hint)[1:])):
            raise Violation(f'{kind.__name__}.{name} has no description: Annotated[..., "What it means."]')
        _showable(hint, f"{kind.__name__}.{name}")


def _classes(kind: object) -> Iterator[type]:
    """The enums and dataclasses inside a type."""
    for found in _bare(kind):
        if found is not kind:
            yield from _classes(found)
        elif isinstance(found, type) and (dataclasses.is_dataclass(found) or issubclass(found, enum.Enum)):
            yield found
            if dataclasses.is_dataclass(found):
                for hint in get_type_hints(found, include_extras=True).values():
                    yield from _classes(hint)


@check(
    "graphql.answers",
    "An answer too few shows one debtor's data on another debtor's page.",
    hooks=HOOK,
    needs=("graphql.types", "graphql.names"),
)
def answers_fit_the_question(trial: Trial) -> None:
    """An extension gives one value for each object, of the type that it declares; a root field one value."""
    for session, added in parts(trial):
        build = Builder(3)
        asked = Asked(principal_id=build.id("prin"))
        for extension in added.extensions:
            for count in (0, 1, 3):
                client = build.id("clnt")
                ids = [build.id(_PREFIXES[extension.on]) for _ in range(count)]
                objects = tuple(ExtendedObject(id=id, client_id=client) for id in ids)
                values = _resolved(session, extension, asked, objects)
                if not isinstance(values, list | tuple) or len(values) != count:
                    raise Violation(f"{extension.on}.{extension.name} was asked about {count} and gave {values!r}")
                for value in values:
                    _fits(extension.returns, value, f"{extension.on}.{extension.name}")
        for query in added.queries:
            arguments = {name: _example(kind) for name, (kind, _) in query.arguments.items()}
            _fits(query.returns, _resolved(session, query, asked, arguments), query.name)


def _resolved(
    session: Session,
    field: RootQuery | Extension,
    asked: Asked,
    about: tuple[ExtendedObject, ...] | Mapping[str, object],
) -> object:
    try:
        return session.call(field.resolve, asked, about)
    except Violation:
        raise
    except Exception as error:
        raise Violation(f"{field.name} raised {type(error).__name__}: {error}") from error


def _fits(kind: object, value: object, where: str) -> None:
    if value is None:
        return
    try:
        adapter: TypeAdapter[object] = TypeAdapter(kind)  # type: ignore[arg-type]
        adapter.validate_python(value, strict=not isinstance(value, list | tuple))
    except ValidationError as error:
        raise Violation(f"{where} gave {value!r}, which is no {kind}: {error.errors()[0]['msg']}") from None


def _example(kind: object) -> object:
    if get_origin(kind) in (Union, UnionType):
        return None
    examples: dict[object, object] = {
        str: "example",
        int: 1,
        float: 0.5,
        bool: True,
        Decimal: Decimal(1),
        date: date(2026, 3, 2),
        Money: Money(100, "USD"),
    }
    return examples.get(kind)
