"""Fields of entities that Python answers: once for all objects of an operation that are asked the same."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from arrears.graphql.declarations import BatchedField
from arrears_sdk.ids import decode_id, prefix_of

if TYPE_CHECKING:
    from arrears.graphql.operation import RunningOperation

# A field without arguments and one that is asked with some are different questions.
Question = tuple[BatchedField, tuple[tuple[str, Any], ...]]


@dataclasses.dataclass
class Batch:
    """The objects that are asked about together, and the task that asks."""

    ids: dict[str, None] = dataclasses.field(default_factory=dict)
    task: asyncio.Task[dict[str, object]] | None = None


@dataclasses.dataclass
class Asking:
    """The questions of one operation. Resolvers run through the whole answer before the first one is asked."""

    operation: RunningOperation
    waiting: dict[Question, Batch] = dataclasses.field(default_factory=dict)

    def load(self, declared: BatchedField, id: str, arguments: Mapping[str, Any]) -> Awaitable[object]:
        """The value of a field of one object, once its question has been answered."""
        question = (declared, tuple(sorted(arguments.items())))
        batch = self.waiting.setdefault(question, Batch())
        if batch.task is None:
            # A task begins after the present pass over the answer, when every object has come.
            batch.task = asyncio.get_running_loop().create_task(self._ask(question))
        batch.ids[id] = None
        return _picked(batch.task, id)

    async def _ask(self, question: Question) -> dict[str, object]:
        declared, arguments = question
        ids = list(self.waiting.pop(question).ids)
        decoded = [decode_id(prefix_of(one), one) for one in ids]
        # What takes a statement of its own is asked one after another, so that no operation takes all connections.
        async with self.operation.alone:
            answers = await declared.answer(self.operation.context, decoded, dict(arguments))
        return dict(zip(ids, answers, strict=True))


async def _picked(task: asyncio.Task[dict[str, object]], wanted: str) -> object:
    return (await task)[wanted]
