//! Routes of signing in and of one's own account.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{Account, Code, GrantRole, IdentityRefusal, Password, Session, Signed, Wish};
use super::otp::{self, CodeProof, CodeWish};
use super::tokens::ACCESS_SECONDS;
use super::{me, password_sign_in, refresh, sessions, set_password};
use crate::app::App;
use crate::kernel::actor::SessionClaim;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    self, Answer, AnyPerson, ClientAddress, Command, Cursor, IfMatch, KeyRule, NoBody, Page, PathId, Query, Visitor,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{AccountId, Actor, Audience, Error, OtpRequestId, PhoneNumber, Result, SessionId, Text};

/// Rows of a page, unless asked otherwise.
pub const PAGE_ROWS: i32 = 20;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(request_code)
        .service(verify_code)
        .service(sign_in)
        .service(set_own_password)
        .service(refresh_tokens)
        .service(sign_out)
        .service(show_me)
        .service(change_me)
        .service(list_sessions)
        .service(end_session);
}

crate::input! {
    /// Whom to send a one-time code.
    pub struct CodeRequest {
        pub phone: PhoneNumber,
        /// Made once by the app for this installation.
        pub device_id: Text<128>,
    }
}

crate::input! {
    /// A one-time code and what it is to open.
    pub struct CodeVerification {
        pub otp_request_id: OtpRequestId,
        pub phone: PhoneNumber,
        pub code: Code,
        /// The same as in the request of the code.
        pub device_id: Text<128>,
        pub audience: Audience,
        /// Required for the audiences official and operator, and only looked at there.
        pub password: Option<Password>,
    }
}

crate::input! {
    /// Phone number and password.
    pub struct PasswordSignIn {
        pub phone: PhoneNumber,
        pub password: Password,
        pub device_id: Text<128>,
        pub audience: Audience,
    }
}

crate::input! {
    /// A new password.
    pub struct NewPassword {
        /// At least 8 characters; 15 for officials and operators. Nothing that everybody tries first.
        #[schema(value_type = String, min_length = 8, max_length = 128)]
        pub new_password: Password,
        /// Required when a password is set already.
        pub current_password: Option<Password>,
    }
}

crate::input! {
    /// A refresh token.
    pub struct RefreshRequest {
        pub refresh_token: Opaque<256>,
        /// The same as at sign-in.
        pub device_id: Text<128>,
    }
}

crate::input! {
    /// What a person changes about the own account.
    pub struct MeChange {
        /// How the person wants to be called.
        pub display_name: Text<120>,
    }
}

