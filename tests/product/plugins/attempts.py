"""Attempts and accounts for plugins to look at."""

from __future__ import annotations

from datetime import UTC, date, datetime

from arrears_sdk.money import Money
from arrears_sdk.rules import chain
from arrears_sdk.views import Account, ContactAttempt, Debtor, PaymentAttempt
from arrears_sdk.vocabulary import (
    AccountStatus,
    CollectorRole,
    CommunicationChannel,
    DebtorKind,
    Initiator,
    PaymentMethodKind,
    Product,
    Purpose,
)


def account(number: int = 1) -> Account:
    """A card debt of 120 dollars, thirty days late."""
    return Account(
        id=f"acct_{number:032x}",
        client_id=f"clnt_{1:032x}",
        portfolio_id=None,
        debtor_id=f"dbtr_{number:032x}",
        product=Product.CARD,
        purpose=Purpose.CONSUMER,
        status=AccountStatus.ACTIVE,
        collector_role=next(iter(CollectorRole)),
        balance=Money.parse("120.00", "USD"),
        placed=Money.parse("150.00", "USD"),
        opened_on=date(2024, 5, 1),
        due_on=date(2026, 1, 31),
        placed_on=date(2026, 2, 10),
        days_past_due=30,
        as_of=date(2026, 3, 2),
    )


def payment(number: int = 1) -> PaymentAttempt:
    """Fifty dollars by card."""
    return PaymentAttempt(
        at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        debtor=Debtor(id=f"dbtr_{number:032x}", kind=DebtorKind.PERSON),
        account=account(number),
        amount=Money.parse("50.00", "USD"),
        method=PaymentMethodKind.CARD,
        gateway="till",
        initiated_by=Initiator.DEBTOR,
    )


def contact(number: int = 1, *, hour: int = 12) -> ContactAttempt:
    """A call to a person in New York."""
    debtor = Debtor(id=f"dbtr_{number:032x}", kind=next(iter(DebtorKind)), time_zones=("America/New_York",))
    return ContactAttempt(
        at=datetime(2026, 3, 2, hour, 0, tzinfo=UTC),
        channel=CommunicationChannel.PHONE_CALL,
        debtor=debtor,
        accounts=(account(number),),
        jurisdictions=chain("US", "NY"),
    )
