"""An explained decision as a PDF page: A4, tagged so that it can be read aloud, with fonts of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, TypedDict

from arrears.compliance.explaining import ExplainedFinding, Explanation, FactsState, SilentRule
from arrears.compliance.wording import instant
from arrears.kernel.printing import printed_page, template_in

Rows = Sequence[tuple[str, str]]

FACTS_WORDS: Final = {
    FactsState.KEPT: "The facts are kept and are those that the rules were shown.",
    FactsState.ERASED: "The facts are no longer kept: the person's data was erased. What was decided stays.",
    FactsState.ALTERED: "The facts that are kept are not those that the rules were shown: they were altered.",
}


class Entry(TypedDict):
    """Names and values under a small heading."""

    heading: str
    rows: Rows


class Section(TypedDict):
    """A part of the page; `none` is said when it holds nothing."""

    heading: str
    entries: Sequence[Entry]
    none: str


class Page(TypedDict):
    """A page as its template takes it."""

    title: str
    summary: str
    sections: Sequence[Section]


async def printed(explanation: Explanation) -> bytes:
    """The PDF of an explanation."""
    return await printed_page(_template(), page_of(explanation))


def page_of(explanation: Explanation) -> Page:
    """What stands on the page."""
    return Page(
        title=explanation.title,
        summary=explanation.summary,
        sections=[
            _section("What was asked", [Entry(heading="", rows=[(one.name, one.value) for one in explanation.asked])]),
            _section("What the rules said", _findings(explanation.findings), none="No rule objected."),
            _section("What has to be met first", _requirements(explanation), none="Nothing."),
            _section("What would help to know", _missing(explanation), none="Nothing was missing."),
            _section(
                "Rules that had nothing to say",
                [Entry(heading="", rows=[_silent(rule) for rule in explanation.silent_rules])]
                if explanation.silent_rules
                else [],
                none="None.",
            ),
            _section("What it is based on", [Entry(heading="", rows=_basis(explanation))]),
        ],
    )


def _section(heading: str, entries: Sequence[Entry], *, none: str = "") -> Section:
    return Section(heading=heading, entries=entries, none=none)


def _findings(findings: Sequence[ExplainedFinding]) -> list[Entry]:
    return [Entry(heading=f"{finding.verdict}: {finding.reason}", rows=_finding(finding)) for finding in findings]


def _finding(finding: ExplainedFinding) -> Rows:
    version = "" if finding.rule_version is None else f", version {finding.rule_version}"
    rows = [("Rule", f"{finding.rule or 'unnamed'}{version}")]
    if finding.citation:
        rows.append(("Where it is written", finding.citation))
    if finding.confidence_words:
        rows.append(("How well it was read", finding.confidence_words))
    if finding.until is not None:
        rows.append(("Until", instant(finding.until)))
    rows += [(fact.name.capitalize(), fact.value) for fact in finding.facts]
    if finding.client_id is not None:
        rows.append(("For the debts of", finding.client_id))
    rows.append(("Said by", f"{finding.plugin} {finding.plugin_version}"))
    return rows


def _requirements(explanation: Explanation) -> list[Entry]:
    return [
        Entry(heading=one.meaning, rows=[("Name", one.name), ("How", one.mutation or "as the plugin says")])
        for one in explanation.requirements
    ]


def _missing(explanation: Explanation) -> list[Entry]:
    return [
        Entry(
            heading=one.meaning,
            rows=[("Wanted by", one.rule or "a plugin"), *([("How", one.mutation)] if one.mutation else [])],
        )
        for one in explanation.missing_facts
    ]


def _silent(rule: SilentRule) -> tuple[str, str]:
    return rule.rule, f"version {rule.version}, {rule.citation} ({rule.plugin} {rule.plugin_version})"


def _basis(explanation: Explanation) -> Rows:
    return [
        ("Plugins", ", ".join(f"{plugin.name} {plugin.version}" for plugin in explanation.plugins) or "none"),
        ("Settings", f"version {explanation.settings_version}"),
        ("Facts", FACTS_WORDS[explanation.facts_state]),
        ("Digest of the facts", explanation.facts_digest),
        ("Digest of the rules", explanation.rules_digest),
        ("Audit trail", explanation.seal.words),
        ("Digest of the decision", explanation.seal.digest),
    ]


@cache
def _template() -> bytes:
    return template_in("arrears.compliance", "decision.typ")
