"""The command line before it does anything: quick, light, and clear about mistakes."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from arrears.cli.application import run

COMMANDS = (
    "demo",
    "serve",
    "worker",
    "import",
    "schema",
    "keys",
    "clients",
    "ledger",
    "audit",
    "db",
    "health",
    "plugin",
)
HEAVY = {
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "psycopg",
    "strawberry",
    "graphql",
    "starlette",
    "uvicorn",
    "rich",
    "alembic",
}
HELP_SECONDS = 0.5


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in listed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "Usage: arrears" in capsys.readouterr().out


def test_help_takes_less_than_half_a_second_and_imports_no_library_of_the_platform() -> None:
    script = (
        "import sys; from arrears.cli.application import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    )
    spent = []
    loaded: set[str] = set()
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # The processor's time: how long it takes on a machine that does nothing else.
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        loaded = {name.partition(".")[0] for name in ran.stderr.split()}

    assert min(spent) < HELP_SECONDS
    assert loaded & HEAVY == set()


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    run([])
    captured = capsys.readouterr()
    assert "Usage: arrears" in captured.out + captured.err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == "0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing"], "No such command 'nothing'. See `arrears --help`."),
        (["keys", "revoke"], "Missing argument 'key'. See `arrears keys revoke --help`."),
        (["serve", "--port", "no"], "Invalid value for '--port': Input should be a valid integer"),
        (["import", "nowhere.csv", "--mapping", "m.toml", "--client", "X"], "does not exist"),
        (["ledger", "--wrong"], "No such option"),
    ],
)
def test_a_wrong_command_line_gives_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert captured.out == ""
