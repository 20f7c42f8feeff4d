"""What plugins are shown: exact views, in a number of statements that does not grow, and nothing outside the scope."""

from __future__ import annotations

import datetime

import psycopg
import pytest

from arrears.accounts.model import HoldBlock, HoldKind
from arrears.compliance.facts import (
    WantedAction,
    WantedContact,
    WantedPayment,
    account_views,
    action_attempts,
    contact_attempts,
    facts_digest,
    payment_attempts,
)
from arrears.interactions.commands import InteractionCorrect, correct_interaction
from arrears.interactions.model import InteractionResult
from arrears.kernel.scope import Scope
from arrears.kernel.transaction import begin
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from arrears_sdk.views import Hold
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, Initiator, LineType, PaymentMethodKind
from tests.conftest import START
from tests.product.accounts.book import limited
from tests.product.compliance.case import NEW_YORK, Case, NewResidence

HOUR = datetime.timedelta(hours=1)


def phone_call(at: datetime.datetime = START, **facts: object) -> WantedContact:
    return WantedContact(at=at, channel=CommunicationChannel.PHONE_CALL, **facts)  # type: ignore[arg-type]


async def test_an_attempt_shows_the_debtor_the_account_and_the_contact_point(case: Case) -> None:
    client = await case.client()
    debtor = await case.person(client, preferred_language="es", languages=("en", "es"), country="US")
    account = await case.account(client, debtor)
    point = await case.phone_of(debtor)

    (attempt,) = await contact_attempts(case.context(), [phone_call(account_ids=(account,), contact_point_id=point)])

    assert attempt.debtor.id == encode_id("dbtr", debtor)
    assert attempt.debtor.time_zones == ("America/New_York",)
    assert attempt.debtor.languages == ("es", "en")
    (place,) = attempt.debtor.places
    assert (place.country, place.region, place.city, place.postal_code) == ("US", "NY", "New York", "10001")
    assert attempt.jurisdictions == {"US", "US-NY", "US-NY-NEW YORK"}
    (shown,) = attempt.accounts
    assert (shown.id, shown.client_id, shown.balance) == (
        encode_id("acct", account),
        encode_id("clnt", client),
        Money.zero("USD"),
    )
    assert shown.as_of == datetime.date(2026, 3, 2)
    assert attempt.contact_point is not None
    assert attempt.contact_point.id == encode_id("cont", point)
    assert attempt.contact_point.line_type is LineType.MOBILE_OR_LANDLINE
    assert "Main St" not in repr(attempt)
    assert "5550123" not in repr(attempt)
    assert "Ada" not in repr(attempt)


async def test_history_counts_standing_contacts_only_newest_first(case: Case) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    first = await case.call(account, START - 3 * HOUR)
    wrong = await case.call(account, START - 2 * HOUR)
    change = InteractionCorrect(interaction_id=wrong, reason="another line", result=InteractionResult.WRONG_NUMBER)
    corrected = (await correct_interaction(case.context(), change)).result.interaction_id
    long_ago = START - datetime.timedelta(days=367)
    await case.call(account, long_ago)

    (attempt,) = await contact_attempts(case.context(), [phone_call(account_ids=(account,))])

    assert [one.id for one in attempt.history] == [encode_id("intr", corrected), encode_id("intr", first)]
    assert [one.result for one in attempt.history] == [InteractionResult.WRONG_NUMBER, InteractionResult.TALKED]
    assert attempt.history[0].account_ids == (encode_id("acct", account),)
    assert (attempt.accounts[0].contacts, attempt.accounts[0].last_contact_at) == (3, START - 2 * HOUR)
    (earlier,) = await contact_attempts(case.context(), [phone_call(START - 2.5 * HOUR, account_ids=(account,))])
    assert [one.id for one in earlier.history] == [encode_id("intr", first)]


async def test_history_ends_at_a_thousand(case: Case) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    call = await case.call(account, START - HOUR)
    columns = [
        row[0]
        for row in await case.rows(
            "select column_name from information_schema.columns"
            " where table_name = 'interaction' and column_name <> 'id'"
        )
    ]
    listed = ", ".join(columns)
    with psycopg.connect(case.deployment.urls.owner) as connection:
        connection.execute(
            f"insert into interaction (id, {listed}) select uuid_v7(), {listed} from interaction,"
            " generate_series(1, 1100) where id = %s",
            [call],
        )
    (attempt,) = await contact_attempts(case.context(), [phone_call(account_ids=(account,))])
    assert len(attempt.history) == 1000


