"""A decision explained months later: in plain words, with what would help, as a page, and whether it was altered."""

from __future__ import annotations

import io
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from arrears.kernel.transaction import begin
from arrears.kernel.vault import destroy_person_key
from arrears_quiet_hours import QuietHours
from arrears_sdk.ids import decode_id, encode_id, new_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.requirements import fact, notice
from arrears_sdk.law.words import NoticeKind
from arrears_sdk.plugin import Plugin
from arrears_sdk.rules import RulePack
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ContactAttempt
from tests.api import Api
from tests.conftest import Deployment, Server
from tests.plugin_hosts import host_with
from tests.product.compliance.asking import REQUEST
from tests.product.compliance.case import Case

EXPLAIN = """
query($id: ID!) {
  decisionExplain(id: $id) {
    decision { id verdict } title summary verdict decidedAt decidedBy asked { name value }
    findings {
      verdict rule ruleVersion citation confidence confidenceWords reason until facts { name value }
      plugin pluginVersion clientId
    }
    silentRules { rule version citation confidence plugin pluginVersion }
    requirements { name kind meaning mutation } missingFacts { name rule meaning mutation }
    plugins { name version settingsVersion } settingsVersion factsDigest rulesDigest factsState
    seal { state sequence digest words } pdfPath
  }
}
"""
LAW: RulePack[ContactAttempt] = RulePack("law")


@LAW.rule("law.notice", citation="12 CFR 1006.34", jurisdiction="US", version=3)
def _notice(attempt: ContactAttempt) -> Ruling:
    """A validation notice comes first."""
    reason = "No validation notice was sent."
    return Ruling.require(notice(NoticeKind.VALIDATION), reason, facts={"debts": len(attempt.accounts)})


@LAW.rule("law.documents", citation="§ 2", jurisdiction="US", confidence="G")
def _documents(attempt: ContactAttempt) -> Ruling:
    """Documents are at hand."""
    missing = fact(FactKind.DOCUMENTS_HELD)
    return Ruling.require(missing, "Nobody knows which documents are held.", missing_fact=missing)


@LAW.rule("law.silent", citation="§ 3", jurisdiction="US", confidence="P")
def _silent(attempt: ContactAttempt) -> None:
    """Never objects."""


@LAW.rule("law.elsewhere", citation="§ 4", jurisdiction="US-CA")
def _elsewhere(attempt: ContactAttempt) -> Ruling:
    """Holds in California only."""
    return Ruling.deny("Not in California.")


class Law(Plugin):
    """Four rules."""

    name = "law"
    version = "1.2"

    def rule_on_contacts(self, attempts: Any) -> list[Ruling]:
        """What the rules say."""
        return LAW.rule_on(attempts)


@pytest.fixture
async def decision(api: Api, case: Case, deployment: Deployment) -> str:
    """A call about a debt in New York that was asked for at seven o'clock there, and what was decided."""
    client = await case.client()
    account = await case.account(client, await case.person(client))
    await host_with(deployment, [Law, QuietHours])
    given = {"idempotencyKey": "k", "channel": "PHONE_CALL", "accountIds": [encode_id("acct", account)]}
    answer = await api(REQUEST, {"input": given})
    assert "errors" not in answer, answer
    id: str = answer["data"]["contactRequest"]["decision"]["id"]
    return id


async def explained(api: Api, id: str, **who: Any) -> dict[str, Any]:
    """The explanation."""
    answer = await api(EXPLAIN, {"id": id}, **who)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["decisionExplain"]
    return found


async def test_a_decision_tells_what_was_asked_and_what_each_rule_said(api: Api, decision: str) -> None:
    found = await explained(api, decision)
    assert (found["decision"]["id"], found["title"]) == (decision, f"Decision {decision}")
    assert found["summary"] == (
        "A contact by phone call was not allowed then; it was put off until 2026-03-02 13:00:00 UTC."
    )
    asked = {detail["name"]: detail["value"] for detail in found["asked"]}
    assert asked["Asked by"] == found["decidedBy"] == "ADMIN of the test"
    assert (asked["At"], asked["Channel"]) == ("2026-03-02 12:00:00 UTC", "phone call")
    assert (asked["Purpose"], asked["With"], asked["On whose wish"]) == ("collect", "debtor", "agency")
    deferral, *demands = found["findings"]
    assert (deferral["verdict"], deferral["rule"], deferral["plugin"]) == ("DEFER", "quiet-hours.window", "quiet-hours")
    by_rule = {demand["rule"]: demand for demand in demands}
    first = by_rule["law.notice"]
    assert (first["verdict"], first["ruleVersion"], first["citation"]) == ("REQUIRE", 3, "12 CFR 1006.34")
    assert (first["confidence"], first["confidenceWords"]) == ("S", "The law was read at its source.")
    assert first["facts"] == [{"name": "debts", "value": "1"}]
    assert (first["plugin"], first["pluginVersion"]) == ("law", "1.2")


