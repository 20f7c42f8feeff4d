"""Looking up who asks: a narrow way to one principal, and the rows that a debtor comes to."""

from __future__ import annotations

import re

import psycopg
import pytest

from arrears.access.authentication import Authenticator
from arrears.access.commands import PrincipalCreate, principal_create
from arrears.access.model import PrincipalKind
from arrears.kernel.scope import Scope
from tests.conftest import Deployment, Server
from tests.product.accounts.book import Book
from tests.security.signing import bearer, key, principal, superuser


@pytest.fixture
def authenticator(deployment: Deployment) -> Authenticator:
    return Authenticator(deployment.database, deployment.vault)


async def test_the_api_role_reads_no_keys_before_it_is_known_who_asks(deployment: Deployment) -> None:
    """The narrow way finds one digest; the tables behind it stay invisible, and the inner function is not callable."""
    await key(deployment, await principal(deployment))
    nobody = Scope(kind="limited", staff=False)
    for table in ("api_key", "principal", "role_grant"):
        assert await deployment.database.read(nobody, f"select count(*) from {table}") == [(0,)]
    async with await psycopg.AsyncConnection.connect(deployment.urls.api) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("select authenticated_principal(gen_random_uuid())")


async def test_a_debtor_sees_itself_and_the_accounts_it_is_a_party_of(
    deployment: Deployment, server: Server, authenticator: Authenticator
) -> None:
    book = Book(deployment)
    client = await book.client()
    debtor, someone = await book.debtor(client), await book.debtor(client, name="Someone Else")
    mine = await book.account(client, debtor, "mine")
    left = await book.account(client, debtor, "left")
    await book.account(client, someone, "strange")
    async with await superuser(deployment, server) as connection:
        await connection.execute(
            "update party set from_on = '2019-01-01', until_on = '2020-01-01' where account_id = %s", (left,)
        )
    change = PrincipalCreate(kind=PrincipalKind.DEBTOR, name="Someone", debtor_id=debtor)
    owner = (await principal_create(deployment.context(), change)).result.principal_id
    _, secret = await key(deployment, owner)

    found = await authenticator.authenticate(bearer(secret))

    assert found is not None
    assert found.kind == "DEBTOR"
    assert found.permissions == {"self.read", "debtors.read", "accounts.read"}
    assert found.scope == Scope(kind="limited", staff=False, accounts=(mine,), debtor=debtor)


async def test_functions_with_their_owners_rights_have_a_pinned_path_and_few_callers(
    deployment: Deployment, server: Server
) -> None:
    async with await superuser(deployment, server) as connection:
        found = await connection.execute(
            """select p.proname, p.proconfig[1], p.prorettype = 'trigger'::regtype,
                      has_function_privilege('public', p.oid, 'execute'),
                      has_function_privilege('arrears_api', p.oid, 'execute')
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where p.prosecdef and n.nspname = 'public'
                 and p.prosrc ~ '(api_key|principal|role_grant|person_key|audit_)'
               order by p.proname"""
        )
        rows = await found.fetchall()
    unpinned = [row for row in rows if not re.fullmatch(r"search_path=[\w, ]*public, pg_temp", str(row[1]))]
    assert unpinned == []
    # A trigger's function cannot be called; of the others these are all that reach keys or principals.
    assert [(name, anyone, api) for name, _, trigger, anyone, api in rows if not trigger] == [
        ("api_key_used", False, True),
        ("authenticate_key", False, True),
        ("authenticate_subject", False, True),
        ("authenticated_principal", False, False),
        # The worker alone, which carries an erasure out once every plugin has done its part.
        ("erase_person", False, False),
    ]


async def test_no_function_with_its_owners_rights_can_be_called_by_anybody(
    deployment: Deployment, server: Server
) -> None:
    """Each is granted by name to the roles that need it; a role that is made later reaches none."""
    async with await superuser(deployment, server) as connection:
        found = await connection.execute(
            """select p.proname, has_function_privilege('public', p.oid, 'execute')
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where p.prosecdef and n.nspname = 'public' and p.prorettype <> 'trigger'::regtype
               order by p.proname"""
        )
        rows = await found.fetchall()
    assert ("client_day", False) in rows
    assert [name for name, anyone in rows if anyone] == []
