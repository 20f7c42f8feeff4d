"""What plugins add to the schema: root fields under their name, data on core types in batches, and nothing else."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

import pytest

from arrears.graphql.build import SchemaClashError
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingsSnapshot
from arrears.schema import core_sdl, schema_with
from arrears_sdk import Config, Money, Plugin
from arrears_sdk.ids import encode_id
from arrears_sdk.ports.graphql import Asked, ExtendedObject, ExtendedType, Extension, GraphQLParts, RootQuery
from tests.api import api_for
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency
from tests.plugin_hosts import host_with

CALLS: list[tuple[str, tuple[str, ...]]] = []


class Level(enum.Enum):
    """How likely it is that somebody pays."""

    HIGH = "More likely than not."
    LOW = "Less likely than not."


@dataclass(frozen=True)
class Band:
    """One band of scores."""

    level: Annotated[Level, "How likely."]
    floor: Annotated[Money | None, "The smallest balance in it."]
    since: Annotated[date, "Since when it is used."]
    names: Annotated[tuple[str, ...], "What people call it."]


HIGH = Band(Level.HIGH, Money.parse("10.00", "USD"), date(2026, 1, 1), ("good", "green"))


class Bands(Config):
    """Settings of the plugin below."""

    label: str = "usual"


class Marks(Plugin[Bands]):
    """Adds a field of each kind."""

    name = "marks"

    def register_graphql(self) -> GraphQLParts:
        return GraphQLParts(
            queries=(
                RootQuery(
                    name="bands",
                    description="The bands.",
                    permission="accounts.read",
                    returns=list[Band],
                    resolve=self._bands,
                    arguments={"at_least": (int | None, "At least so many of them.")},
                ),
            ),
            extensions=(
                self._extension("Account", "mark", str),
                self._extension("Account", "band", Band),
                self._extension("Debtor", "mark", str),
                self._extension("Client", "mark", str, "clients.write"),
            ),
        )

    def _bands(self, asked: Asked, arguments: Mapping[str, object]) -> Sequence[Band]:
        assert asked.principal_id.startswith("prin_")
        return [HIGH] * int(str(arguments.get("at_least") or 1))

    def _extension(self, on: ExtendedType, name: str, kind: object, needs: str = "accounts.read") -> Extension:
        async def resolve(asked: Asked, objects: Sequence[ExtendedObject]) -> Sequence[object]:
            CALLS.append((f"{on}.{name}", tuple(one.id for one in objects)))
            if name == "band":
                return [HIGH for _ in objects]
            return [f"{self.config.label} {one.id[:4]}" for one in objects]

        about = f"The {name} of a {on}."
        return Extension(on=on, name=name, description=about, permission=needs, returns=kind, resolve=resolve)


class Broken(Plugin):
    """A plugin whose extension answers with whatever a test wants."""

    name = "broken"
    answer: ClassVar[Any] = None

    def register_graphql(self) -> GraphQLParts:
        field = Extension(
            on="Account", name="mark", description="A mark.", permission="accounts.read", returns=int,
            resolve=self._resolve,
        )  # fmt: skip
        return GraphQLParts(extensions=(field,))

    def _resolve(self, asked: Asked, objects: Sequence[ExtendedObject]) -> Sequence[object]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    CALLS.clear()
    return await make_small_agency(deployment)


def settings(agency: SmallAgency, clients: Mapping[int, Mapping[str, Any]]) -> SettingsSnapshot:
    """The plugin enabled for the deployment, and for clients with settings of their own or not at all."""
    places: dict[Place, Mapping[str, GroupSettings]] = {DEPLOYMENT: {"marks": GroupSettings(enabled=True)}}
    for index, said in clients.items():
        places[Place(agency.clients[index])] = {"marks": GroupSettings(**said)}
    return SettingsSnapshot(1, places)


ACCOUNTS = "{ accounts(first: 50) { nodes { id client { id } extensions { marks { mark } } } } }"


async def test_all_objects_of_an_operation_are_asked_about_in_one_call(
    deployment: Deployment, agency: SmallAgency
) -> None:
    """Given two lists with the same extension, when both are read at once, then the plugin is called once."""
    await host_with(deployment, [Marks])
    async with api_for(deployment.context()) as api:
        answer = await api(
            """query {
                accounts(first: 50) { nodes { id extensions { marks { mark band { level floor { amount } } } } } }
                again: accounts(first: 2) { nodes { extensions { marks { other: mark } } } }
                debtors(first: 50) { nodes { id extensions { marks { mark } } } }
            }"""
        )

    nodes = answer["data"]["accounts"]["nodes"]
    assert len(nodes) == len(agency.accounts)
    assert [node["extensions"]["marks"]["mark"] for node in nodes] == ["usual acct"] * len(nodes)
    assert nodes[0]["extensions"]["marks"]["band"] == {"level": "HIGH", "floor": {"amount": "10.00"}}
    assert [node["extensions"]["marks"]["other"] for node in answer["data"]["again"]["nodes"]] == ["usual acct"] * 2
    assert sorted(name for name, _ in CALLS) == ["Account.band", "Account.mark", "Debtor.mark"]
    asked = dict(CALLS)
    assert sorted(asked["Account.mark"]) == sorted(node["id"] for node in nodes)


async def test_clients_with_settings_of_their_own_are_asked_apart_and_others_not_at_all(
    deployment: Deployment, agency: SmallAgency
) -> None:
    """Given one client with its own settings, when accounts are read, then its rows come from its own object."""
    await host_with(deployment, [Marks], settings(agency, {0: {"values": {"label": "special"}}}))
    async with api_for(deployment.context()) as api:
        nodes = (await api(ACCOUNTS))["data"]["accounts"]["nodes"]
    first = encode_id("clnt", agency.clients[0])
    marks = {node["client"]["id"] == first: node["extensions"]["marks"]["mark"] for node in nodes}
    assert marks == {True: "special acct", False: "usual acct"}
    assert len(CALLS) == 2

    CALLS.clear()
    await host_with(deployment, [Marks], settings(agency, {0: {"enabled": False}}))
    async with api_for(deployment.context()) as api:
        nodes = (await api(ACCOUNTS))["data"]["accounts"]["nodes"]
    marks = {node["client"]["id"] == first: node["extensions"]["marks"]["mark"] for node in nodes}
    assert marks == {True: None, False: "usual acct"}
    assert len(CALLS) == 1


async def test_a_root_field_takes_arguments_and_gives_typed_values(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a plugin's root field, when it is asked with an argument, then dataclasses, enums and money are shown."""
    await host_with(deployment, [Marks])
    async with api_for(deployment.context()) as api:
        answer = await api(
            "query($n: Int) { marksBands(atLeast: $n) { __typename level since names floor { amount currency } } }",
            {"n": 2},
        )
    band = {
        "__typename": "MarksBand",
        "level": "HIGH",
        "since": "2026-01-01",
        "names": ["good", "green"],
        "floor": {"amount": "10.00", "currency": "USD"},
    }
    assert answer["data"] == {"marksBands": [band, band]}


