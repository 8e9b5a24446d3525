//! A producer's own bank account, and the banks that there are.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::banks::BANKS;
use super::model::NewBankAccount;
use super::views::{BankAccountView, BankView, BanksView, OwnBankAccountView};
use super::{give, store};
use crate::app::App;
use crate::kernel::Result;
use crate::kernel::http::{self, Command, KeyRule, ProducerSurface};
use crate::producers;

/// List the banks.
///
/// Those that can be paid to.
#[utoipa::path(tag = "Money", operation_id = "list_banks",
    responses((status = 200, body = BanksView, description = "The banks")))]
#[get("/v1/public/banks")]
async fn list_banks(request: HttpRequest) -> Result<HttpResponse> {
    http::json(&request, None, &BanksView { data: BANKS.iter().map(BankView::from).collect() })
}

/// Show the bank account that I am paid to.
///
/// The one that was given last, with what became of it.
#[utoipa::path(tag = "Selling", operation_id = "show_bank_account",
    responses((status = 200, body = OwnBankAccountView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/bank-account")]
async fn show_bank_account(request: HttpRequest, app: Data<App>, actor: ProducerSurface) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, |tx| {
            let producer_id = producers::registered(tx)?;
            let account = store::current(tx, producer_id)?;
            Ok(OwnBankAccountView { account: account.map(|account| BankAccountView::new(account, tx.now)) })
        })
        .await?;
    http::json(&request, None, &view)
}

/// Say to which bank account I want to be paid.
///
/// It takes the place of the one before at once. An operator compares its holder with the registered name, and nothing is
/// paid to it for 72 hours. The same account again stays as it is.
#[utoipa::path(tag = "Selling", operation_id = "put_bank_account", request_body = NewBankAccount,
    responses((status = 200, body = BankAccountView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "producers.not_approved", "outgoing.account_changed"]))))]
#[put("/v1/producer/bank-account")]
async fn put_bank_account(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<NewBankAccount>,
) -> Result<HttpResponse> {
    let vault = app.outgoing.vault.clone();
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, new| {
            let account = give::give(tx, &vault, new)?;
            BankAccountView::new(account, tx.now).answer()
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_banks).service(show_bank_account).service(put_bank_account);
}
