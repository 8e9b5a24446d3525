//! What became of pushed messages, for the operator.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{DeliveryRow, Topic};
use super::store;
use crate::app::App;
use crate::kernel::http::{self, Cursor, OperatorSurface, Page, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{AccountId, Audience, NoticeId, Result};
use crate::senders::{Channel, Outcome};

/// Rows of a page, unless asked otherwise.
const PAGE_ROWS: i32 = 20;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_deliveries);
}

crate::input! {
    /// Which tries.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct DeliveryWish {
        /// Of one account only.
        pub account_id: Option<AccountId>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// One try to bring a notice to somebody.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    #[schema(example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    id: Uuid,
    notice_id: NoticeId,
    account_id: AccountId,
    topic: Topic,
    channel: Channel,
    outcome: Outcome,
    /// The gateway's name for the message.
    #[schema(max_length = 200)]
    provider_id: Option<String>,
    /// Why it was not taken: the gateway's number, or what broke.
    #[schema(example = "timeout", max_length = 40)]
    code: Option<String>,
    at: DateTime<Utc>,
}

impl DeliveryView {
    fn of((row, topic): (DeliveryRow, Topic)) -> DeliveryView {
        let DeliveryRow { id, notice_id, account_id, channel, outcome, provider_id, code, at } = row;
        DeliveryView { id, notice_id, account_id, topic, channel, outcome, provider_id, code, at }
    }
}

/// List tries to push notices, the newest first.
///
/// One row for each try, with what the gateway said; numbers and texts are not shown.
#[utoipa::path(tag = "Notices", operation_id = "list_deliveries", params(DeliveryWish),
    responses((status = 200, body = Page<DeliveryView>, description = "Tries")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/notice-deliveries")]
async fn list_deliveries(
    app: Data<App>,
    actor: OperatorSurface,
    request: HttpRequest,
    wish: Query<DeliveryWish>,
) -> Result<HttpResponse> {
    let DeliveryWish { account_id, limit, cursor } = wish.0;
    let limit = limit.map_or(PAGE_ROWS, Whole::value);
    let of = account_id.map(|id| id.to_string()).unwrap_or_default();
    let place = Cursor::new(&app.config.cursor_key, format!("notice-deliveries:{of}"));
    let before: Option<Uuid> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let look = move |tx: &mut crate::kernel::Tx<'_>| {
        tx.who.must(Audience::Operator)?;
        store::list_deliveries(tx, account_id, before, i64::from(limit).saturating_add(1))
    };
    let rows = app.db.read(&actor.0, look).await?;
    let views = rows.into_iter().map(DeliveryView::of).collect();
    let page = place.page(views, usize::try_from(limit).unwrap_or(1), |view: &DeliveryView| view.id)?;
    http::json(&request, None, &page)
}
