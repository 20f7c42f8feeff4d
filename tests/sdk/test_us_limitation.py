"""The limitation clock of the United States: whose period, from when, begun anew, standing still."""

from __future__ import annotations

from datetime import date

import pytest

from arrears_sdk.law.case_attempts import read_attempt
from arrears_sdk.law.case_text import Part
from arrears_sdk.law.debts import debts
from arrears_sdk.law.us_limitation import (
    LimitationClock,
    LimitationConfig,
    clock,
    first_barred,
    next_expiry,
)
from arrears_sdk.law.us_periods import Revival, table

ZONE = "America/Chicago"
ACCRUED = {"kind": "ACCRUED", "on": "2020-03-01", "from": "2021-01-01"}


def _clock(
    region: str | None,
    *facts: dict[str, object],
    account: dict[str, object] | None = None,
    at: str = "2026-06-01 12:00",
    settings: LimitationConfig | None = None,
    when: dict[str, object] | None = None,
) -> LimitationClock | None:
    given = {
        "debtor": {"country": "US", "zones": [ZONE], **({"region": region} if region else {})},
        "accounts": [{"id": "a", "product": "LOAN", "due_on": "2020-03-01", **(account or {})}],
        "facts": list(facts),
    }
    attempt = read_attempt(Part(given, "given", ZONE), Part({"act": "SUE", "at": at, **(when or {})}, "when", ZONE))
    return clock(attempt, debts(attempt)[0], settings or LimitationConfig())


def _expires(*given: object, **more: object) -> date | None:
    found = _clock(*given, **more)  # type: ignore[arg-type]
    assert found is not None
    return found.expires_on


def test_the_table_has_every_state_and_the_district_once() -> None:
    assert len(table()) == 51
    assert {state for state, periods in table().items() if periods.extinguishes} == {"MS", "WI"}


@pytest.mark.parametrize(
    ("state", "written", "open_account", "oral", "note", "card", "revival"),
    [
        ("AL", 6, 3, 6, 6, 3, Revival.BEFORE_EXPIRY),
        ("CA", 4, 4, 2, 6, 4, Revival.NOTE_PAYMENT),
        ("NY", 3, 3, 3, 3, 3, Revival.NEVER_AFTER_EXPIRY),
        ("WY", 10, 8, 8, 6, 8, Revival.ALWAYS),
    ],
)
def test_a_row_is_as_the_table_says(
    state: str, written: int, open_account: int, oral: int, note: int, card: int, revival: Revival
) -> None:
    row = table()[state]
    assert (row.written, row.open_account, row.oral, row.note, row.card) == (written, open_account, oral, note, card)
    assert row.revival is revival


def test_an_unknown_instrument_takes_the_shortest_period_and_says_which_fact_would_tell() -> None:
    found = _clock("KY", ACCRUED)
    assert found is not None
    assert (found.years, found.missing, found.expires_on) == (5, ("fact:INSTRUMENT",), date(2025, 3, 1))
    assert _expires("KY", ACCRUED, {"kind": "INSTRUMENT", "word": "WRITTEN"}) == date(2030, 3, 1)


def test_the_last_day_is_within_the_period_and_the_day_after_is_not() -> None:
    for at, barred in (("2025-03-01 23:59", False), ("2025-03-02 00:00", True)):
        found = _clock("KY", ACCRUED, at=at)
        assert found is not None
        assert found.barred is barred


def test_an_unknown_accrual_is_the_earliest_day_that_the_account_knows() -> None:
    found = _clock("KY", account={"due_on": "2022-01-31", "charge_off_on": "2021-12-31"})
    assert found is not None
    assert found.accrued_on == date(2021, 12, 31)
    assert found.missing == ("fact:ACCRUED", "fact:INSTRUMENT")


def test_a_payment_before_expiry_begins_the_period_anew_but_one_after_it_does_not() -> None:
    assert _expires("KY", ACCRUED, account={"last_payment_on": "2024-06-01"}) == date(2029, 6, 1)
    assert _expires("KY", ACCRUED, account={"last_payment_on": "2025-06-01"}) == date(2025, 3, 1)
    reviving = LimitationConfig(revival_after_expiry=True)
    assert _expires("KY", ACCRUED, account={"last_payment_on": "2025-06-01"}, settings=reviving) == date(2030, 6, 1)
    assert _expires("AL", ACCRUED, account={"last_payment_on": "2025-06-01"}, settings=reviving) == date(2023, 3, 1)


@pytest.mark.parametrize(
    ("state", "word", "expected"),
    [
        ("TX", "SIGNED", date(2027, 6, 1)),
        ("TX", "WRITTEN", date(2024, 3, 1)),
        ("GA", "SIGNED", date(2027, 6, 1)),
        ("TN", "SIGNED", date(2029, 6, 1)),
        ("MD", "SIGNED", date(2023, 3, 1)),
        ("KY", "ORAL", date(2025, 3, 1)),
    ],
)
def test_an_acknowledgment_begins_it_anew_where_the_state_lets_it(state: str, word: str, expected: date) -> None:
    said = {"kind": "ACKNOWLEDGED", "word": word, "on": "2023-06-01"}
    account = {"last_payment_on": "2022-06-01"} if state in {"TX", "GA", "TN", "MD"} else {}
    assert _expires(state, ACCRUED, said, account=account) == expected


