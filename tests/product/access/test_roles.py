"""What roles and limits come to, and that nobody grants more than they hold."""

from __future__ import annotations

from uuid import UUID

import pytest

from arrears.access.commands import (
    PrincipalCreate,
    PrincipalDisable,
    RoleGrant,
    RoleRevoke,
    TeamCreate,
    principal_create,
    principal_disable,
    role_grant,
    role_revoke,
    team_create,
)
from arrears.access.grants import EVERYWHERE, Grant, Limit, contradiction, exceeds, reach
from arrears.access.model import AGENCY_ROLES, EVERY_PERMISSION, ROLE_PERMISSIONS, Permission, PrincipalKind, Role
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.errors import AccessError, ConflictError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import new_id
from tests.conftest import Deployment

A, B = new_id(), new_id()
TEAM, ACCOUNT = new_id(), new_id()
IN_A, IN_B = Limit(client_id=A), Limit(client_id=B)


def admin_limited_to(scope: Scope) -> Principal:
    return Principal(
        id=new_id(),
        kind="PERSON",
        name="limited",
        roles=frozenset({"ADMIN"}),
        permissions=frozenset(EVERY_PERMISSION),
        scope=scope,
    )


def test_each_role_may_do_exactly_this() -> None:
    reads = "accounts clients debtors facts holds interactions ledger payments"
    case_reads = {"self.read", *(f"{one}.read" for one in reads.split())}
    case_writes = {f"{one}.write" for one in ("accounts", "debtors", "facts", "holds", "interactions")}
    case_writes |= {"licences.read", "payments.charge"}
    contacts = {"contacts.ask", "contacts.request", "decisions.read"}
    oversight = {"access.read", "deployment.read", "settings.read", "events.read", "privacy.read", "strategies.preview"}
    assert {role.value: set(permissions) for role, permissions in ROLE_PERMISSIONS.items()} == {
        "ADMIN": set(Permission),
        "MANAGER": case_reads
        | case_writes
        | contacts
        | oversight
        | {"contacts.reveal", "identity.reveal", "ledger.write", "imports.read", "imports.write"}
        | {"payments.refund", "events.write", "licences.write"},
        "COLLECTOR": case_reads | case_writes | contacts | {"contacts.reveal", "strategies.preview"},
        "AUDITOR": case_reads | oversight | {"imports.read", "audit.read", "decisions.read", "licences.read"},
        "CLIENT": case_reads | {"imports.read"},
        "DEBTOR": {"self.read", "debtors.read", "accounts.read"},
        "SERVICE": set(Permission),
    }


def test_a_role_without_a_limit_sees_everything_and_limits_are_a_union() -> None:
    everything = reach([Grant(Role.COLLECTOR)])
    limited = reach(
        [
            Grant(Role.COLLECTOR, IN_A),
            Grant(Role.COLLECTOR, Limit(team_id=TEAM)),
            Grant(Role.COLLECTOR, Limit(account_id=ACCOUNT)),
        ]
    )
    assert everything.scope == Scope.everything()
    assert limited.scope == Scope(kind="limited", staff=True, clients=(A,), teams=(TEAM,), accounts=(ACCOUNT,))
    assert everything.permissions == limited.permissions == ROLE_PERMISSIONS[Role.COLLECTOR]


def test_a_client_user_is_never_staff_and_sees_its_client_only() -> None:
    reached = reach([Grant(Role.CLIENT, IN_A)])
    assert reached.scope == Scope(kind="limited", staff=False, clients=(A,))
    assert Permission.CONTACTS_REVEAL not in reached.permissions


def test_without_a_grant_there_is_nothing() -> None:
    assert reach([]).permissions == frozenset()
    assert reach([]).scope == Scope(kind="limited", staff=False)


@pytest.mark.parametrize("stronger", sorted(AGENCY_ROLES))
@pytest.mark.parametrize("weaker", sorted(AGENCY_ROLES))
def test_no_combination_of_limits_lends_a_permission_to_rows_it_was_not_granted_for(
    stronger: Role, weaker: Role
) -> None:
    """Left over after a revocation, different roles in different limits come to what holds in all of them."""
    reached = reach([Grant(stronger, IN_A), Grant(weaker, IN_B)])
    assert reached.permissions == ROLE_PERMISSIONS[stronger] & ROLE_PERMISSIONS[weaker]
    everywhere = reach([Grant(stronger, IN_A), Grant(weaker, EVERYWHERE)])
    assert everywhere.permissions == ROLE_PERMISSIONS[weaker]


