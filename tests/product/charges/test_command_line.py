"""`arrears charges run`: the daily run by hand, with settings from a file."""

from __future__ import annotations

import datetime
from pathlib import Path

import psycopg
import pytest

from arrears.kernel.keys import DeploymentKeys, new_key_text
from arrears.kernel.vault import Vault
from tests.conftest import Deployment
from tests.product.charges.fees import Fees
from tests.product.cli.conftest import Command, arrears, settings_environment  # noqa: F401 (fixtures)

SETTINGS = """\
[deployment]
format = 1

[clients.ACME.settings.charges]
rules = [{ id = "late", kind = "LATE", currency = "USD", amount = "10.00", after_days = 10 }]
"""


@pytest.fixture
def key() -> str:
    """The deployment's key."""
    return new_key_text()


@pytest.fixture
async def acme(deployment: Deployment, key: str) -> Fees:
    """A client with a debt that fell due in 2020, whatever day it is."""
    deployment.vault = Vault(DeploymentKeys.parse(key))
    fees = Fees(deployment)
    fees.client_id = await fees.client("ACME")
    await fees.debt(opened_on=datetime.date(2020, 1, 15), due_on=datetime.date(2020, 2, 14))
    return fees


@pytest.fixture
def command(
    acme: Fees,
    key: str,
    arrears: Command,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """`arrears`, with the settings applied."""
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", key)
    file = tmp_path / "arrears.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    applied = arrears("config", "apply", str(file), "--yes")
    assert applied.code == 0, applied
    return arrears


def test_a_run_by_hand_says_what_it_charged_and_charges_nothing_again(deployment: Deployment, command: Command) -> None:
    first = command("charges", "run", "--through", "2020-03-01")
    again = command("charges", "run", "--through", "2020-03-05", "--json")
    assert (first.code, first.out) == (
        0,
        "Fees: 1 quoted, 1 claimed, 0 waived, 0 not allowed; 0 accounts failed.\n",
    )
    assert again.json == {"quoted": 0, "claimed": 0, "waived": 0, "refused": 0, "failed": 0}
    with psycopg.connect(deployment.urls.owner) as connection:
        rows = connection.execute("select rule, state, amount_minor, claimed_on::text from fee_claim").fetchall()
    assert rows == [("late", "CLAIMED", 1_000, "2020-03-01")]


def test_a_day_to_come_is_one_sentence(command: Command) -> None:
    refused = command("charges", "run", "--through", "2199-01-01")
    assert refused.code == 2
    assert refused.err.startswith("2199-01-01 lies in the future")
