//! The route that opens a guest's order again.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::Proof;
use crate::app::App;
use crate::identity::{TokenAnswer, platform, token_answer};
use crate::kernel::http::{ClientAddress, Command, Visitor};
use crate::kernel::input::Opaque;
use crate::kernel::{PhoneNumber, Result, Text};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(open_guest_order);
}

crate::input! {
    /// What proves that an order of a guest is one's own.
    pub struct GuestOrderRequest {
        /// Of any order of the purchase; capitals or not.
        #[schema(example = "7K2M9QXA")]
        pub order_code: Text<8>,
        /// The recipient's number, as it was given with the purchase.
        pub phone: PhoneNumber,
        /// From the answer to the purchase.
        pub order_token: Opaque<64>,
        /// Made once by the app for this installation.
        pub device_id: Text<128>,
    }
}

/// Open a guest's order from another device.
///
/// Gives tokens of the guest who placed it, for the buyers' surface. A code that no order has, a wrong number and a wrong
/// token are answered alike, and so is the order of somebody who signed in to buy. After five wrong tries for one code,
/// or twenty from one network, within 15 minutes everybody has to wait, even with the right token.
#[utoipa::path(tag = "Sign-in", operation_id = "open_guest_order", request_body = GuestOrderRequest,
    responses((status = 200, body = TokenAnswer, description = "A session of the guest")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.guest_order_wrong",
        "identity.account_suspended", "identity.too_many_failures"]))))]
#[post("/v1/auth/guest/orders")]
async fn open_guest_order(
    app: Data<App>,
    visitor: Visitor,
    from: ClientAddress,
    command: Command<GuestOrderRequest>,
) -> Result<HttpResponse> {
    let GuestOrderRequest { order_code, phone, order_token, device_id } = command.input;
    let proof = Proof {
        order_code: order_code.as_str().to_ascii_uppercase(),
        phone,
        order_token: order_token.expose().to_owned(),
        device_id: device_id.into_string(),
        source: from.network(),
    };
    let held = app.clone();
    let signed = app.db.write(&platform(&visitor), move |tx| super::open(tx, &held.tokens, &proof)).await??;
    token_answer(&app, signed)
}
