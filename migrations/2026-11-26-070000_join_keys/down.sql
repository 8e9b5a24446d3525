create index payment_attempts_buyer_idx on payment_attempts (buyer_account_id);
alter table payment_attempts
    drop constraint payment_attempts_payment_fkey,
    add constraint payment_attempts_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id),
    add constraint payment_attempts_payment_id_fkey foreign key (payment_id) references payments (id);
alter table payments
    drop constraint payments_checkout_fkey,
    drop constraint payments_buyer_key,
    add constraint payments_checkout_id_fkey foreign key (checkout_id) references checkouts (id),
    add constraint payments_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id);
create index payments_buyer_idx on payments (buyer_account_id);

create index quote_contracts_buyer_idx on quote_contracts (buyer_account_id);
alter table quote_contracts
    drop constraint quote_contracts_quote_fkey,
    add constraint quote_contracts_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id),
    add constraint quote_contracts_quote_id_fkey foreign key (quote_id) references quotes (id) on delete cascade;
alter table quotes drop constraint quotes_buyer_key;
create index quotes_buyer_idx on quotes (buyer_account_id);

create index stock_movements_producer_id_idx on stock_movements (producer_id);
alter table stock_movements
    drop constraint stock_movements_lot_fkey,
    add constraint stock_movements_variant_id_fkey foreign key (variant_id) references variants (id),
    add constraint stock_movements_producer_id_fkey foreign key (producer_id) references producers (id);

create index reservations_producer_idx on reservations (producer_id);
create index reservations_buyer_idx on reservations (buyer_account_id);
alter table reservations
    drop constraint reservations_lot_fkey,
    drop constraint reservations_order_fkey,
    add constraint reservations_lot_fkey foreign key (lot_id, variant_id) references lot_levels (lot_id, variant_id),
    add constraint reservations_producer_id_fkey foreign key (producer_id) references producers (id),
    add constraint reservations_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id),
    add constraint reservations_order_id_fkey foreign key (order_id) references orders (id);

create index order_events_producer_idx on order_events (producer_id);
create index order_events_buyer_idx on order_events (buyer_account_id);
alter table order_events
    drop constraint order_events_order_fkey,
    add constraint order_events_producer_id_fkey foreign key (producer_id) references producers (id),
    add constraint order_events_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id),
    add constraint order_events_order_id_fkey foreign key (order_id) references orders (id);

create index order_lines_product_idx on order_lines (product_id);
create index order_lines_producer_idx on order_lines (producer_id);
create index order_lines_buyer_idx on order_lines (buyer_account_id);
alter table order_lines
    drop constraint order_lines_variant_fkey,
    drop constraint order_lines_order_fkey,
    add constraint order_lines_variant_id_fkey foreign key (variant_id) references variants (id),
    add constraint order_lines_product_id_fkey foreign key (product_id) references products (id),
    add constraint order_lines_producer_id_fkey foreign key (producer_id) references producers (id),
    add constraint order_lines_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id),
    add constraint order_lines_order_id_fkey foreign key (order_id) references orders (id);

alter table lot_levels drop constraint lot_levels_producer_key;
create index lot_levels_producer_id_idx on lot_levels (producer_id);
alter table variants drop constraint variants_product_key;
create index variants_product_id_idx on variants (product_id, id);
alter table orders
    drop constraint orders_checkout_fkey,
    drop constraint orders_parties_key,
    add constraint orders_checkout_id_fkey foreign key (checkout_id) references checkouts (id),
    add constraint orders_buyer_account_id_fkey foreign key (buyer_account_id) references accounts (id);
create index orders_buyer_idx on orders (buyer_account_id, id);
alter table checkouts drop constraint checkouts_buyer_key;
create index checkouts_buyer_idx on checkouts (buyer_account_id, id);
