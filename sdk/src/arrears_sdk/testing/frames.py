"""Believable frames of accounts for strategies; needs `arrears-sdk[strategies]`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from arrears_sdk.frames import ACCOUNTS, schema
from arrears_sdk.testing.builders import Builder
from arrears_sdk.views import Account
from arrears_sdk.vocabulary import CommunicationChannel, HoldBlock, HoldKind, InteractionResult

if TYPE_CHECKING:
    import polars

TEMPLATES = ("reminder", "second-reminder", "final-notice")
CHANNELS = (
    CommunicationChannel.EMAIL,
    CommunicationChannel.SMS,
    CommunicationChannel.LETTER,
    CommunicationChannel.PHONE_CALL,
)


def accounts_frame(build: Builder, debtors: int = 20, as_of: date = date(2026, 3, 2)) -> polars.DataFrame:
    """A frame with the columns of `ACCOUNTS`: some debtors of one client, each with one to three accounts."""
    import polars

    client_id = build.id("clnt")
    rows = []
    for _ in range(debtors):
        debtor = build.debtor()
        rows += [
            account_row(build, build.account(debtor, as_of), client_id) for _ in range(build.choice((1, 1, 1, 2, 3)))
        ]
    return polars.DataFrame(rows, schema=schema(ACCOUNTS), orient="row")


def account_row(build: Builder, account: Account, client_id: str) -> dict[str, object]:
    """One row about an account."""
    as_of = account.as_of
    contacted = build.chance(0.6)
    contact_at = datetime.combine(as_of, time(15), UTC) - timedelta(days=build.random.randrange(1, 60))
    sent = TEMPLATES[: build.random.randrange(len(TEMPLATES) + 1)] if contacted else ()
    paid = build.chance(0.1)
    days = (as_of - contact_at.date()).days
    return {
        "account_id": account.id,
        "client_id": client_id,
        "portfolio_id": account.portfolio_id,
        "debtor_id": account.debtor_id,
        "status": account.status.value,
        "product": account.product.value,
        "purpose": account.purpose.value,
        "currency": account.balance.currency,
        "balance_minor": 0 if paid else account.balance.minor,
        "placed_minor": account.placed.minor,
        "due_on": account.due_on,
        "placed_on": account.placed_on,
        "days_past_due": 0 if paid else account.days_past_due,
        "days_since_placed": (as_of - account.placed_on).days,
        "last_payment_on": account.last_payment_on,
        "paid_minor": account.balance.minor if paid else 0,
        "last_contact_at": contact_at if contacted else None,
        "last_contact_channel": build.choice(CHANNELS).value if contacted else None,
        "last_result": build.choice((InteractionResult.TALKED, InteractionResult.SENT)).value if contacted else None,
        "days_since_contact": days if contacted else None,
        "contacts": account.contacts + 1 if contacted else 0,
        "contacts_7_days": 1 if contacted and days <= 7 else 0,
        "right_party_contacts": 1 if contacted and build.chance(0.3) else 0,
        "last_template": sent[-1] if sent else None,
        "days_since_template": days if sent else None,
        "templates": list(sent),
        "promise_open": contacted and build.chance(0.1),
        "dispute_open": any(hold.kind is HoldKind.DISPUTE for hold in account.holds),
        "holds": [hold.kind.value for hold in account.holds],
        "contact_blocked": any(HoldBlock.CONTACT in hold.blocks for hold in account.holds),
        "channels": [channel.value for channel in CHANNELS if build.chance(0.7)],
        "score": build.random.random() if build.chance(0.8) else None,
    }
