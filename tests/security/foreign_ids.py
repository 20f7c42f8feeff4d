"""Every place of the schema that takes an id, and an operation that tries one there; read off the schema itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from arrears.graphql.build import BuiltSchema
from arrears.graphql.declarations import ManyField, RootField
from tests.api import SentFile

Path = tuple[str, ...]

# Values that are right wherever a field of the name or type is asked for; a foreign id must be what is wrong.
BY_NAME: dict[str, Any] = {
    "currency": "USD",
    "country": "US",
    "timeZone": "Europe/Berlin",
    "email": "someone@example.com",
    "role": {"PartyRole": "CO_DEBTOR", "CreditorRole": "ORIGINAL", "Role": "COLLECTOR"},
    "status": {"AccountStatus": "SKIP"},
    "reason": {"CloseReason": "WITHDRAWN"},
    "channel": {"ContactChannel": "EMAIL"},
    "value": "someone@example.com",
    "number": "123-45-6789",
    "givenAt": "2026-02-01T00:00:00Z",
    "revocationMedium": None,
    "dueOn": "2026-02-14",
    "untilOn": "2026-12-31",
    "effectiveOn": "2026-03-01",
    "paidTo": None,
}
BY_ARGUMENT = {
    "clientId": "clnt",
    "portfolioId": "port",
    "subjectId": "acct",
    "debtorId": "dbtr",
    "accountId": "acct",
    "accountIds": "acct",
    "contactPointId": "cont",
    "contactPointIds": "cont",
}
# Questions whose answer is no entity, by the field and its argument.
BY_ROOT = {("decisionExplain", "id"): "deci", ("decisionsReplay", "after"): "deci"}
BY_TYPE: dict[str, Any] = {
    "String": "sample",
    "Int": 1,
    "Boolean": False,
    "Date": "2026-01-15",
    "DateTime": "2026-03-01T12:00:00Z",
    "Decimal": "1.00",
    "Upload": SentFile("sample.csv", b"number\n1\n"),
    "MoneyInput": {"amount": "1.00", "currency": "USD"},
}


@dataclass(frozen=True)
class Place:
    """One place that takes an id: where it is, of which kind the id is, and how it is tried."""

    name: str
    prefix: str
    query: str
    variables: dict[str, Any]
    path: Path = ()

    def filled(self, id: str) -> dict[str, Any]:
        """The variables with the id in its place."""
        return _put(self.variables, self.path, id)


def _put(value: Any, path: Path, id: str) -> Any:
    if not path:
        return id
    step, *rest = path
    if step == "[]":
        return [_put((value or [{}])[0], tuple(rest), id)]
    return {**(value or {}), step: _put((value or {}).get(step), tuple(rest), id)}


@dataclass
class Places:
    """Finds the places of one schema; `own` gives an id that the caller may see, by prefix."""

    built: BuiltSchema
    own: dict[str, str]

    def __post_init__(self) -> None:
        self.schema = self.built.strawberry._schema
        self.definitions = self.built.strawberry.schema_converter.type_map

    def roots(self) -> Iterator[Place]:
        """Root fields by their own arguments, `node` and `nodes` by every kind."""
        assert self.schema.query_type is not None
        for name, field in self.schema.query_type.fields.items():
            if name in {"node", "nodes"}:
                for prefix in self.built.index.prefixes:
                    yield self._root(name, field, "ids" if name == "nodes" else "id", prefix)
                continue
            for argument, definition in field.args.items():
                if get_named_type(definition.type).name == "ID":
                    yield self._root(name, field, argument, self._argument_prefix(name, argument))

    def filters(self) -> Iterator[Place]:
        """Every id comparison of every list, at the root and below an entity that the caller may see."""
        for (owner, name), planned in self.built.index.fields.items():
            if planned.target is None or not isinstance(planned.declared, ManyField | RootField):
                continue
            if isinstance(planned.declared, RootField) and not (planned.declared.many and planned.declared.filterable):
                continue
            entity = self.built.index.entities[planned.target]
            for key, wanted in entity.filters.items():
                if wanted.prefix is None:
                    continue
                for operator in ("eq", "in"):
                    place = self._filter(owner, name, planned.target, key, wanted.prefix, operator)
                    if place is not None:
                        yield place

    def inputs(self) -> Iterator[Place]:
        """Every id in the input of every mutation."""
        assert self.schema.mutation_type is not None
        for name, field in self.schema.mutation_type.fields.items():
            kind = get_named_type(field.args["input"].type)
            assert isinstance(kind, GraphQLInputObjectType)
            query = (
                f"mutation($input: {kind.name}!) {{ {name}(input: $input) {{ userErrors {{ code field message }} }} }}"
            )
            for path, prefix in self._ids(kind):
                given = self._holding(kind, path)
                yield Place(f"{name}.{'.'.join(path)}", prefix, query, {"input": given}, ("input", *path))

    def _argument_prefix(self, root: str, argument: str) -> str:
        planned = self.built.index.fields["Query", root]
        declared = planned.declared
        own = getattr(declared, "arguments", ())
        for known in own:
            if _camel(known.name) == argument and known.prefix:
                return str(known.prefix)
        if (root, argument) in BY_ROOT:
            return BY_ROOT[root, argument]
        if argument == "id" and planned.target is not None:
            return self.built.index.entities[planned.target].prefix
        # Without a declared kind, the name of the argument tells it; an audit's subject may be anything.
        return BY_ARGUMENT[argument]

    def _own_id(self, argument: str) -> str:
        """An id of one's own for another argument that has to be given; nothing for what is no id."""
        return self.own.get(BY_ARGUMENT.get(argument, ""), "")

    def _root(self, name: str, field: GraphQLField, argument: str, prefix: str) -> Place:
        variables = {
            other: _sample(other, definition.type, "" if other == argument else self._own_id(other))
            for other, definition in field.args.items()
            if other == argument or is_non_null_type(definition.type)
        }
        declared = ", ".join(f"${other}: {field.args[other].type}" for other in variables)
        passed = ", ".join(f"{other}: ${other}" for other in variables)
        query = f"query({declared}) {{ {name}({passed}) {_selection(field)} }}"
        path = (argument, "[]") if is_list_type(_nullable(field.args[argument].type)) else (argument,)
        return Place(f"{name}({argument}: {prefix})", prefix, query, variables, path)

    def _filter(self, owner: str, name: str, target: str, key: str, prefix: str, operator: str) -> Place | None:
        listed = f"{name}(where: $where) {{ totalCount nodes {{ __typename }} }}"
        path = ("where", key, operator) if operator == "eq" else ("where", key, operator, "[]")
        label = f"{owner}.{name}(where: {key} {operator})"
        if owner == "Query":
            assert self.schema.query_type is not None
            needed = {
                other: definition.type
                for other, definition in self.schema.query_type.fields[name].args.items()
                if is_non_null_type(definition.type)
            }
            declared = "".join(f", ${other}: {kind}" for other, kind in needed.items())
            listed = listed.replace("(", "(" + "".join(f"{other}: ${other}, " for other in needed), 1)
            variables = {other: _sample(other, kind) for other, kind in needed.items()}
            return Place(label, prefix, f"query($where: {target}Where{declared}) {{ {listed} }}", variables, path)
        parent = self.own.get(self.built.index.entities[owner].prefix)
        if parent is None:
            return None
        query = (
            f"query($parent: ID!, $where: {target}Where) {{ node(id: $parent) {{ ... on {owner} {{ {listed} }} }} }}"
        )
        return Place(label, prefix, query, {"parent": parent}, path)

    def _ids(self, kind: GraphQLInputObjectType, seen: Path = ()) -> Iterator[tuple[Path, str]]:
        prefixes = {
            _camel(field.python_name): field.metadata.get("prefix")
            for field in self.definitions[kind.name].definition.fields
        }
        for name, field in kind.fields.items():
            inner = get_named_type(field.type)
            step = (name, "[]") if is_list_type(_nullable(field.type)) else (name,)
            if inner.name == "ID":
                assert prefixes[name] is not None, f"{kind.name}.{name} does not say which kind of id it takes"
                yield step, prefixes[name]
            elif isinstance(inner, GraphQLInputObjectType) and inner.name not in seen:
                for path, prefix in self._ids(inner, (*seen, inner.name)):
                    yield (*step, *path), prefix

    def _holding(self, kind: GraphQLInputObjectType, path: Path) -> dict[str, Any]:
        """What an input must hold, and also the inner inputs on the way to a path."""
        given = self._required(kind)
        name, *rest = path
        inner = get_named_type(kind.fields[name].type)
        if isinstance(inner, GraphQLInputObjectType):
            listed = rest[0] == "[]"
            held = self._holding(inner, tuple(rest[1:] if listed else rest))
            given[name] = [held] if listed else held
        return given

    def _required(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        """Right values for what an input must hold."""
        declared = self.definitions[kind.name].definition.fields
        prefixes = {_camel(field.python_name): field.metadata.get("prefix") for field in declared}
        given: dict[str, Any] = {}
        for name, field in kind.fields.items():
            if not is_non_null_type(field.type):
                continue
            inner = get_named_type(field.type)
            if isinstance(inner, GraphQLInputObjectType) and inner.name not in BY_TYPE:
                held = self._required(inner)
                given[name] = [held] if is_list_type(_nullable(field.type)) else held
            else:
                given[name] = _sample(name, field.type, self.own.get(prefixes[name] or "", ""))
        return given


def _sample(name: str, kind: Any, own: str = "") -> Any:
    """A value of a type that is no input object; `own` is the id that a field of type ID gets."""
    bare = _nullable(kind)
    if is_list_type(bare):
        return [_sample(name, bare.of_type, own)]
    inner = get_named_type(bare)
    by_name = BY_NAME.get(name)
    if isinstance(by_name, dict):
        by_name = by_name.get(inner.name)
    if by_name is not None and inner.name not in {"ID", "Int"}:
        return by_name
    if inner.name == "ID":
        return own
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return BY_TYPE.get(inner.name, f"sample {name}")


def _selection(field: GraphQLField) -> str:
    inner = get_named_type(field.type)
    if not isinstance(inner, GraphQLObjectType) or "nodes" not in inner.fields:
        return "{ __typename }"
    return "{ totalCount nodes { __typename } }"


def _nullable(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)
