"""What strategies decide on: all facts of many accounts of one client in one statement, as the caller may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from arrears.kernel.database import Connection
from arrears_sdk.vocabulary import CommunicationChannel, HoldKind

# What cannot stand in a template's name any more, so that a list of names travels as one text.
SEPARATOR = "\x1f"
PROMISE_DAYS = 14
RECENT_DAYS = 7
CHANNELS = tuple(CommunicationChannel)
HOLD_KINDS = tuple(HoldKind)
# Grouping 300,000 accounts stays in memory with this; a page of a few takes next to nothing of it.
_WORK_MEMORY = "select set_config('work_mem', '65536', true)"


@dataclass(frozen=True)
class FactsWanted:
    """Of which accounts, and as of when: a business day of the client, and the instant up to which history counts.

    Without `accounts` all that existed on the day.
    """

    client_id: UUID
    day: date
    instant: datetime
    accounts: Sequence[UUID] | None = None


@dataclass(frozen=True)
class RawFacts:
    """The rows as the database sent them, to be made a frame of beside the event loop."""

    wanted: FactsWanted
    time_zone: str
    csv: bytes


def _bits(*channels: CommunicationChannel) -> int:
    return sum(1 << CHANNELS.index(channel) for channel in channels)


_BY_PHONE = _bits(
    CommunicationChannel.PHONE_CALL, CommunicationChannel.PHONE_AUTODIALED, CommunicationChannel.PHONE_PRERECORDED
)
_BY_MOBILE = _BY_PHONE | _bits(CommunicationChannel.SMS, CommunicationChannel.RINGLESS_VOICEMAIL)
_BY_ADDRESS = _bits(CommunicationChannel.LETTER, CommunicationChannel.POSTCARD)
_AT_HOME = _BY_ADDRESS | _bits(CommunicationChannel.IN_PERSON_HOME)

# A listing whose history can be found by the index of its accounts; of a whole client all rows are read once.
_SOME = "and {0}.account_id = any(%(accounts)s::uuid[])"
_SOME_DEBTORS = "and {0}.debtor_id in (select debtor_id from subject)"

# The instant's text sorts as the instant does: the time zone of every session is UTC. Balances and payments are those
# of the end of the day, with today's knowledge; what one payment brought and its reversal took is nothing.
_FACTS = """
with subject as materialized (
    select id, portfolio_id, debtor_id, status, product, purpose, currency, balance_minor, placed_minor,
           due_on, placed_on, last_payment_on
    from account where client_id = %(client)s and opened_on <= %(day)s {of_subject}
), booked as (
    select entry.account_id,
           sum(entry.amount_minor) filter (where entry.effective_on > %(day)s) as later_minor,
           -sum(entry.amount_minor) filter (
               where entry.payment_id is not null and entry.effective_on <= %(day)s) as paid_minor,
           max(entry.effective_on) filter (
               where entry.kind in ('PAYMENT', 'RECOVERY') and entry.effective_on <= %(day)s
                 and reversal.id is null) as paid_on
    from ledger_entry entry
    left join ledger_entry reversal
        on reversal.reverses_id = entry.id and reversal.effective_on <= %(day)s
        and entry.kind in ('PAYMENT', 'RECOVERY')
    where entry.client_id = %(client)s and (entry.payment_id is not null or entry.effective_on > %(day)s) {of_entry}
    group by entry.account_id
), made as (
    select made.account_id, made.started_at, made.direction, made.channel, made.result,
           made.party_reached, made.template
    from interaction made
    where made.client_id = %(client)s and made.account_id is not null and made.started_at <= %(instant)s {of_made}
      and not exists (select 1 from interaction correction where correction.corrects_id = made.id)
    union all
    select named.account_id, made.started_at, made.direction, made.channel, made.result,
           made.party_reached, made.template
    from interaction_account named join interaction made on made.id = named.interaction_id
    where named.client_id = %(client)s and named.account_id is distinct from made.account_id
      and made.started_at <= %(instant)s {of_named}
      and not exists (select 1 from interaction correction where correction.corrects_id = made.id)
), history as (
    select account_id,
           count(*) filter (where direction = 'OUTBOUND') as contacts,
           count(*) filter (where direction = 'OUTBOUND' and started_at > %(recent)s) as recent_contacts,
           count(*) filter (where direction = 'OUTBOUND' and party_reached = 'DEBTOR') as reached,
           max(case when direction = 'OUTBOUND' then started_at::text || ' ' || channel || ' ' || result end
               collate "C") as latest,
           max(started_at) filter (where result = 'PROMISE' and started_at > %(promised_after)s) as promised_at,
           string_agg(started_at::text || ' ' || translate(template, chr(31), ' '), chr(31))
               filter (where direction = 'OUTBOUND' and template is not null) as templates
    from made group by account_id
), held as (
    select hold.account_id, hold.debtor_id, (1 << array_position(%(hold_kinds)s::text[], hold.kind) - 1) as kind,
           hold.kind = 'DISPUTE' as disputed,
           hold.scope <> 'CHANNEL' and 'CONTACT' = any(hold.blocks) as silent,
           case when hold.scope = 'CHANNEL' and 'CONTACT' = any(hold.blocks)
                then 1 << array_position(%(channels)s::text[], hold.channel) - 1 else 0 end as closed
    from hold
    where (hold.client_id = %(client)s or hold.client_id is null) and hold.starts_at <= %(instant)s
      and (hold.ends_at is null or hold.ends_at > %(instant)s)
      and (hold.released_at is null or hold.released_at > %(instant)s)
), account_held as (
    select account_id, bit_or(kind) as kinds, bool_or(disputed) as disputed, bool_or(silent) as silent,
           bit_or(closed) as closed
    from held where account_id is not null group by account_id
), debtor_held as (
    select debtor_id, bit_or(kind) as kinds, bool_or(disputed) as disputed, bool_or(silent) as silent,
           bit_or(closed) as closed
    from held where account_id is null group by debtor_id
), point as (
    select debtor_id, bit_or(case
        when channel = 'PHONE' and line_type in ('MOBILE', 'MOBILE_OR_LANDLINE') then %(by_mobile)s
        when channel = 'PHONE' then %(by_phone)s when channel = 'EMAIL' then %(by_email)s
        when channel = 'FAX' then %(by_fax)s when channel = 'SOCIAL' then %(by_social)s
        else %(by_portal)s end) as channels
    from contact_point point
    where (client_id = %(client)s or client_id is null) and owner in ('DEBTOR', 'UNKNOWN')
      and (validity <> 'INVALID' or invalid_on > %(day)s) {of_point}
    group by debtor_id
), address as (
    select debtor_id, bit_or(case kind when 'RESIDENCE' then %(at_home)s else %(by_address)s end) as channels
    from residence address
    where (client_id = %(client)s or client_id is null) and kind in ('RESIDENCE', 'MAILING')
      and address_lines is not null and (from_on is null or from_on <= %(day)s)
      and (until_on is null or until_on >= %(day)s) {of_address}
    group by debtor_id
)
select subject.id, subject.portfolio_id, subject.debtor_id, subject.status, subject.product, subject.purpose,
       subject.currency, subject.balance_minor - coalesce(booked.later_minor, 0)::bigint as balance_minor,
       subject.placed_minor, subject.due_on, subject.placed_on,
       greatest(case when subject.last_payment_on <= %(day)s then subject.last_payment_on end, booked.paid_on),
       coalesce(booked.paid_minor, 0)::bigint as paid_minor,
       history.contacts, history.recent_contacts, history.reached, history.latest, history.templates,
       case when history.promised_at is null then 0 when exists (
           select 1 from ledger_entry paid
           where paid.account_id = subject.id and paid.kind in ('PAYMENT', 'RECOVERY') and paid.effective_on <= %(day)s
             and paid.effective_on >= (history.promised_at at time zone %(zone)s)::date
             and (paid.effective_on > (history.promised_at at time zone %(zone)s)::date
                  or paid.recorded_at > history.promised_at)
           ) then 0 else 1 end as promise_open,
       coalesce(account_held.disputed, false)::int | coalesce(debtor_held.disputed, false)::int as dispute_open,
       coalesce(account_held.silent, false)::int | coalesce(debtor_held.silent, false)::int as contact_blocked,
       coalesce(account_held.kinds, 0) | coalesce(debtor_held.kinds, 0) as holds,
       (coalesce(point.channels, 0) | coalesce(address.channels, 0))
           & ~(coalesce(account_held.closed, 0) | coalesce(debtor_held.closed, 0)) as channels
