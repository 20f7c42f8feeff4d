"""Taking money through a gateway: the intent and its key are stored first, then the provider is called, once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr, field_serializer

from arrears.access.model import Permission
from arrears.accounts.model import CLOSED_STATUSES
from arrears.clients.model import checked_text
from arrears.compliance.acting import STOPPED_BY_HOLDS, ask_about_payment
from arrears.compliance.deciding import decide
from arrears.compliance.facts import account_places
from arrears.compliance.model import PaymentAnswer, PaymentQuestion
from arrears.compliance.permits import lock_person, redeemed, use
from arrears.compliance.state import HOLD_RULE, platform_says
from arrears.kernel.command import Command, Result
from arrears.kernel.context import Context
from arrears.kernel.personal import mask_card_numbers
from arrears.kernel.records import Event
from arrears.kernel.transaction import Transaction
from arrears.ledger.posting import LockedAccount, lock_accounts
from arrears.payments.asking import schedule_asking
from arrears.payments.calling import charge_through, find_gateway, payment_settings, what_is_charged
from arrears.payments.model import INTENT, PaymentStatus, Told, checked_token, provider_key, told
from arrears.payments.queries import holds_on_payments, reserved_on_account
from arrears.payments.sending import AskingCommand, Sent
from arrears.payments.settings import PaymentSettings
from arrears.payments.tables import AttemptRow, FindingRow, IntentRow
from arrears.plugins.bound import BoundPort
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import Place
from arrears_sdk.clock import Clock
from arrears_sdk.errors import CurrencyMismatchError, ErrorCode, InputError, NotFoundError, RefusedError
from arrears_sdk.ids import encode_id, new_id
from arrears_sdk.money import Money
from arrears_sdk.outcome import NotSent
from arrears_sdk.permit import Permit
from arrears_sdk.ports.gateway import ChargeRequest, Gateway
from arrears_sdk.ruling import Finding, Ruling
from arrears_sdk.vocabulary import Initiator, PaymentMethodKind


class PaymentCharge(Command):
    """Money to be taken for an account through a gateway; the client's own gateway unless one is named."""

    account_id: UUID
    amount: Money
    method: PaymentMethodKind
    token: SecretStr
    initiated_by: Initiator
    description: str | None = None
    gateway: str | None = None
    recurring: bool = False
    previous_amount: Money | None = None

    @field_serializer("token", when_used="json")
    def _whole(self, token: SecretStr) -> str:
        # For the keyed digest that tells one input from another; it is stored nowhere.
        return token.get_secret_value()


class Objection(Result):
    """Why a payment was not allowed: one finding of a rule."""

    rule: str
    plugin: str
    reason: str


class PaymentCharged(Result):
    """The intent that was made, and why it was refused if it was; how it stands is read from the intent itself."""

    intent_id: UUID
    account_id: UUID
    objections: tuple[Objection, ...] = ()
    permit_id: UUID | None = None


@dataclass(frozen=True)
class Prepared:
    """Everything that is found out before the intent is stored."""

    place: Place
    settings: PaymentSettings
    gateway: BoundPort[Gateway]
    answer: PaymentAnswer
    clock: Clock


