//! All SQL on product sets, products and variants.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, SmallInt, Text, Uuid as SqlUuid};
use schema::{products, variants};

use super::model::{ProductStatus, Unit};
use crate::kernel::sql::Prepare;
use crate::kernel::time::vietnam_day;
use crate::kernel::{ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::places::CommuneCode;
use crate::shipping::TransportClass;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = products)]
pub struct Product {
    pub id: ProductId,
    pub producer_id: ProducerId,
    pub product_set: i16,
    pub title: String,
    pub description: String,
    pub origin_commune_code: CommuneCode,
    pub transport_class: TransportClass,
    pub status: ProductStatus,
    pub status_reason: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = variants)]
pub struct Variant {
    pub id: VariantId,
    pub product_id: ProductId,
    pub label: String,
    pub unit: Unit,
    pub net_weight_g: i32,
    pub price_vnd: Vnd,
    pub is_weighed: bool,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// What a producer says of a product, with the keys it is searched by.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = products)]
pub struct Content {
    pub product_set: i16,
    pub title: String,
    pub description: String,
    pub origin_commune_code: CommuneCode,
    pub transport_class: TransportClass,
    pub title_key: String,
    pub place_key: String,
}

pub fn insert(tx: &mut Tx<'_>, producer_id: ProducerId, content: &Content) -> Result<Product> {
    let row = diesel::insert_into(products::table)
        .values((
            products::id.eq(ProductId::generate()),
            products::producer_id.eq(producer_id),
            content,
            products::status.eq(ProductStatus::Draft),
            products::created_at.eq(tx.now),
            products::updated_at.eq(tx.now),
        ))
        .returning(Product::as_returning())
        .get_result(tx.conn)?;
    Ok(row)
}

pub struct NewVariantRow {
    pub product_id: ProductId,
    pub producer_id: ProducerId,
    pub label: String,
    pub unit: Unit,
    pub net_weight_g: i32,
    pub price_vnd: Vnd,
    pub is_weighed: bool,
}

pub fn insert_variant(tx: &mut Tx<'_>, row: NewVariantRow) -> Result<Variant> {
    let NewVariantRow { product_id, producer_id, label, unit, net_weight_g, price_vnd, is_weighed } = row;
    let variant = diesel::insert_into(variants::table)
        .values((
            variants::id.eq(VariantId::generate()),
            variants::product_id.eq(product_id),
            variants::producer_id.eq(producer_id),
            variants::label.eq(label),
            variants::unit.eq(unit),
            variants::net_weight_g.eq(net_weight_g),
            variants::price_vnd.eq(price_vnd),
            variants::is_weighed.eq(is_weighed),
            variants::created_at.eq(tx.now),
            variants::updated_at.eq(tx.now),
        ))
        .returning(Variant::as_returning())
        .get_result(tx.conn)?;
    Ok(variant)
}

/// A product of this producer.
pub fn own(tx: &mut Tx<'_>, producer_id: ProducerId, id: ProductId) -> Result<Product> {
    let row = products::table
        .find(id)
        .filter(products::producer_id.eq(producer_id))
        .select(Product::as_select())
        .first(tx.conn)?;
    Ok(row)
}

/// A product of this producer, held until the transaction ends so that its variants cannot change meanwhile.
pub fn lock_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: ProductId) -> Result<Product> {
    let row = products::table
        .find(id)
        .filter(products::producer_id.eq(producer_id))
        .select(Product::as_select())
        .for_update()
        .first(tx.conn)?;
    Ok(row)
}

pub fn find(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    Ok(products::table.find(id).select(Product::as_select()).first(tx.conn)?)
}

/// Whose a product is that the actor may see.
pub fn producer_of(tx: &mut Tx<'_>, id: ProductId) -> Result<ProducerId> {
    Ok(products::table.find(id).select(products::producer_id).first(tx.conn)?)
}

/// Refuses what the actor may not see; everybody sees what is published.
pub fn must_be_visible(tx: &mut Tx<'_>, id: ProductId) -> Result<()> {
    find(tx, id).map(drop)
}

pub fn lock(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    Ok(products::table.find(id).select(Product::as_select()).for_update().first(tx.conn)?)
}

/// Which product a variant of this producer belongs to.
pub fn product_of(tx: &mut Tx<'_>, producer_id: ProducerId, id: VariantId) -> Result<ProductId> {
    let row = variants::table
        .find(id)
        .filter(variants::producer_id.eq(producer_id))
        .select(variants::product_id)
        .first(tx.conn)?;
    Ok(row)
}

pub fn variant(tx: &mut Tx<'_>, id: VariantId) -> Result<Variant> {
    Ok(variants::table.find(id).select(Variant::as_select()).first(tx.conn)?)
}

/// Variants of these products, archived ones too, by product and age.
pub fn variants_of(tx: &mut Tx<'_>, product_ids: &[ProductId]) -> Result<Vec<Variant>> {
    let rows = variants::table
        .filter(variants::product_id.eq_any(product_ids))
        .select(Variant::as_select())
        .order((variants::product_id, variants::id))
        .load(tx.conn)?;
    Ok(rows)
}

pub fn live_variants(tx: &mut Tx<'_>, product_id: ProductId) -> Result<i64> {
    let count = variants::table
        .filter(variants::product_id.eq(product_id))
        .filter(variants::archived_at.is_null())
        .count()
        .get_result(tx.conn)?;
    Ok(count)
}

