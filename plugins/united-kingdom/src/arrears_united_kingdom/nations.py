"""In which of the three jurisdictions of the United Kingdom a debtor may live, where laws differ between them."""

from __future__ import annotations

import re
from functools import lru_cache

from arrears_sdk.law.known import Attempt
from arrears_sdk.views import Place

ENGLAND_AND_WALES, SCOTLAND, NORTHERN_IRELAND = "England and Wales", "Scotland", "Northern Ireland"
EVERYWHERE = frozenset({ENGLAND_AND_WALES, SCOTLAND, NORTHERN_IRELAND})

# Codes of ISO 3166-2 for councils and districts, and the names of the nations.
# fmt: off
_SCOTTISH = frozenset({
    "SCT", "SCOTLAND", "ABE", "ABD", "ANS", "AGB", "CLK", "DGY", "DND", "EAY", "EDU", "ELN", "ERW", "EDH", "ELS",
    "FAL", "FIF", "GLG", "HLD", "IVC", "MLN", "MRY", "NAY", "NLK", "ORK", "PKN", "RFW", "SCB", "ZET", "SAY", "SLK",
    "STG", "WDU", "WLN",
})
_NORTHERN_IRISH = frozenset({
    "NIR", "NORTHERN IRELAND", "ANN", "AND", "ABC", "BFS", "CCG", "DRS", "FMO", "LBC", "MEA", "MUL", "NMD",
})
_ENGLISH_OR_WELSH = frozenset({"ENG", "WLS", "CYM", "EAW", "ENGLAND", "WALES", "ENGLAND AND WALES"})
_SCOTTISH_POST = frozenset({"AB", "DD", "DG", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE"})
# fmt: on
_POST_OF_TWO = frozenset({"TD"})
"""Postcode areas on both sides of the border."""
_CODE = re.compile(r"[A-Z]{3}")
_AREA = re.compile(r"[A-Z]{1,2}(?=[0-9])")


def nations(attempt: Attempt) -> frozenset[str]:
    """Where the debtor may live: one jurisdiction where a region or postcode says so, else all three."""
    return _nations(attempt.debtor.places, attempt.jurisdictions)


def may_be(attempt: Attempt, *wanted: str) -> bool:
    """Whether the debtor may live in one of the jurisdictions."""
    return not nations(attempt).isdisjoint(wanted)


@lru_cache(maxsize=4096)
def _nations(places: tuple[Place, ...], jurisdictions: frozenset[str]) -> frozenset[str]:
    regions = [place.split("-")[1] for place in jurisdictions if place.startswith("GB-")]
    found = {nation for region in regions if (nation := _of_region(region)) is not None}
    if found:
        return frozenset(found)
    posts = [place.postal_code for place in places if place.country == "GB" and place.postal_code]
    found = {nation for post in posts if (nation := _of_post(post)) is not None}
    return frozenset(found) or EVERYWHERE


def _of_region(region: str) -> str | None:
    if region in _SCOTTISH:
        return SCOTLAND
    if region in _NORTHERN_IRISH:
        return NORTHERN_IRELAND
    # Every other code of three letters is that of a county, borough or city of England or Wales.
    return ENGLAND_AND_WALES if region in _ENGLISH_OR_WELSH or _CODE.fullmatch(region) else None


def _of_post(postal_code: str) -> str | None:
    area = _AREA.match(postal_code.strip().upper())
    if area is None or area[0] in _POST_OF_TWO:
        return None
    if area[0] == "BT":
        return NORTHERN_IRELAND
    return SCOTLAND if area[0] in _SCOTTISH_POST else ENGLAND_AND_WALES
