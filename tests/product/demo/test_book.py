"""The invented book: the same from one run to the next, believable, and leading to nobody."""

from __future__ import annotations

import re
from collections import Counter

import phonenumbers
import pytest

from arrears.demo.acts import Act, Charge, Close, Contact, Move, Payment, Resume, Return, Stop, Story
from arrears.demo.agency import CREDITORS
from arrears.demo.stories import LAST_DAY, MONTHS, invent_book
from arrears.demo.telling import DESK_DAYS

# What regulators keep free: 555-0100 to 555-0199; Ofcom's numbers for drama; the Bundesnetzagentur's for media.
RESERVED = re.compile(
    r"\+1\d{3}55501\d\d"
    r"|\+447700900\d{3}|\+442079460\d{3}|\+44(113|114|117|121|131|141|151|161)4960\d{3}|\+441914980\d{3}"
    r"|\+442920180\d{3}|\+4428964960\d\d"
    r"|\+493023125\d{3}|\+496990009\d{3}|\+494066969\d{3}|\+492214710\d{3}|\+498999998\d{3}|\+49171392 ?00\d\d"
)


@pytest.fixture(scope="module")
def book() -> list[Story]:
    return invent_book(2_000)


def acts(book: list[Story], kind: type[Act]) -> list[Act]:
    return [act for story in book for act in story.acts if isinstance(act, kind)]


def test_the_book_is_always_the_same(book: list[Story]) -> None:
    counts = Counter(type(act).__name__ for story in book for act in story.acts)
    assert counts == {
        "Contact": 10_310,
        "Payment": 3_227,
        "Close": 601,
        "Charge": 542,
        "Stop": 319,
        "Move": 269,
        "Resume": 154,
        "Return": 118,
    }
    assert Counter(story.creditor.reference for story in book) == {
        "HARBORVIEW": 886,
        "THORNFIELD": 615,
        "LINDENHOF": 499,
    }
    assert len({id(story.debtor) for story in book}) == 1_683
    assert sum(bool(story.others) for story in book) == 237
    assert sum(story.debtor.is_company for story in book) == 246


def test_a_smaller_book_holds_the_same_first_accounts(book: list[Story]) -> None:
    small = invent_book(60)
    assert [(story.reference, story.owed, story.acts) for story in small] == [
        (story.reference, story.owed, story.acts) for story in book[:60]
    ]


def test_every_month_every_client_places_accounts(book: list[Story]) -> None:
    placements = Counter((story.creditor.reference, story.placed) for story in book)
    assert len(placements) == MONTHS * len(CREDITORS)
    assert min(placements.values()) >= 15


def test_no_number_and_no_address_leads_to_anybody(book: list[Story]) -> None:
    people = [person for story in book for person in (story.debtor, *(other for _, other in story.others))]
    numbers = {number for person in people for number in (person.mobile, person.landline) if number}
    assert [number for number in numbers if not RESERVED.fullmatch(number)] == []
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(number)) for number in numbers)
    domains = {person.mail.partition("@")[2] for person in people if person.mail}
    assert domains == {"example.com", "example.net", "example.org"}
    identifiers = {person.national_id for person in people if person.national_id}
    assert all(identifier.startswith(("666-", "QQ ")) for identifier in identifiers)


def test_stories_run_forwards_on_the_days_of_their_desk_and_end_with_the_history(book: list[Story]) -> None:
    for story in book:
        days = [act.day for act in story.acts]
        assert days == sorted(days)
        assert all(story.placed <= day <= LAST_DAY for day in days)
        assert {day % DESK_DAYS for day in days} <= {CREDITORS.index(story.creditor)}


def test_nobody_pays_more_than_is_owed_and_nothing_happens_after_the_end(book: list[Story]) -> None:
    for story in book:
        balance = sum(story.owed.values())
        last_payment = 0
        for act in story.acts:
            if isinstance(act, Payment):
                assert 0 < act.amount_minor <= balance
                balance, last_payment = balance - act.amount_minor, act.amount_minor
            elif isinstance(act, Return):
                balance += last_payment
            elif isinstance(act, Charge):
                balance += act.amount_minor
        closings = [act for act in story.acts if isinstance(act, Close)]
        assert len(closings) <= 1
        assert not closings or story.acts[-1] is closings[0]


def test_all_that_a_desk_meets_is_in_it(book: list[Story]) -> None:
    assert len({act.result for act in acts(book, Contact) if isinstance(act, Contact)}) >= 18
    assert len({act.kind for act in acts(book, Stop) if isinstance(act, Stop)}) == 5
    assert {act.status.value for act in acts(book, Move) if isinstance(act, Move)} == {"SKIP", "ACTIVE", "LEGAL"}
    assert acts(book, Resume)
