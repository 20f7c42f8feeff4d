"""What an agency chooses where the guidance leaves it open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import LawConfig


class AustraliaConfig(LawConfig):
    """The choices of this pack."""

    representative_days: int = Field(
        default=7,
        ge=1,
        le=60,
        description="au.rg96.representative: days without an answer after which a silent representative bars no more.",
    )
    month: Literal["BOTH", "CALENDAR", "ROLLING"] = Field(
        default="BOTH",
        description="au.rg96.frequency: what a month is: a calendar month, any thirty days, or both, of which the later"
        " day counts.",
    )
    visits_a_month: int = Field(
        default=1, ge=0, le=5, description="au.rg96.visits: visits at home in a calendar month."
    )
    attempts_a_day: int = Field(
        default=3, ge=1, le=20, description="au.rg96.attempts: telephone attempts in a day without a warning."
    )
