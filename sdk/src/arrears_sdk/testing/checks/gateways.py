"""What holds for gateways; most of it is tried against a double of the provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from inspect import isawaitable

from pydantic import SecretStr

from arrears_sdk.currencies import EXPONENTS
from arrears_sdk.money import Money
from arrears_sdk.outcome import OUTCOMES, Declined, Done, NotSent, Outcome, Pending, Unknown
from arrears_sdk.ports.gateway import (
    ChargeRequest,
    Gateway,
    GatewayCapabilities,
    GatewayNotice,
    Order,
    OrderKind,
    RefundRequest,
    WebhookRefusedError,
    WebhookRequest,
)
from arrears_sdk.testing.builders import Builder
from arrears_sdk.testing.check import NotApplicable, Violation, check
from arrears_sdk.testing.gateway_world import GatewayWorld
from arrears_sdk.testing.trial import Session, Trial
from arrears_sdk.vocabulary import PaymentMethodKind

HOOK = ("register_gateways",)
TRIED_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "KWD")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass(slots=True)
class Counter:
    """A gateway beside its provider, and what the checks do with both."""

    session: Session
    world: GatewayWorld
    gateway: Gateway
    build: Builder

    def request(self, token: SecretStr | None = None, currency: str | None = None) -> ChargeRequest:
        """A charge of 12.34, or 1234 of what has no decimals."""
        chosen = currency or self.currencies()[0]
        return self.build.charge_request(token or self.world.token, Money(1234, chosen), self.world.method)

    def currencies(self) -> list[str]:
        """Those of a few currencies that the gateway says it takes."""
        takes = self.gateway.capabilities.currencies
        return [code for code in TRIED_CURRENCIES if not takes or code in takes] or sorted(takes)[:1]

    def charge(self, request: ChargeRequest) -> Outcome:
        """The outcome of a charge; what the gateway raises is a lost answer, as it is for the platform."""
        return self._outcome("charge", request)

    def refund(self, request: RefundRequest) -> Outcome:
        """The outcome of a refund."""
        return self._outcome("refund", request)

    def fetch(self, order: Order) -> Outcome:
        """How an order stands."""
        return self._outcome("fetch", order)

    def _outcome(self, method: str, asked: object) -> Outcome:
        try:
            answer = self.session.call(getattr(self.gateway, method), asked)
        except Violation:
            raise
        except Exception as error:  # noqa: BLE001 - the platform takes whatever is raised as Unknown
            return Unknown(reason=f"{type(error).__name__}: {error}")
        if not isinstance(answer, OUTCOMES):
            raise Violation(f"{method} gave {type(answer).__name__}, where an Outcome is wanted")
        return answer

    def notices(self, request: WebhookRequest) -> list[GatewayNotice]:
        """What the gateway reads out of a webhook."""
        answer = self.session.call(self.gateway.parse_webhook, request)
        if isawaitable(answer) or not isinstance(answer, list | tuple):
            raise Violation(f"parse_webhook gave {type(answer).__name__}, where a list of notices is wanted")
        for notice in answer:
            if not isinstance(notice, GatewayNotice):
                raise Violation(f"parse_webhook gave {type(notice).__name__} among its notices")
        return list(answer)


@contextmanager
def counter(trial: Trial) -> Iterator[Counter]:
    """The first gateway that the plugin hands over, pointed at a fresh double."""
    with trial.gateway_session() as (session, world):
        (gateway, *_) = session.ports("register_gateways")
        assert isinstance(gateway, Gateway)
        yield Counter(session, world, gateway, Builder(7))


def _gateways(trial: Trial) -> Iterator[tuple[Session, Gateway]]:
    """Every gateway under the plain settings; of the double's world where that alone has any."""
    if trial.gateway_world is not None:
        with counter(trial) as found:
            yield found.session, found.gateway
        return
    for config in trial.settings:
        with trial.session(config) as session:
            for gateway in session.ports("register_gateways"):
                assert isinstance(gateway, Gateway)
                yield session, gateway


@check(
    "gateway.capabilities",
    "A capability that is not there is found out with the debtor's card in hand.",
    hooks=HOOK,
    needs=("registration.ports",),
)
def capabilities_are_sound(trial: Trial) -> None:
    """Methods and currencies exist, and partial refunds imply refunds."""
    for _, gateway in _gateways(trial):
        can = gateway.capabilities
        if not isinstance(can, GatewayCapabilities):
            raise Violation(f"the capabilities are {type(can).__name__}")
        if not can.methods or not all(isinstance(method, PaymentMethodKind) for method in can.methods):
            raise Violation(f"the methods are {sorted(map(str, can.methods))}; name some of PaymentMethodKind")
        if strange := sorted(set(can.currencies) - set(EXPONENTS)):
            raise Violation(f"takes {', '.join(strange)}, which are no currencies of ISO 4217")
        if can.partial_refunds and not can.refunds:
            raise Violation("says that it refunds in part, and that it does not refund")
        if gateway.capabilities != can:
            raise Violation("tells other capabilities when it is asked again")


