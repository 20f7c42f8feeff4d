"""The enumerations of facts, notices and licences, with what each value means."""

from __future__ import annotations

from arrears.compliance.licences import LicenceKind
from arrears.compliance.recording import FactState
from arrears.graphql.declare import describe_enum
from arrears_sdk.law.catalogue import FACTS
from arrears_sdk.law.facts import FactKind, FactLevel, FactNature, FactPart
from arrears_sdk.law.words import FactSource, NoticeKind

describe_enum(
    FactKind,
    "What kind of fact it is. `factKinds` tells what each is about and what it may say.",
    {kind.name: FACTS[kind].meaning for kind in FactKind},
)
describe_enum(
    FactLevel,
    "What a fact is about.",
    {
        "DEBTOR": "The debtor, for all of its debts.",
        "DEBT": "One debt; without an account all debts of the debtor, or all to one client.",
        "ENDPOINT": "A number, address or handle.",
        "PLACE": "Everybody at a place.",
    },
)
describe_enum(
    FactNature,
    "How it is read that no such fact is recorded.",
    {
        "EVENT": "It did not happen.",
        "ATTRIBUTE": "It is unknown, and read in the debtor's favour.",
    },
)
describe_enum(
    FactPart,
    "What a fact may say beside its kind, its source and its time.",
    {
        "WORD": "One word of a closed list.",
        "ON": "A day.",
        "NUMBER": "A number.",
        "AMOUNT": "An amount of money.",
        "PLACE": "A country, with its region and city.",
        "HOURS": "Hours of the day, days of the week, or both.",
        "CHANNEL": "One channel; without it all are meant.",
    },
)
describe_enum(
    FactSource,
    "From whom it was learned.",
    {
        "DEBTOR": "The debtor.",
        "REPRESENTATIVE": "Somebody who acts for the debtor.",
        "CLIENT": "The client.",
        "EARLIER_COLLECTOR": "Who collected the debt before.",
        "COURT": "A court.",
        "REGISTER": "A public register.",
        "BUREAU": "A credit bureau.",
        "PROVIDER": "A provider of data or of a service.",
        "AGENCY": "The agency found out by itself.",
    },
)
describe_enum(
    FactState,
    "Where a fact stands now.",
    {
        "UPCOMING": "It begins later.",
        "IN_FORCE": "It holds.",
        "ENDED": "It held, and no longer does.",
        "WITHDRAWN": "It was recorded in error, and is not read.",
    },
)
describe_enum(
    LicenceKind,
    "By what the agency may collect at a place.",
    {
        "LICENCE": "A licence.",
        "REGISTRATION": "A registration.",
        "AUTHORISATION": "An authorisation by a regulator, also one that reaches over from another country.",
        "EXEMPTION": "An exemption from needing any.",
        "BOND": "A bond, which is kept beside a licence and does not replace it.",
    },
)
describe_enum(
    NoticeKind,
    "What a law makes the agency or the creditor tell a debtor.",
    {
        "VALIDATION": "What the debt is, and how to dispute it.",
        "VERIFICATION": "Proof of a debt that was disputed.",
        "ORIGINAL_CREDITOR": "Who the original creditor is.",
        "DUPLICATE_DISPUTE": "That a dispute is the same as an earlier one, and why.",
        "EMAIL_USE": "That an e-mail address is going to be used, and how to opt out.",
        "DOCUMENT_RIGHTS": "That the debtor may ask for documents.",
        "STATE_DISCLOSURE": "What the law of a state or province wants said at the start.",
        "TIME_BARRED": "That the debt is too old to be sued on.",
        "POSTDATED_DEPOSIT": "That a postdated instrument is going to be deposited.",
        "VARYING_DEBIT": "That a debit differs from the one before.",
        "NEGATIVE_INFORMATION": "That negative information is or may be reported to a bureau.",
        "FURNISHING_INTENT": "That the debt is going to be reported to a bureau.",
        "CREDIT_LISTING_REQUEST": "A demand for payment before a default is listed.",
        "CREDIT_LISTING_INTENT": "That a default is going to be listed.",
        "DEFAULT": "That the debtor is in default, and how to remedy it.",
        "ARREARS": "How far the debtor is in arrears.",
        "DEFAULT_SUM": "That a charge for default was added.",
        "LETTER_OF_CLAIM": "A letter of claim before a suit.",
        "INTENT_TO_SUE": "That a suit is going to be filed.",
        "VISIT": "That somebody is going to visit.",
        "TRANSFER": "That the debt was assigned or transferred.",
        "DATA_PROTECTION": "Where the personal data comes from, and what the debtor's rights are.",
        "FIRST_CLAIM": "The first letter of claim, with what has to be in it.",
        "CONSENT_HINTS": "What an acknowledgment or an instalment agreement would mean.",
        "REMINDER": "A reminder.",
        "BUREAU_WARNING": "That a bureau may be told.",
        "COLLECTION": "The notice by which collection begins.",
        "PLAN_CONFIRMATION": "The terms of a plan or settlement in writing.",
        "HOSPITAL_COLLECTION": "That a hospital is going to take extraordinary steps.",
        "CHARITY_CARE": "That help with a medical bill can be had.",
        "ITEMISATION": "An itemised account.",
        "MEDICAL": "What the law wants said about a medical debt.",
        "EMPLOYER_CONTACT": "That an employer is going to be contacted.",
        "LETTER_TO_ATTORNEY": "A letter to whoever represents the debtor.",
        "AGENT_DETAILS": "Who the agent is that is going to call or visit.",
        "LETTER": "Another letter that a rule asks for.",
    },
    # A provider's webhook is a notice as well.
    name="LegalNoticeKind",
)
