"""Every text about a person that the schema can hold is erased, or stands here with the reason why it stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import psycopg
from psycopg import sql

from arrears.privacy.commands import DataRequestOpen, open_data_request
from arrears.privacy.fulfilment import fulfil
from arrears.privacy.model import DataRequestKind, ErasureGround
from tests.conftest import Deployment
from tests.product.privacy.people import People
from tests.product.privacy.planted import plant_by_sql

OF_THE_PERSON = {
    "debtor": "id = %(debtor)s",
    "payment_attempt": "intent_id = %(intent)s",
    "payment_finding": "intent_id = %(intent)s",
    "webhook_notice": "intent_id = %(intent)s",
    "import_row_error": "true",
    "person_key": "person_id = %(debtor)s",
}

_DEBT = "the debt, not the person: what the ledger is matched with the client's books by"
_RULES = "said by rules and software, which are given no names"
_PROVIDER = "the provider's number of an order, which its own books are matched by; the customer there is erased"
_LAW = "which law and hours applied: nobody is told apart by it"
_STAFF = "who of the agency did it"

KEPT = {
    "account.reference": _DEBT,
    "account.original_reference": _DEBT,
    "account.servicing_reference": _DEBT,
    "account.governing_law": _LAW,
    "account.contract_place": _LAW,
    "account.interest_clause": _DEBT,
    "account.fee_clause": _DEBT,
    "account_creditor.name": _DEBT,
    "account_creditor.document_reference": _DEBT,
    "allocation.stage": _RULES,
    "allocation.waterfall": _RULES,
    "allocation_line.currency": _DEBT,
    "allocation_line.reason": _RULES,
    "decision.decided_by_name": _STAFF,
    "decision.action": _RULES,
    "decision.content": _RULES,
    "decision.gateway": _PROVIDER,
    "decision.initiated_by": _RULES,
    "decision.languages": _LAW,
    "decision.method": _RULES,
    "decision.party": _RULES,
    "decision.place": _LAW,
    "decision.purpose": _RULES,
    "decision.requirements": _RULES,
    "decision_finding.citation": _RULES,
    "decision_finding.confidence": _RULES,
    "decision_finding.missing_fact": _RULES,
    "decision_finding.plugin": _RULES,
    "decision_finding.plugin_version": _RULES,
    "decision_finding.reason": _RULES,
    "decision_finding.requirement": _RULES,
    "decision_finding.rule": _RULES,
    "debtor.country": _LAW,
    "fact.recorded_by_name": _STAFF,
    "delinquency.bucket": "how many days past due the client calls by which name",
    "delinquency.rule": _RULES,
    "delinquency_bucket.bucket": "how many days past due the client calls by which name",
    "fee_claim.cap": _RULES,
    "fee_claim.period": _DEBT,
    "fee_claim.rule": _RULES,
    "fee_claim_step.recorded_by_name": _STAFF,
    "hold.blocks": _RULES,
    "instalment.currency": _DEBT,
    "interaction.language": _LAW,
    "interaction.debtor_zone": _LAW,
    "interaction.template": "which text of the agency was sent",
    "interaction.disclosures": "which texts of the agency were said",
    "interaction.recorded_by_name": _STAFF,
    "ledger_entry.kind": _DEBT,
    "receipt_share.reason": _RULES,
    "receipt_share.currency": _DEBT,
    "receipt.sorted_by": _RULES,
    "receipt.method": _DEBT,
    "receipt.currency": _DEBT,
    "judgment.currency": _DEBT,
    "judgment.court": _DEBT,
    "ledger_entry.command": _RULES,
    "notice.language": _LAW,
    "notice.recorded_by_name": _STAFF,
    "notice.template": "which text of the agency was sent",
    "payment.direction": _DEBT,
    "payment.method": _DEBT,
    "payment_intent.gateway": _PROVIDER,
    "payment_intent.plugin": _RULES,
    "payment_intent.plugin_version": _RULES,
    "payment_intent.initiated_by": _RULES,
    "payment_intent.provider_reference": _PROVIDER,
    "payment_intent.problem_code": _PROVIDER,
    "payment_refund.provider_reference": _PROVIDER,
    "payment_refund.problem_code": _PROVIDER,
    "payment_chargeback.reference": _PROVIDER,
    "payment_finding.rule": _RULES,
    "payment_finding.reason": _RULES,
    "payment_finding.citation": _RULES,
    "payment_finding.requirement": _RULES,
    "payment_finding.missing_fact": _RULES,
    "payment_finding.plugin": _RULES,
    "payment_finding.plugin_version": _RULES,
    "webhook_notice.provider_reference": _PROVIDER,
    "payment_refund.currency": _DEBT,
    "posting.currency": _DEBT,
    "posting.ledger_account": _DEBT,
    "import_row_error.column_name": "a column of the file",
    "import_row_error.code": _RULES,
    "data_request.without_plugins": _RULES,
}

WITHOUT_ROWS = {
    "snapshot_balance",
    "accrual",
    "data_request",
    "interaction_account",
    "payment_attempt",
    "payment_chargeback",
    "payment_finding",
    "permit",
    "plugin_value",
    "role_grant",
    "webhook_notice",
}
"""Tables of which the person has no row here; their texts are dealt with by name, above or in erase_person()."""

TEXTS = """
select c.table_name, c.column_name, c.udt_name from information_schema.columns c
join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.udt_name in ('text', '_text')
order by c.table_name, c.ordinal_position
"""
TABLES = "select tablename::text from pg_tables where schemaname = 'public'"
ALWAYS = """
select tgrelid::regclass::text, tgname::text from pg_trigger
where tgname in ('append_only', 'append_only_update', 'audit_entry_waits')
"""
COLUMNS = """
select table_name, array_agg(column_name::text) from information_schema.columns
where table_schema = 'public' group by table_name
"""


def condition(table: str, columns: list[str]) -> str | None:
    """Which rows of a table are about the person; None for a table that is about nobody."""
    if table in OF_THE_PERSON:
        return OF_THE_PERSON[table]
    if "debtor_id" in columns:
        return "debtor_id = %(debtor)s"
    if "account_id" in columns:
        return "account_id = any(%(accounts)s)"
    return None


def mark_everything(connection: psycopg.Connection, known: dict[str, object]) -> set[str]:
    """Puts a mark into every text about the person that takes one; gives the columns that did."""
    columns = {str(table): names for table, names in connection.execute(COLUMNS).fetchall()}
    marked = set()
    for table, column, kind in connection.execute(TEXTS).fetchall():
        where = condition(table, columns[table])
        if where is None:
            continue
        name = f"{table}.{column}"
        mark = sql.Literal([f"marked {name}"] if kind == "_text" else f"marked {name}")
        parts = sql.SQL("update {} set {} = {} where ").format(sql.Identifier(table), sql.Identifier(column), mark)
        changed = 0
        # What refuses words is a closed list or a key.
        with suppress(psycopg.IntegrityError), connection.transaction():
            changed = connection.execute(parts + sql.SQL(where), known).rowcount
        if changed:
            marked.add(name)
    return marked


@contextmanager
def without_triggers(owner_url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection while nothing is refused for being append-only."""
    with psycopg.connect(owner_url) as connection:
        tables = [table for (table,) in connection.execute(TABLES).fetchall()]
        for table in tables:
            connection.execute(sql.SQL("alter table {} disable trigger user").format(sql.Identifier(table)))
        always = connection.execute(ALWAYS).fetchall()
    with psycopg.connect(owner_url) as connection:
        yield connection
    with psycopg.connect(owner_url) as connection:
        for table in tables:
            connection.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier(table)))
        for table, trigger in always:
            names = (sql.Identifier(table), sql.Identifier(trigger))
            connection.execute(sql.SQL("alter table {} enable always trigger {}").format(*names))


