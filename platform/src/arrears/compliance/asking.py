"""Asks the plugins of each client, adds what the platform knows itself, and looks for the instant that stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from arrears.compliance.attempts import Attempt
from arrears.compliance.facts import WantedContact, contact_attempt, facts_digest, gathered_for_contacts
from arrears.compliance.gathering import Source, connected
from arrears.compliance.model import ENDPOINT_OF, ContactAnswer, ContactQuestion, PlacedRuling
from arrears.compliance.pictures import Album
from arrears.compliance.queries import clients_of_debtor, debtor_of_contact_point, open_accounts
from arrears.compliance.ruling import CONTACTS, asked_plugins, rulings_of
from arrears.compliance.state import NEVER_RULE, platform_says, state_ruling
from arrears.kernel.calendar import check_calendar
from arrears.kernel.database import Connection
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import DEPLOYMENT, Place, SettingsSnapshot
from arrears_sdk.errors import ErrorCode, InputError, LimitError, NotFoundError
from arrears_sdk.ruling import Ruling, Verdict
from arrears_sdk.views import ContactAttempt

MOST_ROUNDS = 50
MOST_ACCOUNTS = 500


@dataclass(frozen=True)
class Case:
    """One debtor's part of a question: what is wanted of each place, and the settings that decide there."""

    question: ContactQuestion
    debtor_id: UUID
    wanted: Sequence[WantedContact]
    places: Sequence[Place]


async def ask_about_contact(source: Source, host: PluginHost, question: ContactQuestion) -> list[ContactAnswer]:
    """One answer for each debtor that the question is about, in the order of their accounts; nothing is stored.

    InputError for a question that names nothing or a contact point of another kind; NotFoundError for what the caller
    does not see; LimitError for too many accounts at once.
    """
    check_calendar(question.at, ("at",))
    check_calendar(question.reply_to, ("replyTo",))
    async with connected(source) as connection:
        debtor_id, accounts, clients = await subjects(connection, question)
        asked = wanted_by(question, debtor_id, accounts)
        album = Album(await gathered_for_contacts(connection, [asked], host))
    check_contact_point(album, question)
    cases = [case_of(album, question, asked, debtor_id, ids, clients) for debtor_id, ids in by_debtor(album, asked)]
    return await _answers(host, album, cases)


async def contact_shown(
    connection: Connection, host: PluginHost, question: ContactQuestion
) -> tuple[list[Attempt], Ruling]:
    """What the rules would be shown of a contact with one debtor, and what the platform itself says to that.

    There is one attempt for each place that would be asked.
    """
    debtor_id, accounts, clients = await subjects(connection, question)
    asked = wanted_by(question, debtor_id, accounts)
    album = Album(await gathered_for_contacts(connection, [asked], host))
    cases = [case_of(album, question, asked, debtor_id, ids, clients) for debtor_id, ids in by_debtor(album, asked)]
    wanted = [(case.debtor_id, one) for case in cases for one in case.wanted]
    own = Ruling.combine(state_ruling(album, one, debtor_id, question.at) for debtor_id, one in wanted)
    return [contact_attempt(album, one) for _, one in wanted], own


async def ask_about_made(
    connection: Connection, host: PluginHost, made: Sequence[tuple[ContactQuestion, UUID]]
) -> list[ContactAnswer]:
    """What would have been answered to contacts that were made, each for a client: by what was known at its instant.

    The number of statements does not depend on how many there are.
    """
    return await answers_about(host, await what_was_known(connection, host, made), made)


async def what_was_known(
    connection: Connection, host: PluginHost, made: Sequence[tuple[ContactQuestion, UUID]]
) -> Album:
    """The facts of contacts that were made, each as of its instant."""
    wanted = [wanted_by(question, question.debtor_id, question.account_ids) for question, _ in made]
    return Album(await gathered_for_contacts(connection, wanted, host))


async def answers_about(
    host: PluginHost, album: Album, made: Sequence[tuple[ContactQuestion, UUID]]
) -> list[ContactAnswer]:
    """The answers to contacts whose facts are known."""
    cases = []
    for question, client_id in made:
        one = wanted_by(question, question.debtor_id, question.account_ids)
        ((debtor_id, ids),) = by_debtor(album, one)
        cases.append(case_of(album, question, one, debtor_id, ids, () if ids else (client_id,)))
    return await _answers(host, album, cases)


