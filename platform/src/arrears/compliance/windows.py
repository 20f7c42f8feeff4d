"""When a debtor may next be contacted: for each channel and contact point the windows ahead, and why not sooner.

Everything is gathered once; what is known today stands for the days ahead. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from arrears.compliance.asking import Case, by_debtor, case_of, rulings_at, subjects, wanted_by
from arrears.compliance.borders import borders_of
from arrears.compliance.facts import contact_attempt, gathered_for_contacts
from arrears.compliance.gathering import Source, connected
from arrears.compliance.model import ENDPOINT_OF, ContactAnswer, ContactQuestion, Finding, PlacedRuling, Verdict
from arrears.compliance.pictures import Album
from arrears.compliance.queries import debtors_of_accounts, reachable_points
from arrears.compliance.walking import Ask, Said, Stretch, Walk, walk
from arrears.kernel.calendar import check_calendar
from arrears.kernel.database import Connection
from arrears.plugins.host import PluginHost
from arrears.plugins.settings import SettingsSnapshot
from arrears_sdk.errors import InputError, LimitError, NotFoundError
from arrears_sdk.vocabulary import CommunicationChannel

MOST_DAYS = 92
MOST_WAYS = 20
MOST_WINDOWS = 100
MOST_FINDINGS = 30
EVERYDAY = (
    CommunicationChannel.PHONE_CALL,
    CommunicationChannel.SMS,
    CommunicationChannel.EMAIL,
    CommunicationChannel.LETTER,
)
"""The channels that are looked at when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsQuestion:
    """When may a debtor be contacted, from an instant to another?

    `contact` says with whom and about what; its instant is the first one, its channel and contact point say nothing.
    """

    contact: ContactQuestion
    until: datetime
    channels: tuple[CommunicationChannel, ...] = EVERYDAY
    contact_point_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactWindow:
    """A time through which the contact would be allowed, perhaps with requirements: `closes` is not within."""

    opens: datetime
    closes: datetime
    verdict: Verdict
    requirements: Sequence[str]
    warnings: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWay:
    """One channel, by one contact point where it needs one."""

    channel: CommunicationChannel
    contact_point_id: UUID | None
    verdict: Verdict
    deferred_until: datetime | None
    next_at: datetime | None
    closed: bool
    why_not_sooner: Sequence[Finding]
    windows: Sequence[ContactWindow]
    conditions: Sequence[Finding]
    checked_until: datetime
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWindows:
    """When one debtor may be contacted, by each way that there is."""

    debtor_id: UUID
    begins: datetime
    ends: datetime
    ways: Sequence[ContactWay]
    settings_version: int

    @property
    def complete(self) -> bool:
        """Whether every way was looked at up to the end."""
        return all(way.complete for way in self.ways)


async def find_contact_windows(source: Source, host: PluginHost, question: WindowsQuestion) -> ContactWindows:
    """The windows of one debtor; nothing is stored.

    InputError for a question about nobody or several debtors, or that looks too far; NotFoundError for what the caller
    does not see; LimitError for too many ways at once.
    """
    _check(question)
    async with connected(source) as connection:
        given = question.contact
        point = question.contact_point_ids[0] if question.contact_point_ids else None
        named, accounts, clients = await subjects(connection, replace(given, contact_point_id=point))
        debtor_id = named or await _only_debtor(connection, accounts)
        ways = await _ways(connection, question, debtor_id)
        wanted = [wanted_by(way, debtor_id, accounts) for way in ways]
        album = Album(await gathered_for_contacts(connection, wanted or [wanted_by(given, debtor_id, accounts)], host))
    if debtor_id not in album.gathered.debtors:
        raise NotFoundError("There is no such record (dbtr) that you may see.", field=("debtorId",))
    cases = [
        case_of(album, way, asked, id, ids, clients)
        for way, asked in zip(ways, wanted, strict=True)
        for id, ids in by_debtor(album, asked)
    ]
    snapshot = await host.snapshot()
    walked = await _walked(host, album, snapshot, cases, question)
    return ContactWindows(
        debtor_id=debtor_id,
        begins=given.at,
        ends=question.until,
        ways=[_way(case, found, snapshot) for case, found in zip(cases, walked, strict=True)],
        settings_version=snapshot.version,
    )


def _check(question: WindowsQuestion) -> None:
    check_calendar(question.contact.at, ("from",))
    if question.until <= question.contact.at:
        raise InputError("The end lies after the beginning.", field=("until",))
    if question.until - question.contact.at > timedelta(days=MOST_DAYS):
        raise InputError(f"At most {MOST_DAYS} days can be looked at.", field=("until",))
    if not question.channels:
        raise InputError("Name a channel, or leave the argument out.", field=("channels",))


async def _only_debtor(connection: Connection, account_ids: Sequence[UUID]) -> UUID:
    found = await debtors_of_accounts(connection, account_ids)
    if not found:
        raise NotFoundError("There is no such record (acct) that you may see.", field=("accountIds",))
    if len(found) > 1:
        raise InputError("Windows are of one debtor: the accounts are of several.", field=("accountIds",))
    return found.pop()


