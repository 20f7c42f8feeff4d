"""What is told of settings and plugins, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from arrears.configuration.commands import SettingsChange, settings_change
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.plugins.settings import setting_groups
from arrears_sdk.errors import AccessError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.plugin import Config
from tests.api import Api
from tests.conftest import Deployment
from tests.product.configuration.conftest import Agency
from tests.product.configuration.test_change import EFFECTIVE, change, effective

PLUGINS = """
{ plugins {
    name version summary source distribution state reason hooks { name family } settingsSchema
    health { calls failures lastFailure lastFailureAt broken typicalMilliseconds slowestMilliseconds }
    checks { id status } places { clientId portfolioId enabled }
} }
"""
VERSIONS = """
query($where: SettingsVersionWhere) {
  settingsVersions(where: $where) { totalCount nodes { number group client { reference } before after } }
}
"""


def plugin(answer: dict[str, Any], name: str) -> dict[str, Any]:
    assert "errors" not in answer, answer
    return next(one for one in answer["data"]["plugins"] if one["name"] == name)


async def test_a_plugin_that_nobody_enables_is_not_imported_and_one_that_is_tells_of_itself(
    api: Api, agency: Agency
) -> None:
    off = plugin(await api(PLUGINS), "quiet")

    await change(api, group="quiet", clientId=agency.ids["acme"], enabled=True)
    await change(api, group="quiet", portfolioId=agency.ids["cards"], enabled=False)
    on = plugin(await api(PLUGINS), "quiet")

    assert off == {
        "name": "quiet",
        "version": "1.2.3",
        "summary": "Refuses contacts outside the hours.",
        "source": "class Quiet",
        "distribution": None,
        "state": "DISABLED",
        "reason": "No setting enables it.",
        "hooks": [],
        "settingsSchema": None,
        "health": {
            "calls": 0,
            "failures": 0,
            "lastFailure": None,
            "lastFailureAt": None,
            "broken": False,
            "typicalMilliseconds": None,
            "slowestMilliseconds": None,
        },
        "checks": [],
        "places": [{"clientId": None, "portfolioId": None, "enabled": False}],
    }
    assert (on["state"], on["reason"]) == ("ENABLED", None)
    assert on["hooks"] == [{"name": "rule_on_contacts", "family": "DECISION"}]
    assert on["settingsSchema"]["properties"]["first_hour"] == {
        "default": 8,
        "maximum": 23,
        "minimum": 0,
        "title": "First Hour",
        "type": "integer",
    }
    assert {check["status"] for check in on["checks"]} <= {"OK", "WARNING"}
    assert on["places"] == [
        {"clientId": None, "portfolioId": None, "enabled": False},
        {"clientId": agency.ids["acme"], "portfolioId": None, "enabled": True},
        {"clientId": agency.ids["acme"], "portfolioId": agency.ids["cards"], "enabled": False},
    ]


async def test_a_part_of_the_platform_is_always_on_and_shows_its_schema(
    api: Api, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LetterSettings(Config):
        """How letters look."""

        colour: str = "black"

    monkeypatch.setattr(setting_groups, "groups", dict(setting_groups.groups))
    setting_groups.declare("letters", LetterSettings, "How letters look")

    answer = await api("{ settingGroups { name about settingsSchema } }")
    turned_off = await change(api, group="letters", enabled=False)
    painted = await change(api, group="letters", clientId=agency.ids["acme"], settings={"colour": "blue"})
    held = await effective(api, "letters", agency.ids["acme"])

    (letters,) = (one for one in answer["data"]["settingGroups"] if one["name"] == "letters")
    assert letters["about"] == "How letters look"
    assert letters["settingsSchema"]["properties"]["colour"]["default"] == "black"
    assert turned_off["userErrors"][0]["field"] == ["input", "enabled"]
    assert painted["userErrors"] == []
    assert held == {
        "group": "letters",
        "isPlugin": False,
        "enabled": True,
        "enabledOrigin": "DEFAULT",
        "enabledLockedAt": None,
        "required": False,
        "settings": [{"name": "colour", "value": "blue", "origin": "CLIENT", "lockedAt": None, "secret": False}],
    }


async def test_a_manager_of_one_client_sees_nothing_of_another(api: Api, agency: Agency) -> None:
    ids = agency.ids
    await change(api, group="quiet", enabled=True)
    await change(api, group="quiet", clientId=ids["acme"], settings={"first_hour": 9})
    await change(api, group="quiet", clientId=ids["zenith"], enabled=False, settings={"first_hour": 10})
    key = await api.sign_in("MANAGER", clients=[agency.acme])

    own = await api(EFFECTIVE, {"client": ids["acme"], "group": "quiet"}, key=key)
    foreign = await api(EFFECTIVE, {"client": ids["zenith"], "group": "quiet"}, key=key)
    unknown = await api(EFFECTIVE, {"client": encode_id("clnt", new_id()), "group": "quiet"}, key=key)
    listed = await api(VERSIONS, key=key)
    told = plugin(await api(PLUGINS, key=key), "quiet")

    assert own["data"]["effectiveSettings"]["groups"][0]["enabled"] is True
    assert foreign == unknown == {**foreign, "data": {"effectiveSettings": None}}
    assert [node["number"] for node in listed["data"]["settingsVersions"]["nodes"]] == [2]
    assert [place["clientId"] for place in told["places"]] == [None]


async def test_the_history_is_whole(api: Api, agency: Agency) -> None:
    await change(api, group="quiet", enabled=True)
    await change(api, group="quiet", clientId=agency.ids["acme"], settings={"first_hour": 9})
    await change(api, group="quiet", clientId=agency.ids["acme"], reset=["first_hour"])

    everything = await api(VERSIONS, role="AUDITOR")
    of_acme = await api(VERSIONS, {"where": {"clientId": {"eq": agency.ids["acme"]}}})
    audited = await api(
        "{ auditEntries(where: {}) { nodes { command subjectId before after } } }",
    )

    acme = {"reference": "ACME"}
    changes = [
        {"number": 3, "group": "quiet", "client": acme, "before": {"values": {"first_hour": 9}}, "after": None},
        {"number": 2, "group": "quiet", "client": acme, "before": None, "after": {"values": {"first_hour": 9}}},
        {"number": 1, "group": "quiet", "client": None, "before": None, "after": {"enabled": True}},
    ]
    assert everything["data"]["settingsVersions"] == {"totalCount": 3, "nodes": changes}
    assert of_acme["data"]["settingsVersions"]["nodes"] == changes[:2]
    (last, *_) = (node for node in audited["data"]["auditEntries"]["nodes"] if node["command"] == "settings.change")
    assert last["subjectId"].startswith("sett_")
    place = {"group": "quiet", "client_id": agency.ids["acme"], "portfolio_id": None}
    assert last["before"] == {**place, "says": {"values": {"first_hour": 9}}}
    assert last["after"] == {**place, "says": None, "version": 3}


@pytest.mark.parametrize("role", ["COLLECTOR", "CLIENT", "DEBTOR"])
async def test_settings_are_for_those_who_run_the_agency(deployment: Deployment, agency: Agency, role: str) -> None:
    from arrears.access.model import ROLE_PERMISSIONS, Permission, Role

    held = ROLE_PERMISSIONS[Role(role)]

    assert not held & {Permission.SETTINGS_READ, Permission.SETTINGS_WRITE}


async def test_an_administrator_of_one_client_cannot_change_settings(deployment: Deployment, agency: Agency) -> None:
    limited = Principal(
        new_id(),
        "PERSON",
        "Ada",
        frozenset({"ADMIN"}),
        frozenset({"*"}),
        Scope("limited", staff=True, clients=(agency.acme,)),
    )
    change = SettingsChange(group="quiet", version=0, client_id=agency.acme, enabled=True)

    with pytest.raises(AccessError, match="may see every client"):
        await settings_change(deployment.context(limited), change)
