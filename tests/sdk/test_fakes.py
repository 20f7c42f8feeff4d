"""What authors test with behaves as the real thing where it matters."""

from __future__ import annotations

import asyncio
import json
import smtplib
import urllib.error
import urllib.request
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from arrears_sdk import Declined, Done, Money, NotSent, Pending, Unknown
from arrears_sdk.errors import InputError, LimitError, RefusedError
from arrears_sdk.frames import ACCOUNTS, check
from arrears_sdk.ports.gateway import Order, OrderKind, WebhookRefusedError
from arrears_sdk.testing import Builder, FakeHost
from arrears_sdk.testing.frames import accounts_frame
from arrears_sdk.testing.generators import contact_attempts
from arrears_sdk.testing.http import Exchange, HttpDouble, HttpResponse, Replay, ReplayError
from arrears_sdk.testing.provider import DECLINED_TOKEN, GOOD_TOKEN, ProviderDouble
from arrears_sdk.testing.scripted_gateway import ScriptedGateway
from arrears_sdk.testing.sinks import MailSink, SmsSink
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import PaymentMethodKind


async def test_values_are_kept_by_client_and_found_by_prefix_and_debtor() -> None:
    host = FakeHost()
    ours, theirs = host.values("clnt_1"), host.values("clnt_2")
    await ours.put("a/1", {"n": [1]}, debtor_id="dbtr_1")
    await ours.put("a/2", 2)
    assert await ours.get("a/1") == {"n": [1]}
    assert await theirs.get("a/1") is None
    assert [value.key for value in await ours.list("a/", after="a/1")] == ["a/2"]
    assert [value.key for value in await ours.of_debtor("dbtr_1")] == ["a/1"]
    assert (await ours.delete("a/1"), await ours.delete("a/1")) == (True, False)


async def test_values_have_the_platforms_limits() -> None:
    values = FakeHost(personal_data=False).values()
    with pytest.raises(InputError):
        await values.put("k" * 201, 1)
    with pytest.raises(LimitError):
        await values.put("k", "v" * 65_536)
    with pytest.raises(RefusedError, match="personal_data = True"):
        await values.put("k", 1, debtor_id="dbtr_1")


async def test_a_value_that_was_kept_does_not_change_with_the_object_it_came_from() -> None:
    values = FakeHost().values()
    kept = [1]
    await values.put("k", kept)  # type: ignore[arg-type]
    kept.append(2)
    assert await values.get("k") == [1]


def test_the_same_seed_builds_the_same_and_another_seed_something_else() -> None:
    assert Builder(1).contact_attempt() == Builder(1).contact_attempt()
    assert Builder(1).contact_attempt() != Builder(2).contact_attempt()
    assert accounts_frame(Builder(1)).equals(accounts_frame(Builder(1)))


def test_a_frame_of_accounts_is_what_strategies_get() -> None:
    frame = accounts_frame(Builder(), debtors=30)
    assert check(frame, ACCOUNTS).height >= 30
    assert frame["account_id"].n_unique() == frame.height
    assert frame["debtor_id"].n_unique() == 30


@settings(max_examples=50)
@given(contact_attempts())
def test_attempts_are_believable(attempt: ContactAttempt) -> None:
    assert attempt.at.utcoffset() is not None
    assert all(account.debtor_id == attempt.debtor.id for account in attempt.accounts)
    assert all(past.started_at < attempt.at for past in attempt.history)
    assert list(attempt.history) == sorted(attempt.history, key=lambda past: past.started_at, reverse=True)
    assert attempt.debtor.places[0].country in attempt.jurisdictions


