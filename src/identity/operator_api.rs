//! Routes of the operator: roles and suspensions.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::{PAGE_ROWS, no_content};
use super::grants::{self, NewGrant};
use super::model::{Account, AccountEvent, AccountStatus, GrantRole, RoleGrant};
use super::suspension;
use crate::app::App;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{FaultCode, Faults, Field as _, Input, Opaque, Whole};
use crate::kernel::{AccountId, Error, GrantId, PhoneNumber, Result, Territory};
use crate::places::{CommuneCode, ProvinceCode};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(grant_role)
        .service(list_role_grants)
        .service(show_role_grant)
        .service(revoke_role)
        .service(suspend_account)
        .service(reinstate_account);
}

/// Codes of communes, 1 to 100, each once.
#[derive(Clone, ToSchema)]
#[schema(value_type = Vec<CommuneCode>, min_items = 1, max_items = 100, example = json!(["00769"]))]
pub struct CommuneCodes(Vec<CommuneCode>);

impl Input for CommuneCodes {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        Vec::read_field(Some(value), at).map(Self)
    }
}

crate::input! {
    /// A role for a person.
    pub struct RoleGrantRequest {
        pub phone: PhoneNumber,
        pub role: GrantRole,
        /// The whole province of an official.
        pub province_code: Option<ProvinceCode>,
        /// The communes of an official, instead of a province; or those of a helper, who hears when a household there
        /// needs a hand.
        pub commune_codes: Option<CommuneCodes>,
    }
}

crate::input! {
    /// Which live grants.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct RoleGrantFilter {
        /// Only this role.
        pub role: Option<GrantRole>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// A live role of a person.
#[derive(Serialize, ToSchema)]
pub struct RoleGrantView {
    pub id: GrantId,
    pub account_id: AccountId,
    #[schema(example = "+84912345678", max_length = 12)]
    pub phone: String,
    pub role: GrantRole,
    #[schema(value_type = Option<ProvinceCode>)]
    pub province_code: Option<String>,
    #[schema(value_type = Vec<CommuneCode>, max_items = 100)]
    pub commune_codes: Vec<String>,
    /// The operator who granted it; `null` when the platform did.
    #[schema(value_type = Option<AccountId>)]
    pub granted_by: Option<Uuid>,
    pub granted_at: DateTime<Utc>,
}

/// Whether an account may be used.
#[derive(Serialize, ToSchema)]
pub struct AccountStanding {
    pub id: AccountId,
    pub status: AccountStatus,
    #[schema(minimum = 1)]
    pub version: i32,
    #[schema(max_items = 2)]
    pub allowed_actions: Vec<AccountEvent>,
}

impl RoleGrantView {
    fn of((grant, phone): (RoleGrant, String)) -> Self {
        let RoleGrant { id, account_id, role, province_code, commune_codes, granted_by, granted_at } = grant;
        let commune_codes = commune_codes.into_iter().flatten().collect();
        Self { id, account_id, phone, role, province_code, commune_codes, granted_by, granted_at }
    }
}

impl AccountStanding {
    fn of(account: Account) -> Self {
        let Account { id, status, version, .. } = account;
        Self { id, status, version, allowed_actions: status.allowed_actions() }
    }
}

impl RoleGrantRequest {
    fn into_grant(self) -> Result<NewGrant> {
        let RoleGrantRequest { phone, role, province_code, commune_codes } = self;
        let communes = commune_codes.map(|codes| codes.0.iter().map(|code| code.as_str().to_owned()).collect());
        let territory = match (province_code, communes) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("/commune_codes", FaultCode::Duplicate, "province_code | commune_codes"));
            }
            (Some(code), None) => Some(Territory::Province(code.as_str().to_owned())),
            (None, Some(codes)) => Some(Territory::Communes(codes)),
            (None, None) => None,
        };
        Ok(NewGrant { phone, role, territory, password_hash: None })
    }
}

/// Grant a role.
///
/// Makes the account if the number has none. Officials have a whole province or listed communes; helpers and
/// operators have neither. To change an official's area, withdraw the role and grant it anew.
#[utoipa::path(tag = "Operator: people", operation_id = "grant_role", request_body = RoleGrantRequest,
    responses((status = 201, body = RoleGrantView, description = "The role is granted")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["identity.role_already_granted"]))))]
