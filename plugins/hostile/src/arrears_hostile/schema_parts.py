"""Parts of the schema without names, permissions, words, types or the right number of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.graphql import Asked, ExtendedObject, Extension, GraphQLParts


def _zeros(asked: Asked, objects: Sequence[ExtendedObject]) -> list[int]:
    return [0 for _ in objects]


def _too_few(asked: Asked, objects: Sequence[ExtendedObject]) -> list[int]:
    return [0 for _ in objects[1:]]


SOUND = Extension(
    on="Account",
    name="tries",
    description="How often it was tried.",
    permission="accounts.read",
    returns=int,
    resolve=_zeros,
)


class _Showing(Plugin):
    """Adds one field."""

    name = "showing"
    part = SOUND

    def register_graphql(self) -> GraphQLParts:
        """The field of the class."""
        return GraphQLParts(extensions=(self.part,))


class Misnaming(_Showing):
    """Adds a field whose name cannot be one."""

    name = "misnaming"
    part = replace(SOUND, name="Last-Try")


class Unguarded(_Showing):
    """Adds a field that everybody sees."""

    name = "unguarded"
    part = replace(SOUND, permission="")


class Wordless(_Showing):
    """Adds a field that nobody explains."""

    name = "wordless"
    part = replace(SOUND, description=" ")


class Amorphous(_Showing):
    """Adds a field of any shape."""

    name = "amorphous"
    part = replace(SOUND, returns=dict[str, object])


class Shifting(_Showing):
    """Answers with a value too few."""

    name = "shifting"
    part = replace(SOUND, resolve=_too_few)
