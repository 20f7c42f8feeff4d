"""May a debtor be contacted? Answered by the plugins of each client, and by what the platform itself knows."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from arrears.accounts.model import HoldKind
from arrears.debtors.commands.contacts import contact_point_invalidate
from arrears.debtors.commands.inputs import ContactPointInvalidate
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.vocabulary import CommunicationChannel
from tests.api import Api
from tests.conftest import START, Deployment
from tests.plugin_hosts import enabled_at, host_with
from tests.product.compliance.asking import CAN_CONTACT, Demanding, Raising, Refusing, Silent, Steps, brief
from tests.product.compliance.case import Case

HOUR = datetime.timedelta(hours=1)
EIGHT_IN_NEW_YORK = "2026-03-02T13:00:00.000000Z"
NO_RULES = ("WARN", "arrears", "arrears.no-rules")


async def ask(api: Api, **variables: Any) -> list[dict[str, Any]]:
    answer = await api(CAN_CONTACT, variables)
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["data"]["canContact"]
    return found


async def test_each_clients_own_plugins_are_asked_about_its_own_debts(
    api: Api, case: Case, deployment: Deployment
) -> None:
    # given: seven o'clock in New York, and quiet hours at one client only
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    owed_to_bank, owed_to_shop = await case.account(bank, debtor), await case.account(shop, debtor)
    await host_with(deployment, [QuietHours], enabled_at({Place(bank): {"quiet-hours": {}}}, version=7))
    # when
    (answer,) = await ask(api, debtor=encode_id("dbtr", debtor))
    # then
    assert answer["debtor"] == {"id": encode_id("dbtr", debtor)}
    assert (answer["verdict"], answer["until"], answer["rounds"]) == ("DEFER", EIGHT_IN_NEW_YORK, 1)
    assert answer["plugins"] == [{"name": "quiet-hours", "version": "0", "settingsVersion": 7}]
    assert answer["accounts"] == [
        {"account": {"id": encode_id("acct", owed_to_bank)}, "verdict": "DEFER", "until": EIGHT_IN_NEW_YORK},
        {"account": {"id": encode_id("acct", owed_to_shop)}, "verdict": "WARN", "until": None},
    ]
    deferral, warning = answer["findings"]
    assert deferral == {
        "verdict": "DEFER",
        "reason": "It is not 08:00 to 21:00 in America/New_York.",
        "rule": "quiet-hours.window",
        "citation": "",
        "until": EIGHT_IN_NEW_YORK,
        "requirement": None,
        "missingFact": None,
        "plugin": "quiet-hours",
        "pluginVersion": "0",
        "settingsVersion": 7,
        "clientId": encode_id("clnt", bank),
    }
    assert brief([warning]) == [NO_RULES]
    assert warning["clientId"] == encode_id("clnt", shop)
    # and of the shop's debt alone
    (alone,) = await ask(api, accounts=[encode_id("acct", owed_to_shop)])
    assert (alone["verdict"], brief(alone["findings"]), alone["plugins"]) == ("WARN", [NO_RULES], [])


async def test_an_answer_changes_with_the_settings_and_needs_no_restart(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    opened = await host_with(deployment, [QuietHours], {"quiet-hours": {}})
    asked = {"accounts": [encode_id("acct", account)]}
    (before,) = await ask(api, **asked)
    opened.change(enabled_at({DEPLOYMENT: {"quiet-hours": {}}, Place(client): {"quiet-hours": {"earliest": "06:00"}}}))
    (after,) = await ask(api, **asked)
    assert (before["verdict"], before["settingsVersion"]) == ("DEFER", 1)
    assert (after["verdict"], after["settingsVersion"]) == ("ALLOW", 2)
    assert after["until"] == "2026-03-03T02:00:00.000000Z"


async def test_the_strictest_of_two_plugins_wins_and_both_are_told(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    opened = await host_with(deployment, [Refusing, Demanding, Silent])
    (denied,) = await ask(api, accounts=[account])
    assert (denied["verdict"], denied["until"], denied["requirements"]) == ("DENY", None, [])
    assert brief(denied["findings"]) == [
        ("DENY", "refusing", "refusing.never"),
        ("REQUIRE", "demanding", "demanding.notice"),
    ]
    assert denied["plugins"] == [
        {"name": "demanding", "version": "2.1", "settingsVersion": 1},
        {"name": "refusing", "version": "3.0", "settingsVersion": 1},
        {"name": "silent", "version": "1.0", "settingsVersion": 1},
    ]
    opened.change({"demanding": {}, "silent": {}})
    (required,) = await ask(api, accounts=[account])
    assert (required["verdict"], required["requirements"]) == ("REQUIRE", [{"name": "validation notice"}])
    opened.change({"silent": {}})
    (allowed,) = await ask(api, accounts=[account])
    assert (allowed["verdict"], allowed["findings"]) == ("ALLOW", [])


async def test_a_plugin_that_raises_denies_in_its_name(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    await host_with(deployment, [Raising, Silent])
    (answer,) = await ask(api, accounts=[account])
    assert answer["verdict"] == "DENY"
    assert brief(answer["findings"]) == [("DENY", "raising", "host.plugin-failed")]
    assert answer["findings"][0]["reason"].startswith("raising did not answer: ")


async def test_a_plugin_that_is_enabled_and_not_there_denies(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    await host_with(deployment, [Silent], {"silent": {}, "gone": {}})
    (answer,) = await ask(api, accounts=[account])
    assert brief(answer["findings"]) == [("DENY", "arrears", "arrears.plugin-missing")]
    assert answer["findings"][0]["reason"].startswith("gone is enabled here and does not run: ")


@pytest.mark.parametrize(("setting", "verdict"), [("WARN", "WARN"), ("DENY", "DENY")])
async def test_without_any_plugin_the_answer_says_so(
    api: Api, case: Case, deployment: Deployment, setting: str, verdict: str
) -> None:
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    groups = {"compliance": GroupSettings(values={"without_rules": setting})}
    await host_with(deployment, [Silent], SettingsSnapshot(3, {Place(client): groups}))
    (answer,) = await ask(api, accounts=[account])
    assert brief(answer["findings"]) == [(verdict, "arrears", "arrears.no-rules")]
    assert (answer["verdict"], answer["findings"][0]["settingsVersion"]) == (verdict, 3)


async def test_deferrals_are_followed_until_the_whole_set_stands(api: Api, case: Case, deployment: Deployment) -> None:
    # given: a plugin that defers three times by 13 hours, beside quiet hours in New York
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    await host_with(deployment, [QuietHours, Steps], {"quiet-hours": {}, "steps": {"hours": 13, "times": 3}})
    # when
    (answer,) = await ask(api, accounts=[account])
    # then: 3 March 01:00, 14:00, 4 March 03:00 (22:00 of the day before in New York), 4 March 13:00 (08:00)
    assert (answer["verdict"], answer["until"], answer["rounds"]) == ("DEFER", "2026-03-04T13:00:00.000000Z", 4)
    assert {finding["until"] for finding in answer["findings"]} == {EIGHT_IN_NEW_YORK, "2026-03-03T01:00:00.000000Z"}
    (then,) = await ask(api, accounts=[account], at=answer["until"])
    assert (then["verdict"], then["rounds"]) == ("ALLOW", 0)


@pytest.mark.parametrize(
    ("settings", "rounds", "reason"),
    [
        ({"times": 1_000}, 50, "after 50 rounds."),
        (
            {"times": 2, "then_deny": True},
            2,
            "at 2026-03-04T12:00:00+00:00 it would still not be allowed (steps: Too late.).",
        ),
    ],
)
async def test_a_deferral_to_no_instant_that_stands_is_a_denial(
    api: Api, case: Case, deployment: Deployment, settings: dict[str, Any], rounds: int, reason: str
) -> None:
    client = await case.client()
    account = encode_id("acct", await case.account(client, await case.person(client)))
    await host_with(deployment, [Steps], {"steps": settings})
    (answer,) = await ask(api, accounts=[account])
    assert (answer["verdict"], answer["until"], answer["rounds"]) == ("DENY", None, rounds)
    assert brief(answer["findings"]) == [("DENY", "arrears", "arrears.never"), ("DEFER", "steps", "steps.wait")]
    assert answer["findings"][0]["reason"].endswith(reason)


async def test_one_answer_for_each_debtor_of_the_accounts(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    first, second = await case.person(client), await case.person(client)
    accounts = [
        await case.account(client, debtor, f"INV-{number}") for number, debtor in enumerate((first, second, first))
    ]
    await host_with(deployment, [Silent])
    answers = await ask(api, accounts=[encode_id("acct", id) for id in accounts])
    assert [answer["debtor"]["id"] for answer in answers] == [encode_id("dbtr", first), encode_id("dbtr", second)]
    assert [[one["account"]["id"] for one in answer["accounts"]] for answer in answers] == [
        [encode_id("acct", accounts[0]), encode_id("acct", accounts[2])],
        [encode_id("acct", accounts[1])],
    ]


async def test_a_debtor_without_open_accounts_is_asked_about_under_its_clients_settings(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    debtor = await case.person(client)
    await host_with(deployment, [Refusing], enabled_at({Place(client): {"refusing": {}}}))
    (answer,) = await ask(api, debtor=encode_id("dbtr", debtor))
    assert (answer["verdict"], answer["accounts"]) == ("DENY", [])
    assert answer["findings"][0]["clientId"] == encode_id("clnt", client)
    stranger = await case.person(await case.client("Shop"))
    (other,) = await ask(api, debtor=encode_id("dbtr", stranger))
    assert brief(other["findings"]) == [NO_RULES]


class TestHolds:
    """What the platform itself knows against a contact."""

    @pytest.fixture(autouse=True)
    async def _nothing_said_by_plugins(self, deployment: Deployment) -> None:
        await host_with(deployment, [Silent])

    async def test_a_hold_denies_and_one_with_an_end_defers(self, api: Api, case: Case) -> None:
        client = await case.client()
        debtor = await case.person(client)
        account = await case.account(client, debtor)
        await case.hold(HoldKind.COMPLAINT, account_id=account, ends_at=START + 5 * HOUR)
        (deferred,) = await ask(api, accounts=[encode_id("acct", account)])
        assert brief(deferred["findings"]) == [("DEFER", "arrears", "arrears.hold")]
        assert deferred["until"] == "2026-03-02T17:00:00.000000Z"
        assert deferred["findings"][0]["reason"] == "A hold (COMPLAINT) on the account stops contact."
        await case.hold(HoldKind.CEASE_COMMUNICATION, debtor_id=debtor)
        (denied,) = await ask(api, accounts=[encode_id("acct", account)])
        assert (denied["verdict"], len(denied["findings"])) == ("DENY", 2)

    async def test_a_hold_that_begins_later_ends_what_is_allowed(self, api: Api, case: Case) -> None:
        client = await case.client()
        account = await case.account(client, await case.person(client))
        await case.hold(HoldKind.ATTORNEY, account_id=account, starts_at=START + 2 * HOUR)
        (answer,) = await ask(api, accounts=[encode_id("acct", account)])
        assert (answer["verdict"], answer["until"]) == ("ALLOW", "2026-03-02T14:00:00.000000Z")
        (then,) = await ask(api, accounts=[encode_id("acct", account)], at="2026-03-02T14:00:00Z")
        assert then["verdict"] == "DENY"

    async def test_a_hold_on_a_channel_and_one_that_leaves_contact_alone(self, api: Api, case: Case) -> None:
        client = await case.client()
        debtor = await case.person(client)
        account = encode_id("acct", await case.account(client, debtor))
        await case.hold(HoldKind.CEASE_COMMUNICATION, debtor_id=debtor, channel=CommunicationChannel.SMS)
        await case.hold(HoldKind.MILITARY, debtor_id=debtor)
        verdicts = [(await ask(api, accounts=[account], channel=channel))[0]["verdict"] for channel in ("SMS", "EMAIL")]
        assert verdicts == ["DENY", "ALLOW"]

    async def test_what_a_law_requires_passes_a_hold_with_a_warning(self, api: Api, case: Case) -> None:
        client = await case.client()
        debtor = await case.person(client)
        account = encode_id("acct", await case.account(client, debtor))
        await case.hold(HoldKind.CEASE_COMMUNICATION, debtor_id=debtor)
        (answer,) = await ask(api, accounts=[account], channel="LETTER", law=True)
        assert brief(answer["findings"]) == [("WARN", "arrears", "arrears.hold")]

    async def test_the_last_word_on_a_channel_decides(self, api: Api, case: Case, deployment: Deployment) -> None:
        client = await case.client()
        debtor = await case.person(client)
        account = encode_id("acct", await case.account(client, debtor))
        await case.consent(debtor, "SMS", "REVOKED")
        (denied,) = await ask(api, accounts=[account], channel="SMS")
        assert brief(denied["findings"]) == [("DENY", "arrears", "arrears.opt-out")]
        assert (await ask(api, accounts=[account]))[0]["verdict"] == "ALLOW"
        (asked_for,) = await ask(api, accounts=[account], channel="SMS", asked=True)
        assert asked_for["verdict"] == "WARN"
        deployment.clock.advance(HOUR)
        point = await case.phone_of(debtor)
        await case.consent(debtor, "SMS", "GRANTED", contact_point_id=point, expires_at=START + 5 * HOUR)
        known = {"accounts": [account], "channel": "SMS", "point": encode_id("cont", point)}
        verdicts = [
            (await ask(api, **known, at=(START + hours * HOUR).isoformat()))[0]["verdict"] for hours in (0, 1, 4, 5)
        ]
        assert verdicts == ["DENY", "ALLOW", "ALLOW", "DENY"]
        assert (await ask(api, accounts=[account], channel="SMS"))[0]["verdict"] == "DENY"

    async def test_an_invalid_contact_point_denies(self, api: Api, case: Case) -> None:
        client = await case.client()
        debtor = await case.person(client)
        account = encode_id("acct", await case.account(client, debtor))
        point = await case.phone_of(debtor)
        await contact_point_invalidate(
            case.context(), ContactPointInvalidate(contact_point_id=point, version=1, reason="disconnected")
        )
        (answer,) = await ask(api, accounts=[account], point=encode_id("cont", point))
        assert brief(answer["findings"]) == [("DENY", "arrears", "arrears.contact-point-invalid")]
        assert answer["contactPoint"] == {"id": encode_id("cont", point)}


async def test_questions_that_make_no_sense_are_refused(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    account = encode_id("acct", await case.account(client, debtor))
    await host_with(deployment, [Silent])
    point = encode_id("cont", await case.phone_of(debtor))
    codes = [
        (await api(CAN_CONTACT, variables))["errors"][0]["extensions"]["code"]
        for variables in (
            {},
            {"accounts": [account], "channel": "EMAIL", "point": point},
            {"accounts": [encode_id("acct", new_id())] * 101},
        )
    ]
    assert codes == ["REQUIRED", "INVALID_INPUT", "INVALID_INPUT"]


async def test_an_unknown_id_has_no_answer_and_a_contact_point_that_of_its_debtor(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    debtor, other = await case.person(client), await case.person(client)
    account = encode_id("acct", await case.account(client, debtor))
    await host_with(deployment, [Silent])
    for unknown in (
        {"accounts": [account], "debtor": encode_id("dbtr", other)},
        {"accounts": [account, encode_id("acct", new_id())]},
        {"accounts": [account], "point": encode_id("cont", await case.phone_of(other))},
        {"debtor": encode_id("dbtr", new_id())},
        {"point": encode_id("cont", new_id())},
    ):
        assert await ask(api, **unknown) == []
    (answer,) = await ask(api, point=encode_id("cont", await case.phone_of(debtor)))
    assert (answer["debtor"]["id"], answer["accounts"][0]["account"]["id"]) == (encode_id("dbtr", debtor), account)


async def test_whoever_sees_another_client_only_is_told_of_nothing(
    api: Api, case: Case, deployment: Deployment
) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank)
    account = await case.account(bank, debtor)
    await host_with(deployment, [Silent])
    key = await api.sign_in("COLLECTOR", clients=[shop])
    for variables in ({"debtor": encode_id("dbtr", debtor)}, {"accounts": [encode_id("acct", account)]}):
        assert (await api(CAN_CONTACT, variables, key=key))["data"] == {"canContact": []}
    for role in ("CLIENT", "AUDITOR"):
        limits = {"clients": [bank]} if role == "CLIENT" else {}
        key = await api.sign_in(role, **limits)
        refused = await api(CAN_CONTACT, {"accounts": [encode_id("acct", account)]}, key=key)
        assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
