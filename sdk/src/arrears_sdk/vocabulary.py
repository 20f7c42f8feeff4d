"""The closed lists of words that the platform and its plugins share; the schema shows the same names."""

from __future__ import annotations

from enum import StrEnum


class AccountStatus(StrEnum):
    """Where an account is in its life. One value; holds and the work queue are kept apart from it."""

    IMPORTED = "IMPORTED"
    PRE_COLLECT = "PRE_COLLECT"
    ACTIVE = "ACTIVE"
    SKIP = "SKIP"
    PLACED_OUT = "PLACED_OUT"
    RECALL_PENDING = "RECALL_PENDING"
    RECALL_OBJECTED = "RECALL_OBJECTED"
    RECALLED = "RECALLED"
    LEGAL = "LEGAL"
    CLOSED = "CLOSED"
    RETURNED = "RETURNED"
    REOPENED = "REOPENED"


class CloseReason(StrEnum):
    """Why the work on an account ended."""

    PAID_IN_FULL = "PAID_IN_FULL"
    SETTLED = "SETTLED"
    SOLD = "SOLD"
    RECALLED = "RECALLED"
    UNCOLLECTABLE = "UNCOLLECTABLE"
    STATUTE_BARRED = "STATUTE_BARRED"
    BANKRUPT = "BANKRUPT"
    DECEASED = "DECEASED"
    FRAUD = "FRAUD"
    DISPUTE_UPHELD = "DISPUTE_UPHELD"
    SMALL_BALANCE = "SMALL_BALANCE"
    DUPLICATE = "DUPLICATE"
    EXHAUSTED = "EXHAUSTED"
    UNTRACEABLE = "UNTRACEABLE"
    WITHDRAWN = "WITHDRAWN"
    VULNERABLE = "VULNERABLE"
    OUT_OF_JURISDICTION = "OUT_OF_JURISDICTION"


class Purpose(StrEnum):
    """What the debt was incurred for; consumer law reaches consumer debts."""

    CONSUMER = "CONSUMER"
    COMMERCIAL = "COMMERCIAL"


class Product(StrEnum):
    """What kind of debt it is; several rules of law depend on it."""

    CARD = "CARD"
    LOAN = "LOAN"
    OVERDRAFT = "OVERDRAFT"
    MORTGAGE = "MORTGAGE"
    VEHICLE = "VEHICLE"
    LEASE = "LEASE"
    RENT = "RENT"
    MEDICAL = "MEDICAL"
    STUDENT = "STUDENT"
    UTILITY = "UTILITY"
    TELECOM = "TELECOM"
    INSURANCE = "INSURANCE"
    TAX = "TAX"
    FINE = "FINE"
    INVOICE = "INVOICE"
    TORT = "TORT"
    OTHER = "OTHER"


class PartyRole(StrEnum):
    """As what a debtor stands on an account."""

    PRIMARY = "PRIMARY"
    CO_DEBTOR = "CO_DEBTOR"
    GUARANTOR = "GUARANTOR"
    AUTHORISED_USER = "AUTHORISED_USER"
    SUCCESSOR = "SUCCESSOR"
    EXECUTOR = "EXECUTOR"
    GUARDIAN = "GUARDIAN"


class HoldKind(StrEnum):
    """What brought the work to a stop."""

    DISPUTE = "DISPUTE"
    VALIDATION = "VALIDATION"
    CEASE_COMMUNICATION = "CEASE_COMMUNICATION"
    ATTORNEY = "ATTORNEY"
    DEBT_MANAGEMENT = "DEBT_MANAGEMENT"
    BANKRUPTCY = "BANKRUPTCY"
    DECEASED = "DECEASED"
    MILITARY = "MILITARY"
    HARDSHIP = "HARDSHIP"
    VULNERABILITY = "VULNERABILITY"
    COMPLAINT = "COMPLAINT"
    FRAUD = "FRAUD"
    LITIGATION = "LITIGATION"
    CLIENT = "CLIENT"
    SYSTEM_ERROR = "SYSTEM_ERROR"
    MINOR = "MINOR"
    INCARCERATED = "INCARCERATED"


