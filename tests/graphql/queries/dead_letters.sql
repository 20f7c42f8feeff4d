select (select json_build_object('nodes', coalesce(json_agg(t2.j0
order by t2.n asc) filter (where t2.n <= 5), '[]'::json), 'pageInfo', json_build_object('hasNextPage', (count(*) > 5)))
from (select row_number() over (order by t1.died_at desc, t1.id desc) as n, json_build_object('state', t1.state, 'plugin', t1.plugin, 'subscriber', t1.subscriber, 'eventName', t1.event_name, 'subjectId', (public_id(t1.subject, t1.subject_id)), 'client', (select json_build_object('reference', t3.reference)
from client t3
where t3.id = t1.client_id), 'attempts', t1.attempts, 'error', t1.error, 'diedAt', to_char((t1.died_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'settledAt', to_char((t1.settled_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as j0
from (select t1.*
from dead_letter t1
order by t1.died_at desc, t1.id desc limit 6) t1) t2)
