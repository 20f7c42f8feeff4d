"""Random but valid operations: fragments, aliases, directives, variables, nested connections, several roots."""

from __future__ import annotations

import dataclasses
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)
from hypothesis import strategies as st

DEEPEST = 5
SAMPLES: dict[str, list[Any]] = {
    "String": ["", "A", "INV-1", "müller", "it's 100%", '"\\\n'],
    "Int": [0, 1, 3, -5, 1000],
    "Boolean": [True, False],
    "Date": ["2026-01-31", "2026-03-02", "2025-06-30"],
    "DateTime": ["2026-01-31T00:00:00Z", "2026-03-02T12:00:00+05:45"],
    "Decimal": ["0", "12.50", "-3", "1000"],
    "CurrencyCode": ["EUR", "USD", "GBP", "JPY"],
}


@dataclasses.dataclass
class Written:
    """An operation's text and variables."""

    query: str
    variables: dict[str, Any]


class OperationWriter:
    """Draws one operation."""

    def __init__(self, schema: GraphQLSchema, ids: dict[str, list[str]], draw: Any, roots: frozenset[str]) -> None:
        self.schema = schema
        self.ids = ids
        self.draw = draw
        self.roots = roots
        self.names = 0
        self.variables: dict[str, tuple[str, Any]] = {}
        self.fragments: list[str] = []

    def write(self) -> Written:
        """A query of one to three root fields."""
        query = self.schema.query_type
        assert query is not None
        names = sorted(name for name in query.fields if name in self.roots)
        chosen = self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
        roots = [self.field(name, query.fields[name], 0) for name in chosen]
        if self.chance(4):
            roots.append(self.fresh() + ": __typename")
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self.variables.items())
        text = f"query Drawn{f'({declared})' if declared else ''} {{ {' '.join(roots)} }} {' '.join(self.fragments)}"
        given = {name: value for name, (_, value) in self.variables.items() if value is not ...}
        return Written(text, given)

    def chance(self, one_in: int) -> bool:
        """True once in so many draws."""
        return bool(self.draw(st.integers(0, one_in - 1)) == 0)

    def fresh(self) -> str:
        """A name nothing else has."""
        self.names += 1
        return f"n{self.names}"

    def field(self, name: str, field: GraphQLField, depth: int) -> str:
        """A field under its own alias, with arguments, directives and a selection."""
        arguments = [self.argument(key, argument) for key, argument in field.args.items()]
        given = ", ".join(text for text in arguments if text)
        kind = get_named_type(field.type)
        below = "" if is_leaf_type(kind) else self.selection(kind, depth + 1)
        return f"{self.fresh()}: {name}{f'({given})' if given else ''}{self.directive()} {below}"

    def directive(self) -> str:
        """Now and then @include or @skip, by literal or variable."""
        if not self.chance(6):
            return ""
        value = self.draw(st.booleans())
        shown = self.variable("Boolean!", value) if self.chance(2) else str(value).lower()
        return f" @{self.draw(st.sampled_from(['include', 'skip']))}(if: {shown})"

    def selection(self, kind: Any, depth: int) -> str:
        """A selection set over a type; an interface is seen through fragments."""
        if isinstance(kind, GraphQLInterfaceType):
            possible = sorted(item.name for item in self.schema.get_possible_types(kind))
            chosen = self.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))
            parts = [f"... on {name} {self.selection(self.schema.type_map[name], depth)}" for name in chosen]
            return f"{{ __typename {self.fresh()}: id {' '.join(parts)} }}"
        assert isinstance(kind, GraphQLObjectType)
        names = sorted(
            name for name, field in kind.fields.items() if depth < DEEPEST or is_leaf_type(get_named_type(field.type))
        )
        if not names:
            return "{ __typename }"
        chosen = self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4))
        parts = [self.field(name, kind.fields[name], depth) for name in chosen]
        if self.chance(5):
            parts.append("__typename")
        if len(parts) > 1 and self.chance(4):
            parts[0] = f"... on {kind.name}{self.directive()} {{ {parts[0]} }}"
        if len(parts) > 1 and self.chance(4):
            fragment = f"F{self.fresh()}"
            self.fragments.append(f"fragment {fragment} on {kind.name} {{ {parts[-1]} }}")
            parts[-1] = f"...{fragment}{self.directive()}"
        return f"{{ {' '.join(parts)} }}"

    def argument(self, name: str, argument: GraphQLArgument) -> str:
        """An argument, or nothing where it may be left out."""
        required = isinstance(argument.type, GraphQLNonNull)
        if not required and not self.chance(3):
            return ""
        if name in ("first", "last"):
            value: Any = self.draw(st.sampled_from([0, 1, 2, 5, 50, 300] if self.chance(8) else [1, 2, 5]))
        elif name in ("after", "before"):
            return f'{name}: "bm9uc2Vuc2U="' if self.chance(10) else ""
        else:
            value = self.value(argument.type, 0)
        if self.chance(2):
            return f"{name}: {self.variable(str(argument.type), value)}"
        return f"{name}: {literal(value, argument.type)}"

    def variable(self, kind: str, value: Any) -> str:
        """A new variable of the operation."""
        name = self.fresh()
        self.variables[name] = (kind, value)
        return f"${name}"

    def value(self, kind: Any, depth: int) -> Any:
        """A value of an input type, as JSON."""
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, depth)
        if isinstance(kind, GraphQLList):
            return [self.value(kind.of_type, depth + 1) for _ in range(self.draw(st.integers(0, 2)))]
        if isinstance(kind, GraphQLEnumType):
            return self.draw(st.sampled_from(sorted(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self.object(kind, depth)
        assert isinstance(kind, GraphQLScalarType)
        if kind.name == "ID":
            prefix = self.draw(st.sampled_from(sorted(self.ids)))
            return self.draw(st.sampled_from(self.ids[prefix]))
        return self.draw(st.sampled_from(SAMPLES[kind.name]))

    def object(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        """An input object with some of its fields."""
        names = [
            name
            for name in sorted(kind.fields)
            if depth < 2 or not isinstance(get_named_type(kind.fields[name].type), GraphQLInputObjectType)
        ]
        required = [name for name in kind.fields if isinstance(kind.fields[name].type, GraphQLNonNull)]
        chosen = self.draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if names else []
        return {name: self.value(kind.fields[name].type, depth + 1) for name in dict.fromkeys([*required, *chosen])}


def literal(value: Any, kind: Any) -> str:
    """A JSON value as GraphQL text."""
    if isinstance(kind, GraphQLNonNull):
        return literal(value, kind.of_type)
    if value is None:
        return "null"
    if isinstance(kind, GraphQLList):
        return "[" + ", ".join(literal(item, kind.of_type) for item in value) + "]"
    if isinstance(kind, GraphQLInputObjectType):
        pairs = (f"{name}: {literal(item, kind.fields[name].type)}" for name, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(kind, GraphQLEnumType):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
