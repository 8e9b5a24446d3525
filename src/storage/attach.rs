use uuid::Uuid;

use super::model::ThingKind;
use super::store;
use crate::kernel::input::FaultCode;
use crate::kernel::{Error, PhotoId, ProducerId, Result, Tx};

/// What photos belong to, and who sees them with it.
#[derive(Debug, Clone, Copy)]
pub struct Thing {
    pub kind: ThingKind,
    pub id: Uuid,
    pub producer_id: Option<ProducerId>,
    pub is_public: bool,
}

/// Gives the actor's own unused photos to a thing, all of them or none.
pub fn attach(tx: &mut Tx<'_>, ids: &[PhotoId], thing: &Thing) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let owner = tx.who.signed_in()?;
    if store::use_photos(tx, owner, ids, thing)? == ids.len() {
        return Ok(());
    }
    Err(Error::invalid("/photo_ids", FaultCode::Unknown, "your own photos that nothing uses"))
}

/// Shows the photos of a thing to everybody, or not any more.
pub fn set_public(tx: &mut Tx<'_>, kind: ThingKind, id: Uuid, is_public: bool) -> Result<()> {
    tx.as_platform(|tx| store::set_public(tx, kind, id, is_public))
}

/// The photos of things of one kind.
pub fn photos_of(tx: &mut Tx<'_>, kind: ThingKind, ids: &[Uuid]) -> Result<Vec<(Uuid, PhotoId)>> {
    store::of_things(tx, kind, ids)
}
