select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 50), '[]'::json))
from (select row_number() over (order by t1.id asc) as n, json_build_object('reference', t1.reference, 'balance', json_build_object('amount', money_text(t1.balance_minor, t1.currency), 'currency', t1.currency), 'parties', (select json_build_object('nodes', coalesce(json_agg(t4.j0
order by t4.n asc) filter (where t4.n <= 50), '[]'::json))
from (select row_number() over (order by t3.position asc, t3.id asc) as n, json_build_object('role', t3.role, 'name', t3.name, 'debtor', (select json_build_object('displayName', t5.display_name)
from debtor t5
where t5.id = t3.debtor_id)) as j0
from (select t3.*
from party t3
where t3.account_id = t1.id
order by t3.position asc, t3.id asc limit 50) t3) t4)) as j0
from (select t1.*
from account t1
order by t1.id asc limit 50) t1) t2), (select json_build_object('nodes', coalesce(json_agg(t7.j0
order by t7.n asc) filter (where t7.n <= 50), '[]'::json))
from (select row_number() over (order by t6.id asc) as n, json_build_object('displayName', t6.display_name) as j0
from (select t6.*
from debtor t6
order by t6.id asc limit 50) t6) t7)