async def test_a_field_of_a_plugin_is_refused_without_its_permission(
    deployment: Deployment, agency: SmallAgency
) -> None:
    """Given a collector, who may not write clients, when the client's mark is selected, then nothing is read."""
    await host_with(deployment, [Marks])
    async with api_for(deployment.context()) as api:
        answer = await api("{ clients(first: 5) { nodes { extensions { marks { mark } } } } }", role="COLLECTOR")
        seen = await api(ACCOUNTS, role="COLLECTOR")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "ClientMarks.mark needs the permission clients.write" in answer["errors"][0]["message"]
    assert "errors" not in seen
    assert [name for name, _ in CALLS] == ["Account.mark"]


async def test_extensions_are_there_in_payloads_and_through_node(deployment: Deployment, agency: SmallAgency) -> None:
    """Given an account, when it is read by `node` or in a mutation's payload, then its extensions are filled in."""
    await host_with(deployment, [Marks])
    account = encode_id("acct", agency.accounts[0])
    async with api_for(deployment.context()) as api:
        answer = await api(
            "query($id: ID!) { node(id: $id) { id ... on Account { extensions { marks { mark } } } } }", {"id": account}
        )
        written = await api(
            """mutation($id: ID!) {
                holdPlace(input: {accountId: $id, kind: DISPUTE, source: DEBTOR, reason: "goods never came"}) {
                    hold { account { extensions { marks { mark } } } } userErrors { message }
                }
            }""",
            {"id": account},
        )
    assert answer["data"]["node"] == {"id": account, "extensions": {"marks": {"mark": "usual acct"}}}
    assert written["data"]["holdPlace"]["hold"]["account"] == {"extensions": {"marks": {"mark": "usual acct"}}}


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (RuntimeError("no luck"), "raised RuntimeError"),
        ([1], "It gave 1 values for"),
        (["x"] * 50, None),
        (7, "It gave no list of values."),
    ],
)
async def test_a_plugin_that_fails_leaves_its_field_out_and_no_more(
    deployment: Deployment, agency: SmallAgency, returned: Any, reason: str | None
) -> None:
    """Given a plugin that raises or answers wrongly, then its field is null, the rest is there, and it is named."""
    if reason is None:
        returned, reason = ["x"] * len(agency.accounts), "It gave a value of the wrong type"
    Broken.answer = returned
    await host_with(deployment, [Marks, Broken])
    async with api_for(deployment.context()) as api:
        answer = await api(
            "{ accounts(first: 50) { nodes { reference extensions { marks { mark } broken { mark } } } } }"
        )
    nodes = answer["data"]["accounts"]["nodes"]
    assert {node["extensions"]["broken"]["mark"] for node in nodes} == {None}
    assert {node["extensions"]["marks"]["mark"] for node in nodes} == {"usual acct"}
    (note,) = answer["extensions"]["plugins"]
    assert (note["plugin"], note["field"]) == ("broken", "Account.extensions mark")
    assert reason in note["reason"]
    assert "no luck" not in note["reason"]


