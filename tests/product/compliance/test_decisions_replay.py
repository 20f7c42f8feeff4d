"""A month of decisions under other rules: exactly those that would differ, on the facts that they were made on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from arrears.accounts.model import HoldKind
from arrears.debtors.model import CommunicationChannel
from arrears.interactions.commands import InteractionRecord, record_interaction
from arrears.interactions.model import Direction, InteractionResult
from arrears.kernel.transaction import begin
from arrears.kernel.vault import destroy_person_key
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import encode_id
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ContactAttempt
from tests.api import Api
from tests.conftest import START, Deployment
from tests.plugin_hosts import TestHost, host_with
from tests.product.compliance.asking import REQUEST, Refusing, Silent
from tests.product.compliance.case import Case

REPLAY = """
query($since: DateTime!, $until: DateTime!, $plugin: String, $settings: JSON, $rule: String, $first: Int! = 50,
      $after: ID) {
  decisionsReplay(since: $since, until: $until, plugin: $plugin, settings: $settings, rule: $rule, first: $first,
                  after: $after) {
    replayed erased endCursor hasNextPage settingsVersion plugins { name version }
    differences {
      decision { id } before after
      gone { verdict plugin pluginVersion rule reason } new { verdict plugin pluginVersion rule reason }
    }
    byRule { plugin rule gone new }
  }
}
"""
MARCH = {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"}


class CapConfig(Config):
    """How many contacts there may be."""

    most: int = 2


class Cap(Plugin[CapConfig]):
    """So many contacts, and no more; looks at the history that the decision was made on."""

    name = "cap"
    version = "1.0"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """Deny one contact too many."""
        return [self._ruling(attempt) for attempt in attempts]

    def _ruling(self, attempt: ContactAttempt) -> Ruling:
        made = sum(not one.pending for one in attempt.history)
        return Ruling.deny(f"{made} contacts.", rule="cap.most") if made >= self.config.most else ALLOWED


@pytest.fixture
async def plugins(deployment: Deployment) -> TestHost:
    """At most two contacts, and hours; both enabled. A third plugin is there and enabled nowhere."""
    return await host_with(deployment, [Cap, QuietHours, Refusing], {"cap": {}, "quiet-hours": {"earliest": "06:00"}})


@pytest.fixture
async def decisions(api: Api, case: Case, deployment: Deployment, plugins: TestHost) -> list[str]:
    """Three decisions about one debtor who had called never, once and twice before."""
    client = await case.client()
    account = await case.account(client, await case.person(client))
    found = []
    for number in range(3):
        found.append(await asked(api, account, f"key {number}"))
        called = InteractionRecord(
            account_id=account,
            started_at=deployment.clock.now(),
            channel=CommunicationChannel.PHONE_CALL,
            direction=Direction.INBOUND,
            result=InteractionResult.TALKED,
        )
        await record_interaction(case.context(), called)
        deployment.clock.advance(datetime.timedelta(days=1))
    return found


async def asked(api: Api, account: Any, key: str) -> str:
    given = {"idempotencyKey": key, "channel": "PHONE_CALL", "accountIds": [encode_id("acct", account)]}
    answer = await api(REQUEST, {"input": given})
    assert "errors" not in answer, answer
    id: str = answer["data"]["contactRequest"]["decision"]["id"]
    return id


async def replayed(api: Api, **variables: Any) -> dict[str, Any]:
    answer = await api(REPLAY, {**MARCH, **variables})
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["decisionsReplay"]
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Each difference with its verdicts."""
    return [(one["decision"]["id"], one["before"], one["after"]) for one in found["differences"]]


async def test_under_the_same_rules_nothing_differs(api: Api, decisions: list[str]) -> None:
    found = await replayed(api)
    assert (found["replayed"], found["erased"], found["differences"], found["byRule"]) == (3, 0, [], [])
    assert (found["endCursor"], found["hasNextPage"]) == (decisions[-1], False)
    assert [plugin["name"] for plugin in found["plugins"]] == ["cap", "quiet-hours"]


async def test_other_settings_show_exactly_what_would_differ(api: Api, decisions: list[str]) -> None:
    stricter = await replayed(api, settings={"cap": {"most": 1}})
    assert told(stricter) == [(decisions[1], "ALLOW", "DENY")]
    (difference,) = stricter["differences"]
    assert [(one["rule"], one["reason"]) for one in difference["new"]] == [("cap.most", "1 contacts.")]
    assert difference["gone"] == []
    assert stricter["byRule"] == [{"plugin": "cap", "rule": "cap.most", "gone": 0, "new": 1}]
    milder = await replayed(api, settings={"cap": {"most": 5}})
    assert told(milder) == [(decisions[2], "DENY", "ALLOW")]
    assert [(one["rule"], one["reason"]) for one in milder["differences"][0]["gone"]] == [("cap.most", "2 contacts.")]


async def test_nothing_of_a_trial_stays(api: Api, decisions: list[str], plugins: TestHost) -> None:
    before = await plugins.host.snapshot()
    await replayed(api, settings={"cap": {"most": 1}}, plugin="refusing")
    assert await plugins.host.snapshot() is before
    assert (await replayed(api))["differences"] == []


