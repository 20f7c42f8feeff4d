"""What plugins and the gate leave behind: a fact, a notice, a decision, a charge, a dead letter, a person's request."""

from __future__ import annotations

import datetime
from uuid import UUID

import psycopg
from pydantic import SecretStr

from arrears.compliance.commands import ContactRequest, request_contact
from arrears.compliance.licences import LicenceKind, LicenceRecord, record_licence
from arrears.compliance.notices import NoticeRecord, record_notice
from arrears.compliance.recording import FactRecord, record_fact
from arrears.configuration.commands import SettingsChange, settings_change
from arrears.debtors.model import CommunicationChannel
from arrears.kernel.context import Context
from arrears.payments.charging import PaymentCharge, charge_payment
from arrears.privacy.commands import DataRequestOpen, open_data_request
from arrears.privacy.model import DataRequestKind
from arrears_quiet_hours import QuietHours
from arrears_sandbox_gateway import SandboxGateway
from arrears_sdk.ids import new_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind
from tests.conftest import START, Deployment
from tests.graphql.small_agency import SmallAgency
from tests.plugin_hosts import host_with

_LETTER = b"""
insert into dead_letter (id, event_id, event_name, subject, subject_id, client_id, plugin, subscriber, attempts, error,
                         state, occurred_at, died_at)
select %(id)s, id, 'PaymentRecorded', 'paym', %(subject)s, %(client)s, 'diary', 'writer', 8,
       'raised ValueError: cannot read 1', 'DEAD', %(at)s, %(at)s
from event order by id limit 1
"""


async def leave_plugin_history(deployment: Deployment, agency: SmallAgency) -> None:
    """One record of each kind for the first client and its first account; figures are the same every time."""
    settings = {"quiet-hours": {}, "sandbox-gateway": {}, "payments": {"gateway": "sandbox"}}
    await host_with(deployment, [QuietHours, SandboxGateway], settings)
    context, client_id, account_id = deployment.context(), agency.clients[0], agency.accounts[0]
    change = SettingsChange(
        client_id=client_id, group="compliance", version=0, settings={"without_rules": "DENY"}, reason="House rule"
    )
    await settings_change(context, change)
    await _tell_the_gate(context, account_id)
    contact = ContactRequest(channel=CommunicationChannel.PHONE_CALL, account_ids=(account_id,))
    await request_contact(context, contact, idempotency_key="contact")
    charge = PaymentCharge(
        account_id=account_id,
        amount=Money(1_200, "USD"),
        method=PaymentMethodKind.CARD,
        token=SecretStr("tok_insufficient_funds"),
        initiated_by=Initiator.DEBTOR,
    )
    await charge_payment(context, charge, idempotency_key="charge")
    await open_data_request(context, DataRequestOpen(debtor_id=agency.debtors[1], kind=DataRequestKind.EXPORT))
    with psycopg.connect(deployment.urls.owner) as connection:
        values = {"id": new_id(), "subject": new_id(), "client": client_id}
        connection.execute(_LETTER, values | {"at": START - datetime.timedelta(hours=1)})


async def _tell_the_gate(context: Context, account_id: UUID) -> None:
    """A fact, a notice and a licence, all of the start."""
    fact = FactRecord(
        kind=FactKind.DISPUTE, word="ORAL", account_id=account_id, source=FactSource.DEBTOR, received_at=START
    )
    await record_fact(context, fact)
    letter = CommunicationChannel.LETTER
    await record_notice(
        context,
        NoticeRecord(kind=NoticeKind.VALIDATION, medium=letter, account_ids=(account_id,), sent_at=START),
    )
    licence = LicenceRecord(
        place="US-NY-NEW YORK", kind=LicenceKind.LICENCE, number="2026-1", from_on=datetime.date(2025, 1, 1)
    )
    await record_licence(context, licence)