async def test_holds_in_force_on_the_account_and_the_debtor_are_shown(case: Case) -> None:
    client = await case.client()
    debtor = await case.person(client)
    account, other = await case.account(client, debtor), await case.account(client, debtor, "INV-2")
    await case.hold(HoldKind.DISPUTE, account_id=other)
    await case.hold(HoldKind.CEASE_COMMUNICATION, debtor_id=debtor, channel=CommunicationChannel.SMS)
    await case.hold(HoldKind.HARDSHIP, account_id=account, ends_at=START + HOUR)
    await case.hold(HoldKind.MILITARY, account_id=account, starts_at=START + HOUR)

    now, later = await contact_attempts(
        case.context(), [phone_call(account_ids=(account,)), phone_call(START + HOUR, account_ids=(account,))]
    )

    cease = Hold(
        kind=HoldKind.CEASE_COMMUNICATION,
        blocks=frozenset({HoldBlock.CONTACT}),
        starts_at=START,
        channel=CommunicationChannel.SMS,
    )
    assert cease in now.holds
    assert sorted(hold.kind for hold in now.holds) == [HoldKind.CEASE_COMMUNICATION, HoldKind.HARDSHIP]
    assert sorted(hold.kind for hold in later.holds) == [HoldKind.CEASE_COMMUNICATION, HoldKind.MILITARY]
    assert sorted(hold.kind for hold in now.accounts[0].holds) == [HoldKind.CEASE_COMMUNICATION, HoldKind.HARDSHIP]


@pytest.mark.parametrize(
    ("residences", "phone", "country", "zones", "jurisdictions"),
    [
        ((NEW_YORK,), "+13125550123", None, ("America/New_York", "America/Chicago"), {"US", "US-NY", "US-NY-NEW YORK"}),
        (
            (NEW_YORK, NewResidence(kind="CURRENT_LOCATION", country="NP")),
            None,
            None,
            ("Asia/Kathmandu",),
            {"US", "US-NY", "US-NY-NEW YORK", "NP"},
        ),
        (
            (NewResidence(country="GB", until_on=datetime.date(2026, 2, 27)),),
            None,
            "DE",
            ("Europe/Berlin",),
            {"DE", "EU"},
        ),
        ((NewResidence(kind="MAILING", country="NZ"),), None, None, ("Pacific/Auckland", "Pacific/Chatham"), {"NZ"}),
        ((), None, None, (), {"US"}),
    ],
    ids=["two zones", "known location", "moved away", "mailing address", "nothing known"],
)
async def test_zones_and_places_of_law(
    case: Case,
    residences: tuple[NewResidence, ...],
    phone: str | None,
    country: str | None,
    zones: tuple[str, ...],
    jurisdictions: set[str],
) -> None:
    client = await case.client()
    debtor = await case.person(client, residences=residences, phone=phone, country=country)
    account = await case.account(client, debtor)
    (attempt,) = await contact_attempts(case.context(), [phone_call(account_ids=(account,))])
    assert set(attempt.debtor.time_zones) == set(zones)
    assert attempt.jurisdictions == jurisdictions


async def test_a_consent_given_to_one_client_is_not_shown_to_another_but_taking_it_back_is(case: Case) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    debtor = await case.person(bank, shop)
    account = await case.account(shop, debtor)
    await case.consent(debtor, "SMS", "GRANTED", client_id=bank)
    await case.consent(debtor, "EMAIL", "REVOKED", client_id=bank)
    await case.consent(debtor, "EMAIL", "GRANTED")
    (attempt,) = await contact_attempts(case.context(), [phone_call(account_ids=(account,))])
    assert {(consent.channel.value, consent.state.value) for consent in attempt.debtor.consents} == {
        ("EMAIL", "REVOKED"),
        ("EMAIL", "GRANTED"),
    }


