"""Decisions explained in the schema: in plain words, with everything that stands behind them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

from arrears.access.model import Permission
from arrears.compliance.explaining import Explanation, FactsState, explain
from arrears.compliance.graphql.decisions import (
    MOST_FACTS,
    MOST_FINDINGS,
    MOST_PLUGINS,
    MOST_REQUIREMENTS,
    MOST_RULES,
    AskedPlugin,
    Requirement,
    UsedFact,
)
from arrears.compliance.model import Verdict
from arrears.compliance.sealing import SealState
from arrears.graphql.declare import Info, argument, computed, describe_enum, loaded, output, plain, queries
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import decode_id

if TYPE_CHECKING:
    from arrears.compliance.graphql.decisions import Decision

MOST_DETAILS = 30

describe_enum(
    FactsState,
    "What became of the facts that a decision was based on.",
    {
        "KEPT": "They are kept, and are those that the rules were shown.",
        "ERASED": "They are no longer kept: the person's data was erased.",
        "ALTERED": "What is kept is not what the rules were shown.",
    },
)
describe_enum(
    SealState,
    "Whether a stored decision agrees with the audit trail.",
    {
        "AGREES": "It agrees with its entry, which has its number in the chain.",
        "WAITING": "It agrees with its entry, which waits for its number.",
        "ALTERED": "It does not agree: it was altered after it was made.",
        "MISSING": "The trail knows nothing of it.",
    },
)


@output(description="One thing that was asked or is known.", permission=Permission.DECISIONS_READ)
class ExplainedDetail:
    name: str = plain(description="What it is.")
    value: str = plain(description="What it was.")


@output(description="What one rule said, with all that stands behind it.", permission=Permission.DECISIONS_READ)
class ExplainedFinding:
    verdict: Verdict = plain(description="What it comes to by itself.")
    reason: str = plain(description="Why, in plain words.")
    rule: str = plain(description="The rule's id; empty when the plugin names none.")
    rule_version: int | None = plain(description="The rule's version; null for what is no rule of a pack.")
    citation: str = plain(description="Where the rule is written down; empty when nowhere.")
    confidence: str = plain(description="How well its law was read: S, P or G; empty when the rule does not tell.")
    confidence_words: str = plain(description="The same in a sentence.")
    until: datetime.datetime | None = plain(
        description="The end of what is allowed, or the instant from which a deferral no longer objects."
    )
    facts: list[UsedFact] = plain(description="The facts that it used, in plain words.", most=MOST_FACTS)
    plugin: str = plain(description="The plugin that said so; `arrears` is the platform itself.")
    plugin_version: str = plain(description="The plugin's version.")
    client_id: str | None = plain(description="The client for whose debts it was said; null when for no single one.")


@output(description="A rule that was asked and had nothing to say.", permission=Permission.DECISIONS_READ)
class SilentRule:
    rule: str = plain(description="The rule's id.")
    version: int = plain(description="The rule's version.")
    citation: str = plain(description="Where it is written down.")
    confidence: str = plain(description="How well its law was read: S, P or G.")
    plugin: str = plain(description="The plugin whose rule it is.")
    plugin_version: str = plain(description="The version that was asked.")


@output(description="A fact that would change the answer, were it known.", permission=Permission.DECISIONS_READ)
class MissingFact:
    name: str = plain(description="The fact, as rules name it.")
    rule: str = plain(description="The rule that misses it.")
    meaning: str = plain(description="What is to be learned or recorded, in plain words.")
    mutation: str | None = plain(description="The mutation that records it; null when there is no single one.")


@output(
    description="Whether a stored decision still is what was decided, as its entry in the audit trail has it.",
    permission=Permission.DECISIONS_READ,
)
class DecisionSeal:
    state: SealState = plain(description="Whether it agrees.")
    sequence: int | None = plain(description="The entry's number in the chain.")
    digest: str = plain(description="SHA-256 of everything that is stored of the decision.")
    words: str = plain(description="The same in a sentence.")


@output(description="A decision in plain words.", permission=Permission.DECISIONS_READ)
class DecisionExplanation:
    decision: Decision | None = loaded("decision_id", description="The decision.")
    title: str = plain(description="A heading.")
    summary: str = plain(description="What was decided, in a sentence.")
    verdict: Verdict = plain(description="The strictest of all findings.")
    decided_at: datetime.datetime = plain(description="The instant that it was decided for.")
    decided_by: str = plain(description="Who asked.")
    asked: list[ExplainedDetail] = plain(description="What was asked.", most=MOST_DETAILS)
    findings: list[ExplainedFinding] = plain(description="What rules said, the strictest first.", most=MOST_FINDINGS)
    silent_rules: list[SilentRule] = plain(
        description="The rules that were asked and had nothing to say.", most=MOST_RULES
    )
    requirements: list[Requirement] = plain(
        description="What had to be met first, each with the mutation that meets it.", most=MOST_REQUIREMENTS
    )
    missing_facts: list[MissingFact] = plain(description="Facts that would help to know.", most=MOST_REQUIREMENTS)
    plugins: list[AskedPlugin] = plain(description="Every plugin that was asked.", most=MOST_PLUGINS)
    settings_version: int = plain(description="The version of the settings that held.")
    facts_digest: str = plain(description="SHA-256 of the facts that the rules were shown.")
    rules_digest: str = plain(description="SHA-256 of the rules that were asked.")
    facts_state: FactsState = plain(description="What became of those facts.")
    seal: DecisionSeal = plain(description="Whether the decision agrees with the audit trail.")
    pdf_path: str = plain(
        description="Where the same is as a page to print (PDF): a path on this server, with the same bearer token."
    )


@queries
class ExplanationQueries:
    @computed(
        permission=Permission.DECISIONS_READ,
        description="A decision in plain words: what was asked, what each rule said and on which facts, what would"
        " help, and whether what is stored is what was decided. Null for an unknown one.",
        cost=FieldCost(once=2_000),
    )
    async def decision_explain(
        self, info: Info, id: Annotated[ID, argument(description="The decision.")]
    ) -> DecisionExplanation | None:
        operation: RunningOperation = info.context
        try:
            found: Explanation = await explain(operation.context, decode_id("deci", id))
        except NotFoundError:
            # As everywhere in queries: what is not there and what may not be seen is left out.
            return None
        return found  # type: ignore[return-value]
