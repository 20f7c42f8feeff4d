"""Secrets are named by where they are kept; one that is given itself is refused, and is found nowhere afterwards."""

from __future__ import annotations

import io
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.api import Api
from tests.conftest import Deployment
from tests.product.configuration.conftest import Agency
from tests.product.configuration.test_change import change, effective
from tests.security.test_logs_masking import written  # noqa: F401 (a fixture)

CANARY = "sk_live_canaryCANARY"
LITERAL = 'A secret is given by reference only: {"env": "NAME"} or {"file": "/path"}.'


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"api_key": CANARY}, ["api_key"]),
        ({"api_key": {"env": "PAY_KEY"}, "webhook_key": CANARY}, ["webhook_key"]),
        ({"api_key": {"value": CANARY}}, ["api_key"]),
        ({"api_key": {"env": ""}}, ["api_key"]),
        ({"endpoints": [{"url": "https://pay.example", "key": CANARY}]}, ["endpoints", "0", "key"]),
        ({"by_country": {"US": CANARY}}, ["by_country", "US"]),
    ],
)
async def test_a_secret_itself_is_refused_and_kept_nowhere(
    deployment: Deployment,
    api: Api,
    agency: Agency,
    written: io.StringIO,  # noqa: F811
    given: dict[str, Any],
    path: list[str],
) -> None:
    payload = await change(api, group="pay", settings=given)

    assert payload["userErrors"] == [
        {"code": "SECRET_IN_PLAIN", "field": ["input", "settings", *path], "message": LITERAL}
    ]
    assert CANARY not in str(payload)
    assert CANARY not in written.getvalue()
    assert tables_with(deployment.urls.owner, CANARY) == set()


async def test_what_a_secret_is_named_by_is_shown_and_never_the_secret(
    deployment: Deployment,
    api: Api,
    agency: Agency,
    written: io.StringIO,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given a secret that this process has
    monkeypatch.setenv("PAY_KEY", CANARY)

    # when
    references = {
        "api_key": {"env": "PAY_KEY"},
        "endpoints": [{"url": "https://pay.example", "key": {"file": "/run/secrets/pay"}}],
        "by_country": {"DE": {"env": "PAY_KEY_DE"}},
    }
    payload = await change(api, group="pay", enabled=True, settings=references)
    shown = await effective(api, "pay")
    plugins = await api("{ plugins { name reason settingsSchema checks { message } health { lastFailure } } }")

    # then
    assert payload["userErrors"] == []
    assert {one["name"]: (one["value"], one["secret"]) for one in shown["settings"]} == {
        "api_key": ({"env": "PAY_KEY"}, True),
        "by_country": ({"DE": {"env": "PAY_KEY_DE"}}, False),
        "currency": ("USD", False),
        "endpoints": (references["endpoints"], False),
        "webhook_key": (None, True),
    }
    for answer in (payload, shown, plugins):
        assert CANARY not in str(answer)
    assert CANARY not in written.getvalue()
    assert tables_with(deployment.urls.owner, CANARY) == set()


async def test_a_reference_where_no_secret_is_wanted_is_refused(api: Api, agency: Agency) -> None:
    payload = await change(api, group="pay", settings={"currency": {"env": "PATH"}})

    assert payload["userErrors"][0] == {
        "code": "INVALID_INPUT",
        "field": ["input", "settings", "currency"],
        "message": "This is no secret, and cannot be taken from the environment or a file.",
    }


async def test_a_card_number_is_refused(deployment: Deployment, api: Api, agency: Agency) -> None:
    payload = await change(api, group="pay", settings={"currency": "4111 1111 1111 1111"})

    assert payload["userErrors"] == [
        {
            "code": "INVALID_INPUT",
            "field": ["input", "settings", "currency"],
            "message": "This holds the number of a payment card, which is never stored.",
        }
    ]
    reason = await change(api, group="quiet", enabled=True, reason="Card 4111 1111 1111 1111")
    assert reason["settingsVersion"]["reason"] == "Card **** **** **** 1111"


def tables_with(url: str, text: str) -> set[str]:
    """The tables that hold a text anywhere."""
    found = set()
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            statement = sql.SQL("select count(*) from {} t where t::text like %s").format(sql.Identifier(table))
            ((count,),) = connection.execute(statement, [f"%{text}%"]).fetchall()
            if count:
                found.add(table)
    return found
