"""The closed lists in which decisions speak, described for the schema."""

from __future__ import annotations

from arrears.compliance.model import DecisionKind, PermitState, Verdict
from arrears.graphql.declare import describe_enum
from arrears_sdk.law.requirements import RequirementKind
from arrears_sdk.law.words import ContactParty, ContactPurpose, Content
from arrears_sdk.vocabulary import ActionKind

describe_enum(
    Verdict,
    "What may be done, from the mildest to the strictest.",
    {
        "ALLOW": "It may be done.",
        "WARN": "It may be done, and somebody should look at it.",
        "REQUIRE": "It may be done once the requirements are met.",
        "DEFER": "It may not be done now, but later.",
        "DENY": "It may not be done.",
    },
)
describe_enum(
    DecisionKind,
    "What was decided on.",
    {
        "CONTACT": "A contact with a person.",
        "ACTION": "An act about a debt that is no contact: a suit, a report to a bureau, a fee.",
        "PAYMENT": "Money to be taken through a gateway.",
    },
)
describe_enum(
    PermitState,
    "What has become of a permit.",
    {
        "OPEN": "It may be redeemed.",
        "USED": "It was redeemed.",
        "RETURNED": "It was given back unused.",
        "EXPIRED": "It was not used in time, and lets nothing happen any more.",
    },
)
describe_enum(
    ContactPurpose,
    "What a contact is for; several bars leave one purpose open.",
    {
        "COLLECT": "To collect.",
        "LOCATION_INQUIRY": "To learn from somebody else where the debtor is.",
        "LEAVE_MESSAGE": "To leave a message that the debtor may call back.",
        "REPLY": "To answer what the debtor sent or asked.",
        "OPT_OUT_CONFIRMATION": "To confirm that the debtor opted out.",
        "CONSENT_REQUEST": "To ask for consent.",
        "NOTICE": "To give a notice that a law names.",
        "CEASE_CONFIRMATION": "To confirm that contact ends.",
        "REMEDY_NOTICE": "To tell that a remedy is or may be used.",
        "LEGAL_PROCESS": "To serve papers of a court.",
        "EMPLOYMENT_CHECK": "To ask an employer whether the debtor works there.",
        "HANDLE_COMPLAINT": "To deal with a complaint.",
    },
)
describe_enum(
    ContactParty,
    "With whom a contact is meant to be.",
    {
        "DEBTOR": "The debtor.",
        "SPOUSE": "The debtor's spouse.",
        "PARENT_OF_MINOR": "A parent of a debtor who is a minor.",
        "GUARDIAN": "The debtor's guardian.",
        "PERSONAL_REPRESENTATIVE": "Who acts for the estate of a debtor who died.",
        "SUCCESSOR": "A confirmed successor in interest.",
        "ATTORNEY": "The debtor's attorney.",
        "DEBT_ADVISER": "The debtor's debt adviser.",
        "CO_DEBTOR": "Another who owes the debt.",
        "HOUSEHOLD": "Another person of the household.",
        "FAMILY": "A relative.",
        "EMPLOYER": "The debtor's employer.",
        "NEIGHBOUR": "A neighbour.",
        "CREDITOR": "The creditor.",
        "BUREAU": "A credit bureau.",
        "OTHER": "Somebody else.",
    },
)
describe_enum(
    Content,
    "What a message, call, letter, plan or filing carries: what a law demands to be in it, or forbids.",
    {word.name: word.value.capitalize().replace("_", " ") + "." for word in Content},
)
describe_enum(
    ActionKind,
    "What may be done about a debt besides contacting a person.",
    {word.name: word.value.capitalize().replace("_", " ") + "." for word in ActionKind},
)
describe_enum(
    RequirementKind,
    "What sort of thing has to be done or recorded first.",
    {
        "CONTENT": "The contact or document has to carry something.",
        "NOTICE": "A notice has to be given.",
        "FACT": "A fact has to be known.",
        "CONSENT": "The debtor has to consent to a channel.",
        "LICENCE": "The agency has to hold a licence.",
        "ATTESTATION": "The agency has to state something about itself.",
        "OTHER": "What a plugin asks for in its own words.",
    },
)
