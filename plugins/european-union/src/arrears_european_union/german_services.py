"""Germany: who may collect for others, what the first letter says, and what collection may cost (RDG)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from arrears_european_union.first_letters import rule_on_first_letter
from arrears_european_union.lawyers_fees import SMALL_CLAIM, full_fee
from arrears_european_union.packs import ACTIONS, CONTACTS, PAYMENTS
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.debts import about, debts
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import Attempt, days, need_licence, notice, notices, recorded
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import content as content_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, PaymentAttempt
from arrears_sdk.vocabulary import AccountStatus, ActionKind as Act, CollectorRole, DebtorKind

_SERVICES = frozenset({CollectorRole.THIRD_PARTY, CollectorRole.DEBT_BUYER})
_LETTER_WRITERS = _SERVICES | {CollectorRole.ATTORNEY}
_FIRST_LETTER = (Content.CREDITOR_DETAILS, Content.CLAIM_DETAILS, Content.COST_STATEMENT)
_NORMAL_FEE, _FIRST_LETTER_FEE, _DISPUTED_FEE = Decimal("0.9"), Decimal("0.5"), Decimal("1.3")
_EXPENSES, _MOST_EXPENSES = Decimal("0.2"), Decimal(20)
_CENT = Decimal("0.01")
_HINTS = Ruling.require(
    content_requirement(Content.EFFECTS_OF_ACKNOWLEDGMENT),
    "Before a plan or acknowledgment the debtor is told in writing what it costs and what it does.",
)


def _collects(attempt: Attempt, roles: frozenset[CollectorRole]) -> bool:
    named = debts(attempt)
    return not named or any(account.collector_role in roles for account in named)


@CONTACTS.rule("de.rdg.registration", citation="RDG 2(2), 10", jurisdiction="DE", confidence="G", configured=True)
@ACTIONS.rule("de.rdg.registration", citation="RDG 2(2), 10", jurisdiction="DE", confidence="G", configured=True)
@PAYMENTS.rule("de.rdg.registration", citation="RDG 2(2), 10", jurisdiction="DE", confidence="G", configured=True)
def registration(
    attempt: ContactAttempt | ActionAttempt | PaymentAttempt, settings: EuropeanUnionConfig
) -> Ruling | None:
    """Whoever collects for others, or bought debts as a business, is registered as a collection service."""
    if not _collects(attempt, _SERVICES):
        return None
    return need_licence(attempt, "DE", settings, "Collecting for others in Germany needs a registration.")


@CONTACTS.rule("de.rdg.first-letter", citation="RDG 13a", jurisdiction="DE", confidence="P")
@ACTIONS.rule(
    "de.rdg.first-letter", citation="RDG 13a", jurisdiction="DE", confidence="P", actions=[Act.DEMAND_PAYMENT]
)
def first_letter(attempt: ContactAttempt | ActionAttempt) -> Ruling | None:
    """With the first demand a private person is told the client's name and address, the ground of the claim, the
    contract's subject and day, how interest was reckoned, the costs by kind, amount and reason, the VAT statement and
    whether the claim was assigned.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON or not _collects(attempt, _LETTER_WRITERS):
        return None
    if isinstance(attempt, ContactAttempt) and not pursues(attempt):
        return None
    return rule_on_first_letter(attempt, _FIRST_LETTER, "The first demand says who claims what, why, and at what cost.")


@ACTIONS.rule(
    "de.rdg.consent-hints",
    citation="RDG 13b",
    jurisdiction="DE",
    confidence="G",
    actions=[Act.OFFER_SETTLEMENT],
)
def consent_hints(attempt: ActionAttempt) -> Ruling | None:
    """Before a plan or acknowledgment a private person is told in text form of further costs, and that objections are
    lost and the limitation period begins anew.
    """
    if attempt.debtor.kind is not DebtorKind.PERSON or not _collects(attempt, _LETTER_WRITERS):
        return None
    if Content.EFFECTS_OF_ACKNOWLEDGMENT in attempt.content:
        return None
    return None if notice(attempt, NoticeKind.CONSENT_HINTS) is not None else _HINTS


@ACTIONS.rule(
    "de.rdg.fee-cap",
    citation="RDG 13e, 13f; RVG 13(2), VV 2300",
    jurisdiction="DE",
    confidence="P",
    actions=[Act.CHARGE_FEE],
    configured=True,
)
def fee_cap(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """Collection costs no more than a lawyer could claim: of an undisputed claim half a fee when it is paid on the
    first letter, else 0.9, of a disputed one 1.3; to 50 euros the base fee is 30 euros. An agency and a lawyer are not
    charged both.
    """
    wanted = attempt.amount
    if wanted is None:
        return Ruling.deny("Nobody said what is to be charged.", missing_fact="amount")
    principal = about(attempt, FactKind.PRINCIPAL_AT_DEFAULT, attempt.account)
    value = attempt.account.placed if principal is None or principal.amount is None else principal.amount
    if wanted.currency != "EUR" or value.currency != "EUR":
        return Ruling.warn("The fees are in euros.", facts={"wanted": wanted, "claim": value})
    disputed = bool(recorded(attempt, FactKind.DISPUTE))
    base = full_fee(value.amount, days(attempt)[-1])
    if base is None:
        return Ruling.deny("The fees of that day are not known.", missing_fact="fee table")
    if value.amount <= SMALL_CLAIM and not disputed:
        base = settings.german_small_claim_fee
    share = _DISPUTED_FEE if disputed else _undisputed_share(attempt)
    cap = (base * share).quantize(_CENT, ROUND_HALF_UP)
    if settings.german_flat_expenses:
        cap += min((cap * _EXPENSES).quantize(_CENT, ROUND_HALF_UP), _MOST_EXPENSES)
    told = {"claim": value, "base fee": base, "share": share, "wanted": wanted}
    if wanted.amount > cap:
        return Ruling.deny(f"At most {cap} euros may be charged.", facts=told)
    if attempt.account.status is AccountStatus.LEGAL:
        return Ruling.warn("Agency and lawyer are not charged both.", facts=told)
    return None


def _undisputed_share(attempt: ActionAttempt) -> Decimal:
    """Half a fee when the debtor paid on the first letter."""
    account = attempt.account
    paid = account.balance.minor <= 0 or about(attempt, FactKind.PAID_OR_SETTLED, account) is not None
    letters = sum(len(notices(attempt, kind)) for kind in (NoticeKind.FIRST_CLAIM, NoticeKind.COLLECTION))
    return _FIRST_LETTER_FEE if paid and letters <= 1 else _NORMAL_FEE
