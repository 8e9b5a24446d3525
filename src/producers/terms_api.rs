//! On what terms a producer sells.

use actix_web::web::Data;
use actix_web::{HttpResponse, put};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{standing, store};
use crate::app::App;
use crate::audit;
use crate::kernel::http::{Answer, Command, KeyRule, ProducerSurface};
use crate::kernel::input::{FaultCode, Faults, Input};
use crate::kernel::{ProducerId, Result, Tx, Vnd};

/// The least that a producer may ask for: 0 to 100,000,000 đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = i64, minimum = 0, maximum = 100_000_000, example = 100_000)]
#[serde(transparent)]
pub struct MinimumOrder(Vnd);

impl MinimumOrder {
    const MAX: i64 = 100_000_000;
}

impl Input for MinimumOrder {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        let minimum = Vnd::new(amount).filter(|_| amount <= Self::MAX);
        if minimum.is_none() {
            at.add(FaultCode::OutOfRange, &format!("0–{}", Self::MAX));
        }
        minimum.map(Self)
    }
}

crate::input! {
    /// The terms, all at once.
    pub struct SellingTerms {
        /// What the goods of one order must cost at least, in đồng, without delivery; 0 for no minimum.
        pub minimum_order_vnd: MinimumOrder,
    }
}

/// The terms as they are.
#[derive(Serialize, ToSchema)]
pub struct SellingTermsView {
    pub producer_id: ProducerId,
    pub minimum_order_vnd: Vnd,
}

/// Say on what terms I sell.
///
/// Purchases that were placed keep the terms of their time.
#[utoipa::path(tag = "Producers", operation_id = "put_selling_terms", request_body = SellingTerms,
    responses((status = 200, body = SellingTermsView, description = "The terms")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[put("/v1/producer/selling-terms")]
pub async fn put_selling_terms(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<SellingTerms>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, terms| Answer::ok(&set(tx, terms)?)).await
}

fn set(tx: &mut Tx<'_>, terms: SellingTerms) -> Result<SellingTermsView> {
    let producer_id = standing::registered(tx)?;
    let minimum = terms.minimum_order_vnd.0;
    store::set_minimum_order(tx, producer_id, minimum)?;
    audit::write(tx, "producer.terms", "producer", producer_id.0, json!({"minimum_order_vnd": minimum}))?;
    Ok(SellingTermsView { producer_id, minimum_order_vnd: minimum })
}
