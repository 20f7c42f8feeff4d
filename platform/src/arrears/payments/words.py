"""What the words of payments mean, as the schema tells it."""

from __future__ import annotations

from arrears.graphql.declare import describe_enum
from arrears.payments.model import AttemptKind, OutcomeKind, PaymentStatus, RefundStatus
from arrears_sdk.ports.gateway import NoticeKind
from arrears_sdk.vocabulary import PaymentMethodKind

_OPEN = {
    "CREATED": "Stored, and the provider's answer is not known yet.",
    "UNKNOWN": "Whether the provider acted is not known; it is asked until it is.",
    "PENDING": "The provider has it and decides later.",
    "NEEDS_ATTENTION": "Nobody could tell for days how it stands: somebody has to ask the provider.",
    "NOT_SENT": "The provider never got it, and it is not sent again.",
}
describe_enum(
    PaymentStatus,
    "Where a payment through a gateway stands.",
    {
        **_OPEN,
        "REFUSED": "A rule or a hold did not allow it; the provider was never asked.",
        "DECLINED": "The provider will not take the money.",
        "SETTLED": "The provider took the money, and it stands in the ledger.",
        "REFUNDED": "All of it was given back.",
        "CHARGED_BACK": "The debtor's bank took it back, or a part of it.",
    },
)
describe_enum(
    RefundStatus,
    "Where a refund stands.",
    {
        **_OPEN,
        "DECLINED": "The provider will not give the money back.",
        "SETTLED": "The provider gave the money back, and the ledger shows it.",
    },
)
describe_enum(
    OutcomeKind,
    "What is known of an order at a provider.",
    {
        "UNKNOWN": "The answer was lost, or never came.",
        "NOT_SENT": "The provider never got the order.",
        "PENDING": "The provider has the order and decides later.",
        "DECLINED": "The provider will not do it.",
        "DONE": "The provider has done it.",
    },
)
describe_enum(
    AttemptKind,
    "What a provider was called for.",
    {
        "CHARGE": "To take money.",
        "REFUND": "To give money back.",
        "FETCH": "To tell how an order stands.",
    },
)
describe_enum(
    NoticeKind,
    "What a provider tells about.",
    {
        "CHARGE": "How a charge stands.",
        "REFUND": "How a refund stands.",
        "CHARGEBACK": "The debtor's bank took money back.",
        "CHARGEBACK_WON": "The debtor's bank had to give it again.",
    },
)
describe_enum(
    PaymentMethodKind,
    "By what means a debtor pays.",
    {
        "CARD": "By card.",
        "BANK_DEBIT": "By a debit of a bank account.",
        "WALLET": "From a wallet such as those of phones.",
        "OTHER": "By other means.",
    },
)
