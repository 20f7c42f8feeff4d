"""`arrears strategies preview`, with the plugins that are installed and settings from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.product.cli.conftest import Command, arrears, settings_environment  # noqa: F401 (fixtures)
from tests.product.strategies.desk import Desk

SETTINGS = """\
[deployment]
format = 1

[plugins.dunning-ladder]
enabled = true

[plugins.dunning-ladder.settings]
steps = [{ name = "first-notice", from_days = 3, channels = ["LETTER"] }]

[plugins.balance-score]
enabled = true

[clients.ACME.settings.strategies]
strategy = "dunning-ladder"
"""


@pytest.fixture
async def acme(desk: Desk) -> str:
    """A client with an account that is 16 days past due."""
    client = await desk.client("ACME")
    await desk.owing(client, await desk.person(client), "INV-7")
    return "ACME"


@pytest.fixture
def command(acme: str, arrears: Command, tmp_path: Path) -> Command:  # noqa: F811
    """`arrears`, with the settings applied."""
    file = tmp_path / "arrears.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    applied = arrears("config", "apply", str(file), "--yes")
    assert applied.code == 0, applied
    return arrears


def test_a_preview_is_a_table_for_people_and_json_for_scripts(command: Command) -> None:
    # when
    table = command("strategies", "preview", "--client", "ACME", "--on", "2026-03-02")
    script = command("strategies", "preview", "--client", "ACME", "--on", "2026-03-02", "--json")
    # then
    assert table.code == 0, table
    head, *_ = table.out.splitlines()
    assert head.startswith("dunning-ladder (dunning-ladder 0.1.0, settings ")
    assert head.endswith("scores of balance-score 0.1.0, on 2026-03-02 at ACME:")
    for shown in ("INV-7", "CONTACT", "LETTER", "first-notice", "120.50 USD", "Step 1 of 1: 16 days past due"):
        assert shown in table.out
    found = json.loads(script.out)
    (action,) = found["actions"]
    assert (action["reference"], action["step"], action["plugin"]) == ("INV-7", "first-notice", "dunning-ladder")
    assert (found["client"], found["on"], found["more"]) == ("ACME", "2026-03-02", False)
    assert action["ruling"]["verdict"] == "WARN"
    assert [finding["rule"] for finding in action["ruling"]["findings"]] == ["arrears.no-rules"]


def test_an_unknown_client_is_one_sentence(command: Command) -> None:
    unknown = command("strategies", "preview", "--client", "NOBODY")
    assert (unknown.code, unknown.err) == (3, "There is no client 'NOBODY' that you may see.\n")
