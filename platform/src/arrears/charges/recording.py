"""What happens to a fee is written down in one way: the fee, a step that is never changed, the audit and the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from arrears.charges.model import FEE, FeeState, FeeStep, may_follow
from arrears.charges.tables import FeeClaimRow, FeeClaimStepRow
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, RefusedError
from arrears_sdk.ids import encode_id
from arrears_sdk.money import Money

MOST_REASON = 2_000


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One thing that happened to a fee: which, from when on it counts, why, and by which entry or decision."""

    step: FeeStep
    state: FeeState
    on: date
    reason: str
    entry_id: UUID | None = None
    decision_id: UUID | None = None


_POSITION = "select coalesce(max(position), 0) + 1 from fee_claim_step where fee_claim_id = %s"


async def note(tx: Transaction, fee: FeeClaimRow, happened: Happened) -> None:
    """Gives a fee its state and writes the step down; the caller has locked the fee and told nothing yet."""
    before = fee.state
    if happened.state != before:
        check_step(fee, happened.state)
    fee.state = happened.state.value
    await tx.session.flush()
    row = await (await (await tx.connection()).execute(_POSITION, [fee.id])).fetchone()
    principal = tx.context.principal
    tx.session.add(
        FeeClaimStepRow(
            client_id=fee.client_id,
            account_id=fee.account_id,
            fee_claim_id=fee.id,
            position=1 if row is None else int(row[0]),
            step=happened.step.value,
            state=happened.state.value,
            effective_on=happened.on,
            recorded_at=tx.now,
            recorded_by_id=principal.id,
            recorded_by_name=principal.name,
            reason=happened.reason[:MOST_REASON],
            entry_id=happened.entry_id,
            decision_id=happened.decision_id,
        )
    )
    await tx.session.flush()
    _audit(tx, fee, happened, None if happened.step is FeeStep.QUOTED else before)
    _tell(tx, fee, happened)


def check_step(fee: FeeClaimRow, wanted: FeeState) -> None:
    """RefusedError when a fee cannot become that from where it is."""
    if not may_follow(FeeState(fee.state), wanted):
        message = f"The fee is {fee.state}: it cannot become {wanted}."
        raise RefusedError(message, code=ErrorCode.STATUS_NOT_REACHABLE, field=("input", "feeClaimId"))


def _audit(tx: Transaction, fee: FeeClaimRow, happened: Happened, before: str | None) -> None:
    after = {
        "account": fee.account_id,
        "rule": fee.rule,
        "period": fee.period,
        "amount": Money(fee.amount_minor, fee.currency),
        "step": happened.step.value,
        "state": fee.state,
        "entry": happened.entry_id,
        "decision": happened.decision_id,
    }
    known: Mapping[str, object] | None = None if before is None else {"state": before}
    tx.audit(subject=FEE, subject_id=fee.id, client_id=fee.client_id, before=known, after=after)


def _tell(tx: Transaction, fee: FeeClaimRow, happened: Happened) -> None:
    payload = {
        "account_id": str(fee.account_id),
        "debtor_id": str(fee.debtor_id),
        "rule": fee.rule,
        "period": fee.period,
        "amount_minor": fee.amount_minor,
        "currency": fee.currency,
        "effective_on": happened.on.isoformat(),
        "entry_id": None if happened.entry_id is None else str(happened.entry_id),
    }
    if happened.step is FeeStep.QUOTED:
        tx.emit(Event("FeeQuoted", FEE, fee.id, fee.client_id, payload))
    elif happened.step is FeeStep.REFUSED:
        tx.emit(Event("FeeRefused", FEE, fee.id, fee.client_id, payload))
    elif happened.step is FeeStep.CLAIMED:
        tx.emit(Event("FeeClaimed", FEE, fee.id, fee.client_id, payload))
    elif happened.step is FeeStep.WAIVED:
        tx.emit(Event("FeeWaived", FEE, fee.id, fee.client_id, payload))
    elif happened.step is FeeStep.PAID:
        tx.emit(Event("FeePaid", FEE, fee.id, fee.client_id, payload))
    else:
        tx.emit(Event("FeeUnpaid", FEE, fee.id, fee.client_id, payload))


def shown(fee: FeeClaimRow) -> str:
    """A fee in words, for the reason of its entries."""
    return f"{fee.rule} for {fee.period} ({encode_id(FEE, fee.id)})"