@pytest.mark.parametrize(
    ("kind", "grants", "why"),
    [
        ("PERSON", [Grant(Role.ADMIN), Grant(Role.COLLECTOR, IN_A)], None),
        ("PERSON", [Grant(Role.COLLECTOR, IN_A), Grant(Role.AUDITOR, IN_A)], None),
        ("SERVICE", [Grant(Role.CLIENT, IN_A), Grant(Role.CLIENT, IN_B)], None),
        ("PERSON", [Grant(Role.COLLECTOR, IN_A), Grant(Role.AUDITOR, IN_B)], "Different roles within different limits"),
        ("PERSON", [Grant(Role.ADMIN, IN_A), Grant(Role.COLLECTOR)], "Different roles within different limits"),
        (
            "PERSON",
            [Grant(Role.CLIENT, IN_A), Grant(Role.COLLECTOR, IN_A)],
            "cannot be held together with a role of the",
        ),
        ("PERSON", [Grant(Role.CLIENT)], "needs a client or an account"),
        ("PERSON", [Grant(Role.CLIENT, Limit(team_id=TEAM))], "needs a client or an account"),
        ("PERSON", [Grant(Role.SERVICE)], "A person cannot hold the role SERVICE."),
        ("PERSON", [Grant(Role.DEBTOR)], "A person cannot hold the role DEBTOR."),
        ("SERVICE", [Grant(Role.ADMIN)], "A service cannot hold the role ADMIN."),
        ("DEBTOR", [Grant(Role.COLLECTOR)], "A debtor cannot hold the role COLLECTOR."),
    ],
)
def test_which_grants_can_stand_together(kind: str, grants: list[Grant], why: str | None) -> None:
    found = contradiction(PrincipalKind(kind), grants)
    assert found is None if why is None else why in (found or "")


def test_nobody_gives_away_a_permission_or_rows_they_do_not_hold() -> None:
    limited = admin_limited_to(Scope(kind="limited", staff=True, clients=(A,)))
    collector = Principal(
        id=new_id(),
        kind="PERSON",
        name="c",
        roles=frozenset({"COLLECTOR"}),
        permissions=frozenset(ROLE_PERMISSIONS[Role.COLLECTOR]),
        scope=Scope.everything(),
    )
    assert exceeds(limited, ROLE_PERMISSIONS[Role.ADMIN], [IN_A]) is None
    assert "rows that you may not see" in (exceeds(limited, [], [IN_B]) or "")
    assert "rows that you may not see" in (exceeds(limited, [], [EVERYWHERE]) or "")
    assert exceeds(collector, ROLE_PERMISSIONS[Role.AUDITOR]) == (
        "Nobody grants more than they hold; this needs access.read, audit.read, deployment.read,"
        " events.read, imports.read, privacy.read, settings.read."
    )


async def make(deployment: Deployment, kind: PrincipalKind = PrincipalKind.PERSON, name: str = "Ada") -> UUID:
    receipt = await principal_create(deployment.context(), PrincipalCreate(kind=kind, name=name))
    return receipt.result.principal_id


async def test_a_role_is_granted_once_for_each_limit_and_revoked_once(deployment: Deployment) -> None:
    person = await make(deployment)
    team = (await team_create(deployment.context(), TeamCreate(name="Early stage"))).result.team_id
    change = RoleGrant(principal_id=person, role=Role.COLLECTOR, team_ids=[team, team])

    first = (await role_grant(deployment.context(), change)).result
    again = (await role_grant(deployment.context(), change)).result

    assert len(first.grant_ids) == 1
    assert again.grant_ids == []
    (grant,) = first.grant_ids
    revoked = (await role_revoke(deployment.context(), RoleRevoke(grant_id=grant))).result
    assert (revoked.grant_id, revoked.principal_id) == (grant, person)
    with pytest.raises(RefusedError) as refused:
        await role_revoke(deployment.context(), RoleRevoke(grant_id=grant))
    assert refused.value.code is ErrorCode.ALREADY_ENDED
    assert len((await role_grant(deployment.context(), change)).result.grant_ids) == 1


async def test_a_limit_that_is_missing_invisible_or_contradictory_is_refused(deployment: Deployment) -> None:
    person = await make(deployment)

    async def refused(error: type[Exception], **limits: object) -> tuple[ErrorCode, tuple[str, ...]]:
        with pytest.raises(error) as caught:
            await role_grant(
                deployment.context(),
                RoleGrant.model_validate({"principal_id": person, "role": Role.COLLECTOR, **limits}),
            )
        problem = caught.value.problems[0]  # type: ignore[attr-defined]
        return problem.code, problem.field

    assert await refused(InputError) == (ErrorCode.REQUIRED, ("input", "everywhere"))
    assert await refused(InputError, client_ids=[A], everywhere=True) == (ErrorCode.REQUIRED, ("input", "everywhere"))
    assert await refused(NotFoundError, client_ids=[A]) == (ErrorCode.NOT_FOUND, ("input", "client_ids"))
    assert await refused(NotFoundError, team_ids=[A]) == (ErrorCode.NOT_FOUND, ("input", "team_ids"))
    assert await refused(NotFoundError, account_ids=[A]) == (ErrorCode.NOT_FOUND, ("input", "account_ids"))
    assert await refused(NotFoundError, principal_id=A, everywhere=True) == (
        ErrorCode.NOT_FOUND,
        ("input", "principal_id"),
    )
    assert await refused(RefusedError, role=Role.SERVICE, everywhere=True) == (
        ErrorCode.INVALID_INPUT,
        ("input", "role"),
    )


