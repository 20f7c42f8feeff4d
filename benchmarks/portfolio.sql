-- A large agency for the benchmarks: %(debtors)s debtors, three accounts and five interactions an account.
-- Written as plain rows by the superuser with triggers and foreign keys off: only reading is measured.
set session_replication_role = replica;

create function pg_temp.bench_id(kind int, n bigint) returns uuid immutable language sql as
$$ select (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;

insert into client (id, name, reference, country, currency, time_zone, collector_role, collects_in_client_name, status,
                    version, created_at, updated_at)
select pg_temp.bench_id(1, n), 'Client ' || n, 'C' || lpad(n::text, 4, '0'), 'US', 'USD', 'America/New_York',
       'THIRD_PARTY', false, 'ACTIVE', 1, timestamptz '2026-01-01', timestamptz '2026-01-01'
from generate_series(1, 20) n;

insert into debtor (id, kind, display_name, sort_name, country, languages, version, created_at, updated_at)
select pg_temp.bench_id(2, n), 'PERSON', 'Given' || n %% 997 || ' Family' || n, 'family' || n, 'US', '{en}', 1,
       timestamptz '2026-01-01', timestamptz '2026-01-01'
from generate_series(1, %(debtors)s) n;

insert into debtor_client (id, debtor_id, client_id, reference, created_at)
select pg_temp.bench_id(3, n), pg_temp.bench_id(2, n), pg_temp.bench_id(1, n %% 20 + 1), 'D' || n, timestamptz '2026-01-01'
from generate_series(1, %(debtors)s) n;

insert into contact_point (id, debtor_id, client_id, channel, value, line_type, owner, used_for, area_zones, validity,
                           preferred, version, created_at, updated_at)
select pg_temp.bench_id(4, n), pg_temp.bench_id(2, (n + 1) / 2), pg_temp.bench_id(1, ((n + 1) / 2) %% 20 + 1),
       case when n %% 2 = 0 then 'EMAIL' else 'PHONE' end,
       case when n %% 2 = 0 then 'debtor' || n || '@example.com' else '+1202555' || lpad((n %% 10000)::text, 4, '0') end,
       case when n %% 2 = 0 then null else 'MOBILE' end, 'DEBTOR', 'HOME', '{}', 'UNVERIFIED', n %% 2 = 1, 1,
       timestamptz '2026-01-01', timestamptz '2026-01-01'
from generate_series(1, 2 * %(debtors)s::bigint) n;

insert into account (id, client_id, debtor_id, reference, product, purpose, currency, status, opened_on, due_on, placed_on,
                     placed_minor, principal_minor, balance_minor, version, created_at, updated_at)
select pg_temp.bench_id(5, n), pg_temp.bench_id(1, ((n - 1) / 3 + 1) %% 20 + 1), pg_temp.bench_id(2, (n - 1) / 3 + 1),
       'A' || lpad(n::text, 8, '0'), 'LOAN', 'CONSUMER', 'USD', case when n %% 7 = 0 then 'SKIP' else 'ACTIVE' end,
       date '2025-01-01' + (n * 7919 %% 300)::int, date '2025-02-01' + (n * 7919 %% 300)::int, date '2025-06-01',
       1000 + n * 31 %% 500000, 1000 + n * 31 %% 500000, 1000 + n * 31 %% 500000, 1,
       timestamptz '2026-01-01', timestamptz '2026-01-01'
from generate_series(1, 3 * %(debtors)s::bigint) n;

insert into party (id, client_id, account_id, debtor_id, role, liability, position, name, from_on, version, created_at,
                   updated_at)
select pg_temp.bench_id(6, n), pg_temp.bench_id(1, ((n - 1) / 3 + 1) %% 20 + 1), pg_temp.bench_id(5, n),
       pg_temp.bench_id(2, (n - 1) / 3 + 1), 'PRIMARY', 'WHOLE', 1, 'Family' || (n - 1) / 3 + 1, date '2025-06-01', 1,
       timestamptz '2026-01-01', timestamptz '2026-01-01'
from generate_series(1, 3 * %(debtors)s::bigint) n;

insert into interaction (id, client_id, account_id, debtor_id, started_at, channel, direction, endpoint, endpoint_type,
                         party_reached, result, debt_discussed, initiated_by, at_debtor_request, required_by_law,
                         debtor_local_date, debtor_zone, opt_out_line, note, recorded_by_id, recorded_by_name, recorded_at)
select pg_temp.bench_id(7, n), pg_temp.bench_id(1, (((n - 1) / 5) / 3 + 1) %% 20 + 1), pg_temp.bench_id(5, (n - 1) / 5 + 1),
       pg_temp.bench_id(2, ((n - 1) / 5) / 3 + 1), timestamptz '2026-01-01 14:00Z' + make_interval(hours => (n %% 1400)::int),
       'PHONE_CALL', 'OUTBOUND', '+12025550100', 'MOBILE', 'NONE', 'NO_ANSWER', false, 'AGENCY', false, false,
       date '2026-01-01' + ((n %% 1400) / 24)::int, 'America/New_York', false, 'Rang out.', pg_temp.bench_id(9, 1),
       'Collector', timestamptz '2026-01-01'
from generate_series(1, 15 * %(debtors)s::bigint) n;

set session_replication_role = origin;
