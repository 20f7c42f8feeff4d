"""Values that tell who a debtor is, ways to plant those that no command stores, and a look for what is left."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import psycopg
from psycopg import sql

PLANTED = {
    "full name": "Zebulon Quackenbush",
    "given name": "Zebulon",
    "family name": "Quackenbush",
    "alias": "Zeb the Quill",
    "former family name": "Vanderquist",
    "birth": "1961-07-19",
    "street": "77 Marzipan Crescent",
    "city": "Ouagatown",
    "postal code": "90939",
    "residence source": "told by aunt Philippa",
    "second street": "Flat 9, Tangerine Wharf",
    "second city": "Lower Slaughter",
    "phone": "+12025550187",
    "phone extension": "90713357",
    "phone source": "card in a lunchbox",
    "why invalid": "answered by cousin Barnaby",
    "second phone": "+442079460958",
    "email": "zeb.quill@marzipan.example",
    "handle": "zebthequill",
    "network": "Tumblebook",
    "social security": "078-05-1120",
    "passport": "X9183746Q",
    "reveal reason": "Zebulon asked which passport",
    "consent source": "form signed at the fair",
    "consent evidence": "scan of page 41 of his diary",
    "revocation": "postcard from Antofagasta",
    "hold reason": "his wife Ermintrude fell ill",
    "hold evidence": "letter of Doctor Featherstone",
    "release reason": "Ermintrude is well again",
    "fact evidence": "note pinned to the goat shed",
    "fact end": "Ermintrude found the receipt",
    "fact withdrawal": "told of Hezekiah, not of him",
    "vulnerability": "letter of the clinic at Llanfair",
    "notice version": "to the houseboat, with a llama",
    "content": "Dear Zebulon, remember the goat",
    "note": "sobbed about his goat Bathsheba",
    "recording": "calls/zq-goat-0071.wav",
    "correction": "mistook him for brother Hezekiah",
    "corrected note": "it was about a llama after all",
    "endpoint": "+12025550199",
    "bounce": "mailbox of zeb is full of llamas",
    "client reference": "CUST-ZQ-5512",
    "second client reference": "K-ZEB-9",
    "note of the second contact": "whistled the anthem of Bathsheba",
    "reference of the other client": "K-QUILL-0815",
    "property": "the houseboat Bathsheba II",
    "payment reference": "standing order Z QUACKENBUSH",
    "reversal reason": "bounced at the bank of Hezekiah",
    "sign-in name": "Zeb at the portal",
    "issuer subject": "oidc|zq-4815162342",
    "plugin value": "likes to be called at teatime",
    "provider description": "for the houseboat of Zeb",
    "provider problem": "card of Ermintrude expired",
    "refund reason": "Philippa paid it twice",
    "case reference": "12 C 34/26 Quackenbush",
    "receipt reference": "for all debts of Z QUACKENBUSH",
    "schedule reason": "Ermintrude is paid on Fridays",
    "fee reason": "sent the money by carrier llama",
    "pause reason": "he broke his leg on the llama",
    "refused row": "line of the file with Zebulon Quackenbush in it",
}


_BY_SQL = """
insert into principal (id, kind, name, issuer, subject, debtor_id, status, version, created_at, updated_at)
values (uuid_v7(), 'DEBTOR', %(sign-in name)s, 'https://id.example', %(issuer subject)s, %(debtor)s, 'ACTIVE', 1, now(),
        now());
insert into payment_intent (id, client_id, account_id, debtor_id, gateway, plugin, plugin_version, amount_minor,
                            currency, method, initiated_by, description, status, outcome, problem, principal_id,
                            version, created_at, updated_at)
values (%(intent)s, %(bank)s, %(account)s, %(debtor)s, 'g', 'p', '1', 100, 'USD', 'CARD', 'AGENCY',
        %(provider description)s, 'DECLINED', 'DECLINED', %(provider problem)s, uuid_v7(), 1, now(), now());
insert into payment_refund (id, client_id, account_id, intent_id, amount_minor, currency, reason, status, principal_id,
                            version, created_at, updated_at)
values (uuid_v7(), %(bank)s, %(account)s, %(intent)s, 100, 'USD', %(refund reason)s, 'DECLINED', uuid_v7(), 1, now(),
        now());
insert into judgment (client_id, account_id, entry_id, entered_on, court, case_reference, currency, principal_minor,
                      interest_minor, fees_minor, costs_minor, recorded_at)
select client_id, account_id, id, effective_on, 'Court', %(case reference)s, currency, 100, 0, 0, 0, now()
from ledger_entry where account_id = %(account)s order by id limit 1;
insert into receipt (id, debtor_id, amount_minor, currency, method, paid_to, received_on, effective_on, reference, way,
                     recorded_at)
