"""Webhooks: genuine and recent ones are read, everything else has no effect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from orders import TEN, charge, gateway_of
from pydantic import SecretStr
from scripted import intent
from world import SECRET, StripeWorld, webhook

from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done, Pending
from arrears_sdk.ports.gateway import GatewayNotice, NoticeKind, WebhookRefusedError, WebhookRequest
from arrears_sdk.testing.hosts import FakeHost
from arrears_stripe import StripeConfig, StripeGateway

CONFIG = StripeConfig(api_key=SecretStr("sk_test_1"), webhook_secret=SecretStr(SECRET))
EXPIRED = {"code": "expired_card", "message": "Expired."}
OURS = {"metadata": {"arrears_key": "key-1"}}


@pytest.fixture
def gateway(host: FakeHost) -> StripeGateway:
    return gateway_of(CONFIG, host)


@pytest.mark.parametrize(
    ("kind", "thing", "outcome"),
    [
        ("succeeded", intent("succeeded", **OURS), Done(reference="pi_1", amount=TEN)),
        ("processing", intent("processing", **OURS), Pending(reference="pi_1")),
        (
            "payment_failed",
            intent(
                "requires_payment_method", last_payment_error={"code": "expired_card", "message": "Expired."}, **OURS
            ),
            Declined(code="expired_card", message="Expired.", reference="pi_1"),
        ),
        (
            "canceled",
            intent("canceled", cancellation_reason="abandoned", **OURS),
            Declined(code="canceled", message="The payment was cancelled: abandoned.", reference="pi_1"),
        ),
    ],
)
def test_a_payment_intent(gateway: StripeGateway, kind: str, thing: dict[str, Any], outcome: object) -> None:
    (notice,) = gateway.parse_webhook(webhook(f"payment_intent.{kind}", thing, created=1_772_452_800))
    assert notice == GatewayNotice(
        id="evt_1",
        kind=NoticeKind.CHARGE,
        occurred_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        outcome=outcome,  # type: ignore[arg-type]
        key="key-1",
        reference="pi_1",
        amount=TEN,
    )


def test_refunds_of_ours(gateway: StripeGateway) -> None:
    ours = {"id": "re_1", "object": "refund", "status": "succeeded", "amount": 400, "currency": "usd", **OURS}
    theirs = {"id": "re_2", "object": "refund", "status": "pending", "amount": 100, "currency": "usd"}
    four = Money.parse("4.00", "USD")
    (updated,) = gateway.parse_webhook(webhook("refund.updated", ours))
    assert (updated.kind, updated.key, updated.reference, updated.outcome, updated.amount) == (
        NoticeKind.REFUND,
        "key-1",
        "re_1",
        Done(reference="re_1", amount=four),
        four,
    )
    made = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "refunds": {"data": [ours, theirs]}, **OURS}
    told = gateway.parse_webhook(webhook("charge.refunded", made))
    assert [(notice.id, notice.key, notice.reference) for notice in told] == [
        ("evt_1:re_1", "key-1", "re_1"),
        ("evt_1:re_2", None, "re_2"),
    ]


def dispute(status: str) -> dict[str, Any]:
    return {
        "id": "dp_1",
        "object": "dispute",
        "status": status,
        "reason": "fraudulent",
        "amount": 1000,
        "currency": "usd",
        "payment_intent": "pi_1",
        "charge": "ch_1",
    }


def test_a_dispute_is_a_chargeback_once_whether_it_begins_or_is_lost(gateway: StripeGateway) -> None:
    (begun,) = gateway.parse_webhook(webhook("charge.dispute.created", dispute("needs_response"), id="evt_1"))
    (lost,) = gateway.parse_webhook(webhook("charge.dispute.closed", dispute("lost"), id="evt_2"))
    (won,) = gateway.parse_webhook(webhook("charge.dispute.closed", dispute("won"), id="evt_3"))
    assert (begun.kind, begun.reference, begun.amount) == (NoticeKind.CHARGEBACK, "pi_1", TEN)
    assert begun.details == {"reason": "fraudulent", "status": "needs_response", "charge": "ch_1"}
    assert (begun.id, lost.id, lost.kind) == ("dp_1:chargeback", "dp_1:chargeback", NoticeKind.CHARGEBACK)
    assert (won.id, won.kind, won.reference) == ("dp_1:won", NoticeKind.CHARGEBACK_WON, "pi_1")
    assert gateway.parse_webhook(webhook("charge.dispute.created", dispute("warning_needs_response"))) == []
    assert gateway.parse_webhook(webhook("charge.dispute.closed", dispute("warning_closed"))) == []


FOREIGN: tuple[tuple[str, dict[str, object], bool], ...] = (
    ("payment_intent.succeeded", intent("succeeded"), False),
    ("payment_intent.succeeded", intent("succeeded", **OURS), True),
    ("refund.updated", {"id": "re_1", "status": "succeeded"}, False),
    ("charge.dispute.created", {"id": "dp_1", "status": "needs_response"}, False),
    ("customer.created", {"id": "cus_1"}, False),
    ("an.event.of.next.year", {}, False),
)


@pytest.mark.parametrize(("kind", "about", "live"), FOREIGN)
def test_what_is_not_ours_or_not_known_tells_nothing(
    gateway: StripeGateway, kind: str, about: dict[str, object], live: bool
) -> None:
    # Made now: what is made while tests are collected is too old by the time that it is their turn.
    foreign = webhook(kind, about, livemode=True) if live else webhook(kind, about)
    assert gateway.parse_webhook(foreign) == []


def genuine(**about: Any) -> WebhookRequest:
    """A webhook that Stripe sends now; one made while tests are collected would be refused for its age alone."""
    return webhook("payment_intent.succeeded", intent("succeeded", **OURS), **about)


def test_what_is_genuine_and_new_is_read(gateway: StripeGateway) -> None:
    (notice,) = gateway.parse_webhook(genuine())
    assert notice.reference == "pi_1"


@pytest.mark.parametrize(
    "falsified",
    [
        lambda: replace(genuine(), headers={}),
        lambda: replace(genuine(), headers={"stripe-signature": "t=1,v1=00"}),
        lambda: replace(genuine(), headers={"stripe-signature": "nonsense"}),
        lambda: replace(genuine(), body=genuine().body.replace(b"1000", b"9000")),
        lambda: replace(genuine(), body=b"\xff\xfe"),
        lambda: replace(genuine(), body=b""),
        lambda: replace(genuine(), received_at=genuine().received_at + timedelta(days=1)),
        lambda: genuine(secret="whsec_of_another_client"),
        lambda: genuine(age_seconds=302),
    ],
)
def test_what_is_not_genuine_or_too_old_is_refused(
    gateway: StripeGateway, falsified: Callable[[], WebhookRequest]
) -> None:
    with pytest.raises(WebhookRefusedError):
        gateway.parse_webhook(falsified())


def test_without_a_signing_secret_every_webhook_is_refused(host: FakeHost) -> None:
    with pytest.raises(WebhookRefusedError, match="No signing secret"):
        gateway_of(StripeConfig(), host).parse_webhook(genuine())


async def test_the_doubles_own_webhook_is_read(double: StripeWorld, host: FakeHost) -> None:
    arrived: asyncio.Future[WebhookRequest] = asyncio.get_running_loop().create_future()
    request = charge()

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        if request.key.encode() in body and not arrived.done():
            arrived.set_result(WebhookRequest(headers=headers, body=body, received_at=datetime.now(UTC)))

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    double.post_json("/_config/webhooks/here", {"url": url, "secret": SECRET})
    gateway = gateway_of(double.config, host)
    outcome = await gateway.charge(request)
    async with asyncio.timeout(10):
        (notice,) = gateway.parse_webhook(await arrived)
    server.close()
    assert (notice.kind, notice.key, notice.outcome) == (NoticeKind.CHARGE, request.key, outcome)
    assert abs(notice.occurred_at.timestamp() - time.time()) < 60
