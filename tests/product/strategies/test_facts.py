"""The facts that strategies decide on: as of a day, as a principal sees them, one statement for however many."""

from __future__ import annotations

import datetime
from datetime import timedelta

from arrears.accounts.model import HoldBlock, HoldKind
from arrears.debtors.commands.contacts import contact_point_invalidate
from arrears.debtors.commands.inputs import ContactPointInvalidate
from arrears.interactions.commands import InteractionCorrect, correct_interaction
from arrears.interactions.model import InteractionResult
from arrears.kernel.scope import Scope
from arrears.ledger.commands import PaymentReverse, reverse_payment
from arrears_sdk import frames
from arrears_sdk.ids import encode_id
from arrears_sdk.vocabulary import CommunicationChannel
from tests.conftest import START
from tests.product.accounts.book import limited
from tests.product.strategies.desk import TODAY, Desk

DAY = timedelta(days=1)


async def test_an_account_without_any_history(desk: Desk) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client)
    account = await desk.owing(client, debtor)
    # when
    fact = await desk.fact(client, account)
    # then
    assert fact == {
        "account_id": encode_id("acct", account),
        "client_id": encode_id("clnt", client),
        "portfolio_id": None,
        "debtor_id": encode_id("dbtr", debtor),
        "status": "ACTIVE",
        "product": "INVOICE",
        "purpose": "COMMERCIAL",
        "currency": "USD",
        "balance_minor": 12_050,
        "placed_minor": 12_050,
        "due_on": datetime.date(2026, 2, 14),
        "placed_on": datetime.date(2026, 3, 2),
        "days_past_due": 16,
        "days_since_placed": 0,
        "last_payment_on": None,
        "paid_minor": 0,
        "last_contact_at": None,
        "last_contact_channel": None,
        "last_result": None,
        "days_since_contact": None,
        "contacts": 0,
        "contacts_7_days": 0,
        "right_party_contacts": 0,
        "last_template": None,
        "days_since_template": None,
        "templates": [],
        "promise_open": False,
        "dispute_open": False,
        "holds": [],
        "contact_blocked": False,
        "channels": [
            "PHONE_CALL", "PHONE_AUTODIALED", "PHONE_PRERECORDED", "RINGLESS_VOICEMAIL", "SMS", "LETTER", "POSTCARD",
            "IN_PERSON_HOME",
        ],
        "score": None,
    }  # fmt: skip


async def test_contacts_are_counted_as_of_the_instant_and_corrections_replace_what_they_correct(desk: Desk) -> None:
    # given
    client = await desk.client()
    account = await desk.owing(client, await desk.person(client))
    await desk.wrote(account, START - 20 * DAY, "first, 'quoted'\nnotice")
    await desk.call(account, START - 8 * DAY, "TALKED")
    wrong = await desk.call(account, START - 2 * DAY, "TALKED")
    await correct_interaction(
        desk.context(),
        InteractionCorrect(interaction_id=wrong, reason="Nobody answered", result=InteractionResult.NO_ANSWER),
    )
    await desk.wrote(account, START - 1 * DAY, "second-notice")
    # when
    fact, earlier = await desk.fact(client, account), await desk.fact(client, account, on=TODAY - 5 * DAY)
    # then
    shown = ("contacts", "contacts_7_days", "right_party_contacts", "last_result", "days_since_contact", "templates")
    assert tuple(fact[name] for name in shown) == (
        4, 2, 1, "SENT", 1, ["first, 'quoted'\nnotice", "second-notice"],
    )  # fmt: skip
    assert (fact["last_contact_at"], fact["last_contact_channel"]) == (START - DAY, "LETTER")
    assert (fact["last_template"], fact["days_since_template"]) == ("second-notice", 1)
    assert tuple(earlier[name] for name in shown) == (2, 1, 1, "TALKED", 3, ["first, 'quoted'\nnotice"])
    assert (earlier["last_template"], earlier["days_since_template"]) == ("first, 'quoted'\nnotice", 15)


async def test_a_letter_about_several_debts_counts_for_each(desk: Desk) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client)
    one, other = await desk.owing(client, debtor), await desk.owing(client, debtor, "INV-2")
    await desk.wrote(one, START - DAY, "notice", debts_discussed=(one, other))
    # when
    facts = await desk.facts(client)
    # then
    assert facts["contacts"].to_list() == [1, 1]
    assert facts["templates"].to_list() == [["notice"], ["notice"]]


