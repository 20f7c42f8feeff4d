"""The writer of decisions: a contact is asked for, and what was answered is kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import ConfigDict, Field, SkipValidation

from arrears.access.model import Permission
from arrears.compliance.asking import ask_about_contact
from arrears.compliance.model import ContactAnswer, ContactQuestion
from arrears.kernel.batches import insert_rows
from arrears.kernel.command import Command, Receipt, Result, command
from arrears.kernel.context import Context
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import AccessError, ArrearsError, ErrorCode, InputError
from arrears_sdk.ids import new_id
from arrears_sdk.vocabulary import CommunicationChannel

if TYPE_CHECKING:
    from collections.abc import Mapping


class ContactRequest(Command):
    """A contact that is to be made now: with a debtor, about the accounts, or about all of its open ones.

    `answer` is what the plugins said when they have been asked already; it is no part of what the caller gave.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    channel: CommunicationChannel
    debtor_id: UUID | None = None
    account_ids: tuple[UUID, ...] = ()
    contact_point_id: UUID | None = None
    at_debtor_request: bool = False
    required_by_law: bool = False
    answer: SkipValidation[ContactAnswer | None] = Field(default=None, exclude=True)


class ContactDecided(Result):
    """The decision that was stored."""

    decision_id: UUID


@command("contact.request", permission=Permission.CONTACTS_REQUEST)
async def decide_contact(tx: Transaction, change: ContactRequest) -> ContactDecided:
    """Decide on a contact and keep the decision with everything that was said."""
    answer = change.answer
    if answer is None:
        answer = await _answer(tx.context, change)
    decision_id = new_id()
    connection = await tx.connection()
    # A permit for the contact belongs beside the row: it stands or falls with the same transaction.
    await insert_rows(connection, "decision", [_decision(tx, decision_id, answer)])
    await insert_rows(connection, "decision_account", _accounts(tx, decision_id, answer))
    _announce(tx, decision_id, answer)
    return ContactDecided(decision_id=decision_id)


async def request_contact(
    context: Context, change: ContactRequest, *, idempotency_key: str | None = None
) -> Receipt[ContactDecided]:
    """The decision on a contact that is to be made now; the same key with the same input gives the first decision.

    Plugins are asked before the transaction begins, so that a slow one keeps no connection from others. Raises
    InputError unless the contact is with one debtor.
    """
    if not context.principal.may(Permission.CONTACTS_REQUEST):
        raise AccessError(f"This needs the permission {Permission.CONTACTS_REQUEST}.", code=ErrorCode.FORBIDDEN)
    known = await decide_contact.replay(context, change, idempotency_key)
    if known is not None:
        return known
    answered = change.model_copy(update={"answer": await _answer(context, change)})
    return await decide_contact(context, answered, idempotency_key=idempotency_key)


async def _answer(context: Context, change: ContactRequest) -> ContactAnswer:
    fields = {name: getattr(change, name) for name in ContactRequest.model_fields if name != "answer"}
    question = ContactQuestion(at=context.clock.now(), **fields)
    try:
        answers = await ask_about_contact(context, context.service(PluginHost), question)
    except ArrearsError as error:
        raise type(error).of([replace(each, field=("input", *each.field)) for each in error.problems]) from error
    if len(answers) != 1:
        raise InputError("A contact is with one debtor: the accounts are of several.", field=("input", "accountIds"))
    return answers[0]


def _decision(tx: Transaction, decision_id: UUID, answer: ContactAnswer) -> dict[str, object]:
    return {
        "id": decision_id,
        "client_id": answer.client_id,
        "debtor_id": answer.debtor_id,
        "decided_at": answer.at,
        "channel": answer.channel.value,
        "contact_point_id": answer.contact_point_id,
        "at_debtor_request": answer.question.at_debtor_request,
        "required_by_law": answer.question.required_by_law,
        "verdict": answer.verdict.value,
        "until": answer.until,
        "rounds": answer.rounds,
        "requirements": answer.requirements,
        "findings": answer.findings,
        "plugins": answer.plugins,
        "facts_digest": answer.facts_digest,
        "settings_version": answer.settings_version,
        "decided_by_id": tx.context.principal.id,
        "decided_by_name": tx.context.principal.name,
    }


def _accounts(tx: Transaction, decision_id: UUID, answer: ContactAnswer) -> list[Mapping[str, object]]:
    return [
        {
            "client_id": account.client_id,
            "decision_id": decision_id,
            "account_id": account.account_id,
            "debtor_id": answer.debtor_id,
            "decided_at": answer.at,
            "verdict": account.verdict.value,
            "until": account.until,
        }
        for account in answer.accounts
    ]


def _announce(tx: Transaction, decision_id: UUID, answer: ContactAnswer) -> None:
    after = {
        "verdict": answer.verdict.value,
        "channel": answer.channel.value,
        "until": answer.until,
        "findings": [
            {
                "plugin": finding.plugin,
                "version": finding.plugin_version,
                "rule": finding.rule,
                "verdict": finding.verdict.value,
            }
            for finding in answer.findings
        ],
        "plugins": [asdict(plugin) for plugin in answer.plugins],
        "settings_version": answer.settings_version,
        "facts_digest": answer.facts_digest,
    }
    client_id, debtor_id = answer.client_id, answer.debtor_id
    tx.audit(subject="deci", subject_id=decision_id, client_id=client_id, after=after, person_id=debtor_id)
    payload = {
        "debtorId": str(debtor_id),
        "accountIds": [str(account.account_id) for account in answer.accounts],
        "channel": answer.channel.value,
        "contactPointId": None if answer.contact_point_id is None else str(answer.contact_point_id),
        "verdict": answer.verdict.value,
        "until": None if answer.until is None else answer.until.isoformat(),
    }
    tx.emit(Event("ContactDecided", "deci", decision_id, client_id, payload))
