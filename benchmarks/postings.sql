-- Ten postings for each account of the large agency, in the order of their days: an opening, two fees, two payments.
set session_replication_role = replica;

insert into posting (id, entry_id, position, client_id, account_id, book, ledger_account, component, amount_minor,
                     currency, effective_on, recorded_at)
select gen_random_uuid(), made.entry_id, line.position, made.client_id, made.account_id, 'DEBT',
       case line.position when 1 then 'RECEIVABLE' when 2 then made.against end, made.component,
       case line.position when 1 then made.amount else -made.amount end, 'USD', made.day, made.day + interval '12 hours'
from (
    select gen_random_uuid() as entry_id, account.client_id, account.id as account_id, kind.component, kind.against,
           case kind.number when 0 then account.placed_minor else kind.amount end as amount,
           account.opened_on + kind.number * 30 + (hashtext(account.id::text) & 15) as day
    from account, (values (0, 'PRINCIPAL', 'PLACED', 0), (1, 'FEES', 'PLACED', 1500), (2, 'PRINCIPAL', 'RECOVERED', -400),
                          (3, 'COSTS', 'PLACED', 2500), (4, 'PRINCIPAL', 'RECOVERED', -600))
        as kind (number, component, against, amount)
) made, generate_series(1, 2) as line (position)
order by made.day;

set session_replication_role = origin;
