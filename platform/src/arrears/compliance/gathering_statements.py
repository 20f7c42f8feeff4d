"""The statements by which facts of a batch are read, each for all of it at once."""

from __future__ import annotations

# A payment dated after the day has not been made; what was booked for the day counts whenever it was recorded.
ACCOUNTS = """
select asked.at, account.id, account.client_id, account.portfolio_id, account.debtor_id, account.product,
       account.purpose, account.status, client.collector_role, account.currency,
       account.balance_minor - coalesce(later.amount_minor, 0)::bigint, account.placed_minor, account.opened_on,
       account.due_on, account.placed_on, account.charge_off_on,
       case when account.last_payment_on <= (asked.at at time zone client.time_zone)::date
            then account.last_payment_on end,
       client.time_zone, client.country, contacted.last_at, contacted.contacts,
       array(select party.debtor_id from party where party.account_id = account.id order by party.position),
       account.servicing_reference, account.itemization_on, account.first_delinquency_on, account.judgment_on,
       account.default_on, account.accrues_from_on, account.acknowledged_on, account.acknowledgment,
       account.in_default_when_acquired, account.instrument, account.contract_place, account.governing_law,
       account.principal_at_default_minor, account.hospital_non_profit, account.first_billed_on,
       account.assistance_applied_on
from unnest(%(accounts)s::uuid[], %(account_ats)s::timestamptz[]) as asked (id, at)
join account on account.id = asked.id
join client on client.id = account.client_id
cross join lateral (
    select sum(posting.amount_minor) as amount_minor
    from posting
    where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
      and posting.effective_on > (asked.at at time zone client.time_zone)::date
) as later
cross join lateral (
    select max(made.started_at) as last_at, count(*) as contacts
    from (
        select made.id, made.started_at, made.direction from interaction made
        where made.account_id = account.id and made.started_at <= asked.at
        union
        select made.id, made.started_at, made.direction
        from interaction_account discussed join interaction made on made.id = discussed.interaction_id
        where discussed.account_id = account.id and made.started_at <= asked.at
    ) as made
    where made.direction = 'OUTBOUND'
      and not exists (select 1 from interaction correction where correction.corrects_id = made.id)
) as contacted
"""
POINTS = """
select id, debtor_id, channel, line_type, owner, used_for, area_zones, validity, obtained_on,
       reassignment_checked_on
from contact_point where id = any(%(points)s::uuid[])
"""
DEBTORS = """
select id, kind, date_of_birth, country, preferred_language, languages from debtor where id = any(%(debtors)s::uuid[])
"""
PLACES = """
select debtor_id, id, kind, country, region, city, postal_code, from_on, until_on
from residence where debtor_id = any(%(debtors)s::uuid[]) order by debtor_id, id
"""
ZONES = """
select debtor_id, zone, source, residence_id
from time_zone_candidate where debtor_id = any(%(debtors)s::uuid[]) order by debtor_id, id
"""
# The last word on each channel of each endpoint; beside one that ends, what was taken back before it and stands again.
CONSENTS = """
with last as (
    select distinct on (consent.debtor_id, consent.client_id, consent.contact_point_id, consent.channel) consent.*
    from unnest(%(debtors)s::uuid[], %(debtor_ats)s::timestamptz[]) as asked (id, at)
    join consent on consent.debtor_id = asked.id and consent.given_at <= asked.at
    order by consent.debtor_id, consent.client_id, consent.contact_point_id, consent.channel,
             consent.given_at desc, consent.recorded_at desc, consent.id desc
), word as (
    select last.* from last
    union all
    select earlier.* from last cross join lateral (
        select consent.* from consent
        where consent.debtor_id = last.debtor_id and consent.channel = last.channel and consent.state = 'REVOKED'
          and consent.client_id is not distinct from last.client_id
          and consent.contact_point_id is not distinct from last.contact_point_id
          and consent.given_at <= last.given_at and consent.expires_at is null
        order by consent.given_at desc, consent.id desc limit 1
    ) as earlier
    where last.state = 'GRANTED' and last.expires_at is not null
)
select debtor_id, client_id, contact_point_id, channel, state, scope, given_directly, given_at, expires_at
from word order by debtor_id, client_id, contact_point_id, channel, given_at desc, recorded_at desc, id desc
"""
HOLDS = """
select id, debtor_id, account_id, kind, blocks, channel, starts_at, ends_at, released_at from (
    select hold.* from hold where hold.account_id = any(%(held)s::uuid[])
    union all
    select hold.* from hold where hold.debtor_id = any(%(debtors)s::uuid[]) and hold.account_id is null
) as hold
where coalesce(hold.ends_at > %(earliest)s, true) and coalesce(hold.released_at > %(earliest)s, true)
order by hold.starts_at, hold.id
"""
HISTORY = """
select recent.debtor_id, recent.id, recent.started_at, recent.channel, recent.direction, recent.result,
       recent.party_reached, recent.initiated_by, recent.debtor_local_date, recent.account_id,
       array(select discussed.account_id from interaction_account discussed
             where discussed.interaction_id = recent.id order by discussed.account_id),
       recent.endpoint_type, recent.contact_point_id, recent.debt_discussed, recent.at_debtor_request,
       recent.required_by_law, leave.purpose, leave.party
from unnest(%(debtors)s::uuid[], %(debtor_ats)s::timestamptz[]) as asked (id, at)
cross join lateral (
    select interaction.* from interaction
    where interaction.debtor_id = asked.id and interaction.started_at <= asked.at
      and interaction.started_at > asked.at - make_interval(days => %(days)s)
      and not exists (select 1 from interaction correction where correction.corrects_id = interaction.id)
    order by interaction.started_at desc, interaction.id desc limit %(most)s
) as recent
left join permit leave on leave.id = recent.permit_id
order by recent.debtor_id, recent.started_at desc, recent.id desc
"""
# Leave that was given and not given back counts until the contact is written down, or until it expires unused.
PERMITS = """
select permit.debtor_id, permit.id, permit.granted_at, permit.expires_at, permit.used_at, permit.channel,
       permit.contact_point_id, permit.purpose, permit.party, permit.initiated_by, permit.at_debtor_request,
       permit.required_by_law, permit.account_ids
from unnest(%(debtors)s::uuid[], %(debtor_ats)s::timestamptz[]) as asked (id, at)
join permit on permit.debtor_id = asked.id and permit.granted_at <= asked.at
where permit.returned_at is null and permit.recorded_at is null and permit.kind = 'CONTACT'
  and permit.channel is not null
  and (permit.used_at is not null or permit.expires_at > %(earliest)s)
  and permit.granted_at > asked.at - make_interval(days => %(days)s)
order by permit.debtor_id, permit.granted_at desc, permit.id desc
"""
_STATED = """
id, kind, debtor_id, client_id, account_id, contact_point_id, source, received_at, starts_at, ends_at, word, on_day,
number, amount_minor, currency, place, earliest_time, latest_time, weekdays, channel
"""
# Facts of the debtors, of the debts whoever told them, and of places: there, what is over for a year says nothing.
STATED = f"""
select {_STATED} from fact where debtor_id = any(%(debtors)s::uuid[]) and withdrawn_at is null
union
select {_STATED} from fact where account_id = any(%(held)s::uuid[]) and withdrawn_at is null
union
select {_STATED} from fact where debtor_id is null and withdrawn_at is null
  and coalesce(ends_at > %(earliest)s::timestamptz - make_interval(days => %(days)s), true)
order by starts_at, id
"""
NOTICES = """
select debtor_id, client_id, id, kind, medium, sent_at, received_on, returned_at, ends_on, contact_point_id,
       array(select about.account_id from notice_account about where about.notice_id = notice.id
             order by about.account_id)
from notice where debtor_id = any(%(debtors)s::uuid[]) order by sent_at, id
"""
LICENCES = "select place, kind, from_on, until_on from licence order by place, from_on, id"