class HoldBlock(StrEnum):
    """One thing that a hold stops."""

    CONTACT = "CONTACT"
    PAYMENT_RUN = "PAYMENT_RUN"
    CREDIT_REPORT = "CREDIT_REPORT"
    LEGAL = "LEGAL"
    INTEREST = "INTEREST"


class Direction(StrEnum):
    """Who reached for whom."""

    OUTBOUND = "OUTBOUND"
    INBOUND = "INBOUND"


class EndpointType(StrEnum):
    """What kind of place or device the contact went to or came from."""

    HOME = "HOME"
    MOBILE = "MOBILE"
    WORK = "WORK"
    THIRD_PARTY = "THIRD_PARTY"
    UNKNOWN = "UNKNOWN"


class PartyReached(StrEnum):
    """Who was at the other end."""

    DEBTOR = "DEBTOR"
    SPOUSE = "SPOUSE"
    ATTORNEY = "ATTORNEY"
    REPRESENTATIVE = "REPRESENTATIVE"
    THIRD_PARTY = "THIRD_PARTY"
    NONE = "NONE"
    UNKNOWN = "UNKNOWN"


class Initiator(StrEnum):
    """Who wanted the contact; a call back that the debtor asked for is the debtor's, though the agency dials."""

    DEBTOR = "DEBTOR"
    AGENCY = "AGENCY"
    CLIENT = "CLIENT"
    REPRESENTATIVE = "REPRESENTATIVE"
    THIRD_PARTY = "THIRD_PARTY"


class InteractionResult(StrEnum):
    """How a contact or attempt ended."""

    NO_ANSWER = "NO_ANSWER"
    BUSY = "BUSY"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"
    WRONG_NUMBER = "WRONG_NUMBER"
    VOICEMAIL_LEFT = "VOICEMAIL_LEFT"
    VOICEMAIL_NO_MESSAGE = "VOICEMAIL_NO_MESSAGE"
    MESSAGE_WITH_PERSON = "MESSAGE_WITH_PERSON"
    LIMITED_CONTENT_MESSAGE = "LIMITED_CONTENT_MESSAGE"
    HUNG_UP = "HUNG_UP"
    THIRD_PARTY_REACHED = "THIRD_PARTY_REACHED"
    TALKED = "TALKED"
    PROMISE = "PROMISE"
    PAYMENT_TAKEN = "PAYMENT_TAKEN"
    REFUSES = "REFUSES"
    DISPUTES = "DISPUTES"
    CLAIMS_PAID = "CLAIMS_PAID"
    HARDSHIP = "HARDSHIP"
    REQUESTS_VALIDATION = "REQUESTS_VALIDATION"
    CEASE = "CEASE"
    ATTORNEY = "ATTORNEY"
    BANKRUPT = "BANKRUPT"
    DECEASED = "DECEASED"
    CALL_BACK = "CALL_BACK"
    LANGUAGE = "LANGUAGE"
    COMPLAINT = "COMPLAINT"
    THREAT = "THREAT"
    SELF_HARM = "SELF_HARM"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    BOUNCED = "BOUNCED"
    RETURNED = "RETURNED"
    OPENED = "OPENED"
    REPLIED = "REPLIED"
    OPTED_OUT = "OPTED_OUT"
    RECEIVED = "RECEIVED"


class DebtorKind(StrEnum):
    """Whether a debtor is a human being or an organisation."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"


class ResidenceKind(StrEnum):
    """What a place is to the debtor."""

    RESIDENCE = "RESIDENCE"
    MAILING = "MAILING"
    WORK = "WORK"
    CURRENT_LOCATION = "CURRENT_LOCATION"
    STATED_LOCATION = "STATED_LOCATION"


class ContactChannel(StrEnum):
    """What kind of endpoint a contact point is."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    FAX = "FAX"
    SOCIAL = "SOCIAL"
    PORTAL = "PORTAL"


