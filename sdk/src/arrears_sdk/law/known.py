"""What is known about an attempt: its facts, notices and licences, looked up by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from arrears_sdk.law.days import ONE_DAY
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.requirements import attestation as attestation_requirement, licence as licence_requirement
from arrears_sdk.law.settings import LawConfig
from arrears_sdk.law.words import Attestation, NoticeKind
from arrears_sdk.rules import CHANGES_SOON, first_of_day, local_days
from arrears_sdk.ruling import Ruling
from arrears_sdk.views import ActionAttempt, ContactAttempt, Fact, Hold, Licence, Notice, PaymentAttempt
from arrears_sdk.vocabulary import HoldKind

Attempt: TypeAlias = ContactAttempt | PaymentAttempt | ActionAttempt
RecordT = TypeVar("RecordT", Fact, Notice)
KeptT = TypeVar("KeptT")
_NONE: tuple[Fact, ...] = ()
_NO_NOTICES: tuple[Notice, ...] = ()
# Attempts of one batch share their tuples, so an index made for one serves all; the tuple is kept so that its id stays.
_INDEXED: dict[int, tuple[object, Mapping[object, tuple[object, ...]]]] = {}
_MOST_INDEXED = 2_048


def make_room(kept: dict[int, KeptT], most: int) -> None:
    """Forgets what was kept first, so that the batch that is worked on stays known to the packs that come later."""
    if len(kept) >= most:
        # A list is made at once, whatever other threads do meanwhile.
        for key in list(kept)[: most // 8]:
            kept.pop(key, None)


def _index(records: tuple[RecordT, ...]) -> Mapping[object, tuple[RecordT, ...]]:
    known = _INDEXED.get(id(records))
    if known is not None and known[0] is records:
        return known[1]  # type: ignore[return-value]
    found: defaultdict[object, list[RecordT]] = defaultdict(list)
    for record in records:
        found[record.kind].append(record)
    index: Mapping[object, tuple[RecordT, ...]] = {kind: tuple(same) for kind, same in found.items()}
    make_room(_INDEXED, _MOST_INDEXED)
    _INDEXED[id(records)] = (records, index)
    return index


def account_ids(attempt: Attempt) -> tuple[str, ...]:
    """The debts that an attempt is about."""
    if isinstance(attempt, ContactAttempt):
        return tuple(account.id for account in attempt.accounts)
    return (attempt.account.id,)


def of_kind(attempt: Attempt, kind: FactKind) -> tuple[Fact, ...]:
    """Every fact of a kind, whatever debt or endpoint it is about, also one of the past or the future."""
    return _index(attempt.facts).get(kind, _NONE) if attempt.facts else _NONE


def recorded(attempt: Attempt, kind: FactKind) -> tuple[Fact, ...]:
    """Every fact of a kind that concerns the attempt and has begun and been received, also one that is over."""
    if not attempt.facts:
        return _NONE
    found = _index(attempt.facts).get(kind)
    if not found:
        return _NONE
    return tuple(fact for fact in found if _concerns(fact, attempt) and fact.starts_at <= attempt.at)


def _concerns(fact: Fact, attempt: Attempt) -> bool:
    if fact.account_id is not None and fact.account_id not in account_ids(attempt):
        return False
    if fact.contact_point_id is None:
        return True
    point = attempt.contact_point if isinstance(attempt, ContactAttempt) else None
    return point is not None and point.id == fact.contact_point_id


def in_force(attempt: Attempt, kind: FactKind) -> tuple[Fact, ...]:
    """The facts of a kind that hold at the instant of the attempt."""
    if not attempt.facts:
        return _NONE
    at = attempt.at
    return tuple(fact for fact in recorded(attempt, kind) if fact.ends_at is None or at < fact.ends_at)


def told(attempt: Attempt, *kinds: FactKind) -> dict[str, str]:
    """The facts of some kinds that hold, as a finding tells them: by kind, with their word and since when."""
    found = (stated(attempt, kind) for kind in kinds)
    return {
        fact.kind.lower().replace("_", " "): f"{f'{fact.word}, ' if fact.word else ''}since {fact.starts_at.date()}"
        for fact in found
        if fact is not None
    }


def latest(facts: Iterable[Fact]) -> Fact | None:
    """The fact that began last; of several at one instant the one received last."""
    return max(facts, key=lambda fact: (fact.starts_at, fact.received_at, fact.id), default=None)


def stated(attempt: Attempt, kind: FactKind) -> Fact | None:
    """The latest fact of a kind that holds; None when nothing is known."""
    return latest(in_force(attempt, kind))


def word(attempt: Attempt, kind: FactKind) -> str | None:
    """The word of the latest fact of a kind; None when unknown."""
    found = stated(attempt, kind)
    return None if found is None else found.word


def hold(attempt: Attempt, kind: HoldKind) -> Hold | None:
    """A hold of a kind that is in force on the debtor or on a debt of the attempt."""
    return next((held for held in attempt.holds if held.kind is kind), None)


def upcoming(attempt: Attempt, kind: FactKind) -> datetime | None:
    """When the next fact of a kind begins that has not: until then at most a rule may say that it allows."""
    if not attempt.facts:
        return None
    later = [fact for fact in _index(attempt.facts).get(kind, ()) if fact.starts_at > attempt.at]
    return min((fact.starts_at for fact in later if _concerns(fact, attempt)), default=None)


def notices(attempt: Attempt, kind: NoticeKind) -> tuple[Notice, ...]:
    """The notices of a kind that were given about the debts and did not come back, the newest first."""
    if not attempt.notices:
        return _NO_NOTICES
    debts = account_ids(attempt)
    given = [
        notice
        for notice in _index(attempt.notices).get(kind, ())
        if notice.sent_at <= attempt.at
        and (notice.returned_at is None or notice.returned_at > attempt.at)
        and (not notice.account_ids or not debts or set(debts) <= set(notice.account_ids))
    ]
    return tuple(sorted(given, key=lambda notice: (notice.sent_at, notice.id), reverse=True))


def notice(attempt: Attempt, kind: NoticeKind) -> Notice | None:
    """The newest notice of a kind that was given about all debts of the attempt, and did not come back."""
    return next(iter(notices(attempt, kind)), None)


def days(attempt: Attempt) -> tuple[date, ...]:
    """The days that it may be for the debtor, the earliest first; the day in UTC when no zone is known."""
    return local_days(attempt.at, attempt.debtor.time_zones)


def day_of(attempt: Attempt, instant: datetime) -> date:
    """The day of an instant where the debtor is; of several the latest, so that periods after it end late."""
    return local_days(instant, attempt.debtor.time_zones)[-1]


def licensed(attempt: Attempt, place: str) -> Licence | None:
    """The agency's licence at exactly this place: where it may be one of two days, each of them needs one."""
    found = None
    for day in days(attempt):
        found = _held_on(attempt, place, day)
        if found is None:
            return None
    return found


