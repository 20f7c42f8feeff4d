"""`arrears ledger accrue`: the interest of days that have ended, booked by hand as by night."""

from __future__ import annotations

from pathlib import Path

from tests.product.cli.test_commands import make_client, take_in

SETTINGS = """
[settings.debts]
interest = [{ statutory = "uk.county-court-judgment" }]
"""


def test_interest_is_booked_through_a_day_once(arrears, tmp_path: Path) -> None:
    # given: 120.50 from 2 January 2025 and 80.00 from the day after, at 8 % a year
    make_client(arrears)
    file = tmp_path / "arrears.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    applied = arrears("config", "apply", str(file), "--yes")
    assert applied.code == 0, applied.err
    taken = take_in(arrears, tmp_path, "", "--json")
    assert taken.code == 0, taken.err

    # when
    first = arrears("ledger", "accrue", "--through", "2025-01-13", "--json")
    again = arrears("ledger", "accrue", "--through", "2025-01-13")
    more = arrears("ledger", "accrue", "--through", "2025-01-14")
    ahead = arrears("ledger", "accrue", "--through", "2199-12-31")
    sound = arrears("ledger", "verify")

    # then: eleven days of 2.641 pence are 29.05, ten of 1.753 are 17.53
    assert first.json == {"accounts": 2, "entries": 21, "amounts_minor": {"GBP": 29 + 18}}
    assert (again.code, again.out) == (0, "There was no interest to book.\n")
    assert more.out == "Booked 0.04 GBP of interest: 2 days' on 2 accounts.\n"
    assert ahead.code == 2
    assert "has not ended yet" in ahead.err
    assert sound.code == 0
