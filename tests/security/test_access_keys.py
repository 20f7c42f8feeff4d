"""API keys: shown once, kept as digests, scoped, expiring, revoked everywhere within a second, rolled with overlap."""

from __future__ import annotations

import asyncio
import datetime
import re
import time

import pytest

from arrears.access.authentication import REMEMBERED_SECONDS, Authenticator
from arrears.access.commands import (
    PrincipalCreate,
    PrincipalDisable,
    RoleGrant,
    RoleRevoke,
    principal_create,
    principal_disable,
    role_grant,
    role_revoke,
)
from arrears.access.key_commands import (
    ApiKeyCreate,
    ApiKeyRevoke,
    ApiKeyRoll,
    api_key_create,
    api_key_revoke,
    api_key_roll,
)
from arrears.access.model import ROLE_PERMISSIONS, PrincipalKind, Role
from arrears.kernel.database import Database
from arrears.kernel.principal import Principal
from arrears.kernel.scope import Scope
from arrears_sdk.errors import AccessError, ErrorCode, InputError, RefusedError
from arrears_sdk.ids import new_id
from tests.conftest import Deployment, Server
from tests.security.signing import bearer, key, principal, superuser

FORM = re.compile(r"arr_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")


async def refusal(authenticator: Authenticator, token: str | None) -> str:
    with pytest.raises(AccessError) as refused:
        await authenticator.authenticate(bearer(token))
    assert refused.value.code is ErrorCode.UNAUTHENTICATED
    return str(refused.value)


@pytest.fixture
def authenticator(deployment: Deployment) -> Authenticator:
    return Authenticator(deployment.database, deployment.vault)


async def test_a_persons_key_gives_the_persons_roles_and_rows(
    deployment: Deployment, authenticator: Authenticator
) -> None:
    owner = await principal(deployment)
    key_id, secret = await key(deployment, owner)

    found = await authenticator.authenticate({"authorization": f"bearer {secret}"})

    assert FORM.fullmatch(secret)
    assert found == Principal(
        id=owner,
        kind="PERSON",
        name="A PERSON",
        roles=frozenset({"COLLECTOR"}),
        permissions=frozenset(str(permission) for permission in ROLE_PERMISSIONS[Role.COLLECTOR]),
        scope=Scope.everything(),
        credential=f"key:{key_id}",
    )
    assert secret not in repr(found)


async def test_a_services_permissions_are_its_keys_scopes(deployment: Deployment, authenticator: Authenticator) -> None:
    owner = await principal(deployment, Role.SERVICE, "SERVICE")
    _, secret = await key(deployment, owner, scopes=["accounts.read", "ledger.read"])
    found = await authenticator.authenticate(bearer(secret))
    assert found is not None
    assert found.permissions == {"accounts.read", "ledger.read", "self.read"}
    with pytest.raises(InputError, match="Name at least one permission"):
        await key(deployment, owner)
    with pytest.raises(InputError, match=r"There is no permission accounts\.destroy"):
        await key(deployment, owner, scopes=["accounts.destroy"])


async def test_scopes_only_narrow_what_the_roles_allow(deployment: Deployment, authenticator: Authenticator) -> None:
    owner = await principal(deployment, Role.AUDITOR)
    _, secret = await key(deployment, owner, scopes=["accounts.read", "accounts.write"])
    found = await authenticator.authenticate(bearer(secret))
    assert found is not None
    assert found.permissions == {"accounts.read", "self.read"}


async def test_a_service_without_a_role_sees_no_row(deployment: Deployment, authenticator: Authenticator) -> None:
    owner = await principal(deployment, None, "SERVICE")
    _, secret = await key(deployment, owner, scopes=["accounts.read"])
    found = await authenticator.authenticate(bearer(secret))
    assert found is not None
    assert (found.permissions, found.scope) == ({"self.read"}, Scope(kind="limited", staff=False))


async def test_nobody_makes_a_key_with_more_than_they_hold(deployment: Deployment) -> None:
    owner = await principal(deployment, Role.ADMIN)
    weak = Principal(
        id=new_id(),
        kind="SERVICE",
        name="weak",
        roles=frozenset({"SERVICE"}),
        permissions=frozenset({"access.write"}),
        scope=Scope.everything(),
    )
    with pytest.raises(AccessError, match="Nobody grants more than they hold"):
        await api_key_create(deployment.context(weak), ApiKeyCreate(principal_id=owner, name="x"))
    key_id, _ = await key(deployment, owner)
    with pytest.raises(AccessError, match="Nobody grants more than they hold"):
        await api_key_roll(deployment.context(weak), ApiKeyRoll(api_key_id=key_id))


