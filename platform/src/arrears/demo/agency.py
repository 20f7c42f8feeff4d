"""Who the demonstration agency collects for: three invented creditors, their portfolios and what is owed to them."""

from __future__ import annotations

from dataclasses import dataclass

from arrears.accounts.model import Product, Purpose
from arrears.demo.country import Country
from arrears.demo.germany import GERMANY
from arrears.demo.united_kingdom import UNITED_KINGDOM
from arrears.demo.united_states import UNITED_STATES
from arrears.ledger.model import PaymentMethod


@dataclass(frozen=True)
class Segment:
    """One portfolio: what was sold, to whom, and between which amounts (minor units) the debts lie."""

    reference: str
    name: str
    product: Product
    purpose: Purpose
    weight: int
    least_minor: int
    most_minor: int
    quarterly_interest_percent: int = 0


@dataclass(frozen=True)
class Creditor:
    """One client of the agency. `weight` is its share of the accounts, `desk` the people who work them."""

    reference: str
    name: str
    country: Country
    currency: str
    zone: str
    weight: int
    desk: str
    segments: tuple[Segment, ...]
    methods: tuple[PaymentMethod, ...]


CREDITORS = (
    Creditor(
        reference="HARBORVIEW",
        name="Harborview Card Services",
        country=UNITED_STATES,
        currency="USD",
        zone="America/New_York",
        weight=45,
        desk="Atlantic desk",
        segments=(
            Segment("CARDS", "Charged-off cards", Product.CARD, Purpose.CONSUMER, 60, 30_000, 980_000),
            Segment("LOANS", "Personal loans", Product.LOAN, Purpose.CONSUMER, 30, 90_000, 1_450_000, 2),
            Segment("BUSINESS", "Business cards", Product.CARD, Purpose.COMMERCIAL, 10, 150_000, 2_600_000),
        ),
        methods=(PaymentMethod.DIRECT_DEBIT, PaymentMethod.CARD, PaymentMethod.CHEQUE),
    ),
    Creditor(
        reference="THORNFIELD",
        name="Thornfield Energy",
        country=UNITED_KINGDOM,
        currency="GBP",
        zone="Europe/London",
        weight=30,
        desk="London desk",
        segments=(
            Segment("DOMESTIC", "Domestic energy", Product.UTILITY, Purpose.CONSUMER, 80, 6_000, 190_000),
            Segment("TRADE", "Small business energy", Product.UTILITY, Purpose.COMMERCIAL, 20, 25_000, 640_000),
        ),
        methods=(PaymentMethod.DIRECT_DEBIT, PaymentMethod.CARD, PaymentMethod.BANK_TRANSFER),
    ),
    Creditor(
        reference="LINDENHOF",
        name="Lindenhof Versand",
        country=GERMANY,
        currency="EUR",
        zone="Europe/Berlin",
        weight=25,
        desk="Kölner Team",
        segments=(
            Segment("RECHNUNG", "Kauf auf Rechnung", Product.INVOICE, Purpose.CONSUMER, 65, 2_500, 90_000),
            Segment("RATEN", "Ratenkauf", Product.LOAN, Purpose.CONSUMER, 25, 20_000, 260_000, 1),
            Segment("FIRMEN", "Firmenkunden", Product.INVOICE, Purpose.COMMERCIAL, 10, 15_000, 480_000),
        ),
        methods=(PaymentMethod.BANK_TRANSFER, PaymentMethod.DIRECT_DEBIT),
    ),
)
