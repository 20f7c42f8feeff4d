"""Making up the book: who owes what, and what became of it, from a fixed seed.

Each account's story is drawn from its own number, so that a smaller book holds the same first accounts.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from arrears.accounts.model import (
    AccountStatus,
    BankruptcyChapter,
    CloseReason,
    HoldKind,
    HoldSource,
    PartyRole,
    Purpose,
)
from arrears.demo.acts import Story
from arrears.demo.agency import CREDITORS, Creditor, Segment
from arrears.demo.people import Invented, invent_firm, invent_person
from arrears.demo.telling import DESK_DAYS, Teller
from arrears.interactions.model import InteractionResult as Result, PartyReached
from arrears.ledger.model import DebtComponent

MONTHS = 18
MONTH_DAYS = 30
LAST_DAY = MONTHS * MONTH_DAYS - 1


def invent_book(accounts: int, *, seed: str = "arrears") -> list[Story]:
    """So many stories, spread over the placements of eighteen months of thirty days."""
    stories: list[Story] = []
    repeated: dict[str, Story] = {}
    for number in range(1, accounts + 1):
        draw = random.Random(f"{seed}/{number}")
        creditor = draw.choices(CREDITORS, [creditor.weight for creditor in CREDITORS])[0]
        placed = placement_day(CREDITORS.index(creditor), (number - 1) % MONTHS)
        story = _begin(draw, number, creditor, placed, repeated.get(creditor.reference))
        if story.debtor is not getattr(repeated.get(creditor.reference), "debtor", None):
            repeated[creditor.reference] = story
        _tell(story, draw)
        stories.append(story)
    return stories


def placement_day(desk: int, month: int) -> int:
    """The day on which a desk receives the placement of a month: the first on which it works."""
    day = month * MONTH_DAYS
    return day + (desk - day) % DESK_DAYS


def _begin(draw: random.Random, number: int, creditor: Creditor, placed: int, before: Story | None) -> Story:
    segment = draw.choices(creditor.segments, [segment.weight for segment in creditor.segments])[0]
    commercial = segment.purpose is Purpose.COMMERCIAL
    known = before is not None and before.placed <= placed and before.debtor.is_company == commercial
    if before is not None and known and draw.random() < 0.25:
        debtor: Invented = before.debtor
    else:
        debtor = invent_firm(draw, creditor.country) if commercial else invent_person(draw, creditor.country)
    others: tuple[tuple[PartyRole, Invented], ...] = ()
    if draw.random() < (0.35 if commercial else 0.08):
        role = PartyRole.GUARANTOR if commercial or draw.random() < 0.3 else PartyRole.CO_DEBTOR
        others = ((role, invent_person(draw, creditor.country)),)
    owed = _owed(draw, segment)
    return Story(number, creditor, segment, debtor, others, placed, draw.randint(45, 420), owed)


def _owed(draw: random.Random, segment: Segment) -> dict[DebtComponent, int]:
    """Small debts are more frequent than large ones."""
    principal = segment.least_minor + int((segment.most_minor - segment.least_minor) * draw.random() ** 2.5)
    owed = {DebtComponent.PRINCIPAL: principal}
    if draw.random() < 0.55:
        owed[DebtComponent.INTEREST] = 1 + int(principal * draw.uniform(0.01, 0.09))
    if draw.random() < 0.4:
        owed[DebtComponent.FEES] = draw.choice((500, 1000, 1500, 2500))
    return owed


def _tell(story: Story, draw: random.Random) -> None:
    teller = Teller(story, draw, desk=CREDITORS.index(story.creditor), last_day=LAST_DAY)
    teller.wait(1, 3)
    fate = draw.choices([fate for fate, _ in FATES], [weight for _, weight in FATES])[0]
    teller.letter("first demand", returned=fate is _moved_away)
    teller.wait(5, 12)
    fate(teller)
    story.acts = [act for act in story.acts if act.day <= LAST_DAY]


def _pays_in_full(teller: Teller) -> None:
    teller.unanswered_calls(0, 3)
    teller.call(Result.PROMISE, "Will pay the whole sum by the end of the week.")
    teller.wait(3, 9)
    teller.pays(teller.balance)
    teller.wait(3, 3)
    teller.closes(CloseReason.PAID_IN_FULL)


def _pays_by_instalments(teller: Teller) -> None:
    teller.unanswered_calls(1, 3)
    teller.call(Result.PROMISE, "Agreed to monthly instalments.")
    parts = teller.draw.randint(3, 12)
    amount = -(-teller.balance // parts)
    while not teller.over and teller.balance > 0:
        teller.wait(27, 31)
        teller.pays(amount)
        if teller.draw.random() < 0.05:
            teller.bounces("Returned by the bank: insufficient funds")
            teller.call(Result.TALKED, "The debit came back; will be covered next month.")
        elif teller.draw.random() < 0.1:
            teller.reminds()
    teller.wait(3, 6)
    teller.closes(CloseReason.PAID_IN_FULL)


def _pays_once(teller: Teller) -> None:
    teller.unanswered_calls(1, 4)
    teller.answers(Result.TALKED, "Can pay a part now, the rest later.")
    teller.wait(2, 8)
    teller.pays(int(teller.balance * teller.draw.uniform(0.1, 0.6)))
    _goes_quiet(teller)


def _breaks_promises(teller: Teller) -> None:
    for _ in range(teller.draw.randint(2, 4)):
        teller.unanswered_calls(0, 2)
        teller.call(Result.PROMISE, "Promised to pay after payday.")
        teller.wait(10, 16)
        teller.reminds()
        teller.wait(8, 20)
    teller.call(Result.REFUSES, "Does not want to commit to another date.")
    _goes_quiet(teller)


def _disputes(teller: Teller) -> None:
    teller.unanswered_calls(0, 2)
    teller.writes(Result.DISPUTES, "Says that the goods were sent back and asks for proof.")
    teller.stops(HoldKind.DISPUTE, "The debtor disputes the debt in writing.", HoldSource.DEBTOR)
    teller.wait(18, 45)
    if teller.draw.random() < 0.3:
        teller.letter("dispute upheld")
        teller.closes(CloseReason.DISPUTE_UPHELD)
        return
    teller.resumes("Verified with the client; the proof was sent.")
    teller.letter("verification")
    teller.wait(10, 20)
    if teller.draw.random() < 0.5:
        teller.pays(teller.balance)
        teller.wait(3, 3)
        teller.closes(CloseReason.PAID_IN_FULL)
        return
    _goes_quiet(teller)


def _falls_on_hard_times(teller: Teller) -> None:
    teller.unanswered_calls(0, 2)
    teller.call(Result.HARDSHIP, "Lost the job; asks for time and for lower instalments.")
    teller.stops(HoldKind.HARDSHIP, "Income statement requested.", HoldSource.DEBTOR)
    teller.wait(50, 80)
    teller.resumes("Review done; small instalments agreed.")
    for _ in range(teller.draw.randint(2, 8)):
        teller.wait(28, 31)
        teller.pays(max(500, teller.balance // 40))
        if teller.over:
            return


def _goes_bankrupt(teller: Teller) -> None:
    teller.unanswered_calls(1, 3)
    country = teller.story.creditor.country.code
    chapter = BankruptcyChapter.CHAPTER_7 if country == "US" else BankruptcyChapter.FOREIGN
    teller.writes(Result.BANKRUPT, "Notice of the court with the case number.", PartyReached.ATTORNEY)
    teller.stops(HoldKind.BANKRUPTCY, "Insolvency proceedings were opened.", HoldSource.COURT, chapter)
    teller.wait(60, 120)
    if teller.draw.random() < 0.6:
        teller.closes(CloseReason.BANKRUPT)


def _dies(teller: Teller) -> None:
    teller.unanswered_calls(1, 2)
    teller.call(Result.DECEASED, "The daughter told us that the debtor has died.", party=PartyReached.THIRD_PARTY)
    teller.stops(HoldKind.DECEASED, "Reported by the family; certificate requested.", HoldSource.THIRD_PARTY)
    teller.wait(40, 70)
    teller.closes(CloseReason.DECEASED)


def _moved_away(teller: Teller) -> None:
    teller.call(Result.OUT_OF_SERVICE)
    teller.wait(6, 10)
    teller.call(Result.WRONG_NUMBER, "The number belongs to somebody else now.")
    teller.moves(AccountStatus.SKIP)
    teller.wait(60, 120)
    if teller.draw.random() < 0.4:
        teller.moves(AccountStatus.ACTIVE)
        teller.letter("first demand")
        teller.wait(10, 20)
        _goes_quiet(teller)
    elif teller.draw.random() < 0.3:
        teller.closes(CloseReason.UNTRACEABLE)


def _ends_in_court(teller: Teller) -> None:
    teller.unanswered_calls(2, 4)
    teller.call(Result.REFUSES, "Refuses to pay and hangs up.")
    teller.wait(20, 30)
    teller.letter("last demand before court")
    teller.wait(28, 40)
    teller.moves(AccountStatus.LEGAL)
    teller.costs(teller.draw.choice((3500, 5400, 7600, 11_500)), "Court fee")
    for _ in range(teller.draw.randint(0, 5)):
        teller.wait(30, 40)
        teller.pays(max(1000, teller.balance // 12))
        if teller.over:
            return


def _wants_silence(teller: Teller) -> None:
    teller.unanswered_calls(1, 3)
    teller.answers(Result.CEASE, "Asks that all contact end.")
    teller.stops(HoldKind.CEASE_COMMUNICATION, "The debtor asked that all contact end.", HoldSource.DEBTOR)
    teller.wait(1, 6)


def _goes_quiet(teller: Teller) -> None:
    """Calls and reminders further and further apart."""
    gap = 12
    for _ in range(teller.draw.randint(2, 6)):
        teller.wait(gap, gap * 2)
        if teller.over:
            return
        if teller.draw.random() < 0.3:
            teller.reminds()
        else:
            teller.unanswered_calls(1, 1)
        gap = min(60, gap + 12)


Fate = Callable[[Teller], None]
FATES: tuple[tuple[Fate, int], ...] = (
    (_pays_in_full, 14),
    (_pays_by_instalments, 20),
    (_pays_once, 10),
    (_breaks_promises, 9),
    (_disputes, 5),
    (_falls_on_hard_times, 5),
    (_goes_bankrupt, 2),
    (_dies, 1),
    (_moved_away, 8),
    (_ends_in_court, 4),
    (_wants_silence, 2),
    (_goes_quiet, 20),
)
