-- What providers settle, compared with what we know, and what two people correct.

-- By what a movement is found in a list of the provider or bank.
alter table payment_credits
    -- The bank's number of it, where that is not what the credit is known by.
    add column provider_reference text
        constraint payment_credits_reference_check check (char_length(provider_reference) between 1 and 200),
    -- When the money moved, as the provider says; null where it says nothing, or nonsense.
    add column moved_at timestamptz;
create index payment_credits_moved_idx on payment_credits (provider, coalesce(moved_at, received_at));
create index payment_credits_reference_idx on payment_credits (provider, provider_reference)
    where provider_reference is not null;
-- Attempts of a day stand together.
create index payment_attempts_created_idx on payment_attempts using brin (created_at);

-- A provider keeps what it has paid back for us, so that a settled refund goes from the bank's side into clearing.
alter table ledger_transfers drop constraint ledger_transfers_moves_check;
alter table ledger_transfers add constraint ledger_transfers_moves_check
    check (kind in ('correction', 'reversal') or (kind, debit, credit) in (
        ('capture', 'clearing', 'orders'),
        ('odd_money', 'clearing', 'suspense'),
        ('odd_money_returned', 'suspense', 'clearing'),
        ('odd_money_missing', 'suspense', 'clearing'),
        ('odd_money_set_aside', 'suspense', 'set_aside'),
        ('refund', 'orders', 'refunds_owed'),
        ('late_refund', 'producer', 'refunds_owed'),
        ('refund_sent', 'refunds_owed', 'clearing'),
        ('refund_sent', 'refunds_owed', 'bank'),
        ('sale', 'orders', 'producer'),
        ('carriage', 'orders', 'carriage'),
        ('carriage_short', 'producer', 'carriage'),
        ('voucher', 'vouchers', 'producer'),
        ('voucher', 'province', 'producer'),
        ('voucher_taken_back', 'producer', 'vouchers'),
        ('voucher_taken_back', 'producer', 'province'),
        ('fee', 'producer', 'commission'),
        ('fee_returned', 'commission', 'producer'),
        ('vat', 'producer', 'vat'),
        ('vat_returned', 'vat', 'producer'),
        ('pit', 'producer', 'pit'),
        ('pit_returned', 'pit', 'producer'),
        ('payout', 'producer', 'payouts_in_transit'),
        ('payout_sent', 'payouts_in_transit', 'bank'),
        ('payout_failed', 'payouts_in_transit', 'producer'),
        ('settlement', 'bank', 'clearing'),
        ('settlement', 'clearing', 'bank'),
        ('provider_fee', 'provider_fees', 'clearing')));
create index ledger_transfers_sent_idx on ledger_transfers (provider, at)
    where kind in ('refund_sent', 'odd_money_returned') and credit = 'clearing';

-- How each provider's files are read: formats stand in contracts, so the operator configures them. A version is never
-- changed; the last one counts.
create table settlement_mappings (
    id uuid primary key,
    provider text not null constraint settlement_mappings_provider_check
        check (provider = any ('{bank_transfer,vnpay,payos,momo,zalopay,vietqr_vn}'::text[])),
    version integer not null constraint settlement_mappings_version_check check (version >= 1),
    rules jsonb not null,
    note text not null,
    configured_by uuid references accounts (id),
    configured_at timestamptz not null,
    constraint settlement_mappings_version_key unique (provider, version)
);
create index settlement_mappings_configured_by_idx on settlement_mappings (configured_by);
create trigger settlement_mappings_append_only before update or delete on settlement_mappings
    for each row execute function refuse_change();
comment on table settlement_mappings is 'How settlement files are read, by provider and version';

insert into settlement_mappings (id, provider, version, rules, note, configured_by, configured_at)
select ('01938000-0000-7000-8000-0000000001' || lpad(row_number() over ()::text, 2, '0'))::uuid, provider, 1,
       jsonb_build_object('reference', reference, 'reference_is_text', false, 'transaction', transaction, 'amount', amount,
           'amount_unit', 'dong', 'outgoing', null, 'skips_without_amount', false, 'fee', fee, 'time', time,
           'time_format', 'd/m/y h:m:s', 'status', status, 'counting', counting, 'kind', kind,
           'refunding', refunding, 'rows_skipped', 0, 'ending', '["Tổng cộng", "Tổng"]'::jsonb) || other,
       'Mẫu ban đầu; hãy đối chiếu với phụ lục hợp đồng', null, '2026-11-26T00:00:00Z'
