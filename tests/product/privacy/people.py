"""A debtor of two clients with something in every corner of the platform, and a look for what is left of them."""

from __future__ import annotations

import datetime
from uuid import UUID

from arrears.accounts.commands import AccountClose, HoldPlace, HoldRelease, close_account, place_hold, release_hold
from arrears.accounts.model import CloseReason, HoldKind, HoldSource
from arrears.compliance.notices import NoticeRecord, record_notice
from arrears.compliance.recording import FactEnd, FactRecord, FactWithdraw, end_fact, record_fact, withdraw_fact
from arrears.debtors.commands import (
    ConsentRecord,
    ContactPointInvalidate,
    DebtorCreate,
    DebtorLinkClient,
    NationalIdReveal,
    NewClientLink,
    NewContactPoint,
    NewName,
    NewNationalId,
    NewResidence,
    consent_record,
    contact_point_invalidate,
    debtor_create,
    debtor_link_client,
    national_id_reveal,
)
from arrears.debtors.model import (
    CommunicationChannel,
    ConsentMethod,
    ConsentState,
    ContactChannel,
    DebtorKind,
    NameKind,
    NationalIdKind,
    ResidenceKind,
)
from arrears.interactions.commands import (
    InteractionCorrect,
    InteractionRecord,
    correct_interaction,
    record_interaction,
)
from arrears.interactions.model import Direction, InteractionResult
from arrears.ledger.commands import (
    OpeningBalanceRecord,
    PaymentRecord,
    PaymentReverse,
    record_opening_balance,
    record_payment,
    reverse_payment,
)
from arrears.ledger.model import PaymentMethod
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import FactSource, NoticeKind
from arrears_sdk.money import Money
from tests.product.accounts.book import Book
from tests.product.privacy.planted import PLANTED

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


