"""Mutations: one command each, expected refusals in `userErrors`, entities read back after the commit."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from arrears.graphql.declarations import ComputedField, PlainField
from arrears.graphql.declare import Info
from arrears.graphql.inputs import ID, Input, command_input, input_field, input_type
from arrears.graphql.limits.settings import FieldCost
from arrears.graphql.operation import RunningOperation
from arrears.graphql.permission import SIGNED_IN, open_field
from arrears.graphql.types import declare_type, strawberry_field
from arrears.kernel.command import CommandFunction, GivenName
from arrears.kernel.context import Context
from arrears.kernel.log_masking import mask_answer
from arrears_sdk.errors import (
    ArrearsError,
    ConflictError,
    ErrorCode,
    InputError,
    NotFoundError,
    Problem,
    RefusedError,
)

C = TypeVar("C")
R = TypeVar("R")
# What a caller can mend by changing the input or looking again; the rest are top-level errors.
EXPECTED = (InputError, NotFoundError, ConflictError, RefusedError)


class Payload:
    """Base of the payloads; `userErrors` is there by itself, every other field is null when there are any."""


@dataclasses.dataclass(frozen=True)
class PayloadValue:
    """What a mutation gives graphql-core: the command's result, or the problems that kept it from being done."""

    result: Any
    problems: tuple[Problem, ...] = ()

    @property
    def user_errors(self) -> list[dict[str, Any]]:
        """The problems as the schema shows them."""
        return [
            {
                "code": problem.code.value,
                "detailCode": problem.detail_code,
                "message": mask_answer(problem.message),
                "field": list(problem.field) or None,
            }
            for problem in self.problems
        ]


def _register_error_codes() -> None:
    strawberry.enum(ErrorCode, description="What went wrong. Each code has a page with its cause and remedy.")
    for value in ErrorCode.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = f"{ErrorCode[value.name].meaning} {ErrorCode[value.name].remedy}"


_register_error_codes()


@strawberry.type(description="One reason why a mutation did nothing.")
class UserError:
    """One reason why a mutation did nothing."""

    code: ErrorCode = open_field("The kind of problem.")
    detail_code: str | None = open_field("A plugin's own code of the problem.")
    field: list[str] | None = open_field("The path of the input field at fault, from `input` on.")
    message: str = open_field("What is wrong and what to do about it.")


def payload(cls: type[C]) -> type[C]:
    """The payload of a mutation: `loaded` entities and `plain` values of the command's result, and `userErrors`."""
    errors = PlainField(description="Why nothing was done; empty when it was done.", permission=SIGNED_IN)
    field = strawberry_field("user_errors", "list[UserError]", errors, {"UserError": UserError})
    description = cls.__doc__ or f"What {_mutation_name(cls.__name__)} gives back."
    made: type[C] = declare_type(cls, "payload", description, SIGNED_IN, extra={"user_errors": field})
    return made


def _mutation_name(payload_name: str) -> str:
    return to_camel_case(payload_name.removesuffix("Payload")[:1].lower() + payload_name.removesuffix("Payload")[1:])


def mutation(
    command: CommandFunction[Any, Any],
    *,
    description: str,
    permission: str | None = None,
    cost: FieldCost | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """A mutation that runs a command; its permission is the command's."""

    def declare(resolver: Callable[..., Any]) -> Any:
        return ComputedField(
            resolver=resolver, description=description, permission=str(permission or command.permission), cost=cost
        )

    return declare


async def run(
    info: Info,
    payload_type: type[C],
    command: CommandFunction[Any, Any],
    given: Mapping[str, Any] | Any,
    *,
    idempotency_key: str | None = None,
) -> C:
    """Run a command and give its payload; what the caller can mend becomes `userErrors`.

    `given` is the command's input, its fields by name, or a declared input, which is decoded.
    """
    operation: RunningOperation = info.context
    try:
        if isinstance(given, Input):
            given = given.to_command()
        change = command_input(command.input_type, given)
        key = idempotency_key if isinstance(idempotency_key, str) else None
        receipt = await command(operation.context, change, idempotency_key=key)
    except EXPECTED as error:
        return PayloadValue(None, _pathed(error))  # type: ignore[return-value]
    operation.committed = True
    if receipt.replayed:
        operation.extensions["idempotency"] = {"replayed": True}
    return PayloadValue(receipt.result)  # type: ignore[return-value]


async def perform(
    info: Info,
    payload_type: type[C],
    act: Callable[[Context], Awaitable[R]],
    *,
    committed: Callable[[R], bool] = lambda _: True,
) -> C:
    """Do what is more than one transaction, and give its payload; what the caller can mend becomes `userErrors`.

    `act` checks its permission itself, as a command does; `committed` says of its result whether anything was written.
    """
    operation: RunningOperation = info.context
    try:
        result = await act(operation.context)
    except EXPECTED as error:
        return PayloadValue(None, _pathed(error))  # type: ignore[return-value]
    operation.committed = operation.committed or committed(result)
    return PayloadValue(result)  # type: ignore[return-value]


def _pathed(error: ArrearsError) -> tuple[Problem, ...]:
    return tuple(
        dataclasses.replace(
            problem, field=tuple(step if isinstance(step, GivenName) else to_camel_case(step) for step in problem.field)
        )
        for problem in error.problems
    )


__all__ = [
    "ID",
    "Input",
    "Payload",
    "PayloadValue",
    "UserError",
    "input_field",
    "input_type",
    "mutation",
    "payload",
    "perform",
    "run",
]
