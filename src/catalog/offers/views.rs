//! What everybody sees of the catalogue.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{Offer, ProductSet, Showcase};
use crate::catalog::model::{Unit, price_per_kg};
use crate::catalog::store::Variant;
use crate::kernel::{ProducerId, ProductId, VariantId, Vnd};
use crate::places::CommuneCode;

/// One of the 26 OCOP product sets (Decision 26/2026/QĐ-TTg).
#[derive(Serialize, ToSchema)]
pub struct ProductSetView {
    #[schema(minimum = 1, maximum = 26)]
    number: i16,
    #[schema(example = "Chè tươi, chè chế biến", max_length = 200)]
    name: String,
    #[schema(example = "I", max_length = 3)]
    group_number: String,
    #[schema(example = "Sản phẩm thực phẩm", max_length = 200)]
    group_name: String,
}

impl From<ProductSet> for ProductSetView {
    fn from(set: ProductSet) -> Self {
        let ProductSet { number, name, group_number, group_name } = set;
        Self { number, name, group_number, group_name }
    }
}

/// A published product in the public list.
#[derive(Clone, Serialize, ToSchema)]
pub struct OfferItem {
    id: ProductId,
    #[schema(example = "Chè Shan tuyết cổ thụ", max_length = 150)]
    title: String,
    #[schema(minimum = 1, maximum = 26)]
    product_set: i16,
    /// Of the cheapest variant.
    price_vnd: Vnd,
    /// Of the cheapest variant; absent for a service.
    price_per_kg_vnd: Option<Vnd>,
    /// Units of all variants that can be bought now.
    #[schema(minimum = 0)]
    available: i64,
    commune_code: CommuneCode,
    #[schema(example = "Cao Bồ", max_length = 100)]
    commune_name: String,
    #[schema(example = "Vị Xuyên", max_length = 100)]
    former_district_name: String,
    producer_id: ProducerId,
    #[schema(max_length = 150)]
    producer_name: String,
    published_at: DateTime<Utc>,
    #[serde(skip)]
    variants: Vec<VariantId>,
}

impl OfferItem {
    /// Nothing is available until it is stocked.
    pub fn new(offer: Offer, price_per_kg_vnd: Option<Vnd>, variants: Vec<VariantId>) -> Self {
        let Offer {
            id,
            title,
            product_set,
            published_at,
            commune_code,
            commune_name,
            former_district_name,
            producer_id,
            producer_name,
            price_vnd,
        } = offer;
        Self {
            id,
            title,
            product_set,
            price_vnd,
            price_per_kg_vnd,
            available: 0,
            commune_code,
            commune_name,
            former_district_name,
            producer_id,
            producer_name,
            published_at,
            variants,
        }
    }

    /// The variants whose stock it adds up.
    pub fn variants(&self) -> &[VariantId] {
        &self.variants
    }

    pub fn restock(&mut self, available: &Available) {
        self.available = self.available_in(available);
    }

    pub fn is_stocked_as(&self, available: &Available) -> bool {
        self.available == self.available_in(available)
    }

    fn available_in(&self, available: &Available) -> i64 {
        self.variants.iter().map(|id| i64::from(units(*id, available))).sum()
    }
}

/// Units of each variant that can be bought.
pub type Available = HashMap<VariantId, i32>;

/// A variant that is not known has nothing to sell.
fn units(id: VariantId, available: &Available) -> i32 {
    available.get(&id).copied().unwrap_or(0)
}

/// A variant that buyers can choose.
#[derive(Clone, Serialize, ToSchema)]
pub struct ChoiceView {
    id: VariantId,
    #[schema(example = "Hộp 500 g", max_length = 80)]
    label: String,
    unit: Unit,
    /// Grams of one unit; 0 for a service.
    #[schema(minimum = 0, maximum = 1_000_000)]
    net_weight_g: i32,
    price_vnd: Vnd,
    price_per_kg_vnd: Option<Vnd>,
    /// Units that can be bought now.
    #[schema(minimum = 0)]
    available: i32,
}

impl ChoiceView {
    fn new(variant: Variant, available: &Available) -> Self {
        let Variant { id, label, unit, net_weight_g, price_vnd, .. } = variant;
        let price_per_kg_vnd = price_per_kg(price_vnd, net_weight_g);
        let available = units(id, available);
        Self { id, label, unit, net_weight_g, price_vnd, price_per_kg_vnd, available }
    }
}

/// A published product.
#[derive(Clone, Serialize, ToSchema)]
pub struct ShowcaseView {
    id: ProductId,
    #[schema(example = "Chè Shan tuyết cổ thụ", max_length = 150)]
    title: String,
    #[schema(max_length = 5000)]
    description: String,
    #[schema(minimum = 1, maximum = 26)]
    product_set: i16,
    #[schema(max_length = 200)]
    product_set_name: String,
    published_at: DateTime<Utc>,
    /// Where it comes from.
    commune_code: CommuneCode,
    #[schema(example = "Cao Bồ", max_length = 100)]
    commune_name: String,
    /// The district that most of the commune belonged to.
    #[schema(example = "Vị Xuyên", max_length = 100)]
    former_district_name: String,
    /// Kind and address are at `/v1/public/producers/{id}`.
    producer_id: ProducerId,
    #[schema(max_length = 150)]
    producer_name: String,
    #[schema(max_items = 20)]
    variants: Vec<ChoiceView>,
}

impl ShowcaseView {
    pub fn new(showcase: Showcase, variants: Vec<Variant>, available: &Available) -> Self {
        let Showcase {
            id,
            title,
            description,
            product_set,
            product_set_name,
            published_at,
            commune_code,
            commune_name,
            former_district_name,
            producer_id,
            producer_name,
        } = showcase;
        let variants = variants.into_iter().map(|variant| ChoiceView::new(variant, available)).collect();
        Self {
            id,
            title,
            description,
            product_set,
            product_set_name,
            published_at,
            commune_code,
            commune_name,
            former_district_name,
            producer_id,
            producer_name,
            variants,
        }
    }

    pub fn variants(&self) -> impl Iterator<Item = VariantId> {
        self.variants.iter().map(|choice| choice.id)
    }

    pub fn restock(&mut self, available: &Available) {
        for choice in &mut self.variants {
            choice.available = units(choice.id, available);
        }
    }

    pub fn is_stocked_as(&self, available: &Available) -> bool {
        self.variants.iter().all(|choice| choice.available == units(choice.id, available))
    }
}
