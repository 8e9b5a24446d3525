create or replace function outgoing_transfer_must_step() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if (new.id, new.purpose, new.subject_id, new.batch_id, new.producer_id, new.order_id, new.refund_id, new.bank_account_id,
        new.amount_vnd, new.reference, new.rail, new.created_at) is distinct from
       (old.id, old.purpose, old.subject_id, old.batch_id, old.producer_id, old.order_id, old.refund_id, old.bank_account_id,
        old.amount_vnd, old.reference, old.rail, old.created_at)
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
