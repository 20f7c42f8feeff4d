"""Windows under the law of the United States are what asking at each instant finds; a few places through GraphQL."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from arrears.accounts.model import HoldKind, Product, Purpose
from arrears.compliance.asking import ask_about_contact
from arrears.compliance.model import ContactQuestion, Verdict
from arrears.plugins.host import PluginHost
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import encode_id
from arrears_sdk.vocabulary import CommunicationChannel
from arrears_us_federal import UsFederal
from arrears_us_states import UsStates
from tests.api import Api
from tests.conftest import START, Deployment
from tests.plugin_hosts import host_with
from tests.product.compliance.case import Case, NewResidence
from tests.product.compliance.test_contact_windows import look

SECOND, HOUR, DAY = datetime.timedelta(seconds=1), datetime.timedelta(hours=1), datetime.timedelta(days=1)
ADDRESSES = {
    "America/New_York": {"country": "US", "region": "New York", "city": "New York", "postal_code": "10001"},
    "America/Sao_Paulo": {"country": "BR", "region": "SP", "city": "São Paulo"},
    "Europe/London": {"country": "GB", "city": "London", "postal_code": "SW1A 1AA"},
    "Pacific/Apia": {"country": "WS", "city": "Apia"},
    "Asia/Kathmandu": {"country": "NP", "city": "Kathmandu"},
}


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


async def verdict(case: Case, host: PluginHost, debtor: Any, channel: str, instant: datetime.datetime) -> Verdict:
    """What the gate says of a contact at an instant."""
    point = await case.phone_of(debtor)
    question = ContactQuestion(
        at=instant, channel=CommunicationChannel(channel), debtor_id=debtor, contact_point_id=point
    )
    (answer,) = await ask_about_contact(case.context(), host, question)
    return answer.verdict


def instants(way: dict[str, Any], days: int) -> Sequence[datetime.datetime]:
    """The borders of every window with the seconds beside them, and others at random."""
    borders = {at(window[name]) for window in way["windows"] for name in ("opens", "closes")}
    found = {border + beside for border in borders for beside in (-SECOND, 0 * SECOND, SECOND)}
    chance = random.Random(4)
    found |= {START + SECOND * chance.randrange(days * 86_400) for _ in range(40)}
    return sorted(one for one in found if START <= one < START + days * DAY)


async def test_windows_are_what_the_gate_says_at_each_instant(api: Api, case: Case, deployment: Deployment) -> None:
    # given: four calls this week, a hold that begins on Thursday, the clocks go forward on Sunday
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor, product=Product.CARD, purpose=Purpose.CONSUMER)
    for number in range(4):
        await case.call(account, START - number * DAY - HOUR, result="NO_ANSWER")
    await case.hold(HoldKind.DISPUTE, account_id=account, starts_at=START + 3 * DAY, ends_at=START + 4 * DAY)
    host = (await host_with(deployment, [UsFederal, UsStates], {"us-federal": {}, "us-states": {}})).host
    # when
    end = START + 10 * DAY
    found = await look(api, debtor=encode_id("dbtr", debtor), channels=["PHONE_CALL", "SMS"], until=end.isoformat())
    # then
    assert found["complete"]
    for way in found["ways"]:
        for instant in instants(way, 10):
            told = await verdict(case, host, debtor, way["channel"], instant)
            inside = any(at(one["opens"]) <= instant < at(one["closes"]) for one in way["windows"])
            assert inside == (told not in (Verdict.DEFER, Verdict.DENY)), (way["channel"], instant, told)


@pytest.mark.parametrize("zone", ADDRESSES)
async def test_a_month_with_a_clock_change_has_its_hours_each_day(
    api: Api, case: Case, deployment: Deployment, zone: str
) -> None:
    client = await case.client()
    address = NewResidence(**ADDRESSES[zone], address_lines="1 Main St")
    debtor = await case.person(client, residences=(address,), phone=None)
    await case.account(client, debtor)
    await host_with(deployment, [QuietHours])
    (way,) = (
        await look(api, debtor=encode_id("dbtr", debtor), channels=["IN_PERSON_HOME"], until="2026-04-02T12:00:00Z")
    )["ways"]
    place = ZoneInfo(zone)
    local = [(at(one["opens"]).astimezone(place), at(one["closes"]).astimezone(place)) for one in way["windows"]]
    whole = local[1:-1]
    assert {(opens.time(), closes.time()) for opens, closes in whole} == {(datetime.time(8), datetime.time(21))}
    days = [opens.date() for opens, _ in whole]
    assert days == [days[0] + number * DAY for number in range(len(days))]
    assert len(days) >= 29


async def test_of_an_unknown_place_only_the_hours_common_to_the_country_are_left(
    api: Api, case: Case, deployment: Deployment
) -> None:
    client = await case.client()
    debtor = await case.person(client, residences=(), phone=None, country="US")
    await case.account(client, debtor)
    await host_with(deployment, [QuietHours])
    (way,) = (
        await look(api, debtor=encode_id("dbtr", debtor), channels=["IN_PERSON_HOME"], until="2026-03-04T00:00:00Z")
    )["ways"]
    # eight in Honolulu and Adak is 18:00 in London; nine in the evening in New York is two in the morning there
    assert [(one["opens"][:16], one["closes"][:16]) for one in way["windows"]] == [
        ("2026-03-02T18:00", "2026-03-03T02:00"),
        ("2026-03-03T18:00", "2026-03-04T00:00"),
    ]


async def test_the_day_that_a_place_skipped_has_no_window(api: Api, case: Case, deployment: Deployment) -> None:
    client = await case.client()
    debtor = await case.person(client, residences=(NewResidence(country="WS", city="Apia"),), phone=None)
    await case.account(client, debtor)
    await host_with(deployment, [QuietHours])
    dates = {"from": "2011-12-29T16:00:00Z", "until": "2011-12-31T12:00:00Z"}
    found = await look(api, debtor=encode_id("dbtr", debtor), channels=["IN_PERSON_HOME"], **dates)
    assert [(one["opens"][:16], one["closes"][:16]) for one in found["ways"][0]["windows"]] == [
        ("2011-12-29T18:00", "2011-12-30T07:00"),  # Thursday the 29th, ten hours behind
        ("2011-12-30T18:00", "2011-12-31T07:00"),  # Saturday the 31st, fourteen hours ahead
    ]