class Charging(AskingCommand[PaymentCharge, PaymentCharged, Prepared]):
    """`payment.charge`."""

    async def prepare(self, context: Context, change: PaymentCharge) -> Prepared:
        """Checks the input, finds the gateway and asks the rules; nothing is written."""
        checked_token(change.token, ("input", "token"))
        if change.description is not None:
            checked_text(change.description, ("input", "description"))
        place = (await account_places(context, [change.account_id])).get(change.account_id)
        if place is None or place.client_id is None:
            raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
        settings = await payment_settings(context, place.client_id, place.portfolio_id)
        key = change.gateway or settings.gateway
        gateway = await find_gateway(context, key, place.client_id, place.portfolio_id)
        _check_capabilities(gateway, change)
        question = PaymentQuestion(
            at=context.clock.now(),
            account_id=change.account_id,
            amount=change.amount,
            method=change.method,
            gateway=gateway.key,
            initiated_by=change.initiated_by,
            recurring=change.recurring,
            previous=change.previous_amount,
        )
        answer = await ask_about_payment(context, context.service(PluginHost), question)
        return Prepared(place, settings, gateway, answer, context.clock)

    async def store(self, tx: Transaction, change: PaymentCharge, prepared: Prepared) -> PaymentCharged:
        """Stores the intent with what the gate decided; the provider has not been asked yet."""
        # The person before the account, as everybody does who takes both.
        await lock_person(tx, prepared.answer.debtor_id)
        account = (await lock_accounts(tx, [change.account_id])).get(change.account_id)
        if account is None:
            raise NotFoundError("There is no such account that you may see.", field=("input", "accountId"))
        await _check_amount(tx, change, account)
        answer = prepared.answer.and_also(await _holds(tx, change, prepared))
        decision_id, permit = await decide(tx, answer)
        refused, ruling = permit is None, answer.ruling
        intent = _intent(tx, change, prepared, account, refused=refused)
        intent.decision_id = decision_id
        tx.session.add(intent)
        # The rows below point to the intent, of which the session knows nothing.
        await tx.session.flush()
        if permit is not None:
            use(tx, permit, what_is_charged(encode_id("acct", account.account_id), change.amount), tx.now)
            permit.recorded_at = tx.now
        findings = [_finding(intent, place, one) for place, one in enumerate(ruling.ordered, start=1)]
        tx.session.add_all(findings)
        if not refused:
            tx.session.add(_attempt(tx, intent))
            await schedule_asking(tx, intent, seconds=prepared.settings.call_seconds)
        _tell(tx, intent, findings)
        objections = tuple(Objection(rule=one.rule, plugin=one.plugin, reason=one.reason) for one in ruling.deciding)
        return PaymentCharged(
            intent_id=intent.id,
            account_id=account.account_id,
            objections=objections if refused else (),
            permit_id=None if permit is None else permit.id,
        )

    async def send(self, change: PaymentCharge, prepared: Prepared, result: PaymentCharged) -> Sent | None:
        """Calls the provider; None when there is nothing to send."""
        if result.permit_id is None:
            return None
        permit = redeemed(result.permit_id)
        key = provider_key(INTENT, result.intent_id)
        assert prepared.place.client_id is not None
        request = ChargeRequest(
            key=key,
            payment_id=key,
            client_id=encode_id("clnt", prepared.place.client_id),
            account_id=encode_id("acct", result.account_id),
            debtor_id=encode_id("dbtr", prepared.answer.debtor_id),
            amount=change.amount,
            method=change.method,
            token=checked_token(change.token, ("input", "token")),
            description=mask_card_numbers(change.description or ""),
            permit=permit,
        )
        return Sent(result.intent_id, None, await _charge(prepared, request, permit))


charge_payment = Charging("payment.charge", Permission.PAYMENTS_CHARGE, PaymentCharge, PaymentCharged)


async def _charge(prepared: Prepared, request: ChargeRequest, permit: Permit) -> Told:
    try:
        return await charge_through(
            prepared.gateway, request, permit, clock=prepared.clock, seconds=prepared.settings.call_seconds
        )
    except RefusedError as error:
        return told(NotSent(reason=error.problems[0].message))


def _check_capabilities(gateway: BoundPort[Gateway], change: PaymentCharge) -> None:
    can = gateway.port.capabilities
    if change.method not in can.methods:
        raise RefusedError(
            f"The gateway {gateway.key} takes no payment by {change.method}.",
            code=ErrorCode.GATEWAY_NOT_USABLE,
            field=("input", "method"),
        )
    if can.currencies and change.amount.currency not in can.currencies:
        raise RefusedError(
            f"The gateway {gateway.key} takes no {change.amount.currency}.",
            code=ErrorCode.GATEWAY_NOT_USABLE,
            field=("input", "amount"),
        )


