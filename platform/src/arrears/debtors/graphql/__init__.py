"""Debtors and what is known about them in the schema; each module declares a part."""

from __future__ import annotations

from arrears.debtors.graphql.mutations import (
    ConsentRecordPayload,
    ContactPointAddPayload,
    ContactPointInvalidatePayload,
    ContactPointUpdatePayload,
    DebtorCreatePayload,
    DebtorLinkClientPayload,
    DebtorMutations,
    DebtorUpdatePayload,
    NameAddPayload,
    NationalIdRevealPayload,
    NationalIdSetPayload,
    ResidenceAddPayload,
    ResidenceEndPayload,
)
from arrears.debtors.graphql.types import (
    Consent,
    ConsentStanding,
    ContactPoint,
    Debtor,
    DebtorClient,
    DebtorName,
    DebtorQueries,
    NationalId,
    Residence,
    TimeZoneCandidate,
)

__all__ = [
    "Consent",
    "ConsentRecordPayload",
    "ConsentStanding",
    "ContactPoint",
    "ContactPointAddPayload",
    "ContactPointInvalidatePayload",
    "ContactPointUpdatePayload",
    "Debtor",
    "DebtorClient",
    "DebtorCreatePayload",
    "DebtorLinkClientPayload",
    "DebtorMutations",
    "DebtorName",
    "DebtorQueries",
    "DebtorUpdatePayload",
    "NameAddPayload",
    "NationalId",
    "NationalIdRevealPayload",
    "NationalIdSetPayload",
    "Residence",
    "ResidenceAddPayload",
    "ResidenceEndPayload",
    "TimeZoneCandidate",
]
