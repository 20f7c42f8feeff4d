"""Making debtors: many at once, in a number of statements that does not grow with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson

from arrears.access.model import Permission
from arrears.clients.commands import client_countries
from arrears.debtors.commands.facts import Origin, Path, RowValues, zones_of_contact_point, zones_of_residence
from arrears.debtors.commands.inputs import DebtorCreate, DebtorSaved
from arrears.debtors.commands.prepare import PreparedDebtor, prepared_debtor
from arrears.debtors.indexing import write_tokens
from arrears.debtors.tokens import (
    SearchedContact,
    SearchedLink,
    SearchedName,
    Token,
    blind_national_id,
    token_for_national_id,
    tokens_for_debtor,
)
from arrears.kernel.batches import insert_rows
from arrears.kernel.command import command
from arrears.kernel.personal import Personal
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.kernel.vault import Cell
from arrears_sdk.errors import ConflictError, ErrorCode, Problem

_UNTOLD = frozenset({"id", "debtor_id", "client_id", "version", "created_at", "updated_at", "validity", "preferred"})

LINK_TAKEN = Problem(
    ErrorCode.DUPLICATE_REFERENCE, "The client has another debtor of this reference.", ("input", "clients")
)


async def write_debtors(tx: Transaction, prepared: Sequence[PreparedDebtor]) -> list[DebtorSaved]:
    """Writes prepared debtors with everything that goes with them; the statements do not grow with their number.

    The caller has made sure that no reference is taken (`taken_references`); the database refuses one all the same.
    """
    connection = await tx.connection()
    # The links go first: they are what lets a principal limited to some clients write the debtor itself.
    await insert_rows(connection, "debtor_client", [link for one in prepared for link in one.links])
    await insert_rows(connection, "debtor", [one.debtor for one in prepared])
    await insert_rows(connection, "debtor_name", [name for one in prepared for name in one.names])
    residences = [residence for one in prepared for residence in one.residences]
    await insert_rows(connection, "residence", residences)
    contacts = [contact for one in prepared for contact in one.contact_points]
    await insert_rows(connection, "contact_point", contacts)
    today = Origin(UUID(int=0), None, tx.now).today
    zones = [zone for residence in residences for zone in zones_of_residence(residence, today)]
    zones += [zone for contact in contacts for zone in zones_of_contact_point(contact)]
    await insert_rows(connection, "time_zone_candidate", zones)
    tokens = [token for one in prepared for token in _tokens(one)]
    tokens += await _write_national_ids(tx, prepared)
    await write_tokens(tx, tokens)
    for one in prepared:
        _record(tx, one)
    return [DebtorSaved(debtor_id=one.debtor_id) for one in prepared]


async def taken_references(tx: Transaction, wanted: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Those of the (client, stored reference) pairs under which the client knows a debtor already."""
    if not wanted:
        return set()
    connection = await tx.connection()
    cursor = await connection.execute(
        """select link.client_id, link.reference
           from unnest(%s::uuid[], %s::text[]) as wanted (client_id, reference)
           join debtor_client link on link.client_id = wanted.client_id and link.reference = wanted.reference""",
        ([client for client, _ in wanted], [reference for _, reference in wanted]),
    )
    return {(client, reference) for client, reference in await cursor.fetchall()}


async def create_debtors(tx: Transaction, debtors: Sequence[DebtorCreate]) -> list[DebtorSaved]:
    """Makes debtors in the order given, all or none.

    Raises InputError for wrong values, NotFoundError for a client outside the scope, ConflictError with
    DUPLICATE_REFERENCE when a client's reference is taken, also within the batch. In a batch the paths begin with the
    place of the debtor.
    """
    paths: list[Path] = [("input",)] if len(debtors) == 1 else [("input", str(place)) for place in range(len(debtors))]
    countries = await client_countries(
        tx, {link.client_id for new in debtors for link in new.clients}, ("input", "clients")
    )
    prepared = [
        prepared_debtor(new, countries=countries, now=tx.now, vault=tx.context.vault, at=at)
        for new, at in zip(debtors, paths, strict=True)
    ]
    seen = await taken_references(tx, [pair for one in prepared for pair in one.references])
    for one in prepared:
        for pair in one.references:
            if pair in seen:
                raise ConflictError(LINK_TAKEN.message, code=LINK_TAKEN.code, field=(*one.at, "clients"))
            seen.add(pair)
    return await write_debtors(tx, prepared)


