"""Everything that the platform keeps about a person, as one document."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from arrears.kernel.transaction import Transaction
from arrears.kernel.vault import Cell
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id

FORM = "arrears-personal-data/1"

# Each part of the document and the rows it holds; `%(debtor)s` is the person.
_PARTS: Mapping[str, str] = {
    "names": """
        select kind, full_name, given_name, family_name, from_on, until_on
        from debtor_name where debtor_id = %(debtor)s order by id""",
    "residences": """
        select kind, address_lines, city, region, postal_code, country, from_on, until_on, source, obtained_on
        from residence where debtor_id = %(debtor)s order by id""",
    "contactPoints": """
        select channel, value, extension, network, line_type, owner, used_for, source, obtained_on, validity,
               invalid_reason, invalid_on, preferred
        from contact_point where debtor_id = %(debtor)s order by id""",
    "consents": """
        select channel, state, scope, method, source, given_directly, given_at, expires_at, evidence, revocation_medium,
               recorded_at
        from consent where debtor_id = %(debtor)s order by given_at, id""",
    "timeZones": "select zone, source from time_zone_candidate where debtor_id = %(debtor)s order by id",
    "clients": """
        select client.name as client, link.reference, link.created_at as since
        from debtor_client link join client on client.id = link.client_id
        where link.debtor_id = %(debtor)s order by link.id""",
    "holds": """
        select kind, scope, channel, blocks, reason, source, evidence, starts_at, ends_at, released_at, release_reason
        from hold where debtor_id = %(debtor)s order by starts_at, id""",
    "facts": """
        select kind, source, received_at, starts_at, ends_at, word, on_day as on_date, number,
               money_text(amount_minor, currency) as amount, currency, place, earliest_time, latest_time, weekdays,
               channel, evidence, end_reason, withdrawn_at, withdrawn_reason
        from fact where debtor_id = %(debtor)s order by starts_at, id""",
    "notices": """
        select kind, medium, sent_at, received_on, returned_at, ends_on, template, template_version, language
        from notice where debtor_id = %(debtor)s order by sent_at, id""",
    "interactions": """
        select client.name as client, started_at, ended_at, channel, direction, endpoint, party_reached, result,
               debt_discussed, debtor_local_date, language, content, note, recording_reference
        from interaction join client on client.id = interaction.client_id
        where debtor_id = %(debtor)s order by started_at, interaction.id""",
    "decisions": """
        select decided_at, channel, verdict, until,
               (select array_agg(distinct finding.reason order by finding.reason)
                from decision_finding finding where finding.decision_id = decision.id) as reasons
        from decision where debtor_id = %(debtor)s order by decided_at, id""",
    "paymentsThroughProviders": """
        select intent.created_at, money_text(amount_minor, intent.currency) as amount, intent.currency, method, gateway,
               description, status, provider_reference
        from payment_intent intent where debtor_id = %(debtor)s order by intent.created_at, intent.id""",
    "signIns": "select name, issuer, subject, status from principal where debtor_id = %(debtor)s order by id",
    "requests": """
        select kind, status, opened_at, fulfilled_at from data_request where debtor_id = %(debtor)s order by id""",
}
_DEBTOR = """
select kind, display_name, date_of_birth, country, preferred_language, languages, legal_form, registration_number,
       created_at
from debtor where id = %(debtor)s
"""
_ACCOUNTS = """
select account.id, client.name as client, party.role, party.liability, account.reference, account.original_reference,
       account.servicing_reference, account.product, account.status, account.close_reason, account.opened_on,
       account.due_on, account.placed_on, account.secured_property, account.contract_place, account.currency,
       money_text(account.placed_minor, account.currency) as placed,
       money_text(account.balance_minor, account.currency) as balance
from account join client on client.id = account.client_id
join party on party.account_id = account.id and party.debtor_id = %(debtor)s
order by account.id
"""
_LEDGER = """
select account_id, kind, count(*) as entries, sum(amount_minor)::bigint as minor, currency
from ledger_entry where account_id = any(%(accounts)s) group by account_id, kind, currency order by account_id, kind
"""
_PAYMENTS = """
select account_id, received_on, money_text(amount_minor, currency) as amount, currency, method, paid_to, reference,
       state
from payment where account_id = any(%(accounts)s) order by received_on, id
"""
_NATIONAL_IDS = "select id, kind, country, sealed from national_id where debtor_id = %(debtor)s order by id"

Rows = list[dict[str, Any]]


async def collected(tx: Transaction, debtor_id: UUID, plugins: JsonValue) -> dict[str, JsonValue]:
    """The document: the core's part, and what plugins gave, by client and plugin."""
    wanted = {"debtor": debtor_id}
    document: dict[str, JsonValue] = {
        "form": FORM,
        "collectedAt": tx.now.isoformat(),
        "debtorId": encode_id("dbtr", debtor_id),
    }
    (debtor,) = await _rows(tx, _DEBTOR, wanted)
    document["debtor"] = _plain(debtor)
    for name, statement in _PARTS.items():
        document[name] = _plain(await _rows(tx, statement, wanted))
    document["nationalIds"] = await _national_ids(tx, debtor_id)
    document["accounts"] = await _accounts(tx, debtor_id)
    document["plugins"] = plugins
    return document


async def _accounts(tx: Transaction, debtor_id: UUID) -> JsonValue:
    accounts = await _rows(tx, _ACCOUNTS, {"debtor": debtor_id})
    wanted = {"accounts": [account["id"] for account in accounts]}
    ledger, payments = await _rows(tx, _LEDGER, wanted), await _rows(tx, _PAYMENTS, wanted)
    told: list[JsonValue] = []
    for account in accounts:
        own = account.pop("id")
        account["account_id"] = encode_id("acct", own)
        account["ledger"] = _of_account(ledger, own)
        account["payments"] = _of_account(payments, own)
        told.append(_plain(account))
    return told


def _of_account(rows: Rows, account_id: UUID) -> Rows:
    return [
        {name: value for name, value in row.items() if name != "account_id"}
        for row in rows
        if row["account_id"] == account_id
    ]


async def _national_ids(tx: Transaction, debtor_id: UUID) -> JsonValue:
    rows = await _rows(tx, _NATIONAL_IDS, {"debtor": debtor_id})
    cells = [(Cell(debtor_id, "national_id", row["id"], "sealed"), row["sealed"]) for row in rows]
    numbers = await tx.context.vault.reveal_many(tx, cells)
    return [
        {"kind": row["kind"], "country": row["country"], "number": number}
        for row, number in zip(rows, numbers, strict=True)
    ]


async def _rows(tx: Transaction, statement: str, parameters: Mapping[str, object]) -> Rows:
    connection = await tx.connection()
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), parameters)
        return await cursor.fetchall()


def _plain(value: object) -> JsonValue:
    """A value as JSON, names in the form of the API; what is empty is left out of objects."""
    match value:
        case None | str() | bool() | int():
            return value
        case Mapping():
            return {_camel(str(name)): _plain(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case datetime.datetime():
            return value.astimezone(datetime.UTC).isoformat()
        case datetime.date() | datetime.time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            raise TypeError(f"an export cannot hold a {type(value).__name__}")


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