def _held_on(attempt: Attempt, place: str, day: date) -> Licence | None:
    """Of the licences that hold on a day the one that lasts longest."""
    held = None
    for each in attempt.licences:
        if each.place != place or each.from_on > day:
            continue
        if each.until_on is None:
            return each
        if day <= each.until_on and (held is None or held.until_on is None or each.until_on > held.until_on):
            held = each
    return held


def need_licence(attempt: Attempt, place: str, settings: LawConfig, reason: str) -> Ruling | None:
    """Nothing with a licence at the place, or until when it lasts if that is soon; without one a refusal that says what
    to record, or a warning.
    """
    held = licensed(attempt, place)
    if held is not None:
        last = held.until_on
        if last is None or settings.without_licence == "WARN" or last - days(attempt)[-1] > CHANGES_SOON:
            return None
        return _until_licence_ends(attempt, place, last)
    wanted, facts = licence_requirement(place), {"licence": f"none recorded for {place}"}
    if settings.without_licence == "WARN":
        return Ruling.warn(reason, missing_fact=wanted, facts=facts)
    return Ruling.require(wanted, reason, missing_fact=wanted, facts=facts)


def _until_licence_ends(attempt: Attempt, place: str, last: date) -> Ruling | None:
    """Allowed to the end of the licence that is held now, and of those that follow it day upon day."""
    while (following := _held_on(attempt, place, last + ONE_DAY)) is not None:
        if following.until_on is None:
            return None
        last = following.until_on
    ends = first_of_day(last + ONE_DAY, attempt.debtor.time_zones)
    return Ruling.allow(ends, reason=f"The licence at {place} lasts to {last.isoformat()}.")


def need_attestation(attempt: Attempt, stated: Attestation, settings: LawConfig, reason: str) -> Ruling | None:
    """Nothing when the agency states it; else a refusal that says what to state, or a warning."""
    if stated in attempt.attestations:
        return None
    wanted, facts = attestation_requirement(stated), {"attestation": f"{stated} is not stated"}
    if settings.without_attestation == "WARN":
        return Ruling.warn(reason, missing_fact=wanted, facts=facts)
    return Ruling.require(wanted, reason, missing_fact=wanted, facts=facts)
