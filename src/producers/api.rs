//! Routes of producers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Change, ProducerEvent, ProducerKind, ProducerStatus, TaxCode};
use super::store::{self, Producer, Seller};
use super::terms_api::put_selling_terms;
use super::{decide, edit, register, submit};
use crate::app::App;
use crate::kernel::http::{
    self, Answer, Command, Cursor, IfMatch, KeyRule, NoBody, OperatorSurface, Page, PathId, ProducerSurface, Query,
    Visitor,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, Name, ProducerId, Result, Text};
use crate::places::{CommuneCode, PlaceInput};

const LIMIT: usize = 20;

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(register_producer)
        .service(show_profile)
        .service(edit_profile)
        .service(submit_producer)
        .service(list_producers)
        .service(find_producer)
        .service(approve_producer)
        .service(reject_producer)
        .service(request_producer_changes)
        .service(find_seller)
        .service(put_selling_terms);
}

crate::input! {
    /// What a person says of the producer that is to be registered.
    pub struct Registration {
        pub kind: ProducerKind,
        /// As it stands on papers and labels, in Latin letters. The name of an approved cooperative or company, or one
        /// that looks like it, is taken.
        pub name: Name<150>,
        pub representative_name: Name<100>,
        /// Of the business or cooperative register; a cooperative or company must have one.
        pub registration_number: Option<Text<40>>,
        pub tax_code: Option<TaxCode>,
        /// Where the household lives or the organisation has its seat.
        pub residence: PlaceInput,
        /// Where it grows or makes what it sells.
        pub production: PlaceInput,
        /// House number and village in the commune of residence.
        pub address: Text<200>,
    }
}

crate::input! {
    /// Fields that are absent stay as they are.
    pub struct ProfilePatch {
        pub kind: Option<ProducerKind>,
        pub name: Option<Name<150>>,
        pub representative_name: Option<Name<100>>,
        /// `null` takes it away.
        #[schema(value_type = Option<Text<40>>)]
        pub registration_number: Change<Text<40>>,
        /// `null` takes it away.
        #[schema(value_type = Option<TaxCode>)]
        pub tax_code: Change<TaxCode>,
        pub residence: Option<PlaceInput>,
        pub production: Option<PlaceInput>,
        pub address: Option<Text<200>>,
    }
}

crate::input! {
    /// Why the operator decided so; the producer reads it.
    pub struct ProducerReason {
        pub reason: Text<500>,
    }
}

