"""`arrears compliance replay`: a month of decisions under a plugin or settings to try."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from arrears_sdk.ids import encode_id
from tests.api import api_for
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.cli.conftest import Command, Outcome
from tests.product.compliance.asking import REQUEST
from tests.product.compliance.case import Case

CANDIDATE = """
from arrears_sdk import Plugin, Ruling

class NoCalls(Plugin):
    '''Nobody is called.'''

    name = "no-calls"
    version = "2.0"

    def rule_on_contacts(self, attempts):
        return [Ruling.deny("Nobody is called.", rule="no-calls.ever") for _ in attempts]
"""
SETTINGS = """
[deployment]
format = 1

[plugins.quiet-hours]
enabled = true

[plugins.quiet-hours.settings]
earliest = "09:00"
"""


@pytest.fixture
async def decision(arrears: Command, deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> str:
    """A call at seven o'clock in New York that was let pass with a warning: nobody was asked."""
    keys = new_key_text()
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", keys)
    deployment.vault = Vault(DeploymentKeys.parse(keys))
    case = Case(deployment)
    client = await case.client()
    account = await case.account(client, await case.person(client))
    await host_with(deployment, [])
    async with api_for(deployment.context()) as api:
        given = {"idempotencyKey": "k", "channel": "PHONE_CALL", "accountIds": [encode_id("acct", account)]}
        answer = await api(REQUEST, {"input": given})
    found: str = answer["data"]["contactRequest"]["decision"]["id"]
    return found


def replay(arrears: Command, *options: str) -> Outcome:
    """The command about March."""
    return arrears("compliance", "replay", "--since", "2026-03-01", *options)


def test_nothing_differs_under_the_same_rules(arrears: Command, decision: str) -> None:
    found = replay(arrears)
    assert (found.code, found.out) == (0, "1 decisions asked again of no plugin.\nNone would be another.\n")


def test_a_plugin_of_a_file_is_tried(arrears: Command, decision: str, tmp_path: Path) -> None:
    file = tmp_path / "no_calls_of_a_test.py"
    file.write_text(CANDIDATE, "utf-8")
    table = replay(arrears, "--plugin", str(file))
    assert table.code == 1
    for words in ("1 decisions asked again of no-calls 2.0.", decision, "WARN", "DENY", "no-calls.ever"):
        assert words in table.out
    script = replay(arrears, "--plugin", str(file), "--json")
    (difference,) = script.json["differences"]
    assert (script.code, difference["decision_id"], difference["before"], difference["after"]) == (
        1,
        decision,
        "WARN",
        "DENY",
    )
    assert script.json["by_rule"] == [
        {"plugin": "arrears", "rule": "arrears.no-rules", "gone": 1, "new": 0},
        {"plugin": "no-calls", "rule": "no-calls.ever", "gone": 0, "new": 1},
    ]


def test_a_settings_file_is_tried(arrears: Command, decision: str, tmp_path: Path) -> None:
    file = tmp_path / "arrears.toml"
    file.write_text(SETTINGS, "utf-8")
    found = replay(arrears, "--settings", str(file), "--json")
    (difference,) = found.json["differences"]
    assert (found.code, difference["after"]) == (1, "DEFER")
    assert [one["rule"] for one in difference["new"]] == ["quiet-hours.window"]
    assert replay(arrears).code == 0, "nothing of it stays"
    file.write_text(SETTINGS.replace("09:00", "nine"), "utf-8")
    wrong = replay(arrears, "--settings", str(file))
    assert wrong.code == 2
    assert "cannot be tried" in wrong.err


def test_more_than_a_month_is_refused(arrears: Command, decision: str) -> None:
    found = replay(arrears, "--until", "2026-05-01")
    assert (found.code, found.out, found.err) == (2, "", "At most 31 days can be replayed at once.\n")
