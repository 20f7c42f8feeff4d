"""Previews in the schema: what a client's strategy would do, and what would be said to it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated
from uuid import UUID

from arrears.access.model import Permission
from arrears.compliance import model as compliance
from arrears.compliance.facts import account_views
from arrears.compliance.graphql import Finding
from arrears.compliance.model import Verdict
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.build import PageInfo
from arrears.graphql.declare import Info, argument, computed, output, plain, queries
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.graphql.scalars import Money
from arrears.kernel.context import Context
from arrears.plugins.portraits import portraits
from arrears.strategies import settings  # noqa: F401 - declares the group
from arrears.strategies.preview import MOST_ACCOUNTS, Preview, ProposedAction as Proposal, StrategyUsed as Used, preview
from arrears.strategies.queries import Wanted
from arrears_sdk import ruling
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import decode_id, encode_id
from arrears_sdk.views import Account


@output(
    description="The strategy of a client or one of its portfolios, and whose scores it saw.",
    permission=Permission.STRATEGIES_PREVIEW,
)
class StrategyUsed:
    strategy: str = plain(description="The strategy's key.")
    plugin: str = plain(description="The plugin that decided.")
    plugin_version: str = plain(description="Its version.")
    settings_version: int = plain(description="The version of the settings under which it decided.")
    portfolio_id: ID | None = plain(description="The portfolio that has settings of its own; null for the client's.")
    scorer: str | None = plain(description="The plugin whose scores the strategy saw; null when there were none.")
    scorer_version: str | None = plain(description="Its version.")
    scorer_problem: str | None = plain(description="Why scores are missing; null when none is.")


@output(
    description="What the plugins that rule on an action would say to it, and the platform itself.",
    permission=Permission.STRATEGIES_PREVIEW,
)
class ProposedRuling:
    verdict: Verdict = plain(description="The strictest of all findings.")
    until: datetime.datetime | None = plain(
        description="The end of what is allowed; of a deferral the latest instant that a finding names."
    )
    requirements: list[str] = plain(description="Everything that has to be met first.")
    findings: list[Finding] = plain(description="Every finding, the strictest first.")


@output(description="One action that a strategy would take.", permission=Permission.STRATEGIES_PREVIEW)
class ProposedAction:
    account_id: ID = plain(description="The account; of a grouped action the one that leads.")
    reference: str = plain(description="The client's reference of that account.")
    account_ids: list[ID] = plain(description="All accounts of the debtor that the action covers.")
    action: str = plain(
        description="CONTACT, TASK, an act such as CHARGE_FEE or SUE, or PAUSE when nothing may happen."
    )
    channel: str | None = plain(description="By which way, of a CONTACT.")
    template: str | None = plain(description="The template of a message, or the name of a task.")
    due_at: datetime.datetime = plain(description="When it would happen.")
    step: str = plain(description="The step of the strategy that proposes it.")
    score: float | None = plain(description="What puts it before others: higher first.")
    account_score: float | None = plain(description="What the scorer thinks of the account, 0 to 1.")
    reason: str = plain(description="Why, for a person.")
    balance: Money = plain(description="What is owed on the account on the day.")
    days_past_due: int = plain(description="Whole days since it fell due; negative before.")
    strategy: StrategyUsed = plain(description="The strategy that proposes it.")
    ruling: ProposedRuling | None = plain(
        description="Whether it might be done; null for what needs nobody's leave, such as a task or a pause."
    )


@output(
    description="What a client's strategy would do on a day, for one page of its accounts. Nothing was written.",
    permission=Permission.STRATEGIES_PREVIEW,
)
class StrategyPreview:
    client_id: ID = plain(description="The client.")
    on: datetime.date = plain(description="The business day, in the client's zone.")
    account_count: int = plain(description="How many accounts of the page were decided on.")
    strategies: list[StrategyUsed] = plain(
        description="The strategies that decided: the client's, and portfolios' own."
    )
    actions: list[ProposedAction] = plain(description="The proposed actions: the earliest first, then by their score.")
    page_info: PageInfo = plain(description="Whether there are further accounts; `endCursor` goes into `after`.")


async def _accounts_now(context: Context, ids: Sequence[UUID]) -> Sequence[Account]:
    return await account_views(context, ids, context.clock.now())


# Plugins that extend accounts are shown them as scorers are.
portraits.accounts = _accounts_now


@dataclass(frozen=True)
class _PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class _Ruling:
    verdict: Verdict
    until: datetime.datetime | None
    requirements: list[str]
    findings: list[compliance.Finding]


@dataclass(frozen=True)
class _Action:
    proposal: Proposal
    ruling: _Ruling | None

    @property
    def channel(self) -> CommunicationChannel | None:
        return None if self.proposal.channel is None else CommunicationChannel(self.proposal.channel)

    def __getattr__(self, name: str) -> object:
        return getattr(self.proposal, name)


@dataclass(frozen=True)
class _Preview:
    client_id: str
    on: datetime.date
    account_count: int
    strategies: tuple[Used, ...]
    actions: list[_Action]
    page_info: _PageInfo


@queries
class StrategyQueries:
    @computed(
        description="What the strategy that a client's settings choose would do with its accounts now or on a day, with"
        " scores, reasons and the rulings that each action would get; null for a client or account that you may not"
        " see. Nothing is written, and nobody is contacted.",
        permission=Permission.STRATEGIES_PREVIEW,
        cost=FieldCost(once=10_000, each=200, usual=50),
    )
    async def strategy_preview(
        self,
        info: Info,
        client_id: Annotated[
            ID | None, argument(description="The client; left out, the one of the named accounts.")
        ] = None,
        account_ids: Annotated[
            list[ID] | None, argument(description=f"Only these accounts of the client, at most {MOST_ACCOUNTS}.")
        ] = None,
        first: Annotated[
            int | None, argument(description=f"How many accounts; 50 when not given, at most {MOST_ACCOUNTS}.")
        ] = None,
        after: Annotated[
            str | None, argument(description="Begin after this cursor: the `endCursor` of the page before.")
        ] = None,
        on: Annotated[
            datetime.date | None, argument(description="The business day in the client's zone; today when not given.")
        ] = None,
    ) -> StrategyPreview | None:
        operation: RunningOperation = info.context
        wanted = Wanted(
            client_id=None if client_id is None else decode_id("clnt", client_id),
            account_ids=None if account_ids is None else [decode_id("acct", id) for id in account_ids],
            first=50 if first is None else first,
            after=None if after is None else decode_id("acct", after),
        )
        try:
            found = await preview(operation.context, wanted, on)
        except NotFoundError:
            # What the caller may not see is as if it were not there, here as in every other query.
            return None
        return _shown(found, wanted)  # type: ignore[return-value]


def _shown(found: Preview, wanted: Wanted) -> _Preview:
    first, last = min(found.page.asked, default=None), found.page.last
    client_id = encode_id("clnt", found.client_id)
    return _Preview(
        client_id=client_id,
        on=found.day,
        account_count=len(found.page.asked),
        strategies=found.strategies,
        actions=[_Action(action, _ruling(action.ruling, client_id)) for action in found.actions],
        page_info=_PageInfo(
            has_next_page=found.page.more,
            has_previous_page=wanted.after is not None,
            start_cursor=None if first is None else encode_id("acct", first),
            end_cursor=None if last is None else encode_id("acct", last),
        ),
    )


def _ruling(given: ruling.Ruling | None, client_id: str) -> _Ruling | None:
    if given is None:
        return None
    findings = [
        compliance.Finding(
            position=position,
            client_id=client_id,
            **{
                **{field.name: getattr(finding, field.name) for field in fields(finding)},
                "verdict": Verdict[finding.verdict.name],
            },
        )
        for position, finding in enumerate(given.ordered)
    ]
    return _Ruling(Verdict[given.verdict.name], given.until, list(given.requirements), findings)
