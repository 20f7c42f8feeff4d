"""Changing settings over GraphQL: what holds where, what is refused and why, and what stays of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from arrears.configuration.commands import SettingsChange, settings_change
from arrears.configuration.source import DatabaseSettings, settings_at, stored_settings
from arrears.kernel.scope import Scope
from arrears.plugins.settings import Place, SettingScope
from arrears_sdk.errors import ConflictError
from tests.api import Api
from tests.conftest import Deployment
from tests.product.configuration.conftest import Agency

CHANGE = """
mutation($input: SettingsChangeInput!) {
  settingsChange(input: $input) {
    version
    settingsVersion { number group client { reference } portfolio { reference } before after principalName reason }
    userErrors { code field message }
  }
}
"""
EFFECTIVE = """
query($client: ID, $portfolio: ID, $group: String) {
  effectiveSettings(clientId: $client, portfolioId: $portfolio, group: $group) {
    version clientId portfolioId
    groups {
      group isPlugin enabled enabledOrigin enabledLockedAt required
      settings { name value origin lockedAt secret }
    }
  }
}
"""


async def change(api: Api, **given: Any) -> dict[str, Any]:
    """The payload of a change, decided upon the latest version unless another is given."""
    if "version" not in given:
        answer = await api("{ effectiveSettings { version } }")
        given["version"] = answer["data"]["effectiveSettings"]["version"]
    answer = await api(CHANGE, {"input": given})
    assert "errors" not in answer, answer
    payload: dict[str, Any] = answer["data"]["settingsChange"]
    return payload


async def effective(api: Api, group: str, client: str | None = None, portfolio: str | None = None) -> dict[str, Any]:
    """One group at a place."""
    answer = await api(EFFECTIVE, {"group": group, "client": client, "portfolio": portfolio})
    assert "errors" not in answer, answer
    (found,) = answer["data"]["effectiveSettings"]["groups"]
    return dict(found)


def values(group: dict[str, Any]) -> dict[str, tuple[Any, str]]:
    """The settings of a group, each with its origin."""
    return {one["name"]: (one["value"], one["origin"]) for one in group["settings"]}


async def test_a_change_holds_where_it_is_made_and_below(api: Api, agency: Agency) -> None:
    ids = agency.ids
    # when
    first = await change(api, group="quiet", enabled=True, settings={"first_hour": 9}, reason="Asked by compliance")
    second = await change(api, group="quiet", clientId=ids["acme"], settings={"last_hour": 20})
    third = await change(api, group="quiet", clientId=ids["acme"], portfolioId=ids["cards"], enabled=False)

    # then
    assert first == {
        "version": 1,
        "settingsVersion": {
            "number": 1,
            "group": "quiet",
            "client": None,
            "portfolio": None,
            "before": None,
            "after": {"enabled": True, "values": {"first_hour": 9}},
            "principalName": None,
            "reason": "Asked by compliance",
        },
        "userErrors": [],
    }
    assert (second["version"], second["settingsVersion"]["client"]) == (2, {"reference": "ACME"})
    assert third["settingsVersion"]["portfolio"] == {"reference": "CARDS"}
    at_acme = await effective(api, "quiet", ids["acme"])
    assert (at_acme["enabled"], at_acme["enabledOrigin"]) == (True, "DEPLOYMENT")
    assert values(at_acme) == {
        "days": (["SUN"], "DEFAULT"),
        "first_hour": (9, "DEPLOYMENT"),
        "last_hour": (20, "CLIENT"),
    }
    at_cards = await effective(api, "quiet", portfolio=ids["cards"])
    assert (at_cards["enabled"], at_cards["enabledOrigin"]) == (False, "PORTFOLIO")
    assert values(await effective(api, "quiet", ids["zenith"]))["last_hour"] == (21, "DEFAULT")


async def test_files_can_be_imported_before_anybody_says_so(deployment: Deployment, settings: DatabaseSettings) -> None:
    snapshot = await settings.current()

    assert snapshot.version == 0
    assert snapshot.effective("csv-importer").enabled
    assert snapshot.effective("csv-importer").enabled_origin is SettingScope.DEFAULT


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (
            {"settings": {"first_hour": "nine"}},
            (
                "INVALID_INPUT",
                ["input", "settings", "first_hour"],
                "Input should be a valid integer, unable to parse string as an integer.",
            ),
        ),
        (
            {"settings": {"days": ["SUN", "XXX"]}},
            ("INVALID_INPUT", ["input", "settings", "days", "1"], "Input should be 'MON', 'TUE' or 'SUN'."),
        ),
        (
            {"settings": {"frist_hour": 9}},
            (
                "INVALID_INPUT",
                ["input", "settings", "frist_hour"],
                "There is no such setting: 'frist_hour'. Did you mean 'first_hour'?",
            ),
        ),
        (
            {"settings": {"first_hour": 22}},
            ("INVALID_INPUT", ["input", "settings"], "First_hour lies before last_hour."),
        ),
        (
            {"locked": ["first_our"]},
            (
                "INVALID_INPUT",
                ["input", "locked"],
                "There is no setting 'first_our' to lock. Did you mean 'first_hour'?",
            ),
        ),
        (
            {"settings": {"days": [None]}},
            (
                "INVALID_INPUT",
                ["input", "settings", "days", "0"],
                "Null may be the value of a setting, not stand inside one: leave it out.",
            ),
        ),
        (
            {"settings": {"first_hour": 9}, "reset": ["first_hour"]},
            ("INVALID_INPUT", ["input", "reset"], "'first_hour' is both given and reset."),
        ),
        (
            {"group": "quite", "enabled": True},
            (
                "NOT_FOUND",
                ["input", "group"],
                "There is no plugin and no group of settings called 'quite'. Did you mean 'quiet'?",
            ),
        ),
        (
            {"version": 7, "enabled": True},
            ("CONFLICT", ["input", "version"], "Someone else changed this since you read it. Reload and try again."),
        ),
    ],
)
async def test_a_fault_is_told_with_its_path(api: Api, agency: Agency, given: dict[str, Any], error: Any) -> None:
    payload = await change(api, **{"group": "quiet", **given})

    code, field, message = error
    assert payload == {
        "version": None,
        "settingsVersion": None,
        "userErrors": [{"code": code, "field": field, "message": message}],
    }


async def test_a_change_of_the_deployment_may_not_break_a_client(api: Api, agency: Agency) -> None:
    ids = agency.ids
    await change(api, group="quiet", enabled=True)
    await change(api, group="quiet", clientId=ids["acme"], settings={"last_hour": 12})

    refused = await change(api, group="quiet", settings={"first_hour": 12})
    alone = await change(api, group="quiet", clientId=ids["zenith"], settings={"first_hour": 12})

    assert refused["userErrors"] == [
        {
            "code": "INVALID_INPUT",
            "field": ["input", "settings"],
            "message": "For client ACME: First_hour lies before last_hour.",
        }
    ]
    assert alone["userErrors"] == []


async def test_a_plugin_that_is_off_may_be_unfinished_and_one_that_is_on_may_not(api: Api, agency: Agency) -> None:
    ids = agency.ids
    unfinished = await change(api, group="pay", settings={"currency": "EUR"})
    refused = await change(api, group="pay", enabled=True)
    per_client = await change(
        api, group="pay", clientId=ids["acme"], enabled=True, settings={"api_key": {"env": "PAY_KEY"}}
    )

    assert unfinished["userErrors"] == []
    assert refused["userErrors"] == [
        {"code": "REQUIRED", "field": ["input", "settings", "api_key"], "message": "Field required."}
    ]
    assert per_client["userErrors"] == []
    assert (await effective(api, "pay", ids["acme"]))["enabled"] is True


async def test_a_locked_setting_is_the_deployments_alone(api: Api, agency: Agency) -> None:
    ids = agency.ids
    # given a client that differs
    await change(api, group="quiet", clientId=ids["acme"], enabled=True, settings={"first_hour": 10, "last_hour": 20})

    # when
    locked = await change(
        api, group="quiet", enabled=True, settings={"first_hour": 9}, locked=["first_hour", "enabled"]
    )
    refused = await change(api, group="quiet", clientId=ids["acme"], settings={"first_hour": 11}, enabled=False)

    # then its own words are gone, and stay so
    assert (locked["settingsVersion"]["number"], locked["version"]) == (2, 3)
    assert refused["userErrors"] == [
        {
            "code": "SETTING_LOCKED",
            "field": ["input", "enabled"],
            "message": "'enabled' is locked by the deployment's settings.",
        },
        {
            "code": "SETTING_LOCKED",
            "field": ["input", "settings", "first_hour"],
            "message": "'first_hour' is locked by the deployment's settings.",
        },
    ]
    at_acme = await effective(api, "quiet", ids["acme"])
    assert {one["name"]: (one["value"], one["origin"], one["lockedAt"]) for one in at_acme["settings"]} == {
        "days": (["SUN"], "DEFAULT", None),
        "first_hour": (9, "DEPLOYMENT", "DEPLOYMENT"),
        "last_hour": (20, "CLIENT", None),
    }
    assert (at_acme["enabled"], at_acme["enabledLockedAt"]) == (True, "DEPLOYMENT")


async def test_nothing_new_is_no_version(api: Api, agency: Agency) -> None:
    await change(api, group="quiet", enabled=True, settings={"first_hour": 9})

    again = await change(api, group="quiet", enabled=True, settings={"first_hour": 9})
    other = await change(api, group="quiet", settings={"first_hour": True})

    assert again == {"version": 1, "settingsVersion": None, "userErrors": []}
    # True equals 1 in Python, and is another value here.
    assert (other["userErrors"], other["version"]) == ([], 2)


async def test_of_two_changes_decided_upon_one_version_one_is_a_conflict(
    deployment: Deployment, agency: Agency
) -> None:
    def attempt(hour: int) -> Any:
        return settings_change(
            deployment.context(), SettingsChange(group="quiet", version=0, settings={"first_hour": hour})
        )

    outcomes = await asyncio.gather(*(attempt(hour) for hour in range(1, 7)), return_exceptions=True)

    done = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(done) == 1
    assert [type(one) for one in outcomes if one is not done[0]] == [ConflictError] * 5
    assert (await stored_settings(deployment.database)).version == 1


async def test_changes_of_other_places_are_no_conflict(deployment: Deployment, agency: Agency) -> None:
    places = [{}, {"client_id": agency.acme}, {"client_id": agency.zenith}, {"portfolio_id": agency.cards}]
    changes = [SettingsChange(group="quiet", version=0, settings={"first_hour": 7}, **place) for place in places]  # type: ignore[arg-type]

    receipts = await asyncio.gather(*(settings_change(deployment.context(), one) for one in changes[:1]))
    # Decided upon version 0 all the same: nobody has changed these places since.
    late = await asyncio.gather(
        *(settings_change(deployment.context(), one.model_copy(update={"version": 1})) for one in changes[1:])
    )

    assert sorted(receipt.result.version for receipt in (*receipts, *late)) == [1, 2, 3, 4]


async def test_a_process_sees_a_change_within_a_second_and_old_versions_stay(
    deployment: Deployment, settings: DatabaseSettings, agency: Agency
) -> None:
    # given another process that has read the settings
    other = DatabaseSettings(deployment.worker_database)
    assert (await other.current()).version == 0

    # when
    for hour in (7, 9):
        version = (await stored_settings(deployment.database)).version
        await settings_change(
            deployment.context(), SettingsChange(group="quiet", version=version, settings={"first_hour": hour})
        )

    # then this one knows at once, the other soon, and what held before can be looked up
    assert (await settings.current()).version == 2
    await asyncio.sleep(0.6)
    assert (await other.current()).effective("quiet").values == {"first_hour": 9}
    assert (await settings_at(deployment.database, 1)).effective("quiet").values == {"first_hour": 7}
    assert (await settings_at(deployment.database, 1)).places.keys() == {Place()}
    # The same version is the same object: nobody computes anything anew.
    assert await other.current() is await other.current()


async def test_versions_are_never_changed(deployment: Deployment, agency: Agency) -> None:
    await settings_change(deployment.context(), SettingsChange(group="quiet", version=0, enabled=True))

    rows = await deployment.database.read(
        Scope.everything(), "select has_table_privilege('settings_version', 'update, delete')"
    )

    assert rows == [(False,)]
