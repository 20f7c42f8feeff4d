"""A rule of law has one plugin that says what it means: two that claim its id stop the start, both named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arrears.plugins.failures import PluginStartError
from arrears.plugins.settings import DEPLOYMENT
from arrears.plugins.status import PluginState
from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import ALLOWED, Ruling
from arrears_sdk.views import ContactAttempt
from tests.product.plugins.attempts import contact
from tests.product.plugins.conftest import Open

FIRST: RulePack[ContactAttempt] = RulePack("first-law")
SECOND: RulePack[ContactAttempt] = RulePack("second-law")


def calls(attempt: ContactAttempt) -> Ruling:
    """Calls are as they are."""
    return ALLOWED


for law in (FIRST, SECOND):
    law.rule("xx.code.calls", citation="Code 1", jurisdiction="XX")(calls)


class FirstLaw(Plugin):
    """Has the rule."""

    name = "first-law"
    packs = (FIRST,)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """By the pack."""
        return FIRST.rule_on(attempts)


class SecondLaw(Plugin):
    """Has it too."""

    name = "second-law"
    packs = (SECOND,)

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> list[Ruling]:
        """By the pack."""
        return SECOND.rule_on(attempts)


class Oddly(Plugin):
    """What it gives as packs is something else."""

    name = "oddly"
    packs = (42,)  # type: ignore[assignment]


async def test_two_packs_with_one_rule_stop_the_start(opened: Open) -> None:
    with pytest.raises(PluginStartError, match=r"first-law and second-law both have the rule 'xx\.code\.calls'"):
        await opened(FirstLaw, SecondLaw)


async def test_a_second_one_that_is_enabled_later_does_not_come_up_and_denies(opened: Open) -> None:
    one = await opened(FirstLaw, SecondLaw, settings={"first-law": {}})
    assert await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT]) == [Ruling()]

    one.change({"first-law": {}, "second-law": {}})
    (ruling,) = await one.host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])

    (finding,) = ruling.findings
    assert (finding.plugin, finding.rule) == ("arrears", "arrears.plugin-missing")
    assert "second-law is enabled here and does not run" in finding.reason
    assert "both have the rule 'xx.code.calls'" in finding.reason
    second = {status.name: status for status in one.host.plugins()}["second-law"]
    assert second.state is PluginState.FAILED


async def test_packs_that_are_none_keep_the_plugin_out(opened: Open) -> None:
    one = await opened(Oddly)
    (status,) = one.host.plugins()
    assert status.state is PluginState.FAILED
    assert "no rule packs" in str(status.reason)