crate::input! {
    /// Which page.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PageWish {
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// A code is on its way, whether or not the number has an account.
#[derive(Serialize, ToSchema)]
pub struct CodeSent {
    pub otp_request_id: OtpRequestId,
    /// Seconds until the code expires.
    #[schema(example = 300, minimum = 1, maximum = 300)]
    pub expires_in_s: i64,
}

/// Tokens of an open session.
#[derive(Serialize, ToSchema)]
pub struct TokenAnswer {
    /// For the header `Authorization: Bearer …`.
    #[schema(max_length = 4096)]
    pub access_token: String,
    #[schema(example = "Bearer", max_length = 6)]
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 600, minimum = 1, maximum = 600)]
    pub expires_in_s: i64,
    /// For one refresh; its answer brings the next one.
    #[schema(max_length = 256)]
    pub refresh_token: String,
    pub account: AccountView,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct AccountView {
    pub id: AccountId,
    /// A guest has none.
    #[schema(example = "+84912345678", max_length = 12)]
    pub phone: Option<String>,
    /// Whether the account was made to buy without signing in.
    pub is_guest: bool,
    #[schema(example = "Vàng Thị Mai", max_length = 120)]
    pub display_name: Option<String>,
    /// The surfaces that this account may open.
    #[schema(max_items = 5)]
    pub roles: Vec<Audience>,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub struct MeView {
    #[serde(flatten)]
    pub account: AccountView,
    /// Whether a password is set.
    pub has_password: bool,
    /// The surface of the token that asked.
    pub audience: Option<Audience>,
    #[schema(minimum = 1)]
    pub version: i32,
}

/// An open session.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    pub id: SessionId,
    pub audience: Audience,
    #[schema(max_length = 128)]
    pub device_id: String,
    pub created_at: DateTime<Utc>,
    /// When its tokens were last refreshed.
    pub refreshed_at: DateTime<Utc>,
    /// When it ends unless it is refreshed before.
    pub idle_expires_at: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl AccountView {
    fn of(account: Account, roles: &[GrantRole]) -> Self {
        let Account { id, phone, is_guest, display_name, .. } = account;
        let free: &[Audience] = if is_guest { &[Audience::Buyer] } else { &[Audience::Buyer, Audience::Producer] };
        let granted = roles.iter().map(|role| role.audience());
        Self { id, phone, is_guest, display_name, roles: free.iter().copied().chain(granted).collect() }
    }
}

impl MeView {
    fn of(account: Account, roles: &[GrantRole], audience: Option<Audience>) -> Self {
        let (has_password, version) = (account.password_hash.is_some(), account.version);
        Self { account: AccountView::of(account, roles), has_password, audience, version }
    }
}

impl SessionView {
    fn of(session: Session, current: Option<SessionId>) -> Self {
        let Session { id, audience, device_id, created_at, rotated_at, idle_expires_at, expires_at, .. } = session;
        let is_current = current == Some(id);
        Self { id, audience, device_id, created_at, refreshed_at: rotated_at, idle_expires_at, expires_at, is_current }
    }
}

/// Send a one-time code to a phone.
///
/// The answer is the same whether or not the number has an account. A code lives five minutes and five tries; a new
/// one ends the one before. At most one a minute, five an hour and ten a day for a number, five an hour for a device.
#[utoipa::path(tag = "Sign-in", operation_id = "request_code", request_body = CodeRequest,
    responses((status = 202, body = CodeSent, description = "The code is on its way")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.too_many_codes"]))))]
#[post("/v1/auth/otp")]
async fn request_code(
    app: Data<App>,
    visitor: Visitor,
    from: ClientAddress,
    command: Command<CodeRequest>,
) -> Result<HttpResponse> {
    let CodeRequest { phone, device_id } = command.input;
    let wish = CodeWish { phone, device_id: device_id.into_string(), source: from.network() };
    let otp_request_id = otp::request_code(&app, &platform(&visitor), wish).await?;
    let sent = CodeSent { otp_request_id, expires_in_s: otp::CODE_LIVES.num_seconds() };
    Ok(Answer::ok(&sent)?.with_status(202).into_response())
}

/// Sign in with a one-time code.
///
/// Makes the account at the first sign-in. The code works once, with the phone and device that asked for it. The
/// audiences official and operator also need the password.
#[utoipa::path(tag = "Sign-in", operation_id = "verify_code", request_body = CodeVerification,
    responses((status = 200, body = TokenAnswer, description = "Signed in")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.code_wrong",
        "identity.second_factor_required", "identity.credentials_wrong", "identity.password_not_set",
        "identity.password_too_short", "identity.role_missing", "identity.account_suspended",
        "identity.too_many_failures"]))))]
#[post("/v1/auth/otp/verify")]
async fn verify_code(app: Data<App>, visitor: Visitor, command: Command<CodeVerification>) -> Result<HttpResponse> {
    let CodeVerification { otp_request_id, phone, code, device_id, audience, password } = command.input;
    let wish = Wish { phone, device_id: device_id.into_string(), audience };
    let proof = CodeProof { id: otp_request_id, code, password, wish };
    let signed = otp::verify_code(&app, &platform(&visitor), proof).await?;
    token_answer(&app, signed)
}

