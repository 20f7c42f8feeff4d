"""Which debts may not be sold or placed: 12 CFR 1006.30(b); 15 USC 1681m(f),(g)."""

from __future__ import annotations

from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, in_force
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt
from arrears_sdk.vocabulary import ActionKind as Act, DebtorKind
from arrears_us_federal.bankruptcy import discharged_on
from arrears_us_federal.coverage import covered
from arrears_us_federal.furnishing import paid
from arrears_us_federal.packs import ACTIONS
from arrears_us_federal.planned import until_begins

SALE = frozenset({Act.SELL_OR_PLACE})
_NOTIFIED = frozenset({"BLOCKED", "REPORT", "AFFIDAVIT"})


@ACTIONS.rule("us.regf.sale-restriction", citation="12 CFR 1006.30(b)", jurisdiction="US", confidence="G", actions=SALE)
def sale_restriction(attempt: ActionAttempt) -> Ruling | None:
    """A debt that is known to be paid, settled or discharged in bankruptcy is neither sold nor placed. Its return to
    the owner, securitisation and merger are free by law, but not told apart here.
    """
    if not covered(attempt):
        return None
    if paid(attempt):
        return Ruling.deny("The debt was paid or settled.", facts={"balance": attempt.account.balance})
    discharged = discharged_on(attempt)
    if discharged is not None:
        return Ruling.deny(f"The debt was discharged on {discharged.isoformat()}.", facts={"discharged": discharged})
    return until_begins(attempt, FactKind.PAID_OR_SETTLED, FactKind.DISCHARGE)


@ACTIONS.rule(
    "us.fcra.identity-theft-sale",
    citation="15 USC 1681m(f),(g)",
    jurisdiction="US",
    confidence="P",
    actions=SALE,
)
def identity_theft_sale(attempt: ActionAttempt) -> Ruling | None:
    """A debt of which it was told that it comes from identity theft is neither sold nor placed; who collects it tells
    the creditor.
    """
    if not attempt.facts or attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    told = in_force(attempt, FactKind.IDENTITY_THEFT)
    if not told:
        return until_begins(attempt, FactKind.IDENTITY_THEFT)
    since = day_of(attempt, min(one.starts_at for one in told))
    if any(one.word in _NOTIFIED for one in told):
        return Ruling.deny(
            f"The debt is known since {since.isoformat()} to be reported as identity theft.", facts={"since": since}
        )
    return Ruling.warn(
        "The debtor says that the debt comes from identity theft: tell the creditor first.", facts={"since": since}
    )
