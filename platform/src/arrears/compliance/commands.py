"""The writers of decisions and permits: a contact or an act is asked for, permits are redeemed or given back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, SkipValidation

from arrears.access.model import Permission
from arrears.compliance.acting import ask_about_act
from arrears.compliance.asking import ask_about_contact
from arrears.compliance.deciding import decide, until_facts_stand
from arrears.compliance.model import ActAnswer, ActQuestion, ContactAnswer, ContactQuestion
from arrears.compliance.permits import PERMIT, check_accounts, check_contact, refused
from arrears.compliance.redeeming import redeem
from arrears.compliance.tables import PermitRow
from arrears.kernel.calendar import DatedCommand
from arrears.kernel.command import Command, CommandFunction, Receipt, Result, command, load
from arrears.kernel.context import Context
from arrears.kernel.transaction import Transaction
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import AccessError, ArrearsError, ErrorCode, FaultError, InputError, NotFoundError
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, Direction

_ANSWERED = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class ContactRequest(DatedCommand):
    """A contact that is to be made now: with a debtor, about the accounts, or about all of its open ones.

    `reply_to_id` is the inbound interaction that it answers, `reply_to` its instant where it was not recorded. `answer`
    is what the plugins said when they have been asked already; it is no part of what the caller gave.
    """

    model_config = _ANSWERED

    channel: CommunicationChannel
    debtor_id: UUID | None = None
    account_ids: tuple[UUID, ...] = ()
    contact_point_id: UUID | None = None
    at_debtor_request: bool = False
    required_by_law: bool = False
    purpose: ContactPurpose = ContactPurpose.COLLECT
    party: ContactParty = ContactParty.DEBTOR
    content: frozenset[Content] = frozenset()
    languages: tuple[str, ...] = ()
    reply_to: AwareDatetime | None = None
    reply_to_id: UUID | None = None
    answer: SkipValidation[ContactAnswer | None] = Field(default=None, exclude=True)

    def question(self, at: datetime) -> ContactQuestion:
        """What the rules are asked."""
        given = _given(self)
        del given["reply_to_id"]
        return ContactQuestion(at=at, **given)


class ActRequest(DatedCommand):
    """An act about a debt that is to be done now, or on the day `planned_on`."""

    model_config = _ANSWERED

    action: ActionKind
    account_id: UUID
    debtor_id: UUID | None = None
    amount: Money | None = None
    planned_on: date | None = None
    rate: Decimal | None = None
    place: str | None = None
    content: frozenset[Content] = frozenset()
    answer: SkipValidation[ActAnswer | None] = Field(default=None, exclude=True)

    def question(self, at: datetime) -> ActQuestion:
        """What the rules are asked."""
        return ActQuestion(at=at, **_given(self))


class Decided(Result):
    """The decision that was stored, and the permit if it allows."""

    decision_id: UUID
    permit_id: UUID | None = None


class PermitRedeem(Command):
    """What is about to be done on a permit: what is named has to be what was permitted."""

    permit_id: UUID
    channel: CommunicationChannel | None = None
    contact_point_id: UUID | None = None
    action: ActionKind | None = None
    account_ids: tuple[UUID, ...] = ()


class PermitReturn(Command):
    """A permit that will not be used."""

    permit_id: UUID


class PermitChanged(Result):
    """The permit, redeemed or given back."""

    permit_id: UUID


RequestT = TypeVar("RequestT", ContactRequest, ActRequest)


@command("contact.request", permission=Permission.CONTACTS_REQUEST)
async def decide_contact(tx: Transaction, change: ContactRequest) -> Decided:
    """Decide on a contact and keep the decision with everything that was said; with a permit when it allows."""
    answer = change.answer or await _contact_answer(tx.context, change)
    decision_id, permit = await decide(tx, answer)
    return Decided(decision_id=decision_id, permit_id=None if permit is None else permit.id)


@command("action.request", permission=Permission.CONTACTS_REQUEST)
async def decide_act(tx: Transaction, change: ActRequest) -> Decided:
    """Decide on an act about a debt and keep the decision; with a permit when it allows."""
    answer = change.answer or await _act_answer(tx.context, change)
    decision_id, permit = await decide(tx, answer)
    return Decided(decision_id=decision_id, permit_id=None if permit is None else permit.id)


async def request_contact(
    context: Context, change: ContactRequest, *, idempotency_key: str | None = None
) -> Receipt[Decided]:
    """The decision on a contact that is to be made now; the same key with the same input gives the first decision.

    Plugins are asked before the transaction begins, so that a slow one keeps no connection from others. Raises
    InputError unless the contact is with one debtor.
    """
    return await _request(context, decide_contact, change, _contact_answer, idempotency_key)


async def request_act(context: Context, change: ActRequest, *, idempotency_key: str | None = None) -> Receipt[Decided]:
    """The decision on an act that is to be done; the same key with the same input gives the first decision."""
    return await _request(context, decide_act, change, _act_answer, idempotency_key)


@command("permit.redeem", permission=Permission.CONTACTS_REQUEST)
async def redeem_permit(tx: Transaction, change: PermitRedeem) -> PermitChanged:
    """Take a permit for what is done next: it is checked again against everything recorded since the decision."""
    permit = await redeem(tx, change.permit_id, at=None)
    if permit.channel is not None or change.channel is not None or change.contact_point_id is not None:
        channel = None if change.channel is None else change.channel.value
        check_contact(permit, channel, change.contact_point_id, ("input", "channel"))
    if permit.action != (None if change.action is None else change.action.value):
        message = f"The permit is for {permit.action or 'a contact'}."
        raise refused(ErrorCode.PERMIT_MISMATCH, message, ("input", "action"))
    check_accounts(permit, change.account_ids, ("input", "accountIds"))
    permit.used_at = tx.now
    _audit(tx, permit, {"used_at": None}, {"used_at": permit.used_at})
    return PermitChanged(permit_id=permit.id)


@command("permit.return", permission=Permission.CONTACTS_REQUEST)
async def return_permit(tx: Transaction, change: PermitReturn) -> PermitChanged:
    """Give an unused permit back: it counts as an attempt no more."""
    field = ("input", "permitId")
    permit = await load(tx, PermitRow, change.permit_id, kind=PERMIT, field=field, lock=True)
    if permit.principal_id != tx.context.principal.id:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit was given to somebody else.", field)
    if permit.used_at is not None or permit.returned_at is not None:
        raise refused(ErrorCode.PERMIT_USED, "The permit was used or given back already.", field)
    permit.returned_at = tx.now
    _audit(tx, permit, {"returned_at": None}, {"returned_at": permit.returned_at})
    return PermitChanged(permit_id=permit.id)


async def _request(
    context: Context,
    function: CommandFunction[RequestT, Decided],
    change: RequestT,
    answer: Callable[[Context, RequestT], Awaitable[object]],
    key: str | None,
) -> Receipt[Decided]:
    if not context.principal.may(Permission.CONTACTS_REQUEST):
        raise AccessError(f"This needs the permission {Permission.CONTACTS_REQUEST}.", code=ErrorCode.FORBIDDEN)
    known = await function.replay(context, change, key)
    if known is not None:
        return known

    async def attempt() -> Receipt[Decided]:
        answered = change.model_copy(update={"answer": await answer(context, change)})
        return await function(context, answered, idempotency_key=key)

    return await until_facts_stand(attempt)


async def _contact_answer(context: Context, change: ContactRequest) -> ContactAnswer:
    question = change.question(context.clock.now())
    try:
        if change.reply_to_id is not None:
            question = replace(question, reply_to=await _replied_to(context, change.reply_to_id))
        answers = await ask_about_contact(context, context.service(PluginHost), question)
    except ArrearsError as error:
        raise _in_the_input(error) from error
    if len(answers) != 1:
        raise InputError("A contact is with one debtor: the accounts are of several.", field=("input", "accountIds"))
    return answers[0]


async def _act_answer(context: Context, change: ActRequest) -> ActAnswer:
    try:
        return await ask_about_act(context, context.service(PluginHost), change.question(context.clock.now()))
    except ArrearsError as error:
        raise _in_the_input(error) from error


async def _replied_to(context: Context, interaction_id: UUID) -> datetime:
    """When the interaction began that a contact answers; it has to have come from the debtor."""
    rows = await context.database.read(
        context.principal.scope,
        "select started_at, direction from interaction where id = %(id)s",
        {"id": interaction_id},
    )
    if not rows:
        raise NotFoundError("There is no such record (intr) that you may see.", field=("replyToId",))
    started_at, direction = rows[0]
    if direction != Direction.INBOUND:
        raise InputError("A reply answers what came from the debtor.", field=("replyToId",))
    if not isinstance(started_at, datetime):
        raise FaultError("An interaction has no beginning.")
    return started_at


def _in_the_input(error: ArrearsError) -> ArrearsError:
    return type(error).of([replace(each, field=("input", *each.field)) for each in error.problems])


def _given(change: Command) -> dict[str, Any]:
    return {name: getattr(change, name) for name in type(change).model_fields if name != "answer"}


def _audit(tx: Transaction, permit: PermitRow, before: dict[str, object], after: dict[str, object]) -> None:
    tx.audit(
        subject=PERMIT,
        subject_id=permit.id,
        client_id=permit.client_id,
        before=before,
        after=after,
        person_id=permit.debtor_id,
    )
