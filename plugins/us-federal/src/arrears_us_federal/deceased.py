"""With whom the debt of somebody who died may be spoken of: 12 CFR 1006.2(e), 1006.6(a)(4)."""

from __future__ import annotations

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import ContactParty as Party, Content
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from arrears_us_federal.coverage import covered
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.persons import PROFESSIONALS, died, related
from arrears_us_federal.planned import until_begins
from arrears_us_federal.representation import LOCATING

_SURVIVORS = frozenset({Party.SPOUSE, Party.PERSONAL_REPRESENTATIVE, Party.CO_DEBTOR})
"""Who may be contacted; a co-debtor for what he himself owes. A successor in interest once confirmed as such."""


@CONTACTS.rule(
    "us.fdcpa.deceased",
    citation="12 CFR 1006.2(e), 1006.6(a)(4), 1006.34(a) comments",
    jurisdiction="US",
    confidence="P",
)
def deceased(attempt: ContactAttempt) -> Ruling | None:
    """The debt of somebody who died is spoken of with the spouse, the executor, administrator or other personal
    representative; others are asked only who that is. Nobody is told to owe it in person who does not.
    """
    if not died(attempt):
        return until_begins(attempt, FactKind.DEATH)
    if not covered(attempt) or attempt.party in PROFESSIONALS:
        return None
    if Content.CLAIMS_RELATIVE_MUST_PAY in attempt.content and attempt.party is not Party.CO_DEBTOR:
        return Ruling.deny("It says that somebody must pay who does not owe the debt.")
    if attempt.party in _SURVIVORS or (attempt.purpose in LOCATING and attempt.party is not Party.DEBTOR):
        return None
    if attempt.party is Party.SUCCESSOR and related(attempt, "SUCCESSOR"):
        return None
    who = attempt.party.lower().replace("_", " ")
    return Ruling.deny(
        "The debtor has died: speak with the spouse or the personal representative, or ask who that is.",
        facts={"party": who, "died": attempt.debtor.deceased_on or "day unknown"},
    )
