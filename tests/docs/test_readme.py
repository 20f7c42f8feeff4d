"""The README's first minutes: a demonstration as a user starts it, and every operation of the page asked of it."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs.pages import Terminal, blocks_of
from tests.servers import open_folder

ROOT = Path(__file__).parents[2]
OPERATION = re.compile(r"^(?:query|mutation) (\w+)", re.MULTILINE)
ACCOUNTS = 60
PLUGINS = ("balance-score", "csv-importer", "dunning-ladder", "quiet-hours", "sandbox-gateway")
SUNDAY = "2027-03-07T18:00:00Z"


@dataclass
class Demonstration:
    """A demonstration that runs, and the operations of the README by their names."""

    terminal: Terminal
    operations: dict[str, str]
    started_on: datetime.date

    def ask(self, operation: str, role: str = "ADMIN", **variables: object) -> dict[str, Any]:
        """The data of an operation, of the page or as given; fails on any error."""
        body = self.answer(operation, role, **variables)
        assert "errors" not in body, body
        return dict(body["data"])

    def answer(self, operation: str, role: str = "ADMIN", **variables: object) -> dict[str, Any]:
        """The whole answer."""
        link = self.terminal.wait_for(rf"{role} +(http://\S+)/graphiql#token=(arr_[\w-]+)")
        response = httpx.post(
            f"{link[1]}/graphql",
            json={"query": self.operations.get(operation, operation), "variables": variables},
            headers={"authorization": f"Bearer {link[2]}"},
            timeout=60,
        )
        return dict(response.json())

    def client(self, reference: str) -> str:
        """The id of a client."""
        asked = "query($r: String!) { clients(first: 1, where: { reference: { eq: $r } }) { nodes { id } } }"
        return str(self.ask(asked, r=reference)["clients"]["nodes"][0]["id"])

    def account(self, client: str) -> str:
        """An account of the client on which something is owed and nothing lies."""
        asked = (
            "query($c: ID!) { accounts(first: 20, where: { clientId: { eq: $c }, standing: { eq: PAST_DUE },"
            " status: { eq: ACTIVE } }) { nodes { id blocked balance { amount } } } }"
        )
        found = self.ask(asked, c=self.client(client))["accounts"]["nodes"]
        return next(one["id"] for one in found if not one["blocked"] and float(one["balance"]["amount"]) > 100)


@pytest.fixture
def demonstration() -> Iterator[Demonstration]:
    operations = {}
    for block in blocks_of(ROOT / "README.md"):
        if block.language == "graphql" and (found := OPERATION.search(block.text)):
            operations[found[1]] = block.text
    with open_folder() as parent:
        options = ["--data", str(parent / "demo"), "--accounts", str(ACCOUNTS), "--port", "0"]
        process = subprocess.Popen(
            [sys.executable, "-m", "arrears", "demo", *options],
            cwd=parent,
            env={name: value for name, value in os.environ.items() if not name.startswith("ARREARS_")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        terminal = Terminal(process)
        try:
            started_on = datetime.datetime.now(datetime.UTC).date()
            terminal.wait_for("Ctrl-C stops everything")
            yield Demonstration(terminal, operations, started_on)
        finally:
            terminal.stop()


def the_page_has_the_operations_that_are_asked_below(demonstration: Demonstration) -> None:
    assert set(demonstration.operations) == {
        *("Worklist", "Books", "Find", "Dispute", "Pay"),
        *("MayI", "Next", "Charge", "Who"),
    }


def the_book_answers(demonstration: Demonstration) -> None:
    worklist = demonstration.ask("Worklist")["accounts"]
    assert len(worklist["nodes"]) == 10
    assert 0 < demonstration.ask("Worklist", "CLIENT")["accounts"]["totalCount"] < worklist["totalCount"]
    books = demonstration.ask("Books", day=str(demonstration.started_on - datetime.timedelta(days=100)))
    assert {one["currency"] for one in books["accountTotals"]["currencies"]} == {"EUR", "GBP", "USD"}
    name = worklist["nodes"][0]["debtor"]["displayName"]
    found = demonstration.ask("Find", text=name)["debtorSearch"]["nodes"]
    assert name in {one["displayName"] for one in found}


def a_dispute_and_a_payment_of_the_page_are_taken(demonstration: Demonstration) -> None:
    account = demonstration.account("HARBORVIEW")
    assert demonstration.ask("Pay", "MANAGER", account=account)["paymentRecord"]["userErrors"] == []
    held = demonstration.ask("Dispute", "COLLECTOR", account=account)["holdPlace"]
    assert held["userErrors"] == []
    asked = "query($a: ID!) { account(id: $a) { blocked } }"
    assert set(demonstration.ask(asked, a=account)["account"]["blocked"]) == set(held["hold"]["blocks"])


def contacts_are_ruled_on_by_each_clients_own_hours(demonstration: Demonstration) -> None:
    asked = (
        "query($a: ID!, $at: DateTime!) { canContact(accountIds: [$a], channel: PHONE_CALL, at: $at,"
        " content: [CALLER_IDENTITY, INITIAL_DISCLOSURE, COLLECTOR_DISCLOSURE, IDENTITY_CHECK])"
        " { verdict until findings { plugin rule verdict reason } } }"
    )
    verdicts = {}
    for client in ("HARBORVIEW", "THORNFIELD", "LINDENHOF"):
        account = demonstration.account(client)
        [now] = demonstration.ask("MayI", "COLLECTOR", account=account)["canContact"]
        assert "quiet-hours" in {one["plugin"] for one in now["findings"]}
        [then] = demonstration.ask(asked, "COLLECTOR", a=account, at=SUNDAY)["canContact"]
        verdicts[client] = (then["verdict"], then["until"])
    # Until nine in the evening in Harborview's zones, until eight in Thornfield's, where a Sunday evening is warned of;
    # Lindenhof rests on Sundays.
    assert verdicts["HARBORVIEW"][0] == "ALLOW"
    assert verdicts["THORNFIELD"] == ("WARN", "2027-03-07T20:00:00.000000Z")
    assert verdicts["LINDENHOF"] == ("DEFER", "2027-03-08T07:00:00.000000Z")


def every_clients_strategy_proposes_something(demonstration: Demonstration) -> None:
    for client in ("HARBORVIEW", "THORNFIELD", "LINDENHOF"):
        proposed = demonstration.ask("Next", "COLLECTOR", client=demonstration.client(client))["strategyPreview"]
        scores = {action["accountScore"] is not None for action in proposed["actions"]}
        assert proposed["actions"]
        assert scores == {client != "LINDENHOF"}


def the_sandbox_takes_payments_as_its_tokens_say(demonstration: Demonstration) -> None:
    for token, status, captured, problem in (
        ("tok_ok", "SETTLED", "10.00", None),
        ("tok_decline", "DECLINED", "0.00", "The card was declined."),
        ("tok_pending", "PENDING", "0.00", None),
    ):
        variables = {"account": demonstration.account("HARBORVIEW"), "token": token, "key": f"readme-{token}"}
        charged = demonstration.ask("Charge", "COLLECTOR", **variables)["paymentCharge"]
        again = demonstration.ask("Charge", "COLLECTOR", **variables)["paymentCharge"]
        intent = charged["paymentIntent"]
        assert (intent["status"], intent["captured"]["amount"], intent["problem"]) == (status, captured, problem)
        assert (again["paymentIntent"]["id"], charged["userErrors"]) == (intent["id"], [])


def the_payment_rule_of_one_client_is_not_that_of_another(demonstration: Demonstration) -> None:
    large = demonstration.operations["Charge"].replace('"10.00"', '"1000.01"').replace('"USD"', '"GBP"')
    asked = (
        "query($c: ID!) { accounts(first: 1, where: { clientId: { eq: $c } }, orderBy: { field: BALANCE,"
        " direction: DESC }) { nodes { id } } }"
    )
    [account] = demonstration.ask(asked, c=demonstration.client("THORNFIELD"))["accounts"]["nodes"]
    charged = demonstration.ask(large, account=account["id"], token="tok_ok", key="readme-large")["paymentCharge"]
    assert [error["code"] for error in charged["userErrors"]] == ["PAYMENT_NOT_ALLOWED"]


def plugins_settings_and_scores_are_shown(demonstration: Demonstration) -> None:
    shown = demonstration.ask("Who", "MANAGER", client=demonstration.client("LINDENHOF"))
    states = {plugin["name"]: plugin["state"] for plugin in shown["plugins"]}
    assert {name: states[name] for name in PLUGINS} == dict.fromkeys(PLUGINS, "ENABLED")
    assert {check["status"] for plugin in shown["plugins"] for check in plugin["checks"]} == {"OK"}
    groups = {group["group"]: group for group in shown["effectiveSettings"]["groups"]}
    hours = {setting["name"]: (setting["value"], setting["origin"]) for setting in groups["quiet-hours"]["settings"]}
    assert hours == {
        "earliest": ("08:00", "DEPLOYMENT"),
        "latest": ("20:00", "DEPLOYMENT"),
        "days_off": (["SUNDAY"], "CLIENT"),
    }
    assert groups["balance-score"]["enabled"] is False
    scored = "query($a: ID!) { account(id: $a) { extensions { balanceScore { score { value band } } } } }"
    found = {
        client: demonstration.ask(scored, "COLLECTOR", a=demonstration.account(client))["account"]["extensions"]
        for client in ("HARBORVIEW", "LINDENHOF")
    }
    assert found["HARBORVIEW"]["balanceScore"]["score"]["band"] in {"A", "B", "C", "D"}
    assert found["LINDENHOF"]["balanceScore"]["score"] is None


def who_may_not_is_refused(demonstration: Demonstration) -> None:
    refused = demonstration.answer("Who", "COLLECTOR", client=demonstration.client("HARBORVIEW"))
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    asked = demonstration.answer("MayI", "CLIENT", account=demonstration.account("HARBORVIEW"))
    assert asked["errors"][0]["extensions"]["code"] == "FORBIDDEN"


CHECKS = (
    the_page_has_the_operations_that_are_asked_below,
    the_book_answers,
    a_dispute_and_a_payment_of_the_page_are_taken,
    contacts_are_ruled_on_by_each_clients_own_hours,
    every_clients_strategy_proposes_something,
    the_sandbox_takes_payments_as_its_tokens_say,
    the_payment_rule_of_one_client_is_not_that_of_another,
    plugins_settings_and_scores_are_shown,
    who_may_not_is_refused,
)


@pytest.mark.embedded
@pytest.mark.timeout(400)
def test_the_readme_holds_what_it_promises(demonstration: Demonstration, subtests: pytest.Subtests) -> None:
    """One demonstration for all of it: starting one takes longer than asking everything."""
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(demonstration)
