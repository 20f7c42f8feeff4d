"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import LawConfig, Response


class UsFederalConfig(LawConfig):
    """The choices of this pack."""

    direct_consent_lifts_hours: bool = Field(
        default=False,
        description="us.regf.inconvenient-time: whether a general direct consent to contact also means contact before"
        " 08:00 and after 21:00. Without it only agreed hours and a contact that the debtor asked for do.",
    )
    attorney_answer_days: int = Field(
        default=30,
        ge=1,
        le=180,
        description="us.regf.attorney: days after the letter to a lawyer from whom no answer came, until the debtor may"
        " be contacted directly. The rule says a reasonable time and names no number.",
    )
    calls_in_seven_days: int = Field(
        default=7,
        ge=0,
        le=7,
        description="us.regf.call-frequency: calls about a debt in seven days, at most the law's 7.",
    )
    rapid_call_minutes: int = Field(
        default=60,
        ge=0,
        le=1440,
        description="us.regf.call-pattern: a call so soon after another is warned of as rapid succession.",
    )
    text_cap: Response = Field(
        default="DENY",
        description="us.regf.harassment-any-medium: whether texts above the cap are refused or warned of. The law names"
        " no number.",
    )
    texts_a_day: int = Field(
        default=1, ge=0, le=20, description="us.regf.harassment-any-medium: unsolicited texts to a debtor in a day."
    )
    texts_in_seven_days: int = Field(
        default=3, ge=0, le=60, description="us.regf.harassment-any-medium: unsolicited texts in seven days."
    )
    messages_a_day: int = Field(
        default=3,
        ge=1,
        le=50,
        description="us.regf.harassment-any-medium: contacts by any other one medium in a day that give no warning.",
    )
    email_procedure: Literal["REQUIRE", "WARN"] = Field(
        default="REQUIRE",
        description="us.regf.email-procedure: e-mail outside the safe harbour needs consent first, or is warned of.",
    )
    text_procedure: Literal["REQUIRE", "WARN"] = Field(
        default="REQUIRE",
        description="us.regf.text-procedure: texts outside the safe harbour need consent or a database check first, or"
        " are warned of.",
    )
    suits_in_validation_period: Literal["DEFER", "WARN"] = Field(
        default="DEFER",
        description="us.regf.validation-period: a suit before the end of the validation period waits, or is warned of."
        " The law bars neither, but a suit may overshadow the right to dispute.",
    )
    texts_are_autodialed: bool = Field(
        default=True,
        description="us.tcpa.mobile-consent, us.tcpa.revocation: whether texts are sent by equipment that counts as an"
        " autodialer. Set it to false only where a lawyer has looked at the equipment.",
    )
    revocation_business_days: int = Field(
        default=0,
        ge=0,
        le=10,
        description="us.tcpa.revocation: business days until a revocation is honoured; the law allows at most 10.",
    )
