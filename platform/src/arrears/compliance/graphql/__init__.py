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

__all__ = [
    "AccountAnswer",
    "AccountDecisions",
    "AskedPlugin",
    "ComplianceMutations",
    "ComplianceQueries",
    "ContactAnswer",
    "ContactRequestPayload",
    "DebtorDecisions",
    "DecidedAccount",
    "Decision",
    "Finding",
]