async def test_a_principal_with_fewer_permissions_cannot_grant_more(deployment: Deployment) -> None:
    person = await make(deployment)
    weak = Principal(
        id=new_id(),
        kind="SERVICE",
        name="provisioning",
        roles=frozenset({"SERVICE"}),
        permissions=frozenset({"access.read", "access.write", "self.read"}),
        scope=Scope.everything(),
    )
    with pytest.raises(AccessError, match="Nobody grants more than they hold"):
        await role_grant(deployment.context(weak), RoleGrant(principal_id=person, role=Role.COLLECTOR, everywhere=True))


async def test_a_limited_administrator_sees_no_principals_to_grant_to(deployment: Deployment) -> None:
    person = await make(deployment)
    limited = admin_limited_to(Scope(kind="limited", staff=True, clients=(A,)))
    with pytest.raises(NotFoundError):
        await role_grant(deployment.context(limited), RoleGrant(principal_id=person, role=Role.ADMIN, everywhere=True))
    with pytest.raises(AccessError):
        await team_create(deployment.context(limited), TeamCreate(name="Mine"))


async def test_who_lacks_the_permission_is_refused_before_anything_else(deployment: Deployment) -> None:
    collector = Principal(
        id=new_id(),
        kind="PERSON",
        name="c",
        roles=frozenset({"COLLECTOR"}),
        permissions=frozenset(ROLE_PERMISSIONS[Role.COLLECTOR]),
        scope=Scope.everything(),
    )
    with pytest.raises(AccessError) as refused:
        await principal_create(deployment.context(collector), PrincipalCreate(kind=PrincipalKind.PERSON, name="x"))
    assert refused.value.code is ErrorCode.FORBIDDEN


async def test_a_principal_is_disabled_once_and_only_in_the_version_that_was_seen(deployment: Deployment) -> None:
    person = await make(deployment)
    with pytest.raises(ConflictError):
        await principal_disable(deployment.context(), PrincipalDisable(principal_id=person, version=7))
    await principal_disable(deployment.context(), PrincipalDisable(principal_id=person, version=1))
    with pytest.raises(RefusedError) as refused:
        await principal_disable(deployment.context(), PrincipalDisable(principal_id=person, version=2))
    assert refused.value.code is ErrorCode.ALREADY_ENDED
    with pytest.raises(ConflictError):
        await role_grant(deployment.context(), RoleGrant(principal_id=person, role=Role.ADMIN, everywhere=True))


async def test_issuer_and_subject_go_together_and_are_unique(deployment: Deployment) -> None:
    async def create(**fields: object) -> UUID:
        change = PrincipalCreate.model_validate({"kind": "PERSON", "name": "Ada", **fields})
        return (await principal_create(deployment.context(), change)).result.principal_id

    with pytest.raises(InputError, match="together"):
        await create(issuer="https://id.example")
    with pytest.raises(InputError, match="debtor"):
        await create(kind="DEBTOR")
    with pytest.raises(NotFoundError):
        await create(kind="DEBTOR", debtor_id=A)
    with pytest.raises(InputError, match="name"):
        await create(name="  ")
    await create(issuer="https://id.example", subject="ada")
    with pytest.raises((ConflictError, InputError)) as refused:
        await create(issuer="https://id.example", subject="ada")
    assert refused.value.code is ErrorCode.DUPLICATE_REFERENCE


async def test_every_change_of_access_is_audited_with_names_sealed(deployment: Deployment) -> None:
    person = await make(deployment, name="Ada Lovelace")
    await role_grant(
        deployment.context(reason="new hire"), RoleGrant(principal_id=person, role=Role.ADMIN, everywhere=True)
    )
    rows = await deployment.worker_database.read(
        Scope.everything(), "select command, subject, reason, after::text from audit_entry order by id"
    )
    assert [row[:3] for row in rows] == [
        ("principal.create", "prin", None),
        ("role.grant", "gran", "new hire"),
    ]
    assert "Lovelace" not in rows[0][3]
    assert f'"principal_id":"{person}"' in rows[1][3]
