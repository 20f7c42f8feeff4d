"""Periods that notices open, what ends them when a notice comes back or arrives late, and the agency's papers."""

from __future__ import annotations

from typing import Any

import pytest

from arrears_sdk.ids import encode_id
from tests.api import Api
from tests.product.compliance.case import Case
from tests.product.compliance.fact_forms import problems, tell, told


async def account_of(case: Case, reference: str = "INV-1") -> str:
    client = await case.client(f"Client of {reference}")
    return encode_id("acct", await case.account(client, await case.person(client), reference))


@pytest.mark.parametrize(
    ("sent", "received", "ends"),
    [
        # Monday 2 March 2026 in New York, five business days later is the Monday after.
        ("2026-03-02T12:00:00Z", "2026-03-09", "2026-04-08"),
        # A Friday evening there, which is Saturday in London.
        ("2026-02-28T01:00:00Z", "2026-03-06", "2026-04-05"),
        # Washington's birthday and a weekend lie between.
        ("2026-02-11T15:00:00Z", "2026-02-19", "2026-03-21"),
        # Independence Day of 2025 was a Friday.
        ("2025-06-27T15:00:00Z", "2025-07-07", "2025-08-06"),
        # Of 2026 it is a Saturday: the Friday on which it is observed does not count either.
        ("2025-12-23T15:00:00Z", "2025-12-31", "2026-01-30"),
    ],
)
async def test_the_validation_period_is_assumed_from_the_day_of_sending(
    api: Api, case: Case, sent: str, received: str, ends: str
) -> None:
    account = await account_of(case)
    notice = await told(api, "noticeRecord", kind="VALIDATION", medium="LETTER", accountIds=[account], sentAt=sent)
    assert (notice["receivedOn"], notice["receiptAssumed"], notice["endsOn"]) == (received, True, ends)
    (about,) = notice["accounts"]["nodes"]
    assert about["account"] == {"id": account}


async def test_a_known_day_of_receipt_counts_and_never_shortens_the_period(api: Api, case: Case) -> None:
    account = await account_of(case)
    given: dict[str, Any] = {"kind": "VALIDATION", "medium": "LETTER", "accountIds": [account]}
    given["sentAt"] = "2026-02-20T15:00:00Z"
    notice = await told(api, "noticeRecord", **given, receivedOn="2026-02-23")
    assert (notice["receiptAssumed"], notice["endsOn"]) == (False, "2026-03-25")
    # assumed for the 27th, and so until 29 March
    assumed = await told(api, "noticeRecord", **given)
    assert (assumed["receivedOn"], assumed["endsOn"]) == ("2026-02-27", "2026-03-29")
    early = await told(api, "noticeReceive", noticeId=assumed["id"], version=1, receivedOn="2026-02-24")
    assert (early["receivedOn"], early["receiptAssumed"], early["endsOn"]) == ("2026-02-24", False, "2026-03-29")
    late = await told(api, "noticeReceive", noticeId=assumed["id"], version=2, receivedOn="2026-03-02")
    assert late["endsOn"] == "2026-04-01"


