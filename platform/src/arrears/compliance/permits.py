"""Permits: given with a decision that allows, redeemed once and soon, or given back. Nothing acts without one.

Nobody else makes the SDK's `Permit`. A redeemed one is known to this process until it is spent, so that a look-alike, a
used one or one for something else lets nothing happen.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from arrears.compliance.model import ActAnswer, AnyAnswer, ContactAnswer, DecisionKind
from arrears.compliance.standing import standing
from arrears.compliance.tables import PermitRow
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, FaultError, RefusedError, TemporaryError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.permit import Permit
from arrears_sdk.vocabulary import Initiator

PERMIT = "prmt"
LONGEST = timedelta(minutes=10)

_redeemed: dict[str, Permit] = {}


class FactsChangedError(TemporaryError):
    """What was asked about is not as it was when the rules were asked: they have to be asked again."""


async def lock_person(tx: Transaction, debtor_id: UUID) -> datetime:
    """Whoever gives or redeems a permit for a person waits here for the one before; until the transaction ends.

    Gives the instant of the last permit: clocks of two servers may differ, and nobody may overlook it for that.
    """
    connection = await tx.connection()
    await connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('arrears person ' || %s::text, 0))", [debtor_id]
    )
    cursor = await connection.execute(
        "select max(granted_at) from permit where debtor_id = %s and returned_at is null and recorded_at is null",
        [debtor_id],
    )
    row = await cursor.fetchone()
    return tx.now if row is None or row[0] is None else row[0]


def grant(tx: Transaction, decision_id: UUID, answer: AnyAnswer, now: datetime) -> PermitRow | None:
    """The permit of a decision that allows, added to the transaction; None when it does not, or no longer."""
    if not answer.is_allowed(now):
        return None
    end = now + LONGEST
    row = PermitRow(
        id=new_id(),
        client_id=answer.client_id,
        debtor_id=answer.debtor_id,
        decision_id=decision_id,
        kind=_kind(answer).value,
        **_what(answer),
        account_ids=[id for part in answer.parts for id in part.account_ids],
        principal_id=tx.context.principal.id,
        granted_at=now,
        expires_at=end if answer.until is None else min(end, answer.until),
        standing=standing([part.attempt for part in answer.parts if part.attempt is not None]),
    )
    tx.session.add(row)
    return row


def check_open(permit: PermitRow, principal_id: UUID, at: datetime, field: tuple[str, ...]) -> None:
    """RefusedError unless the permit was given to this principal, is unused and not over at an instant."""
    if permit.principal_id != principal_id:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit was given to somebody else.", field)
    if permit.returned_at is not None:
        raise refused(ErrorCode.PERMIT_USED, "The permit was given back.", field)
    if permit.used_at is not None:
        raise refused(ErrorCode.PERMIT_USED, "The permit was used already: each is good for one act.", field)
    if at >= permit.expires_at:
        over = permit.expires_at.isoformat()
        raise refused(ErrorCode.PERMIT_EXPIRED, f"The permit ended at {over}: nothing may begin on it now.", field)


def check_contact(
    permit: PermitRow, channel: str | None, contact_point_id: UUID | None, field: tuple[str, ...]
) -> None:
    """RefusedError unless the permit is for a contact by this channel and contact point."""
    if permit.kind != DecisionKind.CONTACT:
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit is for no contact.", field)
    if permit.channel != channel:
        message = f"The permit is for {permit.channel}, not {channel or 'an act without a channel'}."
        raise refused(ErrorCode.PERMIT_MISMATCH, message, field)
    if permit.contact_point_id != contact_point_id:
        message = (
            "The permit is for another contact point."
            if permit.contact_point_id
            else ("The permit names no contact point: ask for one that names the one to be used.")
        )
        raise refused(ErrorCode.PERMIT_MISMATCH, message, field)


def check_accounts(permit: PermitRow, account_ids: Collection[UUID], field: tuple[str, ...]) -> None:
    """RefusedError unless the permit is about all of these debts."""
    if not set(account_ids) <= set(permit.account_ids):
        raise refused(ErrorCode.PERMIT_MISMATCH, "The permit is not about all of these debts.", field)


def refused(code: ErrorCode, message: str, field: tuple[str, ...]) -> RefusedError:
    """Why a permit lets nothing happen."""
    return RefusedError(message, code=code, field=field)


def use(tx: Transaction, row: PermitRow, what: str, now: datetime) -> None:
    """Marks a permit as used; once that is committed, this process can spend it on `what`."""
    row.used_at = now
    permit = Permit(
        id=encode_id(PERMIT, row.id),
        decision_id=encode_id("deci", row.decision_id),
        what=what,
        expires_at=row.expires_at,
    )
    tx.after_commit(lambda: _keep(permit, now))


def _keep(permit: Permit, now: datetime) -> None:
    """Knows a permit as redeemed; what was never spent in time is forgotten."""
    for id in [id for id, known in _redeemed.items() if known.expires_at <= now]:
        del _redeemed[id]
    _redeemed[permit.id] = permit


def redeemed(permit_id: UUID) -> Permit:
    """The permit that this process redeemed and has not spent yet; FaultError when there is none."""
    permit = _redeemed.get(encode_id(PERMIT, permit_id))
    if permit is None:
        raise FaultError("An act was about to happen without a redeemed permit.")
    return permit


def spend(permit: Permit, what: str, now: datetime) -> None:
    """Takes a redeemed permit for the one act that it is for; RefusedError lets that not happen."""
    known = _redeemed.get(permit.id)
    if known is None:
        raise refused(ErrorCode.PERMIT_USED, "The permit was spent already, or never redeemed.", ())
    if known is not permit or permit.what != what:
        raise refused(ErrorCode.PERMIT_MISMATCH, f"The permit is for {known.what!r}, not for {what!r}.", ())
    del _redeemed[permit.id]
    if now >= permit.expires_at:
        raise refused(ErrorCode.PERMIT_EXPIRED, "The permit's time is over.", ())


_ON_WHOSE_WISH = ("at_debtor_request", "required_by_law")


def _what(answer: AnyAnswer) -> dict[str, Any]:
    """The columns that say what is permitted."""
    columns: dict[str, Any] = {"initiated_by": _initiator(answer).value}
    columns |= {"at_debtor_request": False, "required_by_law": False}
    if isinstance(answer, ContactAnswer):
        question = answer.question
        columns |= {name: getattr(question, name).value for name in ("channel", "purpose", "party")}
        columns |= {name: getattr(question, name) for name in ("contact_point_id", *_ON_WHOSE_WISH)}
    if isinstance(answer, ActAnswer):
        columns["action"] = answer.question.action.value
    return columns


def _kind(answer: AnyAnswer) -> DecisionKind:
    if isinstance(answer, ContactAnswer):
        return DecisionKind.CONTACT
    return DecisionKind.ACTION if isinstance(answer, ActAnswer) else DecisionKind.PAYMENT


def _initiator(answer: AnyAnswer) -> Initiator:
    return Initiator.AGENCY if isinstance(answer, ActAnswer) else answer.question.initiated_by
