"""Requests are fulfilled by plugins and platform together, tried again, and in the end handed to a person."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from arrears.access.model import Permission
from arrears.kernel.dispatcher import dispatch_due
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.plugins.settings import SettingsSnapshot
from arrears.plugins.store import ValueStore
from arrears.privacy.commands import (
    DataRequestClose,
    DataRequestOpen,
    DataRequestRetry,
    DataRequestReveal,
    close_data_request,
    open_data_request,
    retry_data_request,
    reveal_data_request,
)
from arrears.privacy.fulfilment import expire, fulfil
from arrears.privacy.model import DataRequestKind, DataRequestStatus
from arrears_sdk.errors import ArrearsError, ErrorCode
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.views import DataSubject
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with
from tests.product.privacy.people import People
from tests.product.privacy.planted import PLANTED, places_of
from tests.product.privacy.plugins import Notes


@pytest.fixture(autouse=True)
def fresh_notes() -> Iterator[None]:
    Notes.asked, Notes.fails = [], False
    yield
    Notes.asked, Notes.fails = [], False


async def opened(deployment: Deployment, debtor: UUID, kind: DataRequestKind = DataRequestKind.EXPORT) -> UUID:
    change = DataRequestOpen(debtor_id=debtor, kind=kind)
    return (await open_data_request(deployment.context(), change)).result.data_request_id


async def read(deployment: Deployment, request: UUID) -> dict[str, Any]:
    change = DataRequestReveal(data_request_id=request, reason="the person asked")
    document: dict[str, Any] = (await reveal_data_request(deployment.context(), change)).result.document
    return document


async def keep_note(deployment: Deployment, people: People) -> None:
    values = ValueStore(deployment.worker_context()).values(
        "notes", client_id=encode_id("clnt", people.bank), personal_data=True
    )
    await values.put("tea", PLANTED["plugin value"], debtor_id=encode_id("dbtr", people.debtor))


async def test_an_export_holds_everything(deployment: Deployment, people: People) -> None:
    # given
    await host_with(deployment, [Notes])
    await keep_note(deployment, people)

    # when
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)

    # then
    document = await read(deployment, request)
    assert document["form"] == "arrears-personal-data/1"
    assert document["debtorId"] == encode_id("dbtr", people.debtor)
    assert document["debtor"]["displayName"] == "Zebulon Quackenbush"
    assert document["debtor"]["dateOfBirth"] == "1961-07-19"
    assert [name["fullName"] for name in document["names"]] == [
        "Zebulon Quackenbush",
        "Zeb the Quill",
        "Zebulon Vanderquist",
    ]
    assert [(id["kind"], id["number"]) for id in document["nationalIds"]] == [
        ("SOCIAL_SECURITY", "078051120"),
        ("PASSPORT", "X9183746Q"),
    ]
    assert [(place["addressLines"], place["city"]) for place in document["residences"]] == [
        ("77 Marzipan Crescent", "Ouagatown"),
        ("Flat 9, Tangerine Wharf", "Lower Slaughter"),
    ]
    assert [consent["state"] for consent in document["consents"]] == ["GRANTED", "REVOKED"]
    assert [hold["reason"] for hold in document["holds"]] == ["his wife Ermintrude fell ill"]
    assert [fact["kind"] for fact in document["facts"]] == ["DISPUTE", "VULNERABILITY"]
    assert [notice["kind"] for notice in document["notices"]] == ["VALIDATION"]
    assert len(document["interactions"]) == 3
    first, second = document["accounts"]
    assert (first["client"], first["reference"], first["balance"], second["reference"]) == (
        "Acme Bank",
        "INV-1",
        "100.00",
        "INV-2",
    )
    assert {(row["kind"], row["entries"], row["minor"]) for row in first["ledger"]} == {
        ("OPENING_BALANCE", 1, 10000),
        ("PAYMENT", 1, -4000),
        ("REVERSAL", 1, 4000),
    }
    assert [payment["reference"] for payment in first["payments"]] == ["standing order Z QUACKENBUSH"]
    assert document["plugins"] == {encode_id("clnt", people.bank): {"notes": {"tea": PLANTED["plugin value"]}}}


async def test_each_duty_is_asked_for_the_deployment_and_for_each_client(
    deployment: Deployment, people: People
) -> None:
    await host_with(deployment, [Notes])
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)
    await fulfil(deployment.worker_context(), request)
    ids = (encode_id("dreq", request), encode_id("dbtr", people.debtor))
    assert Notes.asked == [
        ("export", DataSubject(request_id=ids[0], debtor_id=ids[1], client_id=client))
        for client in (None, *(encode_id("clnt", one) for one in (people.bank, people.shop, people.third)))
    ]


async def test_what_was_collected_is_sealed_and_gone_after_a_fortnight(deployment: Deployment, people: People) -> None:
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)
    assert "data_request" not in places_of(deployment.urls.owner, ["Quackenbush"])["Quackenbush"]
    row = await people.book.row("data_request", request)
    assert (row["status"], row["available_until"]) == ("FULFILLED", START + datetime.timedelta(days=14))

    deployment.clock.advance(datetime.timedelta(days=14))
    with pytest.raises(ArrearsError) as refused:
        await read(deployment, request)
    assert refused.value.problems[0].code is ErrorCode.EXPORT_NOT_AVAILABLE
    assert (await people.book.row("data_request", request))["export"] is not None
    await expire(deployment.worker_context(), request)
    assert (await people.book.row("data_request", request))["export"] is None


async def test_who_read_it_and_why_is_on_record(deployment: Deployment, people: People) -> None:
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)
    await read(deployment, request)
    with psycopg.connect(deployment.urls.owner) as owner:
        entries = owner.execute(
            "select command, after::text from audit_entry where subject_id = %s and command = 'data_request.reveal'",
            [request],
        ).fetchall()
    ((command, after),) = entries
    assert command == "data_request.reveal"
    assert '"revealed":"export"' in after
    assert "the person asked" not in after


async def test_a_failing_plugin_is_tried_six_times_and_then_needs_somebody(
    deployment: Deployment, people: People
) -> None:
    # given
    await host_with(deployment, [Notes], cool_down_seconds=0.0)
    Notes.fails = True
    request = await opened(deployment, people.debtor)
    waits = []

    # when
    for _ in range(6):
        await fulfil(deployment.worker_context(), request)
        row = await people.book.row("data_request", request)
        waits.append(None if row["next_try_at"] is None else row["next_try_at"] - deployment.clock.now())

    # then
    assert waits == [
        datetime.timedelta(minutes=1),
        datetime.timedelta(minutes=10),
        datetime.timedelta(hours=1),
        datetime.timedelta(hours=6),
        datetime.timedelta(days=1),
        None,
    ]
    assert (row["status"], row["tries"]) == (DataRequestStatus.NEEDS_ATTENTION, 6)
    failures = await people.book.rows(
        "select failure.plugin, client.name, failure.reason from data_request_failure failure"
        " left join client on client.id = failure.client_id order by failure.id"
    )
    assert [(plugin, client) for plugin, client, _ in failures] == [
        ("notes", None),
        ("notes", "Acme Bank"),
        ("notes", "Schuhhaus"),
        ("notes", "Third"),
    ]
    assert not any("marzipan" in str(reason) for *_, reason in failures)
    events = await people.book.rows("select name from event where subject = 'dreq' order by position")
    assert events == [("DataRequestOpened",), ("DataRequestFailed",)]


async def test_tries_are_made_by_what_falls_due(deployment: Deployment, people: People) -> None:
    await host_with(deployment, [Notes])
    Notes.fails = True
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)
    assert await dispatch_due(deployment.worker_context()) == 0
    deployment.clock.advance(datetime.timedelta(minutes=1))
    assert await dispatch_due(deployment.worker_context()) == 1
    with psycopg.connect(deployment.urls.owner) as owner:
        jobs = owner.execute(
            "select task_name, coalesce(args ->> 'request_id', args ->> 'subject_id') from jobs.procrastinate_jobs"
            " where task_name like 'privacy%%' order by id"
        ).fetchall()
    assert jobs == [("privacy.fulfil", str(request)), ("privacy.try_again", str(request))]


async def in_need(deployment: Deployment, people: People, kind: DataRequestKind = DataRequestKind.EXPORT) -> UUID:
    """A request that was tried enough."""
    await host_with(deployment, [Notes], cool_down_seconds=0.0)
    Notes.fails = True
    request = await opened(deployment, people.debtor, kind)
    for _ in range(6):
        await fulfil(deployment.worker_context(), request)
    return request


async def test_an_officer_tries_again(deployment: Deployment, people: People) -> None:
    request = await in_need(deployment, people)
    Notes.fails = False
    version = (await people.book.row("data_request", request))["version"]
    await retry_data_request(deployment.context(), DataRequestRetry(data_request_id=request, version=version))
    await fulfil(deployment.worker_context(), request)
    row = await people.book.row("data_request", request)
    assert (row["status"], row["tries"], await people.book.rows("select 1 from data_request_failure")) == (
        "FULFILLED",
        1,
        [],
    )


async def test_or_without_a_plugin_whose_part_was_seen_to_by_hand(deployment: Deployment, people: People) -> None:
    request = await in_need(deployment, people)
    version = (await people.book.row("data_request", request))["version"]
    change = DataRequestRetry(data_request_id=request, version=version, without_plugins=("notes",))
    await retry_data_request(deployment.context(), change)
    await fulfil(deployment.worker_context(), request)
    row = await people.book.row("data_request", request)
    assert (row["status"], row["without_plugins"]) == ("FULFILLED", ["notes"])


async def test_or_closes_it_with_a_reason(deployment: Deployment, people: People) -> None:
    request = await in_need(deployment, people)
    version = (await people.book.row("data_request", request))["version"]
    change = DataRequestClose(data_request_id=request, version=version, reason="Zebulon took it back")
    await close_data_request(deployment.context(), change)
    assert (await people.book.row("data_request", request))["status"] == "CLOSED"
    assert places_of(deployment.urls.owner, ["took it back"])["took it back"] == set()
    again = await opened(deployment, people.debtor)
    assert again != request


async def test_nothing_is_erased_while_a_plugin_fails(deployment: Deployment, people: People) -> None:
    await people.end()
    await in_need(deployment, people, DataRequestKind.ERASURE)
    assert await people.book.rows("select display_name from debtor where id = %(id)s", id=people.debtor) == [
        ("Zebulon Quackenbush",)
    ]


async def test_a_plugin_that_keeps_something_and_does_not_run_is_not_overlooked(
    deployment: Deployment, people: People
) -> None:
    await host_with(deployment, [Notes], SettingsSnapshot())
    await keep_note(deployment, people)
    request = await opened(deployment, people.debtor)
    await fulfil(deployment.worker_context(), request)
    failures = await people.book.rows("select plugin, reason from data_request_failure")
    assert [tuple(map(str, row)) for row in failures] == [("notes", "It keeps data about the person and does not run.")]


async def test_one_request_of_a_kind_at_a_time(deployment: Deployment, people: People) -> None:
    await opened(deployment, people.debtor)
    with pytest.raises(ArrearsError) as refused:
        await opened(deployment, people.debtor)
    assert refused.value.problems[0].code is ErrorCode.CONFLICT


async def test_whoever_sees_some_clients_only_asks_for_nobodys_data(deployment: Deployment, people: People) -> None:
    permissions = frozenset({str(permission) for permission in Permission})
    scope = Scope("limited", staff=True, clients=(people.bank,))
    limited = Principal(new_id(), "PERSON", "Limited", frozenset({"ADMIN"}), permissions, scope)
    change = DataRequestOpen(debtor_id=people.debtor, kind=DataRequestKind.EXPORT)
    with pytest.raises(ArrearsError) as refused:
        await open_data_request(deployment.context(limited), change)
    assert refused.value.problems[0].code is ErrorCode.FORBIDDEN
