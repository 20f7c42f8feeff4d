"""A file taken in: what its rows become, what keeps a row out, and what the report says of it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from arrears.imports.commands import run_import
from arrears.imports.mapping import parse_mapping
from arrears.imports.model import ControlTotal, ImportOptions, ImportProgress, RowFault
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears.ledger.verification import verify
from arrears_sdk.errors import AccessError, ErrorCode, InputError, NotFoundError
from arrears_sdk.ids import new_id
from arrears_sdk.money import Money
from tests.product.imports.files import MAPPING, Desk, row

WRITTEN = ("account", "debtor", "ledger_entry", "payment", "hold", "import_run", "placement", "import_row_error")


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


async def test_a_row_becomes_debtor_account_opening_payment_and_hold(desk: Desk) -> None:
    file = desk.write(
        [
            row("A-1", fee='"10,00"', paid="15.02.2026", paid_amount='"100,00"', disputed="ja", phone="212-555-0142"),
            row("A-2"),
            row("A-3", "C2", amount="7", paid="28.02.2026"),
        ]
    )

    report = await desk.take(file)

    assert (report.rows_read, report.rows_accepted, report.rows_refused) == (3, 3, 0)
    assert (report.debtors_created, report.payments_recorded) == (2, 2)
    assert report.totals == (ControlTotal(usd("2486.12"), usd("0.00"), usd("107.00")),)
    assert await desk.query(
        "select reference, opened_on, due_on, placed_on, placed_minor, principal_minor, fees_minor, balance_minor,"
        " last_payment_on from account order by reference"
    ) == [
        ("A-1", date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 1), 124456, 114456, 0, 114456, date(2026, 2, 15)),
        ("A-2", date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 1), 123456, 123456, 0, 123456, None),
        ("A-3", date(2026, 1, 1), date(2026, 1, 31), date(2026, 1, 1), 700, 0, 0, 0, date(2026, 2, 28)),
    ]
    assert await desk.query("select kind from hold") == [("DISPUTE",)]
    assert await desk.query("select value from contact_point") == [("+12125550142",)]
    assert await desk.query("select distinct paid_to, method from payment") == [("AGENCY", "CHEQUE")]
    assert (await verify(desk.deployment.context())).is_sound


async def test_every_fault_is_named_by_line_column_reason_and_text_and_good_rows_go_in(desk: Desk) -> None:
    file = desk.write(
        [
            row("A-1"),
            row("A-2", due="31/01/2026", amount="12.34"),
            row("A-3", amount='"-5,00"'),
            row("", "C9"),
            row("A-5", disputed="vielleicht"),
            "A-6,C1,too,few",
            row("A-7", due="31.12.2025"),
            row("A-8", **{"from": "01.04.2026", "due": "01.05.2026"}),
            row("A-9", paid="15.02.2026", paid_amount='"9.999,00"'),
            row("A-10", name="Jos\udce9"),
            row("A-11", "C2", phone="12"),
            row("A-12", "C2"),
        ]
    )

    report = await desk.take(file)

    assert (report.rows_read, report.rows_accepted, report.rows_refused) == (12, 2, 10)
    invalid = ErrorCode.INVALID_INPUT
    assert report.faults[:10] == (
        RowFault(3, "due", invalid, "'31/01/2026' is not a date written as %d.%m.%Y.", "31/01/2026"),
        RowFault(3, "amount", invalid, "'12.34' is not an amount written as 1.234,56.", "12.34"),
        RowFault(4, "amount", ErrorCode.AMOUNT_NOT_POSITIVE, "An amount owed or paid is not negative.", "-5,00"),
        RowFault(5, "number", ErrorCode.REQUIRED, "This is needed and empty.", ""),
        RowFault(
            6, "disputed", invalid, "'vielleicht' is none of the values that the mapping knows: ja, nein.", "vielleicht"
        ),
        RowFault(7, None, invalid, "The row has 4 cells, the header has 12.", "A-6,C1,too,few"),
        RowFault(8, "due", invalid, "A debt is not due before it exists.", "31.12.2025"),
        RowFault(9, "from", invalid, "This lies in the future: it is 2026-03-02 for the client.", "01.04.2026"),
        RowFault(
            10,
            "paid_amount",
            ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            "More is paid than the 1234.56 USD that is owed.",
            "9.999,00",
        ),
        RowFault(11, "name", invalid, "The cell holds bytes that do not belong to the encoding.", "Jos\\xe9"),
    )
    assert [(fault.line, fault.column, fault.original) for fault in report.faults[10:]] == [(12, "phone", "12")]
    assert await desk.query("select reference from account order by reference") == [("A-1",), ("A-12",)]
    assert await desk.query("select count(*), min(line), max(line) from import_row_error") == [(11, 3, 12)]


async def test_a_reference_twice_in_the_file_is_refused_the_second_time(desk: Desk) -> None:
    report = await desk.take(desk.write([row("A-1"), row("A-2"), row("A-1", "C2")]), rows_per_batch=1)

    assert report.faults == (
        RowFault(4, "number", ErrorCode.DUPLICATE_REFERENCE, "Line 2 has the same reference.", "A-1"),
    )
    assert await desk.count("account", "debtor") == (2, 1)


async def test_a_reference_that_the_client_has_already_is_refused(desk: Desk) -> None:
    await desk.take(desk.write([row("A-1")], "first.csv"))

    report = await desk.take(desk.write([row("A-1"), row("A-2")], "second.csv"))

    assert report.faults == (
        RowFault(
            2, "number", ErrorCode.DUPLICATE_REFERENCE, "The client has an account of this reference already.", "A-1"
        ),
    )
    # The debtor is known by reference from the first file.
    assert (report.rows_accepted, report.debtors_created) == (1, 0)
    assert report.totals == (ControlTotal(usd("1234.56"), usd("1234.56"), usd("0.00")),)


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    file = desk.write([row("A-1"), row("A-2", amount="x")])
    first = await desk.take(file)
    before = await desk.count(*WRITTEN, "audit_entry", "event")

    again = await desk.take(file)

    assert (first.repeated, again.repeated) == (False, True)
    assert (again.run_id, again.rows_accepted, again.faults) == (first.run_id, first.rows_accepted, first.faults)
    assert again.totals == first.totals
    assert await desk.count(*WRITTEN, "audit_entry", "event") == before


async def test_a_dry_run_writes_nothing_and_reports_the_same(desk: Desk) -> None:
    file = desk.write([row("A-1"), row("A-2", amount="x"), row("A-3", paid="15.02.2026"), row("A-1"), row("A-4", "C2")])

    dry = await desk.take(file, dry_run=True, rows_per_batch=2)

    assert not dry.stored
    assert await desk.count(*WRITTEN) == (0,) * len(WRITTEN)
    assert await desk.count("audit_entry", "event") == (1, 1)
    real = await desk.take(file, rows_per_batch=2)
    for name in (
        "rows_read",
        "rows_accepted",
        "rows_refused",
        "debtors_created",
        "payments_recorded",
        "totals",
        "faults",
    ):
        assert getattr(dry, name) == getattr(real, name), name


async def test_all_or_nothing_writes_nothing_when_one_row_is_refused(desk: Desk) -> None:
    report = await desk.take(desk.write([row("A-1"), row("A-2", due="x")]), all_or_nothing=True)

    assert (report.stored, report.rows_refused) == (False, 1)
    assert await desk.count(*WRITTEN) == (0,) * len(WRITTEN)


async def test_all_or_nothing_writes_everything_when_every_row_is_good(desk: Desk) -> None:
    report = await desk.take(
        desk.write([row(f"A-{number}") for number in range(5)]), all_or_nothing=True, rows_per_batch=2
    )

    assert (report.stored, report.rows_accepted) == (True, 5)
    assert await desk.count("account", "import_run", "debtor") == (5, 1, 1)
    assert await desk.query("select state, rows_read from import_run") == [("COMPLETED", 5)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"expected_rows": 3}, "The file holds 2 rows; 3 were announced."),
        (
            {"expected_totals": (usd("2469.13"),)},
            "The amounts of the file add up to 2469.12 USD; 2469.13 USD was announced.",
        ),
        (
            {"expected_totals": (Money.parse("1.00", "EUR"),)},
            "The amounts of the file add up to 0.00 EUR; 1.00 EUR was announced.",
        ),
    ],
)
async def test_a_file_that_is_not_what_was_announced_is_refused_whole(
    desk: Desk, options: dict[str, object], message: str
) -> None:
    file = desk.write([row("A-1"), row("A-2")])

    with pytest.raises(InputError) as caught:
        await desk.take(file, **options)

    assert [(problem.code, problem.message) for problem in caught.value.problems] == [
        (ErrorCode.CONTROL_TOTAL_MISMATCH, message)
    ]
    assert await desk.count(*WRITTEN) == (0,) * len(WRITTEN)


async def test_a_file_that_is_what_was_announced_goes_in(desk: Desk) -> None:
    file = desk.write([row("A-1"), row("A-2")])

    report = await desk.take(file, expected_rows=2, expected_totals=(usd("2469.12"),))

    assert report.rows_accepted == 2


async def test_refused_rows_are_given_back_in_the_senders_form_to_be_corrected(desk: Desk) -> None:
    refused = desk.folder / "refused.csv"
    report = await desk.take(
        desk.write([row("A-1", amount="x", due="y"), row("A-2"), row("A-3", name="José", amount="z")]),
        refused_file=refused,
        rows_per_batch=1,
    )

    assert report.refused_file == refused
    assert refused.stat().st_mode & 0o777 == 0o600
    with refused.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(line["number"], line["name"], line["arrears_line"], line["arrears_column"]) for line in rows] == [
        ("A-1", "Person C1", "2", "due, amount"),
        ("A-3", "José", "4", "amount"),
    ]

    corrected = refused.read_text().replace(",x,", ",7,").replace(",z,", ",8,").replace(",y,", ",31.01.2026,")
    second = desk.folder / "corrected.csv"
    second.write_text(corrected)
    assert (await desk.take(second)).rows_accepted == 2


async def test_progress_is_told_after_each_batch(desk: Desk) -> None:
    seen: list[ImportProgress] = []

    await desk.take(desk.write([row(f"A-{number}") for number in range(5)]), rows_per_batch=2, progress=seen.append)

    assert [step.rows_read for step in seen] == [2, 4, 5, 5]
    assert seen[-1].bytes_read == seen[-1].bytes_total


async def test_a_mapping_that_names_a_column_which_the_file_lacks_is_refused(desk: Desk) -> None:
    mapping = parse_mapping(MAPPING.replace('principal = "amount"', 'principal = "sum"'))

    with pytest.raises(InputError) as caught:
        await run_import(desk.deployment.context(), desk.write([row("A-1")]), mapping, ImportOptions(client="CLIENT"))

    (problem,) = caught.value.problems
    assert problem.field == ("mapping", "opening", "principal")
    assert "the file has no column 'sum'" in problem.message


async def test_a_client_out_of_sight_is_not_found(desk: Desk) -> None:
    stranger = Principal(
        id=new_id(),
        kind="SERVICE",
        name="Another client's service",
        roles=frozenset(),
        permissions=frozenset({"imports.write"}),
        scope=Scope(kind="limited", staff=False, clients=(new_id(),)),
    )

    with pytest.raises(NotFoundError):
        await desk.take(desk.write([row("A-1")]), principal=stranger)


async def test_without_the_permission_nothing_is_read(desk: Desk) -> None:
    nobody = Principal(
        id=new_id(),
        kind="PERSON",
        name="Collector",
        roles=frozenset(),
        permissions=frozenset({"ledger.write"}),
        scope=Scope.everything(),
    )

    with pytest.raises(AccessError):
        await desk.take(Path("nowhere.csv"), principal=nobody)


async def test_whoever_is_limited_to_the_client_may_import_for_it(desk: Desk) -> None:
    ((client_id,),) = await desk.query("select id from client")
    service = Principal(
        id=new_id(),
        kind="SERVICE",
        name="The client's service",
        roles=frozenset(),
        permissions=frozenset({"imports.write"}),
        scope=Scope(kind="limited", staff=False, clients=(client_id,)),
    )

    report = await desk.take(desk.write([row("A-1", paid="15.02.2026")]), principal=service)

    assert (report.rows_accepted, report.faults) == (1, ())


async def test_a_card_number_as_reference_is_never_stored(desk: Desk) -> None:
    await desk.take(desk.write([row("4111111111111111"), row("A-2", "5500005555555559")]))

    stored = await desk.query("select reference from account union all select reference from debtor_client")
    assert sum(reference.startswith("card-") for (reference,) in stored) == 2
    assert not any("411111" in reference or "550000" in reference for (reference,) in stored)
