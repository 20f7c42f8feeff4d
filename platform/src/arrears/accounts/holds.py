"""Placing and releasing holds."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from arrears.access.model import Permission
from arrears.accounts.model import (
    BankruptcyChapter,
    HoldBlock,
    HoldKind,
    HoldScope,
    HoldSource,
    HoldState,
    hold_state,
    usual_blocks,
)
from arrears.accounts.queries import debtor_name, is_debtor_of_client
from arrears.accounts.tables import AccountRow, HoldRow
from arrears.clients.model import checked_text
from arrears.debtors.model import CommunicationChannel
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, RefusedError


class HoldPlace(DatedCommand):
    """A reason to stop: on one account, or on everything of a debtor; with a channel, on that channel only.

    Of `account_id` and `debtor_id` exactly one is given. `client_id` says which client a debtor's hold came from; left
    out, it is the agency's own knowledge. `blocks` is the kind's usual when left out.
    """

    account_id: UUID | None = None
    debtor_id: UUID | None = None
    client_id: UUID | None = None
    channel: CommunicationChannel | None = None
    kind: HoldKind
    bankruptcy_chapter: BankruptcyChapter | None = None
    blocks: tuple[HoldBlock, ...] | None = None
    reason: str
    source: HoldSource
    evidence: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class HoldPlaced(Result):
    """The hold that was placed."""

    hold_id: UUID


class HoldRelease(Command):
    """The end of a hold before its time."""

    hold_id: UUID
    version: int
    reason: str


class HoldReleased(Result):
    """The hold that was released."""

    hold_id: UUID


@command("hold.place", permission=Permission.HOLDS_WRITE)
async def place_hold(tx: Transaction, change: HoldPlace) -> HoldPlaced:
    """Stop some or all work; expiry is announced when the platform's clock reaches the end."""
    client_id, debtor_id = await _subject(tx, change)
    blocks = _blocks(change)
    starts_at = change.starts_at or tx.now
    if change.ends_at is not None and change.ends_at <= starts_at:
        raise InputError("A hold ends after it starts.", field=("input", "endsAt"))
    if change.bankruptcy_chapter is not None and change.kind is not HoldKind.BANKRUPTCY:
        raise InputError("Only a bankruptcy has a chapter.", field=("input", "bankruptcyChapter"))
    hold = HoldRow(
        client_id=client_id,
        account_id=change.account_id,
        debtor_id=debtor_id,
        kind=change.kind.value,
        bankruptcy_chapter=change.bankruptcy_chapter and change.bankruptcy_chapter.value,
        scope=_scope(change).value,
        channel=change.channel and change.channel.value,
        blocks=[block.value for block in blocks],
        reason=_text(change.reason, "reason"),
        source=change.source.value,
        evidence=None if change.evidence is None else _text(change.evidence, "evidence"),
        starts_at=starts_at,
        ends_at=change.ends_at,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(hold)
    if hold.ends_at is not None and hold.ends_at > tx.now:
        await tx.schedule("hold.expire", subject_id=hold.id, due_at=hold.ends_at, client_id=client_id)
    tx.audit(
        subject="hold",
        subject_id=hold.id,
        client_id=client_id,
        after={
            "account_id": hold.account_id,
            "debtor_id": debtor_id,
            "kind": hold.kind,
            "scope": hold.scope,
            "channel": hold.channel,
            "blocks": hold.blocks,
            "reason": Personal(hold.reason),
            "source": hold.source,
            "starts_at": starts_at,
            "ends_at": hold.ends_at,
        },
        person_id=debtor_id,
    )
    _announce(tx, hold, "HoldPlaced")
    return HoldPlaced(hold_id=hold.id)


@command("hold.release", permission=Permission.HOLDS_WRITE)
async def release_hold(tx: Transaction, change: HoldRelease) -> HoldReleased:
    """End a hold that has not ended by itself."""
    hold = await load(tx, HoldRow, change.hold_id, kind="hold", field=("input", "holdId"))
    check_version(hold, change.version)
    if hold_state(hold.starts_at, hold.ends_at, hold.released_at, tx.now) is HoldState.ENDED:
        raise RefusedError("The hold has ended already.", code=ErrorCode.ALREADY_ENDED, field=("input", "holdId"))
    hold.released_at, hold.release_reason = tx.now, _text(change.reason, "reason")
    tx.audit(
        subject="hold",
        subject_id=hold.id,
        client_id=hold.client_id,
        before={"released_at": None},
        after={"released_at": tx.now, "release_reason": Personal(hold.release_reason)},
        person_id=hold.debtor_id,
    )
    _announce(tx, hold, "HoldReleased")
    return HoldReleased(hold_id=hold.id)


async def _subject(tx: Transaction, change: HoldPlace) -> tuple[UUID | None, UUID]:
    """The client and the debtor of the hold, both visible to the principal."""
    if (change.account_id is None) == (change.debtor_id is None):
        raise InputError("Name the account or the debtor, one of the two.", field=("input", "accountId"))
    if change.account_id is not None:
        account = await load(tx, AccountRow, change.account_id, kind="acct", field=("input", "accountId"))
        if change.client_id not in (None, account.client_id):
            raise InputError("The account belongs to another client.", field=("input", "clientId"))
        return account.client_id, account.debtor_id
    assert change.debtor_id is not None
    connection = await tx.connection()
    if await debtor_name(connection, change.debtor_id) is None:
        raise NotFoundError("There is no such record (dbtr) that you may see.", field=("input", "debtorId"))
    if change.client_id is not None and not await is_debtor_of_client(connection, change.debtor_id, change.client_id):
        raise NotFoundError("There is no such record (clnt) that you may see.", field=("input", "clientId"))
    return change.client_id, change.debtor_id


def _scope(change: HoldPlace) -> HoldScope:
    if change.channel is not None:
        return HoldScope.CHANNEL
    return HoldScope.DEBT if change.account_id is not None else HoldScope.DEBTOR


def _blocks(change: HoldPlace) -> list[HoldBlock]:
    if change.channel is not None:
        if set(change.blocks or ()) - {HoldBlock.CONTACT}:
            raise InputError("A hold on a channel stops contact and nothing else.", field=("input", "blocks"))
        return [HoldBlock.CONTACT]
    if change.blocks is not None and not change.blocks:
        raise InputError("A hold that stops nothing is none.", code=ErrorCode.REQUIRED, field=("input", "blocks"))
    wanted = usual_blocks(change.kind) if change.blocks is None else frozenset(change.blocks)
    return [block for block in HoldBlock if block in wanted]


def _text(text: str, name: str) -> str:
    return mask_card_numbers(checked_text(text, ("input", name), most=2000))


def _announce(tx: Transaction, hold: HoldRow, name: str) -> None:
    payload = {
        "debtorId": str(hold.debtor_id),
        "accountId": None if hold.account_id is None else str(hold.account_id),
        "kind": hold.kind,
        "blocks": hold.blocks,
    }
    tx.emit(Event(name, "hold", hold.id, hold.client_id, payload))
