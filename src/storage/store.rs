use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use schema::photos;
use uuid::Uuid;

use super::attach::Thing;
use super::model::ThingKind;
use crate::kernel::{AccountId, PhotoId, ProducerId, Result, Tx};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = photos)]
pub struct Photo {
    pub id: PhotoId,
    pub width: i32,
    pub height: i32,
    pub stored_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What is known of a photo before its files are written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = photos)]
pub struct NewPhoto {
    pub id: PhotoId,
    pub owner_account_id: AccountId,
    pub sha256: Vec<u8>,
    pub width: i32,
    pub height: i32,
    pub bytes: i32,
    pub created_at: DateTime<Utc>,
}

/// Photos of one account are counted by one transaction at a time.
pub fn lock_owner(tx: &mut Tx<'_>, owner: AccountId) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('photos:' || $1, 0))")
        .bind::<Text, _>(owner.to_string())
        .execute(tx.conn)?;
    Ok(())
}

/// When the photos of an account were sent that count now, the oldest first.
pub fn sent_since(tx: &mut Tx<'_>, owner: AccountId, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    Ok(photos::table
        .filter(photos::owner_account_id.eq(owner))
        .filter(photos::created_at.gt(since))
        .order(photos::created_at)
        .select(photos::created_at)
        .load(tx.conn)?)
}

pub fn find_unused(tx: &mut Tx<'_>, owner: AccountId, sha256: &[u8]) -> Result<Option<Photo>> {
    Ok(photos::table
        .filter(photos::owner_account_id.eq(owner))
        .filter(photos::sha256.eq(sha256))
        .filter(photos::used_at.is_null())
        .filter(photos::removed_at.is_null())
        .select(Photo::as_select())
        .first(tx.conn)
        .optional()?)
}

pub fn insert(tx: &mut Tx<'_>, photo: &NewPhoto) -> Result<Photo> {
    Ok(diesel::insert_into(photos::table).values(photo).returning(Photo::as_returning()).get_result(tx.conn)?)
}

/// `false` when it was removed meanwhile.
pub fn mark_stored(tx: &mut Tx<'_>, id: PhotoId) -> Result<bool> {
    let changed = diesel::update(photos::table.find(id))
        .filter(photos::removed_at.is_null())
        .set(photos::stored_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Gives unused photos of an owner to a thing; returns how many there were.
pub fn use_photos(tx: &mut Tx<'_>, owner: AccountId, ids: &[PhotoId], thing: &Thing) -> Result<usize> {
    Ok(diesel::update(photos::table)
        .filter(photos::id.eq_any(ids))
        .filter(photos::owner_account_id.eq(owner))
        .filter(photos::used_at.is_null())
        .filter(photos::removed_at.is_null())
        .filter(photos::stored_at.is_not_null())
        .set((
            photos::used_by_kind.eq(thing.kind),
            photos::used_by_id.eq(thing.id),
            photos::used_at.eq(tx.now),
            photos::producer_id.eq(thing.producer_id),
            photos::is_public.eq(thing.is_public),
        ))
        .execute(tx.conn)?)
}

pub fn set_public(tx: &mut Tx<'_>, kind: ThingKind, id: Uuid, is_public: bool) -> Result<()> {
    diesel::update(photos::table)
        .filter(photos::used_by_kind.eq(kind))
        .filter(photos::used_by_id.eq(id))
        .filter(photos::used_at.is_not_null())
        .set(photos::is_public.eq(is_public))
        .execute(tx.conn)?;
    Ok(())
}

/// Which photos belong to which of these things, in the order in which they were sent.
pub fn of_things(tx: &mut Tx<'_>, kind: ThingKind, ids: &[Uuid]) -> Result<Vec<(Uuid, PhotoId)>> {
    let rows: Vec<(Option<Uuid>, PhotoId)> = photos::table
        .filter(photos::used_by_kind.eq(kind))
        .filter(photos::used_by_id.eq_any(ids))
        .filter(photos::used_at.is_not_null())
        .order(photos::id)
        .select((photos::used_by_id, photos::id))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(thing, photo)| thing.map(|thing| (thing, photo))).collect())
}

/// Who looks at a photo.
#[derive(Debug, Clone, Copy)]
pub enum Viewer {
    Owner(AccountId),
    Producer(ProducerId),
    Operator,
    Anybody,
}

/// Refuses a photo that this viewer may not see, or that is not stored.
pub fn must_see(tx: &mut Tx<'_>, viewer: Viewer, id: PhotoId) -> Result<()> {
    let query = photos::table
        .find(id)
        .filter(photos::stored_at.is_not_null())
        .filter(photos::removed_at.is_null())
        .select(photos::id)
        .into_boxed();
    let query = match viewer {
        Viewer::Owner(owner) => query.filter(photos::owner_account_id.eq(owner)),
        Viewer::Producer(producer) => query.filter(photos::producer_id.eq(producer)),
        Viewer::Operator => query.filter(photos::used_at.is_not_null()),
        Viewer::Anybody => query.filter(photos::is_public),
    };
    query.first::<PhotoId>(tx.conn)?;
    Ok(())
}

/// Nobody sees unused photos any more that were sent before a moment.
pub fn remove_unused(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<()> {
    diesel::update(photos::table)
        .filter(photos::used_at.is_null())
        .filter(photos::removed_at.is_null())
        .filter(photos::created_at.lt(before))
        .set(photos::removed_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(())
}

/// Photos that were removed before a moment, by a transaction that has long ended.
pub fn removed(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<PhotoId>> {
    Ok(photos::table
        .filter(photos::used_at.is_null())
        .filter(photos::removed_at.lt(before))
        .order(photos::id)
        .limit(rows)
        .select(photos::id)
        .load(tx.conn)?)
}

pub fn delete(tx: &mut Tx<'_>, ids: &[PhotoId]) -> Result<()> {
    diesel::delete(photos::table.filter(photos::id.eq_any(ids))).execute(tx.conn)?;
    Ok(())
}
