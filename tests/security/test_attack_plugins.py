"""Plugins that add what no schema can show or answer what no answer can hold, and what an error must not repeat."""

from __future__ import annotations

import dataclasses
import enum
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import SecretStr

from arrears.payments.model import OutcomeKind
from arrears.plugins.configuring import configure
from arrears.plugins.status import PluginState
from arrears_sandbox_gateway import SandboxGateway
from arrears_sdk.errors import InputError
from arrears_sdk.money import Money
from arrears_sdk.outcome import Declined, Done
from arrears_sdk.plugin import Config, Plugin
from arrears_sdk.ports.gateway import ChargeRequest
from arrears_sdk.ports.graphql import Asked, Extension, GraphQLParts, RootQuery
from tests.api import Api, api_for
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.payments.till import CHARGE_MUTATION, Till


@dataclasses.dataclass(frozen=True)
class Circle:
    """Goes on within itself."""

    again: Annotated[Circle | None, "Once more."] = None


@dataclasses.dataclass(frozen=True)
class Foreign:
    """Names a field as GraphQL cannot."""

    größe: Annotated[str, "How large."]


@dataclasses.dataclass(frozen=True)
class Nothing:
    """Has no field."""


class Truth(enum.Enum):
    """Has a name that GraphQL keeps for itself."""

    true = "It is so."


@dataclasses.dataclass(frozen=True)
class Many:
    """A list within an object."""

    values: Annotated[list[str], "Many."]


def plugin_with(parts: GraphQLParts) -> type[Plugin[Config]]:
    """A plugin that adds these parts."""

    class Culprit(Plugin[Config]):
        """Adds to the schema."""

        name = "culprit"

        def register_graphql(self) -> GraphQLParts:
            return parts

    return Culprit


def root(returns: Any, value: object = None) -> GraphQLParts:
    """A root field of a type, with its value."""

    async def resolve(asked: Asked, arguments: Mapping[str, object]) -> object:
        return value

    return GraphQLParts(
        queries=[RootQuery(name="it", returns=returns, resolve=resolve, description="It.", permission="self.read")]
    )


async def _nowhere(asked: Asked, objects: object) -> object:
    return objects


ON_NOWHERE = Extension(
    on="Nowhere", name="it", returns=str, resolve=_nowhere, description="It.", permission="self.read"
)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "parts",
    [root(Circle), root(Foreign), root(Nothing), root(Truth), GraphQLParts(extensions=[ON_NOWHERE])],
    ids=["circle", "foreign", "nothing", "truth", "nowhere"],
)
async def test_a_plugin_whose_types_no_schema_can_show_is_left_out(deployment: Deployment, parts: GraphQLParts) -> None:
    opened = await host_with(deployment, [plugin_with(parts)])

    async with api_for(deployment.context()) as api:
        answer = await api("{ viewer { __typename } }")

    status = next(one for one in opened.host.plugins() if one.name == "culprit")
    assert "errors" not in answer
    assert status.state is PluginState.FAILED
    assert status.reason


@pytest.mark.parametrize(
    ("returns", "value", "selected"),
    [
        (str, "x" * 10_000_000, ""),
        (str, "\ud800", ""),
        (float, float("nan"), ""),
        (Many, Many(["x" * 1_000] * 250), "{ values }"),
        (Many, Many(["x"] * 100_000), "{ values }"),
    ],
    ids=["long", "unpaired", "nan", "much", "many"],
)
async def test_a_value_that_no_answer_can_hold_is_left_out(
    deployment: Deployment, returns: Any, value: object, selected: str
) -> None:
    await host_with(deployment, [plugin_with(root(returns, value))])

    async with api_for(deployment.context()) as api:
        answer = await api(f"{{ culpritIt {selected} viewer {{ __typename }} }}")

    assert "errors" not in answer
    assert answer["data"] == {"culpritIt": None, "viewer": {"__typename": "Viewer"}}
    assert [note["plugin"] for note in answer["extensions"]["plugins"]] == ["culprit"]


WRONG = {
    "reference": Done(reference=5),  # type: ignore[arg-type]
    "amount": Done(reference="ch_1", amount="40.00"),  # type: ignore[arg-type]
    "message": Declined(code="no", message=None),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG)
async def test_an_outcome_that_makes_no_sense_is_unknown(
    deployment: Deployment, api: Api, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await Till.open(deployment, api, tmp_path)
    _answering(monkeypatch, till, WRONG[name])

    payload = await till.charge()

    assert payload["paymentIntent"]["outcome"] == OutcomeKind.UNKNOWN
    assert "wrong" in payload["paymentIntent"]["problem"] or name in payload["paymentIntent"]["problem"]


async def test_an_outcome_with_a_text_that_cannot_be_stored_is_stored_without_it(
    deployment: Deployment, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await Till.open(deployment, api, tmp_path)
    _answering(monkeypatch, till, Done(reference="ch_\ud800\x00", amount=Money(4000, "USD")))

    payload = await till.charge()

    assert payload["paymentIntent"]["status"] == "SETTLED"
    assert payload["paymentIntent"]["providerReference"] == "ch_?"


def _answering(monkeypatch: pytest.MonkeyPatch, till: Till, outcome: object) -> None:
    async def charge(self: object, request: ChargeRequest) -> object:
        return outcome

    from arrears_sandbox_gateway.gateway import SandboxPort

    monkeypatch.setattr(SandboxPort, "charge", charge)
    assert SandboxGateway.name in till.settings


async def test_a_refused_input_is_not_repeated_with_the_secrets_beside_the_fault(
    deployment: Deployment, api: Api, tmp_path: Path
) -> None:
    till = await Till.open(deployment, api, tmp_path)
    whole = till.charge_input("tok_planted_secret", "10.00")
    for given in ({**whole, "unknown": 1}, {name: one for name, one in whole.items() if name != "method"}):
        answer = await api(CHARGE_MUTATION, {"input": given})
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "tok_planted_secret" not in str(answer)
    written = 'mutation { paymentCharge(input: {token: "tok_planted_secret", other: 1}) { userErrors { code } } }'
    assert "tok_planted_secret" not in str(await api(written))


class Secretive(Config):
    """Has a secret."""

    password: SecretStr


def test_a_secret_is_read_from_a_plain_file_only(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for where in ("/dev/zero", str(pipe), str(tmp_path)):
        with pytest.raises(InputError, match="cannot be read"):
            configure(Secretive, "secretive", {"password": {"file": where}})
