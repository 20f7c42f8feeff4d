"""What clients can set about decisions in general; what single rules need stands with their plugins."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from arrears.plugins.settings import setting_groups
from arrears_sdk.law.words import Attestation
from arrears_sdk.plugin import Config


class ComplianceSettings(Config):
    """Decisions about contacts and other acts."""

    without_rules: Literal["WARN", "DENY"] = Field(
        default="WARN",
        description="What becomes of a contact or an act on which no enabled plugin rules: a warning or a denial.",
    )
    attestations: frozenset[Attestation] = Field(
        default=frozenset(),
        description="What the agency states about itself, and answers for: safeguards, procedures, a legal basis."
        " Rules read what is not stated here as not so.",
    )
    licence_places: Literal["NONE", "APPLY"] = Field(
        default="NONE",
        description="Whether the law of every place where the agency holds a licence applies to each contact and act,"
        " beside that of the debtor's places.",
    )


setting_groups.declare("compliance", ComplianceSettings, "Decisions about contacts, whatever the rules.")