async def test_the_number_of_statements_does_not_depend_on_the_batch(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await case.client()
    accounts = [await case.account(client, await case.person(client), f"INV-{number}") for number in range(12)]
    executed: list[str] = []
    original = psycopg.AsyncConnection.execute

    async def counted(self: psycopg.AsyncConnection, query: str, *args: object, **kwargs: object) -> object:
        # The announcement of an earlier commit comes in between on a connection of its own, whenever it likes.
        if "pg_notify" not in str(query):
            executed.append(query)
        return await original(self, query, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counted)
    counts = []
    for some in (accounts[:1], accounts):
        async with case.deployment.database.reads(Scope.everything()) as connection:
            executed.clear()
            attempts = await contact_attempts(connection, [phone_call(account_ids=(id,)) for id in some])
            counts.append(len(executed))
            assert len(attempts) == len(some)
            executed.clear()
            await payment_attempts(connection, [payment(id) for id in some])
            counts.append(len(executed))
    assert counts == [12, 12, 12, 12]


def payment(account_id: object) -> WantedPayment:
    return WantedPayment(
        at=START,
        account_id=account_id,  # type: ignore[arg-type]
        amount=Money(500, "USD"),
        method=PaymentMethodKind.CARD,
        gateway="sandbox",
        initiated_by=Initiator.DEBTOR,
    )


async def test_payments_and_acts_are_shown_with_their_holds_in_the_order_asked(case: Case) -> None:
    client = await case.client()
    debtor = await case.person(client)
    first, second = await case.account(client, debtor), await case.account(client, debtor, "INV-2")
    await case.hold(HoldKind.BANKRUPTCY, account_id=second)

    async with begin(case.context()) as tx:
        paid = await payment_attempts(await tx.connection(), [payment(second), payment(first)])
    wanted = [WantedAction(at=START, kind=ActionKind.SUE, account_id=id) for id in (second, first)]
    sued = await action_attempts(case.context(), wanted)

    assert [attempt.account.id for attempt in paid] == [encode_id("acct", second), encode_id("acct", first)]
    assert [[hold.kind for hold in attempt.holds] for attempt in paid] == [[HoldKind.BANKRUPTCY], []]
    assert [attempt.amount for attempt in paid] == [Money(500, "USD")] * 2
    assert [(attempt.kind, len(attempt.holds)) for attempt in sued] == [(ActionKind.SUE, 1), (ActionKind.SUE, 0)]
    assert sued[0].jurisdictions == {"US", "US-NY", "US-NY-NEW YORK"}


async def test_accounts_are_shown_as_of_the_day_at_their_client(case: Case) -> None:
    client = await case.client(zone="Asia/Tokyo")
    account = await case.account(client, await case.person(client), due_on=datetime.date(2026, 2, 14))
    midnight = datetime.datetime(2026, 3, 2, 15, 0, tzinfo=datetime.UTC)
    (before,) = await account_views(case.context(), [account], midnight - datetime.timedelta(microseconds=1))
    (after,) = await account_views(case.context(), [account], midnight)
    assert (before.as_of, after.as_of) == (datetime.date(2026, 3, 2), datetime.date(2026, 3, 3))


async def test_nothing_is_shown_of_what_the_caller_may_not_see(case: Case) -> None:
    bank, shop = await case.client(), await case.client("Shop")
    account = await case.account(bank, await case.person(bank))
    stranger = case.context(limited(Scope("limited", True, clients=(shop,))))
    for asked in (account, new_id()):
        with pytest.raises(NotFoundError, match="acct"):
            await contact_attempts(stranger, [phone_call(account_ids=(asked,))])
    other = await case.person(bank)
    for wanted in (phone_call(account_ids=(account,), debtor_id=other), phone_call(debtor_id=new_id())):
        with pytest.raises(NotFoundError, match="dbtr"):
            await contact_attempts(case.context(), [wanted])
    foreign_phone = phone_call(account_ids=(account,), contact_point_id=await case.phone_of(other))
    with pytest.raises(NotFoundError, match="cont"):
        await contact_attempts(case.context(), [foreign_phone])


async def test_the_digest_is_of_the_facts_and_changes_with_them(case: Case) -> None:
    client = await case.client()
    account = await case.account(client, await case.person(client))
    wanted = [phone_call(account_ids=(account,))]
    first, again = [facts_digest(await contact_attempts(case.context(), wanted)) for _ in range(2)]
    await case.call(account, START - HOUR)
    changed = facts_digest(await contact_attempts(case.context(), wanted))
    assert first == again != changed
    assert len(first) == 64