from (values
    ('vnpay', 'Mã tham chiếu', 'Mã giao dịch', 'Số tiền', 'Phí', 'Thời gian giao dịch', 'Trạng thái',
     '["Thành công", "00"]'::jsonb, 'Loại giao dịch', '["Hoàn tiền", "02", "03"]'::jsonb, '{}'::jsonb),
    ('momo', 'Mã đơn hàng', 'Mã giao dịch', 'Số tiền', 'Phí', 'Thời gian', 'Trạng thái',
     '["Thành công", "0"]', 'Loại giao dịch', '["Hoàn tiền"]', '{}'),
    ('zalopay', 'Mã đơn hàng', 'Mã giao dịch', 'Số tiền', 'Phí', 'Thời gian', 'Trạng thái',
     '["Thành công", "1"]', 'Loại giao dịch', '["Hoàn tiền"]', '{}'),
    ('payos', 'Nội dung', 'Số tham chiếu', 'Ghi có', null, 'Thời gian', null, '[]', null, '[]',
     '{"reference_is_text": true, "skips_without_amount": true}'),
    ('bank_transfer', 'Nội dung', 'Số tham chiếu', 'Ghi có', null, 'Thời gian', null, '[]', null, '[]',
     '{"reference_is_text": true, "skips_without_amount": true}'),
    ('vietqr_vn', 'Nội dung', 'Số tham chiếu', 'Ghi có', null, 'Thời gian', null, '[]', null, '[]',
     '{"reference_is_text": true, "skips_without_amount": true}')
) s (provider, reference, transaction, amount, fee, time, status, counting, kind, refunding, other);

-- What a provider says of a day: a file that an operator sent, or its list as we asked for it.
create table settlement_files (
    id uuid primary key,
    provider text not null constraint settlement_files_provider_check
        check (provider = any ('{bank_transfer,vnpay,payos,momo,zalopay,vietqr_vn}'::text[])),
    source text not null constraint settlement_files_source_check check (source = any ('{file,list}'::text[])),
    format text not null constraint settlement_files_format_check check (format = any ('{csv,xlsx,json}'::text[])),
    -- A day in Vietnam.
    settled_on date not null,
    mapping_id uuid references settlement_mappings (id),
    -- Whether refunds of ours are expected in it.
    reads_refunds boolean not null,
    sha256 bytea not null constraint settlement_files_sha256_key unique
        constraint settlement_files_sha256_check check (octet_length(sha256) = 32),
    content bytea not null constraint settlement_files_content_check check (octet_length(content) <= 8388608),
    lines integer not null constraint settlement_files_lines_check check (lines between 0 and 20000),
    imported_by uuid references accounts (id),
    imported_at timestamptz not null,
    constraint settlement_files_list_check check ((source = 'list') = (mapping_id is null))
);
create unique index settlement_files_list_key on settlement_files (provider, settled_on) where source = 'list';
create index settlement_files_day_idx on settlement_files (provider, settled_on);
create index settlement_files_mapping_idx on settlement_files (mapping_id);
create index settlement_files_imported_by_idx on settlement_files (imported_by);
create trigger settlement_files_append_only before update or delete on settlement_files
    for each row execute function refuse_change();
comment on table settlement_files is 'What a provider settled on a day, as it came';

