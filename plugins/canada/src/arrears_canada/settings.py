"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from pydantic import Field

from arrears_sdk.law.settings import LawConfig


class CanadaConfig(LawConfig):
    """The choices of this pack."""

    criminal_rate_percent: int = Field(
        default=35, ge=1, le=60, description="ca.criminal.interest: the criminal rate in per cent a year."
    )
