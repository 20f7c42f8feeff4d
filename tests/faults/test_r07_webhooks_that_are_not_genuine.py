"""R7: a webhook with a bad signature, an old time, another client's secret or 5 MB has no effect and gets a 4xx."""

from __future__ import annotations

import base64
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from arrears.plugins.settings import Place
from arrears_sandbox_gateway.webhooks import Delivery
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import enabled_at
from tests.product.payments.till import SECRET, Till

OTHER_SECRET = "whsec_of_another_client"


@pytest.fixture
async def till(deployment: Deployment, api: Api, tmp_path: Path) -> AsyncIterator[Till]:
    """An open charge, whose webhooks must have no effect unless they are genuine."""
    till = await Till.open(deployment, api, tmp_path)
    await till.charged("tok_unknown")
    yield till
    assert await till.books.query("select status, times_asked from payment_intent") == [("UNKNOWN", 0)]
    assert (await till.count("webhook_notice"), await till.count("payment")) == (0, 0)


def _with(headers: dict[str, str], **changed: str) -> dict[str, str]:
    return headers | {name.replace("_", "-"): value for name, value in changed.items()}


async def test_r07_a_bad_signature_has_no_effect(till: Till) -> None:
    delivery = till.webhook()
    signed = dict(delivery.signed(SECRET, till.deployment.clock.now()))
    forged = [
        {},
        _with(signed, webhook_signature="v1," + base64.b64encode(bytes(32)).decode()),
        _with(signed, webhook_signature=""),
        _with(signed, webhook_signature="v1,é"),
        _with(signed, webhook_id="evt_another"),
        _with(signed, webhook_timestamp=str(int(signed["webhook-timestamp"]) + 1)),
        _with(signed, webhook_timestamp="9" * 400),
        _with(signed, webhook_timestamp="now"),
    ]

    for headers in forged:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        response = await till.post(delivery, headers=encoded)  # type: ignore[arg-type]
        assert response.status_code == 401, headers
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    changed = Delivery(delivery.at, delivery.id, delivery.body.replace(b"4000", b"9000"))
    assert (await till.post(changed, headers=signed)).status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24 * 365])
async def test_r07_an_old_time_or_one_to_come_has_no_effect(till: Till, minutes: int) -> None:
    sent_at = till.deployment.clock.now() + datetime.timedelta(minutes=minutes)

    assert (await till.post(till.webhook(), sent_at=sent_at)).status_code == 401


async def test_r07_the_secret_of_another_client_has_no_effect(till: Till) -> None:
    other = await till.books.client()
    file = till.folder / "other"
    file.write_text(OTHER_SECRET)
    sandbox = till.settings["sandbox-gateway"]
    theirs = {**sandbox, "webhook_secret": {"file": str(file)}}
    till.host.change(enabled_at({Place(till.client_id): till.settings, Place(other): {"sandbox-gateway": theirs}}))
    delivery = till.webhook()

    # Signed by the other client and sent to the first; signed by the first and sent to the other; and both theirs.
    assert (await till.post(delivery, secret=OTHER_SECRET)).status_code == 401
    assert (await till.post(delivery, client_id=other)).status_code == 401
    genuine_elsewhere = await till.post(delivery, client_id=other, secret=OTHER_SECRET)

    # The other client may tell what it likes in its own name: it is about no order of its own.
    assert genuine_elsewhere.status_code == 200
    assert await till.books.query("select client_id, intent_id from webhook_notice") == [(other, None)]
    await till.books.execute("delete from webhook_notice")


@pytest.mark.parametrize("declared", [True, False])
async def test_r07_a_webhook_of_5_mb_is_not_read(till: Till, declared: bool) -> None:
    delivery = till.webhook()
    large = Delivery(delivery.at, delivery.id, delivery.body + b" " * 5_000_000)
    address = f"/webhooks/sandbox/{encode_id('clnt', till.client_id)}"
    signed = dict(large.signed(SECRET, till.deployment.clock.now()))

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large.body), 65_536):
            yield large.body[start : start + 65_536]

    content = large.body if declared else chunks()
    response = await till.api.http.post(address, content=content, headers=signed)

    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"notices": 7}', b'{"notices": [{}]}', b"\xff", b'{"notices": [[[[[[]]]]]]}']
)
async def test_r07_a_signed_webhook_in_another_form_has_no_effect(till: Till, body: bytes) -> None:
    delivery = till.webhook()

    response = await till.post(Delivery(delivery.at, delivery.id, body))

    assert response.status_code == 401


@pytest.mark.parametrize("address", ["sandbox/nobody", "elsewhere/{client}", "sandbox/clnt_0", "sandbox/%00"])
async def test_r07_an_address_that_names_nobody_tells_as_little_as_a_bad_signature(till: Till, address: str) -> None:
    delivery = till.webhook()
    signed = dict(delivery.signed(SECRET, till.deployment.clock.now()))
    path = "/webhooks/" + address.format(client=encode_id("clnt", till.client_id))

    nobody = await till.api.http.post(path, content=delivery.body, headers=signed)
    forged = await till.post(delivery, headers={})

    assert (nobody.status_code, forged.status_code) == (401, 401)
    assert nobody.json()["errors"][0]["message"] == forged.json()["errors"][0]["message"]
    assert (await till.api.http.get(f"/webhooks/sandbox/{till.client_id}")).status_code == 405
