"""What a golden case says is given, as the records that a rule is asked with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from arrears_sdk.clock import business_date
from arrears_sdk.law.case_history import read_history
from arrears_sdk.law.case_text import Part, unknown_word
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactPart
from arrears_sdk.law.words import Attestation, FactSource, NoticeKind
from arrears_sdk.money import Money
from arrears_sdk.rules import chain
from arrears_sdk.views import (
    Account,
    Consent,
    ContactPoint,
    Debtor,
    Fact,
    Hold,
    Interaction,
    Licence,
    LocalHours,
    Notice,
    Place,
)
from arrears_sdk.vocabulary import (
    AccountStatus,
    CollectorRole,
    CommunicationChannel,
    ConsentScope,
    ConsentState,
    DebtorKind,
    Direction,
    EndpointType,
    HoldBlock,
    HoldKind,
    LineType,
    Product,
    Purpose,
    ResidenceKind,
)

A_WHILE = timedelta(days=30)
"""How long before the act a fact or hold began that does not say since when."""
_PARTS = {
    FactPart.ON: "on",
    FactPart.NUMBER: "number",
    FactPart.AMOUNT: "amount",
    FactPart.PLACE: "place",
    FactPart.HOURS: "hours",
    FactPart.CHANNEL: "channel",
    FactPart.WORD: "word",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everything that is so when the act of a case is proposed at `at`."""

    at: datetime
    debtor: Debtor
    accounts: tuple[Account, ...]
    point: ContactPoint | None
    facts: tuple[Fact, ...]
    notices: tuple[Notice, ...]
    licences: tuple[Licence, ...]
    attestations: frozenset[Attestation]
    holds: tuple[Hold, ...]
    history: tuple[Interaction, ...]
    jurisdictions: frozenset[str]


def zone_of(given: Part) -> str:
    """The zone in which instants of a case are written: the debtor's first, UTC when none is known."""
    debtor = given.part("debtor")
    zones = debtor.texts("zones")
    for zone in zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise debtor.fault("zones", f"{zone!r} is no time zone such as Europe/London") from error
    return next(iter(zones), "UTC")


def read_given(part: Part, at: datetime) -> Given:
    """What a case says is given, read strictly."""
    debtor = _debtor(part.part("debtor"))
    point = _point(part.part("point")) if part.has("point") else None
    part.take("point")
    history = read_history(part, point)
    held = _in_force(_holds(part, at), at)
    accounts = tuple(_account(each, at, history, held) for each in part.parts("accounts"))
    if not part.has("accounts"):
        accounts = (_account(Part({"id": "a"}, f"{part.where}.accounts", part.zone), at, history, held),)
    given = Given(
        at=at,
        debtor=debtor,
        accounts=accounts,
        point=point,
        facts=tuple(_fact(each, f"f{number}", at) for number, each in enumerate(part.parts("facts"))),
        notices=tuple(_notice(each, f"n{number}") for number, each in enumerate(part.parts("notices"))),
        licences=tuple(_licence(each) for each in part.parts("licences")),
        attestations=frozenset(part.words("attestations", Attestation)),
        holds=held,
        history=history,
        jurisdictions=_jurisdictions(part, debtor),
    )
    part.end()
    return given


def _jurisdictions(part: Part, debtor: Debtor) -> frozenset[str]:
    if part.has("jurisdictions"):
        return frozenset(part.texts("jurisdictions"))
    part.take("jurisdictions")
    return frozenset[str]().union(*(chain(place.country, place.region, place.city) for place in debtor.places))


def _debtor(part: Part) -> Debtor:
    zones = part.texts("zones")
    places = [_place(part)] if part.has("country") else []
    debtor = Debtor(
        id="d",
        kind=part.word("kind", DebtorKind) or DebtorKind.PERSON,
        places=(*places, *(_other_place(each) for each in part.parts("places"))),
        time_zones=zones,
        languages=part.texts("languages"),
        consents=tuple(_consent(each) for each in part.parts("consents")),
        born_on=part.day("born_on"),
        deceased_on=part.day("deceased_on"),
    )
    for key in ("country", "region", "city", "postal_code"):
        part.take(key)
    part.end()
    return debtor


def _place(part: Part, kind: ResidenceKind = ResidenceKind.RESIDENCE) -> Place:
    part.needed("country")
    return Place(
        kind=kind,
        country=part.text("country") or "",
        region=part.text("region"),
        city=part.text("city"),
        postal_code=part.text("postal_code"),
    )


def _other_place(part: Part) -> Place:
    place = _place(part, part.word("kind", ResidenceKind) or ResidenceKind.RESIDENCE)
    part.end()
    return place


def _consent(part: Part) -> Consent:
    part.needed("channel")
    part.needed("given_at")
    channel, given_at = part.word("channel", CommunicationChannel), part.instant("given_at")
    assert channel is not None
    assert given_at is not None
    consent = Consent(
        channel=channel,
        state=part.word("state", ConsentState) or ConsentState.GRANTED,
        scope=part.word("scope", ConsentScope) or ConsentScope.ALL_MESSAGES,
        given_at=given_at,
        expires_at=part.instant("expires_at"),
        given_directly=part.flag("direct"),
        contact_point_id=part.text("point"),
    )
    part.end()
    return consent