async def test_a_notice_comes_back_once_and_is_sent_again_as_another(api: Api, case: Case) -> None:
    account = await account_of(case)
    given = {"kind": "VALIDATION", "medium": "LETTER", "accountIds": [account], "sentAt": "2026-02-20T15:00:00Z"}
    first = await told(api, "noticeRecord", **given)
    returned = await told(api, "noticeReturn", noticeId=first["id"], version=1, returnedAt="2026-03-01T15:00:00Z")
    assert returned["returnedAt"] == "2026-03-01T15:00:00.000000Z"
    for name, more in (("noticeReturn", {}), ("noticeReceive", {"receivedOn": "2026-03-01"})):
        again = await tell(api, name, noticeId=first["id"], version=2, **more)
        assert problems(again) == [("ALREADY_ENDED", "noticeId")]
    second = await told(api, "noticeRecord", **{**given, "sentAt": "2026-03-02T12:00:00Z"})
    assert (second["id"] != first["id"], second["endsOn"]) == (True, "2026-04-08")


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"sentAt": "2026-03-02T12:06:00Z"}, ("INVALID_INPUT", "sentAt")),
        ({"receivedOn": "2026-03-01"}, ("INVALID_INPUT", "receivedOn")),
        ({"receivedOn": "2026-03-04"}, ("INVALID_INPUT", "receivedOn")),
        ({"endsOn": "2026-04-07"}, ("INVALID_INPUT", "endsOn")),
        ({"kind": "REMINDER", "endsOn": "2026-03-01"}, ("INVALID_INPUT", "endsOn")),
        ({"kind": "REMINDER", "receivedOn": "2026-03-03", "endsOn": "2026-03-02"}, ("INVALID_INPUT", "endsOn")),
        ({"contentHash": "abc"}, ("INVALID_INPUT", "contentHash")),
        ({"accountIds": None}, ("REQUIRED", "debtorId")),
        ({"debtorId": "other"}, ("NOT_FOUND", "debtorId")),
        ({"clientId": "other"}, ("NOT_FOUND", "clientId")),
    ],
)
async def test_what_is_no_notice_is_refused(
    api: Api, case: Case, given: dict[str, Any], refused: tuple[str, str]
) -> None:
    account = await account_of(case)
    other = await case.client("Other")
    others = {"debtorId": encode_id("dbtr", await case.person(other)), "clientId": encode_id("clnt", other)}
    given = {name: others[name] if value == "other" else value for name, value in given.items()}
    found = await tell(
        api, "noticeRecord", **{"kind": "VALIDATION", "medium": "LETTER", "accountIds": [account], **given}
    )
    assert problems(found) == [refused]


async def test_a_notice_about_debts_of_two_clients_is_of_neither(api: Api, case: Case) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    owed = [encode_id("acct", await case.account(client, debtor)) for client in (bank, shop)]
    notice = await told(api, "noticeRecord", kind="REMINDER", medium="EMAIL", accountIds=owed)
    assert (notice["client"], len(notice["accounts"]["nodes"]), notice["endsOn"]) == (None, 2, None)
    shown = await api("query($id: ID!) { account(id: $id) { notices { nodes { notice { kind } } } } }", {"id": owed[1]})
    assert shown["data"]["account"]["notices"]["nodes"] == [{"notice": {"kind": "REMINDER"}}]


async def test_a_licence_is_held_from_a_day_to_a_day(api: Api) -> None:
    given = {"place": "US-New York-New York", "kind": "LICENCE", "number": "2098", "fromOn": "2024-02-01"}
    licence = await told(api, "licenceRecord", **given)
    assert (licence["place"], licence["untilOn"], licence["version"]) == ("US-NY-NEW YORK", None, 1)
    assert problems(await tell(api, "licenceRecord", **given)) == [("CONFLICT", "fromOn")]
    early = await tell(api, "licenceEnd", licenceId=licence["id"], version=1, untilOn="2024-01-31")
    assert problems(early) == [("INVALID_INPUT", "untilOn")]
    ended = await told(api, "licenceEnd", licenceId=licence["id"], version=1, untilOn="2026-01-31")
    assert (ended["untilOn"], ended["version"]) == ("2026-01-31", 2)
    renewed = await told(api, "licenceEnd", licenceId=licence["id"], version=2, untilOn="2028-01-31")
    assert renewed["untilOn"] == "2028-01-31"
    listed = await api('{ licences(where: {place: {eq: "US-NY-NEW YORK"}}) { nodes { number } } }', role="COLLECTOR")
    assert listed["data"]["licences"]["nodes"] == [{"number": "2098"}]


async def test_a_licence_is_told_by_who_sees_everything(api: Api, case: Case) -> None:
    key = await api.sign_in("MANAGER", clients=[await case.client()])
    mutation = "mutation($input: LicenceRecordInput!) { licenceRecord(input: $input) { licence { id } } }"
    given = {"place": "DE", "kind": "REGISTRATION", "fromOn": "2024-02-01"}
    assert "FORBIDDEN" in str(await api(mutation, {"input": given}, key=key))
    shown = await api("{ licences { nodes { place } } }", key=key)
    assert shown["data"] == {"licences": {"nodes": []}}
