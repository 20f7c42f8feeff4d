"""Running the command line inside the test's own process, on the test's own database."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from arrears.cli.application import run
from arrears.kernel.keys import new_key_text


@dataclass(frozen=True)
class Outcome:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


Command = Callable[..., Outcome]


@pytest.fixture
def settings_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without any setting but a data folder of the test's own."""
    import os

    for name in [name for name in os.environ if name.startswith("ARREARS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ARREARS_DATA_FOLDER", str(tmp_path))
    return tmp_path


@pytest.fixture
def arrears(
    deployment, settings_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """`arrears ...` on the database of the `deployment` fixture."""
    monkeypatch.setenv("ARREARS_DATABASE_URL", deployment.urls.owner)
    monkeypatch.setenv("ARREARS_API_DATABASE_URL", deployment.urls.api)
    monkeypatch.setenv("ARREARS_WORKER_DATABASE_URL", deployment.urls.worker)
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", new_key_text())
    # What was logged while the deployment was made is not the command's output.
    capsys.readouterr()

    def command(*arguments: str) -> Outcome:
        code = run(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    handlers, level, hook = list(logging.getLogger().handlers), logging.getLogger().level, sys.excepthook
    yield command
    # A command line configures the logs of its process, which is the test's here.
    logging.getLogger().handlers[:], sys.excepthook = handlers, hook
    logging.getLogger().setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
