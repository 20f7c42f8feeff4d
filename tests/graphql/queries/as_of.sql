select (with t2_total as (select count(*) as c
from (select 1
from (
       
select account.version, account.created_at, account.updated_at, account.id, account.client_id, account.portfolio_id, account.placement_id, account.debtor_id, account.team_id, account.reference, account.original_reference, account.servicing_reference, account.product, account.purpose, account.currency, account.status, account.close_reason, account.closed_at, account.opened_on, account.due_on, account.placed_on, account.itemization_on, account.charge_off_on, account.first_delinquency_on, account.last_payment_on, account.judgment_on, account.default_on, account.accrues_from_on, account.acknowledged_on, account.acknowledgment, account.in_default_when_acquired, account.secured_property, account.instrument, account.contract_place, account.governing_law, account.interest_clause, account.interest_rate_percent, account.fee_clause, account.principal_at_default_minor, account.hospital_non_profit, account.first_billed_on, account.assistance_applied_on, account.placed_minor, posted.principal_minor, posted.interest_minor, posted.fees_minor, posted.costs_minor, posted.balance_minor, account.written_off_minor, account.last_entry_on, account.in_instalments
       
from account cross join lateral (
           
select coalesce(sum(posting.amount_minor) filter (where posting.component = 'PRINCIPAL'), 0)::bigint as principal_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'INTEREST'), 0)::bigint as interest_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'FEES'), 0)::bigint as fees_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'COSTS'), 0)::bigint as costs_minor, coalesce(sum(posting.amount_minor), 0)::bigint as balance_minor
           
from posting
           
where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
              and posting.effective_on <= %(p2)s::date
        ) as posted
       
where account.opened_on <= %(p2)s::date) t1
where ((t1.balance_minor > 0 and (case when t1.in_instalments then coalesce((
   
select unpaid.due_on
from unpaid_since unpaid
   
where unpaid.account_id = t1.id and unpaid.from_on <= %(p2)s::date
   
order by unpaid.from_on desc limit 1), t1.due_on) else t1.due_on end) < %(p2)s::date)) limit 10001) counted)
select json_build_object('totalCount', (select least(c, 10000)
from t2_total), 'totalCountIsExact', (select c <= 10000
from t2_total), 'nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 50), '[]'::json))
from (select row_number() over (order by t1.reference asc, t1.id asc) as n, json_build_object('reference', t1.reference, 'dueOn', t1.due_on, 'daysPastDue', (case when t1.balance_minor > 0 then greatest(0, %(p2)s::date - (case when t1.in_instalments then coalesce((
   
select unpaid.due_on
from unpaid_since unpaid
   
where unpaid.account_id = t1.id and unpaid.from_on <= %(p2)s::date
   
order by unpaid.from_on desc limit 1), t1.due_on) else t1.due_on end)) else 0 end), 'standing', (case when t1.balance_minor <= 0 then 'SETTLED' when (case when t1.in_instalments then coalesce((
   
select unpaid.due_on
from unpaid_since unpaid
   
where unpaid.account_id = t1.id and unpaid.from_on <= %(p2)s::date
   
order by unpaid.from_on desc limit 1), t1.due_on) else t1.due_on end) < %(p2)s::date then 'PAST_DUE' else 'OPEN' end), 'balance', json_build_object('amount', money_text(t1.balance_minor, t1.currency), 'currency', t1.currency), 'principal', json_build_object('amount', money_text(t1.principal_minor, t1.currency)), 'fees', json_build_object('amount', money_text(t1.fees_minor, t1.currency))) as j0
from (select t1.*
from (
       
select account.version, account.created_at, account.updated_at, account.id, account.client_id, account.portfolio_id, account.placement_id, account.debtor_id, account.team_id, account.reference, account.original_reference, account.servicing_reference, account.product, account.purpose, account.currency, account.status, account.close_reason, account.closed_at, account.opened_on, account.due_on, account.placed_on, account.itemization_on, account.charge_off_on, account.first_delinquency_on, account.last_payment_on, account.judgment_on, account.default_on, account.accrues_from_on, account.acknowledged_on, account.acknowledgment, account.in_default_when_acquired, account.secured_property, account.instrument, account.contract_place, account.governing_law, account.interest_clause, account.interest_rate_percent, account.fee_clause, account.principal_at_default_minor, account.hospital_non_profit, account.first_billed_on, account.assistance_applied_on, account.placed_minor, posted.principal_minor, posted.interest_minor, posted.fees_minor, posted.costs_minor, posted.balance_minor, account.written_off_minor, account.last_entry_on, account.in_instalments
       
from account cross join lateral (
           
select coalesce(sum(posting.amount_minor) filter (where posting.component = 'PRINCIPAL'), 0)::bigint as principal_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'INTEREST'), 0)::bigint as interest_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'FEES'), 0)::bigint as fees_minor, coalesce(sum(posting.amount_minor) filter (where posting.component = 'COSTS'), 0)::bigint as costs_minor, coalesce(sum(posting.amount_minor), 0)::bigint as balance_minor
           
from posting
           
where posting.account_id = account.id and posting.ledger_account = 'RECEIVABLE'
              and posting.effective_on <= %(p2)s::date
        ) as posted
       
where account.opened_on <= %(p2)s::date) t1
where ((t1.balance_minor > 0 and (case when t1.in_instalments then coalesce((
   
select unpaid.due_on
from unpaid_since unpaid
   
where unpaid.account_id = t1.id and unpaid.from_on <= %(p2)s::date
   
order by unpaid.from_on desc limit 1), t1.due_on) else t1.due_on end) < %(p2)s::date))
order by t1.reference asc, t1.id asc limit 50) t1) t2)