async def _check_amount(tx: Transaction, change: PaymentCharge, account: LockedAccount) -> None:
    """What is under way already counts as taken, so that two at once never take more than is owed."""
    field = ("input", "amount")
    if change.amount.currency != account.currency:
        raise CurrencyMismatchError(f"The account is kept in {account.currency}.", field=field)
    if change.amount.minor <= 0:
        raise InputError("The amount must be above zero.", code=ErrorCode.AMOUNT_NOT_POSITIVE, field=field)
    if account.status in CLOSED_STATUSES:
        raise RefusedError("The account is closed.", code=ErrorCode.ACCOUNT_CLOSED, field=("input", "accountId"))
    reserved = await reserved_on_account(tx, account.account_id)
    if change.amount.minor > account.balance.minor - reserved:
        under_way = Money(reserved, account.currency)
        raise RefusedError(
            f"{change.amount} is more than the {account.balance} that is owed less {under_way} under way.",
            code=ErrorCode.AMOUNT_EXCEEDS_BALANCE,
            field=field,
        )


async def _holds(tx: Transaction, change: PaymentCharge, prepared: Prepared) -> Ruling:
    if change.initiated_by not in STOPPED_BY_HOLDS:
        return Ruling()
    kinds = await holds_on_payments(tx, change.account_id)
    denials = [
        Ruling.deny(f"A hold ({kind}) stops payments that the debtor did not ask for.", rule=HOLD_RULE)
        for kind in kinds
    ]
    return platform_says(Ruling.combine(denials), prepared.answer.settings_version)


def _intent(
    tx: Transaction, change: PaymentCharge, prepared: Prepared, account: LockedAccount, *, refused: bool
) -> IntentRow:
    description = change.description
    return IntentRow(
        id=new_id(),
        client_id=account.client_id,
        portfolio_id=prepared.place.portfolio_id,
        account_id=account.account_id,
        debtor_id=prepared.answer.debtor_id,
        gateway=prepared.gateway.key,
        plugin=prepared.gateway.plugin,
        plugin_version=prepared.gateway.version,
        settings_version=prepared.gateway.settings_version,
        amount_minor=change.amount.minor,
        currency=change.amount.currency,
        method=change.method.value,
        initiated_by=change.initiated_by.value,
        description=None if description is None else mask_card_numbers(description.strip()),
        status=(PaymentStatus.REFUSED if refused else PaymentStatus.CREATED).value,
        principal_id=tx.context.principal.id,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _attempt(tx: Transaction, intent: IntentRow) -> AttemptRow:
    return AttemptRow(
        client_id=intent.client_id,
        account_id=intent.account_id,
        intent_id=intent.id,
        kind="CHARGE",
        started_at=tx.now,
    )


def _finding(intent: IntentRow, position: int, finding: Finding) -> FindingRow:
    return FindingRow(
        client_id=intent.client_id,
        account_id=intent.account_id,
        intent_id=intent.id,
        position=position,
        verdict=finding.verdict.name,
        rule=finding.rule,
        reason=mask_card_numbers(finding.reason),
        citation=finding.citation,
        requirement=finding.requirement,
        missing_fact=finding.missing_fact,
        until=finding.until,
        plugin=finding.plugin,
        plugin_version=finding.plugin_version,
        settings_version=finding.settings_version,
    )


def _tell(tx: Transaction, intent: IntentRow, findings: list[FindingRow]) -> None:
    amount = Money(intent.amount_minor, intent.currency)
    said = [
        {
            "verdict": one.verdict,
            "rule": one.rule,
            "reason": one.reason,
            "plugin": one.plugin,
            "plugin_version": one.plugin_version,
            "settings_version": one.settings_version,
        }
        for one in findings
    ]
    after = {
        "account": intent.account_id,
        "amount": amount,
        "gateway": intent.gateway,
        "initiated_by": intent.initiated_by,
        "status": intent.status,
        "findings": said,
    }
    tx.audit(subject=INTENT, subject_id=intent.id, client_id=intent.client_id, after=after)
    payload = {
        "accountId": str(intent.account_id),
        "debtorId": str(intent.debtor_id),
        "amountMinor": intent.amount_minor,
        "currency": intent.currency,
        "status": intent.status,
    }
    name = "PaymentIntentRefused" if intent.status == PaymentStatus.REFUSED else "PaymentIntentCreated"
    tx.emit(Event(name, INTENT, intent.id, intent.client_id, payload))
