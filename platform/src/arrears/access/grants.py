"""What several grants of one principal come to: its permissions and the rows it may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from arrears.access.model import AGENCY_ROLES, KIND_ROLES, ROLE_PERMISSIONS, Permission, PrincipalKind, Role
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope


@dataclass(frozen=True)
class Limit:
    """Where a role holds: within one client, one team or one account; everywhere when all are None."""

    client_id: UUID | None = None
    team_id: UUID | None = None
    account_id: UUID | None = None

    @property
    def everywhere(self) -> bool:
        """Whether there is no limit."""
        return self == EVERYWHERE


EVERYWHERE = Limit()


@dataclass(frozen=True)
class Grant:
    """One role within one limit."""

    role: Role
    limit: Limit = EVERYWHERE


@dataclass(frozen=True)
class Reach:
    """What a principal may do, and on which rows."""

    roles: frozenset[Role]
    permissions: frozenset[Permission]
    scope: Scope


def reach(grants: Sequence[Grant]) -> Reach:
    """What the grants come to: the union of their limits, and the permissions that hold in every one of them.

    A permission applies to every row of the scope. Were the permissions of different limits added up, a manager of one
    client who only reads another would manage both; so what does not hold everywhere counts nowhere.
    """
    roles = frozenset(grant.role for grant in grants)
    limits = {grant.limit for grant in grants}
    permissions = frozenset.intersection(*(_permissions_within(limit, grants) for limit in limits)) if limits else None
    staff = bool(roles & AGENCY_ROLES)
    if staff and EVERYWHERE in limits:
        return Reach(roles, permissions or frozenset(), Scope.everything())
    return Reach(
        roles,
        permissions or frozenset(),
        Scope(
            kind="limited",
            staff=staff,
            clients=_sorted(limit.client_id for limit in limits),
            teams=_sorted(limit.team_id for limit in limits),
            accounts=_sorted(limit.account_id for limit in limits),
        ),
    )


def contradiction(kind: PrincipalKind, grants: Sequence[Grant]) -> str | None:
    """Why these grants cannot stand together in one principal, in a sentence; None when they can."""
    roles = {grant.role for grant in grants}
    strange = sorted(roles - KIND_ROLES[kind])
    if strange:
        return f"A {kind.lower()} cannot hold the role {strange[0]}."
    if len(roles) > 1 and not roles <= AGENCY_ROLES:
        return "The role CLIENT cannot be held together with a role of the agency; make a second principal."
    if any(grant.role is Role.CLIENT and not (grant.limit.client_id or grant.limit.account_id) for grant in grants):
        return "The role CLIENT needs a client or an account that it is limited to."
    whole = frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
    if any(_permissions_within(grant.limit, grants) != whole for grant in grants):
        return (
            "Different roles within different limits cannot be held together, since a permission applies to everything"
            " that the principal sees; make a second principal."
        )
    return None


def exceeds(actor: Principal, permissions: Collection[str], limits: Collection[Limit] = ()) -> str | None:
    """What the actor would give away without holding it, in a sentence; None when it holds all of it."""
    lacking = sorted(permission for permission in permissions if not actor.may(permission))
    if lacking:
        return f"Nobody grants more than they hold; this needs {', '.join(lacking)}."
    scope = actor.scope
    if scope.kind != "all" and not all(_inside(limit, scope) for limit in limits):
        return "Nobody grants more than they hold; this reaches rows that you may not see."
    return None


def _permissions_within(limit: Limit, grants: Sequence[Grant]) -> frozenset[Permission]:
    covering = [ROLE_PERMISSIONS[grant.role] for grant in grants if grant.limit == limit or grant.limit.everywhere]
    return frozenset().union(*covering)


def _inside(limit: Limit, scope: Scope) -> bool:
    return (
        limit.client_id in scope.clients or limit.team_id in scope.teams or limit.account_id in scope.accounts
    ) and not limit.everywhere


def _sorted(ids: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple(sorted(found for found in ids if found is not None))
