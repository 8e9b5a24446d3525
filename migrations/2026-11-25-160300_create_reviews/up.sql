create table reviews (
    id uuid primary key,
    order_id uuid not null references orders (id),
    product_id uuid not null references products (id),
    producer_id uuid not null references producers (id),
    buyer_account_id uuid not null references accounts (id),
    product_title text not null,
    stars integer not null constraint reviews_stars_check check (stars between 1 and 5),
    text text not null,
    status text not null constraint reviews_status_check check (status in ('visible', 'hidden', 'appealed', 'upheld')),
    hidden_reason text constraint reviews_hidden_reason_check check (hidden_reason in
        ('personal_data', 'insult', 'advertising', 'unlawful_content', 'not_about_the_product', 'fake_order')),
    hidden_note text,
    appeal text,
    answer text,
    answered_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    edited_at timestamptz,
    constraint reviews_product_key unique (order_id, product_id),
    constraint reviews_hidden_check check (
        (status = 'visible') = (hidden_reason is null) and (hidden_reason is null) = (hidden_note is null)
        and (status not in ('appealed', 'upheld') or appeal is not null)),
    constraint reviews_answer_check check ((answer is null) = (answered_at is null))
);
create index reviews_order_idx on reviews (order_id);
create index reviews_product_idx on reviews (product_id, id);
create index reviews_product_id_idx on reviews (product_id);
create index reviews_producer_idx on reviews (producer_id, id);
create index reviews_producer_id_idx on reviews (producer_id);
create index reviews_buyer_idx on reviews (buyer_account_id, id);
create index reviews_buyer_account_idx on reviews (buyer_account_id);
create index reviews_status_idx on reviews (status, id) where status <> 'visible';
comment on table reviews is 'What buyers think of what was delivered; nobody deletes one, and only the operator hides one, for a reason of the law';

create table review_events (
    id uuid primary key,
    review_id uuid not null references reviews (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    event text not null constraint review_events_event_check check (event in
        ('write', 'edit', 'answer', 'hide', 'appeal', 'restore', 'uphold')),
    stars integer not null,
    -- What was written with it: the review, the answer, the note or the appeal.
    text text not null,
    reason text,
    actor_role text not null,
    at timestamptz not null
);
create index review_events_review_idx on review_events (review_id, at, id);
create index review_events_review_id_idx on review_events (review_id);
create index review_events_buyer_idx on review_events (buyer_account_id);
create index review_events_producer_idx on review_events (producer_id);
create trigger review_events_append_only before update or delete on review_events
    for each row execute function refuse_change();
comment on table review_events is 'Every word of a review, its answer and its moderation, never changed';

create table review_figures (
    product_id uuid primary key references products (id),
    producer_id uuid not null references producers (id),
    reviews integer not null,
    stars integer not null,
    constraint review_figures_check check (reviews >= 0 and stars between reviews and 5 * reviews)
);
create index review_figures_producer_idx on review_figures (producer_id);
comment on table review_figures is 'Visible reviews of a product and the sum of their stars, kept in the transaction of each change';

create table review_hidden_figures (
    product_id uuid not null references products (id),
    reason text not null,
    producer_id uuid not null references producers (id),
    reviews integer not null constraint review_hidden_figures_check check (reviews >= 0),
    primary key (product_id, reason)
);
create index review_hidden_figures_product_idx on review_hidden_figures (product_id);
create index review_hidden_figures_producer_idx on review_hidden_figures (producer_id);
comment on table review_hidden_figures is 'How many reviews of a product are hidden, by reason: everybody may know';

alter table reviews enable row level security;
create policy reviews_read on reviews for select using (
    (status = 'visible' and actor_role() <> 'none')
    or (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
create policy reviews_write on reviews for insert with check (
    actor_role() = 'buyer' and buyer_account_id = actor_account() and producer_id is distinct from actor_producer());
create policy reviews_change on reviews for update using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table review_events enable row level security;
create policy review_events_parties on review_events using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table review_figures enable row level security;
create policy review_figures_read on review_figures for select using (actor_role() <> 'none');
create policy review_figures_platform on review_figures for all using (actor_is_platform());
alter table review_hidden_figures enable row level security;
create policy review_hidden_figures_read on review_hidden_figures for select using (actor_role() <> 'none');
create policy review_hidden_figures_platform on review_hidden_figures for all using (actor_is_platform());
grant select, insert, update on reviews, review_figures, review_hidden_figures to ocop_app;
grant select, insert on review_events to ocop_app;

-- Figures are what a recount gives.
create view invariant_review_figures with (security_invoker = true) as
select product_id::text as object,
       format('kept %s of %s, counted %s of %s', coalesce(f.stars, 0), coalesce(f.reviews, 0), coalesce(r.stars, 0), coalesce(r.reviews, 0)) as detail
from review_figures f
full join (select product_id, count(*) as reviews, sum(stars) as stars from reviews where status = 'visible' group by product_id) r
    using (product_id)
where coalesce(f.reviews, 0) <> coalesce(r.reviews, 0) or coalesce(f.stars, 0) <> coalesce(r.stars, 0)
union all
select format('%s/%s', product_id, reason), format('kept %s hidden, counted %s', coalesce(f.reviews, 0), coalesce(r.reviews, 0))
from review_hidden_figures f
full join (select product_id, hidden_reason as reason, count(*) as reviews from reviews
           where status <> 'visible' group by product_id, hidden_reason) r using (product_id, reason)
where coalesce(f.reviews, 0) <> coalesce(r.reviews, 0);

-- A review is of a line that was delivered to its buyer, who does not sell it, and its words are on record.
create view invariant_reviews with (security_invoker = true) as
select r.id::text as object, 'not of a line of its buyer''s order' as detail
from reviews r
where not exists (select from order_lines l where l.order_id = r.order_id and l.product_id = r.product_id
                  and l.buyer_account_id = r.buyer_account_id and l.producer_id = r.producer_id)
union all
select r.id::text, 'of its own producer'
from reviews r join producers p on p.id = r.producer_id where p.account_id = r.buyer_account_id
union all
select r.id::text, 'not as it was last written'
from reviews r
left join lateral (select stars, text from review_events e where e.review_id = r.id and e.event in ('write', 'edit')
                   order by at desc, id desc limit 1) e on true
where e.stars is distinct from r.stars or e.text is distinct from r.text;
grant select on invariant_review_figures, invariant_reviews to ocop_app;
