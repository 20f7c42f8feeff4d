"""What an agency chooses where the law leaves it open."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from arrears_sdk.law.settings import LawConfig


class CanadaConfig(LawConfig):
    """The choices of this pack."""

    contacts_counted: Literal["DEBTOR", "DEBT"] = Field(
        default="DEBTOR",
        description="ca.on.frequency, ca.ab.frequency: the law counts contacts for a creditor, the history tells"
        " debts only. DEBTOR counts those about all debts of the debtor, DEBT those about each debt by itself: right"
        " only where no creditor has several debts of one debtor.",
    )
    criminal_rate_percent: int = Field(
        default=35, ge=1, le=60, description="ca.criminal.interest: the criminal rate in per cent a year."
    )
