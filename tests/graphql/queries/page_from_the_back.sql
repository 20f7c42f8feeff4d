select (select json_build_object('edges', coalesce(json_agg(t2.j0
order by t2.n desc) filter (where t2.n <= 2), '[]'::json), 'pageInfo', json_build_object('hasPreviousPage', (count(*) > 2), 'hasNextPage', false, 'startCursor', ((array_agg(t2.j1
order by t2.n desc) filter (where t2.n <= 2))[1]), 'endCursor', ((array_agg(t2.j2
order by t2.n asc) filter (where t2.n <= 2))[1])))
from (select row_number() over (order by t1.reference desc, t1.id desc) as n, json_build_object('cursor', translate(encode(convert_to(json_build_array('REFERENCE', t1.reference, t1.id)::text, 'UTF8'), 'base64'), E'\n', ''), 'node', json_build_object('reference', t1.reference)) as j0, translate(encode(convert_to(json_build_array('REFERENCE', t1.reference, t1.id)::text, 'UTF8'), 'base64'), E'\n', '') as j1, translate(encode(convert_to(json_build_array('REFERENCE', t1.reference, t1.id)::text, 'UTF8'), 'base64'), E'\n', '') as j2
from (select t1.*
from account t1
order by t1.reference desc, t1.id desc limit 3) t1) t2)