async def _ways(connection: Connection, question: WindowsQuestion, debtor_id: UUID) -> list[ContactQuestion]:
    """A question for each channel and contact point; a channel that reaches a kind that the debtor lacks has none."""
    channels = tuple(dict.fromkeys(question.channels))
    kinds = {channel: ENDPOINT_OF.get(channel) for channel in channels}
    reached = {kind.value for kind in kinds.values() if kind is not None}
    points = await reachable_points(connection, debtor_id, reached, most=MOST_WAYS + len(question.contact_point_ids))
    wanted = set(question.contact_point_ids)
    if wanted - {id for id, _ in points}:
        message = "There is no such contact point of the debtor that one of the channels reaches."
        raise InputError(message, field=("contactPointIds",))
    found: list[ContactQuestion] = []
    for channel, kind in kinds.items():
        if kind is None:
            found.append(replace(question.contact, channel=channel, contact_point_id=None))
        for id, of_kind in points:
            if kind is not None and of_kind == kind.value and (not wanted or id in wanted):
                found.append(replace(question.contact, channel=channel, contact_point_id=id))
    if len(found) > MOST_WAYS:
        raise LimitError(f"At most {MOST_WAYS} ways can be looked at at once: name channels or contact points.")
    return found


async def _walked(
    host: PluginHost, album: Album, snapshot: SettingsSnapshot, cases: Sequence[Case], question: WindowsQuestion
) -> list[Walk]:
    ask = _asking(host, album, snapshot, cases)
    accounts = max((sum(len(one.account_ids) for one in case.wanted) for case in cases), default=0)
    borders = [borders_of(album, case, question.contact.at, question.until) for case in cases]
    return await walk(ask, borders, accounts=accounts)


def _asking(host: PluginHost, album: Album, snapshot: SettingsSnapshot, cases: Sequence[Case]) -> Ask:
    async def ask(points: Sequence[tuple[int, datetime]]) -> Sequence[Said]:
        asked = [cases[way] for way, _ in points]
        attempts = [[contact_attempt(album, one, at) for one in cases[way].wanted] for way, at in points]
        rulings = await rulings_at(host, album, snapshot, asked, attempts)
        return [Said(tuple(each)) for each in rulings]

    return ask


def _way(case: Case, found: Walk, snapshot: SettingsSnapshot) -> ContactWay:
    first = found.stretches[0]
    windows, conditions = _windows(case, found, snapshot)
    next_at = windows[0].opens if windows else None
    barred = [one for one in found.stretches if not one.allowed and (next_at is None or one.begins < next_at)]
    cut = len(windows) > MOST_WINDOWS
    checked_until = windows[MOST_WINDOWS].opens if cut else found.checked_until
    return ContactWay(
        channel=case.question.channel,
        contact_point_id=case.question.contact_point_id,
        verdict=Verdict[first.said.ruling.verdict.name],
        deferred_until=None if first.allowed else first.said.ruling.until,
        next_at=next_at,
        closed=not windows and found.complete,
        why_not_sooner=_objections(case, barred, snapshot),
        windows=windows[:MOST_WINDOWS],
        conditions=conditions[:MOST_FINDINGS],
        checked_until=checked_until,
        complete=found.complete and not cut,
    )


def _windows(case: Case, found: Walk, snapshot: SettingsSnapshot) -> tuple[list[ContactWindow], list[Finding]]:
    """The allowed stretches, joined where nothing changes, and what has to be met or looked at in any of them."""
    windows: list[ContactWindow] = []
    conditions: dict[tuple[str, ...], Finding] = {}
    for stretch in found.stretches:
        if not stretch.allowed:
            continue
        answer = _answer(case, stretch.said, snapshot)
        demands = [one for one in answer.findings if one.verdict in (Verdict.WARN, Verdict.REQUIRE)]
        for one in demands:
            conditions.setdefault(_same(one), one)
        warnings = sorted({one.rule or one.plugin for one in demands if one.verdict is Verdict.WARN})
        requirements = stretch.said.ruling.requirements
        window = ContactWindow(stretch.begins, stretch.ends, answer.verdict, requirements, warnings)
        last = windows[-1] if windows else None
        if last is not None and replace(last, opens=last.closes, closes=window.closes) == window:
            windows[-1] = replace(last, closes=window.closes)
        else:
            windows.append(window)
    return windows, list(conditions.values())


def _objections(case: Case, barred: Sequence[Stretch], snapshot: SettingsSnapshot) -> list[Finding]:
    """What defers or denies, each rule once: with the latest instant that it names."""
    found: dict[tuple[str, ...], Finding] = {}
    for finding in _said_against(case, barred, snapshot):
        known = found.get(_same(finding))
        if known is None or (finding.until is not None and known.until is not None and finding.until > known.until):
            found[_same(finding)] = finding
    return list(found.values())[:MOST_FINDINGS]


def _said_against(case: Case, barred: Sequence[Stretch], snapshot: SettingsSnapshot) -> Iterator[Finding]:
    for stretch in barred:
        for finding in _answer(case, stretch.said, snapshot).findings:
            if finding.verdict in (Verdict.DEFER, Verdict.DENY):
                yield finding


def _same(finding: Finding) -> tuple[str, ...]:
    return finding.plugin, finding.rule, finding.verdict, finding.client_id or "", finding.requirement or ""


def _answer(case: Case, said: Said, snapshot: SettingsSnapshot) -> ContactAnswer:
    """What was said at an instant, in the words of an answer."""
    parts = zip(case.places, case.wanted, said.parts, strict=True)
    return ContactAnswer(
        question=case.question,
        debtor_id=case.debtor_id,
        parts=tuple(PlacedRuling(place, wanted.account_ids, ruling) for place, wanted, ruling in parts),
        until=said.ruling.until,
        rounds=0,
        facts_digest="",
        settings_version=snapshot.version,
    )
