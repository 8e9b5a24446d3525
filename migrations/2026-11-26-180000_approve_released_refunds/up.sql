-- A refund by a transfer is approved before there is one, without a batch. Held and released, it waits to be approved again:
-- for that it gets a batch, once.
create or replace function outgoing_transfer_must_step() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if (new.id, new.purpose, new.subject_id, new.producer_id, new.order_id, new.refund_id, new.bank_account_id,
        new.amount_vnd, new.reference, new.rail, new.created_at) is distinct from
       (old.id, old.purpose, old.subject_id, old.producer_id, old.order_id, old.refund_id, old.bank_account_id,
        old.amount_vnd, old.reference, old.rail, old.created_at)
       or (new.batch_id is distinct from old.batch_id
           and (old.batch_id, old.status, new.status) is distinct from (null::uuid, 'on_hold', 'requested'))
       or (old.sent_at is not null and new.sent_at is distinct from old.sent_at)
       or (old.file_id is not null and new.file_id is distinct from old.file_id) then
        raise exception 'another transfer is another row'
            using errcode = 'check_violation', constraint = 'outgoing_transfers_stay_check';
    end if;
    if old.status <> new.status and (old.status, new.status) not in (
        ('requested', 'approved'), ('requested', 'on_hold'), ('approved', 'on_hold'), ('on_hold', 'requested'),
        ('requested', 'cancelled'), ('on_hold', 'cancelled'), ('approved', 'cancelled'), ('approved', 'sent'),
        ('sent', 'unknown'), ('sent', 'confirmed'), ('sent', 'failed'), ('unknown', 'confirmed'), ('unknown', 'failed'),
        ('confirmed', 'failed')) then
        raise exception 'a transfer does not go from % to %', old.status, new.status
            using errcode = 'check_violation', constraint = 'outgoing_transfers_steps_check';
    end if;
    if new.status in ('approved', 'sent') and old.status <> new.status and new.batch_id is not null
        and not exists (select from outgoing_batches b where b.id = new.batch_id and b.approved_by is not null) then
        raise exception 'nothing is sent that two persons have not approved'
            using errcode = 'check_violation', constraint = 'outgoing_transfers_approved_check';
    end if;
    return new;
end;
$$;

-- Those that were released before wait for two persons, each by itself.
do $$
declare
    stuck record;
    batch uuid;
begin
    alter table outgoing_transfers disable trigger outgoing_transfers_step;
    for stuck in select id, purpose from outgoing_transfers where status = 'requested' and batch_id is null loop
        batch := gen_random_uuid();
        insert into outgoing_batches (id, purpose, made_at) values (batch, stuck.purpose, now());
        update outgoing_transfers set batch_id = batch where id = stuck.id;
    end loop;
    alter table outgoing_transfers enable trigger outgoing_transfers_step;
end;
$$;