/// Sign in with the password.
///
/// Not for the audiences official and operator. After five failures within 15 minutes the number has to wait, even
/// with the right password.
#[utoipa::path(tag = "Sign-in", operation_id = "sign_in_with_password", request_body = PasswordSignIn,
    responses((status = 200, body = TokenAnswer, description = "Signed in")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.credentials_wrong",
        "identity.second_factor_required", "identity.role_missing", "identity.account_suspended",
        "identity.too_many_failures"]))))]
#[post("/v1/auth/password/sign-in")]
async fn sign_in(app: Data<App>, visitor: Visitor, command: Command<PasswordSignIn>) -> Result<HttpResponse> {
    let PasswordSignIn { phone, password, device_id, audience } = command.input;
    let wish = Wish { phone, device_id: device_id.into_string(), audience };
    let signed = password_sign_in::sign_in(&app, &platform(&visitor), wish, password).await?;
    token_answer(&app, signed)
}

/// Set or change the password.
///
/// Ends every other session and all older tokens; the answer brings new ones for this session. Not for guests.
#[utoipa::path(tag = "Account", operation_id = "set_password", request_body = NewPassword,
    responses((status = 200, body = TokenAnswer, description = "The password is set")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-idempotency" = json!("none")), ("x-problems" = json!([
        "identity.credentials_wrong", "identity.password_common", "identity.password_changed",
        "identity.guest_not_allowed", "identity.too_many_failures"]))))]
#[put("/v1/auth/password")]
async fn set_own_password(app: Data<App>, actor: AnyPerson, command: Command<NewPassword>) -> Result<HttpResponse> {
    let NewPassword { new_password, current_password } = command.input;
    let signed = set_password::set_password(&app, &actor.0, new_password, current_password).await?;
    token_answer(&app, signed)
}

/// Exchange a refresh token for new tokens.
///
/// Each refresh token works once. When the answer was lost, the same request from the same device gives the same
/// refresh token again for ten minutes. Any other use of an old one ends the session.
#[utoipa::path(tag = "Sign-in", operation_id = "refresh_tokens", request_body = RefreshRequest,
    responses((status = 200, body = TokenAnswer, description = "New tokens")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["identity.refresh_invalid", "session_ended"]))))]
#[post("/v1/auth/refresh")]
async fn refresh_tokens(app: Data<App>, visitor: Visitor, command: Command<RefreshRequest>) -> Result<HttpResponse> {
    let RefreshRequest { refresh_token, device_id } = command.input;
    let (family, generation) =
        app.tokens.read_refresh(refresh_token.expose())?.ok_or(IdentityRefusal::RefreshInvalid)?;
    let device_id = device_id.into_string();
    let work = move |tx: &mut crate::kernel::Tx<'_>| refresh::refresh(tx, family, generation, &device_id);
    let signed = app.db.write(&platform(&visitor), work).await??;
    token_answer(&app, signed)
}

/// Sign out.
///
/// This session's tokens stop at once.
#[utoipa::path(tag = "Account", operation_id = "sign_out", request_body = NoBody,
    responses((status = 204, description = "Signed out")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[post("/v1/auth/sign-out")]
async fn sign_out(app: Data<App>, actor: AnyPerson, command: Command<NoBody>) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, _| sessions::sign_out(tx).map(|()| no_content())).await
}