/// Writes new content over the version that was read; `None` when it has changed since.
pub fn rewrite(tx: &mut Tx<'_>, old: &Product, content: &Content, next: ProductStatus) -> Result<Option<Product>> {
    let row = diesel::update(products::table.find(old.id))
        .filter(products::version.eq(old.version))
        .filter(products::status.eq(old.status))
        .set((
            content,
            products::status.eq(next),
            products::version.eq(products::version + 1),
            products::updated_at.eq(tx.now),
        ))
        .returning(Product::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Moves the status; `None` when it has changed since. Being published again keeps the first moment.
pub fn shift(tx: &mut Tx<'_>, old: &Product, next: ProductStatus, reason: Option<&str>) -> Result<Option<Product>> {
    let published_at =
        if next == ProductStatus::Published { old.published_at.or(Some(tx.now)) } else { old.published_at };
    let row = diesel::update(products::table.find(old.id))
        .filter(products::version.eq(old.version))
        .filter(products::status.eq(old.status))
        .set((
            products::status.eq(next),
            products::status_reason.eq(reason),
            products::published_at.eq(published_at),
            products::version.eq(products::version + 1),
            products::updated_at.eq(tx.now),
        ))
        .returning(Product::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

pub fn set_place_key(tx: &mut Tx<'_>, id: ProductId, place_key: &str) -> Result<()> {
    diesel::update(products::table.find(id)).set(products::place_key.eq(place_key)).execute(tx.conn)?;
    Ok(())
}

/// Writes a variant over the version that was read; `None` when it has changed since.
pub fn rewrite_variant(tx: &mut Tx<'_>, old_version: i32, new: &Variant) -> Result<Option<Variant>> {
    let row = diesel::update(variants::table.find(new.id))
        .filter(variants::version.eq(old_version))
        .set((
            variants::label.eq(&new.label),
            variants::price_vnd.eq(new.price_vnd),
            variants::archived_at.eq(new.archived_at),
            variants::version.eq(variants::version + 1),
            variants::updated_at.eq(tx.now),
        ))
        .returning(Variant::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Products of one producer, or of all, in the order of their creation.
pub fn list(
    tx: &mut Tx<'_>,
    producer_id: Option<ProducerId>,
    status: Option<ProductStatus>,
    after: Option<ProductId>,
    rows_max: i64,
) -> Result<Vec<Product>> {
    let mut query = products::table.select(Product::as_select()).order(products::id).limit(rows_max).into_boxed();
    if let Some(producer_id) = producer_id {
        query = query.filter(products::producer_id.eq(producer_id));
    }
    if let Some(status) = status {
        query = query.filter(products::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(products::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

/// A variant as carts and orders need it. Of a product that its reader may not see, only what the variant itself
/// says is filled; title and commune are empty then, the product set is 0, its class ambient, and it is not sellable.
#[derive(Debug, Clone, QueryableByName)]
pub struct ForSale {
    #[diesel(sql_type = SqlUuid)]
    pub variant_id: VariantId,
    #[diesel(sql_type = SqlUuid)]
    pub product_id: ProductId,
    #[diesel(sql_type = SqlUuid)]
    pub producer_id: ProducerId,
    #[diesel(sql_type = Text)]
    pub product_title: String,
    #[diesel(sql_type = Text)]
    pub variant_label: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// Grams of one unit; 0 for a service.
    #[diesel(sql_type = Integer)]
    pub net_weight_g: i32,
    #[diesel(sql_type = BigInt)]
    pub price: Vnd,
    #[diesel(sql_type = SmallInt)]
    pub product_set: i16,
    #[diesel(sql_type = Text)]
    pub origin_commune_code: String,
    #[diesel(sql_type = Text)]
    pub transport_class: TransportClass,
    #[diesel(sql_type = Text)]
    pub producer_name: String,
    /// Whether the price follows the weight that is really packed.
    #[diesel(sql_type = Bool)]
    pub is_weighed: bool,
    /// Goods for less are not sold to one buyer at once.
    #[diesel(sql_type = BigInt)]
    pub minimum_order: Vnd,
    /// Published, not archived, and of an approved producer.
    #[diesel(sql_type = Bool)]
    pub sellable: bool,
    /// Sale units that can be ordered now, where that was asked for.
    #[diesel(sql_type = Integer)]
    pub available: i32,
}

/// The producers of few goods are looked up one by one: PostgreSQL would read all that there are.
pub fn for_sale(tx: &mut Tx<'_>, ids: &[VariantId]) -> Result<Vec<ForSale>> {
    Ok(diesel::sql_query(selling("0", "")).bind::<Array<SqlUuid>, _>(ids).prepared().load(tx.conn)?)
}

/// The same with what can be ordered now.
pub fn for_sale_and_available(tx: &mut Tx<'_>, ids: &[VariantId]) -> Result<Vec<ForSale>> {
    let seen = "left join see_offers($1, $2) k on k.variant_id = v.id";
    let today = vietnam_day(tx.now);
    let query = diesel::sql_query(selling("coalesce(k.available, 0)", seen)).bind::<Array<SqlUuid>, _>(ids);
    Ok(query.bind::<Date, _>(today).prepared().load(tx.conn)?)
}

fn selling(available: &str, seen: &str) -> String {
    format!(
        "select v.id as variant_id, v.product_id, v.producer_id, coalesce(p.title, '') as product_title, \
           v.label as variant_label, v.unit, v.net_weight_g, v.price_vnd as price, \
           coalesce(p.product_set, 0::smallint) as product_set, \
           coalesce(p.origin_commune_code, '') as origin_commune_code, \
           coalesce(p.transport_class, 'ambient') as transport_class, coalesce(s.name, '') as producer_name, \
           v.is_weighed, coalesce(s.minimum_order_vnd, 0) as minimum_order, \
           (p.status = 'published' and v.archived_at is null and s.status = 'approved') is true as sellable, \
           {available} as available \
         from variants v left join products p on p.id = v.product_id {seen} \
         left join lateral (select name, minimum_order_vnd, status from producers where id = v.producer_id limit 1) s on true \
         where v.id = any($1) order by v.id"
    )
}