async def test_balances_and_payments_are_those_of_the_end_of_the_day(desk: Desk) -> None:
    # given
    client = await desk.client()
    account = await desk.owing(client, await desk.person(client), placed_on=datetime.date(2026, 1, 20))
    await desk.paid(account, 2_000, datetime.date(2026, 2, 1))
    returned = await desk.paid(account, 1_000, datetime.date(2026, 2, 20))
    await reverse_payment(
        desk.context(), PaymentReverse(payment_id=returned, reason="Returned"), idempotency_key="back"
    )
    # when
    days = [datetime.date(2026, 1, 31), datetime.date(2026, 2, 1), datetime.date(2026, 2, 20), TODAY]
    seen = [await desk.fact(client, account, on=day) for day in days]
    # then
    assert [fact["balance_minor"] for fact in seen] == [12_050, 10_050, 9_050, 10_050]
    assert [fact["paid_minor"] for fact in seen] == [0, 2_000, 3_000, 2_000]
    assert [fact["days_past_due"] for fact in seen] == [-14, -13, 6, 16]
    first, second = datetime.date(2026, 2, 1), datetime.date(2026, 2, 20)
    assert [fact["last_payment_on"] for fact in seen] == [None, first, second, first]


async def test_nothing_is_past_due_once_nothing_is_owed_and_nothing_stands_before_it_was_opened(desk: Desk) -> None:
    # given
    client = await desk.client()
    account = await desk.owing(client, await desk.person(client))
    await desk.paid(account, 12_050, TODAY)
    # then
    assert (await desk.fact(client, account))["days_past_due"] == 0
    assert (await desk.facts(client, on=datetime.date(2026, 1, 14))).equals(frames.empty(frames.ACCOUNTS))


async def test_a_promise_stands_for_a_fortnight_and_until_money_comes(desk: Desk) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client)
    old, kept, open_ = [await desk.owing(client, debtor, f"INV-{number}") for number in range(3)]
    await desk.call(old, START - 15 * DAY, "PROMISE")
    for account in (kept, open_):
        await desk.paid(account, 100, TODAY - 4 * DAY)
        await desk.call(account, START - 3 * DAY, "PROMISE")
    await desk.paid(kept, 100, TODAY - 1 * DAY)
    # when
    standing = [(await desk.fact(client, account))["promise_open"] for account in (old, kept, open_)]
    # then
    assert standing == [False, False, True]
    assert (await desk.fact(client, kept, on=TODAY - 2 * DAY))["promise_open"] is True


async def test_holds_of_the_account_and_of_its_debtor_stop_channels_or_everything(desk: Desk) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client)
    one, other = await desk.owing(client, debtor), await desk.owing(client, debtor, "INV-2")
    await desk.hold(HoldKind.DISPUTE, account_id=one)
    await desk.hold(HoldKind.CLIENT, (HoldBlock.CONTACT,), debtor_id=debtor, channel=CommunicationChannel.LETTER)
    # when
    facts = [await desk.fact(client, account) for account in (one, other)]
    # then
    assert [fact["holds"] for fact in facts] == [["DISPUTE", "CLIENT"], ["CLIENT"]]
    assert [fact["dispute_open"] for fact in facts] == [True, False]
    assert [fact["contact_blocked"] for fact in facts] == [True, False]
    assert "LETTER" not in facts[1]["channels"]
    assert "POSTCARD" in facts[1]["channels"]
    assert (await desk.fact(client, one, on=TODAY - DAY))["holds"] == []


async def test_a_contact_point_that_is_invalid_or_of_another_client_opens_no_channel(desk: Desk) -> None:
    # given
    client = await desk.client()
    debtor = await desk.person(client, residences=())
    account = await desk.owing(client, debtor)
    point = await desk.phone_of(debtor)
    version = (await desk.row("contact_point", point))["version"]
    # when
    await contact_point_invalidate(
        desk.context(), ContactPointInvalidate(contact_point_id=point, version=version, reason="Disconnected")
    )
    # then
    assert (await desk.fact(client, account))["channels"] == []


async def test_a_principal_sees_the_facts_of_its_own_accounts_only(desk: Desk) -> None:
    # given
    bank, shop = await desk.client(), await desk.client("Shop")
    debtor = await desk.person(bank, shop)
    mine, foreign = await desk.owing(bank, debtor), await desk.owing(shop, debtor)
    await desk.wrote(foreign, START - DAY, "notice")
    theirs = limited(Scope(kind="limited", staff=False, clients=(bank,)))
    # when
    seen, none = await desk.facts(bank, principal=theirs), await desk.facts(shop, foreign, principal=theirs)
    # then
    assert seen["account_id"].to_list() == [encode_id("acct", mine)]
    assert seen["contacts"].to_list() == [0]
    assert none.height == 0


async def test_many_accounts_take_one_statement(desk: Desk) -> None:
    # given
    client = await desk.client()
    for number in range(30):
        await desk.owing(client, await desk.person(client, phone=f"+1212555{number:04}"), f"INV-{number}")
    # when
    facts = await desk.facts(client)
    # then
    assert facts.height == 30
    assert frames.check(facts, frames.ACCOUNTS).equals(facts)
