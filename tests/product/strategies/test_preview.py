"""What a client's strategy would do: proposed, scored, ruled on, attributed, and nothing written."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import psycopg
import pytest
from psycopg import sql

from arrears.accounts.model import HoldKind
from arrears.clients.commands import PortfolioCreate, portfolio_create
from arrears.kernel.database import Database
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.strategies.preview import preview
from arrears.strategies.queries import Wanted
from arrears_dunning_ladder import DunningLadder
from arrears_quiet_hours import QuietHours
from arrears_sdk import frames
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.plugin import Plugin
from arrears_sdk.ports.strategy import Strategy
from arrears_sdk.views import Account, Score
from tests.api import Api
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with
from tests.product.strategies.desk import Desk

PREVIEW = """
query ($client: ID, $accounts: [ID!], $first: Int, $after: String, $on: Date) {
  strategyPreview(clientId: $client, accountIds: $accounts, first: $first, after: $after, on: $on) {
    on accountCount
    strategies { strategy plugin pluginVersion settingsVersion portfolioId scorer scorerVersion scorerProblem }
    actions {
      accountId reference accountIds action channel template dueAt step score accountScore reason daysPastDue
      balance { amount currency } strategy { plugin }
      ruling { verdict until requirements findings { verdict rule plugin settingsVersion } }
    }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
STEPS = [
    {"name": "reminder", "from_days": -10, "channels": ["SMS"]},
    {"name": "first-notice", "from_days": 3, "channels": ["EMAIL", "LETTER"]},
    {"name": "late-fee", "from_days": 15, "action": "CHARGE_FEE"},
    {"name": "ask-why", "from_days": 20, "action": "TASK"},
]
LADDER = {"dunning-ladder": {"steps": STEPS}, "strategies": {"strategy": "dunning-ladder"}}


class Half(Plugin):
    """Thinks one half of everybody."""

    name = "half"

    def score_accounts(self, accounts: Sequence[Account]) -> list[Score]:
        return [Score(value=0.5) for _ in accounts]


class Broken(Plugin):
    """A scorer that raises."""

    name = "broken"

    def score_accounts(self, accounts: Sequence[Account]) -> list[Score]:
        raise RuntimeError("out of order")


class Wild(Plugin):
    """Proposes for accounts that nobody asked about."""

    name = "wild"

    def register_strategies(self) -> Sequence[Strategy]:
        return [Anything()]


class Anything:
    key = "anything"

    def decide(self, accounts: pl.DataFrame, *, as_of: datetime.date) -> pl.DataFrame:
        return accounts.select(
            pl.lit("acct_" + "0" * 32).alias("account_id"),
            pl.lit("TASK").alias("action"),
            pl.lit(None, pl.String).alias("channel"),
            pl.lit("look").alias("template"),
            pl.lit(START, pl.Datetime("us", "UTC")).alias("due_at"),
            pl.lit("look").alias("step"),
            pl.lit(None, pl.Float64).alias("score"),
            pl.lit("because").alias("reason"),
            pl.lit(["acct_" + "0" * 32], pl.List(pl.String)).alias("account_ids"),
        ).select([column.name for column in frames.ACTIONS])


async def ask(api: Api, **variables: Any) -> dict[str, Any]:
    answer = await api(PREVIEW, variables)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["strategyPreview"]
    return found


async def refusal(api: Api, role: str = "ADMIN", **variables: Any) -> tuple[str, str]:
    answer = await api(PREVIEW, variables, role=role)
    error = answer["errors"][0]
    return error["extensions"]["code"], error["message"]


async def test_the_ladder_proposes_one_step_for_a_debtor_with_the_ruling_it_would_get(
    desk: Desk, deployment: Deployment, api: Api
) -> None:
    # given: 16 days past due, seven o'clock in the morning in New York
    client = await desk.client()
    debtor = await desk.person(client)
    one = await desk.owing(client, debtor, "INV-1", 5_000)
    other = await desk.owing(client, debtor, "INV-2", 70_000)
    await host_with(deployment, [DunningLadder, QuietHours], {**LADDER, "quiet-hours": {}})
    # when
    seen = await ask(api, client=encode_id("clnt", client))
    # then
    (action,) = seen["actions"]
    ids = [encode_id("acct", other), encode_id("acct", one)]
    assert (action["accountId"], action["accountIds"], action["reference"]) == (ids[0], ids, "INV-2")
    assert (action["action"], action["channel"], action["template"]) == ("CONTACT", "LETTER", "first-notice")
    assert (action["dueAt"], action["score"], action["step"]) == ("2026-03-02T10:00:00.000000Z", 350.0, "first-notice")
    assert action["reason"] == (
        "Step 2 of 4: 16 days past due, 700.00 USD owed; nothing was sent before;"
        " covers one more account of the debtor."
    )
    assert action["ruling"] == {"verdict": "ALLOW", "until": None, "requirements": [], "findings": []}
    assert seen["strategies"] == [
        {
            "strategy": "dunning-ladder", "plugin": "dunning-ladder", "pluginVersion": "0", "settingsVersion": 1,
            "portfolioId": None, "scorer": None, "scorerVersion": None, "scorerProblem": None,
        }
    ]  # fmt: skip
    assert (seen["on"], seen["accountCount"]) == ("2026-03-02", 2)


async def test_rulings_name_the_plugin_that_made_them(desk: Desk, deployment: Deployment, api: Api) -> None:
    # given: a reminder by SMS on a day on which it is due at five in the morning
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    await host_with(deployment, [DunningLadder, QuietHours], {**LADDER, "quiet-hours": {}})
    # when
    seen = await ask(api, client=encode_id("clnt", client), on="2026-02-10")
    # then
    (action,) = seen["actions"]
    assert (action["step"], action["daysPastDue"]) == ("reminder", -4)
    ruling = action["ruling"]
    assert (ruling["verdict"], ruling["until"]) == ("DEFER", "2026-02-10T13:00:00.000000Z")
    assert ruling["findings"] == [
        {"verdict": "DEFER", "rule": "quiet-hours.window", "plugin": "quiet-hours", "settingsVersion": 1}
    ]


async def test_acts_are_ruled_on_and_tasks_and_pauses_are_not(desk: Desk, deployment: Deployment, api: Api) -> None:
    # given
    client = await desk.client()
    charged, asked, held = [
        await desk.owing(client, await desk.person(client, phone=f"+1212555000{number}"), f"INV-{number}")
        for number in range(3)
    ]
    await desk.wrote(charged, START - timedelta(days=9), "first-notice")
    await desk.wrote(asked, START - timedelta(days=9), "late-fee")
    await desk.hold(HoldKind.DISPUTE, account_id=held)
    await host_with(deployment, [DunningLadder], LADDER)
    # when
    seen = await ask(api, client=encode_id("clnt", client), on="2026-03-06")
    # then
    shown = {
        action["reference"]: (action["action"], action["ruling"] and action["ruling"]["verdict"])
        for action in seen["actions"]
    }
    assert shown == {"INV-0": ("CHARGE_FEE", "ALLOW"), "INV-1": ("TASK", None), "INV-2": ("PAUSE", None)}


@pytest.mark.parametrize("setting", ["WARN", "DENY"])
async def test_where_nobody_rules_the_clients_settings_say_what_becomes_of_it(
    desk: Desk, deployment: Deployment, api: Api, setting: str
) -> None:
    # given: a letter is due, and no plugin rules on contacts
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    groups = {name: GroupSettings(enabled=True, values=values) for name, values in LADDER.items()}
    compliance = {"compliance": GroupSettings(values={"without_rules": setting})}
    await host_with(deployment, [DunningLadder], SettingsSnapshot(1, {DEPLOYMENT: groups, Place(client): compliance}))
    # when
    (action,) = (await ask(api, client=encode_id("clnt", client)))["actions"]
    # then
    assert (action["action"], action["ruling"]["verdict"]) == ("CONTACT", setting)
    assert [one["rule"] for one in action["ruling"]["findings"]] == ["arrears.no-rules"]


async def test_nothing_is_written(desk: Desk, deployment: Deployment, api: Api) -> None:
    # given
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    await host_with(deployment, [DunningLadder, Half], {**LADDER, "half": {}})
    await ask(api, client=encode_id("clnt", client))

    def content() -> dict[str, object]:
        with psycopg.connect(deployment.urls.owner) as connection:
            tables = connection.execute(
                "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
            )
            digest = "select count(*), md5(string_agg(row::text, chr(10) order by row::text)) from {} row"
            return {
                name: connection.execute(sql.SQL(digest).format(sql.Identifier(name))).fetchone()
                for (name,) in tables.fetchall()
            }

    before = content()
    # when
    seen = await ask(api, client=encode_id("clnt", client))
    # then
    assert seen["actions"]
    assert content() == before


async def test_a_database_that_only_reads_serves_a_preview(desk: Desk, deployment: Deployment, api: Api) -> None:
    # given
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    await host_with(deployment, [DunningLadder, Half], {**LADDER, "half": {}})
    api_url = deployment.urls.api
    url = f"{api_url}{'&' if '?' in api_url else '?'}options=-c%20default_transaction_read_only%3Don"
    async with Database(url, application_name="test-read-only", pool_size=2) as database:
        # when
        found = await preview(replace(deployment.context(), database=database), Wanted(client))
    # then
    assert [(action.action, action.step) for action in found.actions] == [("CONTACT", "first-notice")]


async def test_the_only_scorer_gives_the_score_and_several_need_a_choice(
    desk: Desk, deployment: Deployment, api: Api
) -> None:
    # given
    client = await desk.client()
    await desk.owing(client, await desk.person(client))
    host = await host_with(deployment, [DunningLadder, Half, Broken], {**LADDER, "half": {}})
    chosen = encode_id("clnt", client)
    # when
    alone = await ask(api, client=chosen)
    host.change({**LADDER, "half": {}, "broken": {}})
    unclear = await ask(api, client=chosen)
    host.change({**LADDER, "half": {}, "broken": {}, "strategies": {"strategy": "dunning-ladder", "scorer": "half"}})
    named = await ask(api, client=chosen)
    host.change({**LADDER, "broken": {}})
    failing = await ask(api, client=chosen)
    # then
    seen = [
        (one["actions"][0]["accountScore"], one["strategies"][0]["scorer"], one["strategies"][0]["scorerProblem"])
        for one in (alone, unclear, named, failing)
    ]
    assert seen[0] == (0.5, "half", None)
    assert seen[1] == (None, None, "several scorers are enabled (broken, half), and none is chosen")
    assert seen[2] == (0.5, "half", None)
    score, scorer, problem = seen[3]
    assert (score, scorer) == (None, "broken")
    assert problem is not None
    assert problem.startswith("broken gave no score for an account")
    assert "out of order" in problem


async def test_a_portfolio_with_settings_of_its_own_has_its_own_strategy(
    desk: Desk, deployment: Deployment, api: Api
) -> None:
    # given
    client = await desk.client()
    made = await portfolio_create(desk.context(), PortfolioCreate(client_id=client, name="Cards", reference="CARDS"))
    portfolio = made.result.portfolio_id
    debtor = await desk.person(client)
    await desk.owing(client, debtor, "INV-1")
    await desk.owing(client, debtor, "INV-2", portfolio_id=portfolio)
    groups = {name: GroupSettings(enabled=True, values=values) for name, values in LADDER.items()}
    own = {"dunning-ladder": GroupSettings(values={"steps": [{"name": "own", "from_days": 1, "channels": ["SMS"]}]})}
    places = {DEPLOYMENT: groups, Place(client, portfolio): own}
    await host_with(deployment, [DunningLadder], SettingsSnapshot(3, places))
    # when
    seen = await ask(api, client=encode_id("clnt", client))
    # then
    assert {(action["reference"], action["step"]) for action in seen["actions"]} == {
        ("INV-1", "first-notice"),
        ("INV-2", "own"),
    }
    assert {one["portfolioId"] for one in seen["strategies"]} == {None, encode_id("port", portfolio)}


async def test_pages_together_show_each_action_once_and_debtors_are_decided_on_as_a_whole(
    desk: Desk, deployment: Deployment, api: Api
) -> None:
    # given: three debtors with two accounts each
    client = await desk.client()
    debtors = [await desk.person(client, phone=f"+1212555000{number}") for number in range(3)]
    for number in range(6):
        await desk.owing(client, debtors[number % 3], f"INV-{number}", 1_000 * (number + 1))
    await host_with(deployment, [DunningLadder], LADDER)
    # when
    led: list[str] = []
    after = None
    for _ in range(6):
        page = await ask(api, client=encode_id("clnt", client), first=1, after=after)
        led += [action["reference"] for action in page["actions"]]
        after = page["pageInfo"]["endCursor"]
    whole = await ask(api, client=encode_id("clnt", client))
    # then
    assert sorted(led) == ["INV-3", "INV-4", "INV-5"]
    assert not page["pageInfo"]["hasNextPage"]
    assert [action["reference"] for action in whole["actions"]] == ["INV-5", "INV-4", "INV-3"]
    assert {len(action["accountIds"]) for action in whole["actions"]} == {2}


async def test_named_accounts_are_shown_with_every_action_that_covers_them(
    desk: Desk, deployment: Deployment, api: Api
) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client)
    small = await desk.owing(client, debtor, "INV-1", 100)
    await desk.owing(client, debtor, "INV-2")
    await desk.owing(client, await desk.person(client, phone="+12125550199"), "INV-3")
    await host_with(deployment, [DunningLadder], LADDER)
    # when
    seen = await ask(api, accounts=[encode_id("acct", small)])
    # then
    assert [action["reference"] for action in seen["actions"]] == ["INV-2"]


async def test_what_cannot_be_previewed_is_refused_with_a_reason(desk: Desk, deployment: Deployment, api: Api) -> None:
    # given
    bank, shop = await desk.client(), await desk.client("Shop")
    foreign = await desk.owing(shop, await desk.person(shop))
    client = encode_id("clnt", bank)
    own = await desk.owing(bank, await desk.person(bank))
    host = await host_with(deployment, [DunningLadder, Wild], LADDER)
    # then
    for unseen in (
        {"client": encode_id("clnt", new_id())},
        {"client": client, "accounts": [encode_id("acct", foreign)]},
    ):
        assert (await api(PREVIEW, unseen))["data"] == {"strategyPreview": None}
    assert (await refusal(api))[0] == "REQUIRED"
    assert (await refusal(api, accounts=[encode_id("acct", foreign), encode_id("acct", own)]))[0] == "INVALID_INPUT"
    assert (await refusal(api, client=client, accounts=[]))[0] == "INVALID_INPUT"
    assert (await refusal(api, client=client, first=0))[0] == "INVALID_INPUT"
    assert (await refusal(api, client=client, on="1990-01-01"))[0] == "INVALID_INPUT"
    await api.sign_in("CLIENT", clients=[bank])
    assert (await refusal(api, role="CLIENT", client=client))[0] == "FORBIDDEN"
    host.change({"dunning-ladder": {}})
    assert await refusal(api, client=client) == (
        "STRATEGY_NOT_USABLE",
        "No strategy is chosen for the client; there is dunning-ladder.",
    )
    host.change({"strategies": {"strategy": "anything"}})
    assert (await refusal(api, client=client))[0] == "STRATEGY_NOT_USABLE"
    host.change({"strategies": {"strategy": "anything"}, "wild": {}})
    code, message = await refusal(api, client=client)
    assert (code, "the plugin wild 0" in message) == ("STRATEGY_FAILED", True)
    assert "which it was not asked about" in message


@pytest.mark.parametrize("on", [None, "2026-01-20"])
async def test_a_client_without_accounts_has_an_empty_preview(
    desk: Desk, deployment: Deployment, api: Api, on: str | None
) -> None:
    # given
    client = await desk.client()
    await host_with(deployment, [DunningLadder], LADDER)
    # when
    seen = await ask(api, client=encode_id("clnt", client), on=on)
    # then
    assert (seen["actions"], seen["accountCount"], len(seen["strategies"])) == ([], 0, 1)