def wanted_by(question: ContactQuestion, debtor_id: UUID | None, account_ids: tuple[UUID, ...]) -> WantedContact:
    """The contact that a question is about, before it is known whose settings decide."""
    return WantedContact(
        at=question.at,
        channel=question.channel,
        account_ids=account_ids,
        debtor_id=debtor_id,
        contact_point_id=question.contact_point_id,
        initiated_by=question.initiated_by,
        at_debtor_request=question.at_debtor_request,
        required_by_law=question.required_by_law,
        purpose=question.purpose,
        party=question.party,
        content=question.content,
        languages=question.languages,
        reply_to=question.reply_to,
    )


async def subjects(
    connection: Connection, question: ContactQuestion
) -> tuple[UUID | None, tuple[UUID, ...], Sequence[UUID]]:
    """Whom and what a question is about: the debtor if one is named, the accounts, and without any the clients."""
    accounts = list(dict.fromkeys(question.account_ids))
    debtor_id = question.debtor_id
    clients: list[UUID] = []
    if not accounts:
        debtor_id = debtor_id or await _owner(connection, question.contact_point_id)
        accounts = await open_accounts(connection, debtor_id, most=MOST_ACCOUNTS + 1)
        clients = [] if accounts else await clients_of_debtor(connection, debtor_id)
    if len(accounts) > MOST_ACCOUNTS:
        raise LimitError(f"At most {MOST_ACCOUNTS} accounts can be asked about at once: name them.")
    return debtor_id, tuple(accounts), clients


async def _owner(connection: Connection, contact_point_id: UUID | None) -> UUID:
    """Whose contact point it is; InputError when there is none to tell whom the question is about."""
    if contact_point_id is None:
        raise InputError("Name a debtor, accounts or a contact point.", code=ErrorCode.REQUIRED, field=("debtorId",))
    debtor_id = await debtor_of_contact_point(connection, contact_point_id)
    if debtor_id is None:
        raise NotFoundError("There is no such record (cont) that you may see.", field=("contactPointId",))
    return debtor_id


def by_debtor(album: Album, asked: WantedContact) -> Iterable[tuple[UUID, tuple[UUID, ...]]]:
    """The debtors that are asked about, each with its accounts."""
    if asked.debtor_id is not None:
        return [(asked.debtor_id, asked.account_ids)]
    found: dict[UUID, list[UUID]] = {}
    for id in asked.account_ids:
        found.setdefault(album.facts(id, asked.at).debtor_id, []).append(id)
    return [(debtor_id, tuple(ids)) for debtor_id, ids in found.items()]


def case_of(
    album: Album,
    question: ContactQuestion,
    asked: WantedContact,
    debtor_id: UUID,
    account_ids: Iterable[UUID],
    clients: Iterable[UUID],
) -> Case:
    """One debtor's part of a question, by the places whose settings decide."""
    by_place: dict[Place, list[UUID]] = {Place(client): [] for client in clients}
    for id in account_ids:
        facts = album.facts(id, asked.at)
        by_place.setdefault(Place(facts.client_id, facts.portfolio_id), []).append(id)
    if not by_place:
        by_place[DEPLOYMENT] = []
    wanted = [replace(asked, debtor_id=debtor_id, account_ids=tuple(ids)) for ids in by_place.values()]
    return Case(question, debtor_id, wanted, list(by_place))


def check_contact_point(album: Album, question: ContactQuestion) -> None:
    """InputError for a contact point of a kind that the channel does not reach."""
    point = album.gathered.points.get(question.contact_point_id) if question.contact_point_id else None
    wanted = ENDPOINT_OF.get(question.channel)
    if point is not None and point.channel != wanted:
        kind = f"a contact point of kind {wanted}" if wanted else "no contact point"
        raise InputError(f"{question.channel} reaches {kind}, not {point.channel}.", field=("contactPointId",))


