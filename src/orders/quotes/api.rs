use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::contract::Contract;
use super::make::{Question, Shown, ShownPart, Way, make};
use super::store;
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, BuyerSurface, Command, KeyRule, PathId, ProducerSurface, json as json_answer};
use crate::kernel::input::{List, Opaque};
use crate::kernel::{Audience, Error, OrderId, ProducerId, QuoteId, Result, Tx, VariantId, Vnd};
use crate::orders::items::Item;
use crate::orders::model::{Order, Side};
use crate::orders::move_order::readable;
use crate::places::CommuneCode;
use crate::shipping::DeliveryOption;
use crate::vouchers::VoucherCode;

input! {
    /// Where the cart should go and how.
    pub struct MakeQuote {
        /// Today's commune, five digits.
        pub commune_code: CommuneCode,
        /// How the goods of some producers should come; for the others the cheapest way is taken.
        #[schema(value_type = Option<Vec<WayInput>>, max_items = 50)]
        pub ways: Option<List<WayInput, 50>>,
        /// One voucher for the whole cart.
        pub voucher_code: Option<VoucherCode>,
    }
}

input! {
    /// How the goods of one producer should come.
    pub struct WayInput {
        pub producer_id: ProducerId,
        /// One of the options that a quote names.
        #[schema(value_type = String, example = "own", min_length = 1, max_length = 60, pattern = "^[!-~]+$")]
        pub code: Opaque<60>,
    }
}

/// What the cart costs, delivered; with the contract of each producer. Nothing is held.
#[derive(Serialize, ToSchema)]
pub struct CartQuote {
    pub id: QuoteId,
    pub commune_code: CommuneCode,
    #[schema(max_length = 40)]
    pub voucher_code: Option<String>,
    #[schema(max_items = 50)]
    pub producers: Vec<QuotePartView>,
    pub goods_vnd: Vnd,
    pub shipping_vnd: Vnd,
    pub discount_vnd: Vnd,
    /// What is to be paid: send it back as `expected_total_vnd`.
    pub total_vnd: Vnd,
    /// SHA-256 over the contracts: send it back to confirm that they were read.
    #[schema(
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub contract_sha256: String,
    /// Until when it can be bought, 15 minutes.
    pub expires_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct QuotePartView {
    pub producer_id: ProducerId,
    #[schema(max_length = 150, example = "HTX Tả Lủng")]
    pub producer_name: String,
    #[schema(max_items = 50)]
    pub lines: Vec<QuoteLineView>,
    pub goods_vnd: Vnd,
    pub shipping_vnd: Vnd,
    pub discount_vnd: Vnd,
    pub total_vnd: Vnd,
    /// How the goods come.
    pub delivery: DeliveryOption,
    /// Every way there is, the cheapest first.
    #[schema(max_items = 100)]
    pub options: Vec<DeliveryOption>,
    pub contract: Contract,
    #[schema(
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub contract_sha256: String,
}

#[derive(Serialize, ToSchema)]
pub struct QuoteLineView {
    pub variant_id: VariantId,
    #[schema(max_length = 150, example = "Mật ong bạc hà")]
    pub product_title: String,
    #[schema(max_length = 80, example = "Chai 1 lít")]
    pub variant_label: String,
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: i32,
    pub price_vnd: Vnd,
    pub total_vnd: Vnd,
    /// What the voucher takes off this line.
    pub discount_vnd: Vnd,
}

/// The contract that was agreed, word for word.
#[derive(Serialize, ToSchema)]
pub struct AgreedContract {
    pub order_id: OrderId,
    /// Of `text`, as UTF-8.
    #[schema(
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub sha256: String,
    /// The contract as it was shown and confirmed, as JSON text.
    #[schema(max_length = 200_000)]
    pub text: String,
}

impl From<Shown> for CartQuote {
    fn from(shown: Shown) -> Self {
        let Shown { quote, parts, goods, shipping, discount } = shown;
        Self {
            id: quote.id,
            commune_code: quote.commune_code,
            voucher_code: quote.voucher_code,
            producers: parts.into_iter().map(QuotePartView::from).collect(),
            goods_vnd: goods,
            shipping_vnd: shipping,
            discount_vnd: discount,
            total_vnd: quote.total_vnd,
            contract_sha256: quote.contract_sha256,
            expires_at: quote.expires_at,
        }
    }
}

impl From<ShownPart> for QuotePartView {
    fn from(part: ShownPart) -> Self {
        let ShownPart {
            producer_id,
            items,
            discounts,
            goods,
            delivery,
            options,
            discount,
            total,
            contract,
            contract_sha256,
            harvest_id: _,
        } = part;
        let producer_name = items.first().map(|item| item.goods.producer_name.clone()).unwrap_or_default();
        let line = |item: Item| QuoteLineView {
            discount_vnd: discounts.get(&item.goods.variant_id).copied().unwrap_or(Vnd::ZERO),
            variant_id: item.goods.variant_id,
            product_title: item.goods.product_title,
            variant_label: item.goods.variant_label,
            quantity: item.quantity,
            price_vnd: item.goods.price,
            total_vnd: item.total,
        };
        Self {
            producer_id,
            producer_name,
            lines: items.into_iter().map(line).collect(),
            goods_vnd: goods,
            shipping_vnd: delivery.fee_vnd,
            discount_vnd: discount,
            total_vnd: total,
            delivery,
            options,
            contract,
            contract_sha256,
        }
    }
}

/// Show what my cart costs.
///
/// With every line, the way of each producer's goods, the voucher, the total, and the contract with each producer that
/// the law wants confirmed. Good for 15 minutes; nothing is held.
#[utoipa::path(tag = "Buying", operation_id = "make_quote", request_body = MakeQuote,
    responses((status = 200, body = CartQuote, description = "The quote")),
    extensions(("x-roles" = json!(["buyer"])),
               ("x-problems" = json!(["orders.cart_empty", "orders.not_for_sale", "orders.harvest_not_open", "orders.harvest_mixed", "orders.total_too_large",
                    "orders.not_deliverable", "orders.minimum_not_reached", "orders.nothing_to_pay",
                    "vouchers.unknown", "vouchers.not_yet_valid", "vouchers.paused", "vouchers.ended", "vouchers.used_up",
                    "vouchers.buyer_limit", "vouchers.minimum_not_reached", "vouchers.nothing_applies"]))))]
