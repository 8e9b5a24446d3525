//! What the routes of the catalogue answer.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{ProductEvent, ProductStatus, Unit, price_per_kg};
use super::store::{self, Product, Variant};
use crate::kernel::http::Answer;
use crate::kernel::{ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::places::CommuneCode;
use crate::shipping::TransportClass;
use crate::stock::{self, Level};

/// A variant, as its producer and the operator see it.
#[derive(Serialize, ToSchema)]
pub struct VariantView {
    id: VariantId,
    product_id: ProductId,
    #[schema(example = "Hộp 500 g", max_length = 80)]
    label: String,
    unit: Unit,
    /// Grams of one unit; 0 for a service.
    #[schema(minimum = 0, maximum = 1_000_000)]
    net_weight_g: i32,
    price_vnd: Vnd,
    price_per_kg_vnd: Option<Vnd>,
    /// Whether the price follows the weight that is really packed.
    is_weighed: bool,
    /// Units in store.
    #[schema(minimum = 0)]
    on_hand: i32,
    /// Units in store that are promised to buyers.
    #[schema(minimum = 0)]
    reserved: i32,
    archived_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match` with a change.
    #[schema(minimum = 1)]
    version: i32,
}

impl VariantView {
    pub fn new(variant: Variant, level: Option<Level>) -> Self {
        let Variant { id, product_id, label, unit, net_weight_g, price_vnd, is_weighed, archived_at, version } =
            variant;
        let (on_hand, reserved) = level.map_or((0, 0), |level| (level.on_hand, level.reserved));
        let price_per_kg_vnd = price_per_kg(price_vnd, net_weight_g);
        Self {
            id,
            product_id,
            label,
            unit,
            net_weight_g,
            price_vnd,
            price_per_kg_vnd,
            is_weighed,
            on_hand,
            reserved,
            archived_at,
            version,
        }
    }

    pub fn with_stock(tx: &mut Tx<'_>, variant: Variant) -> Result<Self> {
        let level = stock::levels(tx, &[variant.id])?.get(&variant.id).copied();
        Ok(Self::new(variant, level))
    }

    pub fn answer(&self) -> Result<Answer> {
        Ok(Answer::ok(self)?.versioned(self.version))
    }

    pub fn created(&self) -> Result<Answer> {
        Ok(Answer::created(self, format!("/v1/producer/products/{}", self.product_id))?.versioned(self.version))
    }
}

/// A product, as its producer and the operator see it.
#[derive(Serialize, ToSchema)]
pub struct ProductView {
    pub id: ProductId,
    producer_id: ProducerId,
    #[schema(minimum = 1, maximum = 26)]
    product_set: i16,
    #[schema(example = "Chè Shan tuyết cổ thụ", max_length = 150)]
    title: String,
    #[schema(max_length = 5000)]
    description: String,
    origin_commune_code: CommuneCode,
    /// How it must be carried.
    transport_class: TransportClass,
    status: ProductStatus,
    /// Why it was rejected or what has to change.
    #[schema(max_length = 500)]
    status_reason: Option<String>,
    published_at: Option<DateTime<Utc>>,
    /// Archived ones too.
    #[schema(max_items = 1000)]
    variants: Vec<VariantView>,
    /// Send it as `If-Match` with a change. Variants have versions of their own.
    #[schema(minimum = 1)]
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the reader may do now.
    #[schema(max_items = 8)]
    allowed_actions: Vec<ProductEvent>,
}

impl ProductView {
    pub fn of_producer(tx: &mut Tx<'_>, product: Product) -> Result<Self> {
        let allowed = product.status.actions_of_producer();
        Self::new(tx, product, allowed)
    }

    pub fn of_operator(tx: &mut Tx<'_>, product: Product) -> Result<Self> {
        let allowed = product.status.actions_of_operator();
        Self::new(tx, product, allowed)
    }

    fn new(tx: &mut Tx<'_>, product: Product, allowed_actions: Vec<ProductEvent>) -> Result<Self> {
        let rows = store::variants_of(tx, &[product.id])?;
        let ids: Vec<VariantId> = rows.iter().map(|variant| variant.id).collect();
        let levels = stock::levels(tx, &ids)?;
        let variants = rows
            .into_iter()
            .map(|variant| {
                let level = levels.get(&variant.id).copied();
                VariantView::new(variant, level)
            })
            .collect();
        let Product {
            id,
            producer_id,
            product_set,
            title,
            description,
            origin_commune_code,
            transport_class,
            status,
            status_reason,
            published_at,
            version,
            created_at,
            updated_at,
        } = product;
        Ok(Self {
            id,
            producer_id,
            product_set,
            title,
            description,
            origin_commune_code,
            transport_class,
            status,
            status_reason,
            published_at,
            variants,
            version,
            created_at,
            updated_at,
            allowed_actions,
        })
    }

    pub fn answer(&self) -> Result<Answer> {
        Ok(Answer::ok(self)?.versioned(self.version))
    }

    pub fn created(&self) -> Result<Answer> {
        Ok(Answer::created(self, format!("/v1/producer/products/{}", self.id))?.versioned(self.version))
    }
}

/// A product in the list of its producer or of the operator.
#[derive(Serialize, ToSchema)]
pub struct ProductItem {
    pub id: ProductId,
    producer_id: ProducerId,
    #[schema(minimum = 1, maximum = 26)]
    product_set: i16,
    #[schema(example = "Chè Shan tuyết cổ thụ", max_length = 150)]
    title: String,
    origin_commune_code: CommuneCode,
    status: ProductStatus,
    #[schema(max_length = 500)]
    status_reason: Option<String>,
    published_at: Option<DateTime<Utc>>,
    #[schema(minimum = 1)]
    version: i32,
    updated_at: DateTime<Utc>,
    #[schema(max_items = 8)]
    allowed_actions: Vec<ProductEvent>,
}

impl ProductItem {
    pub fn new(product: Product, allowed: fn(ProductStatus) -> Vec<ProductEvent>) -> Self {
        let Product {
            id,
            producer_id,
            product_set,
            title,
            origin_commune_code,
            status,
            status_reason,
            published_at,
            version,
            updated_at,
            ..
        } = product;
        let allowed_actions = allowed(status);
        Self {
            id,
            producer_id,
            product_set,
            title,
            origin_commune_code,
            status,
            status_reason,
            published_at,
            version,
            updated_at,
            allowed_actions,
        }
    }
}
