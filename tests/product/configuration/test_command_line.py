"""`arrears config`: a file is checked, compared, applied once and exported again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Deployment
from tests.product.cli.conftest import Command, arrears, settings_environment  # noqa: F401 (fixtures)
from tests.product.configuration.places import make_acme
from tests.product.configuration.plugin_files import two_plugins  # noqa: F401 (a fixture)

Write = Callable[[str], str]

FILE = """\
[deployment]
format = 1

[plugins.ladder]
enabled = true
locked = ["first_hour"]
null = ["scorer"]

[plugins.ladder.settings]
first_hour = 9
steps = [{ day = 1, channel = "EMAIL" }, { day = 8, channel = "LETTER" }]

[plugins.till]
enabled = false

[clients.ACME.plugins.till]
enabled = true
required = true

[clients.ACME.plugins.till.settings]
api_key = { env = "TILL_KEY" }

[clients.ACME.portfolios."CARDS 2026".plugins.ladder.settings]
weight = 0.5
"""


@pytest.fixture
def command(
    deployment: Deployment,
    arrears: Command,  # noqa: F811
    two_plugins: None,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """`arrears` with a client ACME that has a portfolio, and two plugins."""
    monkeypatch.setenv("TILL_KEY", "sk_live_canary")
    make_acme(arrears, deployment, portfolio="CARDS 2026")
    return arrears


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file and gives its path."""

    def put(text: str) -> str:
        file = tmp_path / "arrears.toml"
        file.write_text(text, encoding="utf-8")
        return str(file)

    return put


def test_a_file_is_applied_once_and_exported_as_it_stands(command: Command, write: Write) -> None:
    file = write(FILE)
    # when
    checked = command("config", "check", file)
    compared = command("config", "diff", file)
    applied = command("config", "apply", file, "--yes", "--reason", "Go live")
    again = command("config", "apply", file, "--yes")
    exported = command("config", "export")
    empty = command("config", "diff", write(exported.out))

    # then
    assert (checked.code, checked.out, checked.err) == (0, f"{file} is right.\n", "")
    plan = """\
the deployment: ladder
  + enabled = true
  + locked = ["first_hour"]
  + settings.first_hour = 9
  + settings.scorer = null
  + settings.steps = [{ day = 1, channel = "EMAIL" }, { day = 8, channel = "LETTER" }]
the deployment: till
  + enabled = false
client ACME: till
  + enabled = true
  + required = true
  + settings.api_key = { env = "TILL_KEY" }
portfolio CARDS 2026 of client ACME: ladder
  + settings.weight = 0.5
"""
    assert (compared.code, compared.out, compared.err) == (1, plan, "")
    assert (applied.code, applied.out) == (0, plan + "Applied; the settings are at version 4.\n")
    nothing = "Nothing to change: the settings are as the file says (version 4).\n"
    assert (again.code, again.out) == (0, nothing)
    assert (empty.code, empty.out) == (0, nothing)
    assert exported.out == "# The settings of the deployment at version 4.\n" + FILE


