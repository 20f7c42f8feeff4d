"""The directive that shows in the SDL which permission a field needs."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="permission",
    description="The permission that a principal needs to select this field. Everything is refused unless allowed.",
)
class PermissionDirective:
    """Which permission a field needs."""

    requires: str = strawberry.directive_field(name="requires")


SIGNED_IN = "self.read"


def open_field(description: str) -> Any:
    """A field that every signed-in principal may select where it may select the object."""
    return strawberry.field(description=description, directives=[PermissionDirective(requires=SIGNED_IN)])
