"""What an agency chooses where the law leaves it open, or where it was not read in full."""

from __future__ import annotations

from pydantic import Field

from arrears_sdk.law.settings import LawConfig


class OtherCountriesConfig(LawConfig):
    """The choices of this pack."""

    brazil_saturday_end_hour: int = Field(
        default=14, ge=9, le=16, description="br.hours: the hour at which calls on Saturdays end; state laws differ."
    )
