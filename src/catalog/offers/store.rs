//! All SQL on what everybody sees.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use schema::{catalogue_version, product_sets};

use super::views::Available;
use crate::kernel::sql::Prepare;
use crate::kernel::{Error, ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::places::{CommuneCode, DistrictCode};

/// Rows that are read for a page of the usual size and for any other, each with the first row of the next page.
const PAGE: usize = 21;
const PAGE_LARGE: usize = 101;

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = product_sets)]
pub struct ProductSet {
    pub number: i16,
    pub name: String,
    pub group_number: String,
    pub group_name: String,
}

pub fn product_sets(tx: &mut Tx<'_>) -> Result<Vec<ProductSet>> {
    Ok(product_sets::table.select(ProductSet::as_select()).order(product_sets::number).load(tx.conn)?)
}

/// A published product as a row of the public list.
#[derive(Debug, Clone, QueryableByName)]
pub struct Offer {
    #[diesel(sql_type = SqlUuid)]
    pub id: ProductId,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = SmallInt)]
    pub product_set: i16,
    #[diesel(sql_type = Timestamptz)]
    pub published_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub commune_name: String,
    #[diesel(sql_type = Text)]
    pub former_district_name: String,
    #[diesel(sql_type = SqlUuid)]
    pub producer_id: ProducerId,
    #[diesel(sql_type = Text)]
    pub producer_name: String,
    #[diesel(sql_type = BigInt)]
    pub price_vnd: Vnd,
}

/// What the public list is narrowed to. The queries are in the form of `to_tsquery`.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    pub words: Option<Words>,
    pub commune_code: Option<CommuneCode>,
    pub former_district_code: Option<DistrictCode>,
    pub product_set: Option<i16>,
    pub producer_id: Option<ProducerId>,
    pub price_min: Option<Vnd>,
    pub price_max: Option<Vnd>,
    pub by_price: bool,
}

/// What is looked for: anywhere, and in titles only.
#[derive(Debug, Clone)]
pub struct Words {
    pub anywhere: String,
    pub in_title: String,
}

/// Where a page of the public list ended.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct OfferPlace {
    pub part: Part,
    pub published_at: DateTime<Utc>,
    pub price_vnd: i64,
    pub id: uuid::Uuid,
}

/// A stretch of the list that one index has in order. A search is two of them, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Newest,
    Cheapest,
    TitleMatches,
    OtherMatches,
}

impl Part {
    fn condition(self) -> &'static str {
        match self {
            Part::Newest | Part::Cheapest => "true",
            Part::TitleMatches => "o.words @@ to_tsquery('simple', $2)",
            Part::OtherMatches => "o.words @@ to_tsquery('simple', $1) and not o.words @@ to_tsquery('simple', $2)",
        }
    }

    /// Behind the place where the page before ended.
    fn behind(self) -> &'static str {
        match self {
            Part::Cheapest => "o.price_vnd >= $11 and (o.price_vnd > $11 or o.product_id > $9)",
            _ => "o.published_at <= $10 and (o.published_at < $10 or o.product_id > $9)",
        }
    }

    fn order(self) -> &'static str {
        match self {
            Part::Cheapest => "o.price_vnd, o.product_id",
            _ => "o.published_at desc, o.product_id",
        }
    }
}

/// Only the conditions that are asked for, so that each shape of question is planned for itself.
fn offers_sql(filter: &OfferFilter, part: Part, after: Option<&OfferPlace>, rows_max: usize) -> String {
    let asked = [
        (true, part.condition()),
        (filter.commune_code.is_some(), "o.commune_code = $3"),
        (
            filter.former_district_code.is_some(),
            "o.commune_code in (select code from communes where former_district_code = $4)",
        ),
        (filter.product_set.is_some(), "o.product_set = $5"),
        (filter.producer_id.is_some(), "o.producer_id = $6"),
        (filter.price_min.is_some(), "o.price_max_vnd >= $7"),
        (filter.price_max.is_some(), "o.price_vnd <= $8"),
        (
            filter.price_min.is_some() && filter.price_max.is_some(),
            "exists (select from variants v where v.product_id = o.product_id and v.archived_at is null \
               and v.price_vnd between $7 and $8)",
        ),
        (after.is_some(), part.behind()),
    ];
    let conditions: Vec<&str> = asked.iter().filter(|(is_asked, _)| *is_asked).map(|(_, sql)| *sql).collect();
    format!(
        "select o.product_id, o.published_at, o.price_vnd from offers o where {} order by {} limit {}",
        conditions.join(" and "),
        part.order(),
        rows_read(rows_max)
    )
}

/// Stands in the text, since a plan for any number of rows would sort them all; so it is one of two.
fn rows_read(rows_max: usize) -> usize {
    if rows_max <= PAGE { PAGE } else { PAGE_LARGE }
}

