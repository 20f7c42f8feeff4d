"""What plugins keep: by plugin and client, within limits, sealed when it is about a person, from any thread."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import psycopg
import pytest

from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears.kernel.vault import destroy_person_key
from arrears.plugins.store import PluginValues, ValueStore, forget_values_of
from arrears_sdk.errors import AccessError, ErrorCode, InputError, NotFoundError, RefusedError, TemporaryError
from arrears_sdk.host import StoredValue
from arrears_sdk.ids import encode_id
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency

AnswerT = TypeVar("AnswerT")


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    """Two clients with four debtors each."""
    return await make_small_agency(deployment)


@pytest.fixture(params=["api", "worker"])
async def store(request: pytest.FixtureRequest, deployment: Deployment) -> ValueStore:
    """The store as the API has it, and as a worker has it."""
    return ValueStore(deployment.context() if request.param == "api" else deployment.worker_context())


def client(agency: SmallAgency, number: int) -> str:
    return encode_id("clnt", agency.clients[number])


def debtor(agency: SmallAgency, number: int) -> str:
    return encode_id("dbtr", agency.debtors[number])


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1.5, "", "ä\u0000\U0001f600", [], {"b": [1, {"a": None}], "a": "x"}, 2**63 - 1],
    ids=repr,
)
async def test_a_value_comes_back_as_it_was_put(store: ValueStore, value: Any) -> None:
    values = store.values("diary")

    await values.put("one", {"earlier": True})
    await values.put("one", value)

    assert await values.get("one") == value
    assert await values.list() == [StoredValue(key="one", value=value)]
    assert (await values.delete("one"), await values.delete("one")) == (True, False)
    assert await values.get("one") is None


async def test_plugins_and_clients_do_not_see_each_others_values(store: ValueStore, agency: SmallAgency) -> None:
    # given: the same key everywhere
    places = {
        (plugin, place): store.values(plugin, client_id=place)
        for plugin in ("diary", "ledger-notes")
        for place in (None, client(agency, 0), client(agency, 1))
    }
    for (plugin, place), values in places.items():
        await values.put("key", [plugin, place])

    # when
    await places["diary", client(agency, 0)].delete("key")

    # then
    found = {where: [each.value for each in await values.list()] for where, values in places.items()}
    expected: dict[tuple[str, str | None], list[Any]] = {where: [list(where)] for where in places}
    expected["diary", client(agency, 0)] = []
    assert found == expected


async def test_row_level_security_keeps_values_of_a_client_to_it(deployment: Deployment, agency: SmallAgency) -> None:
    # given
    store = ValueStore(deployment.context())
    for place in (None, client(agency, 0), client(agency, 1)):
        await store.values("diary", client_id=place).put("key", 1)

    # when: read without any filter
    seen = {}
    with psycopg.connect(deployment.urls.api) as api:
        for name, scope in {
            "none": None,
            "first": Scope("limited", staff=True, clients=(agency.clients[0],)),
            "everything": Scope.everything(),
        }.items():
            for setting, text in {} if scope is None else scope.settings().items():
                api.execute("select set_config(%s, %s, true)", [setting, text])
            seen[name] = [row[0] for row in api.execute("select client_id from plugin_value order by id")]
            api.rollback()

    # then
    assert seen == {"none": [], "first": [agency.clients[0]], "everything": [None, *agency.clients]}


async def test_pages_follow_the_order_of_keys(store: ValueStore) -> None:
    values = store.values("diary")
    for key in ("b%1", "a", "b_2", "b1", "c", "B"):
        await values.put(key, key)

    first = await values.list("b", limit=2)
    second = await values.list("b", after=first[-1].key, limit=2)

    assert [each.key for each in await values.list()] == ["B", "a", "b%1", "b1", "b_2", "c"]
    assert ([each.key for each in first], [each.key for each in second]) == (["b%1", "b1"], ["b_2"])
    assert await values.list("b%_") == []


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("", 1, ErrorCode.INVALID_INPUT),
        ("k" * 201, 1, ErrorCode.INVALID_INPUT),
        ("a\0b", 1, ErrorCode.INVALID_INPUT),
        ("\ud800", 1, ErrorCode.INVALID_INPUT),
        ("key", "x" * (64 * 1024 - 1), ErrorCode.PAYLOAD_TOO_LARGE),
        ("key", math.nan, ErrorCode.INVALID_INPUT),
        ("key", (1, 2), ErrorCode.INVALID_INPUT),
        ("key", {1: 2}, ErrorCode.INVALID_INPUT),
        ("key", object(), ErrorCode.INVALID_INPUT),
        ("key", 2**80, ErrorCode.INVALID_INPUT),
        ("key", "\ud800", ErrorCode.INVALID_INPUT),
    ],
    ids=["empty", "long", "nul", "surrogate", "large", "nan", "tuple", "number-key", "object", "huge", "half"],
)
async def test_what_cannot_be_kept_is_refused(deployment: Deployment, key: str, value: Any, code: ErrorCode) -> None:
    values = ValueStore(deployment.context()).values("diary")

    with pytest.raises(InputError) as refused:
        await values.put(key, value)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert await values.list() == []


async def test_what_is_as_large_as_allowed_is_kept(store: ValueStore) -> None:
    values = store.values("diary")
    largest = "x" * (64 * 1024 - 2)

    await values.put("k" * 200, largest)

    assert await values.get("k" * 200) == largest
    with pytest.raises(InputError, match="1 to 250"):
        await values.list(limit=251)


async def test_a_value_about_a_person_is_stored_as_ciphertext_only(
    deployment: Deployment, store: ValueStore, agency: SmallAgency
) -> None:
    # given
    place = client(agency, 0)
    values = store.values("crm-notes", client_id=place, personal_data=True)

    # when
    await values.put("n1", {"says": "Ada Lovelace"}, debtor_id=debtor(agency, 0))
    await values.put("n2", 2, debtor_id=debtor(agency, 1))
    await values.put("n3", 3)

    # then
    assert await values.get("n1") == {"says": "Ada Lovelace"}
    assert await values.of_debtor(debtor(agency, 0)) == [
        StoredValue(key="n1", value={"says": "Ada Lovelace"}, debtor_id=debtor(agency, 0))
    ]
    with psycopg.connect(deployment.urls.owner) as owner:
        plain = owner.execute("select key, value, sealed is null from plugin_value order by key").fetchall()
        [dumped] = owner.execute("select string_agg(plugin_value::text, '') from plugin_value").fetchone() or ("",)
    assert plain == [("n1", None, False), ("n2", None, False), ("n3", 3, True)]
    assert "Ada" not in dumped
    assert b"Ada".hex() not in dumped


async def test_a_sealed_value_that_was_moved_does_not_open(
    deployment: Deployment, store: ValueStore, agency: SmallAgency
) -> None:
    values = store.values("crm-notes", personal_data=True)
    for key in ("a", "b"):
        await values.put(key, key, debtor_id=debtor(agency, 0))

    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute(
            "update plugin_value set sealed = (select sealed from plugin_value where key = 'b') where key = 'a'"
        )

    assert await values.get("b") == "b"
    with pytest.raises(Exception, match="altered, or belongs to another cell"):
        await values.get("a")


async def test_only_plugins_that_say_so_keep_personal_data(store: ValueStore, agency: SmallAgency) -> None:
    values = store.values("diary")

    with pytest.raises(AccessError, match="diary keeps no personal data"):
        await values.put("key", 1, debtor_id=debtor(agency, 0))

    assert await values.list() == []


async def test_a_debtor_of_another_client_is_unknown(store: ValueStore, agency: SmallAgency) -> None:
    values = store.values("crm-notes", client_id=client(agency, 0), personal_data=True)

    with pytest.raises(NotFoundError):
        await values.put("key", 1, debtor_id=debtor(agency, 4))

    assert await values.list() == []


async def test_with_a_persons_key_their_values_are_gone_and_can_be_removed(
    deployment: Deployment, store: ValueStore, agency: SmallAgency
) -> None:
    # given
    everywhere = store.values("crm-notes", personal_data=True)
    at_client = store.values("other-notes", client_id=client(agency, 0), personal_data=True)
    for values in (everywhere, at_client):
        await values.put("gone", 1, debtor_id=debtor(agency, 0))
        await values.put("stays", 2, debtor_id=debtor(agency, 1))

    # when
    async with begin(deployment.context()) as tx:
        await destroy_person_key(tx, agency.debtors[0])

    # then
    for values in (everywhere, at_client):
        assert await values.get("gone") is None
        assert [each.key for each in await values.list()] == ["stays"]
        assert await values.of_debtor(debtor(agency, 0)) == []
    with pytest.raises(RefusedError) as refused:
        await everywhere.put("again", 1, debtor_id=debtor(agency, 0))
    assert refused.value.problems[0].code is ErrorCode.PERSON_ERASED

    # and when
    async with begin(deployment.context()) as tx:
        removed = await forget_values_of(tx, agency.debtors[0])

    # then
    with psycopg.connect(deployment.urls.owner) as owner:
        left = owner.execute("select plugin, key from plugin_value order by plugin").fetchall()
    assert (removed, left) == (2, [("crm-notes", "stays"), ("other-notes", "stays")])


async def test_of_many_puts_at_once_one_stays_whole(
    deployment: Deployment, store: ValueStore, agency: SmallAgency
) -> None:
    values = store.values("crm-notes", personal_data=True)

    await asyncio.gather(
        *(
            values.put("key", number, debtor_id=debtor(agency, number % 8) if number % 2 else None)
            for number in range(40)
        )
    )

    [kept] = await values.list()
    assert kept.value in range(40)
    assert kept.debtor_id == (debtor(agency, kept.value % 8) if kept.value % 2 else None)  # type: ignore[operator]


async def from_a_thread(work: Coroutine[Any, Any, AnswerT]) -> AnswerT:
    """The answer of work that a plugin does on a loop of its own."""
    return await asyncio.to_thread(asyncio.run, work)


async def test_a_plugin_reaches_its_values_from_its_own_loop(store: ValueStore) -> None:
    values = store.values("diary")

    async def remember() -> tuple[str, Any]:
        await values.put("key", {"n": 1})
        with pytest.raises(InputError):
            await values.put("", 1)
        return threading.current_thread().name, await values.get("key")

    thread, found = await from_a_thread(remember())

    assert thread != threading.current_thread().name
    assert found == {"n": 1}


async def test_a_call_that_takes_too_long_is_ended(deployment: Deployment) -> None:
    # given: somebody holds the row
    values = ValueStore(deployment.context(), call_seconds=0.3).values("diary")
    await values.put("key", 1)
    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute("select from plugin_value for update")

        # when
        for call in (values.put("key", 2), from_a_thread(values.put("key", 3))):
            with pytest.raises(TemporaryError, match="in time"):
                await call

    # then
    assert await values.get("key") == 1


async def test_a_platform_that_has_ended_is_told_apart(deployment: Deployment) -> None:
    async def made() -> PluginValues:
        return ValueStore(deployment.context()).values("diary")

    values = await from_a_thread(made())

    with pytest.raises(TemporaryError, match="stopping"):
        await values.get("key")
