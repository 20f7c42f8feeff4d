"""National identifiers: sealed when stored, shown only to who may see them, with a reason, on record."""

from __future__ import annotations

from sqlmodel import select

from arrears.access.model import Permission
from arrears.clients.model import checked_text
from arrears.debtors.commands.change import supplied
from arrears.debtors.commands.facts import national_id_row
from arrears.debtors.commands.inputs import NationalIdReveal, NationalIdRevealed, NationalIdSaved, NationalIdSet
from arrears.debtors.indexing import replace_tokens
from arrears.debtors.tables import DebtorRow, NationalIdRow
from arrears.debtors.tokens import blind_national_id, token_for_national_id
from arrears.kernel.command import command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction

_TABLE = "national_id"
_COLUMN = "sealed"


@command("national_id.set", permission=Permission.DEBTORS_WRITE)
async def national_id_set(tx: Transaction, change: NationalIdSet) -> NationalIdSaved:
    """Stores the debtor's identifier of a kind and country, sealed under the debtor's own key."""
    debtor = await load(tx, DebtorRow, change.debtor_id, kind="dbtr", field=("input", "debtorId"), lock=True)
    origin = await supplied(tx, debtor.id, change.supplied_by)
    values, digits = national_id_row(change, origin, ("input",))
    stored = await tx.session.execute(
        select(NationalIdRow).where(
            NationalIdRow.debtor_id == debtor.id,
            NationalIdRow.kind == change.kind.value,
            NationalIdRow.country == change.country,
        )
    )
    earlier = stored.scalars().one_or_none()
    row_id = values["id"] if earlier is None else earlier.id
    vault = tx.context.vault
    values["sealed"] = await vault.seal(tx, debtor.id, digits, table=_TABLE, row_id=row_id, column=_COLUMN)
    values["blind"] = blind_national_id(vault, digits)
    before = None if earlier is None else {"hint": Personal(earlier.hint)}
    if earlier is None:
        tx.session.add(NationalIdRow(**values))
    else:
        for name in ("sealed", "blind", "hint", "client_id"):
            setattr(earlier, name, values[name])
    await tx.session.flush()
    token = token_for_national_id(debtor.id, row_id, origin.client_id, values["blind"])
    await replace_tokens(tx, [row_id], [token])
    after = {"kind": change.kind.value, "country": change.country, "hint": Personal(values["hint"])}
    tx.audit(
        subject="dbtr",
        subject_id=debtor.id,
        client_id=origin.client_id,
        before=before,
        after=after,
        person_id=debtor.id,
    )
    payload = {"kind": change.kind.value, "country": change.country}
    tx.emit(Event("NationalIdSet", "dbtr", debtor.id, origin.client_id, payload))
    return NationalIdSaved(national_id_id=row_id, debtor_id=debtor.id)


@command("national_id.reveal", permission=Permission.IDENTITY_REVEAL)
async def national_id_reveal(tx: Transaction, change: NationalIdReveal) -> NationalIdRevealed:
    """Shows an identifier in clear and keeps on record who saw it and why.

    PERSON_ERASED once the debtor's data was erased.
    """
    reason = mask_card_numbers(checked_text(change.reason, ("input", "reason"), most=500))
    row = await load(tx, NationalIdRow, change.national_id_id, kind="natl", field=("input", "nationalIdId"))
    vault = tx.context.vault
    number = await vault.reveal(tx, row.debtor_id, row.sealed, table=_TABLE, row_id=row.id, column=_COLUMN)
    shown = {"revealed": {"kind": row.kind, "country": row.country}, "reason": Personal(reason)}
    tx.audit(subject="dbtr", subject_id=row.debtor_id, client_id=row.client_id, after=shown, person_id=row.debtor_id)
    tx.emit(Event("NationalIdRevealed", "dbtr", row.debtor_id, row.client_id, {"kind": row.kind}))
    return NationalIdRevealed(debtor_id=row.debtor_id, number=number)