values (%(receipt)s, %(debtor)s, 100, 'USD', 'CASH', 'AGENCY', '2026-03-02', '2026-03-02', %(receipt reference)s,
        'EVEN', now());
insert into receipt_share (id, receipt_id, client_id, account_id, position, owed_minor, amount_minor, currency, reason)
values (uuid_v7(), %(receipt)s, %(bank)s, %(account)s, 1, 100, 0, 'USD', 'An even part.');
insert into instalment_schedule (id, client_id, account_id, sequence, from_on, reason, recorded_at)
values (%(schedule)s, %(bank)s, %(account)s, 1, '2026-03-02', %(schedule reason)s, now());
insert into instalment (client_id, account_id, schedule_id, number, due_on, currency, principal_minor)
values (%(bank)s, %(account)s, %(schedule)s, 1, '2026-04-01', 'USD', 100);
insert into unpaid_since (account_id, from_on, client_id, due_on)
values (%(account)s, '2026-03-02', %(bank)s, '2026-04-01');
insert into delinquency_pause (client_id, account_id, sequence, kind, from_on, until_on, reason, recorded_at)
values (%(bank)s, %(account)s, 1, 'PAUSE', '2026-03-02', '2026-04-02', %(pause reason)s, now());
insert into delinquency (account_id, client_id, evaluated_on, bucket, rule)
values (%(account)s, %(bank)s, '2026-03-02', '1-30', 'r') on conflict (account_id) do nothing;
insert into delinquency_bucket (client_id, account_id, bucket, from_days, until_days, added_on, lifted_on, recorded_at)
values (%(bank)s, %(account)s, '1-30', 1, 30, '2020-01-01', '2020-01-02', now());
insert into fee_claim (id, client_id, account_id, debtor_id, rule, period, kind, amount_minor, currency, computed_minor,
                       base_minor, days_past_due, settings_version, state, quoted_on, claim_on, ask_on, forgiven_minor,
                       version, created_at, updated_at)
values (%(fee)s, %(bank)s, %(account)s, %(debtor)s, 'late', 'ONCE', 'LATE', 100, 'USD', 100, 100, 1, 0, 'WAIVED',
        '2026-03-02', '2026-03-02', '2026-03-02', 100, 1, now(), now());
insert into fee_claim_step (id, client_id, account_id, fee_claim_id, position, step, state, effective_on, recorded_at,
                            recorded_by_id, recorded_by_name, reason)
values (uuid_v7(), %(bank)s, %(account)s, %(fee)s, 1, 'WAIVED', 'WAIVED', '2026-03-02', now(), uuid_v7(), 'Carol',
        %(fee reason)s);
insert into placement (id, client_id, reference, received_on, created_at)
values (%(placement)s, %(bank)s, 'P-1', '2026-03-02', now());
insert into import_run (id, client_id, placement_id, file_name, content_hash, mapping_hash, state, principal_id,
                        started_at)
values (%(run)s, %(bank)s, %(placement)s, 'f.csv', 'c', 'm', 'RUNNING', uuid_v7(), now());
insert into import_row_error (client_id, run_id, line, code, reason, original)
values (%(bank)s, %(run)s, 1, 'INVALID_INPUT', 'no date', %(refused row)s)
"""


def plant_by_sql(owner_url: str, *, bank: UUID, account: UUID, debtor: UUID) -> None:
    """What comes into the database by ways of their own: sign-ins, providers' words, refused rows."""
    known: dict[str, object] = {"bank": bank, "account": account, "debtor": debtor, **PLANTED}
    known |= {
        "intent": UUID(int=7),
        "placement": UUID(int=8),
        "run": UUID(int=9),
        "schedule": UUID(int=10),
        "fee": UUID(int=11),
        "receipt": UUID(int=12),
    }
    with psycopg.connect(owner_url) as owner:
        for statement in _BY_SQL.split(";"):
            owner.execute(statement.encode(), known)


def places_of(owner_url: str, texts: Iterable[str]) -> dict[str, set[str]]:
    """In which tables each text stands: as it is, in small letters, without spaces and dashes, or as bytes."""
    forms = {text: {text, text.lower(), text.replace("-", "").replace(" ", ""), text.encode().hex()} for text in texts}
    found: dict[str, set[str]] = {text: set() for text in forms}
    with psycopg.connect(owner_url) as owner:
        tables = owner.execute(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'jobs') order by 1, 2"
        ).fetchall()
        for schema, table in tables:
            rows = owner.execute(
                sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
            ).fetchall()
            whole = "\n".join(row[0] for row in rows)
            for text, variants in forms.items():
                if any(variant in whole for variant in variants):
                    found[text].add(table)
    return found