@command(
    "debtor.create",
    permission=Permission.DEBTORS_WRITE,
    constraints={"uq_debtor_client_client_id_reference": LINK_TAKEN},
)
async def debtor_create(tx: Transaction, change: DebtorCreate) -> DebtorSaved:
    """Makes one debtor with names, places, contact points and the clients that see it."""
    return (await create_debtors(tx, [change]))[0]


async def _write_national_ids(tx: Transaction, prepared: Sequence[PreparedDebtor]) -> list[Token]:
    """Seals and writes the identifiers of new debtors; gives their search tokens."""
    pairs = [(row, digits) for one in prepared for row, digits in one.national_ids]
    if not pairs:
        return []
    vault = tx.context.vault
    cells = [Cell(row["debtor_id"], "national_id", row["id"], "sealed") for row, _ in pairs]
    sealed = await vault.seal_many(tx, [(cell, digits) for cell, (_, digits) in zip(cells, pairs, strict=True)])
    rows, tokens = [], []
    for cell, (row, digits), ciphertext in zip(cells, pairs, sealed, strict=True):
        blind = blind_national_id(vault, digits)
        rows.append(row | {"sealed": f"\\x{ciphertext.hex()}", "blind": blind})
        tokens.append(token_for_national_id(cell.person_id, cell.row_id, row["client_id"], blind))
    await insert_rows(await tx.connection(), "national_id", rows)
    return tokens


def _tokens(one: PreparedDebtor) -> list[Token]:
    return tokens_for_debtor(
        one.debtor_id,
        one.debtor["display_name"],
        [SearchedLink(link["id"], link["client_id"], link["reference"]) for link in one.links],
        [SearchedName(name["id"], name["client_id"], name["full_name"]) for name in one.names],
        [
            SearchedContact(contact["id"], contact["client_id"], contact["channel"], contact["value"])
            for contact in one.contact_points
        ],
    )


def _record(tx: Transaction, one: PreparedDebtor) -> None:
    """The audit and the event of a new debtor; what is personal is one sealed value."""
    client_ids = [link["client_id"] for link in one.links]
    client_id = client_ids[0] if len(client_ids) == 1 else None
    personal = {
        "references": {str(link["client_id"]): link["reference"] for link in one.links if link["reference"]},
        "date_of_birth": one.debtor["date_of_birth"],
        "registration_number": one.debtor["registration_number"],
        "names": [_told(name) for name in one.names],
        "residences": [_told(residence) for residence in one.residences],
        "contact_points": [_told(contact) for contact in one.contact_points],
        "national_ids": [_told(row) for row, _ in one.national_ids],
    }
    after = {
        "kind": one.debtor["kind"],
        "country": one.debtor["country"],
        "languages": one.debtor["languages"],
        "clients": client_ids,
        "personal": Personal(orjson.dumps(personal).decode()),
    }
    tx.audit(subject="dbtr", subject_id=one.debtor_id, client_id=client_id, after=after, person_id=one.debtor_id)
    payload = {"kind": one.debtor["kind"].value, "client_ids": [str(client) for client in client_ids]}
    tx.emit(Event("DebtorCreated", "dbtr", one.debtor_id, client_id, payload))


def _told(row: RowValues) -> RowValues:
    """What a row says, without its keys and instants, which the audit record has already."""
    return {name: value for name, value in row.items() if value is not None and name not in _UNTOLD}