from subject
left join booked on booked.account_id = subject.id
left join history on history.account_id = subject.id
left join account_held on account_held.account_id = subject.id
left join debtor_held on debtor_held.debtor_id = subject.debtor_id
left join point on point.debtor_id = subject.debtor_id
left join address on address.debtor_id = subject.debtor_id
"""


async def read_facts(connection: Connection, wanted: FactsWanted, time_zone: str) -> RawFacts:
    """The facts of accounts as the connection's scope sees them; `time_zone` is the client's."""
    parameters = {
        "client": wanted.client_id,
        "day": wanted.day,
        "instant": wanted.instant,
        "recent": wanted.instant - timedelta(days=RECENT_DAYS),
        "promised_after": wanted.instant - timedelta(days=PROMISE_DAYS),
        "zone": time_zone,
        "accounts": None if wanted.accounts is None else list(wanted.accounts),
        "hold_kinds": [kind.value for kind in HOLD_KINDS],
        "channels": [channel.value for channel in CHANNELS],
        "by_phone": _BY_PHONE,
        "by_mobile": _BY_MOBILE,
        "by_email": _bits(CommunicationChannel.EMAIL),
        "by_fax": _bits(CommunicationChannel.FAX),
        "by_social": _bits(CommunicationChannel.SOCIAL_PRIVATE),
        "by_portal": _bits(CommunicationChannel.PUSH_OR_PORTAL),
        "by_address": _BY_ADDRESS,
        "at_home": _AT_HOME,
    }
    await connection.execute(_WORK_MEMORY)
    parts: list[bytes] = []
    async with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({statement(wanted)}) to stdout (format csv)", parameters) as copied,
    ):
        parts.extend([bytes(block) async for block in copied])
    return RawFacts(wanted, time_zone, b"".join(parts))


def statement(wanted: FactsWanted) -> str:
    """The one statement; of a few accounts it reads by their indexes, of a whole client each table once."""
    some = wanted.accounts is not None
    return _FACTS.format(
        of_subject="and id = any(%(accounts)s::uuid[])" if some else "",
        **{f"of_{alias}": _SOME.format(alias) if some else "" for alias in ("entry", "made", "named")},
        **{f"of_{alias}": _SOME_DEBTORS.format(alias) if some else "" for alias in ("point", "address")},
    )
