"""After an erasure nothing in the database tells who the person was, and nothing can be written about them."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
import pytest

from arrears.accounts.commands import HoldPlace, place_hold
from arrears.accounts.model import HoldKind, HoldSource
from arrears.compliance.recording import FactRecord, record_fact
from arrears.debtors.commands import NameAdd, ResidenceAdd, name_add, residence_add
from arrears.kernel.context import Context
from arrears.kernel.transaction import begin
from arrears.ledger.commands import ChargeRecord, record_charge
from arrears.ledger.model import DebtComponent
from arrears.plugins.store import ValueStore
from arrears.privacy.commands import DataRequestOpen, open_data_request
from arrears.privacy.fulfilment import fulfil
from arrears.privacy.model import DataRequestKind, ErasureGround
from arrears_sdk.errors import ArrearsError, ErrorCode
from arrears_sdk.ids import encode_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource
from arrears_sdk.money import Money
from tests.conftest import Deployment
from tests.plugin_hosts import host_with
from tests.product.privacy.people import People
from tests.product.privacy.planted import PLANTED, places_of, plant_by_sql
from tests.product.privacy.plugins import Forgetful, Notes


async def opened(context: Context, debtor: UUID, kind: DataRequestKind, ground: ErasureGround | None = None) -> UUID:
    change = DataRequestOpen(debtor_id=debtor, kind=kind, ground=ground)
    return (await open_data_request(context, change)).result.data_request_id


async def done(deployment: Deployment, debtor: UUID, kind: DataRequestKind) -> UUID:
    request = await opened(deployment.context(), debtor, kind)
    await fulfil(deployment.worker_context(), request)
    return request


async def keep_note(deployment: Deployment, people: People, plugin: str = "notes") -> None:
    store = ValueStore(deployment.worker_context())
    values = store.values(plugin, client_id=encode_id("clnt", people.bank), personal_data=True)
    await values.put("tea", PLANTED["plugin value"], debtor_id=encode_id("dbtr", people.debtor))


async def refusal(work: object) -> ErrorCode:
    with pytest.raises(ArrearsError) as refused:
        await work  # type: ignore[misc]
    return refused.value.problems[0].code


async def test_none_of_fifty_planted_values_is_left(deployment: Deployment, people: People) -> None:
    # given
    await host_with(deployment, [Notes, Forgetful])
    plant_by_sql(deployment.urls.owner, bank=people.bank, account=people.account, debtor=people.debtor)
    await keep_note(deployment, people)
    await keep_note(deployment, people, "forgetful")
    await done(deployment, people.debtor, DataRequestKind.EXPORT)
    await people.end()
    sealed = {"social security", "passport", "plugin value", "reveal reason"}
    found = places_of(deployment.urls.owner, PLANTED.values())
    assert len(PLANTED) >= 50
    assert {name for name, text in PLANTED.items() if not found[text]} == sealed

    # when
    await done(deployment, people.debtor, DataRequestKind.ERASURE)

    # then
    assert {text: tables for text, tables in places_of(deployment.urls.owner, PLANTED.values()).items() if tables} == {}
    with psycopg.connect(deployment.urls.owner) as owner:
        assert owner.execute("select status, kind, export is null from data_request order by id").fetchall() == [
            ("FULFILLED", "EXPORT", True),
            ("FULFILLED", "ERASURE", True),
        ]
        assert owner.execute("select count(*) from plugin_value").fetchone() == (0,)
        keys = owner.execute(
            "select wrapped is null, destroyed_at is not null from person_key where person_id = %s", [people.debtor]
        )
        assert keys.fetchall() == [(True, True)]


async def test_the_ledger_and_the_log_of_contacts_stay_without_the_person(
    deployment: Deployment, people: People
) -> None:
    await people.end()
    count = "select (select count(*) from posting), (select count(*) from interaction), (select count(*) from consent)"
    before = await people.book.rows(count)
    await done(deployment, people.debtor, DataRequestKind.ERASURE)
    assert await people.book.rows(count) == before
    assert await people.book.rows(
        "select balance_minor, reference, secured_property from account where id = %(id)s", id=people.account
    ) == [(10000, "INV-1", None)]
    assert await people.book.rows(
        "select display_name, date_of_birth from debtor where id = %(id)s", id=people.debtor
    ) == [("Erased", None)]
    assert await people.book.rows("select distinct name from party where debtor_id = %(id)s", id=people.debtor) == [
        ("Erased",)
    ]
    # The neighbour was not touched.
    assert await people.book.rows("select display_name from debtor where id = %(id)s", id=people.other) == [
        ("Nora Neighbour",)
    ]


async def test_whoever_writes_about_an_erased_person_is_told_so(deployment: Deployment, people: People) -> None:
    await people.end()
    await done(deployment, people.debtor, DataRequestKind.ERASURE)
    context = deployment.context()
    hold = HoldPlace(debtor_id=people.debtor, kind=HoldKind.FRAUD, reason="x", source=HoldSource.AGENCY)
    attempts = [
        name_add(context, NameAdd(debtor_id=people.debtor, full_name="Zebulon again")),
        residence_add(context, ResidenceAdd(debtor_id=people.debtor, country="US", city="Ouagatown")),
        place_hold(context, hold),
        record_fact(context, FactRecord(kind=FactKind.VETERAN, source=FactSource.DEBTOR, debtor_id=people.debtor)),
        people.book.account(people.bank, people.debtor, "INV-9"),
        open_data_request(context, DataRequestOpen(debtor_id=people.debtor, kind=DataRequestKind.EXPORT)),
        open_data_request(context, DataRequestOpen(debtor_id=people.debtor, kind=DataRequestKind.ERASURE)),
    ]
    assert [await refusal(attempt) for attempt in attempts] == [ErrorCode.PERSON_ERASED] * len(attempts)
    assert await people.book.rows("select count(*) from debtor_name where debtor_id = %(id)s", id=people.debtor) == [
        (0,)
    ]


async def test_a_writer_that_came_first_is_waited_for_and_erased_too(deployment: Deployment, people: People) -> None:
    await people.end()
    request = await opened(deployment.context(), people.debtor, DataRequestKind.ERASURE)
    async with begin(deployment.context()) as tx:
        await name_add.within(tx, NameAdd(debtor_id=people.debtor, full_name="Zebulon Lastminute"))
        await tx.flush()
        erasing = asyncio.create_task(fulfil(deployment.worker_context(), request))
        await asyncio.sleep(0.3)
        assert not erasing.done()
    await erasing
    assert places_of(deployment.urls.owner, ["Lastminute"])["Lastminute"] == set()


async def test_a_hold_for_litigation_keeps_everything_whoever_orders_it(deployment: Deployment, people: People) -> None:
    hold = HoldPlace(account_id=people.account, kind=HoldKind.LITIGATION, reason="suit", source=HoldSource.COURT)
    await place_hold(deployment.context(), hold)
    for ground in (None, ErasureGround.COURT_ORDER):
        work = opened(deployment.context(), people.debtor, DataRequestKind.ERASURE, ground)
        assert await refusal(work) is ErrorCode.ERASURE_BLOCKED


async def test_an_open_account_keeps_the_data_unless_the_law_commands_otherwise(
    deployment: Deployment, people: People
) -> None:
    plain = opened(deployment.context(), people.debtor, DataRequestKind.ERASURE)
    assert await refusal(plain) is ErrorCode.ERASURE_BLOCKED
    ordered = await opened(
        deployment.context(), people.debtor, DataRequestKind.ERASURE, ErasureGround.UNLAWFUL_PROCESSING
    )
    await fulfil(deployment.worker_context(), ordered)
    assert places_of(deployment.urls.owner, ["Quackenbush"])["Quackenbush"] == set()


async def test_a_payment_under_way_keeps_the_data(deployment: Deployment, people: People) -> None:
    await people.end()
    plant_by_sql(deployment.urls.owner, bank=people.bank, account=people.account, debtor=people.debtor)
    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute("update payment_intent set status = 'UNKNOWN', outcome = 'UNKNOWN'")
    work = opened(deployment.context(), people.debtor, DataRequestKind.ERASURE)
    assert await refusal(work) is ErrorCode.ERASURE_BLOCKED


async def test_a_hold_that_comes_between_stops_the_erasure(deployment: Deployment, people: People) -> None:
    await people.end()
    request = await opened(deployment.context(), people.debtor, DataRequestKind.ERASURE)
    hold = HoldPlace(debtor_id=people.debtor, kind=HoldKind.LITIGATION, reason="suit", source=HoldSource.COURT)
    await place_hold(deployment.context(), hold)
    await fulfil(deployment.worker_context(), request)
    row = await people.book.row("data_request", request)
    assert (row["status"], row["blocked_by"]) == ("NEEDS_ATTENTION", "LITIGATION")
    assert "person_key" in places_of(deployment.urls.owner, [str(people.debtor)])[str(people.debtor)]
    assert await people.book.rows("select count(*) from debtor_name where debtor_id = %(id)s", id=people.debtor) == [
        (3,)
    ]


async def test_money_still_moves_on_the_account_of_an_erased_person(deployment: Deployment, people: People) -> None:
    ordered = await opened(deployment.context(), people.debtor, DataRequestKind.ERASURE, ErasureGround.COURT_ORDER)
    await fulfil(deployment.worker_context(), ordered)
    charge = ChargeRecord(
        account_id=people.account, component=DebtComponent.COSTS, amount=Money.parse("5.00", "USD"), reason="court fee"
    )
    await record_charge(deployment.context(), charge)
    assert (await people.book.row("account", people.account))["balance_minor"] == 10500


@pytest.mark.parametrize(
    "statement",
    [
        "update interaction set note = 'changed'",
        "update interaction set result = 'BUSY'",
        "update consent set state = 'GRANTED'",
        "update ledger_entry set amount_minor = 1",
        "delete from interaction",
        "truncate consent cascade",
    ],
)
async def test_what_is_append_only_stays_so_even_while_somebody_is_erased(
    deployment: Deployment, people: People, statement: str
) -> None:
    with psycopg.connect(deployment.urls.owner) as owner:
        owner.execute("select set_config('app.erasing', 'on', true)")
        with pytest.raises(psycopg.Error) as refused:
            owner.execute(statement.encode())
    assert refused.value.sqlstate == "AR001"
    with psycopg.connect(deployment.urls.owner) as owner, pytest.raises(psycopg.Error) as refused:
        owner.execute("update interaction set note = null")
    assert refused.value.sqlstate == "AR001"
