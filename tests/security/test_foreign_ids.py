"""An id of another client's record gives the answer of an id that nothing has, wherever the schema takes an id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest

from arrears.compliance.commands import ContactRequest, request_contact
from arrears.compliance.notices import NoticeRecord, record_notice
from arrears.compliance.recording import FactRecord, record_fact
from arrears.debtors import commands as debtors
from arrears.debtors.model import CommunicationChannel, ConsentMethod, ConsentState, NationalIdKind
from arrears.kernel.context import Context
from arrears.kernel.scope import Scope
from arrears.schema import core_schema
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource, NoticeKind
from tests.api import Api
from tests.conftest import START, Deployment
from tests.graphql.small_agency import SmallAgency, make_small_agency
from tests.product.imports.files import MAPPING
from tests.security.correction_rows import insert_corrections
from tests.security.delinquency_rows import insert_delinquency
from tests.security.fee_rows import insert_fee
from tests.security.foreign_ids import Place, Places
from tests.security.payment_rows import insert_payment

# Told to everybody in the agency, or of the agency itself, so that no id of it is foreign to anyone there.
EVERYBODYS = {"team", "lcnc"}

# Whoever supplies must be among the clients of the same input: any other id is refused unseen.
REFUSED_UNSEEN = {"debtorCreate.suppliedBy", "accountOpen.debtor.suppliedBy"}

# What must be named beside an id for it to matter: ids of the caller's own by their prefix, or plain values.
BESIDE: dict[str, dict[str, Any]] = {
    "principalCreate.debtorId": {"kind": "DEBTOR"},
    "roleGrant.principalId": {"clientIds": ["clnt"]},
    "holdPlace.clientId": {"debtorId": "dbtr"},
    "interactionRecord.debtorId": {"accountId": "acct"},
    "interactionRecord.clientId": {"debtorId": "dbtr"},
    "interactionRecord.contactPointId": {"accountId": "acct"},
    "interactionRecord.permitId": {"accountId": "acct"},
    "interactionRecord.debtsDiscussed.[]": {"accountId": "acct"},
    "factRecord.debtorId": {"kind": "VETERAN"},
    "factRecord.accountId": {"kind": "CHAIN_OF_TITLE"},
    "factRecord.contactPointId": {"kind": "CHARGES_RECIPIENT"},
    "factRecord.clientId": {"kind": "VETERAN", "debtorId": "dbtr"},
    "noticeRecord.clientId": {"debtorId": "dbtr"},
    "noticeRecord.interactionId": {"debtorId": "dbtr"},
    "importRun.clientId": {"mapping": MAPPING},
    "accountOpen.clientId": {"debtorId": "dbtr"},
    "accountOpen.portfolioId": {"debtorId": "dbtr"},
    "accountOpen.placementId": {"debtorId": "dbtr"},
    "accountOpen.teamId": {"debtorId": "dbtr"},
    "accountOpen.parties.[].debtorId": {"debtorId": "dbtr"},
    "receiptRecord.debtorId": {"way": "EVEN"},
}


@dataclass
class Outsider:
    """A principal limited to the first client: its key, ids that it sees and ids that only others see, by prefix."""

    key: str
    own: dict[str, str]
    foreign: dict[str, str]


@pytest.fixture
async def agency(deployment: Deployment) -> SmallAgency:
    """The small agency, with one record of every kind for each of its clients."""
    agency = await make_small_agency(deployment)
    context = deployment.context()
    for client_id, debtor_id in zip(agency.clients, (agency.debtors[0], agency.debtors[-1]), strict=True):
        consent = debtors.ConsentRecord(
            debtor_id=debtor_id,
            client_id=client_id,
            channels=(CommunicationChannel.SMS,),
            state=ConsentState.GRANTED,
            method=ConsentMethod.ORAL,
            source="call",
            given_directly=True,
        )
        await debtors.consent_record(context, consent)
        number = debtors.NationalIdSet(
            debtor_id=debtor_id, supplied_by=client_id, kind=NationalIdKind.TAX, country="US", number="123-45-6789"
        )
        await debtors.national_id_set(context, number)
        await _known_to_law(context, client_id, debtor_id)
        asked = ContactRequest(channel=CommunicationChannel.LETTER, debtor_id=debtor_id)
        await request_contact(context, asked)
    with psycopg.connect(deployment.urls.owner) as connection:
        for client_id in agency.clients:
            _import_run(connection, client_id)
            insert_payment(connection, client_id)
            insert_corrections(connection, client_id)
            insert_delinquency(connection, client_id)
            insert_fee(connection, client_id)
            _settings_version(connection, client_id)
            _dead_letter(connection, client_id)
        _data_request(connection, agency.debtors[0])
    return agency


async def _known_to_law(context: Context, client_id: UUID, debtor_id: UUID) -> None:
    """A fact that the client told, and a notice about its debts."""
    told = {"debtor_id": debtor_id, "client_id": client_id}
    await record_fact(context, FactRecord(kind=FactKind.VETERAN, source=FactSource.CLIENT, **told))
    rows = await context.database.read(
        Scope.everything(), "select id from account where client_id = %(client)s limit 1", {"client": client_id}
    )
    notice = NoticeRecord(kind=NoticeKind.VALIDATION, medium=CommunicationChannel.LETTER, account_ids=(rows[0][0],))
    await record_notice(context, notice)


def _data_request(connection: psycopg.Connection[Any], debtor_id: Any) -> None:
    connection.execute(
        "insert into data_request (id, debtor_id, kind, status, opened_by_id, opened_at, due_on, version, created_at,"
        " updated_at) values (%s, %s, 'EXPORT', 'OPEN', %s, %s, '2026-04-01', 1, %s, %s)",
        [new_id(), debtor_id, new_id(), START, START, START],
    )


def _settings_version(connection: psycopg.Connection[Any], client_id: Any) -> None:
    connection.execute(
        "insert into settings_version (id, number, client_id, group_name, principal_id, changed_at)"
        " select %s, count(*) + 1, %s, 'payments', %s, %s from settings_version",
        [new_id(), client_id, new_id(), START],
    )


def _dead_letter(connection: psycopg.Connection[Any], client_id: Any) -> None:
    connection.execute(
        "insert into dead_letter (id, event_id, event_name, subject, subject_id, client_id, plugin, subscriber,"
        " attempts, error, state, occurred_at, died_at) select %s, id, name, subject, subject_id, client_id, 'p', 's',"
        " 8, 'e', 'DEAD', occurred_at, occurred_at from event where client_id = %s limit 1",
        [new_id(), client_id],
    )


def _import_run(connection: psycopg.Connection[Any], client_id: Any) -> None:
    run_id = new_id()
    connection.execute(
        "insert into import_run (id, client_id, placement_id, file_name, content_hash, mapping_hash, state,"
        " principal_id, started_at) select %s, %s, placement.id, 'f', %s, 'm', 'RUNNING', %s, %s from placement"
        " where placement.client_id = %s limit 1",
        [run_id, client_id, run_id.hex, new_id(), START, client_id],
    )
    connection.execute(
        "insert into import_row_error (client_id, run_id, line, code, reason) values (%s, %s, 1, 'X', 'r')",
        [client_id, run_id],
    )


async def outsider(deployment: Deployment, api: Api, agency: SmallAgency, role: str) -> Outsider:
    """A principal of the role for the first client only."""
    await api.sign_in("ADMIN")
    key = await api.sign_in(role, clients=[agency.clients[0]])
    scope = Scope("limited", staff=role != "CLIENT", clients=(agency.clients[0],))
    own: dict[str, str] = {}
    foreign: dict[str, str] = {}
    for entity in core_schema().index.entities.values():
        everything = await deployment.database.read(Scope.everything(), f"select id from {entity.table} order by id")
        seen = {row[0] for row in await deployment.database.read(scope, f"select id from {entity.table}")}
        visible = [row[0] for row in everything if row[0] in seen]
        hidden = [row[0] for row in everything if row[0] not in seen]
        if visible:
            own[entity.prefix] = encode_id(entity.prefix, visible[0])
        if hidden:
            foreign[entity.prefix] = encode_id(entity.prefix, hidden[-1])
    own["dbtr"], own["acct"] = encode_id("dbtr", agency.debtors[0]), encode_id("acct", agency.accounts[0])
    return Outsider(key, own, foreign)


def _own(value: Any, someone: Outsider) -> Any:
    if isinstance(value, list):
        return [_own(item, someone) for item in value]
    return someone.own.get(value, value)


def _shown(answer: dict[str, Any], id: str) -> str:
    """The answer without the id that was asked for and without the number of the request."""
    for error in answer.get("errors", []):
        error.get("extensions", {}).pop("requestId", None)
    answer.get("extensions", {}).pop("requestId", None)
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS).decode().replace(id, "ID")


async def answers(api: Api, someone: Outsider, place: Place) -> tuple[str, str]:
    """What an outsider is told of a foreign id and of an unknown one."""
    unknown = encode_id(place.prefix, new_id())
    first, second = [
        _shown(await api(place.query, place.filled(id), key=someone.key), id)
        for id in (someone.foreign[place.prefix], unknown)
    ]
    return first, second


@pytest.mark.parametrize("role", ["CLIENT", "ADMIN"])
async def test_a_foreign_id_is_an_unknown_one_to_every_field(
    deployment: Deployment, api: Api, agency: SmallAgency, role: str
) -> None:
    someone = await outsider(deployment, api, agency, role)
    places = Places(core_schema(), someone.own)
    tried = [*places.roots(), *places.filters()]
    missing = {place.prefix for place in tried} - someone.foreign.keys()
    assert missing <= EVERYBODYS

    differing = {}
    malformed = {}
    for place in tried:
        if place.prefix in missing:
            continue
        foreign, unknown = await answers(api, someone, place)
        if foreign != unknown:
            differing[place.name] = (foreign, unknown)
        if "errors" in orjson.loads(foreign) and '"FORBIDDEN"' not in foreign:
            malformed[place.name] = foreign

    assert differing == {}
    assert malformed == {}
    assert len(tried) > 100


async def test_a_foreign_id_is_an_unknown_one_to_every_input(
    deployment: Deployment, api: Api, agency: SmallAgency
) -> None:
    someone = await outsider(deployment, api, agency, "ADMIN")
    # A limited administrator sees no principal; an id of one that exists must still be named where one is asked for.
    tried = list(Places(core_schema(), someone.foreign | someone.own).inputs())
    differing = {}
    not_about_the_id = {}
    for place in tried:
        if place.prefix in EVERYBODYS:
            continue
        beside = {name: _own(value, someone) for name, value in BESIDE.get(place.name, {}).items()}
        given = {"input": {**place.variables["input"], **beside}}
        foreign, unknown = await answers(api, someone, replace(place, variables=given))
        if foreign != unknown:
            differing[place.name] = (foreign, unknown)
        if '"NOT_FOUND"' not in foreign and place.name not in REFUSED_UNSEEN:
            not_about_the_id[place.name] = foreign

    assert differing == {}
    assert not_about_the_id == {}
    assert len(tried) > 40


def test_the_places_are_read_off_the_schema() -> None:
    names = {place.name for place in Places(core_schema(), {}).inputs()}
    assert {"accountUpdate.accountId", "paymentRecord.accountId", "interactionRecord.debtsDiscussed.[]"} <= names