/// A row of the list, before anything is known about it but its place.
#[derive(Debug, Clone, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    #[diesel(sql_type = Timestamptz)]
    pub published_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub price_vnd: Vnd,
}

/// Rows of one part of the list. How common the words are decides the best plan of a search, so it is planned anew
/// each time, which costs little for one table; everything else once per connection.
pub fn listed(
    tx: &mut Tx<'_>,
    filter: &OfferFilter,
    part: Part,
    after: Option<&OfferPlace>,
    rows_max: usize,
) -> Result<Vec<Listed>> {
    let query = diesel::sql_query(offers_sql(filter, part, after, rows_max))
        .bind::<Nullable<Text>, _>(filter.words.as_ref().map(|words| words.anywhere.as_str()))
        .bind::<Nullable<Text>, _>(filter.words.as_ref().map(|words| words.in_title.as_str()))
        .bind::<Nullable<Text>, _>(filter.commune_code.as_ref())
        .bind::<Nullable<Text>, _>(filter.former_district_code.as_ref())
        .bind::<Nullable<SmallInt>, _>(filter.product_set)
        .bind::<Nullable<SqlUuid>, _>(filter.producer_id)
        .bind::<Nullable<BigInt>, _>(filter.price_min)
        .bind::<Nullable<BigInt>, _>(filter.price_max)
        .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.id))
        .bind::<Nullable<Timestamptz>, _>(after.map(|place| place.published_at))
        .bind::<Nullable<BigInt>, _>(after.map(|place| place.price_vnd));
    let mut rows: Vec<Listed> =
        if filter.words.is_some() { query.load(tx.conn)? } else { query.prepared().load(tx.conn)? };
    rows.truncate(rows_max);
    Ok(rows)
}

/// Offers with the names around them, in no order.
pub fn offers(tx: &mut Tx<'_>, ids: &[ProductId]) -> Result<Vec<Offer>> {
    let rows = diesel::sql_query(
        "select o.product_id as id, p.title, o.product_set, o.published_at, o.commune_code, c.name as commune_name, \
           d.name as former_district_name, o.producer_id, s.name as producer_name, o.price_vnd \
         from offers o join products p on p.id = o.product_id join producers s on s.id = o.producer_id \
           join communes c on c.code = o.commune_code join former_districts d on d.code = c.former_district_code \
         where o.product_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .prepared()
    .load(tx.conn)?;
    Ok(rows)
}

/// The version of everything that the public catalogue shows, the stock apart.
pub fn version(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(catalogue_version::table.select(catalogue_version::version).first(tx.conn)?)
}

/// What decides whether pages are still true, all of one moment.
#[derive(Debug)]
pub struct Seen {
    pub version: i64,
    pub available: Available,
}

/// As it is on this day. Needs no context: everybody may know it.
pub fn see(conn: &mut PgConnection, variants: &[VariantId], today: NaiveDate) -> Result<Seen> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        version: i64,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        variant_id: Option<VariantId>,
        #[diesel(sql_type = Nullable<Integer>)]
        available: Option<i32>,
    }
    let rows: Vec<Row> = diesel::sql_query("select version, variant_id, available from see_offers($1, $2)")
        .bind::<Array<SqlUuid>, _>(variants)
        .bind::<Date, _>(today)
        .prepared()
        .load(conn)?;
    let version = rows.first().map(|row| row.version).ok_or_else(|| Error::internal("no version of the catalogue"))?;
    Ok(Seen { version, available: rows.into_iter().filter_map(|row| row.variant_id.zip(row.available)).collect() })
}

/// A published product with the names around it.
#[derive(Debug, QueryableByName)]
pub struct Showcase {
    #[diesel(sql_type = SqlUuid)]
    pub id: ProductId,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub description: String,
    #[diesel(sql_type = SmallInt)]
    pub product_set: i16,
    #[diesel(sql_type = Text)]
    pub product_set_name: String,
    #[diesel(sql_type = Timestamptz)]
    pub published_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub commune_name: String,
    #[diesel(sql_type = Text)]
    pub former_district_name: String,
    #[diesel(sql_type = SqlUuid)]
    pub producer_id: ProducerId,
    #[diesel(sql_type = Text)]
    pub producer_name: String,
}

pub fn showcase(tx: &mut Tx<'_>, id: ProductId) -> Result<Showcase> {
    let row = diesel::sql_query(
        "select p.id, p.title, p.description, p.product_set, n.name as product_set_name, p.published_at, \
           c.code as commune_code, c.name as commune_name, d.name as former_district_name, \
           s.id as producer_id, s.name as producer_name \
         from products p join producers s on s.id = p.producer_id and s.status = 'approved' \
           join product_sets n on n.number = p.product_set \
           join communes c on c.code = p.origin_commune_code join former_districts d on d.code = c.former_district_code \
         where p.id = $1 and p.status = 'published'",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .get_result(tx.conn)?;
    Ok(row)
}
