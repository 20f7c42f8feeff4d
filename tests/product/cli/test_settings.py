"""Settings: from the environment only, checked at once, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from arrears.cli.application import run
from arrears.settings import default_data_folder, read_settings, unknown_variables
from arrears_sdk.errors import InputError


@pytest.fixture(autouse=True)
def environment(settings_environment: Path) -> Path:
    return settings_environment


def test_without_any_setting_the_database_is_embedded_and_the_worker_runs_in_the_server() -> None:
    settings = read_settings()
    assert (settings.embedded, settings.runs_worker, settings.sandbox) == (True, True, False)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_with_a_database_of_its_own_the_server_leaves_jobs_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREARS_DATABASE_URL", "postgresql://owner:hidden@db/arrears")
    assert (read_settings().embedded, read_settings().runs_worker) == (False, False)
    monkeypatch.setenv("ARREARS_WORKER_IN_SERVER", "true")
    assert read_settings().runs_worker is True


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREARS_DATABASE_URL", "postgresql://owner:hidden@db/arrears")
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", "c2VjcmV0")
    assert "hidden" not in repr(read_settings())
    assert "c2VjcmV0" not in repr(read_settings())


def test_no_env_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ARREARS_PORT=9999\n")
    monkeypatch.chdir(tmp_path)
    assert read_settings().port == 8000


def test_every_wrong_variable_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREARS_PORT", "s3cret")
    monkeypatch.setenv("ARREARS_LOG_LEVEL", "loud")
    with pytest.raises(InputError) as refused:
        read_settings()
    names = sorted(problem.message.partition(":")[0] for problem in refused.value.problems)
    assert names == ["ARREARS_LOG_LEVEL", "ARREARS_PORT"]
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"ARREARS_API_DATABASE_URL": "postgresql://a@b/c"}, "need ARREARS_DATABASE_URL"),
        ({"ARREARS_DEPLOYMENT_KEYS": "x", "ARREARS_DEPLOYMENT_KEYS_FILE": "/tmp/x"}, "not both"),
        ({"ARREARS_TOKEN_ISSUER": "https://login.example.com"}, "ARREARS_TOKEN_AUDIENCE and ARREARS_TOKEN_KEYS_URL"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=message):
        read_settings()


def test_a_misspelt_variable_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARREARS_DATABSE_URL", "postgresql://a@b/c")
    assert unknown_variables() == ["ARREARS_DATABSE_URL"]
    run(["health", "--url", "http://127.0.0.1:1"])
    assert "There is no setting ARREARS_DATABSE_URL; it is ignored." in capsys.readouterr().err


def test_data_lies_in_the_users_own_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARREARS_DATA_FOLDER")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/share")
    assert default_data_folder() == Path("/somewhere/share/arrears")
    assert read_settings().data_folder == Path("/somewhere/share/arrears")
    monkeypatch.setenv("ARREARS_DATA_FOLDER", "~/mine")
    assert read_settings().data_folder == Path("~/mine").expanduser()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREARS_ALLOWED_ORIGINS", "https://a.example.com, https://b.example.com,")
    assert read_settings().listed("allowed_origins") == ("https://a.example.com", "https://b.example.com")
    assert read_settings().listed("trusted_proxies") == ()


def test_a_database_without_keys_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARREARS_DATABASE_URL", "postgresql://owner@127.0.0.1:1/arrears")
    assert run(["clients", "list"]) == 2
    assert "set ARREARS_DEPLOYMENT_KEYS or ARREARS_DEPLOYMENT_KEYS_FILE" in capsys.readouterr().err


def test_a_database_that_does_not_answer_gives_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from arrears.kernel.keys import new_key_text

    monkeypatch.setenv("ARREARS_DATABASE_URL", "postgresql://owner:hidden@127.0.0.1:1/arrears")
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", new_key_text())
    assert run(["clients", "list"]) == 4
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "hidden" not in said
