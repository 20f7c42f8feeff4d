"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from arrears_sdk.law.settings import LawConfig


class OtherCountriesConfig(LawConfig):
    """The choices of this pack."""
