"""What the law asks the agency of the demonstration for: its licences, and the notices that its first letters are."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from arrears.compliance.licences import LicenceKind, LicenceRecord, record_licence
from arrears.compliance.notices import NoticeRecord, record_notice
from arrears.demo.acts import Contact, Story
from arrears.interactions.model import InteractionResult
from arrears.kernel.transaction import Transaction
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.vocabulary import CommunicationChannel

FIRST_DEMAND = "first demand"
# Where the invented debtors live, the agency may collect: whoever looks on sees what the law says beyond that.
LICENSED_PLACES = (
    *(
        "US-CA",
        "US-CO",
        "US-FL",
        "US-GA",
        "US-IL",
        "US-MA",
        "US-MI",
        "US-NC",
        "US-OR",
        "US-TX",
        "US-WA",
        "US-AK",
        "US-AZ",
    ),
    *("US-NY-NEW YORK", "US-NY-BUFFALO", "GB", "DE"),
)
_NOTICES: dict[str, tuple[NoticeKind, ...]] = {
    "US": (NoticeKind.VALIDATION, NoticeKind.STATE_DISCLOSURE),
    "GB": (NoticeKind.DATA_PROTECTION,),
    "DE": (NoticeKind.FIRST_CLAIM, NoticeKind.DATA_PROTECTION),
}


async def record_licences(tx: Transaction, since: datetime.date) -> None:
    """The agency's licences, held since a day."""
    for place in LICENSED_PLACES:
        licence = LicenceRecord(place=place, kind=LicenceKind.LICENCE, number=f"DEMO-{place[:5]}", from_on=since)
        await record_licence.within(tx, licence)


async def record_first_letters(tx: Transaction, on: datetime.date, contacts: Sequence[tuple[Story, Contact]]) -> None:
    """The notices that first demands are, where the debtor lives; one that came back was none."""
    sent_at = datetime.datetime.combine(on, datetime.time(hour=9), datetime.UTC)
    for story, contact in contacts:
        if contact.template != FIRST_DEMAND or contact.result is InteractionResult.RETURNED:
            continue
        assert story.account_id is not None
        for kind in _NOTICES[story.creditor.country.code]:
            notice = NoticeRecord(
                kind=kind, medium=CommunicationChannel.LETTER, account_ids=(story.account_id,), sent_at=sent_at
            )
            await record_notice.within(tx, notice)
