"""The settings of delinquency: how many days of grace debtors have, and the buckets that debts are sorted into."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from arrears.delinquency.model import MOST_DAYS, USUAL_BUCKETS, Bucket, Rules, check_buckets
from arrears.plugins.settings import setting_groups
from arrears_sdk.plugin import Config


class BucketSettings(BaseModel):
    """One bucket: its name and its range of delinquent days; the last one may leave out its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40, description="What the bucket is called, such as 31-60.")
    from_days: int = Field(ge=1, le=MOST_DAYS, description="The fewest delinquent days in it.")
    until_days: int | None = Field(
        default=None, ge=1, le=MOST_DAYS, description="The most delinquent days in it; left out, it has no end."
    )


class DelinquencySettings(Config):
    """Days of grace, and buckets of delinquent days."""

    grace_days: int = Field(
        default=0, ge=0, le=365, description="How many days past due do not count before a debt is delinquent."
    )
    buckets: tuple[BucketSettings, ...] = Field(
        default=tuple(
            BucketSettings(name=one.name, from_days=one.from_days, until_days=one.until_days) for one in USUAL_BUCKETS
        ),
        min_length=1,
        max_length=30,
        description="The buckets in order; ranges of days that do not overlap. A debt that is in none is current.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_buckets(self.rules().buckets)
        return self

    def rules(self) -> Rules:
        """The same as the pure rules take it."""
        buckets = tuple(Bucket(one.name, one.from_days, one.until_days) for one in self.buckets)
        return Rules(self.grace_days, buckets)


GROUP = setting_groups.declare("delinquency", DelinquencySettings, "How long debts are past due, and in which buckets.")
