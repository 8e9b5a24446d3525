use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::settlement_mappings;

use super::model::SettlementRules;
use crate::kernel::input::{Faults, Input as _};
use crate::kernel::{AccountId, Error, MappingId, Result, Tx};
use crate::payments::providers::ProviderId;

/// The rules of a provider in one version.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub id: MappingId,
    pub provider: ProviderId,
    pub version: i32,
    pub rules: SettlementRules,
    pub note: String,
    pub configured_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = settlement_mappings)]
struct Row {
    id: MappingId,
    provider: ProviderId,
    version: i32,
    rules: serde_json::Value,
    note: String,
    configured_by: Option<AccountId>,
    configured_at: DateTime<Utc>,
}

/// Rules are read as they were when they came.
fn mapping(row: Row) -> Result<Mapping> {
    let Row { id, provider, version, rules, note, configured_by: _, configured_at } = row;
    let rules = SettlementRules::read(&rules, &mut Faults::default());
    let rules = rules.ok_or_else(|| Error::internal("a mapping is kept that cannot be read"))?;
    Ok(Mapping { id, provider, version, rules, note, configured_at })
}

/// The rules of a provider that count.
pub fn current(tx: &mut Tx<'_>, provider: ProviderId) -> Result<Mapping> {
    let row: Row = settlement_mappings::table
        .filter(settlement_mappings::provider.eq(provider))
        .order(settlement_mappings::version.desc())
        .select(Row::as_select())
        .first(tx.conn)?;
    mapping(row)
}

/// The rules of every provider that count.
pub fn all_current(tx: &mut Tx<'_>) -> Result<Vec<Mapping>> {
    let rows: Vec<Row> = settlement_mappings::table
        .distinct_on(settlement_mappings::provider)
        .order((settlement_mappings::provider, settlement_mappings::version.desc()))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(mapping).collect()
}

pub fn insert(tx: &mut Tx<'_>, new: &Mapping, by: AccountId) -> Result<()> {
    let row = Row {
        id: new.id,
        provider: new.provider,
        version: new.version,
        rules: serde_json::to_value(&new.rules).map_err(Error::internal)?,
        note: new.note.clone(),
        configured_by: Some(by),
        configured_at: new.configured_at,
    };
    tx.later(diesel::insert_into(settlement_mappings::table).values(row), 1)
}
