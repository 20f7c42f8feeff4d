"""Whose law applies to an address: the country, its region and the city, also where the address does not name them."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from arrears.debtors.folding import folded
from arrears.debtors.zones import region_code
from arrears_sdk.rules import chain

# Areas of the postcodes of Scotland, Wales and Northern Ireland, as far as they hold no address of another nation.
_NATION_OF_AREA: Final = {
    **dict.fromkeys(("AB", "DD", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE"), "SCT"),
    **dict.fromkeys(("CF", "SA"), "WLS"),
    "BT": "NIR",
}
_NATIONS: Final = ("ENG", "SCT", "WLS", "NIR")
# Areas on a border, in which both nations may be meant.
_TWO_NATIONS: Final = {
    **dict.fromkeys(("DG", "TD", "CA", "NE"), ("ENG", "SCT")),
    **dict.fromkeys(("CH", "HR", "LD", "LL", "NP", "SY", "GL"), ("ENG", "WLS")),
}
# The five boroughs by the first digits of their ZIP codes: addresses there name the borough or the quarter.
_NEW_YORK_CITY: Final = ("100", "101", "102", "103", "104", "111", "112", "113", "114", "116", "11004", "11005")
_CITY_OF: Final = {("US", "NY"): ("NEW YORK CITY", "NYC", "NEW YORK", "BROOKLYN", "BRONX", "QUEENS", "STATEN ISLAND")}


@lru_cache(maxsize=4096)
def lawful_places(country: str, region: str | None, city: str | None, postal_code: str | None) -> frozenset[str]:
    """The places with their parents as rules spell them. Where the address leaves open which of several, all count."""
    found: frozenset[str] = frozenset()
    for one in _regions(country, region, postal_code):
        found |= chain(country, one, _city(country, one, city, postal_code))
    return found


def _regions(country: str, region: str | None, postal_code: str | None) -> tuple[str | None, ...]:
    code = region_code(country, region)
    if country != "GB" or code in _NATIONS:
        return (code,)
    # The region of a British address is its county, if any: no law is a county's, and each nation's differs.
    letters = (postal_code or "").strip().upper()[:2]
    area = letters if letters.isalpha() else letters[:1]
    if not area.isalpha():
        return _NATIONS
    return _TWO_NATIONS.get(area) or (_NATION_OF_AREA.get(area, "ENG"),)


def _city(country: str, region: str | None, city: str | None, postal_code: str | None) -> str | None:
    if country == "US" and region == "NY" and (postal_code or "").strip().startswith(_NEW_YORK_CITY):
        return "NEW YORK"
    name = " ".join(folded(city).upper().split()) if city else ""
    if name in _CITY_OF.get((country, region or ""), ()):
        return "NEW YORK"
    return name or None
