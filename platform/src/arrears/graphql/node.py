"""The Node interface: everything with an id."""

from __future__ import annotations

import strawberry

from arrears.graphql.permission import open_field


@strawberry.interface(description="Anything with an id of its own; `node` and `nodes` give it back by that id.")
class Node:
    """Anything with an id of its own."""

    id: strawberry.ID = open_field("Prefix and 32 hex digits: an id names its type.")