class LineType(StrEnum):
    """What kind of line a number is."""

    MOBILE = "MOBILE"
    LANDLINE = "LANDLINE"
    MOBILE_OR_LANDLINE = "MOBILE_OR_LANDLINE"
    VOIP = "VOIP"
    TOLL_FREE = "TOLL_FREE"
    UNKNOWN = "UNKNOWN"


class CommunicationChannel(StrEnum):
    """The way in which a debtor is contacted (rule sheet, section 0.1)."""

    PHONE_CALL = "PHONE_CALL"
    PHONE_AUTODIALED = "PHONE_AUTODIALED"
    PHONE_PRERECORDED = "PHONE_PRERECORDED"
    RINGLESS_VOICEMAIL = "RINGLESS_VOICEMAIL"
    SMS = "SMS"
    EMAIL = "EMAIL"
    LETTER = "LETTER"
    POSTCARD = "POSTCARD"
    SOCIAL_PRIVATE = "SOCIAL_PRIVATE"
    SOCIAL_PUBLIC = "SOCIAL_PUBLIC"
    IN_PERSON_HOME = "IN_PERSON_HOME"
    IN_PERSON_WORK = "IN_PERSON_WORK"
    IN_PERSON_PUBLIC = "IN_PERSON_PUBLIC"
    PUSH_OR_PORTAL = "PUSH_OR_PORTAL"
    FAX = "FAX"


class ConsentState(StrEnum):
    """Whether a record gives consent or takes it back."""

    GRANTED = "GRANTED"
    REVOKED = "REVOKED"


class ConsentScope(StrEnum):
    """How far a consent or its revocation reaches."""

    ALL_MESSAGES = "ALL_MESSAGES"
    CLIENT_MESSAGES = "CLIENT_MESSAGES"
    THIS_KIND_OF_MESSAGE = "THIS_KIND_OF_MESSAGE"


class CollectorRole(StrEnum):
    """In what capacity the agency collects, which decides which rules of law apply (rule sheet, section 0.8)."""

    THIRD_PARTY = "THIRD_PARTY"
    DEBT_BUYER = "DEBT_BUYER"
    ATTORNEY = "ATTORNEY"
    FIRST_PARTY = "FIRST_PARTY"
    SERVICER_PREDEFAULT = "SERVICER_PREDEFAULT"
    AFFILIATE_OF_CREDITOR = "AFFILIATE_OF_CREDITOR"
    GOVERNMENT = "GOVERNMENT"


class ActionKind(StrEnum):
    """What may be done about a debt besides contacting a person (rule sheet, section 0.1)."""

    FURNISH = "FURNISH"
    SELL_OR_PLACE = "SELL_OR_PLACE"
    SUE = "SUE"
    SEEK_DEFAULT_JUDGMENT = "SEEK_DEFAULT_JUDGMENT"
    ENFORCE_JUDGMENT = "ENFORCE_JUDGMENT"
    REPOSSESS = "REPOSSESS"
    CHARGE_FEE = "CHARGE_FEE"
    CHARGE_INTEREST = "CHARGE_INTEREST"
    THREATEN_SUIT = "THREATEN_SUIT"
    ACCEPT_PAYMENT = "ACCEPT_PAYMENT"
    DEPOSIT_INSTRUMENT = "DEPOSIT_INSTRUMENT"
    APPLY_PAYMENT = "APPLY_PAYMENT"
    OFFER_SETTLEMENT = "OFFER_SETTLEMENT"
    SEND_DOCUMENT = "SEND_DOCUMENT"
    PROCESS_PERSONAL_DATA = "PROCESS_PERSONAL_DATA"
    DECIDE_AUTOMATICALLY = "DECIDE_AUTOMATICALLY"
    DELETE_RECORD = "DELETE_RECORD"
    EVICT = "EVICT"
    TERMINATE_AGREEMENT = "TERMINATE_AGREEMENT"
    DEMAND_PAYMENT = "DEMAND_PAYMENT"


class PaymentMethodKind(StrEnum):
    """By what means a debtor pays."""

    CARD = "CARD"
    BANK_DEBIT = "BANK_DEBIT"
    WALLET = "WALLET"
    OTHER = "OTHER"
