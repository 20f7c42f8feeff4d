"""A client with a portfolio, made for the command line."""

from __future__ import annotations

import psycopg

from tests.conftest import Deployment
from tests.product.cli.conftest import Command


def make_acme(arrears: Command, deployment: Deployment, *, portfolio: str) -> None:
    """ACME with one portfolio."""
    made = arrears(
        "clients", "create", "--name", "Acme", "--reference", "ACME", "--country", "GB",
        "--currency", "GBP", "--time-zone", "Europe/London", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    with psycopg.connect(deployment.urls.owner) as connection:
        connection.execute(
            "insert into portfolio (id, client_id, name, reference, currency, version, created_at, updated_at)"
            " select gen_random_uuid(), id, 'Cards', %s, 'GBP', 1, now(), now() from client",
            [portfolio],
        )
