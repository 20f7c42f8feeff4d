"""Sends the webhooks of the made-up provider: `python -m arrears_sandbox_gateway STATE_FILE ADDRESS`."""

from __future__ import annotations

import argparse
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from arrears_sandbox_gateway.orders import FileDrawer
from arrears_sandbox_gateway.webhooks import Delivery, deliveries

SECRET_VARIABLE = "SANDBOX_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Sends what the scenarios of all charges plan, in the order of arrival; 1 when something was not taken."""
    parser = argparse.ArgumentParser(prog="python -m arrears_sandbox_gateway", description=__doc__)
    parser.add_argument("state_file", type=Path, help="the file in which the sandbox keeps its orders")
    parser.add_argument("address", help="such as http://127.0.0.1:8000/webhooks/sandbox/clnt_...")
    parser.add_argument("--order", help="only of the order with this key, such as pmnt_...")
    parser.add_argument("--now", type=datetime.fromisoformat, help="the platform's time, where its clock was moved")
    given = parser.parse_args(arguments)
    secret = os.environ.get(SECRET_VARIABLE)
    if secret is None:
        parser.error(f"set {SECRET_VARIABLE} to the webhook secret of the client")
    if not given.address.startswith(("http://", "https://")):
        parser.error("the address is that of a web server")
    orders = [order for order in FileDrawer(given.state_file).orders() if given.order in (None, order.key)]
    planned = sorted((one for order in orders for one in deliveries(order)), key=lambda one: one.at)
    taken = [_send(given.address, one, secret, given.now or datetime.now(UTC)) for one in planned]
    return 0 if all(taken) else 1


def _send(address: str, delivery: Delivery, secret: str, at: datetime) -> bool:
    headers = {"content-type": "application/json", **delivery.signed(secret, at)}
    request = urllib.request.Request(address, delivery.body, headers)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            status = int(answer.status)
    except urllib.error.HTTPError as error:
        status = error.code
    sys.stdout.write(f"{status} {delivery.id}\n")
    return 200 <= status < 300


if __name__ == "__main__":
    sys.exit(main())