def _account(part: Part, at: datetime, history: tuple[Interaction, ...], held: tuple[Hold, ...]) -> Account:
    today = business_date(at, part.zone)
    part.needed("id")
    id = part.text("id") or ""
    balance = part.money("balance") or Money.parse("1000.00", "USD")
    due_on = part.day("due_on") or today - timedelta(days=90)
    outward = [
        event
        for event in history
        if event.direction is Direction.OUTBOUND and (not event.account_ids or id in event.account_ids)
    ]
    account = Account(
        id=id,
        client_id=part.text("client") or "c",
        portfolio_id=None,
        debtor_id="d",
        product=part.word("product", Product) or Product.CARD,
        purpose=part.word("purpose", Purpose) or Purpose.CONSUMER,
        status=part.word("status", AccountStatus) or AccountStatus.ACTIVE,
        collector_role=part.word("role", CollectorRole) or CollectorRole.THIRD_PARTY,
        balance=balance,
        placed=part.money("placed") or balance,
        opened_on=part.day("opened_on") or due_on - timedelta(days=730),
        due_on=due_on,
        placed_on=part.day("placed_on") or today - timedelta(days=60),
        days_past_due=(today - due_on).days if balance.minor > 0 else 0,
        as_of=today,
        charge_off_on=part.day("charge_off_on"),
        last_payment_on=part.day("last_payment_on"),
        last_contact_at=outward[0].started_at if outward else None,
        contacts=len(outward),
        holds=(*_in_force(_holds(part, at), at), *held),
    )
    part.end()
    return account


def _holds(part: Part, at: datetime) -> tuple[Hold, ...]:
    found = []
    for each in part.parts("holds"):
        each.needed("kind")
        kind = each.word("kind", HoldKind)
        assert kind is not None
        hold = Hold(
            kind=kind,
            blocks=frozenset(each.words("blocks", HoldBlock)),
            starts_at=each.instant("from") or at - A_WHILE,
            ends_at=each.instant("to"),
            channel=each.word("channel", CommunicationChannel),
        )
        each.end()
        found.append(hold)
    return tuple(found)


def _in_force(holds: tuple[Hold, ...], at: datetime) -> tuple[Hold, ...]:
    return tuple(hold for hold in holds if hold.starts_at <= at and (hold.ends_at is None or at < hold.ends_at))


def _point(part: Part) -> ContactPoint:
    point = ContactPoint(
        id=part.text("id") or "p",
        endpoint_type=part.word("type", EndpointType) or EndpointType.UNKNOWN,
        line_type=part.word("line", LineType),
        obtained_on=part.day("obtained_on"),
        employer_provided=part.flag("employer_provided"),
        area_zones=part.texts("area_zones"),
        invalid=part.flag("invalid"),
    )
    part.end()
    return point


def _fact(part: Part, id: str, at: datetime) -> Fact:
    part.needed("kind")
    kind = part.word("kind", FactKind)
    assert kind is not None
    begins = part.instant("from") or at - A_WHILE
    spec = FACTS[kind]
    fact = Fact(
        id=id,
        kind=kind,
        source=part.word("source", FactSource) or FactSource.DEBTOR,
        received_at=part.instant("received") or begins,
        starts_at=begins,
        ends_at=part.instant("to"),
        account_id=part.text("account"),
        contact_point_id=part.text("point"),
        word=part.text("word"),
        on=part.day("on"),
        number=part.number("number"),
        amount=part.money("amount"),
        place=part.text("place"),
        hours=_hours(part.part("hours")) if part.has("hours") else None,
        channel=part.word("channel", CommunicationChannel),
    )
    part.take("hours")
    part.end()
    _check_parts(part, fact)
    if spec.level is FactLevel.ENDPOINT and fact.contact_point_id is None:
        raise part.fault("point", f"{kind} is about an endpoint: say which")
    return fact


def _check_parts(part: Part, fact: Fact) -> None:
    """Refuses what the catalogue does not know of such a fact, and the lack of what it needs."""
    spec = FACTS[fact.kind]
    for each, key in _PARTS.items():
        if part.has(key) and each not in spec.parts:
            known = ", ".join(sorted(_PARTS[one] for one in spec.parts)) or "none of these"
            raise part.fault(key, f"{fact.kind} has no such part; it has {known}")
        if each in spec.needs and not part.has(key):
            raise part.fault(key, f"{fact.kind} cannot do without it")
    if fact.word is not None and fact.word not in spec.words:
        raise part.fault("word", unknown_word(fact.word, spec.words))


def _hours(part: Part) -> LocalHours:
    days = []
    for day in part.numbers("weekdays"):
        if day not in range(1, 8):
            raise part.fault("weekdays", f"a day of the week is 1 (Monday) to 7, not {day!r}")
        days.append(day)
    hours = LocalHours(earliest=part.wall_time("from"), latest=part.wall_time("to"), weekdays=frozenset(days))
    part.end()
    return hours


def _notice(part: Part, id: str) -> Notice:
    part.needed("kind")
    part.needed("sent")
    kind, sent = part.word("kind", NoticeKind), part.instant("sent")
    assert kind is not None
    assert sent is not None
    notice = Notice(
        id=id,
        kind=kind,
        medium=part.word("medium", CommunicationChannel) or CommunicationChannel.LETTER,
        sent_at=sent,
        account_ids=part.texts("accounts"),
        received_on=part.day("received_on"),
        returned_at=part.instant("returned"),
        ends_on=part.day("ends_on"),
        contact_point_id=part.text("point"),
    )
    part.end()
    return notice


def _licence(part: Part) -> Licence:
    part.needed("place")
    part.needed("from")
    place, begins = part.text("place"), part.day("from")
    assert place is not None
    assert begins is not None
    licence = Licence(place=place, kind=part.text("kind") or "LICENCE", from_on=begins, until_on=part.day("to"))
    part.end()
    return licence
