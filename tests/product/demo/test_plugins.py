"""The demonstration's plugins: set up with those that can be used, once, and never over what somebody else has set."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from arrears.access.model import Role
from arrears.configuration.commands import SettingsChange, settings_change
from arrears.configuration.source import DatabaseSettings, stored_settings
from arrears.demo.plugins import set_up_plugins
from arrears.demo.running import SeedNote
from arrears.demo.seed import History, history_start, seed_clients
from arrears.demo.staff import actor, hire
from arrears.deployment import load_domains
from arrears.kernel.context import Context
from arrears.plugins.discovery import Candidate
from arrears.plugins.settings import DEPLOYMENT, Place, SettingsSnapshot
from arrears_balance_score import BalanceScore
from arrears_csv_importer import CsvImporter
from arrears_dunning_ladder import DunningLadder
from arrears_quiet_hours import QuietHours
from arrears_sandbox_gateway import SandboxGateway
from arrears_sdk.plugin import Plugin
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with

BUNDLED = (CsvImporter, QuietHours, DunningLadder, BalanceScore, SandboxGateway)
BROKEN = Candidate("dunning-ladder", "0.1.0", "no_such_module_at_all", "DunningLadder")


async def agency(deployment: Deployment, plugins: tuple[type[Plugin] | Candidate, ...]) -> Context:
    """The demonstration's people and clients with these plugins, none of them set up; as its administrator."""
    load_domains()
    await host_with(deployment, plugins, SettingsSnapshot())
    deployment.services.add(DatabaseSettings(deployment.database))
    context = deployment.context()
    history = History(context, history_start(START.date()), [])
    staff = await hire(history.context_at(0, context.principal))
    await seed_clients(history, staff.actors, staff.teams)
    return deployment.context(actor(staff.principals[Role.ADMIN], Role.ADMIN))


def stated(snapshot: SettingsSnapshot) -> dict[str, dict[str, object]]:
    """What the deployment itself says, by group."""
    return {name: dict(group.values) for name, group in snapshot.places[DEPLOYMENT].items()}


async def test_each_client_has_settings_of_its_own(deployment: Deployment, tmp_path: Path) -> None:
    # given
    context = await agency(deployment, BUNDLED)

    # when
    await set_up_plugins(context, tmp_path)

    # then
    snapshot = await stored_settings(deployment.database)
    rows = await deployment.database.read(context.principal.scope, "select reference, id from client")
    latest, ladders, scorers = {}, {}, {}
    for reference, client_id in rows:
        place = Place(client_id)
        latest[reference] = snapshot.effective("quiet-hours", place).values["latest"]
        ladders[reference] = len(snapshot.effective("dunning-ladder", place).values["steps"])
        scorers[reference] = snapshot.effective("strategies", place).values.get("scorer")
    assert latest == {"HARBORVIEW": "21:00", "THORNFIELD": "20:00", "LINDENHOF": "20:00"}
    assert ladders == {"HARBORVIEW": 6, "THORNFIELD": 6, "LINDENHOF": 7}
    assert scorers == {"HARBORVIEW": "balance-score", "THORNFIELD": "balance-score", "LINDENHOF": None}
    # and the secret lies in a file that only this user can read
    provider = tmp_path / "sandbox-gateway"
    secret = provider / "webhook-secret"
    assert stated(snapshot)["sandbox-gateway"] == {
        "settles_after_seconds": 15,
        "state_file": str(provider / "orders.sqlite"),
        "webhook_secret": {"file": str(secret)},
    }
    assert len(secret.read_text()) == 43
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(provider.stat().st_mode) == 0o700


async def test_set_up_again_it_changes_nothing(deployment: Deployment, tmp_path: Path) -> None:
    context = await agency(deployment, BUNDLED)
    await set_up_plugins(context, tmp_path)
    before = await stored_settings(deployment.database)
    await set_up_plugins(context, tmp_path)
    assert (await stored_settings(deployment.database)).version == before.version


async def test_what_somebody_has_set_is_left_alone(deployment: Deployment, tmp_path: Path) -> None:
    # given: a folder of an earlier version, in which its user has set something
    context = await agency(deployment, BUNDLED)
    change = SettingsChange(group="quiet-hours", version=0, enabled=True)
    await settings_change(context, change)

    # when
    await set_up_plugins(context, tmp_path)

    # then
    snapshot = await stored_settings(deployment.database)
    assert (snapshot.version, stated(snapshot)) == (1, {"quiet-hours": {}})


@pytest.mark.parametrize(
    ("plugins", "groups"),
    [
        ((CsvImporter,), None),
        ((CsvImporter, QuietHours), {"quiet-hours"}),
        ((CsvImporter, QuietHours, BROKEN), {"quiet-hours"}),
        ((CsvImporter, DunningLadder), {"dunning-ladder", "strategies"}),
    ],
    ids=["none", "one", "one that cannot be imported", "a strategy without its scorer"],
)
async def test_what_is_not_installed_is_left_out(
    deployment: Deployment,
    tmp_path: Path,
    plugins: tuple[type[Plugin] | Candidate, ...],
    groups: set[str] | None,
) -> None:
    context = await agency(deployment, plugins)
    await set_up_plugins(context, tmp_path)
    snapshot = await stored_settings(deployment.database)
    named = {name: group.values for place in snapshot.places.values() for name, group in place.items()}
    assert not any("scorer" in values for values in named.values())
    if groups is None:
        # The pace of payments and the terms of debts need no plugin; nothing is said about a single client here.
        assert stated(snapshot) == {"payments": {"call_seconds": 10}}
    else:
        assert set(named) - {"payments", "debts", "delinquency"} == groups
    assert not (tmp_path / "sandbox-gateway").exists()


def test_a_folder_of_an_earlier_version_is_not_set_up(tmp_path: Path) -> None:
    # given: the note as it was before there were plugins
    file = tmp_path / "demonstration.json"
    file.write_text('{"principals": {"ADMIN": "prin_0192f3a4b5c67d8e9fa0b1c2d3e4f506"}}\n')
    note = SeedNote(file)
    assert (note.finished, note.cut_off, note.set_up, note.readable) == (True, False, False, False)

    # when
    note.finish_plugins()

    # then
    assert (note.finished, note.cut_off, note.set_up) == (True, False, True)
    assert list(note.principals()) == [Role.ADMIN]
