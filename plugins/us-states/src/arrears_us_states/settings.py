"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import Response
from arrears_sdk.law.us_limitation import LimitationConfig


class UsStatesConfig(LimitationConfig):
    """The choices of this pack."""

    dc_days_after_completed_call: Literal["STRICT", "LENIENT"] = Field(
        default="STRICT",
        description="us.dc.after-completed-call: whether the seven days begin on the day after the call (STRICT: free"
        " on the eighth day) or on its own day (LENIENT: free on the seventh).",
    )
    wa_week: Literal["BOTH", "ROLLING", "CALENDAR"] = Field(
        default="BOTH",
        description="us.wa.frequency, us.wa.frequency-work: what a single week is: any seven days, Sunday to Saturday,"
        " or both, of which the later day counts.",
    )
    medical_reporting_bars: Response = Field(
        default="DENY",
        description="State bars on reporting medical debt (us.ny.medical-reporting, us.ca.medical-reporting, others):"
        " refuse, or warn where the agency relies on federal pre-emption (15 USC 1681t(b)(1)(F)).",
    )
    attorney_silence_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="us.wa.attorney, us.ca.attorney, us.ct.attorney, us.hi.conduct: after how many days without an"
        " answer a lawyer counts as silent. Connecticut allows at most 30.",
    )
    wa_employer_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="us.wa.employer: the reasonable time between the notice to the debtor and word to the employer.",
    )
    calls_a_day: int = Field(
        default=2,
        ge=1,
        description="us.ca.call-harassment, us.tx.harassment: from how many placed calls on a day on one more is"
        " warned of as a pattern.",
    )
    calls_a_week: int = Field(
        default=7,
        ge=1,
        description="us.ca.call-harassment, us.tx.harassment: from how many placed calls in seven days on one more is"
        " warned of as a pattern.",
    )
    attorneys_need_licences: bool = Field(
        default=True,
        description="us.<state>.licence: whether debts that the agency collects as a lawyer need the licence as well.",
    )