create table settlement_lines (
    id uuid primary key,
    file_id uuid not null references settlement_files (id),
    provider text not null,
    -- Where it stands in the file.
    line integer not null constraint settlement_lines_line_check check (line >= 1),
    kind text not null constraint settlement_lines_kind_check check (kind = any ('{payment,refund}'::text[])),
    -- What may be our reference; several of a text.
    refs text[] not null constraint settlement_lines_refs_check check (cardinality(refs) <= 20),
    transaction_no text constraint settlement_lines_transaction_check check (char_length(transaction_no) between 1 and 200),
    amount_vnd bigint not null constraint settlement_lines_amount_check check (amount_vnd between 1 and 100000000000),
    fee_vnd bigint not null constraint settlement_lines_fee_check check (fee_vnd between 0 and 100000000000),
    moved_at timestamptz,
    -- The same line of an earlier file of the same day.
    repeats uuid references settlement_lines (id),
    constraint settlement_lines_place_key unique (file_id, line),
    constraint settlement_lines_named_check check (transaction_no is not null or cardinality(refs) > 0 or provider in
        ('bank_transfer', 'payos', 'vietqr_vn')),
    constraint settlement_lines_net_check check (kind = 'refund' or fee_vnd <= amount_vnd)
);
create index settlement_lines_transaction_idx on settlement_lines (provider, transaction_no) where transaction_no is not null;
create index settlement_lines_repeats_idx on settlement_lines (repeats) where repeats is not null;
create trigger settlement_lines_append_only before update or delete on settlement_lines
    for each row execute function refuse_change();
comment on table settlement_lines is 'Movements of money as a provider tells them';

-- A line is what we know: each is settled once.
create table settlement_matches (
    line_id uuid primary key references settlement_lines (id),
    credit_id uuid constraint settlement_matches_credit_key unique references payment_credits (id),
    transfer_id uuid constraint settlement_matches_transfer_key unique references ledger_transfers (id),
    matched_at timestamptz not null,
    constraint settlement_matches_one_check check (num_nonnulls(credit_id, transfer_id) = 1)
);
create trigger settlement_matches_append_only before update or delete on settlement_matches
    for each row execute function refuse_change();

-- What does not agree, until two people decided or a later file brought it.
create table reconciliation_exceptions (
    id uuid primary key,
    provider text not null,
    kind text not null constraint reconciliation_exceptions_kind_check
        check (kind = any ('{missing_here,missing_there,different_amount,double}'::text[])),
    file_id uuid not null references settlement_files (id),
    settled_on date not null,
    line_id uuid constraint reconciliation_exceptions_line_key unique references settlement_lines (id),
    credit_id uuid references payment_credits (id),
    transfer_id uuid references ledger_transfers (id),
    ours_vnd bigint constraint reconciliation_exceptions_ours_check check (ours_vnd between 1 and 100000000000),
    theirs_vnd bigint constraint reconciliation_exceptions_theirs_check check (theirs_vnd between 1 and 100000000000),
    status text not null constraint reconciliation_exceptions_status_check
        check (status = any ('{open,proposed,resolved,dismissed}'::text[])),
    version integer not null default 1,
    found_at timestamptz not null,
    ended_at timestamptz,
    constraint reconciliation_exceptions_sides_check check (
        num_nonnulls(credit_id, transfer_id) = case when kind in ('missing_there', 'different_amount') then 1 else 0 end
        and (ours_vnd is not null) = (kind in ('missing_there', 'different_amount'))
        and (line_id is null) = (kind = 'missing_there') and (theirs_vnd is null) = (kind = 'missing_there')),
    constraint reconciliation_exceptions_ended_check check ((status in ('resolved', 'dismissed')) = (ended_at is not null))
);
create index reconciliation_exceptions_status_idx on reconciliation_exceptions (status, id);
create unique index reconciliation_exceptions_credit_key on reconciliation_exceptions (credit_id)
    where kind = 'missing_there';
create index reconciliation_exceptions_credit_idx on reconciliation_exceptions (credit_id) where credit_id is not null;
create unique index reconciliation_exceptions_transfer_key on reconciliation_exceptions (transfer_id)
    where kind = 'missing_there';
create index reconciliation_exceptions_transfer_idx on reconciliation_exceptions (transfer_id) where transfer_id is not null;
create index reconciliation_exceptions_file_idx on reconciliation_exceptions (file_id);
comment on table reconciliation_exceptions is 'Where a provider and we do not agree';

