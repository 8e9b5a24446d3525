//! Faults of the figures of sales and of what the catalogue shows.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_sales_daily",
        "update sales_daily set value_vnd = value_vnd + 1",
    ),
    (
        "invariant_sales_daily",
        "update sales_daily set units = units + 1",
    ),
    (
        "invariant_sales_daily",
        "update sales_daily set grams = grams + 1",
    ),
    (
        "invariant_sales_daily",
        "delete from sales_daily",
    ),
    (
        "invariant_sales_daily",
        "insert into sales_daily (sold_on, province_code, commune_code, product_set, producer_id, value_vnd, units, grams)
         select '2020-01-01', '08', '00721', 1, id, 1000, 1, 1 from producers limit 1",
    ),
    (
        "invariant_sales_daily",
        "insert into provinces (code, name, search_key, effective_from) values ('99', 'Mutant', 'mutant', '2025-07-01');
         update sales_daily set province_code = '99'",
    ),
    (
        "invariant_sales_baskets",
        "update sales_baskets set orders = orders + 1",
    ),
    (
        "invariant_sales_baskets",
        "delete from sales_baskets",
    ),
    (
        "invariant_sales_baskets",
        "update sales_baskets set cells = array_append(cells, '01261/26')",
    ),
    (
        "invariant_sales_baskets",
        "insert into sales_baskets (sold_on, producer_id, cells, orders) select '2020-01-01', id, '{00721/1}', 1 from producers limit 1",
    ),
    (
        "invariant_offers",
        "delete from offers",
    ),
    (
        "invariant_offers",
        "update offers set price_vnd = price_vnd - 1",
    ),
    (
        "invariant_offers",
        "update offers set words = to_tsvector('simple', 'khac')",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update products set status = 'paused' where status = 'published'",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update variants set archived_at = now()",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update producers set status = 'submitted'",
    ),
];
