select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 50), '[]'::json), 'pageInfo', json_build_object('hasNextPage', (count(*) > 50), 'endCursor', ((array_agg(t2.j1
order by t2.n desc) filter (where t2.n <= 50))[1])))
from (select row_number() over (order by t1.due_on desc, t1.id desc) as n, json_build_object('id', ('acct_' || replace(t1.id::text, '-', '')), 'reference', t1.reference, 'status', t1.status, 'dueOn', t1.due_on, 'daysPastDue', (case when t1.balance_minor > 0 then greatest(0, (client_day(t1.client_id, %(p0)s::timestamptz)) - (case when t1.in_instalments then coalesce((
   
select unpaid.due_on
from unpaid_since unpaid
   
where unpaid.account_id = t1.id and unpaid.from_on <= (client_day(t1.client_id, %(p0)s::timestamptz))
   
order by unpaid.from_on desc limit 1), t1.due_on) else t1.due_on end)) else 0 end), 'balance', json_build_object('amount', money_text(t1.balance_minor, t1.currency), 'currency', t1.currency), 'client', (select json_build_object('id', ('clnt_' || replace(t3.id::text, '-', '')), 'name', t3.name)
from client t3
where t3.id = t1.client_id), 'debtor', (select json_build_object('id', ('dbtr_' || replace(t4.id::text, '-', '')), 'displayName', t4.display_name, 'contactPoints', (select json_build_object('nodes', coalesce(json_agg(t6.j0
order by t6.n asc) filter (where t6.n <= 10), '[]'::json))
from (select row_number() over (order by t5.id asc) as n, json_build_object('channel', t5.channel, 'value', t5.value) as j0
from (select t5.*
from contact_point t5
where t5.debtor_id = t4.id
order by t5.id asc limit 10) t5) t6))
from debtor t4
where t4.id = t1.debtor_id), 'parties', (select json_build_object('nodes', coalesce(json_agg(t8.j0
order by t8.n asc) filter (where t8.n <= 10), '[]'::json))
from (select row_number() over (order by t7.position asc, t7.id asc) as n, json_build_object('role', t7.role, 'name', t7.name) as j0
from (select t7.*
from party t7
where t7.account_id = t1.id
order by t7.position asc, t7.id asc limit 10) t7) t8), 'interactions', (select json_build_object('nodes', coalesce(json_agg(t10.j0
order by t10.n asc) filter (where t10.n <= 5), '[]'::json))
from (select row_number() over (order by t9.started_at desc, t9.id desc) as n, json_build_object('startedAt', to_char((t9.started_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'channel', t9.channel, 'result', t9.result) as j0
from (select t9.*
from interaction t9
where t9.account_id = t1.id
order by t9.started_at desc, t9.id desc limit 5) t9) t10)) as j0, translate(encode(convert_to(json_build_array('DUE_ON', t1.due_on, t1.id)::text, 'UTF8'), 'base64'), E'\n', '') as j1
from (select t1.*
from account t1
where t1.due_on < %(p2)s::date
order by t1.due_on desc, t1.id desc limit 51) t1) t2)