async def test_the_secret_is_not_stored_and_not_replayed(
    deployment: Deployment, server: Server, authenticator: Authenticator
) -> None:
    owner = await principal(deployment)
    change = ApiKeyCreate(principal_id=owner, name="once")
    first = await api_key_create(deployment.context(), change, idempotency_key="k")
    again = await api_key_create(deployment.context(), change, idempotency_key="k")

    secret = first.result.secret
    assert secret is not None
    assert again.replayed
    assert (again.result.api_key_id, again.result.secret) == (first.result.api_key_id, None)
    assert secret not in repr(first)
    tail = secret.rpartition("_")[2]
    async with await superuser(deployment, server) as connection:
        tables = await (
            await connection.execute("select oid::regclass::text from pg_class where relkind = 'r' and oid > 16384")
        ).fetchall()
        for (table,) in tables:
            rows = await (await connection.execute(f"select t::text from {table} t")).fetchall()
            assert not any(tail in str(row) for row in rows), table
        stored = await (await connection.execute("select key_hash from api_key")).fetchone()
    assert stored is not None
    digest = stored[0]
    assert isinstance(digest, bytes)
    # What a dump of the table holds opens nothing, in whatever form it is tried.
    for tried in (digest.hex(), f"arr_{first.result.api_key_id.hex}_{digest.hex()[:43]}", f"arr_{digest.hex()}"):
        await refusal(authenticator, tried)
    assert await authenticator.authenticate(bearer(secret)) is not None


async def test_an_expired_key_is_refused_by_the_databases_clock(
    deployment: Deployment, server: Server, authenticator: Authenticator
) -> None:
    owner = await principal(deployment)
    key_id, secret = await key(deployment, owner)
    async with await superuser(deployment, server) as connection:
        await connection.execute("update api_key set expires_at = clock_timestamp() + interval '300 ms'")
    assert await authenticator.authenticate(bearer(secret)) is not None
    # It expires while it is still remembered.
    await asyncio.sleep(0.35)
    assert await refusal(authenticator, secret) == "The API key has expired."
    with pytest.raises(RefusedError):
        await api_key_roll(deployment.context(), ApiKeyRoll(api_key_id=key_id))


async def test_an_expiry_lies_ahead_and_not_too_far(deployment: Deployment) -> None:
    owner = await principal(deployment)
    now = datetime.datetime.now(datetime.UTC)
    for days in (-1, 367):
        with pytest.raises(InputError) as refused:
            await key(deployment, owner, expires_at=now + datetime.timedelta(days=days))
        assert refused.value.problems[0].field == ("input", "expires_at")
    await key(deployment, owner, expires_at=now + datetime.timedelta(days=365))


async def test_a_revoked_key_ends_within_a_second_in_every_process(deployment: Deployment) -> None:
    owner = await principal(deployment)
    key_id, secret = await key(deployment, owner)
    async with Database(deployment.urls.api, application_name="another process", pool_size=2) as other:
        processes = [Authenticator(database, deployment.vault) for database in (deployment.database, other)]
        for process in processes:
            assert await process.authenticate(bearer(secret)) is not None

        await api_key_revoke(deployment.context(), ApiKeyRevoke(api_key_id=key_id))
        revoked_at = time.monotonic()
        ended: dict[int, float] = {}
        while len(ended) < len(processes) and time.monotonic() - revoked_at < 3:
            for number, process in enumerate(processes):
                try:
                    await process.authenticate(bearer(secret))
                except AccessError:
                    ended.setdefault(number, time.monotonic() - revoked_at)
            await asyncio.sleep(0.02)

    assert REMEMBERED_SECONDS < 1
    assert sorted(ended) == [0, 1]
    assert max(ended.values()) < 1
    assert await refusal(processes[0], secret) == "The API key was revoked."
    with pytest.raises(RefusedError) as refused:
        await api_key_revoke(deployment.context(), ApiKeyRevoke(api_key_id=key_id))
    assert refused.value.code is ErrorCode.ALREADY_ENDED


