"""When a debtor may next be contacted, through GraphQL: windows by channel and contact point, and why not sooner."""

from __future__ import annotations

import datetime
from typing import Any

from arrears.accounts.model import HoldKind
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import Demanding, Raising, Refusing, Steps, brief
from tests.product.compliance.case import Case

WINDOWS = """
query($debtor: ID, $accounts: [ID!], $channels: [CommunicationChannel!], $points: [ID!], $from: DateTime,
      $until: DateTime, $asked: Boolean! = false, $law: Boolean! = false) {
  contactWindows(debtorId: $debtor, accountIds: $accounts, channels: $channels, contactPointIds: $points, from: $from,
                 until: $until, atDebtorRequest: $asked, requiredByLaw: $law) {
    debtor { id } begins ends complete settingsVersion
    ways {
      channel contactPoint { id } verdict deferredUntil nextAt closed complete checkedUntil
      whyNotSooner { verdict rule plugin reason until }
      windows { opens closes verdict requirements warnings } conditions { verdict rule plugin reason requirement }
    }
  }
}
"""


async def look(api: Api, **variables: Any) -> dict[str, Any]:
    answer = await api(WINDOWS, variables)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["contactWindows"]
    return found


def spans(way: dict[str, Any]) -> list[tuple[str, str]]:
    """The windows to the minute."""
    return [(window["opens"][:16], window["closes"][:16]) for window in way["windows"]]


async def test_windows_are_the_hours_of_each_day_and_tell_why_not_sooner(
    api: Api, case: Case, deployment: Deployment
) -> None:
    # given: seven o'clock in New York, an hour before calls are allowed; the clock goes forward on 8 March
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    phone = encode_id("cont", await case.phone_of(debtor))
    await host_with(deployment, [QuietHours])
    # when
    found = await look(
        api, debtor=encode_id("dbtr", debtor), channels=["PHONE_CALL", "LETTER"], until="2026-03-09T12:00:00Z"
    )
    # then
    assert (found["debtor"]["id"], found["complete"], found["settingsVersion"]) == (encode_id("dbtr", debtor), True, 1)
    call, letter = found["ways"]
    assert (call["channel"], call["contactPoint"]["id"], call["verdict"]) == ("PHONE_CALL", phone, "DEFER")
    assert (letter["channel"], letter["contactPoint"]) == ("LETTER", None)
    assert call["nextAt"] == call["deferredUntil"] == "2026-03-02T13:00:00.000000Z"
    assert (call["closed"], brief(call["whyNotSooner"])) == (False, [("DEFER", "quiet-hours", "quiet-hours.window")])
    winter = [(f"2026-03-0{day}T13:00", f"2026-03-0{day + 1}T02:00") for day in range(2, 8)]
    assert spans(call) == [*winter, ("2026-03-08T12:00", "2026-03-09T01:00")]


async def test_a_contact_that_is_allowed_now_has_a_window_that_opens_now(api: Api, case: Case) -> None:
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    found = await look(api, debtor=encode_id("dbtr", debtor), channels=["PHONE_CALL"])
    (way,) = found["ways"]
    assert (way["nextAt"], way["whyNotSooner"], way["verdict"]) == ("2026-03-02T12:00:00.000000Z", [], "WARN")
    assert way["windows"] == [
        {
            "opens": "2026-03-02T12:00:00.000000Z",
            "closes": "2026-04-01T12:00:00.000000Z",
            "verdict": "WARN",
            "requirements": [],
            "warnings": ["arrears.no-rules"],
        }
    ]
    assert brief(way["conditions"]) == [("WARN", "arrears", "arrears.no-rules")]


