select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 1), '[]'::json))
from (select row_number() over (order by t1.due_on asc, t1.id asc) as n, json_build_object('ref', t1.reference, 'client', (select json_build_object('name', t3.name)
from client t3
where t3.id = t1.client_id), 'creditorChain', (select coalesce(json_agg(json_build_object('name', t4.name, 'role', t4.role)
order by t4.position), '[]'::json)
from (select *
from account_creditor t4
where t4.account_id = t1.id
order by t4.position limit 20) t4)) as j0
from (select t1.*
from account t1
order by t1.due_on asc, t1.id asc limit 1) t1) t2), (select json_build_object('nodes', coalesce(json_agg(t6.j0
order by t6.n asc) filter (where t6.n <= 1), '[]'::json))
from (select row_number() over (order by t5.balance_minor desc, t5.id desc) as n, json_build_object('ref', t5.reference, 'client', (select json_build_object('name', t7.name)
from client t7
where t7.id = t5.client_id), 'creditorChain', (select coalesce(json_agg(json_build_object('name', t8.name, 'role', t8.role)
order by t8.position), '[]'::json)
from (select *
from account_creditor t8
where t8.account_id = t5.id
order by t8.position limit 20) t8), '__typename', 'Account'::text) as j0
from (select t5.*
from account t5
order by t5.balance_minor desc, t5.id desc limit 1) t5) t6)
