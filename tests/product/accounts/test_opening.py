"""Opening accounts: one, many, and all that stands in the way."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from arrears.accounts.commands import AccountOpen, CreditorOpening, PartyOpening, open_account
from arrears.accounts.model import CreditorRole, PartyRole, Product, Purpose
from arrears.debtors.commands.inputs import DebtorCreate, NewName
from arrears.debtors.model import DebtorKind
from arrears.kernel.scope import Scope
from arrears_sdk.errors import ArrearsError, ErrorCode, InputError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from tests.product.accounts.book import DUE, OPENED, Book, limited, opening


async def test_an_account_opens_with_its_primary_party_and_the_client_as_current_creditor(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)

    account = await book.account(client, debtor)

    row = await book.row("account", account)
    assert (row["client_id"], row["debtor_id"], row["reference"]) == (client, debtor, "INV-1")
    assert (row["status"], row["currency"], row["version"]) == ("ACTIVE", "USD", 1)
    assert (row["opened_on"], row["due_on"]) == (OPENED, DUE)
    assert [row[f"{part}_minor"] for part in ("principal", "interest", "fees", "costs", "balance", "placed")] == [0] * 6
    # Noon UTC on 2 March is the same day in New York.
    assert row["placed_on"] == datetime.date(2026, 3, 2)
    parties = await book.rows("select debtor_id, role, liability, position, name, from_on from party")
    assert parties == [(debtor, "PRIMARY", "WHOLE", 1, "Ada Example", OPENED)]
    chain = await book.rows("select name, role, position from account_creditor")
    assert chain == [("Acme Bank", "CURRENT", 1)]


async def test_all_facts_of_a_debt_are_kept(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)

    account = await book.account(
        client,
        debtor,
        product=Product.MEDICAL,
        purpose=Purpose.CONSUMER,
        original_reference=" HOSP-9 ",
        charge_off_on=datetime.date(2026, 2, 20),
        in_default_when_acquired=True,
        interest_rate_percent=Decimal("9.125"),
        principal_at_default=Money.parse("120.50", "USD"),
        governing_law="US-NY",
        hospital_non_profit=False,
    )

    row = await book.row("account", account)
    assert row["original_reference"] == "HOSP-9"
    assert row["charge_off_on"] == datetime.date(2026, 2, 20)
    assert row["in_default_when_acquired"] is True
    assert row["interest_rate_percent"] == Decimal("9.125")
    assert row["principal_at_default_minor"] == 12050
    assert (row["governing_law"], row["hospital_non_profit"]) == ("US-NY", False)
    assert row["judgment_on"] is None


async def test_an_account_opens_together_with_a_new_debtor_for_its_client(book: Book) -> None:
    client = await book.client()
    debtor = DebtorCreate(kind=DebtorKind.COMPANY, clients=(), names=(NewName(full_name="Beta GmbH"),))
    change = AccountOpen(
        client_id=client,
        debtor=debtor,
        reference="R-1",
        product=Product.INVOICE,
        purpose=Purpose.COMMERCIAL,
        currency="EUR",
        opened_on=OPENED,
        due_on=DUE,
    )

    opened = (await open_account(book.context(), change)).result

    assert await book.rows("select display_name from debtor") == [("Beta GmbH",)]
    assert await book.rows("select debtor_id, client_id from debtor_client") == [(opened.debtor_id, client)]
    assert (await book.row("account", opened.account_id))["status"] == "IMPORTED"


async def test_a_wrong_new_debtor_is_told_at_its_place_and_nothing_is_made(book: Book) -> None:
    client = await book.client()
    debtor = DebtorCreate(kind=DebtorKind.PERSON, clients=(), names=(NewName(full_name="A"),), country="Germany")
    given = opening(client, new_id(), "R-1")
    facts = {name: getattr(given, name) for name in given.model_fields_set - {"debtor_id"}}

    with pytest.raises(InputError) as refused:
        await open_account(book.context(), AccountOpen(**facts, debtor=debtor))

    assert [problem.field for problem in refused.value.problems] == [("input", "debtor", "country")]
    assert await book.rows("select 1 from debtor") == []


async def test_further_parties_and_a_chain_of_creditors_keep_their_order(book: Book) -> None:
    client = await book.client()
    ada, bob, eve = [await book.debtor(client, name=name) for name in ("Ada", "Bob", "Eve")]
    chain = (
        CreditorOpening(name="First Bank", role=CreditorRole.ORIGINAL, document_reference="loan-1"),
        CreditorOpening(name="Second Fund", role=CreditorRole.ASSIGNEE, from_on=datetime.date(2025, 6, 1)),
        CreditorOpening(name="Acme Bank", role=CreditorRole.CURRENT),
    )
    parties = (
        PartyOpening(debtor_id=bob, role=PartyRole.CO_DEBTOR),
        PartyOpening(debtor_id=eve, role=PartyRole.GUARANTOR, from_on=DUE),
    )

    await book.account(client, ada, parties=parties, creditors=chain)

    assert await book.rows("select position, name, role, liability, from_on from party order by position") == [
        (1, "Ada", "PRIMARY", "WHOLE", OPENED),
        (2, "Bob", "CO_DEBTOR", "JOINT_AND_SEVERAL", OPENED),
        (3, "Eve", "GUARANTOR", "SECONDARY", DUE),
    ]
    assert await book.rows("select name, role, document_reference from account_creditor order by position") == [
        ("First Bank", "ORIGINAL", "loan-1"),
        ("Second Fund", "ASSIGNEE", None),
        ("Acme Bank", "CURRENT", None),
    ]


async def test_a_debtor_of_another_client_is_linked_with_the_accounts_client(book: Book) -> None:
    first, second = await book.client("First"), await book.client("Second")
    debtor = await book.debtor(first)

    await book.account(second, debtor)

    links = await book.rows("select client_id from debtor_client where debtor_id = %(id)s", id=debtor)
    assert {row[0] for row in links} == {first, second}


async def test_a_debtor_is_found_by_the_accounts_reference(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)

    account = await book.account(client, debtor, "INV/2026-77")

    found = await book.rows(
        "select subject_id, debtor_id from search_token where kind = 'REFERENCE' and token = 'inv202677'"
    )
    assert found == [(account, debtor)]


async def test_everything_wrong_is_told_at_once_with_its_place(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)
    await book.account(client, debtor, "TAKEN")
    wrong = opening(
        client,
        debtor,
        "TAKEN",
        due_on=OPENED - datetime.timedelta(days=1),
        portfolio_id=new_id(),
        parties=(PartyOpening(debtor_id=debtor, role=PartyRole.CO_DEBTOR),),
        principal_at_default=Money.parse("1.00", "EUR"),
        governing_law="Germany",
    )

    with pytest.raises(InputError) as refused:
        await book.accounts([opening(client, debtor, "FINE"), wrong])

    assert {(problem.code, problem.field) for problem in refused.value.problems} == {
        (ErrorCode.DUPLICATE_REFERENCE, ("openings", "1", "reference")),
        (ErrorCode.INVALID_INPUT, ("openings", "1", "dueOn")),
        (ErrorCode.NOT_FOUND, ("openings", "1", "portfolioId")),
        (ErrorCode.INVALID_INPUT, ("openings", "1", "parties", "0", "debtorId")),
        (ErrorCode.CURRENCY_MISMATCH, ("openings", "1", "principalAtDefault")),
        (ErrorCode.INVALID_INPUT, ("openings", "1", "governingLaw")),
    }
    assert len(await book.rows("select 1 from account")) == 1


async def test_a_reference_is_taken_within_its_client_and_within_the_batch_only(book: Book) -> None:
    first, second = await book.client("First"), await book.client("Second")
    ada = await book.debtor(first, second)
    await book.accounts([opening(first, ada, "R-1"), opening(second, ada, "R-1")])

    with pytest.raises(InputError) as refused:
        await book.accounts([opening(first, ada, "R-2"), opening(first, ada, "R-2")])

    assert [problem.field for problem in refused.value.problems] == [("openings", "1", "reference")]


async def test_a_reference_taken_meanwhile_is_told_as_taken(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)
    mine = await book.account(client, debtor, "R-1")
    # This principal does not see the account whose reference it takes.
    blind = limited(Scope(kind="limited", staff=True, clients=(client,)))
    hidden = await book.rows("select id from account", blind)
    assert hidden == [(mine,)]

    with pytest.raises(ArrearsError) as refused:
        await book.account(client, debtor, "R-1")

    assert refused.value.problems[0].code is ErrorCode.DUPLICATE_REFERENCE
    assert refused.value.problems[0].field == ("input", "reference")


async def test_a_card_number_is_never_stored_in_a_reference(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)

    account = await book.account(client, debtor, "4111 1111 1111 1111", original_reference="5555555555554444")

    row = await book.row("account", account)
    assert row["reference"].startswith("card-1111-")
    assert row["original_reference"].startswith("card-4444-")
    stored = await book.rows("select before, after from audit_entry")
    assert "4111" not in str(stored)


@pytest.mark.parametrize("missing", ["client", "debtor"])
async def test_a_foreign_id_and_an_unknown_one_give_the_same_answer(book: Book, missing: str) -> None:
    mine, other = await book.client("Mine"), await book.client("Other")
    ada, foreign = await book.debtor(mine), await book.debtor(other)
    clerk = limited(Scope(kind="limited", staff=True, clients=(mine,)))
    answers = []
    for unseen in (other if missing == "client" else foreign, new_id()):
        given = opening(unseen if missing == "client" else mine, unseen if missing == "debtor" else ada, "R-1")
        facts = {name: getattr(given, name) for name in given.model_fields_set}
        with pytest.raises(InputError) as refused:
            await open_account(book.context(clerk), AccountOpen(**facts))
        answers.append([(problem.code, problem.field, problem.message) for problem in refused.value.problems])

    assert answers[0] == answers[1]
    assert answers[0][0][:2] == (ErrorCode.NOT_FOUND, ("input", f"{missing}Id"))


async def test_opening_is_announced_and_audited(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)

    account = await book.account(client, debtor)

    assert await book.events("AccountOpened") == [{"debtorId": str(debtor), "status": "ACTIVE", "currency": "USD"}]
    audited = await book.rows(
        "select command, client_id, after::jsonb ->> 'reference' from audit_entry where subject_id = %(id)s", id=account
    )
    assert [(row[0], row[1], row[2]) for row in audited] == [("account.open", client, "INV-1")]


async def test_the_same_key_opens_once(book: Book) -> None:
    client = await book.client()
    debtor = await book.debtor(client)
    given = opening(client, debtor, "R-1")
    change = AccountOpen(**{name: getattr(given, name) for name in given.model_fields_set})

    first = await open_account(book.context(principal := limited(Scope.everything())), change, idempotency_key="k")
    again = await open_account(book.context(principal), change, idempotency_key="k")

    assert again.replayed
    assert again.result == first.result
    assert len(await book.rows("select 1 from account")) == 1


async def test_a_batch_takes_as_many_statements_for_many_accounts_as_for_one(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await book.client()
    debtor = await book.debtor(client)
    statements: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        # The announcement of an earlier commit comes in between, whenever it likes.
        if "into event" not in str(query) and "pg_notify" not in str(query):
            statements.append(str(query))
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    sizes = []
    for size in (1, 40):
        statements.clear()
        await book.accounts([opening(client, debtor, f"S{size}-{place}") for place in range(size)])
        sizes.append(len(statements))

    assert sizes[1] == sizes[0]
