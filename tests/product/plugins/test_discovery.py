"""Which plugins are found, which are imported, and which fit the SDK."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from arrears.plugins.discovery import Candidate, check_names, in_file, installed
from arrears.plugins.failures import PluginStartError
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, SettingsSnapshot
from arrears.plugins.status import PluginState
from arrears_sdk.ruling import Verdict
from tests.plugin_hosts import TestHost
from tests.product.plugins.attempts import contact

Open = Callable[..., Awaitable[TestHost]]
SOURCE = """
from arrears_sdk import Plugin, Ruling

class {name}(Plugin):
    '''Refuses everything.'''
    name = "{plugin}"
    version = "3"
    def rule_on_contacts(self, attempts):
        return [Ruling.deny("no", rule="{plugin}.no")] * len(attempts)
"""


def install(folder: Path, plugin: str, *, requires: str | None = "arrears-sdk>=0.1,<0.2", version: str = "1.0") -> None:
    """What a package manager leaves behind for a package with one plugin."""
    module = plugin.replace("-", "_")
    (folder / f"{module}.py").write_text(SOURCE.format(name="Found", plugin=plugin))
    info = folder / f"{module}_{version}.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {plugin}-package", f"Version: {version}", "Summary: Refuses."]
    lines += [f"Requires-Dist: {requires}"] if requires else []
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "entry_points.txt").write_text(f"[arrears.plugins]\n{plugin} = {module}:Found\n")


def found_in(folder: Path) -> list[Candidate]:
    return installed([PathDistribution(info) for info in sorted(folder.glob("*.dist-info"))])


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


async def test_an_installed_plugin_is_found_by_its_metadata_and_imported_only_when_enabled(
    opened: Open, packages: Path
) -> None:
    # given
    for plugin in ("found-enabled", "found-disabled"):
        install(packages, plugin)

    # when
    one = await opened(settings={"found-enabled": {}}, candidates=found_in(packages))

    # then
    told = {status.name: (status.version, status.state, status.summary) for status in one.host.plugins()}
    assert told == {
        "found-disabled": ("1.0", PluginState.DISABLED, "Refuses."),
        "found-enabled": ("1.0", PluginState.ENABLED, "Refuses."),
    }
    assert "found_enabled" in sys.modules
    assert "found_disabled" not in sys.modules
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert [(finding.plugin, finding.plugin_version) for finding in ruling.findings] == [("found-enabled", "1.0")]


async def test_a_plugin_for_another_sdk_is_left_out_with_the_reason(opened: Open, packages: Path) -> None:
    install(packages, "from-tomorrow", requires="arrears-sdk>=7")
    one = await opened(settings={"from-tomorrow": {}}, candidates=found_in(packages))
    (told,) = one.host.plugins()
    assert told.state is PluginState.INCOMPATIBLE
    assert str(told.reason).startswith("It is made for arrears-sdk >=7, and this is 0.")
    assert "from_tomorrow" not in sys.modules
    # It may have had a rule against the contact.
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert ruling.verdict is Verdict.DENY
    assert [finding.rule for finding in ruling.findings] == ["arrears.plugin-missing"]


async def test_the_risk_can_be_taken_by_name(opened: Open, packages: Path) -> None:
    install(packages, "taken-risk", requires="arrears-sdk>=7")
    one = await opened(settings={"taken-risk": {"accept_incompatible": True}}, candidates=found_in(packages))
    (told,) = one.host.plugins()
    assert told.state is PluginState.ENABLED
    assert (told.checks[0].id, told.checks[0].status) == ("compatible", "WARNING")


async def test_a_package_that_states_no_range_runs_with_a_warning(opened: Open, packages: Path) -> None:
    install(packages, "rangeless", requires=None)
    one = await opened(settings={"rangeless": {}}, candidates=found_in(packages))
    (told,) = one.host.plugins()
    assert told.state is PluginState.ENABLED
    assert ("compatible", "WARNING") in [(check.id, check.status) for check in told.checks]


def test_two_packages_with_one_name_stop_the_start_with_both(packages: Path) -> None:
    install(packages, "twin")
    (other := packages / "other").mkdir()
    install(other, "twin", version="2.0")
    first, second = found_in(packages)[0], found_in(other)[0]
    with pytest.raises(PluginStartError, match=r"'twin': twin-package 1\.0 and twin-package 2\.0"):
        check_names([first, second])


async def test_a_file_is_enabled_for_the_whole_deployment_unless_settings_say_otherwise(
    opened: Open, tmp_path: Path
) -> None:
    file = tmp_path / "trial.py"
    file.write_text(SOURCE.format(name="Trial", plugin="trial"))
    one = await opened(settings={}, files=[file])
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert ruling.verdict is Verdict.DENY

    one.change(SettingsSnapshot(5, {DEPLOYMENT: {"trial": GroupSettings(enabled=False)}}))
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert ruling.verdict is Verdict.ALLOW
    assert [status.state for status in one.host.plugins()] == [PluginState.DISABLED]


async def test_a_file_in_a_package_can_import_its_neighbours(opened: Open, tmp_path: Path) -> None:
    package = tmp_path / "src" / "neighbourly"
    package.mkdir(parents=True)
    (package / "words.py").write_text('WORD = "no"\n')
    (package / "__init__.py").write_text(
        "from neighbourly.words import WORD\n" + SOURCE.format(name="Neighbourly", plugin="neighbourly")
    )
    one = await opened(settings={}, files=[package / "__init__.py"])
    assert [status.state for status in one.host.plugins()] == [PluginState.ENABLED]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1\n", "has no class that extends Plugin and gives a `name`"),
        ("class A(Plugin:\n", "is not Python"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_without_a_plugin_stops_the_start(tmp_path: Path, text: str | None, why: str) -> None:
    file = tmp_path / "nothing.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(PluginStartError, match=why):
        in_file(file)


async def test_a_misspelt_hook_is_told_with_the_nearest(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "misspelt.py"
    file.write_text(SOURCE.format(name="Misspelt", plugin="misspelt").replace("rule_on_contacts", "rule_on_contact"))
    one = await opened(settings={}, files=[file])
    (told,) = one.host.plugins()
    assert told.state is PluginState.FAILED
    assert "rule_on_contact is no hook; the nearest is rule_on_contacts" in str(told.reason)


async def test_what_is_enabled_and_not_installed_is_told(opened: Open) -> None:
    one = await opened(settings={"vanished": {}})
    (told,) = one.host.plugins()
    assert (told.name, told.state) == ("vanished", PluginState.FAILED)
    assert told.reason == "It is enabled and not installed: install its package, or disable it."
    with pytest.raises(PluginStartError, match="'vanished' is required and does not run"):
        await opened(settings=SettingsSnapshot(1, {DEPLOYMENT: {"vanished": GroupSettings(True, True)}}))
