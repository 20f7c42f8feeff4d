"""Rulings combine as section 0.6 of the rule sheet says, whatever their order and however often they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given, strategies as st

from arrears_sdk.ruling import ALLOWED, Finding, Ruling, Verdict

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
instants = st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours))
words = st.sampled_from(["a", "b", "c"])


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    verdict = draw(st.sampled_from(Verdict))
    until = draw(instants) if verdict is Verdict.DEFER or draw(st.booleans()) else None
    requirement = draw(words) if verdict is Verdict.REQUIRE else None
    return Finding(
        verdict=verdict,
        reason=draw(words),
        rule=draw(words),
        until=until if verdict in (Verdict.ALLOW, Verdict.DEFER) else None,
        requirement=requirement,
        plugin=draw(st.sampled_from(["", "one", "two"])),
    )


rulings = st.frozensets(findings(), max_size=4).map(Ruling)


def told(ruling: Ruling) -> tuple[object, ...]:
    return ruling.verdict, ruling.until, ruling.requirements, ruling.findings, ruling.ordered, ruling.deciding


def oracle(found: list[Finding]) -> tuple[Verdict, datetime | None, tuple[str, ...]]:
    """Section 0.6, written down once more without looking: DENY if any, else the latest DEFER, else all REQUIREs."""
    if any(finding.verdict is Verdict.DENY for finding in found):
        return Verdict.DENY, None, ()
    required = tuple(sorted({finding.requirement for finding in found if finding.requirement is not None}))
    defers = [finding.until for finding in found if finding.verdict is Verdict.DEFER and finding.until]
    if defers:
        return Verdict.DEFER, max(defers), required
    ends = sorted(finding.until for finding in found if finding.until)
    end = ends[0] if ends else None
    if required:
        return Verdict.REQUIRE, end, required
    if any(finding.verdict is Verdict.WARN for finding in found):
        return Verdict.WARN, end, ()
    return Verdict.ALLOW, end, ()


@given(rulings, rulings)
def test_combining_is_commutative(one: Ruling, two: Ruling) -> None:
    assert told(one | two) == told(two | one)


@given(rulings, rulings, rulings)
def test_combining_is_associative(one: Ruling, two: Ruling, three: Ruling) -> None:
    assert told((one | two) | three) == told(one | (two | three)) == told(Ruling.combine([one, two, three]))


@given(rulings, rulings)
def test_combining_is_idempotent(one: Ruling, two: Ruling) -> None:
    assert told(one | one) == told(one)
    assert told((one | two) | two) == told(one | two)


@given(rulings)
def test_nothing_found_changes_nothing(ruling: Ruling) -> None:
    assert told(ruling | ALLOWED) == told(ALLOWED | ruling) == told(ruling)
    assert Ruling.combine([]) == ALLOWED


@given(st.lists(rulings, max_size=5))
def test_the_result_is_that_of_the_rule_sheet(given_rulings: list[Ruling]) -> None:
    combined = Ruling.combine(given_rulings)
    everything = [finding for ruling in given_rulings for finding in ruling.findings]
    assert (combined.verdict, combined.until, combined.requirements) == oracle(everything)
    assert combined.findings == set(everything)


@given(st.lists(rulings, min_size=1, max_size=4))
def test_no_plugin_can_loosen_what_another_says(given_rulings: list[Ruling]) -> None:
    combined = Ruling.combine(given_rulings)
    assert all(combined.verdict >= ruling.verdict for ruling in given_rulings)
    assert {told(Ruling.combine(order)) for order in permutations(given_rulings)} == {told(combined)}


@given(rulings, words)
def test_the_host_speaks_in_the_plugins_name_whatever_it_wrote(ruling: Ruling, name: str) -> None:
    attributed = ruling.attributed(name, "1.0", 7)
    assert {(f.plugin, f.plugin_version, f.settings_version) for f in attributed.findings} <= {(name, "1.0", 7)}
    assert attributed.verdict is ruling.verdict
