-- A debtor sees no client, and yet its statement of account says to whom the debt is owed.
create function creditor_name(client_id uuid, account_id uuid) returns text language sql stable security definer
    set search_path from current as $$
    select coalesce(
        (select creditor.name from account_creditor creditor
         where creditor.account_id = creditor_name.account_id and creditor.role = 'CURRENT'
         order by creditor.position desc limit 1),
        (select client.name from client where client.id = creditor_name.client_id))
$$;
revoke execute on function creditor_name(uuid, uuid) from public;
grant execute on function creditor_name(uuid, uuid) to arrears_api, arrears_worker;
