use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Cart, CartLine, LINES_MAX};
use super::put_line::{find, put_line};
use super::put_lines::put_lines;
use crate::app::App;
use crate::catalog::ForSale;
use crate::input;
use crate::kernel::http::{Answer, BuyerSurface, Command, KeyRule, NoBody, PathId, json as json_answer};
use crate::kernel::input::{List, Whole};
use crate::kernel::{ProducerId, Result, VariantId, Vnd};

input! {
    /// How many of a variant are wanted.
    pub struct PutCartLine {
        /// Sale units, 0 to 10,000; 0 takes the line out.
        #[schema(example = 2)]
        pub quantity: Whole<0, 10_000>,
    }
}

input! {
    /// What is wanted, all of it.
    pub struct PutCart {
        /// Each variant once. What is not in the list leaves the cart.
        #[schema(value_type = Vec<WantedLine>, max_items = 50)]
        pub lines: List<WantedLine, LINES_MAX>,
    }
}

input! {
    /// How many of a variant are wanted.
    pub struct WantedLine {
        pub variant_id: VariantId,
        /// Sale units, 1 to 10,000.
        #[schema(example = 2)]
        pub quantity: Whole<1, 10_000>,
    }
}

/// The cart, grouped by producer, priced as of now.
#[derive(Serialize, ToSchema)]
pub struct CartView {
    #[schema(max_items = 50)]
    pub producers: Vec<CartProducerView>,
    /// Sum of all lines that can be bought, in đồng; what delivery costs, a quote says. Amounts end at 100 billion:
    /// what costs more is shown as that and cannot be bought.
    pub total_vnd: Vnd,
    /// Whether every line can be bought as it stands.
    pub can_be_bought: bool,
    #[schema(minimum = 0)]
    pub version: i32,
}

#[derive(Serialize, ToSchema)]
pub struct CartProducerView {
    pub producer_id: ProducerId,
    #[schema(max_length = 150, example = "HTX Tả Lủng")]
    pub producer_name: String,
    #[schema(max_items = 50)]
    pub lines: Vec<CartLineView>,
    pub total_vnd: Vnd,
}

#[derive(Serialize, ToSchema)]
pub struct CartLineView {
    pub variant_id: VariantId,
    #[schema(max_length = 150, example = "Mật ong bạc hà")]
    pub product_title: String,
    #[schema(max_length = 80, example = "Chai 1 lít")]
    pub variant_label: String,
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: i32,
    /// Price of one sale unit, in đồng.
    pub price_vnd: Vnd,
    pub total_vnd: Vnd,
    /// Sale units that can be bought now.
    #[schema(minimum = 0)]
    pub available: i32,
    /// Whether this line can be bought as it stands.
    pub can_be_bought: bool,
}

fn view(cart: Cart) -> CartView {
    let Cart { version, lines, goods } = cart;
    let quantities: HashMap<VariantId, i32> = lines.into_iter().map(|line| (line.variant_id, line.quantity)).collect();
    let mut producers: Vec<CartProducerView> = Vec::new();
    for item in goods {
        let quantity = quantities.get(&item.variant_id).copied().unwrap_or_default();
        let (producer_id, producer_name) = (item.producer_id, item.producer_name.clone());
        let line = line_view(item, quantity);
        match producers.iter_mut().find(|p| p.producer_id == producer_id) {
            Some(producer) => producer.lines.push(line),
            None => {
                producers.push(CartProducerView { producer_id, producer_name, lines: vec![line], total_vnd: Vnd::ZERO })
            }
        }
    }
    for producer in &mut producers {
        let buyable = producer.lines.iter().filter(|line| line.can_be_bought).map(|line| line.total_vnd);
        producer.total_vnd = Vnd::sum(buyable).unwrap_or(Vnd::MOST);
    }
    let lines = || producers.iter().flat_map(|p| &p.lines);
    let total = Vnd::sum(lines().filter(|line| line.can_be_bought).map(|line| line.total_vnd));
    let can_be_bought = !producers.is_empty() && total.is_some() && lines().all(|line| line.can_be_bought);
    CartView { total_vnd: total.unwrap_or(Vnd::MOST), can_be_bought, producers, version }
}

fn line_view(item: ForSale, quantity: i32) -> CartLineView {
    let ForSale { variant_id, product_title, variant_label, price, sellable, available, .. } = item;
    let total = price.times(quantity);
    CartLineView {
        variant_id,
        product_title,
        variant_label,
        quantity,
        price_vnd: price,
        total_vnd: total.unwrap_or(Vnd::MOST),
        available,
        can_be_bought: sellable && total.is_some() && available >= quantity,
    }
}

/// Show my cart.
///
/// Prices and availability are of now; nothing is held before checkout.
#[utoipa::path(tag = "Buying", operation_id = "show_cart", responses((status = 200, body = CartView, description = "The cart")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!([]))))]
#[get("/v1/buyer/cart")]
async fn show_cart(request: HttpRequest, app: Data<App>, actor: BuyerSurface) -> Result<HttpResponse> {
    let cart = app.db.read(&actor.0, |tx| find(tx).map(view)).await?;
    json_answer(&request, None, &cart)
}

/// Set my whole cart.
///
/// In one request, for a phone that kept the cart without a signal; sending it again changes nothing. All or nothing. What
/// is not for sale now may stay in a cart that has it, but comes into none: `lines` names it.
#[utoipa::path(tag = "Buying", operation_id = "put_cart", request_body = PutCart,
    responses((status = 200, body = CartView, description = "The cart after the change")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["carts.not_for_sale"]))))]
#[put("/v1/buyer/cart")]
async fn put_cart(app: Data<App>, actor: BuyerSurface, command: Command<PutCart>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let line = |line: WantedLine| CartLine { variant_id: line.variant_id, quantity: line.quantity.value() };
            let cart = put_lines(tx, input.lines.into_vec().into_iter().map(line).collect())?;
            Answer::ok(&view(cart))
        })
        .await
}

/// Set a line of my cart.
///
/// Sets the quantity of one variant; sending it again changes nothing. 0 takes the line out.
#[utoipa::path(tag = "Buying", operation_id = "put_cart_line", request_body = PutCartLine,
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = CartView, description = "The cart after the change")),
    extensions(("x-roles" = json!(["buyer"])),
               ("x-problems" = json!(["not_found", "carts.not_for_sale", "carts.too_many_lines"]))))]
#[put("/v1/buyer/cart/lines/{id}")]
async fn put_cart_line(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<VariantId>,
    command: Command<PutCartLine>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let cart = put_line(tx, id.0, input.quantity.value())?;
            Answer::ok(&view(cart))
        })
        .await
}

/// Take a line out of my cart.
///
/// A line that is not there is no error, so a second try is safe.
#[utoipa::path(tag = "Buying", operation_id = "delete_cart_line",
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = CartView, description = "The cart after the change")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!([]))))]
#[delete("/v1/buyer/cart/lines/{id}")]
async fn delete_cart_line(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<VariantId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let cart = put_line(tx, id.0, 0)?;
            Answer::ok(&view(cart))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_cart).service(put_cart).service(put_cart_line).service(delete_cart_line);
}