async def test_a_disabled_principal_and_a_revoked_role_end_with_the_next_look(deployment: Deployment) -> None:
    authenticator = Authenticator(deployment.database, deployment.vault)
    made = await principal_create(deployment.context(), PrincipalCreate(kind=PrincipalKind.PERSON, name="Ada"))
    owner = made.result.principal_id
    granted = await role_grant(deployment.context(), RoleGrant(principal_id=owner, role=Role.ADMIN, everywhere=True))
    _, secret = await key(deployment, owner)
    assert (await authenticator.authenticate(bearer(secret)) or Principal.system("x")).may("access.write")

    await role_revoke(deployment.context(), RoleRevoke(grant_id=granted.result.grant_ids[0]))
    authenticator.forget()
    found = await authenticator.authenticate(bearer(secret))
    assert found is not None
    assert (found.roles, found.permissions) == (frozenset(), {"self.read"})

    await principal_disable(deployment.context(), PrincipalDisable(principal_id=owner, version=1))
    authenticator.forget()
    assert await refusal(authenticator, secret) == "This principal is disabled."


async def test_a_rolled_key_works_on_for_its_overlap_only(deployment: Deployment, authenticator: Authenticator) -> None:
    owner = await principal(deployment)
    key_id, secret = await key(deployment, owner, scopes=["accounts.read"])
    rolled = (await api_key_roll(deployment.context(), ApiKeyRoll(api_key_id=key_id, overlap_seconds=1))).result
    assert rolled.secret is not None

    for token in (secret, rolled.secret):
        found = await authenticator.authenticate(bearer(token))
        assert found is not None
        assert found.permissions == {"accounts.read", "self.read"}
    await asyncio.sleep(1.1)
    assert await refusal(authenticator, secret) == "The API key has expired."
    assert await authenticator.authenticate(bearer(rolled.secret)) is not None


async def test_the_last_use_is_kept_and_written_at_most_once_a_minute(deployment: Deployment, server: Server) -> None:
    owner = await principal(deployment)
    _, secret = await key(deployment, owner)
    clock = [1000.0]
    authenticator = Authenticator(deployment.database, deployment.vault, monotonic=lambda: clock[0])
    async with await superuser(deployment, server) as connection:

        async def last_use() -> object:
            row = await (await connection.execute("select last_used_at, xmin::text from api_key")).fetchone()
            assert row is not None
            return row

        never = await last_use()
        await authenticator.authenticate(bearer(secret))
        first = await last_use()
        for _ in range(5):
            clock[0] += 2
            await authenticator.authenticate(bearer(secret))
        same = await last_use()
        # Another process within the same minute writes nothing either.
        await Authenticator(deployment.database, deployment.vault).authenticate(bearer(secret))
        still = await last_use()
        await connection.execute("update api_key set last_used_at = last_used_at - interval '2 minutes'")
        clock[0] += 61
        await authenticator.authenticate(bearer(secret))
        later = await last_use()
    assert never[0] is None  # type: ignore[index]
    assert first[0] is not None  # type: ignore[index]
    assert first == same == still
    assert later[0] > first[0]  # type: ignore[index]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer a b",
        "Bearer arr_",
        "arr_x",
        "Bearer \u0661",
        "Bearer " + "x" * 9000,
    ],
)
async def test_a_malformed_credential_is_refused_and_none_at_all_is_anonymous(
    header: str, authenticator: Authenticator
) -> None:
    assert await authenticator.authenticate({"accept": "*/*"}) is None
    with pytest.raises(AccessError) as refused:
        await authenticator.authenticate({"Authorization": header})
    assert refused.value.code is ErrorCode.UNAUTHENTICATED


async def test_a_key_with_any_character_changed_is_unknown(
    deployment: Deployment, authenticator: Authenticator
) -> None:
    _, secret = await key(deployment, await principal(deployment))
    for place in (4, 20, 40, len(secret) - 1):
        other = "a" if secret[place] != "a" else "b"
        message = await refusal(authenticator, secret[:place] + other + secret[place + 1 :])
        assert message == "There is no such API key."
    assert await refusal(authenticator, secret + "a") == "The API key is malformed; copy it whole."


async def test_the_memory_of_the_authenticator_is_bounded(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arrears.access.authentication.MOST_REMEMBERED", 3)
    authenticator = Authenticator(deployment.database, deployment.vault)
    owner = await principal(deployment)
    for _ in range(5):
        _, secret = await key(deployment, owner)
        await authenticator.authenticate(bearer(secret))
    assert len(authenticator._known) == 3
    assert secret not in repr(authenticator._known)
