"""What holds for rules of law: each is one rule, cited, and shown by cases on both of its sides."""

from __future__ import annotations

from collections.abc import Sequence

from arrears_sdk.errors import InputError
from arrears_sdk.rules import AnyRule
from arrears_sdk.testing.batch_hooks import DECISION_HOOKS, shown
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.checks.decisions import findings
from arrears_sdk.testing.trial import Trial

_SHOWN = 10
_SOUND = ("batch.count", "batch.types", "decision.findings")


def _rules(trial: Trial) -> list[AnyRule]:
    """The rules of the plugin's packs."""
    return [rule for pack in trial.plugin.packs for rule in pack.rules]


@check(
    "law.rule-ids-unique",
    "If one id is two rules, the decision that names it does not say which law kept the agency from calling.",
    hooks=DECISION_HOOKS,
    of_packs=True,
    needs=("plugin.hooks",),
)
def an_id_is_one_rule(trial: Trial) -> None:
    """An id stands once in a pack; the packs for contacts, payments and acts may share it for the same law."""
    for pack in trial.plugin.packs:
        ids = [rule.id for rule in pack.rules]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise Violation(f"two rules of one pack are called {', '.join(twice)}")
    first: dict[str, AnyRule] = {}
    for rule in _rules(trial):
        other = first.setdefault(rule.id, rule)
        if (rule.citation, rule.jurisdiction) != (other.citation, other.jurisdiction):
            raise Violation(
                f"{rule.id} is {other.citation} in {other.jurisdiction}, and also {rule.citation}"
                f" in {rule.jurisdiction}; give each law its own id"
            )


@check(
    "law.citations",
    "A refusal that cites no law cannot be checked by the debtor, the agency's lawyer or the court.",
    hooks=DECISION_HOOKS,
    of_packs=True,
    needs=_SOUND,
)
def findings_are_of_cited_rules(trial: Trial) -> None:
    """Every finding of a plugin with rule packs is of one of their rules, and cites a law."""
    known = {rule.id for rule in _rules(trial)}
    for hook, attempt, finding in findings(trial):
        if finding.rule not in known:
            raise Violation(f"{hook} finds {finding.rule!r} for {shown(attempt)}, which is no rule of its packs")
        if not finding.citation.strip():
            raise Violation(f"{hook} finds {finding.rule} for {shown(attempt)} without a citation")


@check(
    "law.cases",
    "A rule that no case shows at its boundary may object a day too late, and nobody sees it before the regulator.",
    hooks=DECISION_HOOKS,
    of_packs=True,
    needs=("plugin.constructs", "law.rule-ids-unique"),
)
def cases_show_both_sides(trial: Trial) -> None:
    """Every rule has a case in which it objects and one in which it does not, and all cases hold."""
    try:
        from arrears_sdk.law.case_command import lacking, told
        from arrears_sdk.law.cases import run_cases, shipped_cases
    except ModuleNotFoundError as error:
        raise Violation(f'{error.name} is missing to read cases: pip install "arrears-sdk[law]"') from error
    try:
        results = run_cases(shipped_cases(trial.plugin), [trial.plugin])
    except InputError as error:
        raise Violation(f"its cases cannot be run: {error}") from error
    if failures := list(told(results)):
        raise Violation(_listed("its cases do not hold", failures))
    if lacks := list(lacking(results, [trial.plugin])):
        raise Violation(_listed("its rules lack cases in cases/*.yaml", lacks))


def _listed(what: str, lines: Sequence[str]) -> str:
    more = f"\n  and {len(lines) - _SHOWN} lines more" if len(lines) > _SHOWN else ""
    return f"{what}:" + "".join(f"\n  {line}" for line in lines[:_SHOWN]) + more
