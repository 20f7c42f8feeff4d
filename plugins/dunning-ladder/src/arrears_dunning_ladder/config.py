"""A client's ladder: its steps in order, under which conditions each is taken, and what makes it wait."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from arrears_sdk.plugin import Config
from arrears_sdk.vocabulary import (
    AccountStatus,
    ActionKind,
    CommunicationChannel,
    HoldKind,
    InteractionResult,
    Product,
)

CONTACT, TASK, PAUSE = "CONTACT", "TASK", "PAUSE"
LONGEST_LADDER = 50

Days: TypeAlias = Annotated[int, Field(ge=-3_650, le=36_500)]
Amount: TypeAlias = Annotated[Decimal, Field(ge=0, le=10**14, decimal_places=4)]
Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class PauseReason(StrEnum):
    """What can make a ladder wait."""

    PROMISE = "PROMISE"
    DISPUTE = "DISPUTE"
    HOLD = "HOLD"


class Conditions(Config):
    """When a step is taken; what is left out does not matter. Bounds are included."""

    balance_from: Amount | None = Field(
        default=None, description="At least this is owed, in units of the account's currency."
    )
    balance_to: Amount | None = Field(default=None, description="At most this is owed.")
    statuses: frozenset[AccountStatus] = Field(default=frozenset(), description="The account has one of these.")
    products: frozenset[Product] = Field(default=frozenset(), description="The debt is one of these.")
    score_from: float | None = Field(
        default=None, ge=0, le=1, description="The score is at least this; none is too low."
    )
    score_to: float | None = Field(default=None, ge=0, le=1, description="The score is at most this; none is too high.")
    last_contact_days_from: int | None = Field(
        default=None,
        ge=0,
        description="The last outbound contact or attempt is at least so many days ago, or never was.",
    )
    last_contact_days_to: int | None = Field(default=None, ge=0, description="It is at most so many days ago.")
    last_results: frozenset[InteractionResult] = Field(default=frozenset(), description="It ended as one of these.")

    @field_validator("balance_to", "score_to", "last_contact_days_to")
    @classmethod
    def _in_order(cls, most: Decimal | float | None, info: ValidationInfo) -> Decimal | float | None:
        least = info.data.get(str(info.field_name).removesuffix("_to") + "_from")
        if least is not None and most is not None and most < least:
            raise ValueError(f"is less than where it begins, {least}")
        return most


class Step(Config):
    """One step. It is taken on the first run from its day on on which its conditions hold, and only once."""

    name: Name = Field(description="What collectors read; unique in the ladder.")
    from_days: Days = Field(description="From how many days past due on; negative before the due day.")
    until_days: Days | None = Field(
        default=None,
        description="Until how many days past due; a step before the due day ends there unless this says more.",
    )
    action: str = Field(default=CONTACT, description="CONTACT, TASK, or an act such as CHARGE_FEE or SUE.")
    channels: tuple[CommunicationChannel, ...] = Field(
        default=(), max_length=len(CommunicationChannel), description="Of a CONTACT: the first that can be used is."
    )
    template: str | None = Field(
        default=None,
        min_length=1,
        max_length=80,
        description="The template or task; else the step's name. Unique as well.",
    )
    repeat_every_days: int | None = Field(
        default=None, ge=1, le=3_650, description="Of the last step: taken again so many days after it was."
    )
    when: Conditions = Field(default=Conditions(), description="What has to hold besides.")

    @property
    def recorded_as(self) -> str:
        """The template under which an interaction shows that the step was taken."""
        return self.template or self.name

    @property
    def last_day(self) -> int | None:
        """The last day past due on which it makes sense; a reminder before the due day makes none after it."""
        return 0 if self.until_days is None and self.from_days < 0 else self.until_days

    @field_validator("until_days")
    @classmethod
    def _ends_later(cls, until: int | None, info: ValidationInfo) -> int | None:
        begin = info.data.get("from_days")
        if until is not None and begin is not None and until < begin:
            raise ValueError(f"is before from_days, {begin}")
        return until

    @field_validator("action")
    @classmethod
    def _known(cls, action: str) -> str:
        if action not in {CONTACT, TASK, *ActionKind}:
            raise ValueError(f"is not one of CONTACT, TASK, {', '.join(ActionKind)}")
        return action

    @field_validator("channels")
    @classmethod
    def _of_contact(
        cls, channels: tuple[CommunicationChannel, ...], info: ValidationInfo
    ) -> tuple[CommunicationChannel, ...]:
        if channels and info.data.get("action") not in {CONTACT, None}:
            raise ValueError("only a CONTACT has channels")
        return channels


def _checked(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps as given; every fault is told with the place of the value at fault."""
    faults: list[InitErrorDetails] = []

    def fault(position: int, field: str, message: str, value: object) -> None:
        faults.append(InitErrorDetails(type=PydanticCustomError("ladder", message), loc=(position, field), input=value))

    for field, values in (("name", [s.name for s in steps]), ("template", [s.recorded_as for s in steps])):
        for position, value in enumerate(values):
            repeated = value in values[:position]
            if repeated and not (field == "template" and steps[position].template is None):
                fault(position, field, f"is the same as that of step {values.index(value)}", value)
    for position, step in enumerate(steps):
        if step.action == CONTACT and not step.channels:
            fault(position, "channels", "a CONTACT needs at least one channel", [])
        if step.repeat_every_days is not None and position < len(steps) - 1:
            fault(position, "repeat_every_days", "only the last step can repeat", step.repeat_every_days)
        if position and step.from_days < steps[position - 1].from_days:
            fault(position, "from_days", "is before that of the step above it", step.from_days)
    if faults:
        raise ValidationError.from_exception_data("steps", faults)
    return steps


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError("is no time zone such as Europe/Berlin") from error
    return name


class LadderConfig(Config):
    """A ladder. Without steps nothing is proposed."""

    steps: Annotated[tuple[Step, ...], AfterValidator(_checked)] = Field(
        default=(), max_length=LONGEST_LADDER, description="The steps, in the order in which they are climbed."
    )
    statuses: frozenset[AccountStatus] = Field(
        default=frozenset({AccountStatus.PRE_COLLECT, AccountStatus.ACTIVE, AccountStatus.REOPENED}),
        description="Accounts in one of these are worked.",
    )
    pause_on: frozenset[PauseReason] = Field(
        frozenset(PauseReason), description="What makes the ladder wait: a standing promise, a dispute, any hold."
    )
    ignored_holds: frozenset[HoldKind] = Field(
        default=frozenset(), description="Kinds of hold that do not make it wait."
    )
    minimum_gap_days: int = Field(
        default=3,
        ge=1,
        le=365,
        description="So many days lie between two steps for one debtor, whichever account they are about.",
    )
    at: time = Field(default=time(10), description="The time of day at which a step is due.")
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(default="UTC", description="The zone of that time of day.")

    @field_validator("at")
    @classmethod
    def _plain(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError("has an offset; the zone is time_zone")
        return at