/// A producer, as its owner and the operator see it.
#[derive(Serialize, ToSchema)]
pub struct ProducerView {
    id: ProducerId,
    kind: ProducerKind,
    #[schema(example = "HTX Tuấn Băng", max_length = 150)]
    name: String,
    #[schema(max_length = 100)]
    representative_name: String,
    #[schema(max_length = 40)]
    registration_number: Option<String>,
    #[schema(example = "0123456789-001", max_length = 14)]
    tax_code: Option<String>,
    residence_commune_code: CommuneCode,
    production_commune_code: CommuneCode,
    #[schema(max_length = 200)]
    address: String,
    status: ProducerStatus,
    /// Why it was refused or what has to change.
    #[schema(max_length = 500)]
    status_reason: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match` with a change.
    #[schema(minimum = 1)]
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the reader may do now.
    #[schema(max_items = 5)]
    allowed_actions: Vec<ProducerEvent>,
}

impl ProducerView {
    pub fn of_owner(producer: Producer) -> Self {
        let allowed = producer.status.actions_of_owner();
        Self::new(producer, allowed)
    }

    fn of_operator(producer: Producer) -> Self {
        let allowed = producer.status.actions_of_operator();
        Self::new(producer, allowed)
    }

    fn new(producer: Producer, allowed_actions: Vec<ProducerEvent>) -> Self {
        let Producer {
            id,
            kind,
            name,
            representative_name,
            registration_number,
            tax_code,
            residence_commune_code,
            production_commune_code,
            address,
            status,
            status_reason,
            submitted_at,
            decided_at,
            version,
            created_at,
            updated_at,
        } = producer;
        Self {
            id,
            kind,
            name,
            representative_name,
            registration_number,
            tax_code,
            residence_commune_code,
            production_commune_code,
            address,
            status,
            status_reason,
            submitted_at,
            decided_at,
            version,
            created_at,
            updated_at,
            allowed_actions,
        }
    }

    fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }
}

/// Register as a producer.
///
/// Once per account. The profile is a draft: complete it and submit it for approval.
#[utoipa::path(tag = "Producers", operation_id = "register_producer", request_body = Registration,
    responses((status = 201, body = ProducerView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.name_taken", "producers.already_registered", "places.former_commune_split"]))))]
#[post("/v1/producer/registration")]
async fn register_producer(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<Registration>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, registration| {
            let view = ProducerView::of_owner(register::register(tx, registration)?);
            Ok(Answer::created(&view, "/v1/producer/profile".to_owned())?.versioned(view.version))
        })
        .await
}

/// Show the own profile.
///
/// 404 before the registration.
#[utoipa::path(tag = "Producers", operation_id = "show_profile", responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/profile")]
async fn show_profile(request: HttpRequest, app: Data<App>, actor: ProducerSurface) -> Result<HttpResponse> {
    let producer = app
        .db
        .read(&actor.0, |tx| {
            let account_id = tx.who.must(Audience::Producer)?;
            store::of_account(tx, account_id)
        })
        .await?;
    http::json(&request, Some(producer.version), &ProducerView::of_owner(producer))
}

/// Change the own profile.
///
/// Only as a draft or when changes were asked for, and only over the version named in `If-Match`.
#[utoipa::path(tag = "Producers", operation_id = "edit_profile", request_body = ProfilePatch,
    responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["not_found", "producers.name_taken", "producers.not_editable", "places.former_commune_split"]))))]
#[patch("/v1/producer/profile")]
async fn edit_profile(
    app: Data<App>,
    actor: ProducerSurface,
    version: IfMatch,
    command: Command<ProfilePatch>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| {
            ProducerView::of_owner(edit::edit(tx, version.0, patch)?).answer()
        })
        .await
}

/// Submit the own profile for approval.
///
/// From a draft, or again after changes were asked for.
#[utoipa::path(tag = "Producers", operation_id = "submit_producer", request_body = NoBody,
    responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["not_found", "producers.action_not_allowed", "producers.name_taken"]))))]
#[post("/v1/producer/profile/submit")]
async fn submit_producer(app: Data<App>, actor: ProducerSurface, command: Command<NoBody>) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, _| ProducerView::of_owner(submit::submit(tx)?).answer()).await
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ProducerQuery {
        /// Only in this status.
        pub status: Option<ProducerStatus>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// List producers.
///
/// In the order of their registration.
#[utoipa::path(tag = "Producers", operation_id = "list_producers",
    params(ProducerQuery),
    responses((status = 200, body = Page<ProducerView>)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/producers")]
async fn list_producers(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ProducerQuery>,
) -> Result<HttpResponse> {
    let ProducerQuery { status, limit, cursor } = query.0;
    let place = Cursor::new(&app.config.cursor_key, format!("operator_producers:{status:?}"));
    let after: Option<uuid::Uuid> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::list(tx, status, after.map(ProducerId), rows_max)
        })
        .await?;
    let views = rows.into_iter().map(ProducerView::of_operator).collect();
    http::json(&request, None, &place.page(views, limit, |view| view.id)?)
}

/// Show a producer.
///
/// The whole profile, as submitted.
#[utoipa::path(tag = "Producers", operation_id = "find_producer",
    params(("id" = ProducerId, Path, description = "Producer")),
    responses((status = 200, body = ProducerView)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/producers/{id}")]
async fn find_producer(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProducerId>,
) -> Result<HttpResponse> {
    let producer = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id.0)
        })
        .await?;
    http::json(&request, Some(producer.version), &ProducerView::of_operator(producer))
}

/// Approve a submitted producer.
///
/// From now on it may offer products, and its seller's details are public.
#[utoipa::path(tag = "Producers", operation_id = "approve_producer", request_body = NoBody,
    params(("id" = ProducerId, Path, description = "Producer")),
    responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["producers.action_not_allowed", "producers.name_taken"]))))]
#[post("/v1/operator/producers/{id}/approve")]
async fn approve_producer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProducerId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            ProducerView::of_operator(decide::approve(tx, id.0)?).answer()
        })
        .await
}

/// Reject a submitted producer.
///
/// Final; the producer reads the reason.
#[utoipa::path(tag = "Producers", operation_id = "reject_producer", request_body = ProducerReason,
    params(("id" = ProducerId, Path, description = "Producer")),
    responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["producers.action_not_allowed"]))))]
#[post("/v1/operator/producers/{id}/reject")]
async fn reject_producer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProducerId>,
    command: Command<ProducerReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, body| {
            ProducerView::of_operator(decide::reject(tx, id.0, body.reason.as_str())?).answer()
        })
        .await
}

/// Ask a submitted producer for changes.
///
/// The profile becomes editable again; the producer reads the reason.
#[utoipa::path(tag = "Producers", operation_id = "request_producer_changes", request_body = ProducerReason,
    params(("id" = ProducerId, Path, description = "Producer")),
    responses((status = 200, body = ProducerView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["producers.action_not_allowed"]))))]
#[post("/v1/operator/producers/{id}/request-changes")]
async fn request_producer_changes(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProducerId>,
    command: Command<ProducerReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, body| {
            ProducerView::of_operator(decide::request_changes(tx, id.0, body.reason.as_str())?).answer()
        })
        .await
}

/// Who sells, as buyers must be able to know.
#[derive(Serialize, ToSchema)]
struct SellerView {
    id: ProducerId,
    kind: ProducerKind,
    #[schema(example = "HTX Tuấn Băng", max_length = 150)]
    name: String,
    /// In the commune.
    #[schema(max_length = 200)]
    address: String,
    commune_code: CommuneCode,
    #[schema(example = "Đồng Văn", max_length = 100)]
    commune_name: String,
    /// The district that most of the commune belonged to.
    #[schema(example = "Đồng Văn", max_length = 100)]
    former_district_name: String,
}

impl From<Seller> for SellerView {
    fn from(seller: Seller) -> Self {
        let Seller { id, kind, name, address, commune_code, commune_name, former_district_name } = seller;
        Self { id, kind, name, address, commune_code, commune_name, former_district_name }
    }
}

/// Show a seller.
///
/// Name, kind and address of an approved producer; 404 for any other.
#[utoipa::path(tag = "Producers", operation_id = "find_seller",
    params(("id" = ProducerId, Path, description = "Producer")), responses((status = 200, body = SellerView)))]
#[get("/v1/public/producers/{id}")]
async fn find_seller(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: PathId<ProducerId>,
) -> Result<HttpResponse> {
    let seller = app.db.read(&visitor.0, move |tx| store::seller(tx, id.0)).await?;
    http::json(&request, None, &SellerView::from(seller))
}
