"""What an agency chooses about the law stands in its settings file: applied, the next question is answered so."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from arrears.accounts.model import Product, Purpose
from arrears.configuration.source import DatabaseSettings
from arrears.plugins.host import PluginHost
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import START, Deployment
from tests.product.cli.conftest import Command, arrears, settings_environment  # noqa: F401 (fixtures)
from tests.product.compliance.asking import CAN_CONTACT
from tests.product.compliance.case import Case, NewResidence

DETROIT = NewResidence(country="US", region="MI", city="Detroit", postal_code="48201", address_lines="1 Main St")
FILE = """\
[deployment]
format = 1

[plugins.us-federal]
enabled = true

[plugins.us-states]
enabled = true
"""
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
EARLY, NOON = START, START + 5 * HOUR  # seven o'clock and noon in Detroit


@pytest.fixture
async def account(case: Case, deployment: Deployment) -> UUID:
    """A card debt of somebody in Detroit who was called on each of the last seven days, and plugins as installed."""
    source = DatabaseSettings(deployment.database)
    host = PluginHost(source, clock=deployment.clock)
    await host.open()
    deployment.closing.push_async_callback(host.close)
    deployment.services.add(source)
    deployment.services.add(host)
    client = await case.client()
    debtor = await case.person(client, residences=(DETROIT,))
    account = await case.account(client, debtor, product=Product.CARD, purpose=Purpose.CONSUMER)
    for days in range(1, 7):
        await case.call(account, NOON - days * DAY, "NO_ANSWER")
    await case.call(account, EARLY - HOUR, "NO_ANSWER")
    return account


class Office:
    """An agency that applies a settings file and asks about a call."""

    def __init__(self, command: Command, folder: Path, deployment: Deployment, api: Api, account: UUID) -> None:
        self.command, self.folder, self.deployment, self.api = command, folder, deployment, api
        self.account = encode_id("acct", account)

    async def apply(self, text: str) -> None:
        """The file, applied by the command line."""
        file = self.folder / "arrears.toml"
        file.write_text(text, encoding="utf-8")
        applied = await asyncio.to_thread(self.command, "config", "apply", str(file), "--yes")
        assert applied.code == 0, applied.err
        self.deployment.services.find(DatabaseSettings).changed()

    async def said(self, at: datetime.datetime) -> dict[str, tuple[str, str | None]]:
        """Verdict and missing fact of each rule that has something to say of a call."""
        answer = await self.api(CAN_CONTACT, {"accounts": [self.account], "at": at.isoformat()})
        assert "errors" not in answer, answer
        (found,) = answer["data"]["canContact"]
        return {one["rule"]: (one["verdict"], one["missingFact"]) for one in found["findings"]}


@pytest.fixture
def office(
    arrears: Command,  # noqa: F811
    tmp_path: Path,
    deployment: Deployment,
    api: Api,
    account: UUID,
) -> Office:
    """An agency without settings yet."""
    return Office(arrears, tmp_path, deployment, api, account)


HOURS, CALLS, LICENCE = "us.regf.inconvenient-time", "us.regf.call-frequency", "us.mi.licence"
CHOICES: list[Any] = [
    pytest.param("us-federal", 'presumptions = "WARN"', NOON, {CALLS: "DEFER"}, id="presumptions"),
    pytest.param(
        "us-states", 'unverified_rules = "WARN"', EARLY, {"us.mi.hours": "DEFER", LICENCE: "REQUIRE"}, id="unverified"
    ),
    pytest.param("us-states", 'without_licence = "WARN"', NOON, {LICENCE: "REQUIRE"}, id="licence"),
    pytest.param("us-federal", f'warn_only = ["{HOURS}"]', EARLY, {HOURS: "DEFER"}, id="one rule"),
]


@pytest.mark.parametrize(("pack", "setting", "at", "before"), CHOICES)
async def test_a_choice_is_made_in_the_settings_file_and_answers_the_next_question(
    office: Office, pack: str, setting: str, at: datetime.datetime, before: dict[str, str]
) -> None:
    # given
    await office.apply(FILE)
    strict = await office.said(at)
    # when
    await office.apply(f"{FILE}\n[plugins.{pack}.settings]\n{setting}\n")
    chosen = await office.said(at)
    # then: what objected warns, names the same fact that would help, and all else is as it was
    changed = {rule: verdict for rule, (verdict, _) in strict.items() if verdict != chosen[rule][0]}
    assert changed == before
    assert {chosen[rule] for rule in before} == {("WARN", strict[rule][1]) for rule in before}
