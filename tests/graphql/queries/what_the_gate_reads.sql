select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 1), '[]'::json))
from (select row_number() over (order by t1.id asc) as n, json_build_object('reference', t1.reference, 'facts', (select json_build_object('nodes', coalesce(json_agg(t4.j0
order by t4.n asc) filter (where t4.n <= 5), '[]'::json))
from (select row_number() over (order by t3.starts_at desc, t3.id desc) as n, json_build_object('kind', t3.kind, 'word', t3.word, 'source', t3.source, 'receivedAt', to_char((t3.received_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'startsAt', to_char((t3.starts_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'endsAt', to_char((t3.ends_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'debtor', (select json_build_object('displayName', t5.display_name)
from debtor t5
where t5.id = t3.debtor_id)) as j0
from (select t3.*
from fact t3
where t3.account_id = t1.id
order by t3.starts_at desc, t3.id desc limit 5) t3) t4), 'notices', (select json_build_object('nodes', coalesce(json_agg(t7.j0
order by t7.n asc) filter (where t7.n <= 5), '[]'::json))
from (select row_number() over (order by t6.sent_at desc, t6.id desc) as n, json_build_object('notice', (select json_build_object('kind', t8.kind, 'medium', t8.medium, 'sentAt', to_char((t8.sent_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'receivedOn', t8.received_on, 'receiptAssumed', t8.receipt_assumed, 'endsOn', t8.ends_on)
from notice t8
where t8.id = t6.notice_id)) as j0
from (select t6.*
from notice_account t6
where t6.account_id = t1.id
order by t6.sent_at desc, t6.id desc limit 5) t6) t7)) as j0
from (select t1.*
from account t1
where t1.reference = %(p2)s::text
order by t1.id asc limit 1) t1) t2), (select json_build_object('nodes', coalesce(json_agg(t10.j0
order by t10.n asc) filter (where t10.n <= 5), '[]'::json))
from (select row_number() over (order by t9.from_on desc, t9.id desc) as n, json_build_object('place', t9.place, 'kind', t9.kind, 'number', t9.number, 'fromOn', t9.from_on, 'untilOn', t9.until_on) as j0
from (select t9.*
from licence t9
order by t9.from_on desc, t9.id desc limit 5) t9) t10)
