"""How much one operation may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldCost:
    """What a field costs beside the values that it shows: once, and for each thing that it is asked about.

    How many these are is told by `first` or by a list of ids, else there are as many as usual.
    """

    once: int
    each: int = 0
    usual: int = 1


@dataclass(frozen=True)
class DocumentLimits:
    """Bounds on one document and one operation; what exceeds one is refused before anything runs.

    `list_sizes` gives the longest possible list of fields that take no page argument, `field_costs` the extra
    cost of fields that are dearer than their values (a `totalCount`, a search, what plugins are asked for); both by
    "Type.field".
    """

    max_characters: int = 100_000
    max_tokens: int = 5_000
    max_comments: int = 500
    max_operations: int = 20
    max_directives: int = 200
    max_depth: int = 20
    max_nesting: int = 60
    max_fields: int = 2_000
    max_root_fields: int = 30
    max_aliases: int = 100
    max_introspection_lists: int = 2
    max_cost: int = 300_000
    default_page: int = 50
    max_page: int = 250
    default_list: int = 50
    list_sizes: Mapping[str, int] = field(default_factory=dict)
    field_costs: Mapping[str, FieldCost] = field(default_factory=dict)
