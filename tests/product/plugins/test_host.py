"""The host: who is asked where, what becomes of the answers, and what is told about plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from arrears.plugins.settings import DEPLOYMENT, Place
from arrears.plugins.status import PluginState
from arrears_sdk import Account, Config, ContactAttempt, Plugin, Ruling, Score
from arrears_sdk.ruling import Verdict
from tests.plugin_hosts import TestHost, enabled_at
from tests.product.plugins.attempts import account, contact

Open = Callable[..., Awaitable[TestHost]]


class CurfewConfig(Config):
    hour: int = 21


class Curfew(Plugin[CurfewConfig]):
    name = "curfew"
    version = "1.2"

    async def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        late = Ruling.deny(f"after {self.config.hour}", rule="curfew.late")
        return [late if attempt.at.hour >= self.config.hour else Ruling() for attempt in attempts]


class Cautious(Plugin):
    name = "cautious"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        return [Ruling.warn("somebody should look", rule="cautious.look") for _ in attempts]

    def score_accounts(self, accounts: Sequence[Account]) -> Sequence[Score]:
        return [Score(value=0.5) for _ in accounts]


async def test_without_plugins_everything_is_allowed(opened: Open) -> None:
    host = (await opened()).host
    rulings = await host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert [ruling.verdict for ruling in rulings] == [Verdict.ALLOW]


async def test_the_strictest_wins_and_both_are_recorded_in_their_names(opened: Open) -> None:
    host = (await opened(Curfew, Cautious, settings={"curfew": {"hour": 10}, "cautious": {}})).host
    (ruling,) = await host.rule("rule_on_contacts", [contact()], [DEPLOYMENT])
    assert ruling.verdict is Verdict.DENY
    assert [(f.plugin, f.plugin_version, f.rule, f.settings_version) for f in ruling.ordered] == [
        ("curfew", "1.2", "curfew.late", 1),
        ("cautious", "0", "cautious.look", 1),
    ]


async def test_each_attempt_is_ruled_on_under_the_settings_of_its_client(opened: Open) -> None:
    strict, mild, without = Place(uuid4()), Place(uuid4()), Place(uuid4())
    settings = enabled_at({strict: {"curfew": {"hour": 10}}, mild: {"curfew": {"hour": 20}}})
    host = (await opened(Curfew, settings=settings)).host
    rulings = await host.rule("rule_on_contacts", [contact()] * 4, [mild, strict, without, strict])
    assert [ruling.verdict for ruling in rulings] == [Verdict.ALLOW, Verdict.DENY, Verdict.ALLOW, Verdict.DENY]


async def test_scores_stand_side_by_side(opened: Open) -> None:
    host = (await opened(Cautious)).host
    assert await host.score([account()], [DEPLOYMENT]) == [{"cautious": Score(value=0.5)}]


async def test_what_is_enabled_nowhere_is_told_and_not_asked(opened: Open) -> None:
    host = (await opened(Curfew, Cautious, settings={"cautious": {}})).host
    assert {status.name: status.state for status in host.plugins()} == {
        "curfew": PluginState.DISABLED,
        "cautious": PluginState.ENABLED,
    }
    (ruling,) = await host.rule("rule_on_contacts", [contact(hour=23)], [DEPLOYMENT])
    assert ruling.verdict is Verdict.WARN
