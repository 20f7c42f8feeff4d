"""An installed distribution with two plugins, as the command line finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGINS = '''
from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from arrears_sdk.plugin import Config, Plugin


class Step(BaseModel, extra="forbid"):
    day: int
    channel: str


class LadderConfig(Config):
    first_hour: int = Field(default=8, ge=0, le=23)
    weight: float = 1.0
    scorer: str | None = "default"
    steps: list[Step] = []


class Ladder(Plugin[LadderConfig]):
    """Climbs."""

    name = "ladder"


class TillConfig(Config):
    api_key: SecretStr
    labels: dict[str, str] = {}


class Till(Plugin[TillConfig]):
    """Takes payments."""

    name = "till"
'''


METADATA = "Metadata-Version: 2.1\nName: two-plugins\nVersion: 1.0\nSummary: Climbs and counts\n"
ENTRY_POINTS = "[arrears.plugins]\nladder = two_plugins:Ladder\ntill = two_plugins:Till\n"


@pytest.fixture
def two_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The distribution, on the path of this process."""
    site = tmp_path / "site"
    information = site / "two_plugins-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "two_plugins.py").write_text(PLUGINS, encoding="utf-8")
    (information / "METADATA").write_text(METADATA, encoding="utf-8")
    (information / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
