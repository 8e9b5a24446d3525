//! The tables of figures.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{Query, QueryFragment};
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid};

use super::model::{Direction, Figures, GroupBy, Question, ROWS_MAX, Sums};
use super::report::Row;
use crate::kernel::sql::Prepare;
use crate::kernel::{Error, ProducerId, Result, Tx};

/// Where a report looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    Everywhere,
    Province(String),
    Communes(Vec<String>),
}

/// Adds cells to the figures of their days, or takes them out; returns a producer for each row that is changed. Rows
/// are proposed with their amounts as they are, which the table's checks allow, and the direction turns them negative
/// when they meet the row of the day. An undone sale that meets none proposes nothing, so that it is missed in the
/// count.
fn daily(sums: &Sums, direction: Direction) -> impl Changing + use<> {
    let cells = || sums.cells.iter().map(|((producer, day, cell), figures)| (producer, day, cell, figures));
    sql::<SqlUuid>(
        "insert into sales_daily \
           (sold_on, province_code, commune_code, product_set, producer_id, value_vnd, units, grams) \
         select l.sold_on, c.province_code, l.commune_code, l.product_set, l.producer_id, l.value_vnd, l.units, l.grams \
         from unnest(",
    )
    .bind::<Array<Date>, _>(cells().map(|(_, day, _, _)| *day).collect::<Vec<_>>())
    .sql("::date[], ")
    .bind::<Array<SqlUuid>, _>(cells().map(|(producer, _, _, _)| *producer).collect::<Vec<_>>())
    .sql("::uuid[], ")
    .bind::<Array<Text>, _>(cells().map(|(_, _, (commune, _), _)| commune.clone()).collect::<Vec<_>>())
    .sql("::text[], ")
    .bind::<Array<SmallInt>, _>(cells().map(|(_, _, (_, set), _)| *set).collect::<Vec<_>>())
    .sql("::smallint[], ")
    .bind::<Array<BigInt>, _>(cells().map(|(_, _, _, figures)| figures.value_vnd).collect::<Vec<_>>())
    .sql("::bigint[], ")
    .bind::<Array<BigInt>, _>(cells().map(|(_, _, _, figures)| figures.units).collect::<Vec<_>>())
    .sql("::bigint[], ")
    .bind::<Array<BigInt>, _>(cells().map(|(_, _, _, figures)| figures.grams).collect::<Vec<_>>())
    .sql("::bigint[]) as l (sold_on, producer_id, commune_code, product_set, value_vnd, units, grams) \
         join communes c on c.code = l.commune_code where ")
    .sql(match direction {
        Direction::Sold => "true",
        Direction::Undone => {
            "exists (select from sales_daily d where d.producer_id = l.producer_id and d.sold_on = l.sold_on \
               and d.commune_code = l.commune_code and d.product_set = l.product_set)"
        }
    })
    .sql(
        " order by l.producer_id, l.sold_on, l.commune_code, l.product_set \
         on conflict (producer_id, sold_on, commune_code, product_set) do update set ",
    )
    .sql(match direction {
        Direction::Sold => {
            "value_vnd = sales_daily.value_vnd + excluded.value_vnd, units = sales_daily.units + excluded.units, \
             grams = sales_daily.grams + excluded.grams"
        }
        Direction::Undone => {
            "value_vnd = sales_daily.value_vnd - excluded.value_vnd, units = sales_daily.units - excluded.units, \
             grams = sales_daily.grams - excluded.grams"
        }
    })
    .sql(" returning producer_id")
}

