"""Austria, France and Spain: fees, first letters, limitation, negotiation and bureaus."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from arrears_european_union.credit import is_consumer_credit
from arrears_european_union.first_letters import rule_on_first_letter
from arrears_european_union.packs import ACTIONS, CONTACTS
from arrears_european_union.rates import between_businesses, contract_costs, rule_on_rate
from arrears_european_union.settings import EuropeanUnionConfig
from arrears_sdk.law.days import years_after
from arrears_sdk.law.debts import about, accrued_on, acknowledged, allowed_to, debts, expiry, stood_still
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.known import day_of, days, in_force, notice, notices
from arrears_sdk.law.limitation import expires_on, is_barred
from arrears_sdk.law.purposes import pursues
from arrears_sdk.law.requirements import fact as fact_requirement, notice as notice_requirement
from arrears_sdk.law.words import Content, NoticeKind
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt
from arrears_sdk.vocabulary import ActionKind as Act, CollectorRole, DebtorKind, Purpose

AUSTRIAN_MARGIN = Decimal("9.2")
IN_WRITING = frozenset({"SIGNED", "WRITTEN"})
_FRENCH_LETTER = (
    Content.COLLECTOR_DETAILS,
    Content.CREDITOR_DETAILS,
    Content.CLAIM_DETAILS,
    Content.COST_STATEMENT,
)
_DEMANDS_BY_LETTER = (NoticeKind.REMINDER, NoticeKind.FIRST_CLAIM, NoticeKind.COLLECTION, NoticeKind.DEFAULT)
_REFORM = date(2015, 10, 7)


def demanded_on(attempt: ActionAttempt) -> list[date]:
    """The days of demands out of court that interrupt a limitation period."""
    if not attempt.notices:
        return []
    return [day_of(attempt, each.sent_at) for kind in _DEMANDS_BY_LETTER for each in notices(attempt, kind)]


def rule_on_limitation(attempt: ActionAttempt, ends: date | None, *, always: bool = False) -> Ruling | None:
    """Refused when the period is over and the debtor says so, or the law does by itself; else a warning."""
    if not is_barred(days(attempt)[-1], ends):
        return allowed_to(attempt, ends)
    told = {"accrued on": accrued_on(attempt, attempt.account), "period ended": ends}
    if always or about(attempt, FactKind.LIMITATION_RAISED, attempt.account) is not None:
        return Ruling.deny("The claim is barred by time.", facts=told)
    return Ruling.warn("The claim seems barred by time: the debtor may plead it.", facts=told)


@ACTIONS.rule(
    "at.conduct",
    citation="ABGB 1333; UGB 456; BGBl 141/1996",
    jurisdiction="AT",
    confidence="G",
    actions=[Act.CHARGE_FEE, Act.CHARGE_INTEREST],
    configured=True,
)
def austria(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """In Austria an ordinance caps the fees of collection; businesses owe the base rate and 9.2 points. The caps are a
    table of the settings: without it a fee gives a warning.
    """
    if attempt.kind is Act.CHARGE_INTEREST:
        return rule_on_rate(attempt, settings.austrian_rates, AUSTRIAN_MARGIN) if between_businesses(attempt) else None
    wanted, claim = attempt.amount, attempt.account.placed
    if wanted is None:
        return Ruling.deny("Nobody said what is to be charged.", missing_fact="amount")
    allowed = contract_costs(attempt, wanted.currency)
    if allowed is not None and wanted <= allowed:
        return None
    above = min((limit for limit in settings.austrian_fees if claim.amount <= limit), default=None)
    if above is None or wanted.currency != "EUR":
        return Ruling.warn("The ordinance's cap for this claim is not in the settings.", facts={"wanted": wanted})
    cap = settings.austrian_fees[above]
    if wanted.amount <= cap:
        return None
    return Ruling.deny(f"At most {cap} euros may be charged.", facts={"wanted": wanted, "claim": claim})


@CONTACTS.rule("fr.letter", citation="CPCE R124-4, L111-8", jurisdiction="FR", confidence="G")
@ACTIONS.rule(
    "fr.letter", citation="CPCE R124-4, L111-8", jurisdiction="FR", confidence="G", actions=[Act.DEMAND_PAYMENT]
)
def french_letter(attempt: ContactAttempt | ActionAttempt) -> Ruling | None:
    """Whoever collects for others in France writes first: who collects, that it is their trade, for whom, on what
    ground and how much of what, how to pay, and that without a title the costs stay with the creditor.
    """
    roles = {account.collector_role for account in debts(attempt)}
    if roles and CollectorRole.THIRD_PARTY not in roles:
        return None
    if isinstance(attempt, ContactAttempt) and not pursues(attempt):
        return None
    return rule_on_first_letter(attempt, _FRENCH_LETTER, "The first letter says who collects what, for whom and why.")


@ACTIONS.rule(
    "fr.limitation",
    citation="C. conso. L218-2, R312-35; C. civ. 2224; C. com. L110-4",
    jurisdiction="FR",
    confidence="G",
    actions=[Act.SUE],
)
def french_limitation(attempt: ActionAttempt) -> Ruling | None:
    """In France a business loses its claim against a consumer after two years, and that of consumer credit two years
    after the first instalment that stayed unpaid; others last five years.
    """
    account = attempt.account
    if about(attempt, FactKind.JUDGMENT, account) is not None:
        return None
    if is_consumer_credit(attempt, account):
        # The period of credit is a foreclosure: no acknowledgment interrupts it.
        return rule_on_limitation(attempt, years_after(accrued_on(attempt, account), 2), always=True)
    consumer = attempt.debtor.kind is DebtorKind.PERSON and account.purpose is Purpose.CONSUMER
    return rule_on_limitation(attempt, expiry(attempt, account, 2 if consumer else 5, IN_WRITING), always=True)


@ACTIONS.rule("es.limitation", citation="C. civ. 1964, 1973", jurisdiction="ES", confidence="G", actions=[Act.SUE])
def spanish_limitation(attempt: ActionAttempt) -> Ruling | None:
    """In Spain personal actions last five years, those older than 7 October 2015 until 7 October 2020 at the latest. A
    demand out of court or an acknowledgment begins the period anew. Refused when the debtor pleads it, else a warning.
    """
    account = attempt.account
    if about(attempt, FactKind.JUDGMENT, account) is not None:
        return None
    arose = accrued_on(attempt, account)
    # An older action had fifteen years, of which at most five were left at the reform.
    began = arose if arose >= _REFORM else min(years_after(arose, 10), _REFORM)
    restarts = [*acknowledged(attempt, account, IN_WRITING), *demanded_on(attempt)]
    ends = expires_on(began, 5, restarts=restarts, tolling=stood_still(attempt, account))
    return rule_on_limitation(attempt, ends)


@ACTIONS.rule(
    "es.mediation-first",
    citation="LO 1/2025 art 5",
    jurisdiction="ES",
    effective_from=date(2025, 4, 3),
    confidence="G",
    actions=[Act.SUE],
)
def negotiation(attempt: ActionAttempt) -> Ruling | None:
    """A civil suit in Spain comes after an attempt to negotiate that is documented."""
    if in_force(attempt, FactKind.NEGOTIATION_ATTEMPT):
        return None
    return Ruling.require(
        fact_requirement(FactKind.NEGOTIATION_ATTEMPT), "A documented attempt to negotiate comes before a suit."
    )


@ACTIONS.rule(
    "es.bureau", citation="LOPDGDD art 20", jurisdiction="ES", confidence="G", actions=[Act.FURNISH], configured=True
)
def spanish_bureau(attempt: ActionAttempt, settings: EuropeanUnionConfig) -> Ruling | None:
    """A debt is reported in Spain when it is due, certain and at least 50 euros, within five years, after the contract
    or a demand warned of it, and while nobody disputes it. The bureau itself tells the debtor within 30 days.
    """
    account = attempt.account
    if attempt.debtor.kind is not DebtorKind.PERSON:
        return None
    reported = attempt.planned_on or days(attempt)[0]
    if in_force(attempt, FactKind.DISPUTE):
        return Ruling.deny("A disputed debt is not reported.")
    if reported <= account.due_on or account.balance.amount < settings.spanish_smallest_report:
        return Ruling.deny(
            f"Only a debt that is due and at least {settings.spanish_smallest_report} euros is reported.",
            facts={"due on": account.due_on, "balance": account.balance},
        )
    if reported > years_after(account.due_on, settings.spanish_report_years):
        return Ruling.deny("The debt is too old to be reported.", facts={"due on": account.due_on})
    if notice(attempt, NoticeKind.BUREAU_WARNING) is not None:
        return None
    return Ruling.deny(
        "The debtor was not warned of the report.", missing_fact=notice_requirement(NoticeKind.BUREAU_WARNING)
    )
