"""What an agency chooses where the law of the United Kingdom and Ireland leaves it open."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import LawConfig
from arrears_sdk.vocabulary import CommunicationChannel as Channel, Product

_BANK_RATES = {
    date(2022, 12, 15): Decimal("3.50"),
    date(2023, 2, 2): Decimal("4.00"),
    date(2023, 3, 23): Decimal("4.25"),
    date(2023, 5, 11): Decimal("4.50"),
    date(2023, 6, 22): Decimal("5.00"),
    date(2023, 8, 3): Decimal("5.25"),
    date(2024, 8, 1): Decimal("5.00"),
    date(2024, 11, 7): Decimal("4.75"),
    date(2025, 2, 6): Decimal("4.50"),
    date(2025, 5, 8): Decimal("4.25"),
    date(2025, 8, 7): Decimal("4.00"),
}
_TIMED = frozenset(
    {
        Channel.PHONE_CALL,
        Channel.PHONE_AUTODIALED,
        Channel.PHONE_PRERECORDED,
        Channel.RINGLESS_VOICEMAIL,
        Channel.SMS,
        Channel.SOCIAL_PRIVATE,
        Channel.IN_PERSON_HOME,
        Channel.IN_PERSON_WORK,
        Channel.IN_PERSON_PUBLIC,
    }
)


class UnitedKingdomConfig(LawConfig):
    """The choices of this pack. Each description names the rule that reads it."""

    outside_contact_hours: Literal["WARN", "DEFER"] = Field(
        default="WARN",
        description="uk.conc.contact-times: what becomes of a contact outside the hours below; CONC names no hours.",
    )
    contact_from: time = Field(default=time(8), description="uk.conc.contact-times: Monday to Saturday, from.")
    contact_to: time = Field(default=time(21), description="uk.conc.contact-times: Monday to Saturday, until.")
    sunday_contact_from: time = Field(
        default=time(10), description="uk.conc.contact-times: Sundays and bank holidays, from."
    )
    sunday_contact_to: time = Field(
        default=time(18), description="uk.conc.contact-times: Sundays and bank holidays, until."
    )
    timed_channels: frozenset[Channel] = Field(
        default=_TIMED, description="uk.conc.contact-times: the channels for which these hours count."
    )
    visit_notice_days: int = Field(
        default=3, ge=0, description="uk.conc.visits: whole days between the notice of a visit and the visit."
    )
    debt_advice_days: int = Field(
        default=30, ge=0, description="uk.conc.hold-debt-advice: days for which active pursuit rests."
    )
    debt_advice_extension_days: int = Field(
        default=30, ge=0, description="uk.conc.hold-debt-advice: further days when progress was shown."
    )
    refused_debits: int = Field(
        default=2, ge=0, description="uk.conc.cpa: refused requests after which no further one is made."
    )
    high_cost_products: frozenset[Product] = Field(
        default=frozenset({Product.LOAN}),
        description="uk.conc.cpa: products that may be high-cost short-term credit, and get its limits on card debits.",
    )
    breathing_space_days: int = Field(
        default=60,
        ge=60,
        description="uk.bs.period: days of a breathing space, the day after the entry being the first.",
    )
    mental_health_days: int = Field(
        default=30, ge=30, description="uk.bs.period: days for which a crisis moratorium outlasts the treatment."
    )
    moratorium_limitation_days: int = Field(
        default=56,
        ge=0,
        description="uk.bs.limitation: days after a moratorium to which a limitation period is extended.",
    )
    scottish_moratorium_months: int = Field(
        default=6, ge=6, description="uk.sc.moratorium: months of the Scottish statutory moratorium."
    )
    default_notice_days: int = Field(
        default=14, ge=14, description="uk.cca.default-notice: days from service to the earliest day to remedy."
    )
    arrears_notice_days: int = Field(
        default=14, ge=0, description="uk.cca.arrears-notices: days in which a notice of arrears has to follow."
    )
    arrears_notice_months: int = Field(
        default=6, ge=1, description="uk.cca.arrears-notices: months after which a notice of arrears is repeated."
    )
    default_sum_notice_days: int = Field(
        default=35, ge=0, description="uk.cca.arrears-notices: days in which a notice of a default sum has to follow."
    )
    copy_request_days: int = Field(
        default=12, ge=0, description="uk.cca.copy-request: working days for sending the copies."
    )
    letter_of_claim_days: int = Field(
        default=30, ge=30, description="uk.preaction.individual: days to wait from the letter of claim."
    )
    claim_reply_days: int = Field(
        default=30,
        ge=30,
        description="uk.preaction.individual: days to wait after a reply that seeks advice or papers.",
    )
    furnishing_notice_days: int = Field(
        default=28, ge=28, description="uk.gdpr.furnish: whole days between the notice and the filing of a default."
    )
    furnishing_years: int = Field(
        default=6, ge=1, description="uk.gdpr.furnish: years from the default after which a file drops."
    )
    pattern_contacts: int = Field(
        default=7, ge=1, description="uk.admin.harassment: contacts in the days below from which a pattern is flagged."
    )
    pattern_days: int = Field(default=7, ge=1, description="uk.admin.harassment: over how many days contacts count.")
    late_payment_margin: Decimal = Field(
        default=Decimal(8), ge=0, description="uk.latepay.interest: points above the Bank's rate."
    )
    bank_rates: dict[date, Decimal] = Field(
        default=_BANK_RATES,
        description="uk.latepay.interest: the official rate of the Bank of England from each day on. Keep it current.",
    )
    bank_rates_verified_to: date = Field(
        default=date(2025, 12, 17),
        description="uk.latepay.interest: to which day the table was verified; a later reference day gives a warning.",
    )
