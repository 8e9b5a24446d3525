//! The operator's word on how files are read.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::SettlementRules;
use super::store::{self, Mapping};
use crate::app::App;
use crate::kernel::http::{Answer, Command, KeyRule, OperatorSurface, json as json_answer};
use crate::kernel::input::Faults;
use crate::kernel::{Audience, Error, MappingId, Result, Text, Tx};
use crate::payments::providers::ProviderId;
use crate::{audit, input};

input! {
    /// How files of a provider are read from now on.
    pub struct NewSettlementMapping {
        pub provider: ProviderId,
        pub rules: SettlementRules,
        #[schema(example = "Theo phụ lục 3 của hợp đồng")]
        pub note: Text<500>,
    }
}

/// How files of a provider are read.
#[derive(Serialize, ToSchema)]
pub struct SettlementMappingView {
    id: MappingId,
    provider: ProviderId,
    #[schema(minimum = 1)]
    version: i32,
    rules: SettlementRules,
    #[schema(max_length = 500)]
    note: String,
    configured_at: DateTime<Utc>,
}

impl From<Mapping> for SettlementMappingView {
    fn from(mapping: Mapping) -> Self {
        let Mapping { id, provider, version, rules, note, configured_at } = mapping;
        Self { id, provider, version, rules, note, configured_at }
    }
}

/// The rules of every provider that count.
#[derive(Serialize, ToSchema)]
pub struct SettlementMappingsView {
    #[schema(max_items = 20)]
    data: Vec<SettlementMappingView>,
}

/// Show how files are read.
///
/// Of each provider the version that counts.
#[utoipa::path(tag = "Money", operation_id = "list_settlement_mappings",
    responses((status = 200, body = SettlementMappingsView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[get("/v1/operator/settlement-mappings")]
async fn list_settlement_mappings(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
) -> Result<HttpResponse> {
    let data = app
        .db
        .read(&actor.0, |tx| {
            tx.who.must(Audience::Operator)?;
            Ok(store::all_current(tx)?.into_iter().map(SettlementMappingView::from).collect())
        })
        .await?;
    json_answer(&request, None, &SettlementMappingsView { data })
}

/// Say how files of a provider are read.
///
/// A new version, which counts for what is sent from now on. What was read stays as it is.
#[utoipa::path(tag = "Money", operation_id = "configure_settlement_mapping", request_body = NewSettlementMapping,
    responses((status = 201, body = SettlementMappingView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[post("/v1/operator/settlement-mappings")]
async fn configure_settlement_mapping(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<NewSettlementMapping>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let mapping = configure(tx, new)?;
            Answer::created(&SettlementMappingView::from(mapping), "/v1/operator/settlement-mappings".to_owned())
        })
        .await
}

/// The next version. Two at once are one after the other.
fn configure(tx: &mut Tx<'_>, new: NewSettlementMapping) -> Result<Mapping> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let NewSettlementMapping { provider, rules, note } = new;
    let mut faults = Faults::default();
    faults.inside("rules", |at| rules.look(at));
    if !faults.is_clean() {
        return Err(Error::Invalid(faults.into_found()));
    }
    let version = store::current(tx, provider)?.version.saturating_add(1);
    let mapping = Mapping {
        id: MappingId::generate(),
        provider,
        version,
        rules,
        note: note.into_string(),
        configured_at: tx.now,
    };
    store::insert(tx, &mapping, operator_id)?;
    let detail = json!({"provider": provider, "version": version});
    audit::write(tx, "settlement_mapping.configured", "settlement_mapping", mapping.id.0, detail)?;
    Ok(mapping)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_settlement_mappings).service(configure_settlement_mapping);
}