async def test_what_never_opens_is_closed_with_its_reasons(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    await host_with(deployment, [Refusing, QuietHours])
    (way,) = (await look(api, debtor=encode_id("dbtr", debtor), channels=["PHONE_CALL"]))["ways"]
    assert (way["closed"], way["nextAt"], way["windows"], way["deferredUntil"]) == (True, None, [], None)
    assert brief(way["whyNotSooner"])[0] == ("DENY", "refusing", "refusing.never")


async def test_a_hold_closes_the_window_and_its_end_opens_one(api: Api, case: Case, deployment: Deployment) -> None:
    # given: a hold from noon on 4 March to noon on 5 March, UTC
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    begins = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
    ends = begins + datetime.timedelta(days=1)
    await case.hold(HoldKind.DISPUTE, account_id=account, starts_at=begins, ends_at=ends)
    (way,) = (
        await look(api, accounts=[encode_id("acct", account)], channels=["LETTER"], until="2026-03-06T00:00:00Z")
    )["ways"]
    assert spans(way) == [("2026-03-02T12:00", "2026-03-04T12:00"), ("2026-03-05T12:00", "2026-03-06T00:00")]


async def test_requirements_are_shown_in_their_windows(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    await host_with(deployment, [Demanding])
    (way,) = (await look(api, debtor=encode_id("dbtr", debtor), channels=["LETTER"]))["ways"]
    (window,) = way["windows"]
    assert (window["verdict"], window["requirements"]) == ("REQUIRE", ["validation notice"])
    assert [(one["rule"], one["requirement"]) for one in way["conditions"]] == [
        ("demanding.notice", "validation notice")
    ]


async def test_a_plugin_that_raises_closes_every_way(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    await host_with(deployment, [Raising])
    found = await look(api, debtor=encode_id("dbtr", debtor), channels=["PHONE_CALL", "LETTER"])
    assert [(way["closed"], way["windows"]) for way in found["ways"]] == [(True, []), (True, [])]
    assert brief(found["ways"][0]["whyNotSooner"])[0][:2] == ("DENY", "raising")


async def test_many_small_steps_end_honestly(api: Api, case: Case, deployment: Deployment) -> None:
    # given: a rule that defers by an hour again and again
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    await host_with(deployment, [Steps], {"steps": {"hours": 1, "times": 30}})
    (way,) = (await look(api, debtor=encode_id("dbtr", debtor), channels=["LETTER"]))["ways"]
    assert (way["nextAt"], way["complete"]) == ("2026-03-03T18:00:00.000000Z", True)


async def test_each_contact_point_is_a_way_of_its_own(api: Api, case: Case) -> None:
    # given: a debtor with a telephone and no email
    client = await case.client()
    debtor = await case.person(client)
    await case.account(client, debtor)
    found = await look(api, debtor=encode_id("dbtr", debtor))
    phone = encode_id("cont", await case.phone_of(debtor))
    assert [(way["channel"], way["contactPoint"]) for way in found["ways"]] == [
        ("PHONE_CALL", {"id": phone}),
        ("SMS", {"id": phone}),
        ("LETTER", None),
    ]
    named = await look(api, debtor=encode_id("dbtr", debtor), points=[phone], channels=["SMS"])
    assert [way["channel"] for way in named["ways"]] == ["SMS"]


async def test_what_cannot_be_asked_is_refused_and_what_is_unknown_is_null(api: Api, case: Case) -> None:
    client = await case.client()
    one, other = await case.person(client, phone=None), await case.person(client, phone=None)
    accounts = [encode_id("acct", await case.account(client, debtor, str(debtor))) for debtor in (one, other)]
    debtor = encode_id("dbtr", one)
    for variables, message in (
        ({"accounts": accounts}, "Windows are of one debtor: the accounts are of several."),
        ({"debtor": debtor, "until": "2026-03-02T12:00:00Z"}, "The end lies after the beginning."),
        ({"debtor": debtor, "until": "2026-06-03T12:00:00Z"}, "At most 92 days can be looked at."),
        ({"debtor": debtor, "channels": []}, "Name a channel, or leave the argument out."),
        (
            {"debtor": debtor, "points": [encode_id("cont", new_id())]},
            "There is no such contact point of the debtor that one of the channels reaches.",
        ),
        ({}, "Name a debtor, accounts or a contact point."),
    ):
        (error,) = (await api(WINDOWS, variables))["errors"]
        assert error["message"] == message
    for variables in ({"debtor": encode_id("dbtr", new_id())}, {"accounts": [encode_id("acct", new_id())]}):
        assert await look(api, **variables) is None
    assert (await look(api, debtor=debtor, channels=["EMAIL"]))["ways"] == []
