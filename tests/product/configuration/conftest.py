"""A deployment with two clients and two plugins, whose settings come from its database as in a running one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, SecretStr, model_validator

from arrears.clients.commands import ClientCreate, PortfolioCreate, client_create, portfolio_create
from arrears.clients.model import CollectorRole
from arrears.configuration.source import DatabaseSettings
from arrears.plugins.discovery import of_class
from arrears.plugins.host import PluginHost
from arrears_sdk.ids import encode_id
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from tests.conftest import Deployment


class QuietConfig(Config):
    """When nobody is contacted."""

    first_hour: int = Field(default=8, ge=0, le=23)
    last_hour: int = Field(default=21, ge=0, le=23)
    days: list[Literal["MON", "TUE", "SUN"]] = Field(default=["SUN"])

    @model_validator(mode="after")
    def _in_order(self) -> QuietConfig:
        if self.first_hour >= self.last_hour:
            raise ValueError("first_hour lies before last_hour")
        return self


class Quiet(Plugin[QuietConfig]):
    """Refuses contacts outside the hours."""

    name = "quiet"
    version = "1.2.3"

    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Sequence[Ruling]:
        return [Ruling.allow() for _ in attempts]


class Endpoint(BaseModel):
    """A place with a key of its own."""

    url: str
    key: SecretStr


class PayConfig(Config):
    """How payments are taken."""

    api_key: SecretStr
    webhook_key: SecretStr | None = None
    endpoints: list[Endpoint] = Field(default_factory=list)
    by_country: dict[str, SecretStr] = Field(default_factory=dict)
    currency: str | None = "USD"


class Pay(Plugin[PayConfig]):
    """Takes payments."""

    name = "pay"


@dataclass(frozen=True)
class Agency:
    """What there is."""

    acme: UUID
    zenith: UUID
    cards: UUID

    @property
    def ids(self) -> dict[str, str]:
        """The same as variables of an operation."""
        return {
            "acme": encode_id("clnt", self.acme),
            "zenith": encode_id("clnt", self.zenith),
            "cards": encode_id("port", self.cards),
        }


@pytest.fixture
async def settings(deployment: Deployment) -> DatabaseSettings:
    """The settings that the deployment's processes read, with a host of the two plugins."""
    source = DatabaseSettings(deployment.database)
    deployment.services.add(source)
    candidates = [of_class(Quiet), of_class(Pay)]
    host = PluginHost(source, clock=deployment.clock, candidates=candidates)
    await host.open()
    deployment.closing.push_async_callback(host.close)
    deployment.services.add(host)
    return source


@pytest.fixture
async def agency(deployment: Deployment, settings: DatabaseSettings) -> Agency:
    """ACME with a portfolio of cards, and ZENITH."""
    made: dict[str, UUID] = {}
    for reference in ("ACME", "ZENITH"):
        client = ClientCreate(
            name=reference.title(),
            reference=reference,
            country="US",
            currency="USD",
            time_zone="America/New_York",
            collector_role=CollectorRole.THIRD_PARTY,
        )
        made[reference] = (await client_create(deployment.context(), client)).result.client_id
    portfolio = PortfolioCreate(client_id=made["ACME"], name="Cards", reference="CARDS")
    cards = (await portfolio_create(deployment.context(), portfolio)).result.portfolio_id
    return Agency(made["ACME"], made["ZENITH"], cards)


def by_name(groups: list[dict[str, Any]], group: str) -> dict[str, Any]:
    """One group of an answer."""
    return next(one for one in groups if one["group"] == group)
