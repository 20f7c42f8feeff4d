"""The writers of principals, teams and roles. Nobody grants more than they hold."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field, field_validator

from arrears.access.grants import EVERYWHERE, Grant, Limit, contradiction, exceeds
from arrears.access.model import ROLE_PERMISSIONS, Permission, PrincipalKind, PrincipalStatus, Role
from arrears.access.queries import active_grants, check_visible
from arrears.access.tables import PrincipalRow, RoleGrantRow, TeamRow
from arrears.kernel.command import Command, Result, check_version, command, load
from arrears.kernel.personal import Personal, mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, Problem, RefusedError

LONGEST_NAME = 200
MOST_LIMITS = 250


class PrincipalCreate(Command):
    """A new principal. A person who signs in elsewhere is known by issuer and subject; a debtor by its debtor id."""

    kind: PrincipalKind
    name: str = Field(max_length=LONGEST_NAME)
    issuer: str | None = Field(default=None, max_length=500)
    subject: str | None = Field(default=None, max_length=500)
    debtor_id: UUID | None = None


class PrincipalDisable(Command):
    """A principal that must not sign in any more."""

    principal_id: UUID
    version: int


class PrincipalSaved(Result):
    """The principal that was made or changed."""

    principal_id: UUID


class TeamCreate(Command):
    """A new team."""

    name: str = Field(max_length=LONGEST_NAME)


class TeamCreated(Result):
    """The team that was made."""

    team_id: UUID


class RoleGrant(Command):
    """A role for a principal, within the clients, teams and accounts listed, or everywhere when that is said."""

    principal_id: UUID
    role: Role
    client_ids: list[UUID] = Field(default=[], max_length=MOST_LIMITS)
    team_ids: list[UUID] = Field(default=[], max_length=MOST_LIMITS)
    account_ids: list[UUID] = Field(default=[], max_length=MOST_LIMITS)
    everywhere: bool = False

    @field_validator("client_ids", "team_ids", "account_ids", mode="before")
    @classmethod
    def _null_is_none(cls, listed: object) -> object:
        return [] if listed is None else listed

    @property
    def limits(self) -> list[Limit]:
        """Each limit once; one without limit when the role is to hold everywhere."""
        listed = [
            *(Limit(client_id=one) for one in self.client_ids),
            *(Limit(team_id=one) for one in self.team_ids),
            *(Limit(account_id=one) for one in self.account_ids),
        ]
        return list(dict.fromkeys(listed)) or [EVERYWHERE]


class RoleGranted(Result):
    """The grants that were made, one for each limit; what the principal held already is not among them."""

    principal_id: UUID
    grant_ids: list[UUID]


class RoleRevoke(Command):
    """A grant that ends now."""

    grant_id: UUID


class RoleRevoked(Result):
    """The grant that ended, and whose it was."""

    grant_id: UUID
    principal_id: UUID


@command(
    "principal.create",
    permission=Permission.ACCESS_WRITE,
    constraints={
        "uq_principal_issuer_subject": Problem(
            ErrorCode.DUPLICATE_REFERENCE, "Another principal has this issuer and subject.", ("input", "subject")
        )
    },
)
async def principal_create(tx: Transaction, change: PrincipalCreate) -> PrincipalSaved:
    """Makes a principal without any role; only a debtor gets its one role at once.

    Raises InputError when issuer and subject, or kind and debtor, do not go together; NotFoundError for a debtor that
    the caller cannot see.
    """
    name = _named(change.name)
    if (change.issuer is None) != (change.subject is None):
        raise InputError("Give issuer and subject together, or neither.", field=("input", "subject"))
    if (change.kind is PrincipalKind.DEBTOR) != (change.debtor_id is not None):
        raise InputError("A debtor's principal names its debtor; no other does.", field=("input", "debtor_id"))
    if change.debtor_id is not None:
        await check_visible(tx, debtors=[change.debtor_id])
    row = PrincipalRow(
        kind=change.kind,
        name=name,
        issuer=change.issuer,
        subject=change.subject,
        debtor_id=change.debtor_id,
        status=PrincipalStatus.ACTIVE,
        created_at=tx.now,
        updated_at=tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    # A debtor's erasure covers its principal too; other people have a key of their own.
    tx.audit(subject="prin", subject_id=row.id, after=_shown(row), person_id=row.debtor_id or row.id)
    tx.emit(Event("PrincipalCreated", "prin", row.id, payload={"kind": change.kind.value}))
    if change.kind is PrincipalKind.DEBTOR:
        await _grant(tx, row, Role.DEBTOR, [EVERYWHERE])
    return PrincipalSaved(principal_id=row.id)


@command("principal.disable", permission=Permission.ACCESS_WRITE)
async def principal_disable(tx: Transaction, change: PrincipalDisable) -> PrincipalSaved:
    """Keeps the principal from signing in, with any key or token, from within a second on.

    CONFLICT when it was changed since the caller read it; ALREADY_ENDED when it is disabled already.
    """
    row = await load(tx, PrincipalRow, change.principal_id, kind="prin", field=("input", "principal_id"), lock=True)
    if row.status == PrincipalStatus.DISABLED:
        raise RefusedError("The principal is disabled already.", code=ErrorCode.ALREADY_ENDED)
    check_version(row, change.version)
    row.status = PrincipalStatus.DISABLED
    tx.audit(
        subject="prin",
        subject_id=row.id,
        before={"status": PrincipalStatus.ACTIVE.value},
        after={"status": PrincipalStatus.DISABLED.value},
    )
    tx.emit(Event("PrincipalDisabled", "prin", row.id))
    return PrincipalSaved(principal_id=row.id)


@command(
    "team.create",
    permission=Permission.ACCESS_WRITE,
    constraints={
        "uq_team_name": Problem(ErrorCode.DUPLICATE_REFERENCE, "Another team has this name.", ("input", "name"))
    },
)
async def team_create(tx: Transaction, change: TeamCreate) -> TeamCreated:
    """Makes a team; accounts are assigned to it, and roles are limited to it."""
    if tx.context.principal.scope.kind != "all":
        raise AccessError("Only someone who may see every client can add a team.", code=ErrorCode.FORBIDDEN)
    row = TeamRow(name=_named(change.name), created_at=tx.now, updated_at=tx.now)
    tx.session.add(row)
    tx.audit(subject="team", subject_id=row.id, after={"name": row.name})
    tx.emit(Event("TeamCreated", "team", row.id))
    return TeamCreated(team_id=row.id)


@command("role.grant", permission=Permission.ACCESS_WRITE)
async def role_grant(tx: Transaction, change: RoleGrant) -> RoleGranted:
    """Gives the principal the role within each limit; what it holds already stays as it is.

    Raises AccessError when the caller would give away more than it holds, RefusedError when the role cannot stand
    beside what the principal holds, NotFoundError for a limit that the caller cannot see.
    """
    if change.everywhere == bool(change.client_ids or change.team_ids or change.account_ids):
        raise InputError(
            "Say either where the role holds, by clients, teams or accounts, or that it holds everywhere.",
            code=ErrorCode.REQUIRED,
            field=("input", "everywhere"),
        )
    # Locked, so that two grants made at once cannot come to what neither would be allowed to.
    row = await load(tx, PrincipalRow, change.principal_id, kind="prin", field=("input", "principal_id"), lock=True)
    await check_visible(tx, clients=change.client_ids, teams=change.team_ids, accounts=change.account_ids)
    return RoleGranted(principal_id=row.id, grant_ids=await _grant(tx, row, change.role, change.limits))


@command("role.revoke", permission=Permission.ACCESS_WRITE)
async def role_revoke(tx: Transaction, change: RoleRevoke) -> RoleRevoked:
    """Ends the grant; who holds it loses it within a second. ALREADY_ENDED when it ended before."""
    row = await load(tx, RoleGrantRow, change.grant_id, kind="gran", field=("input", "grant_id"), lock=True)
    if row.revoked_at is not None:
        raise RefusedError("The grant has ended already.", code=ErrorCode.ALREADY_ENDED)
    row.revoked_at, row.revoked_by = tx.now, tx.context.principal.id
    tx.audit(subject="gran", subject_id=row.id, client_id=row.client_id, before=_shown_grant(row), after=None)
    tx.emit(Event("RoleRevoked", "gran", row.id, row.client_id, {"role": row.role}))
    return RoleRevoked(grant_id=row.id, principal_id=row.principal_id)


async def _grant(tx: Transaction, row: PrincipalRow, role: Role, limits: list[Limit]) -> list[UUID]:
    too_much = exceeds(tx.context.principal, ROLE_PERMISSIONS[role], limits)
    if too_much is not None:
        raise AccessError(too_much, code=ErrorCode.FORBIDDEN)
    if row.status == PrincipalStatus.DISABLED:
        raise ConflictError("The principal is disabled.", field=("input", "principal_id"))
    held = await active_grants(tx, row.id)
    added = [Grant(role, limit) for limit in limits if Grant(role, limit) not in held]
    wrong = contradiction(PrincipalKind(row.kind), [*held, *added])
    if wrong is not None:
        raise RefusedError(wrong, code=ErrorCode.INVALID_INPUT, field=("input", "role"))
    made = [
        RoleGrantRow(
            principal_id=row.id,
            role=role,
            client_id=grant.limit.client_id,
            team_id=grant.limit.team_id,
            account_id=grant.limit.account_id,
            granted_by=tx.context.principal.id,
            granted_at=tx.now,
        )
        for grant in added
    ]
    tx.session.add_all(made)
    for one in made:
        tx.audit(subject="gran", subject_id=one.id, client_id=one.client_id, before=None, after=_shown_grant(one))
        tx.emit(Event("RoleGranted", "gran", one.id, one.client_id, {"role": one.role}))
    return [one.id for one in made]


def _named(name: str) -> str:
    text = name.strip()
    if not text:
        raise InputError("A name is needed.", code=ErrorCode.REQUIRED, field=("input", "name"))
    return mask_card_numbers(text)


def _shown(row: PrincipalRow) -> dict[str, object]:
    return {
        "kind": row.kind,
        "name": Personal(row.name),
        "issuer": row.issuer,
        "subject": None if row.subject is None else Personal(row.subject),
        "debtor_id": row.debtor_id,
        "status": row.status,
    }


def _shown_grant(row: RoleGrantRow) -> dict[str, object]:
    return {
        "principal_id": row.principal_id,
        "role": row.role,
        "client_id": row.client_id,
        "team_id": row.team_id,
        "account_id": row.account_id,
    }
