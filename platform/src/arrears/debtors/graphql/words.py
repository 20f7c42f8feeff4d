"""What the values of the debtors' enumerations mean, in the words of the schema."""

from __future__ import annotations

from arrears.debtors.model import (
    CommunicationChannel,
    ConsentMethod,
    ConsentScope,
    ConsentState,
    ContactChannel,
    ContactOwner,
    ContactUse,
    DebtorKind,
    LineType,
    NameKind,
    NationalIdKind,
    ResidenceKind,
    SearchKind,
    Validity,
    ZoneSource,
)
from arrears.graphql.declare import describe_enum

describe_enum(
    DebtorKind,
    "Whether a debtor is a human being or an organisation.",
    {"PERSON": "A human being.", "COMPANY": "A company or another organisation."},
)
describe_enum(
    NameKind,
    "In what sense a debtor bears a name.",
    {
        "LEGAL": "The name in law.",
        "ALIAS": "Another name by which the debtor is known.",
        "FORMER": "A name that the debtor no longer bears.",
        "TRADING": "The name under which a business trades.",
    },
)
describe_enum(
    ResidenceKind,
    "What a place is to the debtor.",
    {
        "RESIDENCE": "Where the debtor lives, or a company has its seat.",
        "MAILING": "Where letters are to be sent.",
        "WORK": "Where the debtor works.",
        "CURRENT_LOCATION": "Where the debtor is known to be at present; verified.",
        "STATED_LOCATION": "Where the debtor said to be.",
    },
)
describe_enum(
    NationalIdKind,
    "Which register a national identifier comes from.",
    {
        "SOCIAL_SECURITY": "Social security or national insurance.",
        "TAX": "A person's tax number.",
        "NATIONAL_IDENTITY": "The identity card or population register.",
        "PASSPORT": "A passport.",
        "DRIVING_LICENCE": "A driving licence.",
        "COMPANY_TAX": "A company's tax or VAT number.",
        "OTHER": "Another register.",
    },
)
describe_enum(
    ContactChannel,
    "What kind of endpoint a contact point is.",
    {
        "PHONE": "A telephone number, for calls and text messages.",
        "EMAIL": "An e-mail address.",
        "FAX": "A fax number.",
        "SOCIAL": "A handle on a social network.",
        "PORTAL": "A place in the client's or agency's portal or app.",
    },
)
describe_enum(
    LineType,
    "What kind of line a number is.",
    {
        "MOBILE": "A mobile telephone.",
        "LANDLINE": "A fixed line.",
        "MOBILE_OR_LANDLINE": "A mobile telephone or a fixed line; the number alone does not tell (as in the US).",
        "VOIP": "An internet telephone; its number says nothing about a place.",
        "TOLL_FREE": "A number free of charge for the caller.",
        "UNKNOWN": "Not known.",
    },
)
describe_enum(
    ContactOwner,
    "Whose number, address or handle it is.",
    {
        "DEBTOR": "The debtor's own.",
        "THIRD_PARTY": "Someone else's, such as a relative's; the debt must not be mentioned there.",
        "EMPLOYER": "Provided by the debtor's employer.",
        "UNKNOWN": "Not known.",
    },
)
describe_enum(
    ContactUse,
    "Where a contact point reaches the debtor.",
    {"HOME": "In private.", "WORK": "At work.", "UNKNOWN": "Not known."},
)
describe_enum(
    Validity,
    "Whether a contact point is known to work.",
    {
        "UNVERIFIED": "Nobody has found out yet.",
        "VALID": "It reaches the debtor.",
        "INVALID": "It does not: a wrong number, a bounced address.",
    },
)
describe_enum(
    CommunicationChannel,
    "The way in which a debtor is contacted; rules of law tell these apart.",
    {
        "PHONE_CALL": "A call dialled by a person.",
        "PHONE_AUTODIALED": "A call dialled by a machine.",
        "PHONE_PRERECORDED": "A call that plays a recorded or artificial voice.",
        "RINGLESS_VOICEMAIL": "A message put into a voice mailbox without ringing.",
        "SMS": "A text message.",
        "EMAIL": "An e-mail.",
        "LETTER": "A letter in a closed envelope.",
        "POSTCARD": "A postcard, which anyone can read.",
        "SOCIAL_PRIVATE": "A private message on a social network.",
        "SOCIAL_PUBLIC": "Something on a social network that others see.",
        "IN_PERSON_HOME": "A visit at home.",
        "IN_PERSON_WORK": "A visit at work.",
        "IN_PERSON_PUBLIC": "A meeting in public.",
        "PUSH_OR_PORTAL": "A notice in an app or portal.",
        "FAX": "A fax.",
    },
)
describe_enum(
    ConsentState,
    "Whether a record gives consent or takes it back.",
    {"GRANTED": "The debtor agreed.", "REVOKED": "The debtor objected, or took an agreement back."},
)
describe_enum(
    ConsentScope,
    "How far a consent or its revocation reaches.",
    {
        "ALL_MESSAGES": "All messages of the agency on this channel.",
        "CLIENT_MESSAGES": "Messages about debts of one client.",
        "THIS_KIND_OF_MESSAGE": "Only messages of the kind that it answered.",
    },
)
describe_enum(
    ConsentMethod,
    "How the debtor expressed it.",
    {
        "WRITTEN": "In writing on paper.",
        "ELECTRONIC": "By a form, an e-mail or a reply such as STOP.",
        "ORAL": "In a conversation.",
        "CONDUCT": "By what the debtor did, for instance by giving the number.",
    },
)
describe_enum(
    ZoneSource,
    "What places a debtor in a time zone.",
    {
        "CURRENT_LOCATION": "The verified place where the debtor is; where known, only this counts.",
        "RESIDENCE": "The address where the debtor lives.",
        "MAILING_ADDRESS": "The address for letters.",
        "AREA_CODE": "The area code of a telephone number.",
        "NUMBER_COUNTRY": "The country of a number without area; it counts only where nothing else places the debtor.",
        "STATED_LOCATION": "A place that the debtor named.",
    },
)
describe_enum(
    SearchKind,
    "What a search text is compared with.",
    {
        "NAME": "The words of names, each by its beginning, accents or none.",
        "REFERENCE": "Clients' references of debtors and of their accounts, by their beginning.",
        "PHONE": "Telephone numbers: whole, without country code, or the last four, six, seven or eight digits.",
        "EMAIL": "E-mail addresses, by their beginning.",
        "NATIONAL_ID": "National identifiers, whole.",
    },
)