#[post("/v1/operator/role-grants")]
async fn grant_role(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<RoleGrantRequest>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, wanted| {
            let view = RoleGrantView::of(grants::grant(tx, &wanted.into_grant()?)?);
            Answer::created(&view, format!("/v1/operator/role-grants/{}", view.id))
        })
        .await
}

/// List live roles.
///
/// The newest first. A withdrawn role is not listed.
#[utoipa::path(tag = "Operator: people", operation_id = "list_role_grants",
    params(RoleGrantFilter),
    responses((status = 200, body = Page<RoleGrantView>, description = "Live roles")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/role-grants")]
async fn list_role_grants(
    app: Data<App>,
    actor: OperatorSurface,
    request: HttpRequest,
    filter: Query<RoleGrantFilter>,
) -> Result<HttpResponse> {
    let RoleGrantFilter { role, limit, cursor: place } = filter.0;
    let limit = limit.map_or(PAGE_ROWS, Whole::value);
    let cursor = Cursor::new(&app.config.cursor_key, format!("role-grants:{}", role.map_or("", GrantRole::as_str)));
    let before: Option<Uuid> = cursor.read(place.as_ref().map(Opaque::expose))?;
    let rows =
        app.db.read(&actor.0, move |tx| grants::list(tx, role, before, i64::from(limit).saturating_add(1))).await?;
    let views = rows.into_iter().map(RoleGrantView::of).collect();
    let page = cursor.page(views, usize::try_from(limit).unwrap_or(1), |view: &RoleGrantView| view.id.0)?;
    http::json(&request, None, &page)
}

/// Show a live role.
///
/// Withdrawn or not known: 404.
#[utoipa::path(tag = "Operator: people", operation_id = "show_role_grant",
    params(("id" = GrantId, Path, description = "The grant")),
    responses((status = 200, body = RoleGrantView, description = "The role")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/role-grants/{id}")]
async fn show_role_grant(
    app: Data<App>,
    actor: OperatorSurface,
    request: HttpRequest,
    id: PathId<GrantId>,
) -> Result<HttpResponse> {
    let row = app.db.read(&actor.0, move |tx| grants::find(tx, id.0)).await?;
    http::json(&request, None, &RoleGrantView::of(row))
}

/// Withdraw a role.
///
/// The sessions on its surface end at once; other sessions of the account need a refresh.
#[utoipa::path(tag = "Operator: people", operation_id = "revoke_role", request_body = NoBody,
    params(("id" = GrantId, Path, description = "The grant")),
    responses((status = 204, description = "The role is withdrawn")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "identity.not_yourself"]))))]
#[delete("/v1/operator/role-grants/{id}")]
async fn revoke_role(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<GrantId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, move |tx, _| grants::revoke(tx, id.0).map(|()| no_content())).await
}

/// Suspend an account.
///
/// All its sessions end at once, and it cannot sign in until it is reinstated.
#[utoipa::path(tag = "Operator: people", operation_id = "suspend_account", request_body = NoBody,
    params(("id" = AccountId, Path, description = "The account")),
    responses((status = 200, body = AccountStanding, description = "The account is suspended")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "identity.not_yourself", "identity.action_not_allowed"]))))]
#[post("/v1/operator/accounts/{id}/suspend")]
async fn suspend_account(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<AccountId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    change_standing(&app, &actor, id.0, command, AccountEvent::Suspend).await
}

/// Reinstate a suspended account.
///
/// It signs in anew; the sessions from before stay ended.
#[utoipa::path(tag = "Operator: people", operation_id = "reinstate_account", request_body = NoBody,
    params(("id" = AccountId, Path, description = "The account")),
    responses((status = 200, body = AccountStanding, description = "The account is active")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "identity.not_yourself", "identity.action_not_allowed"]))))]
#[post("/v1/operator/accounts/{id}/reinstate")]
async fn reinstate_account(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<AccountId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    change_standing(&app, &actor, id.0, command, AccountEvent::Reinstate).await
}

async fn change_standing(
    app: &Data<App>,
    actor: &OperatorSurface,
    id: AccountId,
    command: Command<NoBody>,
    event: AccountEvent,
) -> Result<HttpResponse> {
    command
        .once(app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let account = suspension::change(tx, id, event)?;
            let version = account.version;
            Ok(Answer::ok(&AccountStanding::of(account))?.versioned(version))
        })
        .await
}
