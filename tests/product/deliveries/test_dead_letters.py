"""Dead letters: seen by those who may see their client, told again or let be, once and on the record."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from arrears.cli.application import run
from arrears.deliveries.delivering import Deliveries
from arrears.deliveries.model import ATTEMPTS
from arrears.kernel.keys import new_key_text
from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.conftest import Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency
from tests.plugin_hosts import host_with
from tests.product.deliveries.subscribing import Diary, deliver, emit, forget_everything, make_due, numbers
from tests.product.jobs.working import execute, rows

LETTERS = """
query ($where: DeadLetterWhere) {
  deadLetters(where: $where) {
    nodes {
      id state plugin subscriber eventName eventId subjectId client { id } attempts error settledBy reason
    }
  }
}
"""
REPLAY = """
mutation ($input: DeadLetterReplayInput!) {
  deadLetterReplay(input: $input) { deadLetter { id state settledBy } userErrors { code field message } }
}
"""
DISCARD = """
mutation ($input: DeadLetterDiscardInput!) {
  deadLetterDiscard(input: $input) { deadLetter { id state reason } userErrors { code field message } }
}
"""


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    """Two clients; of one event of each and of one without a client the diary can make nothing."""
    forget_everything()
    agency = await make_small_agency(deployment)
    context = deployment.worker_context()
    await execute(context, "update event set dispatched_at = clock_timestamp()")
    await host_with(deployment, [Diary])
    Diary.poison.update({1, 2, 3})
    for number, client_id in ((1, agency.clients[0]), (2, agency.clients[1]), (3, None)):
        await emit(context, number, client_id=client_id)
    await fail_for_good(deployment)
    return agency


async def fail_for_good(deployment: Deployment) -> None:
    context = deployment.worker_context()
    deliveries = Deliveries(context)
    for _ in range(ATTEMPTS):
        await deliver(context, deliveries)
        await make_due(context)


async def letters(api: Api, role: str = "ADMIN", **where: Any) -> list[dict[str, Any]]:
    answer = await api(LETTERS, {"where": where or None}, role=role)
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["data"]["deadLetters"]["nodes"]
    return found


async def test_dead_letters_are_seen_by_those_who_see_their_client(
    deployment: Deployment, api: Api, agency: SmallAgency
) -> None:
    # given
    first = encode_id("clnt", agency.clients[0])
    await api.sign_in("MANAGER", clients=[agency.clients[0]])

    # when
    everything, own = await letters(api), await letters(api, "MANAGER")
    of_client = await letters(api, clientId={"eq": first}, state={"eq": "DEAD"}, plugin={"eq": "diary"})
    refused = await api(LETTERS, role="COLLECTOR")

    # then
    [[event_id, subject_id]] = await rows(
        deployment.worker_context(),
        "select event_id, subject_id from dead_letter where client_id = %s",
        agency.clients[0],
    )
    letter = {
        "id": own[0]["id"],
        "state": "DEAD",
        "plugin": "diary",
        "subscriber": "writer",
        "eventName": "PaymentRecorded",
        "eventId": encode_id("evnt", event_id),
        "subjectId": encode_id("paym", subject_id),
        "client": {"id": first},
        "attempts": 8,
        "error": "raised ValueError: cannot read 1 of ****",
        "settledBy": None,
        "reason": None,
    }
    assert len(everything) == 3
    assert own == of_client == [letter]
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"FORBIDDEN"}


async def test_a_replay_is_done_once_and_the_subscriber_is_told_of_the_same_event(
    deployment: Deployment, api: Api, agency: SmallAgency
) -> None:
    # given
    [letter] = await letters(api, clientId={"eq": encode_id("clnt", agency.clients[0])})
    given = {"input": {"deadLetterId": letter["id"], "idempotencyKey": "once"}}
    Diary.poison.clear()

    # when
    first, second = await api(REPLAY, given), await api(REPLAY, given)
    third = await api(REPLAY, {"input": {"deadLetterId": letter["id"]}})
    await deliver(deployment.worker_context(), Deliveries(deployment.worker_context()))

    # then
    settled = {"id": letter["id"], "state": "REPLAYED", "settledBy": "ADMIN of the test"}
    assert first["data"]["deadLetterReplay"] == {"deadLetter": settled, "userErrors": []}
    assert second["data"] == first["data"]
    assert second["extensions"]["idempotency"] == {"replayed": True}
    assert third["data"]["deadLetterReplay"] == {
        "deadLetter": None,
        "userErrors": [
            {
                "code": "ALREADY_ENDED",
                "field": ["input", "deadLetterId"],
                "message": "This dead letter was replayed already.",
            }
        ],
    }
    assert [(event.id, event.payload) for event in Diary.told] == [(letter["eventId"], {"number": 1})]
    assert await rows(
        deployment.worker_context(), "select command, after ->> 'state' from audit_entry where subject = 'dead'"
    ) == [("deadLetter.replay", "REPLAYED")]


async def test_a_replay_that_fails_again_is_a_new_dead_letter(
    deployment: Deployment, api: Api, agency: SmallAgency
) -> None:
    [letter] = await letters(api, clientId={"eq": encode_id("clnt", agency.clients[1])})

    await api(REPLAY, {"input": {"deadLetterId": letter["id"]}})
    await fail_for_good(deployment)

    found = await letters(api, clientId={"eq": encode_id("clnt", agency.clients[1])})
    assert [(each["state"], each["eventId"] == letter["eventId"]) for each in found] == [
        ("DEAD", True),
        ("REPLAYED", True),
    ]


async def test_a_discarded_one_is_never_told_again(deployment: Deployment, api: Api, agency: SmallAgency) -> None:
    [letter] = await letters(api, clientId={"eq": encode_id("clnt", agency.clients[0])})
    Diary.poison.clear()

    unexplained = await api(DISCARD, {"input": {"deadLetterId": letter["id"], "reason": "  "}})
    answer = await api(DISCARD, {"input": {"deadLetterId": letter["id"], "reason": " Entered by hand. "}})
    await deliver(deployment.worker_context(), Deliveries(deployment.worker_context()))

    assert unexplained["data"]["deadLetterDiscard"]["userErrors"] == [
        {"code": "REQUIRED", "field": ["input", "reason"], "message": "This may not be empty."}
    ]
    assert answer["data"]["deadLetterDiscard"] == {
        "deadLetter": {"id": letter["id"], "state": "DISCARDED", "reason": "Entered by hand."},
        "userErrors": [],
    }
    assert numbers() == []


async def test_nobody_settles_the_dead_letters_of_a_foreign_client(
    deployment: Deployment, api: Api, agency: SmallAgency
) -> None:
    foreign = [each for each in await letters(api) if each["client"] != {"id": encode_id("clnt", agency.clients[0])}]
    await api.sign_in("MANAGER", clients=[agency.clients[0]])

    for letter in foreign:
        answer = await api(REPLAY, {"input": {"deadLetterId": letter["id"]}}, role="MANAGER")
        assert [error["code"] for error in answer["data"]["deadLetterReplay"]["userErrors"]] == ["NOT_FOUND"]
    assert len(foreign) == 2
    assert len(await letters(api, state={"eq": "DEAD"})) == 3


async def test_the_command_line_lists_dead_letters_and_replays_them(
    deployment: Deployment,
    agency: SmallAgency,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # given
    monkeypatch.setenv("ARREARS_DATABASE_URL", deployment.urls.owner)
    monkeypatch.setenv("ARREARS_API_DATABASE_URL", deployment.urls.api)
    monkeypatch.setenv("ARREARS_WORKER_DATABASE_URL", deployment.urls.worker)
    monkeypatch.setenv("ARREARS_DEPLOYMENT_KEYS", new_key_text())

    async def arrears(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run, ["events", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    # when
    listed, foreign = await arrears("dead", "--json"), await arrears("dead", "--plugin", "other")
    unclear, unknown = await arrears("replay"), await arrears("replay", encode_id("dead", agency.clients[0]))
    one = await arrears("replay", (await letters_by_id(deployment))[0])
    rest = await arrears("replay", "--all", "--plugin", "diary", "--json")
    nothing = await arrears("dead")

    # then
    assert listed[0] == 1
    assert listed[1].count('"plugin": "diary"') == 3
    assert foreign == (0, "There are no dead letters.\n")
    assert (unclear[0] > 0, "or --all" in unclear[1]) == (True, True)
    assert (unknown[0] > 0, "dead" in unknown[1]) == (True, True)
    assert one == (0, "1 dead letters are told again by the worker.\n")
    assert rest == (0, '{"replayed": 2}\n')
    assert nothing == (0, "There are no dead letters.\n")
    Diary.poison.clear()
    await deliver(deployment.worker_context(), Deliveries(deployment.worker_context()))
    assert sorted(map(str, numbers())) == ["1", "2", "3"]


async def letters_by_id(deployment: Deployment) -> list[str]:
    found = await rows(deployment.worker_context(), "select id from dead_letter order by id")
    return [encode_id("dead", row[0]) for row in found]
