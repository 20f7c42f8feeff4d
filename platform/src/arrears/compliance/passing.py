"""Looks at contacts as they are recorded: each was made on a permit, or is decided afterwards and flagged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from arrears.compliance.asking import ask_about_made
from arrears.compliance.model import ENDPOINT_OF, ContactQuestion
from arrears.compliance.permits import PERMIT, check_accounts, check_contact, lock_person, refused
from arrears.compliance.redeeming import redeem
from arrears.compliance.storing import store_decisions
from arrears.compliance.tables import DecisionRow, PermitRow
from arrears.interactions.gate import OutboundContact, Passage, gate_keeper
from arrears.kernel.command import load
from arrears.kernel.transaction import Transaction
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode
from arrears_sdk.law.words import Content

# The clock of a telephone system may be a little behind ours.
TOLERANCE = timedelta(minutes=1)


class RecordedContacts:
    """The gate, as the contact log asks it."""

    async def passages(self, tx: Transaction, contacts: Sequence[OutboundContact]) -> list[Passage]:
        """How each stands; those without a good permit are asked about together, for the instants at which they began.

        RefusedError when a permit is named that was given for something else, to somebody else or is over.
        """
        found = [await _by_permit(tx, contact) for contact in contacts]
        outside = [index for index, passage in enumerate(found) if passage.decision_id is None]
        if not outside:
            return found
        made = [(_question(contacts[index]), contacts[index].client_id) for index in outside]
        answers = await ask_about_made(await tx.connection(), tx.context.service(PluginHost), made)
        decisions = await store_decisions(tx, answers, retrospective=True)
        for index, decision_id in zip(outside, decisions, strict=True):
            found[index] = Passage(found[index].permit_id, decision_id, outside_gate=True)
        return found


async def _by_permit(tx: Transaction, contact: OutboundContact) -> Passage:
    """The passage by the permit that is named; without a decision when it does not let the contact through."""
    if contact.permit_id is None:
        return Passage()
    permit = await load(tx, PermitRow, contact.permit_id, kind=PERMIT, field=contact.field)
    await lock_person(tx, permit.debtor_id)
    permit = await load(tx, PermitRow, contact.permit_id, kind=PERMIT, field=contact.field, lock=True)
    check_contact(permit, contact.channel.value, contact.contact_point_id, contact.field)
    if contact.is_elsewhere and contact.channel in ENDPOINT_OF:
        message = "The permit is not for the number or address that is written out."
        raise refused(ErrorCode.PERMIT_MISMATCH, message, contact.field)
    check_accounts(permit, contact.account_ids, contact.field)
    if permit.debtor_id != contact.debtor_id:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit is for a contact with somebody else.", contact.field)
    if permit.recorded_at is not None:
        raise refused(ErrorCode.PERMIT_USED, "Another contact was recorded on this permit.", contact.field)
    if contact.started_at < (permit.used_at or permit.granted_at) - TOLERANCE:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The contact began before the permit was given.", contact.field)
    if permit.used_at is None:
        await redeem(tx, permit.id, at=contact.started_at, field=contact.field)
        permit.used_at = tx.now
    elif permit.principal_id != tx.context.principal.id:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit was given to somebody else.", contact.field)
    await _check_exemptions(tx, permit, contact)
    permit.recorded_at = tx.now
    await tx.session.flush()
    # Redeemed in time and begun too late: it was made on the permit, and outside what that let happen.
    late = contact.started_at >= permit.expires_at
    return Passage(permit.id, None if late else permit.decision_id)


async def _check_exemptions(tx: Transaction, permit: PermitRow, contact: OutboundContact) -> None:
    """RefusedError for a contact that claims afterwards what would have taken it out of limits and counts."""
    decision = await load(tx, DecisionRow, permit.decision_id, kind="deci", field=contact.field)
    claimed = {
        "that the debtor asked for": contact.at_debtor_request and not decision.at_debtor_request,
        "that a law requires": contact.required_by_law and not decision.required_by_law,
    }
    for what in (words for words, is_new in claimed.items() if is_new):
        raise refused(ErrorCode.PERMIT_MISMATCH, f"The permit was not given for a contact {what}.", contact.field)


def _question(contact: OutboundContact) -> ContactQuestion:
    return ContactQuestion(
        at=contact.started_at,
        channel=contact.channel,
        debtor_id=contact.debtor_id,
        account_ids=contact.account_ids,
        contact_point_id=contact.contact_point_id,
        at_debtor_request=contact.at_debtor_request,
        required_by_law=contact.required_by_law,
        content=frozenset({Content.OPT_OUT_NOTICE}) if contact.opt_out_line else frozenset(),
        languages=() if contact.language is None else (contact.language,),
    )


gate_keeper.keep(RecordedContacts())
