"""Personal values open only in their own cell, with the person's key, for whoever may see the person."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from uuid import UUID

import psycopg
import pytest

from arrears.kernel.key_rotation import rotate_deployment_key
from arrears.kernel.keys import DeploymentKey, DeploymentKeys, Secret, new_key_text
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears.kernel.vault import Cell, Connected, Vault, destroy_person_key, framed
from arrears_sdk.errors import ErrorCode, FaultError, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from tests.conftest import Deployment

TEXT = "078-05-1120 Ä"


def cell(person: UUID, **changes: object) -> Cell:
    usual = {"table": "national_id", "row_id": new_id(), "column": "sealed"}
    return Cell(person_id=person, **{**usual, **changes})  # type: ignore[arg-type]


async def seal(deployment: Deployment, place: Cell, text: str = TEXT) -> bytes:
    async with begin(deployment.context()) as tx:
        return (await deployment.vault.seal_many(tx, [(place, text)]))[0]


async def reveal(deployment: Deployment, place: Cell, sealed: bytes) -> str:
    async with deployment.database.reads(Scope.everything()) as connection:
        return (await deployment.vault.reveal_many(Connected(connection), [(place, sealed)]))[0]


async def test_a_value_is_revealed_in_its_own_cell_and_nowhere_else(deployment: Deployment) -> None:
    person, other = new_id(), new_id()
    place = cell(person)
    sealed = await seal(deployment, place)
    await seal(deployment, cell(other))

    assert TEXT.encode() not in sealed
    assert sealed[:1] == b"\x01"
    assert await reveal(deployment, place, sealed) == TEXT
    for wrong in (
        Cell(person, "contact_point", place.row_id, place.column),
        Cell(person, place.table, new_id(), place.column),
        Cell(person, place.table, place.row_id, "hint"),
        Cell(other, place.table, place.row_id, place.column),
    ):
        with pytest.raises(FaultError, match="altered, or belongs to another cell"):
            await reveal(deployment, wrong, sealed)


async def test_every_altered_byte_is_noticed(deployment: Deployment) -> None:
    place = cell(new_id())
    sealed = await seal(deployment, place, "x")
    for position in range(len(sealed)):
        altered = bytes(byte ^ (position == at) for at, byte in enumerate(sealed))
        with pytest.raises(FaultError):
            await reveal(deployment, place, altered)
    for cut in (b"", sealed[:5], sealed[:-1]):
        with pytest.raises(FaultError):
            await reveal(deployment, place, cut)


async def test_equal_texts_are_sealed_differently(deployment: Deployment) -> None:
    place = cell(new_id())
    assert await seal(deployment, place) != await seal(deployment, place)


async def test_a_person_has_one_key_even_when_many_seal_at_once(deployment: Deployment) -> None:
    person = new_id()
    places = [cell(person) for _ in range(6)]
    sealed = await asyncio.gather(*(seal(deployment, place, str(number)) for number, place in enumerate(places)))
    revealed = [await reveal(deployment, place, value) for place, value in zip(places, sealed, strict=True)]
    assert revealed == ["0", "1", "2", "3", "4", "5"]
    rows = await deployment.worker_database.read(Scope.everything(), "select person_id from person_key")
    assert rows == [(person,)]


async def test_a_destroyed_key_cannot_be_used_or_made_again(deployment: Deployment) -> None:
    person = new_id()
    place = cell(person)
    sealed = await seal(deployment, place)
    async with begin(deployment.context()) as tx:
        assert await destroy_person_key(tx, person)
        assert not await destroy_person_key(tx, person)

    for attempt in (reveal(deployment, place, sealed), seal(deployment, place)):
        with pytest.raises(RefusedError) as refused:
            await attempt
        assert refused.value.code is ErrorCode.PERSON_ERASED
    rows = await deployment.worker_database.read(
        Scope.everything(), "select wrapped, deployment_key_id, destroyed_at is not null from person_key"
    )
    assert rows == [(None, None, True)]


async def test_a_key_of_a_person_outside_the_scope_is_neither_read_nor_destroyed(deployment: Deployment) -> None:
    person = new_id()
    place = cell(person)
    sealed = await seal(deployment, place)
    scope = Scope(kind="limited", staff=True, clients=(new_id(),))
    outsider = Principal(new_id(), "PERSON", "x", frozenset(), frozenset({"*"}), scope)

    async with deployment.database.reads(scope) as connection:
        with pytest.raises(NotFoundError):
            await deployment.vault.reveal_many(Connected(connection), [(place, sealed)])
    with pytest.raises(NotFoundError):
        async with begin(deployment.context(outsider)) as tx:
            await destroy_person_key(tx, person)
    assert await reveal(deployment, place, sealed) == TEXT


async def test_a_limited_principal_seals_for_a_person_that_it_is_only_just_making(deployment: Deployment) -> None:
    """The debtor is not visible to it yet in the same transaction; sealing works nevertheless."""
    scope = Scope(kind="limited", staff=True, clients=(new_id(),))
    maker = Principal(new_id(), "PERSON", "x", frozenset(), frozenset({"*"}), scope)
    place = cell(new_id())
    async with begin(deployment.context(maker)) as tx:
        sealed = (await deployment.vault.seal_many(tx, [(place, TEXT)]))[0]
    assert await reveal(deployment, place, sealed) == TEXT


async def test_a_stolen_database_opens_nothing_without_the_deployment_key(deployment: Deployment) -> None:
    place = cell(new_id())
    sealed = await seal(deployment, place)
    deployment.vault = Vault(DeploymentKeys.generate())
    with pytest.raises(FaultError, match="not configured"):
        await reveal(deployment, place, sealed)
    # Even one that claims the right name.
    keys = DeploymentKeys.parse(f"named:{new_key_text()}"), DeploymentKeys.parse(f"named:{new_key_text()}")
    deployment.vault = Vault(keys[0])
    sealed = await seal(deployment, place := cell(new_id()))
    deployment.vault = Vault(keys[1])
    with pytest.raises(FaultError, match="altered"):
        await reveal(deployment, place, sealed)


async def test_rotation_wraps_every_key_anew_in_batches_and_goes_on_where_it_stopped(deployment: Deployment) -> None:
    old, new = f"2025:{new_key_text()}", f"2026:{new_key_text()}"
    deployment.vault = Vault(DeploymentKeys.parse(old))
    places = [cell(new_id()) for _ in range(7)]
    sealed = [await seal(deployment, place) for place in places]
    erased = new_id()
    async with begin(deployment.context()) as tx:
        await destroy_person_key(tx, erased)
    token = deployment.vault.blind("national_id", TEXT)

    deployment.vault = Vault(DeploymentKeys.parse(new, [old]))

    def stop(done: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotate_deployment_key(deployment.worker_database, deployment.vault, batch=2, progress=stop)
    # Between the halves everything can be read, and a new person goes under the new key.
    assert [await reveal(deployment, *pair) for pair in zip(places, sealed, strict=True)] == [TEXT] * 7
    await seal(deployment, cell(new_id()))
    report = await rotate_deployment_key(deployment.worker_database, deployment.vault, batch=2)
    again = await rotate_deployment_key(deployment.worker_database, deployment.vault)

    assert (report.rewrapped, report.under_key) == (3, {"2026": 8})
    assert (again.rewrapped, again.under_key) == (0, {"2026": 8})
    deployment.vault = Vault(DeploymentKeys.parse(new))
    assert [await reveal(deployment, *pair) for pair in zip(places, sealed, strict=True)] == [TEXT] * 7
    # The blind index outlives the change as long as its own key, or the oldest one, is listed.
    assert Vault(DeploymentKeys.parse(new, [old])).blind("national_id", TEXT) == token
    assert deployment.vault.blind("national_id", TEXT) != token


def test_the_blind_index_is_keyed_by_kind_and_survives_rotation_with_a_key_of_its_own() -> None:
    first, second, index = new_key_text(), new_key_text(), new_key_text()
    vault = Vault(DeploymentKeys.parse(first, index=index))
    assert vault.blind("phone", "1") == vault.blind("phone", "1")
    assert len(vault.blind("phone", "1")) == 64
    assert vault.blind("phone", "1") != vault.blind("email", "1")
    assert vault.blind("a", "bc") != vault.blind("ab", "c")
    assert Vault(DeploymentKeys.parse(second, index=index)).blind("phone", "1") == vault.blind("phone", "1")
    assert Vault(DeploymentKeys.parse(first)).blind("phone", "1") != vault.blind("phone", "1")
    read = DeploymentKeys.read(f"b:{second}\nindex:{index},a:{first}\n")
    assert (read.current.id, [key.id for key in read.older]) == ("b", ["a"])
    assert Vault(read).blind("phone", "1") == vault.blind("phone", "1")


def test_keys_derived_for_different_purposes_are_unrelated_and_parts_cannot_be_shifted() -> None:
    key = DeploymentKey.parse(new_key_text())
    assert len({key.wrapping.reveal(), key.mac.reveal(), key.index.reveal()}) == 3
    assert framed(b"a", b"bc") != framed(b"ab", b"c")
    assert framed() != framed(b"")


@pytest.mark.parametrize(
    "text", ["", "short", "not base64!", "a" * 44, "QUJD", "näme:" + "A" * 43 + "=", "a:b:" + "A" * 43 + "="]
)
def test_a_malformed_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InputError) as refused:
        DeploymentKey.parse(text)
    if text:
        assert text not in "".join(traceback.format_exception(refused.value))


def test_two_keys_of_one_name_and_two_index_keys_are_refused() -> None:
    with pytest.raises(InputError, match="same name"):
        DeploymentKeys.read(f"a:{new_key_text()},a:{new_key_text()}")
    with pytest.raises(InputError):
        DeploymentKeys.read(f"index:{new_key_text()}")
    with pytest.raises(InputError):
        DeploymentKeys.read(f"a:{new_key_text()},index:{new_key_text()},index:{new_key_text()}")


def test_no_key_shows_in_any_form_of_text(caplog: pytest.LogCaptureFixture) -> None:
    text = new_key_text()
    keys = DeploymentKeys.parse(text)
    vault = Vault(keys)
    hidden = Secret(b"very secret bytes")
    logging.getLogger("test").error("%s %r %s %s", keys, vault, hidden, {"key": keys.current})
    shown = f"{keys!r} {keys} {vault!r} {vars(vault)} {hidden} {hidden!r} {hidden:>40} {[hidden]} {caplog.text}"
    for part in (text, "very secret", *(repr(key.reveal())[2:-1] for key in (keys.current.mac, keys.current.wrapping))):
        assert part not in shown
    with pytest.raises(TypeError):
        pickle.dumps(hidden)


async def test_the_database_never_holds_an_unwrapped_key(deployment: Deployment) -> None:
    place = cell(new_id())
    await seal(deployment, place)
    async with await psycopg.AsyncConnection.connect(deployment.urls.worker) as connection:
        row = await (await connection.execute("select wrapped, deployment_key_id from person_key")).fetchone()
    assert row is not None
    data_key = deployment.vault.unwrap(place.person_id, row[0], row[1]).reveal()
    assert len(data_key) == 32
    assert data_key not in row[0]
    with pytest.raises(FaultError):
        deployment.vault.unwrap(new_id(), row[0], row[1])
