"""Accounts, parties and holds as the API shows them; each module declares a part, and all of it is given here."""

from __future__ import annotations

from arrears.accounts.graphql.holds import (
    DebtorHolds,
    Hold,
    HoldMutations,
    HoldPlacePayload,
    HoldQueries,
    HoldReleasePayload,
)
from arrears.accounts.graphql.mutations import (
    AccountAssignTeamPayload,
    AccountChangeStatusPayload,
    AccountClosePayload,
    AccountMutations,
    AccountOpenPayload,
    AccountReopenPayload,
    AccountUpdatePayload,
    PartyAddPayload,
    PartyEndPayload,
)
from arrears.accounts.graphql.totals import (
    AccountCurrencyTotals,
    AccountTotals,
    AccountTotalsQueries,
)
from arrears.accounts.graphql.types import (
    Account,
    AccountQueries,
    ClientAccounts,
    Creditor,
    DebtorAccounts,
    Party,
)

__all__ = [
    "Account",
    "AccountAssignTeamPayload",
    "AccountChangeStatusPayload",
    "AccountClosePayload",
    "AccountCurrencyTotals",
    "AccountMutations",
    "AccountOpenPayload",
    "AccountQueries",
    "AccountReopenPayload",
    "AccountTotals",
    "AccountTotalsQueries",
    "AccountUpdatePayload",
    "ClientAccounts",
    "Creditor",
    "DebtorAccounts",
    "DebtorHolds",
    "Hold",
    "HoldMutations",
    "HoldPlacePayload",
    "HoldQueries",
    "HoldReleasePayload",
    "Party",
    "PartyAddPayload",
    "PartyEndPayload",
]
