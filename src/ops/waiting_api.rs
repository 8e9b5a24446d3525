//! What money waits for, for operators.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Waiting, WaitingKind};
use crate::app::App;
use crate::kernel::http::{self, OperatorSurface};
use crate::kernel::{Audience, Result};

/// Money that waits for one thing.
#[derive(Serialize, ToSchema)]
pub struct WaitingMoneyLine {
    kind: WaitingKind,
    #[schema(minimum = 1)]
    number: i64,
    #[schema(minimum = 0, example = 450_000)]
    amount_vnd: i64,
    /// Since when the oldest of them waits.
    waits_since: DateTime<Utc>,
    /// For how many of them operators were called, since nobody knows for too long what became of them.
    #[schema(minimum = 0)]
    alarms: i64,
}

impl From<Waiting> for WaitingMoneyLine {
    fn from(waiting: Waiting) -> Self {
        let Waiting { kind, number, amount_vnd, since, alarms } = waiting;
        Self { kind, number, amount_vnd, waits_since: since, alarms }
    }
}

/// Everything that money waits for.
#[derive(Serialize, ToSchema)]
pub struct WaitingMoneyView {
    /// The moment of which it is told.
    at: DateTime<Utc>,
    /// What nothing waits for is left out.
    #[schema(max_items = 20)]
    data: Vec<WaitingMoneyLine>,
}

/// Show what money waits for.
///
/// For a decision, for approval, or for the end of what was sent: how much, and since when. Where it is meanwhile is told by
/// the ledger's accounts.
#[utoipa::path(tag = "Money", operation_id = "show_waiting_money",
    responses((status = 200, body = WaitingMoneyView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[get("/v1/operator/waiting-money")]
pub async fn show_waiting_money(request: HttpRequest, app: Data<App>, actor: OperatorSurface) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, |tx| {
            tx.who.must(Audience::Operator)?;
            let data = store::waiting_money(tx)?.into_iter().map(WaitingMoneyLine::from).collect();
            Ok(WaitingMoneyView { at: tx.now, data })
        })
        .await?;
    http::json(&request, None, &view)
}
