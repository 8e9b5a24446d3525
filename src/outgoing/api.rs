//! The operator's hand on outgoing money.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Switch;
use super::{store, switch};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, KeyRule, NoBody, OperatorSurface};
use crate::kernel::{AccountId, Audience, Result, Text};

input! {
    /// Why no money may leave.
    pub struct StopOutgoing {
        #[schema(example = "Nghi ngờ có người chiếm tài khoản điều hành")]
        pub reason: Text<500>,
    }
}

/// Whether money leaves our bank account.
#[derive(Serialize, ToSchema)]
pub struct OutgoingView {
    is_stopped: bool,
    /// Why it was last stopped.
    #[schema(max_length = 500)]
    reason: Option<String>,
    /// When and by whom it was last stopped.
    stopped_at: Option<DateTime<Utc>>,
    stopped_by: Option<AccountId>,
    /// When and by whom it was let flow again after that.
    started_at: Option<DateTime<Utc>>,
    started_by: Option<AccountId>,
    #[schema(minimum = 1)]
    version: i32,
}

impl From<Switch> for OutgoingView {
    fn from(switch: Switch) -> Self {
        let is_stopped = switch.is_stopped();
        let Switch { stopped_at, stopped_by, reason, started_at, started_by, version } = switch;
        Self { is_stopped, reason, stopped_at, stopped_by, started_at, started_by, version }
    }
}

impl OutgoingView {
    fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }
}

/// Show whether outgoing money flows.
///
/// Payouts, refunds by transfer and everything else that leaves our bank account.
#[utoipa::path(tag = "Money", operation_id = "show_outgoing",
    responses((status = 200, body = OutgoingView)),
    extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/outgoing")]
async fn show_outgoing(request: HttpRequest, app: Data<App>, actor: OperatorSurface) -> Result<HttpResponse> {
    let switch = app
        .db
        .read(&actor.0, |tx| {
            tx.who.must(Audience::Operator)?;
            store::switch(tx)
        })
        .await?;
    http::json(&request, Some(switch.version), &OutgoingView::from(switch))
}

/// Stop all outgoing money.
///
/// Nothing is sent any more when this is answered; what was sent before is followed to its end.
#[utoipa::path(tag = "Money", operation_id = "stop_outgoing", request_body = StopOutgoing,
    responses((status = 200, body = OutgoingView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["outgoing.already_stopped"]))))]
#[post("/v1/operator/outgoing/stop")]
async fn stop_outgoing(app: Data<App>, actor: OperatorSurface, command: Command<StopOutgoing>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, input| {
            OutgoingView::from(switch::stop(tx, input.reason.as_str())?).answer()
        })
        .await
}

/// Let outgoing money flow again.
///
/// Only by another operator than the one who stopped it.
#[utoipa::path(tag = "Money", operation_id = "start_outgoing", request_body = NoBody,
    responses((status = 200, body = OutgoingView)),
    extensions(("x-roles" = json!(["operator"])),
        ("x-problems" = json!(["outgoing.not_stopped", "outgoing.second_person"]))))]
#[post("/v1/operator/outgoing/start")]
async fn start_outgoing(app: Data<App>, actor: OperatorSurface, command: Command<NoBody>) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, _| OutgoingView::from(switch::start(tx)?).answer()).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_outgoing).service(stop_outgoing).service(start_outgoing);
}
