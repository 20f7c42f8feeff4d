"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import Response
from arrears_sdk.law.us_limitation import LimitationConfig


class UsFederalConfig(LimitationConfig):
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
    threats_without_authority: Literal["REQUIRE", "WARN"] = Field(
        default="REQUIRE",
        description="us.fdcpa.threats: an agency or lawyer who speaks of a suit that the creditor has not authorised"
        " needs that first, or is warned.",
    )
    furnish_after_days: int = Field(
        default=15,
        ge=14,
        le=60,
        description="us.regf.furnish-first-contact: days from the sending of a letter or message until the debt may be"
        " reported. 15 leaves 14 whole days; 14 is arguable.",
    )
    only_check_bureaus: bool = Field(
        default=False,
        description="us.regf.furnish-exempt: whether this agency reports to specialty bureaus for checks alone, for"
        " which no contact has to come first.",
    )
    reassignment_check_days: int = Field(
        default=31,
        ge=1,
        le=365,
        description="us.privacy.reassigned: how many days a look into the database of reassigned numbers lasts.",
    )
    cards_may_be_debit: bool = Field(
        default=True,
        description="us.rege.*: whether recurring card and wallet payments are held to the rules of bank debits, as"
        " debit cards are. False only where nothing but credit cards is taken.",
    )
    varying_notice_days: int = Field(
        default=30,
        ge=10,
        le=120,
        description="us.rege.varying-amount: how many days before a debit its notice may have been sent, where the"
        " notice names no last day. An older one may have been of the debit a month before.",
    )
    military_affidavit_days: int = Field(
        default=30,
        ge=1,
        le=180,
        description="us.scra.default-judgment: how many days old the search of the military status may be; the law"
        " names no number.",
    )
    rent_ceiling: Decimal | None = Field(
        default=None,
        ge=0,
        description="us.scra.evict: the monthly rent in dollars up to which an eviction needs a court's order. It"
        " changes every year; without it every eviction needs one.",
    )
    repeat_filer_property_stays: bool = Field(
        default=True,
        description="us.bk.automatic-stay: whether acts against property stay barred after day 30 of a repeat filer's"
        " case (11 USC 362(c)(3) ends the stay with respect to the debtor; courts differ on property of the estate).",
    )
    settlement_criteria_reviewed: bool = Field(
        default=False,
        description="us.ecoa.no-discrimination: whether the agency has reviewed that settlements and plans are"
        " offered by the same criteria to everybody. Until then each offer is warned of.",
    )