/// Adds orders to the baskets of their days, or takes them out; returns a producer for each row that is changed.
fn baskets(sums: &Sums, direction: Direction) -> impl Changing + use<> {
    let baskets = || sums.baskets.iter().map(|((producer, day, cells), number)| (producer, day, cells, number));
    sql::<SqlUuid>(
        "insert into sales_baskets (sold_on, producer_id, cells, orders) \
         select l.sold_on, l.producer_id, string_to_array(l.cells, ','), l.orders from unnest(",
    )
    .bind::<Array<Date>, _>(baskets().map(|(_, day, _, _)| *day).collect::<Vec<_>>())
    .sql("::date[], ")
    .bind::<Array<SqlUuid>, _>(baskets().map(|(producer, _, _, _)| *producer).collect::<Vec<_>>())
    .sql("::uuid[], ")
    .bind::<Array<Text>, _>(baskets().map(|(_, _, cells, _)| cells.clone()).collect::<Vec<_>>())
    .sql("::text[], ")
    .bind::<Array<Integer>, _>(baskets().map(|(_, _, _, number)| *number).collect::<Vec<_>>())
    .sql("::int[]) as l (sold_on, producer_id, cells, orders) where ")
    .sql(match direction {
        Direction::Sold => "true",
        Direction::Undone => {
            "exists (select from sales_baskets b where b.producer_id = l.producer_id and b.sold_on = l.sold_on \
               and b.cells = string_to_array(l.cells, ','))"
        }
    })
    .sql(
        " order by l.producer_id, l.sold_on, l.cells \
         on conflict (producer_id, sold_on, cells) do update set orders = sales_baskets.orders ",
    )
    .sql(match direction {
        Direction::Sold => "+ excluded.orders",
        Direction::Undone => "- excluded.orders",
    })
    .sql(" returning producer_id")
}

/// A statement that changes rows of producers.
trait Changing: QueryFragment<Pg> + Query<SqlType = SqlUuid> + 'static {}

impl<S: QueryFragment<Pg> + Query<SqlType = SqlUuid> + 'static> Changing for S {}

/// Adds sales to the figures, at the end of the transaction.
pub fn add_later(tx: &mut Tx<'_>, sums: &Sums) -> Result<()> {
    tx.later_exactly(daily(sums, Direction::Sold), sums.cells.len())?;
    tx.later_exactly(baskets(sums, Direction::Sold), sums.baskets.len())
}

/// Takes sales out of the figures.
pub fn take_out(tx: &mut Tx<'_>, sums: &Sums) -> Result<()> {
    lessen(tx, sums)?;
    let changed: Vec<ProducerId> = baskets(sums, Direction::Undone).prepared().load(tx.conn)?;
    let all = changed.len() == sums.baskets.len();
    if all { Ok(()) } else { Err(Error::internal("an undone sale was never counted")) }
}

/// Takes cells out of the figures of orders that still count.
pub fn lessen(tx: &mut Tx<'_>, sums: &Sums) -> Result<()> {
    let changed: Vec<ProducerId> = daily(sums, Direction::Undone).prepared().load(tx.conn)?;
    let all = changed.len() == sums.cells.len();
    if all { Ok(()) } else { Err(Error::internal("what is undone was never counted")) }
}

/// How one grouping names its rows in SQL.
struct Grouping {
    /// Of a row of `sales_daily d` with its `place p`.
    daily_key: &'static str,
    /// Of a wanted cell: `place p`, `product_sets s`; null when the basket itself has the key.
    cell_key: &'static str,
    /// Of a basket `b` whose wanted cell is `w`.
    basket_key: &'static str,
    names: &'static str,
    order: &'static str,
}

fn grouping(group_by: GroupBy) -> Grouping {
    const BY_VALUE: &str = "value_vnd desc, key";
    match group_by {
        GroupBy::Day => Grouping {
            daily_key: "d.sold_on::text",
            cell_key: "null::text",
            basket_key: "b.sold_on::text",
            names: "select null::text as key, null::text as name where false",
            order: "key",
        },
        GroupBy::Commune => Grouping {
            daily_key: "p.code",
            cell_key: "p.code",
            basket_key: "w.key",
            names: "select code as key, name from communes",
            order: BY_VALUE,
        },
        GroupBy::FormerDistrict => Grouping {
            daily_key: "p.former_district_code",
            cell_key: "p.former_district_code",
            basket_key: "w.key",
            names: "select code as key, name from former_districts",
            order: BY_VALUE,
        },
        GroupBy::ProductSet => Grouping {
            daily_key: "d.product_set::text",
            cell_key: "s.number::text",
            basket_key: "w.key",
            names: "select number::text as key, name from product_sets",
            order: BY_VALUE,
        },
        GroupBy::Producer => Grouping {
            daily_key: "d.producer_id::text",
            cell_key: "null::text",
            basket_key: "b.producer_id::text",
            names: "select id::text as key, name from producers",
            order: BY_VALUE,
        },
    }
}