def empty_tables(owner_url: str, known: dict[str, object]) -> set[str]:
    """Tables about persons in which this one has no row."""
    empty = set()
    with psycopg.connect(owner_url) as connection:
        kinds = dict(connection.execute("select tablename::text, true from pg_tables where schemaname = 'public'"))
        for table, names in connection.execute(COLUMNS).fetchall():
            where = condition(str(table), names)
            if where is None or table not in kinds:
                continue
            statement = sql.SQL("select 1 from {} where ").format(sql.Identifier(table)) + sql.SQL(where)
            if connection.execute(statement + sql.SQL(" limit 1"), known).fetchone() is None:
                empty.add(str(table))
    return empty


def marks_left(connection: psycopg.Connection, marked: set[str]) -> set[str]:
    left = set()
    for name in marked:
        table, column = name.split(".")
        statement = sql.SQL("select 1 from {} where {}::text like '%marked%' limit 1").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        if connection.execute(statement).fetchone():
            left.add(name)
    return left


async def test_no_text_about_a_person_is_forgotten(deployment: Deployment, people: People) -> None:
    # given
    owner = deployment.urls.owner
    plant_by_sql(owner, bank=people.bank, account=people.account, debtor=people.debtor)
    known: dict[str, object] = {
        "debtor": people.debtor,
        "accounts": [people.account, people.second],
        "intent": UUID(int=7),
    }
    with without_triggers(owner) as connection:
        marked = mark_everything(connection, known)
        # What is refused in a file is found by the person's names.
        connection.execute("update import_row_error set original = 'of marked debtor_name.full_name'")
    assert len(marked) > 60
    assert empty_tables(owner, known) == WITHOUT_ROWS

    # when
    change = DataRequestOpen(debtor_id=people.debtor, kind=DataRequestKind.ERASURE, ground=ErasureGround.COURT_ORDER)
    request = (await open_data_request(deployment.context(), change)).result.data_request_id
    await fulfil(deployment.worker_context(), request)

    # then
    with psycopg.connect(owner) as connection:
        left = marks_left(connection, marked)
    assert left - KEPT.keys() == set(), "erase them in erase_person(), or say here why they stay"
