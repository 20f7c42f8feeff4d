"""The Stripe plugin as the platform runs it: charged through the host, and erased with the person."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears.privacy.commands import DataRequestOpen, open_data_request
from arrears.privacy.fulfilment import fulfil
from arrears.privacy.model import DataRequestKind, ErasureGround
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money
from arrears_sdk.outcome import Done
from arrears_sdk.ports.gateway import ChargeRequest
from arrears_sdk.testing.builders import Builder
from arrears_sdk.vocabulary import PaymentMethodKind
from arrears_stripe import StripePlugin
from tests.architecture.tree import ROOT
from tests.conftest import Deployment
from tests.plugin_hosts import enabled_at, host_with
from tests.product.accounts.book import Book


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"stripe_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def double() -> Iterator[Any]:
    world = _module(ROOT / "plugins/stripe/tests/world.py").StripeWorld()
    yield world
    world.close()


async def test_a_debtor_who_paid_is_a_customer_until_erased(
    deployment: Deployment, double: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    book = Book(deployment)
    client = await book.client()
    debtor = await book.debtor(client)
    account = await book.account(client, debtor)
    config = double.config
    monkeypatch.setenv("STRIPE_KEY", config.api_key.get_secret_value())
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", config.webhook_secret.get_secret_value())
    settings = {
        "api_key": {"env": "STRIPE_KEY"},
        "webhook_secret": {"env": "STRIPE_WEBHOOK_SECRET"},
        "api_base": config.api_base,
    }
    # The key stands at the client only: the deployment's own duty has none.
    await host_with(deployment, [StripePlugin], enabled_at({Place(client): {"stripe": settings}}))
    gateway = (await deployment.services.find(PluginHost).gateways(Place(client)))["stripe"]

    # when
    request = ChargeRequest(
        key="charge-through-the-host",
        payment_id="pmnt_1",
        account_id=encode_id("acct", account),
        debtor_id=encode_id("dbtr", debtor),
        amount=Money.parse("10.00", "USD"),
        method=PaymentMethodKind.CARD,
        token=double.token,
        description="Account",
        client_id=encode_id("clnt", client),
        permit=Builder().permit("PAYMENT"),
    )
    outcome = await gateway.call("charge", request, budget_seconds=30)

    # then
    assert isinstance(outcome, Done)
    assert outcome.amount == Money.parse("10.00", "USD")
    customers = [one["metadata"] for one in double.get("/v1/customers")["data"]]
    assert customers == [{"arrears_debtor": encode_id("dbtr", debtor)}]
    assert await book.rows("select count(*) from plugin_value where plugin = 'stripe'") == [(3,)]

    # and when
    change = DataRequestOpen(debtor_id=debtor, kind=DataRequestKind.ERASURE, ground=ErasureGround.COURT_ORDER)
    opened = (await open_data_request(deployment.context(), change)).result.data_request_id
    await fulfil(deployment.worker_context(), opened)

    # then
    assert (await book.row("data_request", opened))["status"] == "FULFILLED"
    assert double.get("/v1/customers")["data"] == []
    assert await book.rows("select count(*) from plugin_value") == [(0,)]
