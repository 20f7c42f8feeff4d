"""The settings of one deployment, read from the environment and nowhere else.

Every setting is an environment variable `ARREARS_<NAME>`. No `.env` file is read. Secrets are secret types, so that
they do not show in logs, errors or a debugger's listing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from arrears_sdk.errors import ErrorCode, InputError, Problem

PREFIX = "ARREARS_"


class Settings(BaseSettings):
    """What the people who run a deployment decide about it; frozen once read."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=None, frozen=True, hide_input_in_errors=True)

    database_url: SecretStr | None = Field(
        default=None, description="The database, as its owner. Without it an embedded PostgreSQL is started."
    )
    api_database_url: SecretStr | None = Field(
        default=None, description="The same database as the role arrears_api, which the API uses."
    )
    worker_database_url: SecretStr | None = Field(
        default=None, description="The same database as the role arrears_worker, which background jobs use."
    )
    data_folder: Path = Field(
        default_factory=lambda: default_data_folder(),
        description="Where the embedded database, its keys and the audit head are kept.",
    )
    deployment_keys: SecretStr | None = Field(
        default=None, description="The deployment's keys, each 32 bytes in base64, the current one first."
    )
    deployment_keys_file: Path | None = Field(
        default=None, description="A file with the deployment's keys, one a line, the current one first."
    )
    index_key: SecretStr | None = Field(
        default=None, description="The key of the blind indexes; by default it comes from the oldest deployment key."
    )
    audit_head_file: Path | None = Field(
        default=None, description="Where the head of the audit chain is written, outside the database."
    )
    sandbox: bool = Field(default=False, description="Whether the deployment's clock may be moved.")

    host: str = Field(default="127.0.0.1", description="The address that the server listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port that the server listens on.")
    trusted_proxies: str = Field(
        default="", description="Addresses of proxies, separated by commas, whose forwarding headers are believed."
    )
    https_only: bool = Field(
        default=False,
        description="Whether the public side is HTTPS: browsers are told so, and sockets without it are refused.",
    )
    allowed_origins: str = Field(
        default="", description="Origins of browser front-ends on other hosts, separated by commas."
    )
    connections: int = Field(default=10, ge=2, le=200, description="Database connections of one process, at most.")
    worker_in_server: bool | None = Field(
        default=None,
        description="Whether `arrears serve` also runs background jobs; by default only with the embedded database.",
    )
    worker_concurrency: int = Field(default=4, ge=1, le=64, description="Jobs that one worker runs at a time.")

    plugin_files: str = Field(
        default="", description="Files with plugins, separated by commas, enabled unless settings say otherwise."
    )
    trace_hooks: bool = Field(
        default=False, description="Whether every call of a plugin is logged, with personal data masked."
    )

    token_issuer: str | None = Field(default=None, description="The issuer whose bearer tokens (JWT) are accepted.")
    token_audience: str | None = Field(default=None, description="The audience that a bearer token must name.")
    token_keys_url: str | None = Field(default=None, description="Where the issuer publishes its keys (JWKS).")
    token_algorithms: str = Field(default="RS256,ES256,EdDSA", description="The signature algorithms allowed.")
    token_keys_private: bool = Field(
        default=False, description="Whether the issuer may be on a private network, where plain http is enough."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="What is logged.")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="Logs for machines or for people; auto asks whether a terminal is there."
    )

    @field_validator("data_folder", "deployment_keys_file", "audit_head_file")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.database_url is None and (self.api_database_url or self.worker_database_url):
            raise ValueError("ARREARS_API_DATABASE_URL and ARREARS_WORKER_DATABASE_URL need ARREARS_DATABASE_URL")
        if self.deployment_keys and self.deployment_keys_file:
            raise ValueError("give ARREARS_DEPLOYMENT_KEYS or ARREARS_DEPLOYMENT_KEYS_FILE, not both")
        if self.token_issuer and not (self.token_audience and self.token_keys_url):
            raise ValueError("ARREARS_TOKEN_ISSUER needs ARREARS_TOKEN_AUDIENCE and ARREARS_TOKEN_KEYS_URL")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the deployment starts its own PostgreSQL."""
        return self.database_url is None

    def listed(self, name: str) -> tuple[str, ...]:
        """A setting that holds several values, one by one."""
        return tuple(part.strip() for part in str(getattr(self, name)).split(",") if part.strip())

    @property
    def runs_worker(self) -> bool:
        """Whether `arrears serve` runs background jobs in its own process."""
        return self.embedded if self.worker_in_server is None else self.worker_in_server


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment, with the caller's own values before them.

    Raises InputError naming every variable that is wrong; the values themselves are not shown.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise InputError.of(
            Problem(ErrorCode.INVALID_INPUT, f"{_variable(part['loc'])}: {part['msg']}", tuple(map(str, part["loc"])))
            for part in error.errors(include_url=False, include_input=False)
        ) from None


def unknown_variables() -> list[str]:
    """Environment variables that look like settings and are none: most likely misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def default_data_folder() -> Path:
    """The folder in which this user's deployment keeps its data when no setting says otherwise."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif "XDG_DATA_HOME" not in os.environ and os.geteuid() == 0:
        # PostgreSQL does not run as root, and the user it runs as may not enter root's home.
        base = Path("/var/lib")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "arrears"


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + str(location[0]).upper() if location else "The settings"
