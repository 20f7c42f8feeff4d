"""Payments that are not taken: by rule, by hold, by amount, by what the gateway can do, and by wrong input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest

from arrears.accounts.holds import HoldPlace, place_hold
from arrears.accounts.model import HoldKind, HoldSource
from arrears_sdk.ids import encode_id
from arrears_sdk.plugin import Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import PaymentAttempt
from tests.api import Api
from tests.conftest import START, Deployment
from tests.product.payments.till import CHARGE_MUTATION, Till

CARDS = ["4242424242424242", "4242 4242 4242 4242", "tok_4242424242424242", "3782-822463-10005"]


class Cautious(Plugin):
    """Warns of every payment, and remembers what it was asked."""

    name = "cautious"
    asked: ClassVar[list[PaymentAttempt]] = []

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Sequence[Ruling]:
        self.asked.extend(attempts)
        return [Ruling.warn("Somebody should look.", rule="cautious.look", citation="House rule 7") for _ in attempts]


class PutsOff(Plugin):
    """Lets nobody pay before April."""

    name = "puts-off"

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Sequence[Ruling]:
        april = START.replace(month=4)
        said = Ruling.defer(april, "Not before April.", rule="puts-off.april")
        return [said if attempt.at < april else Ruling() for attempt in attempts]


class Broken(Plugin):
    """Never answers well."""

    name = "broken"

    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Sequence[Ruling]:
        raise RuntimeError("out of order")


def codes(payload: dict[str, object]) -> list[tuple[str, object]]:
    errors = payload["userErrors"]
    assert isinstance(errors, list)
    return [(error["code"], error["field"]) for error in errors]


async def test_a_rule_that_denies_leaves_a_refused_intent_with_its_findings_and_asks_no_provider(
    deployment: Deployment, api: Api, tmp_path: Path
) -> None:
    till = await Till.open(deployment, api, tmp_path, refuse_above=30.0)

    made = await till.charge(amount="30.01")

    assert [(error["code"], error["detailCode"]) for error in made["userErrors"]] == [
        ("PAYMENT_NOT_ALLOWED", "sandbox-gateway.refuse-above")
    ]
    intent = made["paymentIntent"]
    assert (intent["status"], intent["outcome"], intent["attempts"]) == ("REFUSED", None, [])
    assert [(one["verdict"], one["rule"], one["plugin"], one["settingsVersion"]) for one in intent["findings"]] == [
        ("DENY", "sandbox-gateway.refuse-above", "sandbox-gateway", 1)
    ]
    assert till.drawer.calls() == []
    rows = await till.books.query("select subject, after::text from audit_entry where command = 'payment.charge'")
    assert sorted(subject for subject, _ in rows) == ["deci", "pmnt"]
    assert all('"plugin":"sandbox-gateway"' in after for _, after in rows)
    # The refusal belongs to the key as an effect would.
    assert await till.charge(amount="30.01") == made
    assert await till.count("payment_intent") == 1


async def test_a_warning_is_kept_and_does_not_stop_the_payment(
    deployment: Deployment, api: Api, tmp_path: Path
) -> None:
    till = await Till.open(deployment, api, tmp_path, further=[Cautious])
    Cautious.asked.clear()

    made = await till.charge(amount="30.00")

    assert (made["userErrors"], made["paymentIntent"]["status"]) == ([], "SETTLED")
    assert [(one["verdict"], one["rule"]) for one in made["paymentIntent"]["findings"]] == [("WARN", "cautious.look")]
    (asked,) = Cautious.asked
    assert (str(asked.amount), asked.gateway, asked.method, asked.initiated_by) == (
        "30.00 USD",
        "sandbox",
        "CARD",
        "DEBTOR",
    )
    assert (asked.at, str(asked.account.balance)) == (START, "100.00 USD")


@pytest.mark.parametrize(
    ("plugin", "rule", "reason"),
    [(PutsOff, "puts-off.april", "Not before April."), (Broken, "host.plugin-failed", "broken did not answer")],
)
async def test_what_is_put_off_or_not_answered_is_not_taken(
    deployment: Deployment, api: Api, tmp_path: Path, plugin: type[Plugin], rule: str, reason: str
) -> None:
    till = await Till.open(deployment, api, tmp_path, further=[plugin])

    made = await till.charge()

    assert [error["detailCode"] for error in made["userErrors"]] == [rule]
    assert reason in made["userErrors"][0]["message"]
    assert made["paymentIntent"]["status"] == "REFUSED"
    assert till.drawer.calls() == []


async def test_a_plugin_that_is_enabled_and_cannot_be_asked_stops_the_payment(
    deployment: Deployment, api: Api, tmp_path: Path
) -> None:
    """It may have had a rule against it: decisions fail closed, whether or not the plugin is required."""
    till = await Till.open(deployment, api, tmp_path)
    till.host.change({**till.settings, "gone": {}})

    made = await till.charge()

    assert [error["detailCode"] for error in made["userErrors"]] == ["arrears.plugin-missing"]
    assert "gone is enabled here and does not run" in made["userErrors"][0]["message"]
    assert made["paymentIntent"]["status"] == "REFUSED"
    assert till.drawer.calls() == []


@pytest.mark.parametrize("on_debtor", [True, False])
async def test_a_hold_stops_what_the_agency_wants_and_not_what_the_debtor_wants(till: Till, on_debtor: bool) -> None:
    rows = await till.books.query("select debtor_id from account where id = %(id)s", {"id": till.account_id})
    target: dict[str, UUID] = {"debtor_id": rows[0][0]} if on_debtor else {"account_id": till.account_id}
    hold = HoldPlace(kind=HoldKind.BANKRUPTCY, reason="Filed", source=HoldSource.COURT, **target)  # type: ignore[arg-type]
    await place_hold(till.deployment.context(), hold)

    by_agency = await till.charge(key="agency", initiatedBy="AGENCY")
    by_debtor = await till.charge(key="debtor", initiatedBy="DEBTOR")

    assert [(error["code"], error["detailCode"]) for error in by_agency["userErrors"]] == [
        ("PAYMENT_NOT_ALLOWED", "arrears.hold")
    ]
    assert "BANKRUPTCY" in by_agency["userErrors"][0]["message"]
    assert by_agency["paymentIntent"]["status"] == "REFUSED"
    assert by_debtor["paymentIntent"]["status"] == "SETTLED"


async def test_more_than_is_owed_less_what_is_under_way_is_refused(till: Till) -> None:
    assert codes(await till.charge(amount="100.01")) == [("AMOUNT_EXCEEDS_BALANCE", ["input", "amount"])]
    await till.charged("tok_pending", "70.00", key="pending")

    refused = await till.charge(amount="30.01", key="second")

    assert codes(refused) == [("AMOUNT_EXCEEDS_BALANCE", ["input", "amount"])]
    assert await till.charged(amount="30.00", key="third")


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"amount": {"amount": "0.00", "currency": "USD"}}, "AMOUNT_NOT_POSITIVE", ["input", "amount"]),
        ({"amount": {"amount": "-1.00", "currency": "USD"}}, "AMOUNT_NOT_POSITIVE", ["input", "amount"]),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, "CURRENCY_MISMATCH", ["input", "amount"]),
        ({"token": "  "}, "REQUIRED", ["input", "token"]),
        ({"token": "x" * 501}, "INVALID_INPUT", ["input", "token"]),
        ({"gateway": "elsewhere"}, "GATEWAY_NOT_USABLE", ["input", "gateway"]),
        ({"description": " "}, "REQUIRED", ["input", "description"]),
        ({"idempotencyKey": ""}, "INVALID_INPUT", ["input", "idempotencyKey"]),
    ],
)
async def test_wrong_input_is_refused_before_anything_is_stored(
    till: Till, given: dict[str, object], code: str, field: list[str]
) -> None:
    answer = await till.api(CHARGE_MUTATION, {"input": {**till.charge_input("tok_ok", "40.00"), **given}})

    assert codes(answer["data"]["paymentCharge"]) == [(code, field)]
    assert answer["data"]["paymentCharge"]["paymentIntent"] is None
    assert (await till.count("payment_intent"), await till.count("idempotency")) == (0, 0)
    assert till.drawer.calls() == []


@pytest.mark.parametrize("card", CARDS)
async def test_a_card_number_in_place_of_a_token_is_refused_and_found_nowhere(till: Till, card: str) -> None:
    answer = await till.api(CHARGE_MUTATION, {"input": till.charge_input(card, "40.00")})

    assert codes(answer["data"]["paymentCharge"]) == [("CARD_NUMBER_GIVEN", ["input", "token"])]
    assert card not in str(answer)
    assert (await till.count("payment_intent"), await till.count("idempotency")) == (0, 0)


async def test_a_card_number_in_a_description_is_masked(till: Till) -> None:
    intent_id = await till.charged(description="Card 4242 4242 4242 4242, thank you")

    rows = await till.books.query("select description from payment_intent")
    assert rows == [("Card **** **** **** 4242, thank you",)], intent_id


async def test_the_token_is_stored_nowhere(till: Till) -> None:
    await till.charged("tok_unknown_lost")

    tables = await till.books.query("select table_name from protected_table")
    for (table,) in tables:
        rows = await till.books.query(f"select 1 from {table} whole where whole::text like '%%tok_unknown_lost%%'")
        assert rows == [], table


async def test_a_gateway_takes_only_what_it_can(deployment: Deployment, api: Api, tmp_path: Path) -> None:
    till = await Till.open(deployment, api, tmp_path, methods=["CARD"], currencies=["EUR"])

    assert codes(await till.charge(method="WALLET")) == [("GATEWAY_NOT_USABLE", ["input", "method"])]
    assert codes(await till.charge()) == [("GATEWAY_NOT_USABLE", ["input", "amount"])]


async def test_a_client_without_a_gateway_takes_no_payment(till: Till) -> None:
    other = await till.books.client()
    account_id = await till.account("100.00", client_id=other)
    till.enable_only_at(till.client_id, **till.settings)

    given = {**till.charge_input("tok_ok", "40.00"), "accountId": encode_id("acct", account_id)}
    refused = (await till.api(CHARGE_MUTATION, {"input": given}))["data"]["paymentCharge"]

    assert codes(refused) == [("GATEWAY_NOT_USABLE", ["input", "gateway"])]
    assert (await till.charge())["paymentIntent"]["status"] == "SETTLED"


async def test_a_closed_account_takes_no_payment(till: Till) -> None:
    await till.books.execute(
        "update account set status = 'CLOSED', closed_at = %(at)s, close_reason = 'SETTLED' where id = %(id)s",
        {"id": till.account_id},
    )

    assert codes(await till.charge()) == [("ACCOUNT_CLOSED", ["input", "accountId"])]


async def test_reading_payments_is_no_right_to_take_them(till: Till) -> None:
    answer = await till.api(CHARGE_MUTATION, {"input": till.charge_input("tok_ok", "40.00")}, role="AUDITOR")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert till.drawer.calls() == []
