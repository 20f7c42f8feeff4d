"""What is recorded as a fact: each kind with what it needs, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactPart
from tests.api import Api
from tests.product.accounts.book import limited
from tests.product.compliance.case import Case
from tests.product.compliance.fact_forms import problems, tell, told

NOW = "2026-03-02T12:00:00.000000Z"
PARTS: dict[FactPart, dict[str, Any]] = {
    FactPart.ON: {"on": "2026-02-14"},
    FactPart.NUMBER: {"number": 2},
    FactPart.AMOUNT: {"amount": {"amount": "50.00", "currency": "USD"}},
    FactPart.PLACE: {"place": "US-New York"},
    FactPart.HOURS: {"earliest": "09:00", "latest": "17:30", "weekdays": [2, 1]},
    FactPart.CHANNEL: {"channel": "SMS"},
}
SHOWN = {FactPart.PLACE: {"place": "US-NY"}, FactPart.HOURS: {**PARTS[FactPart.HOURS], "weekdays": [1, 2]}}


async def someone(case: Case) -> tuple[str, str, str]:
    """A debtor, an account and a contact point, by their public ids."""
    client = await case.client()
    debtor = await case.person(client)
    account = await case.account(client, debtor)
    point = await case.phone_of(debtor)
    return encode_id("dbtr", debtor), encode_id("acct", account), encode_id("cont", point)


def subject(level: FactLevel, debtor: str, account: str, point: str) -> dict[str, str]:
    return {
        FactLevel.DEBTOR: {"debtorId": debtor},
        FactLevel.DEBT: {"accountId": account},
        FactLevel.ENDPOINT: {"contactPointId": point},
        FactLevel.PLACE: {},
    }[level]


async def test_every_kind_is_recorded_with_all_that_it_may_say(api: Api, case: Case) -> None:
    debtor, account, point = await someone(case)
    for kind in FactKind:
        spec = FACTS[kind]
        given = subject(spec.level, debtor, account, point)
        parts = spec.parts - {FactPart.WORD}
        said = {name: value for part in parts for name, value in PARTS[part].items()}
        word = spec.words[-1] if spec.words else None

        fact = await told(api, "factRecord", kind=kind.value, source="COURT", word=word, **given, **said)

        assert (fact["kind"], fact["source"], fact["word"]) == (kind.value, "COURT", word)
        assert (fact["receivedAt"], fact["startsAt"], fact["endsAt"], fact["state"]) == (NOW, NOW, None, "IN_FORCE")
        shown = {name: value for part in parts for name, value in SHOWN.get(part, PARTS[part]).items()}
        assert {name: fact[name] for name in shown} == shown
        whose = {name.removesuffix("Id"): {"id": id} for name, id in given.items()}
        assert {name: fact[name] for name in whose} == whose
        assert fact["debtor"] == (None if spec.level is FactLevel.PLACE else {"id": debtor})


async def test_what_a_kind_needs_cannot_be_left_out(api: Api) -> None:
    shown = {FactPart.HOURS: "earliest"}
    debtor = encode_id("dbtr", new_id())
    for kind in FactKind:
        needs = FACTS[kind].needs
        if not needs:
            continue
        found = await tell(api, "factRecord", kind=kind.value, source="DEBTOR", debtorId=debtor)
        assert sorted(problems(found)) == sorted(("REQUIRED", shown.get(part, part.value.lower())) for part in needs)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"kind": "DEATH", "word": "SUDDEN"}, ("INVALID_INPUT", "word")),
        ({"kind": "CEASE", "word": "SHOUTED"}, ("INVALID_INPUT", "word")),
        ({"kind": "DEATH", "number": 1}, ("INVALID_INPUT", "number")),
        ({"kind": "AGREED_TIME", "earliest": "9 o'clock"}, ("INVALID_INPUT", "earliest")),
        ({"kind": "AGREED_TIME", "earliest": "09:00:30"}, ("INVALID_INPUT", "earliest")),
        ({"kind": "AGREED_TIME", "earliest": "09:00", "latest": "09:00"}, ("INVALID_INPUT", "latest")),
        ({"kind": "AGREED_TIME", "weekdays": [0]}, ("INVALID_INPUT", "weekdays")),
        ({"kind": "CONTRACT_PLACE", "place": "Ruritania"}, ("INVALID_INPUT", "place")),
        ({"kind": "DEATH", "endsAt": NOW}, ("INVALID_INPUT", "endsAt")),
        ({"kind": "DEATH", "receivedAt": "2026-03-02T12:06:00Z"}, ("INVALID_INPUT", "receivedAt")),
        ({"kind": "DEATH", "evidence": " "}, ("REQUIRED", "evidence")),
        ({"kind": "DEATH", "account": True}, ("INVALID_INPUT", "accountId")),
        ({"kind": "CEASE", "word": "ORAL", "point": True}, ("INVALID_INPUT", "contactPointId")),
        ({"kind": "CHARGES_RECIPIENT"}, ("REQUIRED", "contactPointId")),
        ({"kind": "PUBLIC_EMERGENCY", "place": "US"}, ("INVALID_INPUT", "debtorId")),
        ({"kind": "DEATH", "debtorId": None}, ("REQUIRED", "debtorId")),
    ],
)
async def test_what_no_fact_says_is_refused(
    api: Api, case: Case, given: dict[str, Any], refused: tuple[str, str]
) -> None:
    debtor, account, point = await someone(case)
    given = {"source": "DEBTOR", "debtorId": debtor, **given}
    if given.pop("account", False):
        given["accountId"] = account
    if given.pop("point", False):
        given["contactPointId"] = point
    assert problems(await tell(api, "factRecord", **given)) == [refused]


async def test_a_fact_of_an_account_is_its_clients_and_of_its_primary_debtor(api: Api, case: Case) -> None:
    bank = await case.client()
    debtor = await case.person(bank)
    account = encode_id("acct", await case.account(bank, debtor))
    fact = await told(api, "factRecord", kind="DISPUTE", source="DEBTOR", word="ORAL", accountId=account)
    assert fact["client"] == {"id": encode_id("clnt", bank)}
    assert fact["debtor"] == {"id": encode_id("dbtr", debtor)}
    stranger = encode_id("dbtr", await case.person(bank))
    found = await tell(
        api, "factRecord", kind="DISPUTE", source="DEBTOR", word="ORAL", accountId=account, debtorId=stranger
    )
    assert problems(found) == [("NOT_FOUND", "debtorId")]


async def test_a_fact_ends_once_and_is_withdrawn_once(api: Api, case: Case) -> None:
    debtor, _, _ = await someone(case)
    fact = await told(
        api, "factRecord", kind="VETERAN", source="DEBTOR", debtorId=debtor, startsAt="2026-01-01T00:00:00Z"
    )
    late = await tell(
        api, "factEnd", factId=fact["id"], version=1, endsAt="2025-12-31T00:00:00Z", reason="never was one"
    )
    assert problems(late) == [("INVALID_INPUT", "endsAt")]
    ended = await told(api, "factEnd", factId=fact["id"], version=1, reason="misread")
    assert (ended["endsAt"], ended["state"], ended["endReason"], ended["version"]) == (NOW, "ENDED", "misread", 2)
    again = await tell(api, "factEnd", factId=fact["id"], version=2, reason="misread")
    assert problems(again) == [("ALREADY_ENDED", "factId")]
    stale = await tell(api, "factWithdraw", factId=fact["id"], version=1, reason="of another")
    assert problems(stale) == [("CONFLICT", "version")]
    withdrawn = await told(api, "factWithdraw", factId=fact["id"], version=2, reason="of another")
    assert (withdrawn["state"], withdrawn["withdrawnReason"]) == ("WITHDRAWN", "of another")
    twice = await tell(api, "factWithdraw", factId=fact["id"], version=3, reason="of another")
    assert problems(twice) == [("ALREADY_ENDED", "factId")]


async def test_the_same_key_records_a_fact_once_and_events_tell_of_it(api: Api, case: Case) -> None:
    debtor, _, _ = await someone(case)
    given = {
        "kind": "VETERAN",
        "source": "DEBTOR",
        "debtorId": debtor,
        "idempotencyKey": "k",
        "evidence": "4111111111111111",
    }
    first, second = await told(api, "factRecord", **given), await told(api, "factRecord", **given)
    assert first == second
    assert "4111111111111111" not in first["evidence"]
    (event,) = await case.events("FactRecorded")
    assert (event["kind"], event["accountId"], event["endsAt"]) == ("VETERAN", None, None)


async def test_what_holds_at_a_place_is_said_by_who_sees_everything_and_read_by_all(api: Api, case: Case) -> None:
    client = await case.client()
    await api.sign_in("COLLECTOR", clients=[client])
    given = {"kind": "PUBLIC_EMERGENCY", "source": "COURT", "place": "US-DC"}
    answer = await tell(api, "factRecord", role="ADMIN", **given)
    assert answer["fact"]["place"] == "US-DC"
    refused = await api(
        "mutation($input: FactRecordInput!) { factRecord(input: $input) { fact { id } userErrors { code } } }",
        {"input": given},
        role="COLLECTOR",
    )
    assert "FORBIDDEN" in str(refused)
    someone = limited(Scope("limited", True, clients=(client,)))
    assert await case.rows("select place from fact", someone) == [("US-DC",)]
    # Nor does the database let them change it.
    async with begin(case.context(someone)) as tx:
        cursor = await (await tx.connection()).execute("update fact set place = 'US' where debtor_id is null")
        assert cursor.rowcount == 0


async def test_every_kind_is_described_for_a_form(api: Api) -> None:
    answer = await api("{ factKinds { kind meaning level nature words needs takes } }", role="COLLECTOR")
    described = {one.pop("kind"): one for one in answer["data"]["factKinds"]}
    assert set(described) == {kind.value for kind in FactKind}
    assert described["CEASE"] == {
        "meaning": "The debtor refuses to pay or wants no further contact. In force from receipt.",
        "level": "DEBT",
        "nature": "EVENT",
        "words": ["WRITTEN", "ELECTRONIC", "ORAL"],
        "needs": ["WORD"],
        "takes": ["CHANNEL"],
    }


async def test_a_client_sees_what_it_told_and_a_debtor_sees_no_facts(api: Api, case: Case) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    account = encode_id("acct", await case.account(bank, debtor))
    await told(api, "factRecord", kind="DISPUTE", source="CLIENT", word="ORAL", accountId=account)
    await told(api, "factRecord", kind="DEATH", source="REGISTER", debtorId=encode_id("dbtr", debtor))
    for client, kinds in ((bank, ["DISPUTE"]), (shop, [])):
        key = await api.sign_in("CLIENT", clients=[client])
        answer = await api("{ facts { nodes { kind } } }", key=key)
        assert [fact["kind"] for fact in answer["data"]["facts"]["nodes"]] == kinds
    own = await api.sign_in("DEBTOR", debtor=debtor)
    assert "FORBIDDEN" in str(await api("{ facts { nodes { kind } } }", key=own))
