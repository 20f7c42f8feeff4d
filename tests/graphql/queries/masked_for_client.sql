select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 2), '[]'::json))
from (select row_number() over (order by t1.id asc) as n, json_build_object('displayName', t1.display_name, 'contactPoints', (select json_build_object('nodes', coalesce(json_agg(t4.j0
order by t4.n asc) filter (where t4.n <= 50), '[]'::json))
from (select row_number() over (order by t3.id asc) as n, json_build_object('channel', t3.channel, 'value', (case when strpos(t3.value, '@') > 0 then (left(t3.value, 1) || '…@' || split_part(t3.value, '@', 2)) when left(t3.value, 1) = '+' then (left(t3.value, 3) || '…' || right(t3.value, 2)) else (left(t3.value, 1) || '…') end)) as j0
from (select t3.*
from contact_point t3
where t3.debtor_id = t1.id
order by t3.id asc limit 50) t3) t4), 'residences', (select json_build_object('nodes', coalesce(json_agg(t6.j0
order by t6.n asc) filter (where t6.n <= 50), '[]'::json))
from (select row_number() over (order by t5.id asc) as n, json_build_object('city', t5.city, 'addressLines', (left(t5.address_lines, 1) || '…')) as j0
from (select t5.*
from residence t5
where t5.debtor_id = t1.id
order by t5.id asc limit 50) t5) t6)) as j0
from (select t1.*
from debtor t1
order by t1.id asc limit 2) t1) t2), (select json_build_object('nodes', coalesce(json_agg(t8.j0
order by t8.n asc) filter (where t8.n <= 50), '[]'::json))
from (select row_number() over (order by t7.id asc) as n, json_build_object('name', t7.name) as j0
from (select t7.*
from client t7
where t7.id = any(%(p2)s::uuid[])
order by t7.id asc limit 50) t7) t8)
