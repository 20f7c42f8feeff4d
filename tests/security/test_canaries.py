"""Canaries go through every mutation, done and refused: none is found in logs, error answers, jobs or the trail."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
import pytest
from graphql import GraphQLInputObjectType, get_named_type
from psycopg import sql

from arrears.kernel.scope import Scope
from arrears.schema import core_schema
from arrears_sdk.ids import encode_id, new_id
from tests.api import Api
from tests.conftest import Deployment
from tests.graphql.small_agency import make_small_agency
from tests.security.foreign_ids import Places
from tests.security.test_logs_masking import written  # noqa: F401 (a fixture)
from tests.telling import tell_everything

CARD = "4111111111111111"
CARD_IN_WORDS = "4111 1111 1111 1111"
NATIONAL_ID = "219-09-9998"
NAME = "Zebediahcanary"
EMAIL = "zebediahcanary@wing.example"
PHONE = "+12025550177"
STREET = "13 Canarywing Lane"
SECRET = "Bearer arr_canary"

# What each field of that name is given; any other text gets words with a card number and a name in them.
BY_NAME = {
    "givenName": NAME,
    "familyName": NAME,
    "fullName": NAME,
    "spokenTo": NAME,
    "addressLines": STREET,
    "number": NATIONAL_ID,
    "reference": CARD,
    "originalReference": CARD,
    "documentReference": CARD,
    "endpoint": PHONE,
    "email": EMAIL,
}
WORDS = f"{NAME} paid with {CARD_IN_WORDS}"

# Names of clients, teams, keys and books are the agency's; clauses are those of a contract. Cards have no place there.
OF_THE_AGENCY = {"name", "product", "interestClause", "feeClause"}
IN_THE_AGENCY = f"paid with {CARD_IN_WORDS}"

# What makes an input right where the schema alone does not tell: ids by their prefix, or plain values.
BESIDE: dict[str, dict[str, Any]] = {
    "DebtorCreateInput": {"languages": ["de"], "names": [{"fullName": NAME}]},
    "HoldPlaceInput": {"accountId": "acct"},
    "InteractionRecordInput": {"accountId": "acct", "result": "TALKED"},
    "AccountOpenInput": {"debtorId": "dbtr"},
}

NOWHERE = re.compile(r"4111 ?1111 ?1111 ?1111|219-?09-?9998", re.IGNORECASE)
"""Card numbers and national ids are in no table, log or answer, in no writing."""
CONTACT = re.compile(r"zebediahcanary@|12025550177|202-?555-?0177|arr_canary", re.IGNORECASE)
"""Contact data and credentials are in no log or answer, and in their own columns only."""
NAMES = re.compile(r"zebediahcanary|canarywing", re.IGNORECASE)
"""So are names and addresses; but they have no form, and whoever writes one where a country goes is told so."""

# The domains' own tables, where people's data lies under its policies; all others record what happened.
OWN_COLUMNS = {
    "account", "account_creditor", "client", "consent", "contact_point", "debtor", "debtor_client", "debtor_name",
    "delinquency_pause", "fee_claim_step", "hold", "import_run", "instalment_schedule", "interaction", "judgment",
    "ledger_entry", "party", "payment", "placement", "portfolio", "principal", "receipt", "residence", "search_token",
    "team", "api_key",
}  # fmt: skip


@dataclass
class Planted:
    """What came of planting: refusals by code, what was done, and every error as the caller read it."""

    done: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def note(self, name: str, answer: dict[str, Any]) -> None:
        """Sorts an answer."""
        payload = (answer.get("data") or {}).get(name) or {}
        told = [*answer.get("errors", []), *payload.get("userErrors", [])]
        self.errors += [orjson.dumps(error).decode() for error in told]
        (self.refused if told else self.done).add(name)


def texts(kind: GraphQLInputObjectType, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every text in an input."""
    for name, declared in kind.fields.items():
        inner = get_named_type(declared.type)
        step = (name, "[]") if "[" in str(declared.type) else (name,)
        if inner.name == "String" and name != "idempotencyKey":
            yield step
        elif isinstance(inner, GraphQLInputObjectType) and inner.name not in {*seen, "MoneyInput"}:
            for path in texts(inner, (*seen, inner.name)):
                yield (*step, *path)


def plant(places: Places, kind: GraphQLInputObjectType, path: tuple[str, ...], text: str) -> dict[str, Any]:
    """An input that is right but for the text at the path."""

    def put(value: Any, rest: tuple[str, ...]) -> Any:
        if not rest:
            return text
        if rest[0] == "[]":
            return [put((value or [{}])[0], rest[1:])]
        return {**(value or {}), rest[0]: put((value or {}).get(rest[0]), rest[1:])}

    beside = BESIDE.get(kind.name, {})
    beside = {name: places.own.get(value, value) if isinstance(value, str) else value for name, value in beside.items()}
    given = put({**places._holding(kind, path), **beside}, path)
    if "idempotencyKey" in kind.fields:
        given["idempotencyKey"] = new_id().hex
    assert isinstance(given, dict)
    return given


