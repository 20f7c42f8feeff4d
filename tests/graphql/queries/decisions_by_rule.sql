select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 5), '[]'::json))
from (select row_number() over (order by t1.decided_at asc, t1.id asc) as n, json_build_object('verdict', t1.verdict, 'rule', t1.rule, 'reason', t1.reason, 'citation', t1.citation, 'decision', (select json_build_object('kind', t3.kind, 'verdict', t3.verdict, 'decidedAt', to_char((t3.decided_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'debtor', (select json_build_object('displayName', t4.display_name)
from debtor t4
where t4.id = t3.debtor_id))
from decision t3
where t3.id = t1.decision_id)) as j0
from (select t1.*
from decision_finding t1
where t1.rule = %(p0)s::text
order by t1.decided_at asc, t1.id asc limit 5) t1) t2)