def test_a_payment_in_california_begins_only_a_note_anew_and_in_maine_not_for_debt_buyers() -> None:
    paid: dict[str, object] = {"last_payment_on": "2022-06-01"}
    written, note = {"kind": "INSTRUMENT", "word": "WRITTEN"}, {"kind": "INSTRUMENT", "word": "NOTE"}
    assert _expires("CA", ACCRUED, written, account=paid) == date(2024, 3, 1)
    assert _expires("CA", ACCRUED, note, account=paid) == date(2028, 6, 1)
    assert _expires("ME", ACCRUED, account=paid) == date(2028, 6, 1)
    assert _expires("ME", ACCRUED, account={**paid, "role": "DEBT_BUYER"}) == date(2026, 3, 1)


def test_an_earlier_payment_restarts_where_revival_is_barred_only_if_the_agency_chose_so() -> None:
    paid: dict[str, object] = {"last_payment_on": "2022-06-01"}
    assert _expires("MD", ACCRUED, account=paid) == date(2023, 3, 1)
    chosen = LimitationConfig(earlier_payments_restart=True)
    assert _expires("MD", ACCRUED, account=paid, settings=chosen) == date(2025, 6, 1)


def test_service_and_tolling_do_not_count() -> None:
    served = {"kind": "MILITARY_SERVICE", "from": "2021-01-01", "to": "2022-01-01"}
    assert _expires("KY", ACCRUED, served) == date(2026, 3, 1)
    assert _expires("KY", ACCRUED, {"kind": "TOLLING", "from": "2021-01-01"}) is None
    late = {"kind": "TOLLING", "from": "2025-03-02", "to": "2025-06-01"}
    assert _expires("KY", ACCRUED, late) == date(2025, 3, 1)


def test_a_bankruptcy_puts_the_end_off_to_thirty_days_after_its_stay() -> None:
    case: dict[str, object] = {"kind": "BANKRUPTCY", "word": "CHAPTER_13", "on": "2024-01-10", "from": "2024-01-10"}
    assert _expires("KY", ACCRUED, {**case, "to": "2026-05-20"}) == date(2026, 6, 19)
    assert _expires("KY", ACCRUED, {**case, "to": "2024-05-20"}) == date(2025, 3, 1)
    assert _expires("KY", ACCRUED, case) is None


def test_the_shorter_of_the_forum_and_of_the_contracts_law_counts_unless_configured() -> None:
    law = {"kind": "GOVERNING_LAW", "place": "US-DE"}
    assert _expires("KY", ACCRUED, law) == date(2023, 3, 1)
    assert _expires("KY", ACCRUED, law, settings=LimitationConfig(limitation_law="FORUM")) == date(2025, 3, 1)
    assert _expires("KY", ACCRUED, law, settings=LimitationConfig(limitation_law="CONTRACT")) == date(2023, 3, 1)
    assert _expires("KY", ACCRUED, when={"place": "US-MD"}) == date(2023, 3, 1)


def test_nobody_knows_the_state_so_the_shortest_of_all_counts() -> None:
    assert _expires(None, ACCRUED) == date(2022, 3, 1)


def test_new_york_has_three_years_for_consumer_credit_since_2022_and_others_for_the_rest() -> None:
    assert _expires("NY", ACCRUED) == date(2023, 3, 1)
    assert _expires("NY", ACCRUED, at="2022-04-06 12:00") == date(2024, 3, 1)
    assert _expires("NY", ACCRUED, {"kind": "INSTRUMENT", "word": "WRITTEN"}, at="2022-04-06 12:00") == date(2026, 3, 1)
    assert _expires("NY", ACCRUED, {"kind": "CREDIT_EXTENDED", "word": "NO"}) == date(2024, 3, 1)
    assert _expires("NY", ACCRUED, account={"purpose": "COMMERCIAL"}) == date(2024, 3, 1)


def test_an_emergency_in_the_district_stands_still_and_sixty_days_more() -> None:
    declared = {"kind": "PUBLIC_EMERGENCY", "place": "US-DC", "from": "2021-01-01", "to": "2021-02-01"}
    assert _expires("DC", ACCRUED, declared) == date(2023, 5, 31)
    assert _expires("MD", ACCRUED, declared) == date(2023, 3, 1)


def test_a_judgment_has_no_period_in_the_table() -> None:
    assert _clock("KY", ACCRUED, {"kind": "INSTRUMENT", "word": "JUDGMENT"}) is None


def test_the_first_debt_that_is_barred_and_the_next_to_expire_are_found() -> None:
    given = {
        "debtor": {"country": "US", "region": "KY", "zones": [ZONE]},
        "accounts": [{"id": "old", "due_on": "2020-01-31"}, {"id": "new", "due_on": "2024-01-31"}],
    }
    when = {"contact": "LETTER", "at": "2026-06-01 12:00"}
    attempt = read_attempt(Part(given, "given", ZONE), Part(when, "when", ZONE))
    barred = first_barred(attempt)
    assert barred is not None
    assert barred.account_id == "old"
    assert next_expiry(attempt) == date(2029, 1, 31)
