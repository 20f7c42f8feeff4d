"""`node` and `nodes`: every entity by its id alone."""

from __future__ import annotations

from typing import Any

from arrears.graphql.declarations import NodeField
from arrears.graphql.declare import queries
from arrears.graphql.node import Node


def _node(many: bool, description: str) -> Any:
    return NodeField(many=many, description=description, permission="self.read")


@queries
class NodeQueries:
    """The root fields of every schema."""

    node: Node | None = _node(False, "The object with an id, or null when there is none that you may see.")
    nodes: list[Node | None] = _node(True, "The objects with these ids, in their order; null for each you may not see.")
