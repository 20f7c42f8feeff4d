"""Packs as an agency has them: with its settings, on their days, and told of changes that are near."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings, strategies as st

from arrears_sdk.law.settings import LawConfig
from arrears_sdk.rules import CHANGES_SOON, Rule, RulePack
from arrears_sdk.ruling import EvaluatedRule, Ruling, Verdict
from arrears_sdk.views import ContactAttempt
from tests.sdk.law.attempts import NOON, attempt

LATER = datetime(2026, 7, 1, tzinfo=UTC)
JANUARY = date(2027, 1, 1)


class Choices(LawConfig):
    most: int = 3


def pack() -> RulePack[ContactAttempt]:
    law: RulePack[ContactAttempt] = RulePack("test")

    @law.rule("test.verified", citation="1 Test 1", jurisdiction="US", version=2)
    def verified(attempt: ContactAttempt) -> Ruling | None:
        """Read at its source."""
        return Ruling.defer(LATER, "not yet")

    @law.rule("test.general", citation="1 Test 2", jurisdiction="US", confidence="G")
    def general(attempt: ContactAttempt) -> Ruling | None:
        """General knowledge."""
        return Ruling.require("notice:VALIDATION", "first a notice")

    @law.rule("test.presumed", citation="1 Test 3", jurisdiction="US", presumption=True)
    def presumed(attempt: ContactAttempt) -> Ruling | None:
        """May be rebutted."""
        return Ruling.deny("presumed", missing_fact="fact:CEASE")

    @law.rule("test.counted", citation="1 Test 4", jurisdiction="US", configured=True)
    def counted(attempt: ContactAttempt, settings: Choices) -> Ruling | None:
        """As many as the agency says."""
        return Ruling.warn(f"at most {settings.most}")

    return law


def said(law: RulePack[ContactAttempt]) -> dict[str, tuple[Verdict, str]]:
    (ruling,) = law.rule_on([attempt()])
    return {finding.rule: (finding.verdict, finding.reason) for finding in ruling.findings}


def test_rules_object_as_they_say_under_the_defaults() -> None:
    assert said(pack().under(Choices())) == {
        "test.verified": (Verdict.DEFER, "not yet"),
        "test.general": (Verdict.REQUIRE, "first a notice"),
        "test.presumed": (Verdict.DENY, "presumed"),
        "test.counted": (Verdict.WARN, "at most 3"),
    }


@pytest.mark.parametrize(
    ("choices", "softened"),
    [
        (Choices(unverified_rules="WARN"), {"test.general"}),
        (Choices(presumptions="WARN"), {"test.presumed"}),
        (Choices(warn_only=frozenset({"test.verified", "test.counted"})), {"test.verified"}),
        (Choices(most=5), set()),
    ],
)
def test_an_agency_chooses_what_only_warns(choices: Choices, softened: set[str]) -> None:
    usual, chosen = said(pack().under(Choices())), said(pack().under(choices))
    assert {rule for rule in usual if chosen[rule][0] is not usual[rule][0]} == softened
    assert all(chosen[rule][0] is Verdict.WARN for rule in softened)
    assert chosen["test.counted"][1] == f"at most {choices.most}"


def test_a_softened_finding_keeps_what_it_found_and_loses_what_it_demanded() -> None:
    law = pack().under(Choices(unverified_rules="WARN", presumptions="WARN", warn_only=frozenset({"test.verified"})))
    (ruling,) = law.rule_on([attempt()])
    assert (ruling.verdict, ruling.until, ruling.requirements) == (Verdict.WARN, None, ())
    presumed = next(finding for finding in ruling.findings if finding.rule == "test.presumed")
    assert (presumed.missing_fact, presumed.citation, presumed.confidence) == ("fact:CEASE", "1 Test 3", "S")


def test_every_rule_that_was_asked_is_named_with_its_version() -> None:
    (ruling,) = pack().under(Choices()).rule_on([attempt()])
    assert len(ruling.evaluated) == 4
    assert EvaluatedRule("test.verified", 2, "1 Test 1", "S") in ruling.evaluated
    (elsewhere,) = pack().under(Choices()).rule_on([attempt(jurisdictions=frozenset({"GB"}))])
    assert (elsewhere.evaluated, elsewhere.findings) == (frozenset(), frozenset())


def test_one_pack_under_two_settings_is_two_packs() -> None:
    law = pack()
    mild, strict = law.under(Choices(presumptions="WARN", most=1)), law.under(Choices(most=2))
    assert said(mild)["test.presumed"][0] is Verdict.WARN
    assert said(strict)["test.presumed"][0] is Verdict.DENY
    assert (said(mild)["test.counted"][1], said(strict)["test.counted"][1]) == ("at most 1", "at most 2")


def dated(begins: date = date.min, ends: date = date.max) -> RulePack[ContactAttempt]:
    law: RulePack[ContactAttempt] = RulePack("dated")

    @law.rule("test.dated", citation="1 Test 5", jurisdiction="US", effective_from=begins, effective_to=ends)
    def refuse(attempt: ContactAttempt) -> Ruling | None:
        """Refuses."""
        return Ruling.deny("no")

    return law


def test_a_change_that_is_near_ends_what_is_allowed() -> None:
    # New Year in New York is at five o'clock of UTC.
    new_year = datetime(2027, 1, 1, 5, tzinfo=UTC)
    near, far = datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 10, 30, 16, tzinfo=UTC)
    (soon,) = dated(begins=JANUARY).rule_on([attempt(near)])
    (finding,) = soon.findings
    assert (soon.verdict, soon.until, finding.rule) == (Verdict.ALLOW, new_year, "test.dated")
    assert finding.reason == "Other rules hold from 2027-01-01 on."
    (later,) = dated(begins=JANUARY).rule_on([attempt(far)])
    assert later.findings == frozenset()


def test_what_ends_soon_is_a_change_too() -> None:
    (ruling,) = dated(ends=date(2026, 6, 9)).rule_on([attempt(NOON)])
    assert (ruling.verdict, {finding.verdict for finding in ruling.findings}) == (
        Verdict.DENY,
        {Verdict.DENY, Verdict.ALLOW},
    )
    (after,) = dated(ends=date(2026, 6, 9)).rule_on([attempt(datetime(2026, 6, 10, 4, tzinfo=UTC))])
    assert after.verdict is Verdict.ALLOW


days = st.integers(0, 400).map(lambda number: date.fromordinal(date(2026, 1, 1).toordinal() + number))


@settings(max_examples=60)
@given(st.lists(st.tuples(days, days), min_size=1, max_size=4), st.lists(days, min_size=1, max_size=6))
def test_dated_rules_are_asked_on_their_days_whatever_was_asked_before(
    spans: list[tuple[date, date]], asked: list[date]
) -> None:
    law: RulePack[ContactAttempt] = RulePack("many")
    law.rules.extend(
        Rule(
            id=f"test.rule-{number}",
            citation="1 Test 6",
            jurisdiction="US",
            function=lambda attempt: Ruling.deny("no"),
            effective_from=min(span),
            effective_to=max(span),
        )
        for number, span in enumerate(spans)
    )
    attempts = [attempt(datetime(day.year, day.month, day.day, 16, tzinfo=UTC)) for day in asked]
    for day, ruling in zip(asked, law.rule_on(attempts), strict=True):
        denied = {finding.rule for finding in ruling.findings if finding.verdict is Verdict.DENY}
        assert denied == {f"test.rule-{number}" for number, span in enumerate(spans) if min(span) <= day <= max(span)}
        changes = {day for span in spans for day in (min(span), date.fromordinal(max(span).toordinal() + 1))}
        near = [change for change in changes if day < change <= day + CHANGES_SOON]
        told = [finding.until for finding in ruling.findings if finding.verdict is Verdict.ALLOW]
        assert [until.date() for until in told if until] == ([min(near)] if near else [])
