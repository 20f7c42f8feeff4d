select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 5), '[]'::json))
from (select row_number() over (order by t1.opened_at desc, t1.id desc) as n, json_build_object('kind', t1.kind, 'ground', t1.ground, 'status', t1.status, 'debtor', (select json_build_object('displayName', t3.display_name)
from debtor t3
where t3.id = t1.debtor_id), 'openedAt', to_char((t1.opened_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'dueOn', t1.due_on, 'tries', t1.tries, 'withoutPlugins', t1.without_plugins, 'failures', (select coalesce(json_agg(json_build_object('plugin', t4.plugin, 'reason', t4.reason)
order by t4.id), '[]'::json)
from (select *
from data_request_failure t4
where t4.request_id = t1.id
order by t4.id limit 50) t4)) as j0
from (select t1.*
from data_request t1
order by t1.opened_at desc, t1.id desc limit 5) t1) t2)
