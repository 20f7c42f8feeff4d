"""`node` and `nodes`: every entity by its id alone."""

from __future__ import annotations

from arrears.graphql.declarations import NodeField
from arrears.graphql.declare import queries
from arrears.graphql.node import Node


def _node(many: bool, description: str) -> object:
    return NodeField(many=many, description=description, permission="self.read")


@queries
class NodeQueries:
    node: Node | None = _node(False, "The object with an id, or null when there is none that you may see.")  # type: ignore[assignment]
    nodes: list[Node | None] = _node(True, "The objects with these ids, in their order; null for each you may not see.")  # type: ignore[assignment]
