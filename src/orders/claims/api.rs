//! Routes of claims for buyers, and what they share with the other parties.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::answer::{Say, answer, readable};
use super::model::{ClaimEvent, ClaimKind, ClaimWish, Party};
use super::open::{Demand, open};
use super::store;
use super::views::{ClaimView, one, views};
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, BuyerSurface, Command, KeyRule, NoBody, Page, PageLinks, PathId, json as json_answer,
};
use crate::kernel::input::{List, Whole};
use crate::kernel::{Actor, Audience, ClaimId, OrderId, Result, Text, VariantId, Vnd};
use crate::orders::store as orders_store;
use crate::storage::PhotoIds;

input! {
    /// What is wrong with which goods of an order.
    pub struct NewClaim {
        pub kind: ClaimKind,
        #[schema(example = "Hai chai mật ong bị vỡ khi nhận hàng.")]
        pub text: Text<2000>,
        pub wish: ClaimWish,
        #[schema(value_type = Vec<ClaimLineInput>, min_items = 1, max_items = 50)]
        pub lines: List<ClaimLineInput, 50>,
        /// Photos that were sent before, for all parties. What is damaged, spoiled or the wrong goods needs one.
        pub photo_ids: Option<PhotoIds>,
    }
}

input! {
    /// How much of what was ordered is claimed.
    pub struct ClaimLineInput {
        pub variant_id: VariantId,
        /// Sale units, at most those that were ordered.
        #[schema(example = 2)]
        pub quantity: Whole<1, 10_000>,
    }
}

input! {
    /// What a party writes; it stays and every party reads it.
    pub struct ClaimText {
        #[schema(example = "Chai được bọc kỹ, ảnh chụp trước khi gửi còn nguyên.")]
        pub text: Text<2000>,
    }
}

/// What a step says besides its name.
pub type Said = (Option<String>, Option<Vnd>);

pub fn text_of(input: ClaimText) -> Said {
    (Some(input.text.into_string()), None)
}

pub fn nothing(_: NoBody) -> Said {
    (None, None)
}

/// Claim for goods of a delivered order.
///
/// Until the order's `due_at`, once. What was paid for the goods is claimed, and the way with it when everything is claimed. The producer has 48 hours to answer.
#[utoipa::path(tag = "Claims", operation_id = "open_claim", request_body = NewClaim,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 201, body = ClaimView, description = "The claim")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "orders.illegal_action", "claims.window_closed", "claims.nothing_paid"]))))]
#[post("/v1/buyer/orders/{id}/claims")]
async fn open_claim(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NewClaim>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let NewClaim { kind, text, wish, lines, photo_ids } = input;
            let lines = lines.into_vec().into_iter().map(|line| (line.variant_id, line.quantity.value())).collect();
            let photo_ids = photo_ids.map_or_else(Vec::new, |ids| ids.0);
            let claim = open(tx, id.0, &Demand { kind, text: text.into_string(), wish, lines, photo_ids })?;
            let view = one(tx, claim, Party::Buyer)?;
            Ok(Answer::created(&view, format!("/v1/buyer/claims/{}", view.id))?.versioned(view.version))
        })
        .await
}

/// List the claims for one of my orders.
///
/// None or one.
#[utoipa::path(tag = "Claims", operation_id = "list_buyer_order_claims",
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = Page<ClaimView>, description = "The claims")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/claims")]
async fn list_buyer_order_claims(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let data: Vec<ClaimView> = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let order = orders_store::find_buyers_order(tx, buyer_id, id.0)?;
            let claims = store::of_order(tx, order.id)?.into_iter().collect();
            views(tx, claims, Party::Buyer)
        })
        .await?;
    json_answer(&request, None, &Page { data, page: PageLinks { next_cursor: None } })
}

/// Show one of my claims.
///
/// With its amounts, its steps and what I can do now.
#[utoipa::path(tag = "Claims", operation_id = "show_buyer_claim",
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/claims/{id}")]
async fn show_buyer_claim(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ClaimId>,
) -> Result<HttpResponse> {
    shown(&request, &app, &actor.0, (Party::Buyer, id.0)).await
}

/// Accept what the producer offers for a claim.
///
/// It is owed to me, and the order ends.
#[utoipa::path(tag = "Claims", operation_id = "accept_claim_offer", request_body = NoBody,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The settled claim")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/buyer/claims/{id}/accept-offer")]
async fn accept_claim_offer(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ClaimId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Buyer, id.0, ClaimEvent::AcceptOffer), nothing).await
}

/// Reject what the producer offers for a claim.
///
/// The operator decides then.
#[utoipa::path(tag = "Claims", operation_id = "reject_claim_offer", request_body = ClaimText,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim before the operator")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/buyer/claims/{id}/reject-offer")]
async fn reject_claim_offer(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ClaimId>,
    command: Command<ClaimText>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Buyer, id.0, ClaimEvent::RejectOffer), text_of).await
}

/// Withdraw one of my claims.
///
/// The order is completed; it cannot be claimed again.
#[utoipa::path(tag = "Claims", operation_id = "withdraw_claim", request_body = NoBody,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The withdrawn claim")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/buyer/claims/{id}/withdraw")]
async fn withdraw_claim(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ClaimId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Buyer, id.0, ClaimEvent::Withdraw), nothing).await
}

/// One claim as a party may see it.
pub async fn shown(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    (party, id): (Party, ClaimId),
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(actor, move |tx| {
            let claim = readable(tx, party, id)?;
            one(tx, claim, party)
        })
        .await?;
    json_answer(request, Some(view.version), &view)
}

/// Moves a claim for one party and answers with it.
pub async fn answered<T: Clone + Send + 'static>(
    app: &Data<App>,
    actor: &Actor,
    command: Command<T>,
    (party, id, event): (Party, ClaimId, ClaimEvent),
    said: fn(T) -> Said,
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Required, move |tx, input| {
            let (text, amount) = said(input);
            let claim = answer(tx, party, id, &Say { event, text: text.as_deref(), amount })?;
            let view = one(tx, claim, party)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(open_claim)
        .service(list_buyer_order_claims)
        .service(show_buyer_claim)
        .service(accept_claim_offer)
        .service(reject_claim_offer)
        .service(withdraw_claim);
}