async def test_it_tells_what_was_silent_what_meets_it_and_what_would_help(api: Api, decision: str) -> None:
    found = await explained(api, decision)
    assert found["silentRules"] == [
        {
            "rule": "law.silent",
            "version": 1,
            "citation": "§ 3",
            "confidence": "P",
            "plugin": "law",
            "pluginVersion": "1.2",
        }
    ]
    assert [(one["name"], one["mutation"]) for one in found["requirements"]] == [
        ("fact:DOCUMENTS_HELD", "factRecord"),
        ("notice:VALIDATION", "noticeRecord"),
    ]
    (missing,) = found["missingFacts"]
    assert (missing["name"], missing["rule"]) == ("fact:DOCUMENTS_HELD", "law.documents")
    assert missing["mutation"] == "factRecord"
    assert missing["meaning"]
    assert [plugin["name"] for plugin in found["plugins"]] == ["law", "quiet-hours"]
    assert (len(found["factsDigest"]), len(found["rulesDigest"]), found["factsState"]) == (64, 64, "KEPT")


async def test_months_later_under_other_plugins_it_is_the_same(api: Api, decision: str, deployment: Deployment) -> None:
    before = await explained(api, decision)
    await host_with(deployment, [QuietHours])
    assert await explained(api, decision) == before


async def test_a_decision_that_was_altered_says_so(
    api: Api, decision: str, deployment: Deployment, server: Server
) -> None:
    assert (await explained(api, decision))["seal"]["state"] == "WAITING"
    id = decode_id("deci", decision)
    # when: somebody with all rights changes the reason of a finding
    url = psycopg.conninfo.make_conninfo(server.superuser_url, dbname=deployment_name(deployment))
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("alter table decision_finding disable trigger user")
        await connection.execute(
            "update decision_finding set reason = 'All is well.' where decision_id = %s and rule = 'law.notice'", [id]
        )
    # then
    seal = (await explained(api, decision))["seal"]
    assert (seal["state"], seal["words"]) == (
        "ALTERED",
        "It does not agree with the audit trail: it was altered after it was made.",
    )


def deployment_name(deployment: Deployment) -> str:
    """The name of its database."""
    return str(psycopg.conninfo.conninfo_to_dict(deployment.urls.api)["dbname"])


async def test_an_unknown_decision_is_null_and_a_stranger_sees_none(api: Api, decision: str, case: Case) -> None:
    assert await explained(api, encode_id("deci", new_id())) is None
    other = await case.client("Other")
    assert await explained(api, decision, key=await api.sign_in("MANAGER", clients=[other])) is None


async def test_the_page_has_the_same_words_and_is_accessible(api: Api, decision: str) -> None:
    found = await explained(api, decision)
    key = api.keys["ADMIN"]
    answer = await api.http.get(found["pdfPath"], headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"] == f'inline; filename="{decision}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    page = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(sheet.extract_text() for sheet in page.pages).split())
    for words in (
        f"Decision {decision}",
        found["summary"],
        "No validation notice was sent.",
        "law.notice, version 3",
        "12 CFR 1006.34",
        "The law was read at its source.",
        "Nobody knows which documents are held.",
        "noticeRecord",
        "law.silent",
        "quiet-hours.window",
        found["seal"]["words"],
        found["factsDigest"],
    ):
        assert words in text, words
    assert (round(page.pages[0].mediabox.width), round(page.pages[0].mediabox.height)) == (595, 842)
    root = page.trailer["/Root"]
    assert root["/Lang"] == "en"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    fonts = page.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert all("+" in fonts[name]["/BaseFont"] for name in fonts), "fonts are inside"


async def test_the_page_is_for_who_may_read_the_decision(api: Api, decision: str, case: Case) -> None:
    path = f"/decisions/{decision}.pdf"
    other = await case.client("Other")
    stranger = await api.sign_in("MANAGER", clients=[other])
    forbidden = await api.sign_in("SERVICE", scopes=["accounts.read"])
    for headers, wanted, code in (
        ({}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer arr_wrong"}, 401, "UNAUTHENTICATED"),
        ({"authorization": f"Bearer {forbidden}"}, 403, "FORBIDDEN"),
        ({"authorization": f"Bearer {stranger}"}, 404, "NOT_FOUND"),
    ):
        answer = await api.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (wanted, code)
    admin = {"authorization": f"Bearer {await api.sign_in('ADMIN')}"}
    for id in (encode_id("deci", new_id()), encode_id("acct", new_id()), "deci_1", f"{decision}x", "..%2f..%2fetc"):
        answer = await api.http.get(f"/decisions/{id}.pdf", headers=admin)
        assert answer.status_code == 404, id
    assert (await api.http.post(path, headers=admin)).status_code == 405


async def test_of_an_erased_person_what_was_decided_stays(api: Api, decision: str, case: Case) -> None:
    before = await explained(api, decision)
    ((debtor_id,),) = await case.rows("select debtor_id from decision")
    async with begin(case.context()) as tx:
        await destroy_person_key(tx, debtor_id)
    after = await explained(api, decision)
    assert (before["factsState"], after["factsState"]) == ("KEPT", "ERASED")
    assert after["findings"] == before["findings"]
    assert after["seal"] == before["seal"]
    page = await api.http.get(after["pdfPath"], headers={"authorization": f"Bearer {api.keys['ADMIN']}"})
    text = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.content)).pages).split())
    assert "The facts are no longer kept: the person's data was erased. What was decided stays." in text
