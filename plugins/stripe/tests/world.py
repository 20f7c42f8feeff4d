"""The double of Stripe as a process of its own, for the tests and for the conformance suite."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stripe
from pydantic import SecretStr

from arrears_sdk.money import Money
from arrears_sdk.ports.gateway import WebhookRequest
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_stripe import StripeConfig
from arrears_stripe.amounts import from_stripe

KEY = "sk_test_of_the_double"
SECRET = "whsec_of_the_double"


class StripeWorld(GatewayWorld):
    """localstripe on a free port of this machine, and one account at it."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        script = Path(__file__).with_name("double.py")
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen([sys.executable, str(script), str(port)])
        self._wait()

    @property
    def config(self) -> StripeConfig:
        return StripeConfig(api_key=SecretStr(KEY), webhook_secret=SecretStr(SECRET), api_base=self.url)

    @property
    def token(self) -> SecretStr:
        return SecretStr("pm_card_visa")

    @property
    def declined_token(self) -> SecretStr:
        return SecretStr("pm_card_chargeCustomerFail")

    def charges(self) -> Sequence[Money]:
        return [
            from_stripe(intent["amount"], intent["currency"])
            for intent in reversed(self.get("/v1/payment_intents?limit=100")["data"])
            if intent["status"] == "succeeded"
        ]

    def answer_unknown_status(self) -> bool:
        self.post_json("/_config/faults", {"status": "in_the_stars"})
        return True

    def lose_next_answer(self) -> bool:
        self.post_json("/_config/faults", {"answer": "lost"})
        return True

    def webhook(self) -> WebhookRequest | None:
        intents = self.get("/v1/payment_intents?limit=1")["data"]
        return webhook("payment_intent.succeeded", intents[0]) if intents else None

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {KEY}"}))

    def post(self, path: str, **fields: str) -> Any:
        body = urllib.parse.urlencode({name.replace("__", "[") + "]" * ("__" in name): v for name, v in fields.items()})
        headers = {"Authorization": f"Bearer {KEY}"}
        return self._ask(urllib.request.Request(self.url + path, data=body.encode(), headers=headers))

    def post_json(self, path: str, value: dict[str, str]) -> None:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=json.dumps(value).encode())):
            return

    def asked(self, path: str) -> int:
        """How often something was posted there."""
        return sum(1 for one in self.get("/_config/log") if one["method"] == "POST" and one["path"] == path)

    def _ask(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.get("/_config/log")
            except urllib.error.URLError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the double of Stripe did not start")


def webhook(
    kind: str,
    thing: dict[str, Any],
    *,
    id: str = "evt_1",
    secret: str = SECRET,
    age_seconds: int = 0,
    **event: Any,
) -> WebhookRequest:
    """An event as Stripe would send it, signed with the library's own function."""
    now = int(time.time())
    values = {"id": id, "object": "event", "type": kind, "created": now, "livemode": False, "data": {"object": thing}}
    body = json.dumps({**values, **event})
    header = stripe.WebhookSignature.generate_signature_header(body, secret, now - age_seconds)
    return WebhookRequest(
        headers={"stripe-signature": header, "content-type": "application/json"},
        body=body.encode(),
        received_at=datetime.now(UTC),
    )