-- What two people decide about money: one proposes, another approves, and then it is done.
create table money_decisions (
    id uuid primary key,
    kind text not null constraint money_decisions_kind_check
        check (kind = any ('{correction,reversal,dismissal}'::text[])),
    exception_id uuid references reconciliation_exceptions (id),
    -- The transfer to take back.
    reverses uuid references ledger_transfers (id),
    reason text not null,
    status text not null constraint money_decisions_status_check check (status = any ('{proposed,executed,declined}'::text[])),
    proposed_by uuid not null references accounts (id),
    proposed_at timestamptz not null,
    decided_by uuid references accounts (id),
    decided_at timestamptz,
    note text,
    version integer not null default 1,
    constraint money_decisions_subject_check check (
        (kind = 'reversal') = (reverses is not null) and (kind <> 'dismissal' or exception_id is not null)
        and (kind <> 'reversal' or exception_id is null)),
    constraint money_decisions_decided_check check (
        (status = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
    constraint money_decisions_two_people_check check (status <> 'executed' or decided_by <> proposed_by)
);
create unique index money_decisions_exception_key on money_decisions (exception_id) where status = 'proposed';
create index money_decisions_exception_idx on money_decisions (exception_id) where exception_id is not null;
create unique index money_decisions_reverses_key on money_decisions (reverses) where status in ('proposed', 'executed');
create index money_decisions_reverses_idx on money_decisions (reverses) where reverses is not null;
create index money_decisions_status_idx on money_decisions (status, id);
create index money_decisions_proposed_by_idx on money_decisions (proposed_by);
create index money_decisions_decided_by_idx on money_decisions (decided_by) where decided_by is not null;
comment on table money_decisions is 'Corrections of the books, each proposed by one operator and approved by another';

-- What is said once stays: who decides changes how it stands, nothing else.
create function money_decision_stays() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if old.status <> 'proposed'
        or (new.id, new.kind, new.exception_id, new.reverses, new.reason, new.proposed_by, new.proposed_at)
           is distinct from (old.id, old.kind, old.exception_id, old.reverses, old.reason, old.proposed_by, old.proposed_at) then
        raise exception 'a decision is made once'
            using errcode = 'check_violation', constraint = 'money_decisions_stays_check';
    end if;
    return new;
end;
$$;
create trigger money_decisions_stays before update on money_decisions
    for each row execute function money_decision_stays();

create table money_decision_postings (
    -- The subject of its transfer.
    id uuid primary key,
    decision_id uuid not null references money_decisions (id),
    place integer not null,
    debit text not null constraint money_decision_postings_debit_check check (debit = any
        ('{clearing,bank,producer,carriage,commission,provider_fees,vouchers,province,set_aside}'::text[])),
    credit text not null constraint money_decision_postings_credit_check check (credit = any
        ('{clearing,bank,producer,carriage,commission,provider_fees,vouchers,province,set_aside}'::text[])),
    amount_vnd bigint not null constraint money_decision_postings_amount_check check (amount_vnd between 1 and 100000000000),
    provider text constraint money_decision_postings_provider_check
        check (provider = any ('{bank_transfer,vnpay,payos,momo,zalopay,vietqr_vn}'::text[])),
    producer_id uuid references producers (id),
    constraint money_decision_postings_place_key unique (decision_id, place),
    constraint money_decision_postings_sides_check check (debit <> credit)
);
create index money_decision_postings_producer_idx on money_decision_postings (producer_id) where producer_id is not null;
create trigger money_decision_postings_append_only before update or delete on money_decision_postings
    for each row execute function refuse_change();

-- How providers answered our calls, by minute: what their health is told from, without a look at what they did.
create table provider_calls (
    provider text not null constraint provider_calls_provider_check
        check (provider = any ('{bank_transfer,vnpay,payos,momo,zalopay,vietqr_vn}'::text[])),
    minute timestamptz not null,
    answered integer not null,
    failed integer not null,
    answered_at timestamptz,
    primary key (provider, minute)
);
comment on table provider_calls is 'Calls to providers by minute, answered and failed; kept for a week';

-- Everything of ours that a provider settles: what came in through it, and what went back through it.
create view clearing_movements with (security_invoker = true) as
select k.provider, 'payment' as kind, k.id as credit_id, null::uuid as transfer_id, a.reference, k.provider_txn as transaction_no,
       k.provider_reference, k.amount_vnd, coalesce(k.moved_at, k.received_at) as moved_at, k.received_at as known_at,
       not exists (select from payment_reviews r where r.credit_id = k.id and r.resolution = 'no_money_received') as is_expected
from payment_credits k
left join payment_attempts a on a.id = k.attempt_id
union all
select t.provider, 'refund', null, t.id, a.reference, k.provider_txn, k.provider_reference, t.amount_vnd, t.at, t.at, true
from ledger_transfers t
left join orders o on o.id = t.order_id
left join payments p on p.checkout_id = o.checkout_id
left join payment_credits k on case when t.kind = 'odd_money_returned' then k.id = t.subject_id else k.payment_id = p.id end
left join payment_attempts a on a.id = k.attempt_id
where t.kind in ('refund_sent', 'odd_money_returned') and t.credit = 'clearing'
  and not exists (select from ledger_transfers r where r.reverses = t.id);

alter table settlement_mappings enable row level security;
create policy settlement_mappings_staff on settlement_mappings using (actor_is_staff());
alter table settlement_files enable row level security;
create policy settlement_files_staff on settlement_files using (actor_is_staff());
alter table settlement_lines enable row level security;
create policy settlement_lines_staff on settlement_lines using (actor_is_staff());
alter table settlement_matches enable row level security;
create policy settlement_matches_staff on settlement_matches using (actor_is_staff());
alter table reconciliation_exceptions enable row level security;
create policy reconciliation_exceptions_staff on reconciliation_exceptions using (actor_is_staff());
alter table money_decisions enable row level security;
create policy money_decisions_staff on money_decisions using (actor_is_staff());
alter table money_decision_postings enable row level security;
create policy money_decision_postings_staff on money_decision_postings using (actor_is_staff());
alter table provider_calls enable row level security;
create policy provider_calls_platform on provider_calls using (actor_is_platform());
create policy provider_calls_read on provider_calls for select using (actor_is_staff());

grant select, insert on settlement_mappings, settlement_files, settlement_lines, settlement_matches, money_decision_postings
    to ocop_app;
grant select, insert on reconciliation_exceptions, money_decisions to ocop_app;
grant update (status, version, ended_at) on reconciliation_exceptions to ocop_app;
grant update (status, decided_by, decided_at, note, version) on money_decisions to ocop_app;
grant select, insert, update, delete on provider_calls to ocop_app;
grant select on clearing_movements to ocop_app;

-- A matched line has taken exactly its amount out of clearing, once, and nothing else has.
create view invariant_settlements with (security_invoker = true) as
select l.id::text as object,
       format('%s of %s with a fee of %s: ours %s, settled %s, fee %s', l.kind, l.amount_vnd, l.fee_vnd,
              coalesce(k.amount_vnd, t.amount_vnd), s.amount_vnd, f.amount_vnd) as detail
from settlement_matches m
join settlement_lines l on l.id = m.line_id
left join payment_credits k on k.id = m.credit_id
left join ledger_transfers t on t.id = m.transfer_id
left join ledger_transfers s on s.kind = 'settlement' and s.subject_id = l.id
left join ledger_transfers f on f.kind = 'provider_fee' and f.subject_id = l.id
where (l.kind = 'payment') <> (k.id is not null)
   or l.repeats is not null
   or l.amount_vnd is distinct from coalesce(k.amount_vnd, t.amount_vnd)
   or l.provider is distinct from coalesce(k.provider, t.provider)
   or coalesce(s.provider, l.provider) <> l.provider or coalesce(f.provider, l.provider) <> l.provider
   or coalesce(s.amount_vnd, 0) <> case l.kind when 'payment' then l.amount_vnd - l.fee_vnd else l.amount_vnd + l.fee_vnd end
   or s.debit <> case l.kind when 'payment' then 'bank' else 'clearing' end
   or coalesce(f.amount_vnd, 0) <> l.fee_vnd
union all
select t.id::text, format('%s of %s for a line that is matched with nothing', t.kind, t.amount_vnd)
from ledger_transfers t
where t.kind in ('settlement', 'provider_fee') and not exists (select from settlement_matches m where m.line_id = t.subject_id);

-- Of a settled day nothing stands in clearing, unless it is said and waits for two people.
create view invariant_settled_days with (security_invoker = true) as
select coalesce(v.credit_id, v.transfer_id)::text as object,
       format('%s of %s through %s on a settled day is neither settled nor an exception', v.kind, v.amount_vnd, v.provider) as detail
from clearing_movements v
where v.is_expected
  and exists (select from settlement_files f
              where f.provider = v.provider and f.settled_on = (v.moved_at at time zone 'UTC' + interval '7 hours')::date
                and v.known_at < f.imported_at - interval '1 minute' and (v.kind = 'payment' or f.reads_refunds))
  and not exists (select from settlement_matches m where m.credit_id = v.credit_id or m.transfer_id = v.transfer_id)
  and not exists (select from reconciliation_exceptions e where e.credit_id = v.credit_id or e.transfer_id = v.transfer_id)
union all
select l.id::text, format('line %s is neither settled, nor an exception, nor known', l.line)
from settlement_lines l
where l.repeats is null and not exists (select from settlement_matches m where m.line_id = l.id)
  and not exists (select from reconciliation_exceptions e where e.line_id = l.id)
union all
select e.id::text, format('%s is %s, and %s stand in clearing', e.kind, e.status, coalesce(e.ours_vnd, 0) - coalesce(d.cleared, 0))
from reconciliation_exceptions e
left join (select d.exception_id,
                  sum(case when p.credit = 'clearing' then p.amount_vnd when p.debit = 'clearing' then -p.amount_vnd else 0 end) as cleared
           from money_decisions d join money_decision_postings p on p.decision_id = d.id
           where d.status = 'executed' group by d.exception_id) d on d.exception_id = e.id
where e.status in ('resolved', 'dismissed')
  and not exists (select from settlement_matches m
                  where m.line_id = e.line_id or m.credit_id = e.credit_id or m.transfer_id = e.transfer_id)
  and coalesce(d.cleared, 0) <> case when e.credit_id is not null then e.ours_vnd when e.transfer_id is not null then -e.ours_vnd else 0 end;

-- What two people decided was done, exactly, once; nothing is corrected without them.
create view invariant_money_decisions with (security_invoker = true) as
select d.id::text as object, format('%s %s: %s was not posted as decided', d.status, d.kind, p.amount_vnd) as detail
from money_decisions d
join money_decision_postings p on p.decision_id = d.id
left join ledger_transfers t on t.kind = 'correction' and t.subject_id = p.id
where case when d.status = 'executed'
           then (t.debit, t.credit, t.amount_vnd, t.provider, t.producer_id)
                is distinct from (p.debit, p.credit, p.amount_vnd, p.provider, p.producer_id)
           else t.id is not null end
union all
select d.id::text, format('%s %s of a transfer', d.status, d.kind)
from money_decisions d
where d.kind = 'reversal'
  and (d.status = 'executed') <> exists (select from ledger_transfers t where t.reverses = d.reverses)
union all
select d.id::text, format('%s of one person, or of nothing', d.kind)
from money_decisions d
where (d.status = 'executed' and d.decided_by = d.proposed_by)
   or (d.kind = 'correction') <> exists (select from money_decision_postings p where p.decision_id = d.id)
union all
select t.id::text, format('%s of %s without a decision', t.kind, t.amount_vnd)
from ledger_transfers t
where (t.kind = 'correction' and not exists (select from money_decision_postings p where p.id = t.subject_id))
   or (t.kind = 'reversal' and not exists (select from money_decisions d where d.reverses = t.reverses and d.status = 'executed')
       and exists (select from ledger_transfers o where o.id = t.reverses
                   and o.kind in ('settlement', 'provider_fee', 'correction', 'carriage', 'carriage_short')))
union all
select e.id::text, format('%s exception with %s open decisions', e.status, count(d.id))
from reconciliation_exceptions e
left join money_decisions d on d.exception_id = e.id and d.status = 'proposed'
group by e.id, e.status
having (e.status = 'proposed') <> (count(d.id) = 1) and (e.status <> 'resolved' or count(d.id) > 1)
union all
select e.id::text, format('%s without a decision', e.status)
from reconciliation_exceptions e
where (e.status = 'dismissed' or (e.status = 'resolved' and not exists (
           select from settlement_matches m
           where m.line_id = e.line_id or m.credit_id = e.credit_id or m.transfer_id = e.transfer_id)))
  and not exists (select from money_decisions d where d.exception_id = e.id and d.status = 'executed');

grant select on invariant_settlements, invariant_settled_days, invariant_money_decisions to ocop_app;
