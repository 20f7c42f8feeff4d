"""The time zones in which a debtor may be: from addresses and from phone numbers (rule sheet, section 0.4)."""

from __future__ import annotations

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
    key = folded(region).upper().removeprefix(f"{country}-")
    return _region_codes().get((country, key), key)


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
    codes: dict[tuple[str, str], str] = {}
    for line in files(__package__).joinpath("place_zones.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, name, _ = line.split("\t")
            country, _, region = code.partition("-")
            if region:
                codes[country, folded(name).upper()] = region
    return codes
