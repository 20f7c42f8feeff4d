"""A plugin's settings object: secrets by reference, faults with their path, the host's own settings apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from arrears.plugins.configuring import HostSettings, configure, host_settings, split
from arrears_sdk import Config
from arrears_sdk.errors import InputError


class Nested(Config):
    url: str
    key: SecretStr | None = None


class Example(Config):
    hour: int = 8
    label: str = "x"
    nested: Nested | None = None
    many: tuple[Nested, ...] = ()
    token: SecretStr = SecretStr("")


def problems(values: dict[str, Any], **options: bool) -> list[tuple[tuple[str, ...], str]]:
    with pytest.raises(InputError) as caught:
        configure(Example, "example", values, **options)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def test_secrets_come_from_the_environment_and_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXAMPLE_TOKEN", "from-the-environment")
    (tmp_path / "key").write_text("from-a-file\n")
    file = str(tmp_path / "key")
    values: dict[str, Any] = {
        "token": {"env": "EXAMPLE_TOKEN"},
        "nested": {"url": "u", "key": {"file": file}},
        "many": [{"url": "v"}, {"url": "w", "key": {"file": file}}],
    }
    config = configure(Example, "example", values)
    assert config.token.get_secret_value() == "from-the-environment"
    assert config.nested is not None
    assert [one.key.get_secret_value() for one in (config.nested, config.many[1]) if one.key] == ["from-a-file"] * 2
    assert "from-a-file" not in repr(config)


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"hour": "late"}, ("example", "hour"), "example.hour - input should be a valid integer"),
        ({"houre": 3}, ("example", "houre"), "example.houre - extra inputs are not permitted"),
        ({"many": [{"url": "u"}, {}]}, ("example", "many", "1", "url"), "example.many.1.url - field required"),
        ({"token": "sk_live_1"}, ("example", "token"), "example.token - is a secret: give"),
        ({"nested": {"url": "u", "key": "k"}}, ("example", "nested", "key"), "example.nested.key - is a secret"),
        ({"label": {"env": "PATH"}}, ("example", "label"), "example.label - is no secret and cannot be taken"),
        (
            {"token": {"env": "NOT_SET_HERE"}},
            ("example", "token"),
            "environment variable NOT_SET_HERE, which",
        ),
        (
            {"token": {"file": "/nowhere/key"}},
            ("example", "token"),
            "the file /nowhere/key, which cannot be read",
        ),
        ({"token": {"env": ""}}, ("example", "token", "env"), "names no variable or file"),
    ],
)
def test_a_fault_is_told_with_its_exact_path_and_without_secrets(
    values: dict[str, Any], field: tuple[str, ...], message: str
) -> None:
    ((found, told),) = problems(values)
    assert found == field
    assert message in told
    assert "sk_live_1" not in told


def test_every_fault_is_told_at_once() -> None:
    assert [field for field, _ in problems({"hour": "x", "many": [{}]})] == [
        ("example", "hour"),
        ("example", "many", "0", "url"),
    ]


def test_references_can_be_checked_where_the_secrets_are_not() -> None:
    assert configure(Example, "example", {"token": {"env": "NOT_SET_HERE"}}, fetch=False).hour == 8


def test_the_hosts_own_settings_are_told_apart() -> None:
    values: dict[str, Any] = {"isolation": "process", "budget_seconds": {"rule_on_contacts": 1.5}, "hour": 3}
    assert split(values).own == {"hour": 3}
    assert host_settings("example", values) == HostSettings(
        isolation="process", budget_seconds={"rule_on_contacts": 1.5}
    )
    with pytest.raises(InputError, match=r"example\.isolation - input should be 'thread' or 'process'"):
        host_settings("example", {"isolation": "none"})
