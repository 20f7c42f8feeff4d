-- Debtors of the large agency in New York City, each with about 100 contacts over a year before 9 June 2026.
set session_replication_role = replica;

insert into residence (id, debtor_id, client_id, kind, city, region, postal_code, country, version, created_at, updated_at)
select gen_random_uuid(), debtor.id, null, 'RESIDENCE', 'New York', 'New York', '10001', 'US', 1, now(), now() from debtor;

insert into time_zone_candidate (id, debtor_id, zone, source, residence_id)
select gen_random_uuid(), debtor_id, 'America/New_York', 'RESIDENCE', id from residence;

insert into interaction (id, client_id, account_id, debtor_id, started_at, channel, direction, endpoint, endpoint_type,
                         party_reached, result, debt_discussed, initiated_by, at_debtor_request, required_by_law,
                         debtor_local_date, debtor_zone, opt_out_line, note, recorded_by_id, recorded_by_name, recorded_at)
select gen_random_uuid(), client_id, account_id, debtor_id, earlier, channel, direction, endpoint, endpoint_type,
       party_reached, result, debt_discussed, initiated_by, at_debtor_request, required_by_law,
       (earlier at time zone 'America/New_York')::date, debtor_zone, opt_out_line, note, recorded_by_id, recorded_by_name,
       recorded_at
from interaction, generate_series(1, 6) number,
     lateral (select timestamptz '2026-06-08 16:00Z' - make_interval(days => number * 50, hours => (abs(hashtext(
              interaction.id::text)) % 1400)) as earlier) moved;

set session_replication_role = origin
