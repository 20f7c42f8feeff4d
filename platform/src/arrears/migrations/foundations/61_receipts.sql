-- Money that came once and was shared among several accounts of a debtor: the receipt, and the part of each account.

create table receipt (
    id uuid not null,
    -- none when the money was shared among accounts of several clients: none of them learns of the others' parts
    client_id uuid,
    debtor_id uuid not null,
    amount_minor bigint not null,
    currency text not null,
    method text not null,
    paid_to text not null,
    received_on date not null,
    effective_on date not null,
    reference text collate "C",
    way text not null,
    -- by what the accounts were sorted, first things first; a minus says highest first
    sorted_by text[] not null default '{}',
    recorded_at timestamptz not null,
    constraint pk_receipt primary key (id),
    constraint fk_receipt_debtor_id_debtor foreign key (debtor_id) references debtor (id),
    constraint fk_receipt_client_id_client foreign key (client_id) references client (id),
    constraint ck_receipt_amount check (amount_minor > 0),
    constraint ck_receipt_currency check (currency ~ '^[A-Z]{3}$'),
    constraint ck_receipt_paid_to check (paid_to in ('AGENCY', 'CLIENT')),
    constraint ck_receipt_way check (way in ('PRIORITY', 'EVEN', 'PRO_RATA', 'SORTED', 'DIRECTED'))
);
create index ix_receipt_debtor_id_received_on_id on receipt (debtor_id, received_on, id);
create index ix_receipt_client_id_received_on_id on receipt (client_id, received_on, id);
create index ix_receipt_received_on_id on receipt (received_on, id);
create index ix_receipt_reference_id on receipt (reference, id);

alter table payment add constraint fk_payment_receipt_id_receipt foreign key (receipt_id) references receipt (id);
create index ix_payment_receipt_id_received_on_id on payment (receipt_id, received_on, id) where receipt_id is not null;

create table receipt_share (
    id uuid not null,
    receipt_id uuid not null,
    client_id uuid not null,
    account_id uuid not null,
    position integer not null,
    -- what was owed then, what was written off included
    owed_minor bigint not null,
    amount_minor bigint not null,
    currency text not null,
    reason text not null,
    -- none when the account got nothing
    payment_id uuid,
    constraint pk_receipt_share primary key (id),
    constraint uq_receipt_share_receipt_id_position unique (receipt_id, position),
    constraint fk_receipt_share_receipt_id_receipt foreign key (receipt_id) references receipt (id),
    constraint fk_receipt_share_client_id_account_id_account
        foreign key (client_id, account_id) references account (client_id, id),
    constraint fk_receipt_share_client_id_payment_id_payment
        foreign key (client_id, payment_id) references payment (client_id, id),
    constraint ck_receipt_share_amount check (amount_minor >= 0 and (amount_minor > 0) = (payment_id is not null))
);
create index ix_receipt_share_account_id_id on receipt_share (account_id, id);

call protect('receipt', 'debtor_child', 'select, insert');
call protect('receipt_share', 'account_child', 'select, insert');
call append_only('receipt');
call append_only('receipt_share');

-- Debts that are disputed at an instant, whoever recorded it and whoever asks: no shared money goes to them.
create function disputed_accounts(account_ids uuid[], instant timestamptz) returns setof uuid
    language sql stable security definer set search_path from current as $$
    select account.id from account where account.id = any (account_ids) and exists (
        select 1 from hold
        where hold.kind = 'DISPUTE' and hold.channel is null and hold.starts_at <= instant
          and coalesce(hold.ends_at > instant, true) and coalesce(hold.released_at > instant, true)
          and (hold.account_id = account.id
               or hold.account_id is null and (hold.client_id is null or hold.client_id = account.client_id)
                  and (hold.debtor_id = account.debtor_id or exists (
                      select 1 from party
                      where party.account_id = account.id and party.debtor_id = hold.debtor_id
                        and party.until_on is null))))
$$;
revoke execute on function disputed_accounts(uuid[], timestamptz) from public;
grant execute on function disputed_accounts(uuid[], timestamptz) to arrears_api, arrears_worker;
