"""Decisions as the API shows them; each module declares a part, and all of it is given here."""

from __future__ import annotations

from arrears.compliance.graphql.decisions import (
    AccountAnswer,
    AccountDecisions,
    AskedPlugin,
    ComplianceMutations,
    ComplianceQueries,
    ContactAnswer,
    ContactRequestPayload,
    DebtorDecisions,
    DecidedAccount,
    Decision,
    Finding,
)
from arrears.compliance.graphql.windows import ContactWay, ContactWindow, ContactWindows, WindowQueries

__all__ = [
    "AccountAnswer",
    "AccountDecisions",
    "AskedPlugin",
    "ComplianceMutations",
    "ComplianceQueries",
    "ContactAnswer",
    "ContactRequestPayload",
    "ContactWay",
    "ContactWindow",
    "ContactWindows",
    "DebtorDecisions",
    "DecidedAccount",
    "Decision",
    "Finding",
    "WindowQueries",
]