@check(
    "gateway.webhook-forged",
    "Who can send a made-up webhook can have any debt marked as paid.",
    hooks=HOOK,
    needs=("registration.ports",),
)
def forged_webhooks_are_refused(trial: Trial) -> None:
    """A webhook without a signature, with a made-up one, or with a changed body is refused."""
    for session, gateway in _gateways(trial):
        body = b'{"id": "evt_1", "type": "charge.succeeded", "order": {"key": "k", "status": "succeeded"}}'
        for headers in ({}, {"signature": "t=1,v1=00"}, {"stripe-signature": "t=1,v1=00"}, {"authorization": "x"}):
            for text in (b"", b"{}", b"\xff\xfe", body):
                _must_refuse(session, gateway, WebhookRequest(headers=headers, body=text, received_at=NOW), "forged")
    if trial.gateway_world is not None:
        with counter(trial) as found:
            if (genuine := _webhook(found)) is not None:
                changed = replace(genuine, body=genuine.body + b" ")
                _must_refuse(found.session, found.gateway, changed, "changed")


def _webhook(found: Counter) -> WebhookRequest | None:
    # Whether the charge has a proper outcome is another check's affair.
    with suppress(Violation):
        found.charge(found.request())
    return found.world.webhook()


def _must_refuse(session: Session, gateway: Gateway, request: WebhookRequest, what: str) -> None:
    try:
        session.call(gateway.parse_webhook, request)
    except WebhookRefusedError:
        return
    except Exception as error:
        raise Violation(
            f"parse_webhook raised {type(error).__name__} for a {what} webhook; raise WebhookRefusedError"
        ) from error
    raise Violation(f"parse_webhook takes a {what} webhook: {request.body[:40]!r} with {dict(request.headers)}")


@check(
    "gateway.outcomes",
    "An answer that is no outcome leaves the platform without a word on whether the debtor's money has moved.",
    hooks=HOOK,
    needs=("registration.ports", "gateway.capabilities"),
)
def charges_have_an_outcome(trial: Trial) -> None:
    """A good charge is Done with a reference, or Pending."""
    with counter(trial) as found:
        outcome = found.charge(found.request())
        if not isinstance(outcome, Done | Pending):
            raise Violation(f"a charge that the provider takes is {outcome}, where Done or Pending is wanted")
        if isinstance(outcome, Done) and not outcome.reference:
            raise Violation("a charge is Done without the provider's reference, so it can never be refunded")


_CHARGING = ("gateway.outcomes",)


@check(
    "gateway.key-honoured",
    "A charge that is sent again after a lost answer is taken twice from the debtor's account.",
    hooks=HOOK,
    needs=_CHARGING,
)
def one_key_is_one_charge(trial: Trial) -> None:
    """The same key twice is one charge, and has the same outcome."""
    with counter(trial) as found:
        request = found.request()
        first, again = found.charge(request), found.charge(request)
        if len(found.world.charges()) != 1:
            raise Violation(f"the same key was charged {len(found.world.charges())} times")
        if type(first) is not type(again):
            raise Violation(f"the same key is {first} at first and {again} then")


@check(
    "gateway.amounts",
    "An amount in the wrong unit takes a hundred times too much, or a hundredth of what was agreed.",
    hooks=HOOK,
    needs=_CHARGING,
)
def amounts_arrive_as_they_are(trial: Trial) -> None:
    """The provider gets the very amount in each currency, with two, none or three decimals."""
    with counter(trial) as found:
        for currency in found.currencies():
            request = found.request(currency=currency)
            outcome = found.charge(request)
            if isinstance(outcome, Declined | NotSent):
                continue
            taken = list(found.world.charges())[-1:]
            if taken != [request.amount]:
                raise Violation(f"{request.amount} was to be charged, and the provider took {taken}")
            if isinstance(outcome, Done) and outcome.amount not in (None, request.amount):
                raise Violation(f"{request.amount} was charged, and the outcome says {outcome.amount}")


@check(
    "gateway.declined",
    "A declined payment that is reported as done clears a debt that nobody paid.",
    hooks=HOOK,
    needs=_CHARGING,
)
def declined_is_declined(trial: Trial) -> None:
    """What the provider declines is Declined, with the provider's code."""
    with counter(trial) as found:
        token = found.world.declined_token
        if token is None:
            raise NotApplicable("the double of the provider declines nothing: declined_token")
        outcome = found.charge(found.request(token))
        if not isinstance(outcome, Declined):
            raise Violation(f"what the provider declines is {outcome}")
        if not outcome.code:
            raise Violation("a declined charge has no code, so nobody can tell the debtor why")


@check(
    "gateway.unmapped-status",
    "A new status of the provider that is taken for success or failure books money that is elsewhere.",
    hooks=HOOK,
    needs=_CHARGING,
)
def unmapped_is_pending(trial: Trial) -> None:
    """A status that the gateway does not know is Pending."""
    with counter(trial) as found:
        if not found.world.answer_unknown_status():
            raise NotApplicable("the double of the provider knows no strange status: answer_unknown_status")
        outcome = found.charge(found.request())
        if not isinstance(outcome, Pending):
            raise Violation(f"a status that nobody has heard of is {outcome}, where Pending is wanted")


