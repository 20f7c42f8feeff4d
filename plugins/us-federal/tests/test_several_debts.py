"""A contact about several debts is held to the rules of each: a second debt never makes an objection go away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from arrears_sdk.law.cases import shipped_cases
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactLevel
from arrears_sdk.ruling import Verdict
from arrears_sdk.views import Account, ContactAttempt
from arrears_sdk.vocabulary import CollectorRole, Purpose
from arrears_us_federal import UsFederal
from arrears_us_federal.packs import CONTACTS
from arrears_us_federal.settings import UsFederalConfig

LAW = CONTACTS.under(UsFederalConfig())
SAID_ELSEWHERE = frozenset({"us.regf.subsequent-disclosure"})
"""Where one debt is new the first communication's longer disclosure is required instead, by its own rule."""
ONE_DEBT = {
    case.id: case.attempt
    for case in shipped_cases(UsFederal)
    if isinstance(case.attempt, ContactAttempt) and len(case.attempt.accounts) == 1
}


def of_its_debt(attempt: ContactAttempt) -> ContactAttempt:
    """The contact, with every fact and notice about all debts told to be about its one debt only."""
    debt = attempt.accounts[0].id
    facts = tuple(
        replace(one, account_id=debt) if one.account_id is None and FACTS[one.kind].level is FactLevel.DEBT else one
        for one in attempt.facts
    )
    notices = tuple(one if one.account_ids else replace(one, account_ids=(debt,)) for one in attempt.notices)
    return replace(attempt, facts=facts, notices=notices)


def objections(attempt: ContactAttempt) -> dict[str, Verdict]:
    """What each rule says but allowing; to wait and to require are one here, for either holds the contact."""
    found: dict[str, Verdict] = {}
    for finding in LAW.rule_on([attempt])[0].findings:
        verdict = Verdict.REQUIRE if finding.verdict is Verdict.DEFER else finding.verdict
        if verdict is not Verdict.ALLOW:
            found[finding.rule] = max(found.get(finding.rule, verdict), verdict)
    return found


def others(account: Account) -> list[Account]:
    """Another debt like it, one that the creditor itself collects, and one of a business."""
    other = replace(account, id="another", holds=())
    return [
        other,
        replace(other, collector_role=CollectorRole.FIRST_PARTY),
        replace(other, purpose=Purpose.COMMERCIAL),
    ]


@pytest.mark.parametrize("id", sorted(ONE_DEBT))
def test_another_debt_takes_no_objection_away(id: str) -> None:
    # given a contact about one debt, and another debt of which nothing is recorded
    one = of_its_debt(ONE_DEBT[id])
    debt = one.accounts[0]
    for other in others(debt):
        alone = [objections(one), objections(replace(one, accounts=(other,)))]

        # when the contact is about both, in either order
        for accounts in ((debt, other), (other, debt)):
            both = objections(replace(one, accounts=accounts))

            # then whatever objected to either objects
            for rule, verdict in ((rule, verdict) for said in alone for rule, verdict in said.items()):
                assert rule in SAID_ELSEWHERE or both.get(rule, Verdict.ALLOW) >= verdict, (rule, verdict.name)
