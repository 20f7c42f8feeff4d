"""Nothing lets a provider be called but a permit that the gate redeemed for just this charge, once and in time."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from arrears.compliance import permits
from arrears.compliance.acting import ask_about_payment
from arrears.compliance.deciding import decide
from arrears.compliance.model import PaymentQuestion
from arrears.kernel.transaction import begin
from arrears.payments.calling import charge_through, find_gateway, what_is_charged
from arrears.plugins.bound import BoundPort
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.permit import Permit
from arrears_sdk.ports.gateway import ChargeRequest, Gateway
from arrears_sdk.testing.builders import Builder
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind
from tests.api import Api
from tests.conftest import Deployment
from tests.product.payments.till import Till

TEN = Money(1_000, "USD")


async def redeemed_permit(deployment: Deployment, account_id: UUID) -> Permit:
    """A permit for ten dollars, as a charge redeems it."""
    context = deployment.context()
    question = PaymentQuestion(
        at=context.clock.now(),
        account_id=account_id,
        amount=TEN,
        method=PaymentMethodKind.CARD,
        gateway="sandbox",
        initiated_by=Initiator.DEBTOR,
    )
    answer = await ask_about_payment(context, context.service(PluginHost), question)
    async with begin(context) as tx:
        _, row = await decide(tx, answer)
        assert row is not None
        permits.use(tx, row, what_is_charged(encode_id("acct", account_id), TEN), tx.now)
    return permits.redeemed(row.id)


def request(account_id: UUID, permit: Permit, amount: Money = TEN) -> ChargeRequest:
    made = Builder().charge_request(SecretStr("tok_ok"), amount, PaymentMethodKind.CARD)
    return replace(made, account_id=encode_id("acct", account_id), permit=permit)


async def code_of(
    deployment: Deployment, gateway: BoundPort[Gateway], charge: ChargeRequest, permit: Permit
) -> ErrorCode:
    with pytest.raises(RefusedError) as refused:
        await charge_through(gateway, charge, permit, clock=deployment.clock, seconds=5)
    return refused.value.problems[0].code


async def test_no_provider_is_called_without_a_good_permit(deployment: Deployment, api: Api, tmp_path: Path) -> None:
    till = await Till.open(deployment, api, tmp_path)
    account, client = till.account_id, till.client_id
    gateway = await find_gateway(deployment.context(), "sandbox", client, None)

    # without one there is no request
    with pytest.raises(TypeError):
        request(account, None)  # type: ignore[arg-type]
    # one that nobody gave
    forged = Builder().permit(what_is_charged(encode_id("acct", account), TEN))
    assert await code_of(deployment, gateway, request(account, forged), forged) is ErrorCode.PERMIT_USED
    # a good one for another amount, a copy of a good one, and one that the request does not carry
    good = await redeemed_permit(deployment, account)
    more = request(account, good, Money(1_001, "USD"))
    assert await code_of(deployment, gateway, more, good) is ErrorCode.PERMIT_MISMATCH
    copied = replace(good)
    assert await code_of(deployment, gateway, request(account, copied), copied) is ErrorCode.PERMIT_MISMATCH
    assert await code_of(deployment, gateway, request(account, copied), good) is ErrorCode.PERMIT_MISMATCH
    assert till.drawer.calls() == []
    # used once, and no second time
    await charge_through(gateway, request(account, good), good, clock=deployment.clock, seconds=5)
    assert len(till.drawer.calls()) == 1
    assert await code_of(deployment, gateway, request(account, good), good) is ErrorCode.PERMIT_USED
    # over
    late = await redeemed_permit(deployment, account)
    deployment.clock.advance(datetime.timedelta(minutes=10))
    assert await code_of(deployment, gateway, request(account, late), late) is ErrorCode.PERMIT_EXPIRED
    assert len(till.drawer.calls()) == 1


async def test_every_charge_has_a_decision_and_the_allowed_ones_a_used_permit(
    deployment: Deployment, api: Api, tmp_path: Path
) -> None:
    till = await Till.open(deployment, api, tmp_path, refuse_above=30.0)
    await till.charge(amount="10.00")
    await till.charge(amount="30.01", key="more")

    rows = await till.books.query(
        "select i.status, d.kind, d.verdict, d.amount_minor, d.method, d.gateway, p.used_at is not null,"
        " p.recorded_at is not null from payment_intent i join decision d on d.id = i.decision_id"
        " left join permit p on p.decision_id = d.id order by i.id"
    )
    assert rows == [
        ("SETTLED", "PAYMENT", "ALLOW", 1_000, "CARD", "sandbox", True, True),
        ("REFUSED", "PAYMENT", "DENY", 3_001, "CARD", "sandbox", False, False),
    ]
