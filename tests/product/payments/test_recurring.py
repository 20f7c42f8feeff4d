"""A debit of a series is shown to the rules as one, with the amount of the one before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arrears_sdk.ids import encode_id
from arrears_us_federal import UsFederal
from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import Till

AUTHORISED, VARYING = "us.rege.preauth-authorization", "us.rege.varying-amount"
FACT = "mutation($input: FactRecordInput!) { factRecord(input: $input) { fact { id } userErrors { code message } } }"


def refused_by(made: dict[str, Any]) -> list[str]:
    """The rules for which the payment was refused."""
    return [error["detailCode"] for error in made["userErrors"]]


async def test_the_law_of_recurring_debits_reaches_a_charge(deployment: Deployment, api: Api, tmp_path: Path) -> None:
    # given
    till = await Till.open(deployment, api, tmp_path, further=[UsFederal])
    series = {"recurring": True, "amount": "20.00"}
    # when nobody signed anything
    assert refused_by(await till.charge(key="unsigned", **series)) == [AUTHORISED]
    assert refused_by(await till.charge(key="once", amount="20.00")) == []
    # when the debtor did, for just this amount
    signed = {"accountId": encode_id("acct", till.account_id), "kind": "DEBIT_AUTHORISATION", "word": "SIGNED"}
    given = {**signed, "source": "DEBTOR", "amount": {"amount": "20.00", "currency": "USD"}}
    assert (await api(FACT, {"input": given}))["data"]["factRecord"]["userErrors"] == []
    # then
    assert refused_by(await till.charge(key="signed", **series)) == []
    before = {"previousAmount": {"amount": "15.00", "currency": "USD"}}
    assert refused_by(await till.charge(key="another amount", **series, **before)) == [VARYING]
    assert len(till.drawer.calls()) == 2