#[post("/v1/buyer/quotes")]
async fn make_quote(app: Data<App>, actor: BuyerSurface, command: Command<MakeQuote>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, input| {
            let MakeQuote { commune_code, ways, voucher_code } = input;
            let way = |way: WayInput| Way { producer_id: way.producer_id, code: way.code.expose().to_owned() };
            let ways = ways.map(List::into_vec).unwrap_or_default().into_iter().map(way).collect();
            let shown = make(tx, &Question { commune_code, ways, voucher: voucher_code })?;
            Answer::ok(&CartQuote::from(shown))
        })
        .await
}

fn agreed(tx: &mut Tx<'_>, order: &Order) -> Result<AgreedContract> {
    let quote_id = order.quote_id.ok_or(crate::kernel::error::CommonProblem::NotFound)?;
    let (text, sha256) = store::contract_of(tx, quote_id, order.producer_id)?;
    if order.contract_sha256.as_deref() != Some(sha256.as_str()) {
        return Err(Error::internal("an order's contract is not the one that was shown"));
    }
    Ok(AgreedContract { order_id: order.id, sha256, text })
}

/// Download the contract of one of my orders.
///
/// Word for word as it was shown and confirmed before ordering.
#[utoipa::path(tag = "Buying", operation_id = "show_buyer_contract", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = AgreedContract, description = "The contract")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/contract")]
async fn show_buyer_contract(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let contract = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Buyer)?;
            let order = readable(tx, Side::Buyer, id.0)?;
            agreed(tx, &order)
        })
        .await?;
    json_answer(&request, None, &contract)
}

/// Download the contract of one order of my inbox.
///
/// Word for word as the buyer confirmed it.
#[utoipa::path(tag = "Selling", operation_id = "show_producer_contract", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = AgreedContract, description = "The contract")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/orders/{id}/contract")]
async fn show_producer_contract(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let contract = app
        .db
        .read(&actor.0, move |tx| {
            let order = readable(tx, Side::Producer, id.0)?;
            agreed(tx, &order)
        })
        .await?;
    json_answer(&request, None, &contract)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(make_quote).service(show_buyer_contract).service(show_producer_contract);
}
