"""From declared classes to Strawberry types, in place and under their own names."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from arrears.graphql.declarations import (
    MARKER,
    METADATA,
    ComputedField,
    Declared,
    PlainField,
    TypeDeclaration,
)
from arrears.graphql.permission import PermissionDirective

C = TypeVar("C", bound=type)
_TARGET = re.compile(r"^(?:Connection|list)\[\s*[\"']?(\w+)[\"']?\s*\]$")


def target_name(annotation: str) -> str:
    """The name of the type that an annotation speaks of: `Connection[Party]`, `list[Creditor]`, `Client | None`."""
    text = annotation.strip("\"'").removesuffix("| None").strip()
    found = _TARGET.match(text)
    return found.group(1) if found else text


def strawberry_field(name: str, annotation: str, declared: Declared, namespace: dict[str, Any]) -> StrawberryField:
    """The Strawberry field of a declaration; its type is looked up in `namespace` when the schema is built."""
    shown = re.sub(r"Connection\[\s*[\"']?(\w+)[\"']?\s*\]", r"\1Connection", annotation)
    directives = [PermissionDirective(requires=declared.permission)] if declared.permission else []
    field = StrawberryField(
        python_name=name,
        type_annotation=StrawberryAnnotation(shown, namespace=namespace),
        description=declared.description,
        deprecation_reason=declared.deprecation,
        directives=directives,
        metadata={METADATA: declared},
        base_resolver=StrawberryResolver(declared.resolver) if isinstance(declared, ComputedField) else None,
    )
    if isinstance(declared, ComputedField):
        field.type_annotation = StrawberryAnnotation(shown, namespace=namespace)
    return field


def planned_arguments(
    field: StrawberryField, wanted: Sequence[tuple[str, Any, str]], namespace: dict[str, Any]
) -> None:
    """Give a planned field its arguments: (python name, annotation, description); nullable ones default to absent."""
    field.arguments = [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(annotation, namespace=namespace),
            description=description,
        )
        for name, annotation, description in wanted
    ]


def _fields_of(cls: type, permission: str | None) -> tuple[tuple[str, str, Declared], ...]:
    found: list[tuple[str, str, Declared]] = []
    for name, annotation in inspect.get_annotations(cls).items():
        declared = cls.__dict__.get(name)
        if not isinstance(declared, Declared):
            raise TypeError(f"{cls.__name__}.{name} needs a declaration such as column(description=...).")
        text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
        found.append((name, text, declared))
    for name, declared in cls.__dict__.items():
        if isinstance(declared, ComputedField):
            found.append((name, declared.resolver.__annotations__["return"], declared))
    return tuple(
        (name, text, declared if declared.permission else dataclasses.replace(declared, permission=permission))
        for name, text, declared in found
    )


def declaration_of(cls: type, kind: str, permission: str | None, **details: Any) -> TypeDeclaration:
    """The record of what a class declares."""
    return TypeDeclaration(
        kind=kind,
        name=details.pop("name", cls.__name__),
        module=cls.__module__,
        fields=_fields_of(cls, permission),
        **details,
    )


def strawberry_class(
    cls: type,
    declaration: TypeDeclaration,
    description: str,
    bases: tuple[type, ...] = (),
    extra: Mapping[str, StrawberryField] | None = None,
) -> type:
    """The Strawberry type of a declared class, under the same name and module."""
    body: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    annotations: dict[str, Any] = {}
    for name, field in (extra or {}).items():
        body[name], annotations[name] = field, field.type_annotation
    for name, text, declared in declaration.fields:
        field = strawberry_field(name, text, declared, declaration.namespace)
        body[name], annotations[name] = field, field.type_annotation
    body["__annotations__"] = annotations
    body[MARKER] = declaration
    return object_type(cls.__name__, bases, body, description)


def object_type(name: str, bases: tuple[type, ...], body: dict[str, Any], description: str) -> type:
    """A Strawberry type out of a class body whose annotations are looked up when the schema is built."""
    later: dict[str, StrawberryAnnotation] = dict(body["__annotations__"])
    made: type = strawberry.type(type(name, bases, body), name=name, description=description)
    # The fields are declarations, not arguments: Python code that fills an output sets its attributes.
    made.__init__ = object.__init__  # type: ignore[misc]
    for field in made.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        # While it makes a dataclass, Strawberry settles the types of the fields; ours are known only later.
        if field.python_name in later:
            field.type_annotation = later[field.python_name]
    return made


def module_names(module: str) -> dict[str, Any]:
    """The global names of a declaring module."""
    return vars(sys.modules[module])


def node_id_field(permission: str | None) -> StrawberryField:
    """The `id` that every entity has by itself."""
    declared = PlainField(
        description="Prefix and 32 hex digits: the type can be read from it, it sorts by time.", permission=permission
    )
    return strawberry_field("id", "ID", declared, {"ID": strawberry.ID})


def declare_type(
    cls: C,
    kind: str,
    description: str,
    permission: str | None,
    *,
    bases: tuple[type, ...] = (),
    extra: Mapping[str, StrawberryField] | None = None,
    **details: Any,
) -> C:
    """The Strawberry type of a declared class."""
    return cast("C", strawberry_class(cls, declaration_of(cls, kind, permission, **details), description, bases, extra))


def declare_part(cls: C, kind: str, permission: str | None, **details: Any) -> C:
    """A declared class that adds fields to another type; the class itself is no type of the schema."""
    setattr(cls, MARKER, declaration_of(cls, kind, permission, **details))
    return cls
