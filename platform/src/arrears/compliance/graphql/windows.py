"""Contact windows in the schema: when a debtor may next be contacted, by each way, and why not sooner."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from arrears.access.model import Permission
from arrears.compliance.graphql.decisions import MOST_ACCOUNTS_NAMED, Finding
from arrears.compliance.model import ContactQuestion, Verdict
from arrears.compliance.windows import (
    EVERYDAY,
    MOST_FINDINGS,
    MOST_WAYS,
    MOST_WINDOWS,
    ContactWindows as FoundWindows,
    WindowsQuestion,
    find_contact_windows,
)
from arrears.debtors.commands.facts import checked_languages
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import Info, argument, computed, loaded, output, plain, queries
from arrears.graphql.limits import FieldCost
from arrears.graphql.mutations import ID
from arrears.graphql.operation import RunningOperation
from arrears.kernel.calendar import LATEST
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import InputError, NotFoundError
from arrears_sdk.ids import decode_id
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content

if TYPE_CHECKING:
    from arrears.debtors.graphql import ContactPoint, Debtor

USUAL_DAYS = 30
MOST_REQUIREMENTS = 20
# Everything that may be asked of plugins in one go takes a good part of the longest time that an operation may last.
LOOKING_AHEAD = FieldCost(once=80_000, each=400)


@output(
    description="A time through which a contact would be allowed; one that goes on closes where the question ends.",
    permission=Permission.CONTACTS_ASK,
)
class ContactWindow:
    opens: datetime.datetime = plain(description="From this instant on.")
    closes: datetime.datetime = plain(description="Up to this instant, which is not within.")
    verdict: Verdict = plain(description="ALLOW, WARN, or REQUIRE when something has to be met first.")
    requirements: list[str] = plain(description="Everything that has to be met first.", most=MOST_REQUIREMENTS)
    warnings: list[str] = plain(
        description="The rules that warn in this window; `conditions` says what they say.", most=MOST_REQUIREMENTS
    )


@output(description="One channel, by one contact point where it needs one.", permission=Permission.CONTACTS_ASK)
class ContactWay:
    channel: CommunicationChannel = plain(description="The channel.")
    contact_point: ContactPoint | None = loaded(
        "contact_point_id", description="The contact point; null for letters and visits, which need none."
    )
    verdict: Verdict = plain(description="What would be answered at the first instant that was asked about.")
    deferred_until: datetime.datetime | None = plain(
        description="The instant until which that answer defers; whether everything stands then, `nextAt` says."
    )
    next_at: datetime.datetime | None = plain(
        description="The first instant at which contact would be allowed; null when no window was found."
    )
    closed: bool = plain(description="Whether everything was looked at and no window lies ahead.")
    why_not_sooner: list[Finding] = plain(
        description="What defers or denies before `nextAt`, and with none through the whole time: each rule once.",
        most=MOST_FINDINGS,
    )
    windows: list[ContactWindow] = plain(description="The windows, the earliest first.", most=MOST_WINDOWS)
    conditions: list[Finding] = plain(
        description="What warns or requires something in one of the windows: each rule once.", most=MOST_FINDINGS
    )
    checked_until: datetime.datetime = plain(description="Up to when the windows were looked for.")
    complete: bool = plain(
        description="Whether they were looked for up to the end; if not, ask again from `checkedUntil` on."
    )


@output(description="When one debtor may be contacted; nothing was stored.", permission=Permission.CONTACTS_ASK)
class ContactWindows:
    debtor: Debtor | None = loaded("debtor_id", description="With whom.")
    begins: datetime.datetime = plain(description="From when on it was asked about.")
    ends: datetime.datetime = plain(description="Up to when it was asked about.")
    ways: list[ContactWay] = plain(
        description="The channels in the order in which they were named, each by all contact points that it reaches.",
        most=MOST_WAYS,
    )
    complete: bool = plain(description="Whether every way was looked at up to the end.")
    settings_version: int = plain(description="The version of the settings that held.")


@queries
class WindowQueries:
    @computed(
        permission=Permission.CONTACTS_ASK,
        description="When a debtor may next be contacted, by which channel and contact point, and why not sooner. What"
        " is known today stands for the days ahead. Null when something that is named is unknown. Nothing is stored;"
        " `contactRequest` asks with effect.",
        cost=LOOKING_AHEAD,
    )
    async def contact_windows(
        self,
        info: Info,
        debtor_id: Annotated[
            ID | None, argument(description="The debtor; left out, the primary debtor of the accounts.")
        ] = None,
        account_ids: Annotated[
            list[ID] | None,
            argument(description="The debts to speak of, at most 100; left out, all open ones of the debtor."),
        ] = None,
        channels: Annotated[
            list[CommunicationChannel] | None,
            argument(description="By which ways; left out, calls, texts, emails and letters."),
        ] = None,
        contact_point_ids: Annotated[
            list[ID] | None,
            argument(description="The contact points to look at; left out, all that the channels reach."),
        ] = None,
        begins: Annotated[
            datetime.datetime | None, argument(name="from", description="From when on; left out, from now on.")
        ] = None,
        until: Annotated[
            datetime.datetime | None,
            argument(description="Up to when, at most 92 days later; left out, 30 days later."),
        ] = None,
        at_debtor_request: Annotated[bool, argument(description="Whether the debtor asked for the contact.")] = False,
        required_by_law: Annotated[bool, argument(description="Whether a law requires the contact.")] = False,
        purpose: Annotated[ContactPurpose, argument(description="What the contact is for.")] = ContactPurpose.COLLECT,
        party: Annotated[ContactParty, argument(description="With whom it is meant to be.")] = ContactParty.DEBTOR,
        content: Annotated[list[Content] | None, argument(description="What it would carry.")] = None,
        languages: Annotated[list[str] | None, argument(description="Its languages, as BCP 47 tags.")] = None,
    ) -> ContactWindows | None:
        operation: RunningOperation = info.context
        context = operation.context
        first = begins or context.clock.now()
        chosen = EVERYDAY if channels is None else tuple(channels)
        question = WindowsQuestion(
            contact=ContactQuestion(
                at=first,
                channel=chosen[0] if chosen else EVERYDAY[0],
                debtor_id=None if debtor_id is None else decode_id("dbtr", debtor_id),
                account_ids=_accounts(account_ids or ()),
                at_debtor_request=at_debtor_request,
                required_by_law=required_by_law,
                purpose=purpose,
                party=party,
                content=frozenset(content or ()),
                languages=tuple(checked_languages(languages or (), ("languages",))),
            ),
            until=until or min(first, LATEST) + datetime.timedelta(days=USUAL_DAYS),
            channels=chosen,
            contact_point_ids=tuple(decode_id("cont", id) for id in contact_point_ids or ()),
        )
        try:
            found: FoundWindows = await find_contact_windows(context, context.service(PluginHost), question)
        except NotFoundError:
            # As everywhere in queries: what is not there and what may not be seen is left out.
            return None
        return found  # type: ignore[return-value]


def _accounts(named: Sequence[ID]) -> tuple[UUID, ...]:
    if len(named) > MOST_ACCOUNTS_NAMED:
        raise InputError(f"At most {MOST_ACCOUNTS_NAMED} accounts can be named.", field=("accountIds",))
    return tuple(decode_id("acct", id) for id in named)
