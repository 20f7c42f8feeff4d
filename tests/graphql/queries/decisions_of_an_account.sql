select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 1), '[]'::json))
from (select row_number() over (order by t1.id asc) as n, json_build_object('reference', t1.reference, 'decisions', (select json_build_object('nodes', coalesce(json_agg(t4.j0
order by t4.n asc) filter (where t4.n <= 5), '[]'::json))
from (select row_number() over (order by t3.decided_at desc, t3.id desc) as n, json_build_object('verdict', t3.verdict, 'until', to_char((t3.until) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'decision', (select json_build_object('decidedAt', to_char((t5.decided_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'decidedBy', t5.decided_by_name, 'channel', t5.channel, 'verdict', t5.verdict, 'debtor', (select json_build_object('displayName', t6.display_name)
from debtor t6
where t6.id = t5.debtor_id), 'findings', (select coalesce(json_agg(json_build_object('verdict', t7.verdict, 'rule', t7.rule, 'reason', t7.reason, 'plugin', t7.plugin, 'pluginVersion', t7.plugin_version, 'settingsVersion', t7.settings_version, 'until', to_char((t7.until) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
order by t7.position), '[]'::json)
from (select *
from decision_finding t7
where t7.decision_id = t5.id
order by t7.position limit 250) t7), 'plugins', (select coalesce(json_agg(json_build_object('name', t8.name, 'version', t8.version)
order by t8.name), '[]'::json)
from (select *
from decision_plugin t8
where t8.decision_id = t5.id
order by t8.name limit 100) t8), 'settingsVersion', t5.settings_version)
from decision t5
where t5.id = t3.decision_id)) as j0
from (select t3.*
from decision_account t3
where t3.account_id = t1.id
order by t3.decided_at desc, t3.id desc limit 5) t3) t4)) as j0
from (select t1.*
from account t1
where t1.reference = %(p2)s::text
order by t1.id asc limit 1) t1) t2)
