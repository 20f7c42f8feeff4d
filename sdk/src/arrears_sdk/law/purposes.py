"""Whether a contact pursues payment, or serves the debtor: several laws stop the one and leave the other open."""

from __future__ import annotations

from arrears_sdk.law.words import ContactParty as Party, ContactPurpose as Aim
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import Initiator

ANSWERS = frozenset({Aim.REPLY, Aim.HANDLE_COMPLAINT, Aim.OPT_OUT_CONFIRMATION, Aim.CEASE_CONFIRMATION})
PURSUITS = frozenset({Aim.COLLECT, Aim.LEAVE_MESSAGE})
NOT_DEBTORS = frozenset({Party.DEBT_ADVISER, Party.CREDITOR, Party.BUREAU})
"""Those of whom nobody demands payment."""


def asked_for(attempt: ContactAttempt) -> bool:
    """Whether the debtor wanted the contact: it answers, or was asked for, or the law demands it."""
    return (
        attempt.purpose in ANSWERS
        or attempt.at_debtor_request
        or attempt.required_by_law
        or attempt.initiated_by is Initiator.DEBTOR
    )


def pursues(attempt: ContactAttempt) -> bool:
    """Whether the contact pursues payment: nobody asked for it, and it goes to the debtor's side."""
    return attempt.purpose in PURSUITS and not asked_for(attempt) and attempt.party not in NOT_DEBTORS
