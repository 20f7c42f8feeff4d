"""Who joins and who leaves an account."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import col, select

from arrears.access.model import Permission
from arrears.accounts.model import CLOSED_STATUSES, AccountStatus, Liability, PartyRole, usual_liability
from arrears.accounts.queries import debtor_name, is_debtor_of_client
from arrears.accounts.tables import AccountRow, PartyRow
from arrears.debtors.commands.change import debtor_link_client
from arrears.debtors.commands.inputs import DebtorLinkClient
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import ErrorCode, InputError, NotFoundError, Problem, RefusedError


class PartyAdd(Command):
    """A further debtor of an account."""

    account_id: UUID
    debtor_id: UUID
    role: PartyRole
    liability: Liability | None = None
    from_on: date


class PartyAdded(Result):
    """The party that was added."""

    party_id: UUID
    account_id: UUID


class PartyEnd(Command):
    """The last day on which a party stands on its account."""

    party_id: UUID
    version: int
    until_on: date


class PartyEnded(Result):
    """The party that was ended."""

    party_id: UUID
    account_id: UUID


@command(
    "party.add",
    permission=Permission.ACCOUNTS_WRITE,
    constraints={
        "uq_party_account_id_debtor_id": Problem(
            ErrorCode.INVALID_INPUT, "This debtor stands on the account already.", ("input", "debtorId")
        )
    },
)
async def add_party(tx: Transaction, change: PartyAdd) -> PartyAdded:
    """Put a further debtor on an account that is not closed."""
    if change.role is PartyRole.PRIMARY:
        raise InputError("An account has one primary debtor, its own.", field=("input", "role"))
    # Locked, so that of two parties added at once each gets a place of its own.
    account = await load(tx, AccountRow, change.account_id, kind="acct", field=("input", "accountId"), lock=True)
    if AccountStatus(account.status) in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    name = await debtor_name(await tx.connection(), change.debtor_id)
    if name is None:
        raise NotFoundError("There is no such record (dbtr) that you may see.", field=("input", "debtorId"))
    standing = (
        (await tx.session.execute(select(PartyRow).where(col(PartyRow.account_id) == account.id))).scalars().all()
    )
    if any(party.debtor_id == change.debtor_id and party.until_on is None for party in standing):
        raise InputError("This debtor stands on the account already.", field=("input", "debtorId"))
    if not await is_debtor_of_client(await tx.connection(), change.debtor_id, account.client_id):
        link = DebtorLinkClient(debtor_id=change.debtor_id, client_id=account.client_id)
        await debtor_link_client.within(tx, link)
    party = PartyRow(
        client_id=account.client_id,
        account_id=account.id,
        debtor_id=change.debtor_id,
        role=change.role.value,
        liability=(change.liability or usual_liability(change.role)).value,
        position=1 + max((party.position for party in standing), default=0),
        name=name,
        from_on=change.from_on,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(party)
    _record(tx, party, None, {"role": party.role, "liability": party.liability, "from_on": party.from_on})
    _announce(tx, party, "PartyAdded", {"role": party.role})
    return PartyAdded(party_id=party.id, account_id=account.id)


@command("party.end", permission=Permission.ACCOUNTS_WRITE)
async def end_party(tx: Transaction, change: PartyEnd) -> PartyEnded:
    """Take a further debtor off an account after a last day."""
    party = await load(tx, PartyRow, change.party_id, kind="part", field=("input", "partyId"))
    check_version(party, change.version)
    if party.until_on is not None:
        raise RefusedError("The party has ended already.", code=ErrorCode.ALREADY_ENDED, field=("input", "partyId"))
    if party.role == PartyRole.PRIMARY:
        raise InputError("An account keeps its primary debtor.", field=("input", "partyId"))
    if change.until_on < party.from_on:
        raise InputError("The last day lies before the first.", field=("input", "untilOn"))
    party.until_on = change.until_on
    _record(tx, party, {"until_on": None}, {"until_on": change.until_on})
    _announce(tx, party, "PartyEnded", {"untilOn": change.until_on.isoformat()})
    return PartyEnded(party_id=party.id, account_id=party.account_id)


def _record(tx: Transaction, party: PartyRow, before: dict[str, object] | None, after: dict[str, object]) -> None:
    tx.audit(
        subject="part",
        subject_id=party.id,
        client_id=party.client_id,
        before=before,
        after={**after, "account_id": party.account_id, "debtor_id": party.debtor_id},
        person_id=party.debtor_id,
    )


def _announce(tx: Transaction, party: PartyRow, name: str, told: dict[str, str]) -> None:
    payload = {"accountId": str(party.account_id), "debtorId": str(party.debtor_id), **told}
    tx.emit(Event(name, "part", party.id, party.client_id, payload))
