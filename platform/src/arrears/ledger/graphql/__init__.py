"""The ledger as the API shows it; each module declares a part, and all of it is given here."""

from __future__ import annotations

import arrears.ledger.graphql.words  # noqa: F401 - describes the words
from arrears.ledger.graphql.instalments import (
    AccountInstalments,
    Instalment,
    InstalmentMutations,
    InstalmentSchedule,
    InstalmentScheduleSetPayload,
)
from arrears.ledger.graphql.mutations import (
    ChargeRecordPayload,
    EntryReversePayload,
    LedgerMutations,
    OpeningBalanceRecordPayload,
    PaymentRecordPayload,
    PaymentReversePayload,
)
from arrears.ledger.graphql.types import (
    AccountLedger,
    LedgerEntry,
    LedgerQueries,
    Payment,
    Posting,
)

__all__ = [
    "AccountInstalments",
    "AccountLedger",
    "ChargeRecordPayload",
    "EntryReversePayload",
    "Instalment",
    "InstalmentMutations",
    "InstalmentSchedule",
    "InstalmentScheduleSetPayload",
    "LedgerEntry",
    "LedgerMutations",
    "LedgerQueries",
    "OpeningBalanceRecordPayload",
    "Payment",
    "PaymentRecordPayload",
    "PaymentReversePayload",
    "Posting",
]
