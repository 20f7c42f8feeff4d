select (with t2_total as (select count(*) as c
from (select 1
from payment_intent t1 limit 10001) counted)
select json_build_object('totalCount', (select least(c, 10000)
from t2_total), 'nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 5), '[]'::json))
from (select row_number() over (order by t1.created_at desc, t1.id desc) as n, json_build_object('status', t1.status, 'outcome', t1.outcome, 'amount', json_build_object('amount', money_text(t1.amount_minor, t1.currency), 'currency', t1.currency), 'captured', json_build_object('amount', money_text(t1.captured_minor, t1.currency)), 'method', t1.method, 'gateway', t1.gateway, 'plugin', t1.plugin, 'account', (select json_build_object('reference', t3.reference, 'balance', json_build_object('amount', money_text(t3.balance_minor, t3.currency)))
from account t3
where t3.id = t1.account_id), 'payment', (select json_build_object('state', t4.state, 'amount', json_build_object('amount', money_text(t4.amount_minor, t4.currency), 'currency', t4.currency))
from payment t4
where t4.id = t1.payment_id), 'findings', (select coalesce(json_agg(json_build_object('verdict', t5.verdict, 'rule', t5.rule, 'reason', t5.reason, 'plugin', t5.plugin)
order by t5.position), '[]'::json)
from (select *
from payment_finding t5
where t5.intent_id = t1.id
order by t5.position limit 50) t5), 'attempts', (select coalesce(json_agg(json_build_object('kind', t6.kind, 'outcome', t6.outcome, 'problem', t6.problem)
order by t6.started_at), '[]'::json)
from (select *
from payment_attempt t6
where t6.intent_id = t1.id
order by t6.started_at limit 100) t6), 'refunds', (select json_build_object('nodes', coalesce(json_agg(t8.j0
order by t8.n asc) filter (where t8.n <= 5), '[]'::json))
from (select row_number() over (order by t7.created_at asc, t7.id asc) as n, json_build_object('status', t7.status, 'amount', json_build_object('amount', money_text(t7.amount_minor, t7.currency))) as j0
from (select t7.*
from payment_refund t7
where t7.intent_id = t1.id
order by t7.created_at asc, t7.id asc limit 5) t7) t8)) as j0
from (select t1.*
from payment_intent t1
order by t1.created_at desc, t1.id desc limit 5) t1) t2)
