"""What happened in the platform, as subscribers are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

JsonValue: TypeAlias = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened and was committed.

    `id` stays the same when an event is delivered again; `subject_id` is a prefixed id such as `acct_0192...`.
    `payload` holds ids and plain values, never personal data: what else is needed is asked for. Its keys by
    event are in `arrears_sdk.payloads.PAYLOADS`; not every event names the debtor.
    """

    id: str
    name: str
    subject_id: str
    client_id: str | None
    occurred_at: datetime
    payload: Mapping[str, JsonValue] = field(default_factory=dict)


EVENTS: Mapping[str, str] = {
    "AccountOpened": "A debt was taken in.",
    "AccountStatusChanged": "An account got another status.",
    "AccountTeamAssigned": "Another team works an account, or none.",
    "AccountUpdated": "Facts of an account were corrected.",
    "ActDecided": "An act about a debt was asked for, and whether it may be done was decided.",
    "ApiKeyCreated": "An API key was made.",
    "ApiKeyRevoked": "An API key was taken back.",
    "BalanceAdjusted": "A wrong figure of a debt was put right.",
    "BalanceTransferred": "A part of a debt moved to or from another account of the client.",
    "BucketChanged": "A debt came into another bucket of days past due, or is current again.",
    "ChargeRecorded": "Interest, fees or costs were added to a debt.",
    "ChargebackWon": "A payment that the payer's bank had taken back was given back.",
    "ClientCreated": "A client was added.",
    "ClientUpdated": "A client's terms were changed.",
    "ClockMoved": "The clock of a sandbox was moved.",
    "ConsentGranted": "A debtor agreed to be contacted in some way.",
    "ConsentRevoked": "A debtor took an agreement to be contacted back.",
    "ContactDecided": "A contact was asked for, and whether it may be made was decided.",
    "ContactPointAdded": "A phone number, address or handle of a debtor became known.",
    "ContactPointInvalidated": "A contact point turned out to be of no use.",
    "ContactPointUpdated": "A contact point was corrected.",
    "DataRequestClosed": "A person's request about their data was closed without being fulfilled.",
    "DataRequestFailed": "A person's request about their data needs somebody to look at it.",
    "DataRequestFulfilled": "A person's data was collected for them, or erased.",
    "DataRequestOpened": "A person asked for their data, or to be erased.",
    "DataRequestRetried": "A person's request about their data that had failed is tried again.",
    "DataRequestRevealed": "Somebody read what was collected about a person.",
    "DebtReplayed": "Earlier entries of a debt came to another result by what is known now, and were corrected.",
    "DebtWrittenOff": "The creditor gave up a debt, or a part of it.",
    "DebtorCreated": "A debtor became known.",
    "DebtorErased": "Everything that told who a debtor is was erased.",
    "DebtorLinked": "A debtor is now also one of another client.",
    "DebtorNameAdded": "A debtor got a further name.",
    "DebtorRenamed": "A debtor is shown under another name.",
    "DebtorUpdated": "Facts of a debtor were corrected.",
    "DelinquencyPaused": "Days were named on which a debt's delinquency does not grow.",
    "DelinquencyResumed": "A pause of a debt's delinquency was ended early.",
    "DiscountGranted": "The creditor let a debtor off a part of a debt.",
    "EntryReversed": "An entry of the ledger was taken back by a contrary one.",
    "FactEnded": "It was said until when a fact holds on which rules of law turn.",
    "FactRecorded": "A fact became known on which rules of law turn.",
    "FactWithdrawn": "A fact that had been recorded in error was taken back.",
    "FeeClaimed": "A fee that had been quoted is owed.",
    "FeePaid": "A fee was paid.",
    "FeeQuoted": "A debtor is to be told of a fee that is not owed yet.",
    "FeeRefused": "A fee is not claimed, since a rule did not allow it.",
    "FeeUnpaid": "A fee that had been paid or waived is owed again.",
    "FeeWaived": "A fee was waived.",
    "HoldExpired": "A hold came to its end by itself.",
    "HoldPlaced": "Something on an account or a debtor was stopped.",
    "HoldReleased": "A hold was ended by somebody.",
    "ImportCompleted": "Every row of a file was taken in or refused.",
    "ImportStarted": "A file of a client's debts began to be taken in.",
    "InstalmentScheduleSet": "It was settled in which instalments a debt is due.",
    "InteractionRecorded": "A contact or an attempt was written down, or an earlier record of one corrected.",
    "InterestAccrued": "The interest of a day was added to a client's debts.",
    "JudgmentRecorded": "What a court awarded became the debt.",
    "LicenceEnded": "It was said which day is the last of a licence of the agency.",
    "LicenceRecorded": "A licence, registration or bond of the agency was written down.",
    "NationalIdRevealed": "Somebody looked at a debtor's national id.",
    "NationalIdSet": "A debtor's national id became known or was corrected.",
    "NoticeReceived": "The day became known on which a notice arrived.",
    "NoticeRecorded": "A notice that a law wants was given to a debtor.",
    "NoticeReturned": "A notice came back undelivered.",
    "OpeningBalanceRecorded": "What was owed when a debt was taken in was entered.",
    "PartyAdded": "A debtor became a party of an account.",
    "PartyEnded": "A debtor is no longer a party of an account.",
    "PaymentChargedBack": "A payment was taken back by the payer's bank.",
    "PaymentDecided": "Money was to be taken from a debtor, and whether it may be was decided.",
    "PaymentIntentChargedBack": "What was taken through a gateway was taken back by the payer's bank.",
    "PaymentIntentCreated": "Somebody wants money to be taken through a gateway.",
    "PaymentIntentDeclined": "The provider declined to take money.",
    "PaymentIntentNeedsAttention": "The gateway never told what became of an order, and a person has to find out.",
    "PaymentIntentNotSent": "An order certainly never reached the gateway.",
    "PaymentIntentPending": "The gateway has taken an order and not settled it.",
    "PaymentIntentRefunded": "All that was taken through a gateway was given back.",
    "PaymentIntentRefused": "Money is not taken, since a rule refused it.",
    "PaymentIntentSettled": "Money was taken through a gateway.",
    "PaymentIntentUnknown": "Nobody knows yet whether money was taken; the gateway is asked.",
    "PaymentRecorded": "A payment on a debt was entered.",
    "PaymentRefundCreated": "Somebody wants money to be given back through a gateway.",
    "PaymentRefundDeclined": "The provider declined to give money back.",
    "PaymentRefundNeedsAttention": "The gateway never told what became of a refund, and a person has to find out.",
    "PaymentRefundNotSent": "A refund certainly never reached the gateway.",
    "PaymentRefundPending": "The gateway has taken a refund and not settled it.",
    "PaymentRefundSettled": "Money was given back through a gateway.",
    "PaymentRefundUnknown": "Nobody knows yet whether money was given back; the gateway is asked.",
    "PaymentRefunded": "A payment was given back.",
    "PaymentReversed": "A payment that was entered wrongly was taken back.",
    "PlacementReceived": "A batch of debts was received from a client.",
    "PortfolioCreated": "A portfolio of a client was added.",
    "PortfolioUpdated": "A portfolio's facts were changed.",
    "PrincipalCreated": "Somebody may sign in from now on.",
    "PrincipalDisabled": "Somebody may no longer sign in.",
    "ReceiptRecorded": "Money came once and was shared among several accounts of a debtor.",
    "ResidenceAdded": "An address of a debtor became known.",
    "ResidenceEnded": "A debtor no longer lives at an address.",
    "RoleGranted": "Somebody was given a role.",
    "RoleRevoked": "A role was taken from somebody.",
    "SettingsChanged": "Somebody changed what the deployment, a client or a portfolio says about a plugin or a part.",
    "TeamCreated": "A team was made.",
}
"""Every event that the platform tells of, by name, and what it means."""