/// One statement: `place` holds the communes of the territory that the filters leave, and everything else is joined
/// to it. `hit` has a basket once per group, however many of its cells fall into it; `is_first` marks one of its
/// rows, so that the total counts it once. Baskets are numbered, since telling them apart by their cells would sort
/// arrays. The total's key is empty.
fn sales_sql(group_by: GroupBy) -> String {
    let Grouping { daily_key, cell_key, basket_key, names, order } = grouping(group_by);
    format!(
        "with place as materialized ( \
           select c.code, c.former_district_code from communes c \
           where ($1 is null or c.province_code = $1) and ($2 is null or c.code = any ($2)) \
             and ($3 is null or c.code = $3) and ($4 is null or c.former_district_code = $4)), \
         figure as ( \
           select coalesce({daily_key}, '') as key, sum(d.value_vnd)::bigint as value_vnd, \
                  sum(d.units)::bigint as units, sum(d.grams)::bigint as grams \
           from sales_daily d join place p on p.code = d.commune_code \
           where d.sold_on between $5 and $6 and ($7 is null or d.product_set = $7) and ($8 is null or d.producer_id = $8) \
           group by grouping sets (({daily_key}), ())), \
         wanted as materialized ( \
           select p.code || '/' || s.number as cell, {cell_key} as key from place p cross join product_sets s \
           where $7 is null or s.number = $7), \
         basket as materialized ( \
           select row_number() over () as number, b.sold_on, b.producer_id, b.cells, b.orders from sales_baskets b \
           where b.sold_on between $5 and $6 and ($8 is null or b.producer_id = $8)), \
         hit as ( \
           select {basket_key} as key, b.orders, row_number() over (partition by b.number) = 1 as is_first \
           from basket b cross join unnest(b.cells) as c (cell) join wanted w on w.cell = c.cell \
           group by b.number, b.orders, {basket_key}), \
         counted as ( \
           select key, sum(orders)::bigint as orders from hit group by key \
           union all select '', sum(orders) filter (where is_first)::bigint from hit), \
         name as ({names}) \
         select f.key, coalesce(n.name, f.key) as name, coalesce(f.value_vnd, 0) as value_vnd, \
                coalesce(o.orders, 0) as orders, coalesce(f.units, 0) as units, coalesce(f.grams, 0) as grams \
         from figure f left join counted o using (key) left join name n using (key) \
         where f.key = '' or f.units > 0 \
         order by f.key <> '', {order} limit $9"
    )
}

#[derive(QueryableByName)]
struct SalesRow {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    value_vnd: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = BigInt)]
    units: i64,
    #[diesel(sql_type = BigInt)]
    grams: i64,
}

/// The total, and the rows of the groups: one more than a report holds, if there are that many.
pub fn sales(tx: &mut Tx<'_>, question: &Question, area: &Area) -> Result<(Figures, Vec<Row>)> {
    let (province, communes) = match area {
        Area::Everywhere => (None, None),
        Area::Province(code) => (Some(code.as_str()), None),
        Area::Communes(codes) => (None, Some(codes.as_slice())),
    };
    let rows: Vec<SalesRow> = diesel::sql_query(sales_sql(question.group_by))
        .bind::<Nullable<Text>, _>(province)
        .bind::<Nullable<Array<Text>>, _>(communes)
        .bind::<Nullable<Text>, _>(question.commune_code.as_deref())
        .bind::<Nullable<Text>, _>(question.former_district_code.as_deref())
        .bind::<Date, _>(question.from)
        .bind::<Date, _>(question.to)
        .bind::<Nullable<SmallInt>, _>(question.product_set)
        .bind::<Nullable<SqlUuid>, _>(question.producer_id)
        .bind::<BigInt, _>(ROWS_MAX.saturating_add(2))
        .load(tx.conn)?;
    let mut rows = rows.into_iter().map(|row| {
        let SalesRow { key, name, value_vnd, orders, units, grams } = row;
        Row { key, name, figures: Figures { value_vnd, orders, units, grams } }
    });
    let total = rows.next().map(|row| row.figures).unwrap_or_default();
    Ok((total, rows.collect()))
}
