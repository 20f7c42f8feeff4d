"""Rules apply where and when they say: by jurisdiction with its parents, on days at the debtor's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from arrears_sdk.rules import MEMBER_STATES, Rule, RulePack, chain, local_days
from arrears_sdk.ruling import ALLOWED, Ruling, Verdict
from arrears_sdk.testing import Builder
from arrears_sdk.views import ContactAttempt
from arrears_sdk.vocabulary import CommunicationChannel

NEW_YEAR_IN_NEW_YORK = datetime(2027, 1, 1, 5, tzinfo=UTC)


def attempt(at: datetime, zones: tuple[str, ...], places: frozenset[str] = frozenset({"US"})) -> ContactAttempt:
    built = Builder().contact_attempt()
    debtor = replace(built.debtor, time_zones=zones)
    return replace(built, at=at, debtor=debtor, jurisdictions=places, channel=CommunicationChannel.SMS)


def pack(**when: object) -> RulePack[ContactAttempt]:
    rules: RulePack[ContactAttempt] = RulePack("test")

    @rules.rule("test.rule", citation="1 Test 2", **{"jurisdiction": "US", **when})  # type: ignore[arg-type]
    def refuse(attempt: ContactAttempt) -> Ruling:
        """Never."""
        return Ruling.deny("no")

    return rules


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("us", None, None), {"US"}),
        (("US", "ny", None), {"US", "US-NY"}),
        (("US", "NY", "New York"), {"US", "US-NY", "US-NY-NEW YORK"}),
        (("GB", None, "Leeds"), {"GB"}),
        (("DE", None, "Berlin"), {"DE", "EU"}),
        (("ie", "D", None), {"EU", "IE", "IE-D"}),
        (("CH", None, None), {"CH"}),
    ],
)
def test_a_place_brings_the_law_of_its_parents(place: tuple[str, str | None, str | None], expected: set[str]) -> None:
    assert chain(*place) == expected


@pytest.mark.parametrize(
    ("jurisdiction", "applies"),
    [("US", True), ("us-ny", True), ("US-NY-NEW YORK", True), ("US-CA", False), ("US-NY-ALBANY", False)],
)
def test_a_rule_applies_where_its_jurisdiction_is_the_debtors_or_a_parent_of_it(
    jurisdiction: str, applies: bool
) -> None:
    at_home = attempt(NEW_YEAR_IN_NEW_YORK, ("America/New_York",), chain("US", "NY", "New York"))
    (ruling,) = pack(jurisdiction=jurisdiction).rule_on([at_home])
    assert (ruling.verdict is Verdict.DENY) is applies


@pytest.mark.parametrize(
    ("at", "zones", "applies"),
    [
        (datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC), ("America/New_York",), False),
        (NEW_YEAR_IN_NEW_YORK, ("America/New_York",), True),
        (datetime(2026, 12, 31, 18, 30, tzinfo=UTC), ("Asia/Kolkata",), True),
        (datetime(2026, 12, 31, 18, 29, tzinfo=UTC), ("Asia/Kolkata",), False),
        (datetime(2027, 1, 1, 6, tzinfo=UTC), ("America/New_York", "America/Los_Angeles"), True),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), (), False),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), (), True),
    ],
)
def test_a_rule_begins_on_its_first_day_at_the_debtors(at: datetime, zones: tuple[str, ...], applies: bool) -> None:
    (ruling,) = pack(effective_from=date(2027, 1, 1)).rule_on([attempt(at, zones)])
    assert (ruling.verdict is Verdict.DENY) is applies


def test_a_rule_ends_with_the_end_of_its_last_day_at_the_debtors() -> None:
    rules = pack(effective_from=date(2026, 1, 1), effective_to=date(2026, 12, 31))
    last = attempt(datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC), ("America/New_York",))
    after = attempt(NEW_YEAR_IN_NEW_YORK, ("America/New_York",))
    assert [ruling.verdict for ruling in rules.rule_on([last, after])] == [Verdict.DENY, Verdict.ALLOW]


def test_days_are_all_that_it_may_be_for_the_debtor() -> None:
    zones = ("Pacific/Auckland", "America/New_York")
    assert local_days(NEW_YEAR_IN_NEW_YORK, zones) == (date(2027, 1, 1),)
    assert local_days(datetime(2027, 1, 1, 2, tzinfo=UTC), zones) == (date(2026, 12, 31), date(2027, 1, 1))


def test_a_rule_applies_to_its_channels_only() -> None:
    letters = pack(channels=[CommunicationChannel.LETTER])
    texted = attempt(NEW_YEAR_IN_NEW_YORK, ())
    assert letters.rule_on([texted]) == [ALLOWED]
    assert letters.rule_on([replace(texted, channel=CommunicationChannel.LETTER)])[0].verdict is Verdict.DENY


def test_findings_carry_the_rule_and_its_citation() -> None:
    (ruling,) = pack().rule_on([attempt(NEW_YEAR_IN_NEW_YORK, ())])
    assert [(finding.rule, finding.citation) for finding in ruling.findings] == [("test.rule", "1 Test 2")]


def test_a_pack_refuses_a_second_rule_of_a_name_one_that_ends_before_it_begins_and_one_without_words() -> None:
    rules = pack()
    with pytest.raises(ValueError, match="two rules"):
        rules.rule("test.rule", citation="", jurisdiction="US")
    with pytest.raises(ValueError, match="ends before"):
        rules.rule("other", citation="", jurisdiction="US", effective_from=date(2027, 1, 1), effective_to=date.min)
    with pytest.raises(ValueError, match="docstring"):
        rules.rule("silent", citation="", jurisdiction="US")(lambda attempt: None)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"jurisdiction": "*"}, "give a place in capitals"),
        ({"jurisdiction": ""}, "give a place in capitals"),
        ({"citation": "  "}, "needs a citation"),
        ({"confidence": "X"}, "one of S, P and G"),
        ({"channels": "SMS"}, "channels that are no CommunicationChannel"),
    ],
)
def test_a_rule_that_could_never_apply_is_refused(wrong: dict[str, object], said: str) -> None:
    whole: dict[str, object] = {"citation": "1 Test 2", "jurisdiction": "US", "confidence": "G", **wrong}
    with pytest.raises(ValueError, match=said):
        Rule(id="test.rule", function=lambda attempt: None, effective_from=date(2026, 1, 1), **whole)  # type: ignore[arg-type]


def test_the_union_has_its_twenty_seven_members_and_not_one_that_left() -> None:
    assert len(MEMBER_STATES) == 27
    assert not MEMBER_STATES & {"GB", "NO", "CH", "EU"}
