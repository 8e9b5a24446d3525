use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::adjust::adjust;
use super::model::{AdjustmentReason, Level};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, PathId, ProducerSurface};
use crate::kernel::input::{FaultCode, Whole};
use crate::kernel::{Error, Result, Text, VariantId};

input! {
    /// A change of stock by a difference, with its reason.
    pub struct AdjustStock {
        pub reason: AdjustmentReason,
        /// Sale units to add (positive) or take away (negative); not 0.
        #[schema(example = 25)]
        pub delta: Whole<-1_000_000, 1_000_000>,
        pub note: Option<Text<300>>,
    }
}

/// The stock of one variant, in sale units.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    pub variant_id: VariantId,
    /// What is there.
    #[schema(example = 40, minimum = 0)]
    pub on_hand: i32,
    /// What unpaid checkouts hold of it.
    #[schema(example = 3, minimum = 0)]
    pub reserved: i32,
    /// What can be bought now.
    #[schema(example = 37, minimum = 0)]
    pub available: i32,
}

/// Change the stock of a variant.
///
/// Takes a difference, not a total: buyers may have bought since the phone last looked. Stock never falls below what
/// is held for buyers. The key makes it safe to send again.
#[utoipa::path(tag = "Stock", operation_id = "adjust_stock", request_body = AdjustStock,
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = StockView, description = "The stock after the change")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "stock.below_reserved"]))))]
#[post("/v1/producer/variants/{id}/stock-adjustments")]
async fn adjust_stock(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    command: Command<AdjustStock>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let AdjustStock { reason, delta, note } = input;
            if delta.value() == 0 {
                return Err(Error::invalid("/delta", FaultCode::OutOfRange, "≠ 0"));
            }
            let level = adjust(tx, id.0, reason.into(), delta.value(), note.as_ref().map(Text::as_str))?;
            let Level { on_hand, reserved } = level;
            Answer::ok(&StockView { variant_id: id.0, on_hand, reserved, available: level.available() })
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(adjust_stock);
}
