"""Telling one account's story: the words in which fates are written, each moving the day on."""

from __future__ import annotations

import random

from arrears.accounts.model import AccountStatus, BankruptcyChapter, CloseReason, HoldKind, HoldSource
from arrears.debtors.model import CommunicationChannel
from arrears.demo.acts import (
    Charge,
    Close,
    Contact,
    Endpoint,
    Move,
    Payment,
    Resume,
    Return,
    Stop,
    Story,
)
from arrears.interactions.model import Direction, InteractionResult, PartyReached
from arrears.ledger.model import DebtComponent

# Each desk works on every third day, so that the whole history takes a third of the transactions.
DESK_DAYS = 3
QUARTER_DAYS = 90

_UNANSWERED = (
    (InteractionResult.NO_ANSWER, 40),
    (InteractionResult.VOICEMAIL_LEFT, 22),
    (InteractionResult.VOICEMAIL_NO_MESSAGE, 12),
    (InteractionResult.LIMITED_CONTENT_MESSAGE, 8),
    (InteractionResult.BUSY, 8),
    (InteractionResult.HUNG_UP, 6),
    (InteractionResult.THIRD_PARTY_REACHED, 4),
)


class Teller:
    """Writes a story day by day; what lies after the last day of the history is left unwritten."""

    def __init__(self, story: Story, draw: random.Random, *, desk: int, last_day: int) -> None:
        self.story = story
        self.draw = draw
        self.desk = desk
        self.last_day = last_day
        self.day = story.placed
        self.balance = sum(story.owed.values())
        self.closed = False
        self.bears_interest = True
        self._quarter = story.placed + QUARTER_DAYS
        self._payments = 0

    @property
    def over(self) -> bool:
        """Whether nothing more happens: the history has ended, or the account is closed."""
        return self.closed or self.day > self.last_day

    def wait(self, least: int, most: int) -> None:
        """Some days pass, to the next day on which the desk works; interest may fall due on the way."""
        day = self.day + self.draw.randint(least, most)
        day += (self.desk - day) % DESK_DAYS
        percent = self.story.segment.quarterly_interest_percent
        while percent and self._quarter < day and not self.closed:
            due = self._quarter + (self.desk - self._quarter) % DESK_DAYS
            self._quarter += QUARTER_DAYS
            if self.bears_interest and self.balance > 0 and due <= min(day, self.last_day):
                self.day = max(self.day, due)
                self._charge(DebtComponent.INTEREST, max(1, self.balance * percent // 100), "Contractual interest")
        self.day = max(day, self.day)

    def letter(self, template: str, *, returned: bool = False) -> None:
        """A letter goes out."""
        result = InteractionResult.RETURNED if returned else InteractionResult.SENT
        self._contact(CommunicationChannel.LETTER, Direction.OUTBOUND, result, template=template)

    def call(self, result: InteractionResult, note: str | None = None, *, party: PartyReached | None = None) -> None:
        """The desk calls."""
        talked = result not in {name for name, _ in _UNANSWERED} and party is None
        endpoint: Endpoint = "landline" if self.story.debtor.landline and self.draw.random() < 0.3 else "mobile"
        lasted = self.draw.randint(60, 540) if talked else self.draw.randint(8, 45)
        self._contact(
            CommunicationChannel.PHONE_CALL,
            Direction.OUTBOUND,
            result,
            endpoint=endpoint,
            lasted=lasted,
            note=note,
            party=party,
        )

    def unanswered_calls(self, least: int, most: int) -> None:
        """Some calls that reach nobody who could talk about the debt."""
        names, weights = zip(*_UNANSWERED, strict=True)
        for _ in range(self.draw.randint(least, most)):
            if self.over:
                return
            self.call(self.draw.choices(names, weights)[0])
            self.wait(4, 14)

    def answers(self, result: InteractionResult, note: str) -> None:
        """The debtor calls, or writes back."""
        by_mail = self.story.debtor.mail is not None and self.draw.random() < 0.35
        channel = CommunicationChannel.EMAIL if by_mail else CommunicationChannel.PHONE_CALL
        lasted = 0 if by_mail else self.draw.randint(90, 600)
        endpoint: Endpoint = "mail" if by_mail else "mobile"
        self._contact(channel, Direction.INBOUND, result, endpoint=endpoint, lasted=lasted, note=note)

    def writes(self, result: InteractionResult, note: str, party: PartyReached | None = None) -> None:
        """A letter comes in."""
        self._contact(CommunicationChannel.LETTER, Direction.INBOUND, result, note=note, party=party)

    def reminds(self) -> None:
        """A reminder by e-mail where there is an address, else by text message."""
        if self.story.debtor.mail is not None:
            results = (InteractionResult.DELIVERED, InteractionResult.OPENED, InteractionResult.BOUNCED)
            result = self.draw.choices(results, (50, 42, 8))[0]
            channel, endpoint = CommunicationChannel.EMAIL, "mail"
        else:
            result, channel, endpoint = InteractionResult.DELIVERED, CommunicationChannel.SMS, "mobile"
        self._contact(channel, Direction.OUTBOUND, result, endpoint=endpoint, template="reminder")  # type: ignore[arg-type]

    def pays(self, amount_minor: int) -> None:
        """A payment, of what is owed at most."""
        amount = min(amount_minor, self.balance)
        if amount <= 0:
            return
        self._payments += 1
        method = self.draw.choice(self.story.creditor.methods)
        to_client = self.draw.random() < 0.08
        reference = f"{self.story.reference}-{self._payments:02d}"
        self.story.acts.append(Payment(self.day, amount, method, to_client, reference))
        self.balance -= amount

    def bounces(self, reason: str) -> None:
        """The payment just made comes back some days later."""
        paid = self.story.acts[-1]
        assert isinstance(paid, Payment)
        self.wait(3, 6)
        self.story.acts.append(Return(self.day, reason))
        self.balance += paid.amount_minor

    def costs(self, amount_minor: int, reason: str) -> None:
        """Costs of pursuing the debt."""
        self._charge(DebtComponent.COSTS, amount_minor, reason)

    def stops(self, kind: HoldKind, reason: str, source: HoldSource, chapter: BankruptcyChapter | None = None) -> None:
        """A hold is placed."""
        self.bears_interest = False
        self.story.acts.append(Stop(self.day, kind, reason, source, chapter))

    def resumes(self, reason: str) -> None:
        """The hold is released."""
        self.bears_interest = True
        self.story.acts.append(Resume(self.day, reason))

    def moves(self, status: AccountStatus) -> None:
        """The account takes another status."""
        self.story.acts.append(Move(self.day, status))

    def closes(self, reason: CloseReason) -> None:
        """The work ends."""
        if not self.over:
            self.story.acts.append(Close(self.day, reason))
        self.closed = True

    def _charge(self, component: DebtComponent, amount_minor: int, reason: str) -> None:
        self.story.acts.append(Charge(self.day, component, amount_minor, reason))
        self.balance += amount_minor

    def _contact(
        self,
        channel: CommunicationChannel,
        direction: Direction,
        result: InteractionResult,
        *,
        endpoint: Endpoint | None = None,
        lasted: int = 0,
        note: str | None = None,
        template: str | None = None,
        party: PartyReached | None = None,
    ) -> None:
        minute = self.draw.randint(9 * 60 + 5, 17 * 60 + 30)
        self.story.acts.append(
            Contact(self.day, minute, channel, direction, result, endpoint, lasted, party, note, template)
        )