async def test_a_plugin_that_is_enabled_nowhere_can_be_tried(api: Api, decisions: list[str]) -> None:
    found = await replayed(api, plugin="refusing")
    assert told(found) == [
        (decisions[0], "ALLOW", "DENY"),
        (decisions[1], "ALLOW", "DENY"),
        (decisions[2], "DENY", "DENY"),
    ]
    assert found["byRule"] == [{"plugin": "refusing", "rule": "refusing.never", "gone": 0, "new": 3}]
    answer = await api(REPLAY, {**MARCH, "plugin": "nobody"})
    assert answer["errors"][0]["message"].startswith("The plugin 'nobody' cannot be tried. It is enabled and not inst")


async def test_differences_of_one_rule_are_shown_alone(api: Api, decisions: list[str]) -> None:
    found = await replayed(api, plugin="refusing", settings={"cap": {"most": 1}}, rule="cap.most")
    assert [one["decision"]["id"] for one in found["differences"]] == [decisions[1]]
    assert found["replayed"] == 3


async def test_pages_follow_each_other(api: Api, decisions: list[str]) -> None:
    first = await replayed(api, plugin="refusing", first=2)
    rest = await replayed(api, plugin="refusing", first=2, after=first["endCursor"])
    assert [len(page["differences"]) for page in (first, rest)] == [2, 1]
    assert (first["hasNextPage"], rest["hasNextPage"]) == (True, False)
    assert told(first) + told(rest) == told(await replayed(api, plugin="refusing"))


async def test_what_was_learned_later_changes_nothing(api: Api, decisions: list[str], case: Case) -> None:
    ((debtor,),) = await case.rows("select distinct debtor_id from decision")
    await case.hold(HoldKind.DISPUTE, debtor_id=debtor, starts_at=START)
    assert (await replayed(api))["differences"] == []


async def test_a_hold_of_then_stays(api: Api, case: Case, plugins: TestHost) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    await case.hold(HoldKind.DISPUTE, account_id=account)
    decision = await asked(api, account, "key")
    found = await replayed(api, plugin="refusing")
    assert told(found) == [(decision, "DENY", "DENY")]
    assert [one["rule"] for one in found["differences"][0]["gone"]] == []


async def test_of_an_erased_person_nothing_can_be_asked_again(api: Api, decisions: list[str], case: Case) -> None:
    ((debtor,),) = await case.rows("select distinct debtor_id from decision")
    async with begin(case.context()) as tx:
        await destroy_person_key(tx, debtor)
    found = await replayed(api, plugin="refusing")
    assert (found["replayed"], found["erased"], found["differences"]) == (0, 3, [])


async def test_another_version_of_a_plugin_is_compared_by_what_it_says(
    api: Api, decisions: list[str], deployment: Deployment
) -> None:
    newer = type("Cap", (Cap,), {"version": "2.0", "__doc__": Cap.__doc__})
    await host_with(deployment, [newer, QuietHours], {"cap": {}, "quiet-hours": {"earliest": "06:00"}})
    same = await replayed(api)
    assert (same["differences"], same["plugins"][0]) == ([], {"name": "cap", "version": "2.0"})
    # and without it
    await host_with(deployment, [QuietHours, Silent], {"quiet-hours": {"earliest": "06:00"}, "silent": {}})
    assert told(await replayed(api)) == [(decisions[2], "DENY", "ALLOW")]


async def test_who_may_only_read_decisions_tries_no_settings(api: Api, decisions: list[str]) -> None:
    assert (await api(REPLAY, MARCH, role="AUDITOR"))["data"]["decisionsReplay"]["replayed"] == 3
    for wanted in ({"plugin": "refusing"}, {"settings": {"cap": {"most": 1}}}):
        answer = await api(REPLAY, {**MARCH, **wanted}, role="AUDITOR")
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_questions_that_make_no_sense_are_refused(api: Api, decisions: list[str]) -> None:
    for wanted, message in (
        ({"until": "2026-02-28T23:59:59Z"}, "The end does not lie before the beginning."),
        ({"until": "2026-04-01T00:00:01Z"}, "At most 31 days can be replayed at once."),
        ({"first": 0}, "A page has 1 to 100 decisions."),
        ({"first": 101}, "A page has 1 to 100 decisions."),
        ({"settings": [1]}, 'Settings are given by plugin or group: {"quiet-hours": {"earliest": "09:00"}}.'),
    ):
        assert (await api(REPLAY, {**MARCH, **wanted}))["errors"][0]["message"] == message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cap": {"most": "few"}}, "The settings cannot be tried. cap.most: Input should be a valid integer"),
        ({"cap": {"mots": 1}}, "The settings cannot be tried. cap.mots: There is no such setting: 'mots'."),
        ({"cup": {"most": 1}}, "There is no plugin and no group of settings called 'cup'."),
        (
            {"compliance": {"without_rules": "MAYBE"}},
            "The settings cannot be tried. compliance.without_rules: Input should be 'WARN' or 'DENY'",
        ),
    ],
)
async def test_settings_that_nobody_could_make_are_not_tried(
    api: Api, decisions: list[str], settings: dict[str, Any], message: str
) -> None:
    answer = await api(REPLAY, {**MARCH, "settings": settings})
    assert answer["errors"][0]["message"].startswith(message)
