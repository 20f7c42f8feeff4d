"""Redeems a permit: under the person's lock, after everything recorded since the decision was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from arrears.compliance.acting import act_shown, payment_shown
from arrears.compliance.asking import contact_shown
from arrears.compliance.attempts import Attempt
from arrears.compliance.model import ActQuestion, ContactQuestion, DecisionKind, PaymentQuestion
from arrears.compliance.permits import PERMIT, check_open, lock_person, refused
from arrears.compliance.standing import RECORDED_PARTS, changed, standing
from arrears.compliance.tables import DecisionRow, PermitRow
from arrears.kernel.command import load
from arrears.kernel.transaction import Transaction
from arrears.plugins.host import PluginHost
from arrears_sdk.errors import ErrorCode
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.money import Money
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.vocabulary import ActionKind, CommunicationChannel, Initiator, PaymentMethodKind

_FIELD = ("input", "permitId")


async def redeem(
    tx: Transaction, permit_id: UUID, *, at: datetime | None, field: tuple[str, ...] = _FIELD
) -> PermitRow:
    """The permit, locked and found good at an instant: that of a contact which was made already, else now.

    RefusedError with PERMIT_MISMATCH, PERMIT_USED, PERMIT_EXPIRED or PERMIT_OVERTAKEN.
    """
    permit = await load(tx, PermitRow, permit_id, kind=PERMIT, field=field)
    await lock_person(tx, permit.debtor_id)
    permit = await load(tx, PermitRow, permit_id, kind=PERMIT, field=field, lock=True)
    now = tx.context.clock.now()
    check_open(permit, tx.context.principal.id, at or now, field)
    decision = await load(tx, DecisionRow, permit.decision_id, kind="deci", field=field)
    attempts, own = await _shown_again(tx, permit, decision, at or now)
    parts = None if at is None else RECORDED_PARTS
    since = changed(_as_texts(permit.standing), standing(attempts), parts)
    objections = "; ".join(finding.reason for finding in own.deciding) if own.verdict > Verdict.WARN else ""
    if since or objections:
        message = f"Since the decision something else was recorded ({', '.join(since) or 'holds'})."
        raise refused(ErrorCode.PERMIT_OVERTAKEN, f"{message} {objections}".strip(), field)
    return permit


async def _shown_again(
    tx: Transaction, permit: PermitRow, decision: DecisionRow, at: datetime
) -> tuple[list[Attempt], Ruling]:
    """What the rules would be shown now, and what the platform itself says to that."""
    connection, host = await tx.connection(), tx.context.service(PluginHost)
    amount = None
    if decision.amount_minor is not None and decision.currency is not None:
        amount = Money(decision.amount_minor, decision.currency)
    content = frozenset(Content(word) for word in decision.content)
    if permit.kind == DecisionKind.CONTACT:
        return await contact_shown(connection, host, _contact(permit, decision, at))
    if permit.kind == DecisionKind.ACTION:
        act = ActQuestion(
            at=at,
            action=ActionKind(str(decision.action)),
            account_id=permit.account_ids[0],
            debtor_id=decision.debtor_id,
            amount=amount,
            planned_on=decision.planned_on,
            rate=decision.rate,
            place=decision.place,
            content=content,
        )
        return await act_shown(connection, host, act), Ruling()
    assert amount is not None
    payment = PaymentQuestion(
        at=at,
        account_id=permit.account_ids[0],
        amount=amount,
        method=PaymentMethodKind(str(decision.method)),
        gateway=str(decision.gateway),
        initiated_by=Initiator(decision.initiated_by),
        debtor_id=decision.debtor_id,
    )
    return await payment_shown(connection, host, payment), Ruling()


def _contact(permit: PermitRow, decision: DecisionRow, at: datetime) -> ContactQuestion:
    return ContactQuestion(
        at=at,
        channel=CommunicationChannel(str(decision.channel)),
        debtor_id=decision.debtor_id,
        account_ids=tuple(permit.account_ids),
        contact_point_id=decision.contact_point_id,
        at_debtor_request=decision.at_debtor_request,
        required_by_law=decision.required_by_law,
        purpose=ContactPurpose(str(decision.purpose)),
        party=ContactParty(str(decision.party)),
        content=frozenset(Content(word) for word in decision.content),
        languages=tuple(decision.languages),
        reply_to=decision.reply_to,
    )


def _as_texts(stored: Mapping[str, object]) -> dict[str, str]:
    return {name: str(digest) for name, digest in stored.items()}