/// Show one's own account.
///
/// With the surface of the token that asks, and the version to name in a change.
#[utoipa::path(tag = "Account", operation_id = "show_me",
    responses((status = 200, body = MeView, description = "The account")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[get("/v1/auth/me")]
async fn show_me(app: Data<App>, actor: AnyPerson, request: HttpRequest) -> Result<HttpResponse> {
    let (account, roles) = app.db.read(&actor.0, me::find).await?;
    let version = account.version;
    http::json(&request, Some(version), &MeView::of(account, &roles, audience_of(&actor.0)))
}

/// Change one's own account.
///
/// Only what is sent changes. `If-Match` names the version that was seen.
#[utoipa::path(tag = "Account", operation_id = "change_me", request_body = MeChange,
    responses((status = 200, body = MeView, description = "The changed account")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[patch("/v1/auth/me")]
async fn change_me(
    app: Data<App>,
    actor: AnyPerson,
    seen: IfMatch,
    command: Command<MeChange>,
) -> Result<HttpResponse> {
    let audience = audience_of(&actor.0);
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, change| {
            let Some((account, roles)) = me::rename(tx, seen.0, change.display_name.as_str())? else {
                let (account, roles) = me::find(tx)?;
                let current = serde_json::to_value(MeView::of(account, &roles, audience)).map_err(Error::internal)?;
                return Err(Error::from(CommonProblem::VersionStale).with("current", current));
            };
            let version = account.version;
            Ok(Answer::ok(&MeView::of(account, &roles, audience))?.versioned(version))
        })
        .await
}

/// List one's open sessions, the newest first.
///
/// One per device that signed in and has not signed out; ended sessions are left out.
#[utoipa::path(tag = "Account", operation_id = "list_sessions",
    params(PageWish),
    responses((status = 200, body = Page<SessionView>, description = "Open sessions")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/auth/sessions")]
async fn list_sessions(
    app: Data<App>,
    actor: AnyPerson,
    request: HttpRequest,
    wish: Query<PageWish>,
) -> Result<HttpResponse> {
    let limit = wish.0.limit.map_or(PAGE_ROWS, Whole::value);
    let cursor = Cursor::new(&app.config.cursor_key, "sessions".to_owned());
    let before: Option<Uuid> = cursor.read(wish.0.cursor.as_ref().map(Opaque::expose))?;
    let rows = app.db.read(&actor.0, move |tx| sessions::list(tx, before, i64::from(limit).saturating_add(1))).await?;
    let current = match &actor.0 {
        Actor::Session(claim) => Some(claim.session_id),
        _ => None,
    };
    let views = rows.into_iter().map(|session| SessionView::of(session, current)).collect();
    let page = cursor.page(views, usize::try_from(limit).unwrap_or(1), |view: &SessionView| view.id.0)?;
    http::json(&request, None, &page)
}

/// End one of one's sessions.
///
/// Its tokens stop at once.
#[utoipa::path(tag = "Account", operation_id = "end_session", request_body = NoBody,
    params(("id" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "The session has ended")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-problems" = json!(["not_found"]))))]
#[delete("/v1/auth/sessions/{id}")]
async fn end_session(
    app: Data<App>,
    actor: AnyPerson,
    id: PathId<SessionId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, move |tx, _| sessions::end(tx, id.0).map(|()| no_content())).await
}

/// Sign-in happens before anybody is known.
pub fn platform(visitor: &Visitor) -> Actor {
    match &visitor.0 {
        Actor::Anonymous { request_id } | Actor::Platform { request_id } => Actor::Platform { request_id: *request_id },
        Actor::Session(claim) => Actor::Platform { request_id: claim.request_id },
    }
}

fn audience_of(actor: &Actor) -> Option<Audience> {
    match actor {
        Actor::Session(claim) => Some(claim.audience),
        Actor::Anonymous { .. } | Actor::Platform { .. } => None,
    }
}

pub fn no_content() -> Answer {
    Answer { status: 204, body: String::new(), location: None, etag: None }
}

/// The tokens of an open session; never stored for an idempotency key.
pub fn token_answer(app: &App, signed: Signed) -> Result<HttpResponse> {
    let Signed { account, session, roles } = signed;
    let claim = SessionClaim {
        session_id: session.id,
        account_id: account.id,
        audience: session.audience,
        authorisation_version: account.authorisation_version,
        request_id: None,
    };
    let answer = TokenAnswer {
        access_token: app.tokens.access(&claim, app.db.clock.now())?,
        token_type: "Bearer",
        expires_in_s: ACCESS_SECONDS,
        refresh_token: app.tokens.refresh(session.id, session.generation)?,
        account: AccountView::of(account, &roles),
    };
    Ok(Answer::ok(&answer)?.into_response())
}
