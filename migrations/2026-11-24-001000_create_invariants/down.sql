drop view invariant_sales_baskets;
drop view invariant_sales_daily;
drop view invariant_sessions;
drop view invariant_idempotency_keys;
drop view invariant_jobs;
drop view invariant_refunds;
drop view invariant_order_checkouts;
drop view invariant_order_events;
drop view invariant_callbacks;
drop view invariant_provider_transactions;
drop view invariant_credits;
drop view invariant_captured_payments;
drop view invariant_paid_checkouts;
drop view invariant_totals;
drop view invariant_order_movements;
drop view invariant_reservations;
drop view invariant_stock_on_hand;
drop view invariant_stock_reserved;

do $$
begin
    if to_regclass('__diesel_schema_migrations') is not null then
        revoke select on __diesel_schema_migrations from ocop_app;
    end if;
end;
$$;
