"""What resolvers find in `info.context` while an operation runs."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any
from uuid import UUID

from arrears.graphql.batched_fields import Asking
from arrears.graphql.planner.plan import Plan
from arrears.graphql.planner.runtime import Runtime
from arrears.graphql.plugin_fields import PluginBatches
from arrears.kernel.context import Context


@dataclasses.dataclass
class RunningOperation:
    """One operation being completed by graphql-core: who asks, the plan of what it loads, and notes for the answer."""

    context: Context
    plan: Plan
    runtime: Runtime
    planned: dict[str, Any] = dataclasses.field(default_factory=dict)
    extensions: dict[str, Any] = dataclasses.field(default_factory=dict)
    committed: bool = False
    alone: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)
    """Held while a dear field is resolved, so that one operation never takes all connections from the others."""
    batches: PluginBatches = dataclasses.field(init=False)
    asking: Asking = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.batches = PluginBatches(self)
        self.asking = Asking(self)

    def runtime_for(self, result_id: UUID) -> Runtime:
        """The values that the statement of a payload field is bound to."""
        return dataclasses.replace(self.runtime, result_id=result_id)