def test_what_a_file_leaves_out_of_a_place_is_taken_away_there_and_nowhere_else(command: Command, write: Write) -> None:
    command("config", "apply", write(FILE), "--yes")
    shorter = write("[plugins.ladder]\nenabled = true\n")

    kept = command("config", "diff", shorter, "--json")
    pruned = command("config", "apply", shorter, "--prune", "--yes", "--json")

    def told(outcome) -> list[tuple[str, str, str, str]]:
        return [(one["client"], one["group"], one["name"], one["change"]) for one in outcome.json["changes"]]

    deployment_only = [
        (None, "ladder", "locked", "remove"),
        (None, "ladder", "settings.first_hour", "remove"),
        (None, "ladder", "settings.scorer", "remove"),
        (None, "ladder", "settings.steps", "remove"),
        (None, "till", "enabled", "remove"),
    ]
    assert (kept.code, kept.json["version"], told(kept)) == (1, 4, deployment_only)
    assert told(pruned) == [
        *deployment_only,
        ("ACME", "till", "enabled", "remove"),
        ("ACME", "till", "required", "remove"),
        ("ACME", "till", "settings.api_key", "remove"),
        ("ACME", "ladder", "settings.weight", "remove"),
    ]
    assert (pruned.code, pruned.json["version"]) == (0, 8)
    assert command("config", "export").out == (
        "# The settings of the deployment at version 8.\n[deployment]\nformat = 1\n\n[plugins.ladder]\nenabled = true\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "[plugins.ladder]\nenabled\n",
            2,
            "This is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 8).",
        ),
        (
            "[plugins.ladder]\nenabeld = true\n",
            2,
            "plugins.ladder.enabeld: There is no such key: 'enabeld'. Did you mean 'enabled'?",
        ),
        ("[plugins.ladder]\nenabled = 1\n", 2, "plugins.ladder.enabled: Input should be a valid boolean."),
        ("[deployment]\nformat = 2\n", 2, "deployment.format: Input should be 1."),
        ("[plugins.lader]\nenabled = true\n", 1, "plugins.lader: There is no plugin 'lader'. Did you mean 'ladder'?"),
        ("[settings.ladder]\n", 1, "settings.ladder: 'ladder' is a plugin: it stands under `plugins`, not `settings`."),
        ("[clients.ACNE.plugins.till]\n", 1, "clients.ACNE: There is no client 'ACNE'. Did you mean 'ACME'?"),
        (
            '[clients.ACME]\n\n[clients.ACME.portfolios."CARDS 2062".plugins.till]\n',
            3,
            (
                'clients.ACME.portfolios."CARDS 2062":'
                " Client ACME has no portfolio 'CARDS 2062'. Did you mean 'CARDS 2026'?"
            ),
        ),
        (
            "[plugins.ladder.settings]\n# a remark\nfirst_hour = 24\n",
            3,
            "plugins.ladder.settings.first_hour: Input should be less than or equal to 23.",
        ),
        (
            (
                '[[plugins.ladder.settings.steps]]\nday = 1\nchannel = "EMAIL"\n\n[[plugins.ladder.settings.steps]]\n'
                'channel = "EMAIL"\nday = """\nx"""\n'
            ),
            7,
            (
                "plugins.ladder.settings.steps[1].day:"
                " Input should be a valid integer, unable to parse string as an integer."
            ),
        ),
        (
            "[plugins.ladder.settings]\nweight = nan\n",
            2,
            "plugins.ladder.settings.weight: A number has to be finite.",
        ),
        (
            '[plugins.ladder]\nnull = ["scorer"]\nsettings = { scorer = "x" }\n',
            2,
            "plugins.ladder.null: 'scorer' is null here and has a value beside it: only one can hold.",
        ),
        (
            '[plugins.ladder]\nlocked = ["first_hour"]\n[clients.ACME.plugins.ladder.settings]\nfirst_hour = 9\n',
            4,
            "clients.ACME.plugins.ladder.settings.first_hour: 'first_hour' is locked by the deployment's settings.",
        ),
        (
            '[plugins.till.settings]\napi_key = "sk_live_canary"\n',
            2,
            'plugins.till.settings.api_key: A secret is given by reference only: {"env": "NAME"} or {"file": "/path"}.',
        ),
        (
            '[plugins.till.settings]\nlabels = { env = "TILL_KEY" }\napi_key = { env = "TILL_KEY" }\n',
            2,
            "plugins.till.settings.labels: This is no secret, and cannot be taken from the environment or a file.",
        ),
        (
            "[clients.ACME.plugins.till]\nenabled = true\n",
            1,
            "clients.ACME.plugins.till.settings.api_key: Field required.",
        ),
    ],
)
def test_a_fault_is_told_by_path_and_line(command: Command, write: Write, text: str, line: int, message: str) -> None:
    file = write(text)

    checked = command("config", "check", file)
    applied = command("config", "apply", file, "--yes")

    assert (checked.code, checked.out, checked.err) == (1, "", f"{file}:{line}: {message}\n")
    assert (applied.code, applied.out, applied.err) == (2, "", f"{file}:{line}: {message}\n")


def test_faults_in_json(command: Command, write: Write) -> None:
    checked = command("config", "check", write("[plugins.ladder.settings]\nfirst_hour = 24\nweights = 1\n"), "--json")

    assert checked.json == {
        "faults": [
            {
                "path": "plugins.ladder.settings.first_hour",
                "line": 2,
                "message": "Input should be less than or equal to 23.",
            },
            {
                "path": "plugins.ladder.settings.weights",
                "line": 3,
                "message": "There is no such setting: 'weights'. Did you mean 'weight'?",
            },
        ],
        "notes": [],
    }


def test_a_secret_that_this_machine_lacks_is_only_noted(command: Command, write: Write) -> None:
    file = write('[plugins.till.settings]\napi_key = { env = "NO_SUCH_KEY" }\n')

    checked = command("config", "check", file)

    reason = "takes its secret from the environment variable NO_SUCH_KEY, which is not set"
    assert (checked.code, checked.out) == (0, f"{file} is right.\n")
    assert checked.err == f"{file}:2: plugins.till.settings.api_key: On this machine it {reason}.\n"


def test_nothing_is_applied_without_a_yes(command: Command, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("[plugins.ladder]\nenabled = true\n")
    monkeypatch.setattr("arrears.cli.config._agreed", lambda: False)

    declined = command("config", "apply", file)
    silent = command("config", "apply", file, "--json")

    assert (declined.code, declined.out) == (0, "the deployment: ladder\n  + enabled = true\nNothing was applied.\n")
    assert (silent.code, silent.out) == (2, "")
    assert command("config", "diff", file).code == 1