def parts(name: str, on: ExtendedType = "Account", returns: object = str) -> GraphQLParts:
    """Parts with one root field and one extension."""
    return GraphQLParts(
        queries=(RootQuery(name=name, description="A.", permission="accounts.read", returns=returns, resolve=_none),),
        extensions=(
            Extension(on=on, name=name, description="A.", permission="accounts.read", returns=returns, resolve=_none),
        ),
    )


def _none(*_: object) -> list[object]:
    return []


def test_two_owners_of_one_name_stop_the_start_and_both_are_told() -> None:
    """Given plugins whose fields or types get one name, when the schema is built, then both are named."""
    with pytest.raises(SchemaClashError, match=r"plugin card and the plugin card-band both declare Query\.cardBandX"):
        schema_with([("card", parts("band_x")), ("card-band", parts("x"))])
    with pytest.raises(SchemaClashError, match=r"arrears\.\S+ and the plugin debtor both declare Query\.debtorS"):
        schema_with([("debtor", parts("search"))])


def test_a_schema_with_plugins_leaves_the_core_as_it_is() -> None:
    """Given a schema built with plugins, when the core's is printed afterwards, then nothing of theirs is in it."""
    before = core_sdl()
    with_marks = schema_with([("a-b", parts("mark", returns=Band))]).strawberry.as_str()
    again = schema_with([("a-b", parts("mark", returns=Band))]).strawberry.as_str()

    assert "aBMark: ABBand" in with_marks
    assert with_marks == again
    assert core_sdl() == before


class Unknown(Plugin):
    """Adds a field under a permission that nobody has."""

    name = "unknown"

    def register_graphql(self) -> GraphQLParts:
        field = RootQuery(name="x", description="X.", permission="made.up", returns=str, resolve=lambda a, b: "x")
        return GraphQLParts(queries=(field,))


async def test_parts_that_cannot_be_shown_disable_their_plugin(deployment: Deployment, agency: SmallAgency) -> None:
    """Given a plugin with an unknown permission, when the API starts, then it runs without it and says why."""
    opened = await host_with(deployment, [Marks, Unknown])
    async with api_for(deployment.context()) as api:
        answer = await api("{ __schema { queryType { fields { name } } } }")
    names = {field["name"] for field in answer["data"]["__schema"]["queryType"]["fields"]}
    assert "marksBands" in names
    assert "unknownX" not in names
    (status,) = [one for one in opened.host.plugins() if one.name == "unknown"]
    assert status.reason == "Its field x needs the permission 'made.up', which does not exist."