async def plant_everywhere(deployment: Deployment, api: Api) -> Planted:
    """Sends every mutation with a canary in each of its texts: as it should be, stale, and for nobody's id."""
    key = await api.sign_in("ADMIN")
    own: dict[str, str] = {}
    for entity in core_schema().index.entities.values():
        statement = f"select id from {entity.table} order by id limit 1"
        for (id,) in await deployment.database.read(Scope.everything(), statement):
            own[entity.prefix] = encode_id(entity.prefix, id)
    places, unknown = Places(core_schema(), own), {prefix: encode_id(prefix, new_id()) for prefix in own}
    planted = Planted()
    assert places.schema.mutation_type is not None
    for name, mutation in places.schema.mutation_type.fields.items():
        kind = get_named_type(mutation.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        query = f"mutation($input: {kind.name}!) {{ {name}(input: $input) {{ userErrors {{ code field message }} }} }}"
        for path in texts(kind):
            named = path[-1] if path[-1] != "[]" else path[-2]
            text = IN_THE_AGENCY if named in OF_THE_AGENCY else BY_NAME.get(named, WORDS)
            for source in (own, unknown):
                given = plant(Places(core_schema(), source), kind, path, text)
                planted.note(name, await api(query, {"input": given}, key=key))
            # As a type that it is not, and under a credential that nobody has.
            wrong = {**given, next(iter(given)): {text: text}}
            planted.note(name, await api(query, {"input": wrong}, key=key))
        planted.note(name, await api(query.replace("$input)", f'$input, x: "{WORDS} {NATIONAL_ID}")'), {}, key=key))
    planted.note("", await api(f'{{ account(id: "{CARD}") {{ id }} }}', key=key))
    planted.note("", await api(f'{{ debtorSearch(text: "{NATIONAL_ID}", kind: NATIONAL_ID) {{ nodes {{ id }} }} }}'))
    planted.note("", await api("{ viewer { name } }", headers={"authorization": SECRET}))
    return planted


def refuse_every_row(url: str) -> None:
    """Makes the platform fail: the database breaks at new rows from now on, and says in its errors what is in them."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "create function breaks() returns trigger language plpgsql as $$ begin raise exception 'the disk is broken'"
            " using errcode = 'XX001', detail = format('Failing row contains %s.', new); end $$"
        )
        for table in ("debtor_name", "contact_point", "interaction", "payment", "hold", "client", "national_id"):
            broken = sql.SQL("create trigger breaks before insert on {} for each row execute function breaks()")
            connection.execute(broken.format(sql.Identifier(table)))


def hits(text: str, *forms: re.Pattern[str]) -> set[str]:
    """The canaries of a text."""
    return {hit for form in forms for hit in form.findall(text)}


def found_in_database(url: str) -> dict[str, set[str]]:
    """Every canary of every table, but for personal values in the columns that are theirs."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table)))
            for (row,) in rows.fetchall():
                plain = row + "".join(
                    bytes.fromhex(part).decode("latin-1") for part in re.findall(r"\\x((?:[0-9a-f]{2})+)", row)
                )
                of_whom = () if table in OWN_COLUMNS else (CONTACT, NAMES)
                if hit := hits(plain, NOWHERE, *of_whom):
                    found.setdefault(f"{schema}.{table}", set()).update(hit)
    return found


@pytest.mark.timeout(300)
async def test_no_canary_is_found_in_logs_answers_jobs_or_the_trail(
    deployment: Deployment,
    api: Api,
    written: io.StringIO,  # noqa: F811
) -> None:
    await make_small_agency(deployment)

    planted = await plant_everywhere(deployment, api)
    assert found_in_database(deployment.urls.owner) == {}
    refuse_every_row(deployment.urls.owner)
    failed = await plant_everywhere(deployment, api)
    while await tell_everything(deployment.worker_context()):
        pass

    # The canaries did get in, and were refused, in every domain.
    assert {"debtorCreate", "nameAdd", "contactPointAdd", "nationalIdSet", "interactionRecord", "paymentRecord",
            "clientCreate", "holdPlace", "accountUpdate", "accountOpen"} <= planted.done  # fmt: skip
    assert len(planted.refused) > 30
    logged = written.getvalue()
    told = "\n".join([*planted.errors, *failed.errors])
    assert logged.count('"graphql.field_failed"') > 20
    assert "Failing row contains (****" in logged
    assert hits(logged, NOWHERE, CONTACT, NAMES) == set()
    assert hits(told, NOWHERE, CONTACT) == set()
    assert found_in_database(deployment.urls.owner) == {}
