"""The time zones in which a debtor may be: from addresses and from phone numbers (rule sheet, section 0.4)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from arrears.debtors.folding import folded


def zones_of_place(country: str, region: str | None) -> tuple[str, ...]:
    """The IANA zones of a country, or of its region when that narrows them; empty for an unknown country.

    The region is a code ("CA", "US-CA") or a name ("California"). A region that is not known narrows nothing, so that
    all zones of the country count.
    """
    countries, regions = _places()
    if region:
        key = folded(region).upper()
        found = regions.get((country, key.removeprefix(f"{country}-")))
        if found:
            return found
    return countries.get(country, ())


def region_code(country: str, region: str | None) -> str | None:
    """The ISO 3166-2 code of a region without its country (`NY`), from a code or a name; else the name in capitals."""
    if region is None or not region.strip():
        return None
    key = " ".join(folded(region).upper().removeprefix(f"{country}-").split())
    bare = key.removeprefix("THE ").replace(".", "")
    return _region_codes().get((country, bare)) or (bare if (country, bare) in _known_regions() else key)


def place_code(text: str) -> str | None:
    """A place as rules of law spell it, from a country with its region and city: `US-NY`, `US-New York-Albany`.

    None for what does not begin with a country.
    """
    country, dash, rest = text.strip().partition("-")
    country = country.upper()
    if not re.fullmatch("[A-Z]{2}", country):
        return None
    rest = rest.strip()
    if not rest:
        return None if dash else country
    code = region_code(country, rest)
    if (country, code) in _known_regions() or "-" not in rest:
        return f"{country}-{code}"
    region, _, city = rest.partition("-")
    if not region.strip() or not city.strip():
        return None
    return f"{country}-{region_code(country, region)}-{' '.join(folded(city).upper().split())}"


@cache
def _places() -> tuple[dict[str, tuple[str, ...]], dict[tuple[str, str], tuple[str, ...]]]:
    countries: dict[str, tuple[str, ...]] = {}
    regions: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in files(__package__).joinpath("place_zones.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, name, listed = line.split("\t")
        zones = tuple(listed.split())
        country, _, region = code.partition("-")
        if region:
            regions[country, region] = regions[country, name.upper()] = zones
        else:
            countries[country] = zones
    return countries, regions


@cache
def _region_codes() -> dict[tuple[str, str], str]:
    codes = dict(_OTHER_NAMES)
    for line in files(__package__).joinpath("place_zones.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, name, _ = line.split("\t")
            country, _, region = code.partition("-")
            if region:
                codes[country, folded(name).upper()] = region
    return codes


@cache
def _known_regions() -> frozenset[tuple[str, str]]:
    regions = {(country, region) for country, region in _places()[1] if len(region) <= 3}
    return frozenset(regions | {(country, code) for (country, _), code in _region_codes().items()})


# Names by which addresses call a region beside the official one, and the nations of the United Kingdom, whose clocks
# agree and whose laws do not.
_OTHER_NAMES: dict[tuple[str, str], str] = {
    ("GB", "ENGLAND"): "ENG",
    ("GB", "SCOTLAND"): "SCT",
    ("GB", "WALES"): "WLS",
    ("GB", "CYMRU"): "WLS",
    ("GB", "NORTHERN IRELAND"): "NIR",
    ("GB", "N IRELAND"): "NIR",
    ("US", "WASHINGTON DC"): "DC",
    ("US", "WASHINGTON, DC"): "DC",
    ("US", "US VIRGIN ISLANDS"): "VI",
    ("CA", "NEWFOUNDLAND"): "NL",
    ("CA", "LABRADOR"): "NL",
    ("CA", "YUKON TERRITORY"): "YT",
    ("CA", "PEI"): "PE",
    ("CA", "PQ"): "QC",
}