@check(
    "gateway.fetch-finds",
    "A charge that is said not to exist is made once more, and the debtor pays twice.",
    hooks=HOOK,
    needs=_CHARGING,
)
def fetch_finds_what_was_charged(trial: Trial) -> None:
    """A charge is found by its key alone, also when its answer was lost."""
    with counter(trial) as found:
        for lost in (False, True):
            if lost and not found.world.lose_next_answer():
                continue
            request = found.request()
            charged = found.charge(request)
            if lost and isinstance(charged, NotSent | Declined):
                raise Violation(f"a charge whose answer was lost is {charged}; raise, or answer Unknown")
            order = Order(kind=OrderKind.CHARGE, key=request.key, reference=None, amount=request.amount)
            outcome = found.fetch(order)
            if isinstance(outcome, NotSent | Declined):
                raise Violation(f"fetch says {outcome} of a charge that the provider took")


@check(
    "gateway.fetch-invents-nothing",
    "An order that never reached the provider and is said to be done clears a debt that nobody paid.",
    hooks=HOOK,
    needs=_CHARGING,
)
def fetch_invents_nothing(trial: Trial) -> None:
    """A key that the provider never got is not Done."""
    with counter(trial) as found:
        request = found.request()
        order = Order(kind=OrderKind.CHARGE, key=request.key, reference=None, amount=request.amount)
        outcome = found.fetch(order)
        if isinstance(outcome, Done | Declined):
            raise Violation(f"fetch says {outcome} of a charge that was never sent")


@check(
    "gateway.refunds",
    "A gateway that says it refunds and does not leaves a debtor waiting for money that is theirs.",
    hooks=HOOK,
    needs=_CHARGING,
)
def refunds_what_it_says(trial: Trial) -> None:
    """A charge can be refunded where the capabilities say so, and the same key refunds it once."""
    with counter(trial) as found:
        if not found.gateway.capabilities.refunds:
            raise NotApplicable("it says that it does not refund")
        request = found.request()
        charged = found.charge(request)
        if not isinstance(charged, Done):
            raise NotApplicable("its charges are not done at once, so there is nothing to refund yet")
        refund = RefundRequest(
            key=found.build.id("rfnd"),
            payment_id=request.payment_id,
            reference=charged.reference,
            amount=request.amount,
            reason="paid twice",
        )
        first, again = found.refund(refund), found.refund(refund)
        if not isinstance(first, Done | Pending) or type(first) is not type(again):
            raise Violation(f"a refund is {first}, and under the same key {again}")


@check(
    "gateway.token-kept",
    "Whoever reads a log with a payment token in it can charge the debtor's card.",
    hooks=HOOK,
    needs=_CHARGING,
)
def tokens_stay_secret(trial: Trial) -> None:
    """The token shows neither in the outcome nor in the log."""
    with counter(trial) as found:
        for token in filter(None, (found.world.token, found.world.declined_token)):
            told = [repr(found.charge(found.request(token))), *found.session.host.lines]
            if any(token.get_secret_value() in text for text in told):
                raise Violation("the token of the means of payment shows in an outcome or in the log")


@check(
    "gateway.webhook-old",
    "An old webhook that is sent once more pays a debt again with money that came long ago.",
    hooks=HOOK,
    needs=("gateway.outcomes", "gateway.webhook-forged"),
)
def old_webhooks_are_refused(trial: Trial) -> None:
    """A genuine webhook that arrives a day late is refused."""
    with counter(trial) as found:
        genuine = _genuine(found)
        late = replace(genuine, received_at=genuine.received_at + timedelta(days=1))
        _must_refuse(found.session, found.gateway, late, "day-old")


@check(
    "gateway.webhook-ids",
    "A webhook that comes twice under two ids books the same payment twice.",
    hooks=HOOK,
    needs=("gateway.outcomes",),
)
def repeated_webhooks_have_the_same_ids(trial: Trial) -> None:
    """A genuine webhook is taken, and gives notices with the same ids each time."""
    with counter(trial) as found:
        genuine = _genuine(found)
        try:
            first, again = found.notices(genuine), found.notices(genuine)
        except WebhookRefusedError as error:
            raise Violation(f"a genuine webhook is refused: {error}") from error
        ids = [notice.id for notice in first]
        if not ids or not all(ids) or len(set(ids)) != len(ids):
            raise Violation(f"a genuine webhook about a charge gives the notices {ids}")
        if ids != [notice.id for notice in again]:
            raise Violation(f"the same webhook gives {ids} at first and {[notice.id for notice in again]} then")
        if not all(notice.key or notice.reference for notice in first):
            raise Violation("a notice names neither the key nor the reference of its order")


def _genuine(found: Counter) -> WebhookRequest:
    genuine = _webhook(found)
    if genuine is None or not found.gateway.capabilities.webhooks:
        raise NotApplicable("the double of the provider sends no webhooks: webhook()")
    return genuine
