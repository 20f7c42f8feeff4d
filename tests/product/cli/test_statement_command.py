"""`arrears ledger statement`: on the screen, for a script, and as a page."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from pypdf import PdfReader

from arrears.ledger.commands import ChargeRecord, OpeningBalanceRecord, record_charge, record_opening_balance
from arrears.ledger.model import DebtComponent
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from tests.product.ledger.books import OPENED, Books


def an_account(deployment) -> tuple[str, str]:
    """The id and reference of an account that was placed with 100.00 and charged 2.50."""

    async def make() -> tuple[str, str]:
        books = Books(deployment)
        account = await books.account(await books.client())
        context = deployment.context()
        await record_opening_balance(
            context,
            OpeningBalanceRecord(account_id=account, principal=Money.parse("100.00", "USD"), effective_on=OPENED),
            idempotency_key="open",
        )
        charge = ChargeRecord(account_id=account, component=DebtComponent.COSTS, amount=Money.parse("2.50", "USD"))
        await record_charge(context, charge, idempotency_key="charge")
        return encode_id("acct", account), account.hex

    made: tuple[str, str] = asyncio.run(make())
    return made


def test_a_statement_is_told_printed_and_given_to_scripts(deployment, arrears, tmp_path: Path) -> None:
    """Given a debt, when its statement is asked for, then the screen, the script and the page have the same figures."""
    id, reference = an_account(deployment)
    file = tmp_path / "statement.pdf"

    told = arrears("ledger", "statement", id, "--to", "2026-03-02")
    given = arrears("ledger", "statement", id, "--to", "2026-03-02", "--json")
    written = arrears("ledger", "statement", id, "--from", "2026-03-01", "--to", "2026-03-02", "--pdf", str(file))

    assert (told.code, given.code, written.code) == (0, 0, 0), (told.err, given.err, written.err)
    assert f"Statement of account {reference}: Client, in USD" in told.out
    rows = [line.split() for line in told.out.splitlines()]
    assert ["2026-01-15", "Owed", "when", "it", "was", "placed", "100.00", "0.00", "0.00", "0.00", "100.00"] in rows
    assert ["2026-03-02", "Closing", "balance", "100.00", "0.00", "0.00", "2.50", "102.50"] in rows
    assert [line["change"]["total"] for line in given.json["lines"]] == [
        {"amount": "100.00", "currency": "USD"},
        {"amount": "2.50", "currency": "USD"},
    ]
    assert given.json["closing"]["owed"]["costs"] == {"amount": "2.50", "currency": "USD"}
    assert written.out == f"The statement of {reference} is in {file}.\n"
    text = " ".join(PdfReader(io.BytesIO(file.read_bytes())).pages[0].extract_text().split())
    assert "2026-03-01 Opening balance 100.00 0.00 0.00 0.00 100.00" in text
    assert "2026-03-02 Charge 0.00 0.00 0.00 2.50 102.50" in text


def test_of_no_account_there_is_no_statement(arrears) -> None:
    """Given an id that nothing has, and one of another kind, then each is refused in a sentence."""
    unknown = arrears("ledger", "statement", encode_id("acct", new_id()))
    assert unknown.code != 0
    assert unknown.err == "There is no such account that you may see.\n"
    wrong = arrears("ledger", "statement", encode_id("dbtr", new_id()))
    assert (wrong.code, wrong.out) == (2, "")
