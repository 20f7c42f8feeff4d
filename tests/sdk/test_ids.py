from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import UTC, datetime
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from arrears_sdk.errors import ErrorCode, InputError
from arrears_sdk.ids import decode_id, encode_id, new_id, prefix_of

PREFIXES = st.from_regex(r"[a-z]{2,8}", fullmatch=True)


def test_a_new_id_is_a_uuid_of_version_seven_that_holds_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    value = new_id()
    after = time.time_ns() // 1_000_000
    assert (value.version, value.variant) == (7, UUID(int=0x8 << 60).variant)
    # Ids made just before may have used up this millisecond, so that the next one was begun.
    assert before <= value.int >> 80 <= after + 1


def test_ids_of_one_process_only_ever_grow() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_ids_made_by_several_threads_at_once_are_distinct_and_grow_in_each() -> None:
    made: list[list[UUID]] = [[] for _ in range(4)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(new_id() for _ in range(2_000)))  # type: ignore[misc]
        for own in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in made)
    assert len({value for own in made for value in own}) == 8_000


def test_ids_go_on_growing_when_the_machines_clock_is_set_back() -> None:
    later = new_id()
    with patch("arrears_sdk.ids.time.time_ns", return_value=time.time_ns() - 3_600 * 10**9):
        assert later < new_id() < new_id()


def test_a_forked_process_does_not_repeat_the_ids_of_its_parent() -> None:
    fork = multiprocessing.get_context("fork")
    new_id()
    with fork.Pool(2) as pool:
        made = pool.map(_ids, [200, 200], chunksize=1)
    own = _ids(200)
    assert len({*made[0], *made[1], *own}) == 600


def _ids(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


@given(PREFIXES, st.uuids())
def test_a_public_id_names_its_kind_and_gives_its_uuid_back(prefix: str, value: UUID) -> None:
    text = encode_id(prefix, value)
    assert text == f"{prefix}_{value.hex}"
    assert decode_id(prefix, text) == value
    assert prefix_of(text) == prefix


def test_public_ids_sort_by_the_time_at_which_they_were_made() -> None:
    made = [encode_id("acct", new_id()) for _ in range(1_000)]
    assert made == sorted(made)


def test_an_id_of_another_kind_is_refused_by_naming_both_kinds() -> None:
    value = UUID("01920000-0000-7000-8000-000000000001")
    with pytest.raises(InputError) as caught:
        decode_id("acct", encode_id("dbtr", value))
    assert caught.value.code is ErrorCode.INVALID_ID
    assert str(caught.value) == "This is an id of kind 'dbtr', where one of kind 'acct' is wanted."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acct",
        "acct_",
        "01920000000070008000000000000001",
        "acct_0192000000007000800000000000000",
        "acct_019200000000700080000000000000011",
        "acct_0192000000007000800000000000000G",
        "acct_0192000000007000800000000000000A",
        "ACCT_01920000000070008000000000000001",
        "acct_01920000-0000-7000-8000-000000000001",
        "acct_01920000000070008000000000000001\n",
        "acct_" + "٠" * 32,
    ],
)
def test_text_that_is_not_an_id_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not an id; an id is acct_ followed by 32 hexadecimal digits") as caught:
        decode_id("acct", text)
    assert caught.value.code is ErrorCode.INVALID_ID
    with pytest.raises(InputError):
        prefix_of(text)


def test_a_long_text_is_shortened_in_its_refusal() -> None:
    with pytest.raises(InputError) as caught:
        decode_id("acct", "x" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("prefix", ["", "a", "Acct", "acct_", "toolonger", "ac1"])
def test_a_prefix_that_could_not_be_read_back_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters"):
        encode_id(prefix, new_id())


def test_the_time_of_an_id_is_that_of_the_machine() -> None:
    seconds = (new_id().int >> 80) / 1000
    assert abs(datetime.fromtimestamp(seconds, UTC).timestamp() - time.time()) < 5
