//! All SQL on producers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use schema::producers;

use super::model::{ProducerKind, ProducerRefusal, ProducerStatus};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, ProducerId, Result, Tx, Vnd};
use crate::places::CommuneCode;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = producers)]
pub struct Producer {
    pub id: ProducerId,
    pub kind: ProducerKind,
    pub name: String,
    pub representative_name: String,
    pub registration_number: Option<String>,
    pub tax_code: Option<String>,
    pub residence_commune_code: CommuneCode,
    pub production_commune_code: CommuneCode,
    pub address: String,
    pub status: ProducerStatus,
    pub status_reason: Option<String>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What its owner says of a producer.
#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = producers)]
#[diesel(treat_none_as_null = true)]
pub struct Profile {
    pub kind: ProducerKind,
    pub name: String,
    pub representative_name: String,
    pub registration_number: Option<String>,
    pub tax_code: Option<String>,
    pub residence_commune_code: CommuneCode,
    pub production_commune_code: CommuneCode,
    pub address: String,
}

pub fn insert(tx: &mut Tx<'_>, account_id: AccountId, profile: &Profile) -> Result<Producer> {
    diesel::insert_into(producers::table)
        .values((
            producers::id.eq(ProducerId::generate()),
            producers::account_id.eq(account_id),
            profile,
            producers::status.eq(ProducerStatus::Draft),
            producers::created_at.eq(tx.now),
            producers::updated_at.eq(tx.now),
        ))
        .returning(Producer::as_returning())
        .get_result(tx.conn)
        .on_constraint("producers_account_key", ProducerRefusal::AlreadyRegistered)
}

pub fn of_account(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Producer> {
    let row =
        producers::table.filter(producers::account_id.eq(account_id)).select(Producer::as_select()).first(tx.conn)?;
    Ok(row)
}

pub fn find_of_account(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Option<Producer>> {
    let query = producers::table.filter(producers::account_id.eq(account_id)).select(Producer::as_select());
    Ok(query.first(tx.conn).optional()?)
}

pub fn find(tx: &mut Tx<'_>, id: ProducerId) -> Result<Producer> {
    let row = producers::table.find(id).select(Producer::as_select()).first(tx.conn)?;
    Ok(row)
}

/// Those of these producers that the actor may see.
pub fn find_all(tx: &mut Tx<'_>, ids: &[ProducerId]) -> Result<BTreeMap<ProducerId, Producer>> {
    let rows: Vec<Producer> =
        producers::table.filter(producers::id.eq_any(ids)).select(Producer::as_select()).load(tx.conn)?;
    Ok(rows.into_iter().map(|producer| (producer.id, producer)).collect())
}

/// The accounts that act for a producer.
pub fn members(tx: &mut Tx<'_>, id: ProducerId) -> Result<Vec<AccountId>> {
    Ok(producers::table.filter(producers::id.eq(id)).select(producers::account_id).load(tx.conn)?)
}

/// Writes the profile over the version that was read; `None` when it has changed since.
pub fn rewrite(tx: &mut Tx<'_>, old: &Producer, profile: &Profile) -> Result<Option<Producer>> {
    let row = diesel::update(producers::table.find(old.id))
        .filter(producers::version.eq(old.version))
        .filter(producers::status.eq(old.status))
        .set((profile, producers::version.eq(producers::version + 1), producers::updated_at.eq(tx.now)))
        .returning(Producer::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Hands the profile in; `None` when its status has changed since.
pub fn submit(tx: &mut Tx<'_>, old: &Producer, next: ProducerStatus) -> Result<Option<Producer>> {
    let row = diesel::update(producers::table.find(old.id))
        .filter(producers::status.eq(old.status))
        .filter(producers::version.eq(old.version))
        .set((
            producers::status.eq(next),
            producers::status_reason.eq(None::<String>),
            producers::submitted_at.eq(tx.now),
            producers::version.eq(producers::version + 1),
            producers::updated_at.eq(tx.now),
        ))
        .returning(Producer::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Writes an operator's decision; `None` when the status has changed since.
pub fn decide(tx: &mut Tx<'_>, old: &Producer, next: ProducerStatus, reason: Option<&str>) -> Result<Option<Producer>> {
    let row = diesel::update(producers::table.find(old.id))
        .filter(producers::status.eq(old.status))
        .filter(producers::version.eq(old.version))
        .set((
            producers::status.eq(next),
            producers::status_reason.eq(reason),
            producers::decided_at.eq(tx.now),
            producers::decided_by.eq(tx.who.account_id),
            producers::version.eq(producers::version + 1),
            producers::updated_at.eq(tx.now),
        ))
        .returning(Producer::as_returning())
        .get_result(tx.conn)
        .optional()
        .on_constraint("producers_name_key", ProducerRefusal::NameTaken)?;
    Ok(row)
}

/// Whether an approved cooperative or company other than `own` bears this name, or one that looks like it.
pub fn is_name_taken(tx: &mut Tx<'_>, own: Option<ProducerId>, name: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    let row: Taken = diesel::sql_query(
        "select exists (select 1 from producers where name_skeleton(name) = name_skeleton($1) \
           and status = 'approved' and kind in ('cooperative', 'company') and id is distinct from $2) as taken",
    )
    .bind::<Text, _>(name)
    .bind::<Nullable<SqlUuid>, _>(own)
    .get_result(tx.conn)?;
    Ok(row.taken)
}

/// In the order of their registration.
pub fn list(
    tx: &mut Tx<'_>,
    status: Option<ProducerStatus>,
    after: Option<ProducerId>,
    rows_max: i64,
) -> Result<Vec<Producer>> {
    let mut query = producers::table.select(Producer::as_select()).order(producers::id).limit(rows_max).into_boxed();
    if let Some(status) = status {
        query = query.filter(producers::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(producers::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

/// Approved producers in the order of their registration.
pub fn approved_after(tx: &mut Tx<'_>, after: Option<ProducerId>, rows_max: i64) -> Result<Vec<ProducerId>> {
    let mut query = producers::table
        .filter(producers::status.eq(ProducerStatus::Approved))
        .order(producers::id)
        .limit(rows_max)
        .select(producers::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(producers::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}

/// The part of an approved producer that everybody may see.
#[derive(Debug, QueryableByName)]
pub struct Seller {
    #[diesel(sql_type = SqlUuid)]
    pub id: ProducerId,
    #[diesel(sql_type = Text)]
    pub kind: ProducerKind,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub commune_name: String,
    #[diesel(sql_type = Text)]
    pub former_district_name: String,
}

pub fn seller(tx: &mut Tx<'_>, id: ProducerId) -> Result<Seller> {
    let row = diesel::sql_query(
        "select p.id, p.kind, p.name, p.address, c.code as commune_code, c.name as commune_name, \
           d.name as former_district_name \
         from producers p join communes c on c.code = p.residence_commune_code \
           join former_districts d on d.code = c.former_district_code \
         where p.id = $1 and p.status = 'approved'",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?;
    Ok(row)
}

pub fn set_minimum_order(tx: &mut Tx<'_>, id: ProducerId, minimum: Vnd) -> Result<()> {
    diesel::update(producers::table.find(id))
        .set((producers::minimum_order_vnd.eq(minimum), producers::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// The seller's part of a contract.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SellerParty {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub representative_name: String,
    /// With commune and province.
    #[diesel(sql_type = Text)]
    pub address: String,
    #[diesel(sql_type = Text)]
    pub phone: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub registration_number: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub tax_code: Option<String>,
}

#[derive(QueryableByName)]
struct PartyRow {
    #[diesel(sql_type = SqlUuid)]
    id: ProducerId,
    #[diesel(embed)]
    party: SellerParty,
}

/// Who sells, as Law 19/2023, article 37 wants a buyer to know it: with the number under which a seller can be called.
pub fn parties(tx: &mut Tx<'_>, ids: &[ProducerId]) -> Result<BTreeMap<ProducerId, SellerParty>> {
    let rows: Vec<PartyRow> = diesel::sql_query("select * from seller_parties($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .prepared()
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.party)).collect())
}

/// Who hands parcels over, and where.
#[derive(Debug, Clone, QueryableByName)]
pub struct Sender {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub phone: String,
    #[diesel(sql_type = Text)]
    pub commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub address: String,
}

/// As carriers need it: for the producer itself and for the platform.
pub fn sender(tx: &mut Tx<'_>, id: ProducerId) -> Result<Sender> {
    let row = diesel::sql_query(
        "select p.name, a.phone, p.residence_commune_code as commune_code, p.address \
         from producers p join accounts a on a.id = p.account_id where p.id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?;
    Ok(row)
}
