"""What the compliance plugins, and the platform itself, would say to proposed actions. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from arrears.compliance.facts import (
    WantedAction,
    WantedContact,
    action_attempts,
    contact_attempt,
    gathered_for_contacts,
)
from arrears.compliance.pictures import Album
from arrears.compliance.ruling import ACTIONS, CONTACTS, rulings_of
from arrears.compliance.state import platform_says, state_ruling
from arrears.kernel.context import Context
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.ruling import Ruling
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel


@dataclass(frozen=True)
class Proposed:
    """What is proposed for accounts of one debtor at an instant; the settings of `place` decide who is asked."""

    at: datetime
    place: Place
    action: str
    channel: str | None
    account_ids: tuple[UUID, ...]


async def rulings_on(context: Context, host: PluginHost, proposed: Sequence[Proposed]) -> list[Ruling | None]:
    """One ruling for each, None for what needs nobody's leave: a task, a pause."""
    found: list[Ruling | None] = [None] * len(proposed)
    contacts = [index for index, one in enumerate(proposed) if one.channel is not None]
    acts = [index for index, one in enumerate(proposed) if one.action in ActionKind.__members__]
    for indexes, said in (
        (contacts, await _on_contacts(context, host, [proposed[index] for index in contacts])),
        (acts, await _on_acts(context, host, [proposed[index] for index in acts])),
    ):
        for index, ruling in zip(indexes, said, strict=True):
            found[index] = ruling
    return found


async def _on_contacts(context: Context, host: PluginHost, proposed: Sequence[Proposed]) -> list[Ruling]:
    if not proposed:
        return []
    wanted = [
        WantedContact(at=one.at, channel=CommunicationChannel(str(one.channel)), account_ids=one.account_ids)
        for one in proposed
    ]
    album = Album(await gathered_for_contacts(context, wanted, host))
    attempts = [contact_attempt(album, one) for one in wanted]
    said = await rulings_of(host, CONTACTS, attempts, [one.place for one in proposed])
    snapshot = await host.snapshot()
    return [
        ruling
        | platform_says(
            state_ruling(album, want, album.facts(want.account_ids[0], want.at).debtor_id, want.at), snapshot.version
        )
        for want, ruling in zip(wanted, said, strict=True)
    ]


async def _on_acts(context: Context, host: PluginHost, proposed: Sequence[Proposed]) -> list[Ruling]:
    """Each account of a grouped act is ruled on by itself; the act is ruled on as the strictest of them is."""
    if not proposed:
        return []
    wanted = [
        (index, WantedAction(at=one.at, kind=ActionKind(one.action), account_id=id))
        for index, one in enumerate(proposed)
        for id in one.account_ids
    ]
    attempts = await action_attempts(context, [want for _, want in wanted], host)
    said = await rulings_of(host, ACTIONS, attempts, [proposed[index].place for index, _ in wanted])
    found = [Ruling() for _ in proposed]
    for (index, _), ruling in zip(wanted, said, strict=True):
        found[index] |= ruling
    return found
