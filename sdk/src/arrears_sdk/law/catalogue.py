"""What each kind of fact is: read by the platform's inputs and their checks, by packs and by the reference pages."""

from __future__ import annotations

from collections.abc import Mapping

from arrears_sdk.law.facts import FactKind as Kind, FactLevel, FactNature, FactPart, FactSpec

_DEBTOR, _DEBT, _ENDPOINT, _PLACE = FactLevel.DEBTOR, FactLevel.DEBT, FactLevel.ENDPOINT, FactLevel.PLACE
_ATTRIBUTE = FactNature.ATTRIBUTE
_ON = frozenset({FactPart.ON})
_NUMBER = frozenset({FactPart.NUMBER})
_AMOUNT = frozenset({FactPart.AMOUNT})
_WHERE = frozenset({FactPart.PLACE})
_HOURS = frozenset({FactPart.HOURS})
_CHANNEL = frozenset({FactPart.CHANNEL})
_NONE: frozenset[FactPart] = frozenset()


def _of(
    level: FactLevel,
    meaning: str,
    *words: str,
    needs: frozenset[FactPart] = _NONE,
    takes: frozenset[FactPart] = _NONE,
    nature: FactNature = FactNature.EVENT,
) -> FactSpec:
    needs = needs | frozenset({FactPart.WORD}) if words else needs
    return FactSpec(meaning=meaning, level=level, nature=nature, words=words, needs=needs, takes=takes)


