//! The route that makes a guest.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::identity::api::{TokenAnswer, platform, token_answer};
use crate::kernel::http::{ClientAddress, Command, Visitor};
use crate::kernel::{Result, Text};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(open_guest);
}

crate::input! {
    /// Whose phone buys without signing in.
    pub struct GuestRequest {
        /// Made once by the app for this installation.
        pub device_id: Text<128>,
    }
}

/// Buy as a guest.
///
/// Makes an account without a phone number and opens its session for the buyers' surface, with which everything there
/// works. It cannot be signed in to: keep the refresh token, and of a purchase its order token. Guests have no password
/// and open no other surface; whoever signs in by one-time code later has an account of his own, and orders that were
/// placed as a guest stay where they are. A guest who buys nothing is removed 30 days after it was last used. At most 30
/// guests an hour from one network.
#[utoipa::path(tag = "Sign-in", operation_id = "open_guest", request_body = GuestRequest,
    responses((status = 200, body = TokenAnswer, description = "A guest's session")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.too_many_guests"]))))]
#[post("/v1/auth/guest")]
async fn open_guest(
    app: Data<App>,
    visitor: Visitor,
    from: ClientAddress,
    command: Command<GuestRequest>,
) -> Result<HttpResponse> {
    let (source, device_id) = (from.network(), command.input.device_id.into_string());
    let signed = app.db.write(&platform(&visitor), move |tx| super::open(tx, &source, &device_id)).await?;
    token_answer(&app, signed)
}