def test_a_scripted_gateway_answers_as_written_and_takes_each_key_once() -> None:
    gateway = ScriptedGateway().then(Unknown(reason="lost"), TimeoutError("slow"))
    request = Builder().charge_request(SecretStr(GOOD_TOKEN), Money(500, "EUR"), PaymentMethodKind.CARD)
    assert asyncio.run(gateway.charge(request)) == Unknown(reason="lost")
    with pytest.raises(TimeoutError):
        asyncio.run(gateway.charge(request))
    assert isinstance(asyncio.run(gateway.charge(request)), Done)
    assert gateway.provider.charges() == [Money(500, "EUR")]
    declined = replace(request, key="other", token=SecretStr(DECLINED_TOKEN))
    assert isinstance(asyncio.run(gateway.charge(declined)), Declined)
    gateway.provider.next_status = "new"
    assert isinstance(asyncio.run(gateway.charge(replace(request, key="third"))), Pending)
    nothing = Order(kind=OrderKind.CHARGE, key="fourth", reference=None, amount=Money(1, "EUR"))
    assert isinstance(asyncio.run(gateway.fetch(nothing)), NotSent)


def test_a_scripted_gateway_reads_its_providers_webhooks_and_no_others() -> None:
    gateway = ScriptedGateway()
    webhook = gateway.provider.webhook(gateway.provider.charge("k", Money(1, "EUR"), GOOD_TOKEN))
    (notice,) = gateway.parse_webhook(webhook)
    assert (notice.id, notice.key) == ("evt_00000001", "k")
    with pytest.raises(WebhookRefusedError):
        gateway.parse_webhook(replace(webhook, body=webhook.body + b" "))


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        content: bytes = response.read()
        return content


def test_a_recording_answers_in_its_order_and_tells_what_was_not_asked(tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps([{"method": "GET", "path": "/a", "answer": "one"}]), "utf-8")
    replay = Replay.load(recorded)
    with HttpDouble(replay) as server:
        with pytest.raises(ReplayError, match="GET /a was never asked"):
            replay.finished()
        assert get(f"{server.url}/a") == b"one"
        replay.finished()
        with pytest.raises(urllib.error.HTTPError, match="599"):
            get(f"{server.url}/b")
    with pytest.raises(ReplayError, match="nothing more is recorded"):
        replay.finished()
    assert [request.path for request in server.requests] == ["/a", "/b"]


def test_a_double_can_lose_its_answer_after_it_acted() -> None:
    provider = ProviderDouble()
    provider.lose_next_answer = True
    body = json.dumps({"amount": 5, "currency": "EUR", "token": GOOD_TOKEN}).encode()
    with HttpDouble(provider.respond) as server:
        request = urllib.request.Request(f"{server.url}/charges", body, {"idempotency-key": "k"})
        with pytest.raises(OSError, match="closed connection"):
            urllib.request.urlopen(request, timeout=10)
    assert provider.charges() == [Money(5, "EUR")]


def test_a_recorded_body_has_to_fit() -> None:
    replay = Replay([Exchange(method="POST", path="/", body=b"x", response=HttpResponse())])
    from arrears_sdk.testing.http import HttpRequest

    assert replay(HttpRequest(method="POST", path="/", body=b"y")).status == 599


def test_mails_are_kept_and_mailboxes_can_be_missing() -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Äußerung", "agency@example.org", "debtor@example.org"
    mail.set_content("Dear Sir,\n.\n..dots\n")
    with MailSink() as sink, smtplib.SMTP(sink.host, sink.port, timeout=10) as client:
        client.send_message(mail)
        sink.refused.add("nobody@example.org")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("agency@example.org", ["nobody@example.org"], "x")
    (kept,) = sink.mails
    assert (kept.sender, kept.recipients) == ("agency@example.org", ("debtor@example.org",))
    assert kept.message["Subject"] == "Äußerung"
    assert kept.message.get_content().splitlines() == ["Dear Sir,", ".", "..dots"]


def test_texts_are_kept_and_numbers_can_be_missing() -> None:
    with SmsSink() as sink:
        form = urllib.request.Request(f"{sink.url}/messages", b"To=%2B4930123&Body=Hello")
        with urllib.request.urlopen(form, timeout=10) as response:
            assert json.load(response)["status"] == "queued"
        sink.refused.add("+4930123")
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(form, timeout=10)
    assert sink.texts == [{"To": "+4930123", "Body": "Hello"}]