FACTS: Mapping[Kind, FactSpec] = {
    # Whom to speak with, and who else may be spoken with
    Kind.ATTORNEY: _of(
        _DEBT,
        "A lawyer or other representative acts for the debtor. In force until the mandate ends.",
        *("LAWYER", "PARALEGAL", "DEBT_ADVISER", "OTHER"),
        takes=_NUMBER,
    ),
    Kind.ATTORNEY_CONSENT: _of(_DEBT, "The representative consents to direct contact with the debtor."),
    Kind.ATTORNEY_SILENT: _of(_DEBT, "A letter to the representative of the day `on` was not answered.", needs=_ON),
    Kind.COURT_PERMISSION: _of(_DEBT, "A court permits the contact that would otherwise be barred."),
    Kind.THIRD_PARTY_CONSENT: _of(
        _DEBTOR, "The debtor consents to contact with others.", "ORAL", "WRITTEN", takes=_CHANNEL
    ),
    Kind.POWER_OF_ATTORNEY: _of(_DEBTOR, "Somebody holds a power of attorney for the debtor."),
    Kind.RELATIONSHIP: _of(
        _DEBTOR,
        "Somebody stands to the debtor in this relation, and may be spoken with as such.",
        *("SPOUSE", "PARENT", "GUARDIAN", "PERSONAL_REPRESENTATIVE", "SUCCESSOR", "GUARANTOR", "CO_DEBTOR"),
    ),
    Kind.EMPLOYER: _of(_DEBTOR, "The debtor has an employer, as far as known."),
    Kind.LOCATION_REQUESTED: _of(_DEBTOR, "A third party asked to be contacted again, or now knows better.", takes=_ON),
    # When, where and by what way
    Kind.CEASE: _of(
        _DEBT,
        "The debtor refuses to pay or wants no further contact. In force from receipt.",
        *("WRITTEN", "ELECTRONIC", "ORAL"),
        takes=_CHANNEL,
    ),
    Kind.INCONVENIENT_TIME: _of(
        _DEBTOR, "Hours or days at which the debtor does not want to be contacted.", takes=_HOURS | _CHANNEL
    ),
    Kind.AGREED_TIME: _of(_DEBTOR, "Hours at which the debtor wants to be contacted.", needs=_HOURS, takes=_CHANNEL),
    Kind.WAKING_HOURS: _of(
        _DEBTOR, "The debtor's normal waking hours, where they are known.", needs=_HOURS, nature=_ATTRIBUTE
    ),
    Kind.WORKING_HOURS: _of(
        _DEBTOR, "The debtor's normal working hours, where they are known.", needs=_HOURS, nature=_ATTRIBUTE
    ),
    Kind.INCONVENIENT_PLACE: _of(
        _DEBTOR, "A place at which the debtor does not want to be contacted.", "HOME", "WORK", "OTHER"
    ),
    Kind.ALTERNATIVE_LOCATION: _of(_DEBTOR, "The debtor offered another place than home, and is reached there."),
    Kind.EMPLOYER_PROHIBITS: _of(
        _DEBTOR,
        "Contact at work is not allowed there, or the debtor asked for none. `on` is the day of a confirmation.",
        *("KNOWN", "ORAL_REQUEST", "WRITTEN_REQUEST"),
        takes=_ON,
    ),
    Kind.WRITING_ONLY: _of(_DEBTOR, "The debtor asked in writing to be contacted in writing only.", takes=_ON),
    Kind.MEDIUM_OPT_OUT: _of(
        _DEBTOR,
        "The debtor asked not to be contacted by a medium. What was taken back as consent counts the same.",
        *("WRITTEN", "ELECTRONIC", "ORAL"),
        needs=_CHANNEL,
    ),
    Kind.DIRECT_CONSENT: _of(
        _DEBTOR, "Prior consent to contacts, given to this collector. It ends when `ends_at` says.", takes=_CHANNEL
    ),
    Kind.FREQUENCY_CONSENT: _of(_DEBT, "The debtor agreed to more frequent contact.", takes=_CHANNEL | _NUMBER),
    Kind.VISIT_CONSENT: _of(_DEBT, "The debtor consents to visits, or asked for one.", "ORAL", "WRITTEN"),
    Kind.REFUSAL: _of(_DEBT, "The debtor clearly refused to pay or to speak."),
    Kind.OTHER_MEANS_FAILED: _of(_DEBT, "All other reasonable ways to reach the debtor were tried and failed."),
    Kind.IDENTITY_VERIFIED: _of(_DEBTOR, "The debtor's identity was verified for this contact."),
    Kind.COURT_REQUEST: _of(_DEBT, "The debtor disputes the debt and suggests that it be taken to court."),
    # What the debtor said about the debt
    Kind.DISPUTE: _of(
        _DEBT,
        "The debtor disputes all or part of the debt. It ends when it is resolved or verified.",
        *("WRITTEN", "ELECTRONIC", "ORAL"),
        takes=_AMOUNT,
    ),
    Kind.DISPUTE_DUPLICATE: _of(_DEBT, "The dispute is the same as one already answered, with nothing new."),
    Kind.ORIGINAL_CREDITOR_REQUEST: _of(_DEBT, "The debtor asked who the original creditor is.", takes=_ON),
    Kind.DOCUMENT_REQUEST: _of(
        _DEBT,
        "The debtor asked for documents, substantiation or verification. It ends when they were sent.",
        *("DOCUMENTS", "SUBSTANTIATION", "VERIFICATION", "ITEMISATION"),
    ),
    Kind.COPY_REQUEST: _of(_DEBT, "The debtor asked for copies of a regulated agreement. It ends when they were sent."),
    Kind.LIMITATION_RAISED: _of(_DEBT, "The debtor will not pay because the debt is barred by time."),
    Kind.NOTICE_NOT_RECEIVED: _of(_DEBT, "The debtor says that a notice did not arrive.", needs=_ON),
    Kind.CLAIM_REPLY: _of(
        _DEBT, "The debtor replied to a letter of claim.", "ADMITS", "DISPUTES", "SEEKS_ADVICE", "WANTS_DOCUMENTS"
    ),
    Kind.COMPLAINT: _of(_DEBT, "A complaint is open.", "AGENCY", "OMBUDSMAN", "REGULATOR"),
    Kind.OBJECTION: _of(_DEBTOR, "The debtor objects to the processing of personal data.", "PROCESSING", "MARKETING"),
    Kind.ERASURE_REQUEST: _of(_DEBTOR, "The debtor asks for erasure of personal data."),
    # Protection
    Kind.BANKRUPTCY: _of(
        _DEBTOR,
        "A bankruptcy or insolvency case: `on` the petition, `number` cases dismissed in the year before.",
        *("CHAPTER_7", "CHAPTER_11", "CHAPTER_12", "CHAPTER_13", "OTHER"),
        needs=_ON,
        takes=_NUMBER,
    ),
    Kind.STAY_RELIEF: _of(_DEBT, "A court lifted the stay for this debt."),
    Kind.STAY_EXTENDED: _of(_DEBTOR, "A court extended or imposed the stay for a repeat filer."),
    Kind.CO_DEBTOR_STAY: _of(_DEBT, "Another who owes this debt filed under chapter 12 or 13."),
    Kind.DISCHARGE: _of(_DEBT, "The debt was discharged on the day `on`.", needs=_ON),
    Kind.REAFFIRMATION: _of(_DEBT, "The debtor validly reaffirmed the debt on the day `on`.", needs=_ON),
    Kind.DEATH: _of(_DEBTOR, "The debtor died on the day `on`.", takes=_ON),
    Kind.MILITARY_SERVICE: _of(_DEBTOR, "The debtor is in military service from start to end.", takes=_ON),
    Kind.MILITARY_ORDERS: _of(_DEBTOR, "The debtor received orders to service.", takes=_ON),
    Kind.MILITARY_AFFIDAVIT: _of(
        _DEBT, "The military status was searched and sworn to.", "NOT_IN_SERVICE", "IN_SERVICE", "UNKNOWN", takes=_ON
    ),
    Kind.SERVICE_RIGHT_EXERCISED: _of(_DEBT, "The debtor exercised a right of those in service."),
    Kind.INSTALMENT_BEFORE_SERVICE: _of(_DEBT, "A deposit or instalment was paid before service began.", takes=_ON),
    Kind.VETERAN: _of(_DEBTOR, "The debtor is a veteran."),
    Kind.BREATHING_SPACE: _of(
        _DEBTOR,
        "A moratorium was entered in the register on the day `on`; a treatment's end is `ends_at`.",
        *("STANDARD", "MENTAL_HEALTH", "SCOTTISH"),
        needs=_ON,
    ),
    Kind.BREATHING_SPACE_EXCLUDED: _of(_DEBT, "The debt is not within a moratorium: excluded or ongoing liability."),
    Kind.DEBT_ADVICE: _of(_DEBTOR, "The debtor or an adviser is working out a repayment plan."),
    Kind.DEBT_ADVICE_PROGRESS: _of(_DEBTOR, "Progress with the plan was shown."),
    Kind.DEBT_REVIEW: _of(_DEBTOR, "The debtor is under debt review; it ends with it."),
    Kind.HARDSHIP: _of(_DEBT, "The debtor gave notice of being unable to pay. It ends when it is decided."),
    Kind.HARDSHIP_REFUSED: _of(_DEBT, "A hardship notice was refused with reasons on the day `on`.", needs=_ON),
    Kind.FORBEARANCE_CONSIDERED: _of(_DEBT, "Measures of forbearance were considered and offered."),
    Kind.FINANCIAL_STATEMENT: _of(
        _DEBTOR,
        "Income and expenditure are known; `amount` is what is left a month.",
        "STANDARD",
        "OTHER",
        takes=_AMOUNT,
    ),
    Kind.VULNERABILITY: _of(
        _DEBTOR, "The debtor is vulnerable.", "HEALTH", "LIFE_EVENT", "RESILIENCE", "CAPABILITY", "OTHER"
    ),
    Kind.INCAPACITY: _of(_DEBTOR, "The debtor may lack mental capacity; it ends when the position is known."),
    Kind.IDENTITY_THEFT: _of(
        _DEBT, "The debt is said to come from identity theft.", "REPORT", "AFFIDAVIT", "BLOCKED", "CLAIM"
    ),
    Kind.COERCED_DEBT: _of(_DEBT, "The debtor claims to have been coerced into the debt. It ends with the review."),
    Kind.ASSISTANCE_APPLICATION: _of(_DEBT, "An application for financial assistance is pending.", takes=_ON),
    Kind.PUBLIC_EMERGENCY: _of(_PLACE, "A public-health emergency is declared at the place.", needs=_WHERE),
    Kind.OCCASION: _of(_DEBTOR, "A bereavement, wedding, calamity or festival.", "BEREAVEMENT", "WEDDING", "OTHER"),
    # The debt
    Kind.OBTAINED_IN_DEFAULT: _of(
        _DEBT, "Whether the debt was in default when the agency obtained it.", "YES", "NO", nature=_ATTRIBUTE
    ),
    Kind.COLLECTOR_NAME: _of(_DEBT, "In whose name the debt is collected.", "OWN", "OTHER", nature=_ATTRIBUTE),
    Kind.ORIGINAL_CREDITOR: _of(_DEBT, "Whether the client is the original creditor.", "YES", "NO", nature=_ATTRIBUTE),
    Kind.CHAIN_OF_TITLE: _of(_DEBT, "The chain of title is documented without a gap."),
    Kind.DOCUMENTS_HELD: _of(
        _DEBT, "What papers of the debt are held.", "COMPLETE", "ITEMISATION", "CONTRACT", "JUDGMENT"
    ),
    Kind.SERVICING_NUMBER: _of(
        _DEBT, "Several debts were serviced under one number when obtained: `number` joins them.", needs=_NUMBER
    ),
    Kind.CREDIT_EXTENDED: _of(_DEBT, "Whether the debt comes from credit.", "YES", "NO", nature=_ATTRIBUTE),
    Kind.REGULATED_AGREEMENT: _of(_DEBT, "Whether the agreement is regulated.", "YES", "NO", nature=_ATTRIBUTE),
    Kind.SECURED: _of(
        _DEBT, "What secures the debt.", "REAL_PROPERTY", "VEHICLE", "GOODS", "NONE", takes=_WHERE, nature=_ATTRIBUTE
    ),
    Kind.PRESENT_RIGHT: _of(_DEBT, "There is a present right and intent to take the security, and no exemption."),
    Kind.INSTRUMENT: _of(
        _DEBT,
        "What the debt rests on.",
        *("WRITTEN", "OPEN_ACCOUNT", "ORAL", "NOTE", "CARD", "SEALED", "DEED", "JUDGMENT", "PERIODIC"),
        nature=_ATTRIBUTE,
    ),
    Kind.CONTRACT_PLACE: _of(_DEBT, "Where the debtor signed the contract.", needs=_WHERE, nature=_ATTRIBUTE),
    Kind.GOVERNING_LAW: _of(_DEBT, "Whose law the contract names.", needs=_WHERE, nature=_ATTRIBUTE),
    Kind.AMOUNT_CLAUSE: _of(
        _DEBT,
        "The agreement or a law allows this addition; `amount` or `number` (hundredths of a per cent) caps it.",
        *("INTEREST", "FEE", "COLLECTION_COST", "NSF_CHARGE"),
        takes=_AMOUNT | _NUMBER,
    ),
    Kind.ITEMISATION_DATE: _of(
        _DEBT,
        "The day from which the debt is itemised.",
        *("LAST_STATEMENT", "CHARGE_OFF", "LAST_PAYMENT", "TRANSACTION", "JUDGMENT"),
        needs=_ON,
    ),
    Kind.DELINQUENT_SINCE: _of(_DEBT, "The first delinquency that was never cured.", needs=_ON, nature=_ATTRIBUTE),
    Kind.ACCRUED: _of(_DEBT, "The day on which the claim accrued.", needs=_ON, nature=_ATTRIBUTE),
    Kind.ACKNOWLEDGED: _of(
        _DEBT, "The debtor acknowledged the debt on the day `on`.", "SIGNED", "WRITTEN", "ORAL", needs=_ON
    ),
    Kind.CREDITOR_LAST_CONTACT: _of(_DEBT, "The owner's last contact with the debtor about the debt.", needs=_ON),
    Kind.TOLLING: _of(_DEBT, "The limitation period stands still from start to end."),
    Kind.IN_DEFAULT: _of(_DEBT, "The debtor is in default since the day `on`.", takes=_ON | _NUMBER),
    Kind.DEFAULT_REMEDIED: _of(_DEBT, "The default that a notice named was remedied."),
    Kind.JUDGMENT: _of(_DEBT, "A court gave judgment on the day `on`.", needs=_ON, takes=_WHERE),
    Kind.COURT_ORDER: _of(_DEBT, "A court ordered or permits the step.", "REPOSSESS", "EVICT", "ENFORCE", "GARNISH"),
    Kind.LITIGATION_AUTHORITY: _of(_DEBT, "The creditor authorised a suit in writing."),
    Kind.NEGOTIATION_ATTEMPT: _of(_DEBT, "A negotiation was attempted and documented.", takes=_ON),
    Kind.PROCEDURES_STARTED: _of(_DEBT, "Debt collection procedures began: statements ended, debt accelerated."),
    Kind.PRINCIPAL_AT_DEFAULT: _of(_DEBT, "The principal unpaid at default.", needs=_AMOUNT, nature=_ATTRIBUTE),
    Kind.DEFAULT_CHARGES: _of(_DEBT, "Interest, fees and charges that arose in default.", needs=_AMOUNT),
    Kind.PAID_OR_SETTLED: _of(_DEBT, "The debt was paid or settled."),
    Kind.KNOWN_INACCURATE: _of(_DEBT, "What would be reported is known or believed to be inaccurate."),
    Kind.NON_PROFIT_HOSPITAL: _of(_DEBT, "The creditor is a non-profit hospital."),
    Kind.FIRST_BILL: _of(_DEBT, "The first bill after discharge was sent on the day `on`.", needs=_ON),
    Kind.VETERAN_MEDICAL: _of(_DEBT, "The medical debt is a veteran's for care on the day `on`.", needs=_ON),
    Kind.PLAN_AGREED: _of(_DEBT, "A plan or settlement was agreed on the day `on`.", takes=_ON),
    Kind.PERFORMING_TRANSFER: _of(_DEBT, "The debt was transferred as non-performing bank credit.", takes=_ON),
    # Endpoints
    Kind.NOT_THE_DEBTORS: _of(_ENDPOINT, "The number or address turned out not to be the debtor's."),
    Kind.REASSIGNMENT_CHECK: _of(_ENDPOINT, "A reassigned-numbers database showed no change on `on`.", needs=_ON),
    Kind.SUPPLIED_BY_DEBTOR: _of(
        _ENDPOINT, "The debtor gave this endpoint for the debt.", "TO_CREDITOR", "TO_COLLECTOR", takes=_ON
    ),
    Kind.EARLIER_COLLECTOR_USE: _of(_ENDPOINT, "The collector before used this address lawfully and without opt-out."),
    Kind.CHARGES_RECIPIENT: _of(_ENDPOINT, "A call or message to this number costs its owner."),
    Kind.BOUNCED: _of(_ENDPOINT, "A message to this endpoint came back on the day `on`.", needs=_ON),
    # Money
    Kind.DEBIT_AUTHORISATION: _of(
        _DEBT,
        "The debtor authorised recurring debits, and has a copy; `amount` is what was authorised.",
        *("SIGNED", "AUTHENTICATED", "ORAL"),
        takes=_AMOUNT,
    ),
    Kind.VARYING_RANGE: _of(_DEBT, "The debtor wants notice only of debits above `amount`.", needs=_AMOUNT),
    Kind.STOP_ORDER: _of(_DEBT, "The debtor stopped a debit, or all of them.", takes=_ON),
    Kind.DEBIT_REFUSED: _of(_DEBT, "A debit was refused on the day `on`.", needs=_ON),
    Kind.POSTDATED_INSTRUMENT: _of(
        _DEBT, "An instrument dated `on` was accepted when the fact begins.", needs=_ON, takes=_AMOUNT
    ),
    Kind.ALLOCATION_DIRECTION: _of(_DEBT, "The debtor directed that a payment go to this debt.", takes=_AMOUNT),
    # Credit bureaus
    Kind.FURNISHED: _of(_DEBT, "The debt was first reported to a bureau on the day `on`.", needs=_ON),
    Kind.DELINQUENCY_REPORTED: _of(_DEBT, "The date of first delinquency was reported as `on`.", needs=_ON),
}
