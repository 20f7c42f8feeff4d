"""The bundled table of places against the zones of the installed time zone database."""

from __future__ import annotations

import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from arrears.debtors.zones import place_code, region_code, zones_of_place

# Through both halves of the year, before the countries' latest changes are unknown to an older database.
INSTANTS = [
    datetime.datetime(2025, 1, 5, tzinfo=datetime.UTC) + datetime.timedelta(days=7 * week) for week in range(52)
]


def official() -> dict[str, list[str]]:
    """The zones of each country in the table that comes with the database."""
    found: dict[str, list[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return found


def clock(zone: str) -> tuple[datetime.timedelta | None, ...]:
    return tuple(instant.astimezone(ZoneInfo(zone)).utcoffset() for instant in INSTANTS)


def test_every_country_has_all_its_clocks_and_no_others() -> None:
    wrong = {
        country: zones
        for country, zones in official().items()
        if {clock(zone) for zone in zones} != {clock(zone) for zone in zones_of_place(country, None)}
    }
    assert wrong == {}


@pytest.mark.parametrize("country", ["US", "CA", "AU", "BR", "ES", "PT", "NZ"])
def test_the_regions_keep_only_clocks_of_their_country(country: str) -> None:
    table = files("arrears.debtors").joinpath("place_zones.txt").read_text(encoding="utf-8").splitlines()
    regions = [line.split("\t")[0] for line in table if line.startswith(f"{country}-")]
    islands = {"US-PR", "US-VI", "US-GU", "US-AS", "US-MP"}
    clocks = {clock(zone) for zone in zones_of_place(country, None)}
    assert regions
    assert [
        region
        for region in regions
        if region not in islands and not {clock(zone) for zone in zones_of_place(country, region)} <= clocks
    ] == []


@pytest.mark.parametrize(
    ("country", "region", "code"),
    [
        ("US", "New York", "NY"),
        ("US", " new  york ", "NY"),
        ("US", "N.Y.", "NY"),
        ("US", "US-NY", "NY"),
        ("US", "D.C.", "DC"),
        ("US", "Washington", "WA"),
        ("CA", "Québec", "QC"),
        ("CA", "Newfoundland", "NL"),
        ("AU", "new south wales", "NSW"),
        ("GB", "Scotland", "SCT"),
        ("GB", "GB-ENG", "ENG"),
        ("GB", "Northern Ireland", "NIR"),
        ("GB", "Kent", "KENT"),
        ("DE", None, None),
        ("DE", " ", None),
    ],
)
def test_a_region_has_one_code_however_it_is_given(country: str, region: str | None, code: str | None) -> None:
    assert region_code(country, region) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("us-New York", "US-NY"),
        ("US-NY-New York", "US-NY-NEW YORK"),
        ("US-New York-Albany", "US-NY-ALBANY"),
        ("CA-Newfoundland and Labrador", "CA-NL"),
        ("GB-Wales", "GB-WLS"),
        ("US-", None),
        ("US--NY", None),
        ("New York", None),
        ("", None),
    ],
)
def test_a_place_is_spelt_as_rules_spell_it(text: str, code: str | None) -> None:
    assert place_code(text) == code
