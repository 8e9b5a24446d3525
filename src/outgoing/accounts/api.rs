//! The operator's word on bank accounts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::BankAccountStatus;
use super::views::BankAccountView;
use super::{decide, store};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Command, Cursor, KeyRule, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, BankAccountId, Result, Text};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct BankAccountsQuery {
        /// Only in this status.
        pub status: Option<BankAccountStatus>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    /// What was compared, and what came of it; the producer reads it when the account is refused.
    pub struct BankAccountFinding {
        #[schema(example = "Tên chủ tài khoản trùng với giấy đăng ký")]
        pub reason: Text<500>,
    }
}

/// List producers' bank accounts.
///
/// In the order in which they were given.
#[utoipa::path(tag = "Money", operation_id = "list_bank_accounts", params(BankAccountsQuery),
    responses((status = 200, body = Page<BankAccountView>, description = "A page of accounts")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/bank-accounts")]
async fn list_bank_accounts(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<BankAccountsQuery>,
) -> Result<HttpResponse> {
    let BankAccountsQuery { status, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("bank_accounts:{status:?}"));
    let after: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<BankAccountView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, status, after.map(BankAccountId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(|row| BankAccountView::new(row, tx.now)).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Say that a bank account is its producer's.
///
/// The holder's name is that of the producer or of its representative.
#[utoipa::path(tag = "Money", operation_id = "verify_bank_account", request_body = BankAccountFinding,
    params(("id" = BankAccountId, Path, description = "The account")),
    responses((status = 200, body = BankAccountView)),
    extensions(("x-roles" = json!(["operator"])),
        ("x-problems" = json!(["not_found", "outgoing.account_action_not_allowed", "outgoing.second_person"]))))]
#[post("/v1/operator/bank-accounts/{id}/verify")]
async fn verify_bank_account(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<BankAccountId>,
    command: Command<BankAccountFinding>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let account = decide::verify(tx, id.0, input.reason.as_str())?;
            BankAccountView::new(account, tx.now).answer()
        })
        .await
}

/// Refuse a bank account.
///
/// Nothing is paid to it; the producer reads the reason and may give another one.
#[utoipa::path(tag = "Money", operation_id = "reject_bank_account", request_body = BankAccountFinding,
    params(("id" = BankAccountId, Path, description = "The account")),
    responses((status = 200, body = BankAccountView)),
    extensions(("x-roles" = json!(["operator"])),
        ("x-problems" = json!(["not_found", "outgoing.account_action_not_allowed", "outgoing.second_person"]))))]
#[post("/v1/operator/bank-accounts/{id}/reject")]
async fn reject_bank_account(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<BankAccountId>,
    command: Command<BankAccountFinding>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let account = decide::reject(tx, id.0, input.reason.as_str())?;
            BankAccountView::new(account, tx.now).answer()
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_bank_accounts).service(verify_bank_account).service(reject_bank_account);
}
