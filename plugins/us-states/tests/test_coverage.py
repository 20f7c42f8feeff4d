"""Which states have a rule of limitation and of licence, and what the rules say of themselves."""

from __future__ import annotations

import pytest

from arrears_sdk.law.us_periods import table
from arrears_us_states import UsStates
from arrears_us_states.limitation import OWN_ROWS
from arrears_us_states.places import STATES

RULES = {rule.id: rule for pack in UsStates.packs for rule in pack.rules}
NO_STATEWIDE_LICENCE = {"AL", "GA", "KS", "KY", "MO", "MS", "MT", "NH", "NY", "OH", "OK", "PA", "SC", "SD", "VA", "VT"}
LICENCES_BY_ANOTHER_NAME = {"NC": "us.nc.permit", "TX": "us.tx.bond"}
OWN_LIMITATION = {
    "CA": "us.ca.limitation",
    "DC": "us.dc.limitation",
    "MS": "us.ms.extinguished",
    "NY": "us.ny.limitation-consumer-credit",
    "WA": "us.wa.time-barred",
    "WI": "us.wi.extinguished",
}


def test_every_state_of_the_table_has_a_name() -> None:
    assert set(STATES) == set(table())
    assert set(OWN_LIMITATION) == OWN_ROWS


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_has_a_rule_of_limitation(state: str) -> None:
    rule = RULES[OWN_LIMITATION.get(state, f"us.{state.lower()}.limitation")]
    assert rule.jurisdiction == f"US-{state}"


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_state_has_a_rule_of_licence_exactly_if_it_asks_for_one(state: str) -> None:
    id = LICENCES_BY_ANOTHER_NAME.get(state, f"us.{state.lower()}.licence")
    assert (id in RULES) is (state not in NO_STATEWIDE_LICENCE)


@pytest.mark.parametrize(
    ("id", "place"),
    [
        ("us.nyc.licence", "US-NY-NEW YORK"),
        ("us.ny.buffalo.licence", "US-NY-BUFFALO"),
        ("us.ny.yonkers.licence", "US-NY-YONKERS"),
    ],
)
def test_cities_have_their_own(id: str, place: str) -> None:
    assert RULES[id].jurisdiction == place


def test_the_confidence_of_a_period_is_that_of_its_row() -> None:
    assert RULES["us.ky.limitation"].confidence == "G"
    assert RULES["us.hi.limitation"].confidence == "P"


def test_new_york_city_changes_with_2027() -> None:
    assert RULES["us.nyc.frequency-2026"].effective_to.isoformat() == "2026-12-31"
    from_2027 = {id for id, rule in RULES.items() if rule.effective_from.isoformat() == "2027-01-01"}
    assert from_2027 == {
        "us.nyc.cease-2027",
        "us.nyc.dispute-2027",
        "us.nyc.electronic-consent-2027",
        "us.nyc.frequency-2027",
    }
