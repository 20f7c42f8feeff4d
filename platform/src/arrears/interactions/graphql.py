"""The contact log in the schema: interactions, how they count, recording and correcting them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from strawberry import Maybe

from arrears.access.model import Permission
from arrears.debtors.model import CommunicationChannel
from arrears.graphql.declare import (
    Connection,
    Info,
    Mask,
    column,
    describe_enum,
    entity,
    expression,
    extend,
    few,
    loaded,
    many,
    mutations,
    one,
    queries,
    root_many,
    root_one,
    value,
)
from arrears.graphql.mutations import ID, Input, Payload, input_field, input_type, mutation, payload, run
from arrears.interactions.commands import correct_interaction, record_interaction
from arrears.interactions.model import (
    COUNTING_SQL,
    Direction,
    EndpointType,
    Initiator,
    InteractionResult,
    InteractionState,
    PartyReached,
)

if TYPE_CHECKING:
    from arrears.accounts.graphql import Account
    from arrears.clients.graphql import Client
    from arrears.debtors.graphql import ContactPoint, Debtor

describe_enum(
    Direction,
    "Which way a contact went.",
    {"OUTBOUND": "From the agency.", "INBOUND": "To the agency."},
)
describe_enum(
    EndpointType,
    "What kind of place or device a contact went to or came from.",
    {
        "HOME": "At the debtor's home.",
        "MOBILE": "A mobile telephone.",
        "WORK": "At the debtor's work.",
        "THIRD_PARTY": "Somebody else's.",
        "UNKNOWN": "Not known.",
    },
)
describe_enum(
    PartyReached,
    "Who was at the other end.",
    {
        "DEBTOR": "The debtor whom the interaction is with.",
        "SPOUSE": "The debtor's spouse.",
        "ATTORNEY": "An attorney, a credit bureau, the creditor or its attorney.",
        "REPRESENTATIVE": "Who speaks as the debtor: a guardian, an executor.",
        "THIRD_PARTY": "Somebody else.",
        "NONE": "Nobody.",
        "UNKNOWN": "Not known, as with a message that was sent.",
    },
)
describe_enum(
    Initiator,
    "Who wanted a contact; a call back that the debtor asked for is the debtor's.",
    {
        "DEBTOR": "The debtor.",
        "AGENCY": "The agency.",
        "CLIENT": "The client.",
        "REPRESENTATIVE": "Who speaks for the debtor.",
        "THIRD_PARTY": "Somebody else.",
    },
)
describe_enum(
    InteractionState,
    "Whether an interaction counts.",
    {"STANDING": "It counts.", "SUPERSEDED": "A correction counts in its place."},
)
describe_enum(
    InteractionResult,
    "How a contact or attempt ended.",
    {
        "NO_ANSWER": "It rang, or nobody opened; no message was left.",
        "BUSY": "The line was busy.",
        "OUT_OF_SERVICE": "The number is disconnected or out of service.",
        "WRONG_NUMBER": "The number or address is not the debtor's.",
        "VOICEMAIL_LEFT": "A message was left on a machine or voicemail.",
        "VOICEMAIL_NO_MESSAGE": "A machine or voicemail answered; no message was or could be left.",
        "MESSAGE_WITH_PERSON": "A message was left with another person.",
        "LIMITED_CONTENT_MESSAGE": "A limited-content message was left (12 CFR 1006.2(j)).",
        "HUNG_UP": "The debtor answered and hung up at once.",
        "THIRD_PARTY_REACHED": "Another person was reached.",
        "TALKED": "The debtor was talked to; nothing was agreed.",
        "PROMISE": "The debtor promised to pay.",
        "PAYMENT_TAKEN": "The debtor paid.",
        "REFUSES": "The debtor refuses to pay.",
        "DISPUTES": "The debtor disputes the debt.",
        "CLAIMS_PAID": "The debtor says that it is paid.",
        "HARDSHIP": "The debtor cannot pay.",
        "REQUESTS_VALIDATION": "The debtor asks for the debt to be verified.",
        "CEASE": "The debtor asks not to be contacted.",
        "ATTORNEY": "The debtor says that an attorney acts.",
        "BANKRUPT": "The debtor says that it is bankrupt.",
        "DECEASED": "Somebody says that the debtor died.",
        "CALL_BACK": "The debtor asks to be called at another time.",
        "LANGUAGE": "The debtor needs another language.",
        "COMPLAINT": "The debtor complains.",
        "THREAT": "The debtor threatens somebody; escalate.",
        "SELF_HARM": "The debtor speaks of self-harm; escalate at once.",
        "SENT": "The message was sent.",
        "DELIVERED": "The message was delivered.",
        "BOUNCED": "The message bounced.",
        "RETURNED": "The letter came back.",
        "OPENED": "The message was opened.",
        "REPLIED": "The debtor replied.",
        "OPTED_OUT": "The debtor opted out of the channel.",
        "RECEIVED": "A message or letter came from the debtor.",
    },
)


@value(table="interaction_account", description="One debt that was discussed or referred to.")
class DiscussedDebt:
    account: Account | None = one("account_id", description="The account.", permission=Permission.ACCOUNTS_READ)


_SUPERSEDED = "exists (select 1 from interaction correction where correction.corrects_id = {row}.id)"


@entity(
    "intr",
    table="interaction",
    description="One contact with a debtor, or an attempt at one, as it was recorded; never changed, only corrected.",
    permission=Permission.INTERACTIONS_READ,
    scope_column="client_id",
)
class Interaction:
    client: Client | None = one("client_id", description="The client on whose debts it was.", filter=True)
    account: Account | None = one(
        "account_id", description="The account it was made for; null when it was for no single one.", filter=True
    )
    debtor: Debtor | None = one("debtor_id", description="Whom it was with, or meant to be.", filter=True)
    started_at: datetime.datetime = column(description="When it began.", filter=True, order=True)
    ended_at: datetime.datetime | None = column(description="When it ended, where it lasted.")
    channel: CommunicationChannel = column(description="By which way.", filter=True)
    direction: Direction = column(description="Which way it went.")
    contact_point: ContactPoint | None = one(
        "contact_point_id", description="The debtor's contact point that was used."
    )
    endpoint: str | None = column(
        description="The number, address or handle as it was used.",
        mask=Mask.CONTACT,
        reveal=Permission.CONTACTS_REVEAL,
    )
    endpoint_type: EndpointType = column(description="What kind of place or device that is.")
    party_reached: PartyReached = column(description="Who was at the other end.")
    result: InteractionResult = column(description="How it ended.", filter=True)
    debt_discussed: bool = column(description="Whether a debt was discussed.")
    debts_discussed: list[DiscussedDebt] = few(
        "interaction_id", order="account_id", limit=50, description="The debts that were discussed or referred to."
    )
    initiated_by: Initiator = column(description="Who wanted it.")
    at_debtor_request: bool = column(description="Whether it was made because the debtor asked for it.")
    required_by_law: bool = column(description="Whether a law requires it.")
    debtor_local_date: datetime.date = column(description="The calendar day it began on where the debtor was.")
    debtor_zone: str = column(description="The IANA zone in which that day was told.")
    language: str | None = column(description="The language used, as a BCP 47 tag.")
    content: str | None = column(description="What was said or sent, where it was kept.")
    disclosures: list[str] = column(description="The disclosures that were made.")
    template: str | None = column(description="The template of the message.")
    template_version: str | None = column(description="The template's version.")
    opt_out_line: bool = column(description="Whether the message said how to opt out.")
    bounce_notice: str | None = column(description="What the bounce said.")
    recording_reference: str | None = column(description="Where the recording is found.")
    note: str | None = column(description="The agency's own note.")
    recorded_by: str = column("recorded_by_name", description="Who wrote it down.")
    recorded_at: datetime.datetime = column(description="When it was written down.")
    corrects: Interaction | None = one("corrects_id", description="The interaction that this one corrects.")
    correction_reason: str | None = column(description="Why it was corrected.")
    outside_gate: bool = column(
        description="Whether the agency made it without a permit; `decision` then says what it breached.", filter=True
    )
    corrected_by: Interaction | None = one(
        "(select correction.id from interaction correction where correction.corrects_id = {row}.id)",
        description="The interaction that corrects this one.",
    )
    state: InteractionState = expression(
        f"case when {_SUPERSEDED} then 'SUPERSEDED' else 'STANDING' end",
        description="Whether it counts, or a correction in its place.",
        filter_sql={"STANDING": f"not {_SUPERSEDED}", "SUPERSEDED": _SUPERSEDED},
    )
    is_placed_call: bool = expression(
        COUNTING_SQL["placed_call"],
        description="Whether it is a telephone call placed to the person, as Regulation F counts them.",
    )
    is_conversation: bool = expression(
        COUNTING_SQL["conversation"], description="Whether it is a telephone conversation about a debt with the person."
    )
    is_reached: bool = expression(COUNTING_SQL["reached"], description="Whether anybody was at the other end.")
    is_right_party: bool = expression(
        COUNTING_SQL["right_party"],
        description="Whether the debtor or who speaks as the debtor was reached.",
    )
    is_worked: bool = expression(
        COUNTING_SQL["worked"], description="Whether somebody worked the account; a machine's own report is no work."
    )
    is_contacted: bool = expression(COUNTING_SQL["contacted"], description="Whether the intended person took part.")


@extend("Account", permission=Permission.INTERACTIONS_READ)
class AccountInteractions:
    interactions: Connection[Interaction] = many(
        "account_id", order="-started_at", description="Contacts and attempts for this account, the latest first."
    )


@extend("Debtor", permission=Permission.INTERACTIONS_READ)
class DebtorInteractions:
    interactions: Connection[Interaction] = many(
        "debtor_id", order="-started_at", description="Contacts with this debtor and attempts, the latest first."
    )


@queries
class InteractionQueries:
    interaction: Interaction | None = root_one(description="One interaction.", permission=Permission.INTERACTIONS_READ)
    interactions: Connection[Interaction] = root_many(
        description="Interactions that you may see, the latest first; limited to clients, those of your clients only.",
        permission=Permission.INTERACTIONS_READ,
        order="-started_at",
    )


_KEY = "The same key with the same input is done once."


@input_type(description="A contact or an attempt to write down: about an account, or with a debtor for a client.")
class InteractionRecordInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    account_id: ID | None = input_field("acct", description="The account it was made for.")
    debtor_id: ID | None = input_field(
        "dbtr", description="Whom it was with: a party of the account, its primary debtor unless given."
    )
    client_id: ID | None = input_field("clnt", description="For which client; needed where there is no account.")
    started_at: datetime.datetime = input_field(description="When it began.")
    ended_at: datetime.datetime | None = input_field(description="When it ended, where it lasted.")
    channel: CommunicationChannel = input_field(description="By which way.")
    direction: Direction = input_field(description="Which way it went.")
    contact_point_id: ID | None = input_field("cont", description="The debtor's contact point that was used.")
    endpoint: str | None = input_field(description="The number, address or handle; the contact point's unless given.")
    endpoint_type: EndpointType | None = input_field(description="What kind it is; the contact point's unless given.")
    party_reached: PartyReached | None = input_field(description="Who was reached; told by the result unless given.")
    result: InteractionResult = input_field(description="How it ended.")
    debts_discussed: list[ID] | None = input_field("acct", description="The accounts discussed or referred to.")
    initiated_by: Initiator | None = input_field(description="Who wanted it; told by the direction unless given.")
    at_debtor_request: Maybe[bool] = input_field(description="Whether the debtor asked for it.")
    required_by_law: Maybe[bool] = input_field(description="Whether a law requires it.")
    debtor_zone: str | None = input_field(description="The IANA zone where the debtor was; the likeliest unless given.")
    language: str | None = input_field(description="The language used, as a BCP 47 tag.")
    content: str | None = input_field(description="What was said or sent.")
    disclosures: list[str] | None = input_field(description="The disclosures that were made.")
    template: str | None = input_field(description="The template of the message.")
    template_version: str | None = input_field(description="The template's version.")
    opt_out_line: Maybe[bool] = input_field(description="Whether the message said how to opt out.")
    bounce_notice: str | None = input_field(description="What the bounce said.")
    recording_reference: str | None = input_field(description="Where the recording is found.")
    note: str | None = input_field(description="A note for the agency; card numbers in it are masked.")
    permit_id: ID | None = input_field(
        "prmt", description="The permit on which it was made; without one it is outside the gate."
    )


@input_type(description="What should have been recorded. What is left out stays as it was; null takes it away.")
class InteractionCorrectInput(Input):
    idempotency_key: str = input_field(description=_KEY)
    interaction_id: ID = input_field("intr", description="The interaction that is wrong; the last of its corrections.")
    reason: str = input_field(description="Why it is corrected.")
    account_id: Maybe[ID | None] = input_field("acct", description="The account it was made for.")
    started_at: Maybe[datetime.datetime] = input_field(description="When it began.")
    ended_at: Maybe[datetime.datetime | None] = input_field(description="When it ended.")
    channel: Maybe[CommunicationChannel] = input_field(description="By which way.")
    direction: Maybe[Direction] = input_field(description="Which way it went.")
    contact_point_id: Maybe[ID | None] = input_field("cont", description="The contact point that was used.")
    endpoint: Maybe[str | None] = input_field(description="The number, address or handle used.")
    endpoint_type: Maybe[EndpointType] = input_field(description="What kind that is.")
    party_reached: Maybe[PartyReached] = input_field(description="Who was reached.")
    result: Maybe[InteractionResult] = input_field(description="How it ended.")
    debts_discussed: Maybe[list[ID]] = input_field("acct", description="All accounts that were discussed.")
    initiated_by: Maybe[Initiator] = input_field(description="Who wanted it.")
    at_debtor_request: Maybe[bool] = input_field(description="Whether the debtor asked for it.")
    required_by_law: Maybe[bool] = input_field(description="Whether a law requires it.")
    debtor_zone: Maybe[str | None] = input_field(description="The IANA zone where the debtor was.")
    language: Maybe[str | None] = input_field(description="The language used, as a BCP 47 tag.")
    content: Maybe[str | None] = input_field(description="What was said or sent.")
    disclosures: Maybe[list[str]] = input_field(description="All disclosures that were made.")
    template: Maybe[str | None] = input_field(description="The template of the message.")
    template_version: Maybe[str | None] = input_field(description="The template's version.")
    opt_out_line: Maybe[bool] = input_field(description="Whether the message said how to opt out.")
    bounce_notice: Maybe[str | None] = input_field(description="What the bounce said.")
    recording_reference: Maybe[str | None] = input_field(description="Where the recording is found.")
    note: Maybe[str | None] = input_field(description="A note for the agency; card numbers in it are masked.")


@payload
class InteractionRecordPayload(Payload):
    """The interaction that was written down."""

    interaction: Interaction | None = loaded("interaction_id", description="The new interaction.")


@payload
class InteractionCorrectPayload(Payload):
    """The interaction that now counts, and the one that it supersedes."""

    interaction: Interaction | None = loaded("interaction_id", description="The interaction that now counts.")
    superseded: Interaction | None = loaded("superseded_id", description="The interaction that it supersedes.")


@mutations
class InteractionMutations:
    @mutation(record_interaction, description="Write down a contact with a debtor, or an attempt at one.")
    async def interaction_record(self, info: Info, input: InteractionRecordInput) -> InteractionRecordPayload:
        return await run(
            info, InteractionRecordPayload, record_interaction, input, idempotency_key=input.idempotency_key
        )

    @mutation(correct_interaction, description="Put a wrongly recorded interaction right by one that supersedes it.")
    async def interaction_correct(self, info: Info, input: InteractionCorrectInput) -> InteractionCorrectPayload:
        return await run(
            info, InteractionCorrectPayload, correct_interaction, input, idempotency_key=input.idempotency_key
        )
