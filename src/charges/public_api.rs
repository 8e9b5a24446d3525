//! Fees and taxes for everybody: the law wants them published.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::views::FeesView;
use crate::app::App;
use crate::kernel::Result;
use crate::kernel::http::{Visitor, json as json_answer};
use crate::kernel::time::vietnam_day;
use crate::producers::ProducerKind;

/// As the rules of the platform publish it.
const TAKEN_WHEN: &str = "Khi đơn hàng hoàn tất: người mua xác nhận đã nhận, hoặc hết thời hạn khiếu nại";
/// Announced fees that are shown.
const ANNOUNCED_MAX: i64 = 100;

/// Show fees and taxes.
///
/// The fee in force and those that are announced, at least 20 days ahead; what is withheld for the state, by which text; and
/// when both are taken.
#[utoipa::path(tag = "Operations", operation_id = "show_fees",
    responses((status = 200, body = FeesView)),
    extensions(("x-problems" = json!([]))))]
#[get("/v1/public/fees")]
async fn show_fees(request: HttpRequest, app: Data<App>, actor: Visitor) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, |tx| {
            let today = vietnam_day(tx.now);
            Ok(FeesView {
                fee: store::schedule_on(tx, today)?.into(),
                announced: store::schedules_after(tx, today, ANNOUNCED_MAX)?.into_iter().map(Into::into).collect(),
                taken_when: TAKEN_WHEN,
                taxes: store::rates(tx, ProducerKind::ALL, today)?.into_iter().map(Into::into).collect(),
                readings: store::readings_from(tx, today)?.into_iter().map(Into::into).collect(),
            })
        })
        .await?;
    json_answer(&request, None, &view)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_fees);
}