async def _answers(host: PluginHost, album: Album, cases: Sequence[Case]) -> list[ContactAnswer]:
    snapshot = await host.snapshot()
    attempts = [[contact_attempt(album, one) for one in case.wanted] for case in cases]
    rulings = await rulings_at(host, album, snapshot, cases, attempts)
    asked = {place: asked_plugins(host, snapshot, place) for case in cases for place in case.places}
    answers = [
        ContactAnswer(
            question=case.question,
            debtor_id=case.debtor_id,
            parts=tuple(
                PlacedRuling(place, wanted.account_ids, ruling, asked[place], attempt)
                for place, wanted, ruling, attempt in zip(case.places, case.wanted, said, made, strict=True)
            ),
            until=Ruling.combine(said).until,
            rounds=0,
            facts_digest=facts_digest(made),
            settings_version=snapshot.version,
        )
        for case, made, said in zip(cases, attempts, rulings, strict=True)
    ]
    return await _standing(host, album, snapshot, cases, answers)


async def _standing(
    host: PluginHost,
    album: Album,
    snapshot: SettingsSnapshot,
    cases: Sequence[Case],
    answers: Sequence[ContactAnswer],
) -> list[ContactAnswer]:
    """The same answers; each DEFER with the instant at which everything stands, or denied when there is none.

    What defers to an instant at which another rule defers again is asked again at that one's instant, and so on.
    """
    found = list(answers)
    open_ones = [index for index, answer in enumerate(found) if answer.ruling.verdict is Verdict.DEFER]
    for round in range(1, MOST_ROUNDS + 1):
        if not open_ones:
            break
        then = {index: _instant(found[index].until) for index in open_ones}
        again = [cases[index] for index in open_ones]
        attempts = [[contact_attempt(album, one, then[index]) for one in cases[index].wanted] for index in open_ones]
        rulings = await rulings_at(host, album, snapshot, again, attempts)
        still: list[int] = []
        for index, said in zip(open_ones, rulings, strict=True):
            ruling = Ruling.combine(said)
            if ruling.verdict is Verdict.DEFER and ruling.until is not None and ruling.until > then[index]:
                found[index] = replace(found[index], until=ruling.until, rounds=round)
                still.append(index)
            elif ruling.verdict in (Verdict.DEFER, Verdict.DENY):
                found[index] = _never(found[index], ruling, then[index], round)
            else:
                found[index] = replace(found[index], rounds=round)
        open_ones = still
    for index in open_ones:
        found[index] = _never(found[index], Ruling(), _instant(found[index].until), MOST_ROUNDS)
    return found


def _never(answer: ContactAnswer, ruling: Ruling, at: datetime, rounds: int) -> ContactAnswer:
    """A deferral that ends in a denial, or in no instant at all, is a denial."""
    why = "; ".join(f"{finding.plugin}: {finding.reason}" for finding in ruling.deciding)
    reason = f"No later instant stands: at {at.isoformat()} it would still not be allowed"
    denial = Ruling.deny(f"{reason} ({why})." if why else f"{reason}, after {rounds} rounds.", rule=NEVER_RULE)
    later = platform_says(denial, answer.settings_version)
    return replace(answer, until=None, rounds=rounds, later=later)


def _instant(until: datetime | None) -> datetime:
    assert until is not None, "a DEFER names an instant"
    return until


async def rulings_at(
    host: PluginHost,
    album: Album,
    snapshot: SettingsSnapshot,
    cases: Sequence[Case],
    attempts: Sequence[Sequence[ContactAttempt]],
) -> list[list[Ruling]]:
    """For each case the rulings of its places, all asked at once."""
    flat = [attempt for made in attempts for attempt in made]
    places = [place for case in cases for place in case.places]
    said = iter(await rulings_of(host, CONTACTS, flat, places))
    return [
        [
            next(said) | _own(album, wanted, case.debtor_id, attempt.at, snapshot.version)
            for wanted, attempt in zip(case.wanted, made, strict=True)
        ]
        for case, made in zip(cases, attempts, strict=True)
    ]


def _own(album: Album, wanted: WantedContact, debtor_id: UUID, at: datetime, settings_version: int) -> Ruling:
    return platform_says(state_ruling(album, wanted, debtor_id, at), settings_version)
