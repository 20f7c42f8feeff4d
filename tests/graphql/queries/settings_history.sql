select (with t2_total as (select count(*) as c
from (select 1
from settings_version t1 limit 10001) counted)
select json_build_object('totalCount', (select least(c, 10000)
from t2_total), 'nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 5), '[]'::json), 'pageInfo', json_build_object('hasNextPage', (count(*) > 5), 'endCursor', ((array_agg(t2.j1
order by t2.n desc) filter (where t2.n <= 5))[1])))
from (select row_number() over (order by t1.number desc, t1.id desc) as n, json_build_object('number', t1.number, 'group', t1.group_name, 'client', (select json_build_object('reference', t3.reference)
from client t3
where t3.id = t1.client_id), 'portfolio', (select json_build_object('reference', t4.reference)
from portfolio t4
where t4.id = t1.portfolio_id), 'before', t1.before, 'after', t1.after, 'reason', t1.reason, 'changedAt', to_char((t1.changed_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as j0, translate(encode(convert_to(json_build_array('NUMBER', t1.number, t1.id)::text, 'UTF8'), 'base64'), E'\n', '') as j1
from (select t1.*
from settings_version t1
order by t1.number desc, t1.id desc limit 6) t1) t2)