class People:
    """A book with the debtor in it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.bank = self.shop = self.third = self.debtor = self.account = self.second = self.other = UUID(int=0)

    async def arrive(self) -> None:
        """Clients, the debtor with all facts, an account at each client, and a neighbour who stays."""
        self.bank, self.shop = await self.book.client(), await self.book.client("Schuhhaus", "Europe/Berlin")
        self.third = await self.book.client("Third")
        self.debtor = (await debtor_create(self.book.context(), self._debtor())).result.debtor_id
        self.account = await self.book.account(
            self.bank,
            self.debtor,
            "INV-1",
            original_reference="ORIG-77",
            secured_property=PLANTED["property"],
        )
        self.second = await self.book.account(self.shop, self.debtor, "INV-2")
        link = DebtorLinkClient(
            debtor_id=self.debtor,
            client_id=self.third,
            reference=PLANTED["reference of the other client"],
        )
        await debtor_link_client(self.book.context(), link)
        self.other = await self.book.debtor(self.bank, name="Nora Neighbour", phone="+12125550123")
        await self.book.account(self.bank, self.other, "INV-3")

    async def live(self) -> None:
        """Everything that happened with the debtor."""
        context = self.book.context()
        phone, points = await self._contact_points()
        invalid = ContactPointInvalidate(contact_point_id=phone, version=1, reason=PLANTED["why invalid"])
        await contact_point_invalidate(context, invalid)
        ((passport,),) = await self.book.rows("select id from national_id where kind = 'PASSPORT'")
        await national_id_reveal(
            context, NationalIdReveal(national_id_id=UUID(str(passport)), reason=PLANTED["reveal reason"])
        )
        await self._consents(points)
        await self._holds()
        await self._facts()
        await self._interactions(points)
        await self._money()

    async def end(self) -> None:
        """Close both accounts."""
        for account in (self.account, self.second):
            version = (await self.book.row("account", account))["version"]
            change = AccountClose(account_id=account, version=version, reason=CloseReason.UNCOLLECTABLE)
            await close_account(self.book.context(), change)

    def _debtor(self) -> DebtorCreate:
        return DebtorCreate(
            kind=DebtorKind.PERSON,
            clients=(
                NewClientLink(client_id=self.bank, reference=PLANTED["client reference"]),
                NewClientLink(client_id=self.shop, reference=PLANTED["second client reference"]),
            ),
            names=(
                NewName(
                    full_name=PLANTED["full name"],
                    given_name=PLANTED["given name"],
                    family_name=PLANTED["family name"],
                ),
                NewName(kind=NameKind.ALIAS, full_name=PLANTED["alias"]),
                NewName(
                    kind=NameKind.FORMER,
                    full_name=f"Zebulon {PLANTED['former family name']}",
                    family_name=PLANTED["former family name"],
                ),
            ),
            residences=(
                NewResidence(
                    address_lines=PLANTED["street"],
                    city=PLANTED["city"],
                    region="DC",
                    postal_code=PLANTED["postal code"],
                    country="US",
                    source=PLANTED["residence source"],
                ),
                NewResidence(
                    kind=ResidenceKind.MAILING,
                    address_lines=PLANTED["second street"],
                    city=PLANTED["second city"],
                    country="GB",
                ),
            ),
            contact_points=(
                NewContactPoint(
                    channel=ContactChannel.PHONE,
                    value=PLANTED["phone"],
                    extension=PLANTED["phone extension"],
                    source=PLANTED["phone source"],
                ),
                NewContactPoint(channel=ContactChannel.PHONE, value=PLANTED["second phone"]),
                NewContactPoint(channel=ContactChannel.EMAIL, value=PLANTED["email"]),
                NewContactPoint(channel=ContactChannel.SOCIAL, value=PLANTED["handle"], network=PLANTED["network"]),
            ),
            national_ids=(
                NewNationalId(kind=NationalIdKind.SOCIAL_SECURITY, country="US", number=PLANTED["social security"]),
                NewNationalId(kind=NationalIdKind.PASSPORT, country="US", number=PLANTED["passport"]),
            ),
            date_of_birth=datetime.date.fromisoformat(PLANTED["birth"]),
            country="US",
            preferred_language="cy",
            languages=("cy", "en"),
        )

    async def _contact_points(self) -> tuple[UUID, list[UUID]]:
        rows = await self.book.rows(
            "select id, value from contact_point where debtor_id = %(debtor)s order by id", debtor=self.debtor
        )
        points = {str(value): UUID(str(id)) for id, value in rows}
        return points[PLANTED["phone"]], list(points.values())

    async def _consents(self, points: list[UUID]) -> None:
        given = {
            "debtor_id": self.debtor,
            "channels": (CommunicationChannel.EMAIL,),
            "method": ConsentMethod.WRITTEN,
            "source": PLANTED["consent source"],
            "given_directly": True,
        }
        granted = ConsentRecord(**given, state=ConsentState.GRANTED, evidence=PLANTED["consent evidence"])
        await consent_record(self.book.context(), granted)
        revoked = ConsentRecord(**given, state=ConsentState.REVOKED, revocation_medium=PLANTED["revocation"])
        await consent_record(self.book.context(), revoked)

    async def _holds(self) -> None:
        hold = HoldPlace(
            debtor_id=self.debtor,
            kind=HoldKind.HARDSHIP,
            reason=PLANTED["hold reason"],
            source=HoldSource.DEBTOR,
            evidence=PLANTED["hold evidence"],
        )
        placed = (await place_hold(self.book.context(), hold)).result.hold_id
        release = HoldRelease(hold_id=placed, version=1, reason=PLANTED["release reason"])
        await release_hold(self.book.context(), release)

    async def _facts(self) -> None:
        context = self.book.context()
        dispute = FactRecord(
            kind=FactKind.DISPUTE,
            source=FactSource.DEBTOR,
            word="WRITTEN",
            account_id=self.account,
            evidence=PLANTED["fact evidence"],
            starts_at=NOW - datetime.timedelta(days=1),
        )
        fact = (await record_fact(context, dispute)).result.fact_id
        await end_fact(context, FactEnd(fact_id=fact, version=1, reason=PLANTED["fact end"]))
        await withdraw_fact(context, FactWithdraw(fact_id=fact, version=2, reason=PLANTED["fact withdrawal"]))
        vulnerable = FactRecord(
            kind=FactKind.VULNERABILITY,
            source=FactSource.REPRESENTATIVE,
            word="HEALTH",
            debtor_id=self.debtor,
            evidence=PLANTED["vulnerability"],
        )
        await record_fact(context, vulnerable)
        notice = NoticeRecord(
            kind=NoticeKind.VALIDATION,
            medium=CommunicationChannel.LETTER,
            account_ids=(self.account,),
            template_version=PLANTED["notice version"],
        )
        await record_notice(context, notice)

    async def _interactions(self, points: list[UUID]) -> None:
        call = InteractionRecord(
            account_id=self.account,
            started_at=NOW,
            channel=CommunicationChannel.PHONE_CALL,
            direction=Direction.OUTBOUND,
            result=InteractionResult.TALKED,
            endpoint=PLANTED["endpoint"],
            content=PLANTED["content"],
            note=PLANTED["note"],
            recording_reference=PLANTED["recording"],
        )
        first = (await record_interaction(self.book.context(), call)).result.interaction_id
        fields = call.model_dump(exclude_unset=True, exclude={"account_id", "debtor_id", "client_id"})
        fields["note"] = PLANTED["corrected note"]
        correction = InteractionCorrect(interaction_id=first, reason=PLANTED["correction"], **fields)
        await correct_interaction(self.book.context(), correction)
        bounced = InteractionRecord(
            account_id=self.second,
            started_at=NOW,
            channel=CommunicationChannel.EMAIL,
            direction=Direction.OUTBOUND,
            result=InteractionResult.BOUNCED,
            bounce_notice=PLANTED["bounce"],
            note=PLANTED["note of the second contact"],
        )
        await record_interaction(self.book.context(), bounced)

    async def _money(self) -> None:
        context = self.book.context()
        opening = OpeningBalanceRecord(account_id=self.account, principal=Money.parse("100.00", "USD"))
        await record_opening_balance(context, opening)
        payment = PaymentRecord(
            account_id=self.account,
            amount=Money.parse("40.00", "USD"),
            method=PaymentMethod.BANK_TRANSFER,
            reference=PLANTED["payment reference"],
        )
        paid = (await record_payment(context, payment)).result.payment_id
        await reverse_payment(context, PaymentReverse(payment_id=paid, reason=PLANTED["reversal reason"]))
