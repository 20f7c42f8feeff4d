"""How a charge or a refund came out: five outcomes, of which two are not known to be final."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from arrears_sdk.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The provider says that the money moved. `reference` is the provider's own; `fee` is what the provider keeps."""

    reference: str
    amount: Money | None = None
    fee: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The provider says that the money will not move. `code` is the provider's own, `message` is for a person."""

    code: str
    message: str
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The provider has the order and decides later; also any status that the gateway does not know.

    `action_url` is a page of the provider on which the payer has to do something first.
    """

    reference: str | None = None
    action_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """The provider certainly never got the order: it may be sent again under another key."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Whether the provider acted is not known: a time-out, a lost answer. The platform asks until it knows."""

    reason: str
    reference: str | None = None


Outcome: TypeAlias = Done | Declined | Pending | NotSent | Unknown
OUTCOMES: tuple[type[Outcome], ...] = (Done, Declined, Pending, NotSent, Unknown)
