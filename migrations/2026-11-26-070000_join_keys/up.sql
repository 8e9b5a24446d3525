-- Rows that belong to an order, a quote or a lot carry its parties, by which they are guarded. One key now proves that
-- these are the parties of that very order, where one key each proved only that there is such a buyer and such a
-- producer. Nor is the row of a producer, which many buyers use at once, locked for every line.
-- The index of a key that went served nothing else.

drop index checkouts_buyer_idx;
alter table checkouts add constraint checkouts_buyer_key unique (buyer_account_id, id);
drop index orders_buyer_idx;
alter table orders
    add constraint orders_parties_key unique (buyer_account_id, id, producer_id),
    drop constraint orders_buyer_account_id_fkey,
    drop constraint orders_checkout_id_fkey,
    add constraint orders_checkout_fkey foreign key (checkout_id, buyer_account_id)
        references checkouts (id, buyer_account_id);
drop index variants_product_id_idx;
alter table variants add constraint variants_product_key unique (product_id, id, producer_id);
drop index lot_levels_producer_id_idx;
alter table lot_levels add constraint lot_levels_producer_key unique (producer_id, lot_id, variant_id);

alter table order_lines
    drop constraint order_lines_order_id_fkey,
    drop constraint order_lines_buyer_account_id_fkey,
    drop constraint order_lines_producer_id_fkey,
    drop constraint order_lines_product_id_fkey,
    drop constraint order_lines_variant_id_fkey,
    add constraint order_lines_order_fkey foreign key (order_id, buyer_account_id, producer_id)
        references orders (id, buyer_account_id, producer_id),
    add constraint order_lines_variant_fkey foreign key (variant_id, product_id, producer_id)
        references variants (id, product_id, producer_id);
drop index order_lines_buyer_idx;
drop index order_lines_producer_idx;
drop index order_lines_product_idx;

alter table order_events
    drop constraint order_events_order_id_fkey,
    drop constraint order_events_buyer_account_id_fkey,
    drop constraint order_events_producer_id_fkey,
    add constraint order_events_order_fkey foreign key (order_id, buyer_account_id, producer_id)
        references orders (id, buyer_account_id, producer_id);
drop index order_events_buyer_idx;
drop index order_events_producer_idx;

alter table reservations
    drop constraint reservations_order_id_fkey,
    drop constraint reservations_buyer_account_id_fkey,
    drop constraint reservations_producer_id_fkey,
    drop constraint reservations_lot_fkey,
    add constraint reservations_order_fkey foreign key (order_id, buyer_account_id, producer_id)
        references orders (id, buyer_account_id, producer_id),
    add constraint reservations_lot_fkey foreign key (lot_id, variant_id, producer_id)
        references lot_levels (lot_id, variant_id, producer_id);
drop index reservations_buyer_idx;
drop index reservations_producer_idx;

alter table stock_movements
    drop constraint stock_movements_producer_id_fkey,
    drop constraint stock_movements_variant_id_fkey,
    add constraint stock_movements_lot_fkey foreign key (lot_id, variant_id, producer_id)
        references lot_levels (lot_id, variant_id, producer_id);
drop index stock_movements_producer_id_idx;

drop index quotes_buyer_idx;
alter table quotes add constraint quotes_buyer_key unique (buyer_account_id, id);
alter table quote_contracts
    drop constraint quote_contracts_quote_id_fkey,
    drop constraint quote_contracts_buyer_account_id_fkey,
    add constraint quote_contracts_quote_fkey foreign key (quote_id, buyer_account_id)
        references quotes (id, buyer_account_id) on delete cascade;
drop index quote_contracts_buyer_idx;

drop index payments_buyer_idx;
alter table payments
    add constraint payments_buyer_key unique (buyer_account_id, id),
    drop constraint payments_buyer_account_id_fkey,
    drop constraint payments_checkout_id_fkey,
    add constraint payments_checkout_fkey foreign key (checkout_id, buyer_account_id)
        references checkouts (id, buyer_account_id);
alter table payment_attempts
    drop constraint payment_attempts_payment_id_fkey,
    drop constraint payment_attempts_buyer_account_id_fkey,
    add constraint payment_attempts_payment_fkey foreign key (payment_id, buyer_account_id)
        references payments (id, buyer_account_id);
drop index payment_attempts_buyer_idx;
