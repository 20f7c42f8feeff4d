"""The enumerations of accounts, with what each value means."""

from __future__ import annotations

from arrears.accounts.model import (
    AccountStatus,
    Acknowledgment,
    BankruptcyChapter,
    CloseReason,
    CreditorRole,
    HoldBlock,
    HoldKind,
    HoldScope,
    HoldSource,
    HoldState,
    Instrument,
    Liability,
    PartyRole,
    Product,
    Purpose,
    Standing,
)
from arrears.graphql.declare import describe_enum

describe_enum(
    AccountStatus,
    "Where an account is in its life. Holds and the work queue are kept apart from it.",
    {
        "IMPORTED": "Taken over from the client; nothing was done yet.",
        "PRE_COLLECT": "Being scrubbed, or waiting for its first notice.",
        "ACTIVE": "Being worked.",
        "SKIP": "The debtor cannot be found and is being traced.",
        "PLACED_OUT": "Given to another agency or an attorney.",
        "RECALL_PENDING": "Asked back from where it was placed out.",
        "RECALL_OBJECTED": "Whoever has it objects to giving it back yet.",
        "RECALLED": "Given back by whoever had it.",
        "LEGAL": "In court or being enforced.",
        "CLOSED": "Work has ended; the reason says why.",
        "RETURNED": "Closed and handed back to the client.",
        "REOPENED": "Taken up again after it was closed.",
    },
)
describe_enum(
    CloseReason,
    "Why the work on an account ended.",
    {
        "PAID_IN_FULL": "Everything was paid.",
        "SETTLED": "Less than everything was agreed on and paid.",
        "SOLD": "The client sold the debt.",
        "RECALLED": "The client took the account back.",
        "UNCOLLECTABLE": "Nothing can be got.",
        "STATUTE_BARRED": "The time to sue has run out.",
        "BANKRUPT": "The debtor is bankrupt.",
        "DECEASED": "The debtor died, and no estate answers for the debt.",
        "FRAUD": "The debt was made by fraud or under a stolen identity.",
        "DISPUTE_UPHELD": "The debtor disputed the debt and was right.",
        "SMALL_BALANCE": "Too little is owed to be worth the work.",
        "DUPLICATE": "The account was entered twice or in error.",
        "EXHAUSTED": "Everything was tried and nobody was reached.",
        "UNTRACEABLE": "The debtor cannot be found.",
        "WITHDRAWN": "The client no longer wants the debt collected.",
        "VULNERABLE": "Collecting would harm a vulnerable debtor.",
        "OUT_OF_JURISDICTION": "The agency may not collect where the debtor lives.",
    },
)
describe_enum(
    Purpose,
    "What the debt was incurred for; consumer law reaches consumer debts.",
    {
        "CONSUMER": "For personal, family or household purposes.",
        "COMMERCIAL": "For a business.",
    },
)
describe_enum(
    Product,
    "What kind of debt it is; several rules of law depend on it.",
    {
        "CARD": "A credit card or store card.",
        "LOAN": "A personal or business loan.",
        "OVERDRAFT": "An overdrawn bank account.",
        "MORTGAGE": "A loan secured on land.",
        "VEHICLE": "A loan or lease secured on a vehicle.",
        "LEASE": "A lease of goods.",
        "RENT": "Rent of a home or premises.",
        "MEDICAL": "Health care.",
        "STUDENT": "A student loan or school fees.",
        "UTILITY": "Electricity, gas, water or heat.",
        "TELECOM": "Telephone, internet or television.",
        "INSURANCE": "Premiums or claims of an insurer.",
        "TAX": "Taxes and other public charges.",
        "FINE": "Fines and penalties.",
        "INVOICE": "An unpaid invoice for goods or services.",
        "TORT": "Damages for a wrong.",
        "OTHER": "Another kind.",
    },
)
describe_enum(
    Instrument,
    "What the debt rests on; limitation periods depend on it.",
    {
        "WRITTEN": "A written contract.",
        "ORAL": "A contract made by word of mouth.",
        "NOTE": "A promissory note.",
        "SEALED": "A contract under seal, or a deed.",
        "OPEN_ACCOUNT": "An open or running account.",
    },
)
describe_enum(
    Acknowledgment,
    "In which form the debtor acknowledged the debt.",
    {
        "SIGNED": "In writing, signed.",
        "WRITTEN": "In writing, without a signature.",
        "ORAL": "By word of mouth.",
        "PART_PAYMENT": "By paying a part.",
    },
)
describe_enum(
    Standing,
    "How an account's balance stands as of a day.",
    {
        "OPEN": "Something is owed, and the due day has not passed.",
        "PAST_DUE": "Something is owed, and the due day has passed.",
        "SETTLED": "Nothing is owed.",
    },
)
describe_enum(
    CreditorRole,
    "What a creditor is in the chain of title.",
    {
        "ORIGINAL": "Whoever granted the credit or was first owed the money.",
        "ASSIGNEE": "One to whom the debt passed on the way.",
        "CURRENT": "Whoever owns the debt now.",
    },
)
describe_enum(
    PartyRole,
    "As what a debtor stands on an account.",
    {
        "PRIMARY": "The debtor whose debt it is; every account has one.",
        "CO_DEBTOR": "One who owes the same debt.",
        "GUARANTOR": "One who answers when the debtor does not pay.",
        "AUTHORISED_USER": "One who was allowed to use the account and does not owe.",
        "SUCCESSOR": "One who took the debt over, as an heir does.",
        "EXECUTOR": "One who settles a deceased debtor's estate.",
        "GUARDIAN": "One who acts for a debtor who cannot.",
    },
)
describe_enum(
    Liability,
    "How far a party answers for the debt.",
    {
        "WHOLE": "For all of it, alone.",
        "JOINT_AND_SEVERAL": "For all of it, together with others.",
        "SHARE": "For a share of it.",
        "SECONDARY": "Only when the primary debtor does not pay.",
        "NONE": "Not at all.",
    },
)
describe_enum(
    HoldKind,
    "What brought the work to a stop.",
    {
        "DISPUTE": "The debtor disputes the debt.",
        "VALIDATION": "The debtor may still ask for the debt to be verified.",
        "CEASE_COMMUNICATION": "The debtor asked not to be contacted.",
        "ATTORNEY": "An attorney represents the debtor.",
        "DEBT_MANAGEMENT": "A debt adviser or management company acts for the debtor.",
        "BANKRUPTCY": "Bankruptcy or another insolvency proceeding.",
        "DECEASED": "The debtor died.",
        "MILITARY": "The debtor is on military service.",
        "HARDSHIP": "The debtor cannot pay for now.",
        "VULNERABILITY": "The debtor is vulnerable.",
        "COMPLAINT": "A complaint is being looked into.",
        "FRAUD": "Fraud or identity theft is alleged.",
        "LITIGATION": "The debtor sues the agency or the client.",
        "CLIENT": "The client asked for it.",
        "SYSTEM_ERROR": "The data are not to be trusted.",
        "MINOR": "The debtor is a minor.",
        "INCARCERATED": "The debtor is in prison.",
    },
)
describe_enum(
    BankruptcyChapter,
    "Under which law the debtor is bankrupt.",
    {
        "CHAPTER_7": "Liquidation, 11 USC chapter 7.",
        "CHAPTER_9": "A municipality's debts, 11 USC chapter 9.",
        "CHAPTER_11": "Reorganisation, 11 USC chapter 11.",
        "CHAPTER_12": "A family farmer's or fisherman's debts, 11 USC chapter 12.",
        "CHAPTER_13": "A wage earner's plan, 11 USC chapter 13.",
        "CHAPTER_15": "A foreign proceeding recognised, 11 USC chapter 15.",
        "FOREIGN": "The law of another country.",
    },
)
describe_enum(
    HoldScope,
    "How far a hold reaches.",
    {
        "DEBT": "One account.",
        "DEBTOR": "Everything of one debtor.",
        "CHANNEL": "One channel, for one account or everything of one debtor.",
    },
)
describe_enum(
    HoldBlock,
    "One thing that a hold stops.",
    {
        "CONTACT": "Contacting the debtor.",
        "PAYMENT_RUN": "Collecting payments that were arranged.",
        "CREDIT_REPORT": "Reporting to credit bureaus.",
        "LEGAL": "Taking legal steps.",
        "INTEREST": "Charging interest.",
    },
)
describe_enum(
    HoldSource,
    "From whom the agency knows.",
    {
        "DEBTOR": "The debtor said so.",
        "REPRESENTATIVE": "The debtor's attorney, adviser or guardian said so.",
        "CLIENT": "The client said so.",
        "AGENCY": "The agency's own staff found out or decided.",
        "COURT": "A court said so.",
        "REGULATOR": "A regulator or ombudsman said so.",
        "SCRUB": "A batch check against a register found it.",
        "THIRD_PARTY": "Somebody else said so.",
    },
)
describe_enum(
    HoldState,
    "Whether a hold stops anything at present.",
    {
        "PENDING": "It has not begun.",
        "IN_FORCE": "It stops what it blocks.",
        "ENDED": "It came to its end or was released.",
    },
)
