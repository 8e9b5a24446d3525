use serde_json::json;

use super::model::{KEPT_UNUSED, PHOTOS_PER_DAY_MAX, StorageRefusal};
use super::picture::Picture;
use super::store::{self, NewPhoto, Photo};
use crate::audit;
use crate::kernel::{AccountId, Error, PhotoId, Result, Tx};

/// Whether one more photo of the actor would be taken now: asked before it is received.
pub fn may_send(tx: &mut Tx<'_>) -> Result<AccountId> {
    let owner = tx.who.signed_in()?;
    let since = tx.now - KEPT_UNUSED;
    let sent = store::sent_since(tx, owner, since)?;
    match sent.first() {
        Some(oldest) if i64::try_from(sent.len()).unwrap_or(i64::MAX) >= PHOTOS_PER_DAY_MAX => {
            let wait = (*oldest - since).num_seconds().saturating_add(1);
            Err(Error::from(StorageRefusal::TooManyToday).with("retry_after_s", wait))
        }
        _ => Ok(owner),
    }
}

/// Writes down what is to be stored. The same photo that waits to be used is found again.
pub fn begin(tx: &mut Tx<'_>, sha256: &[u8], picture: &Picture) -> Result<Photo> {
    let owner = tx.who.signed_in()?;
    store::lock_owner(tx, owner)?;
    if let Some(known) = store::find_unused(tx, owner, sha256)? {
        return Ok(known);
    }
    may_send(tx)?;
    let bytes = picture.large.len().saturating_add(picture.medium.len()).saturating_add(picture.small.len());
    let photo = NewPhoto {
        id: PhotoId::generate(),
        owner_account_id: owner,
        sha256: sha256.to_vec(),
        width: i32::try_from(picture.width).map_err(Error::internal)?,
        height: i32::try_from(picture.height).map_err(Error::internal)?,
        bytes: i32::try_from(bytes).map_err(Error::internal)?,
        created_at: tx.now,
    };
    store::insert(tx, &photo)
}

/// Its files are written: now it can be used and seen.
pub fn finish(tx: &mut Tx<'_>, id: PhotoId) -> Result<()> {
    tx.who.signed_in()?;
    if !store::mark_stored(tx, id)? {
        return Err(Error::Unavailable("the photo was removed while it was stored".to_owned()));
    }
    audit::write(tx, "photo.store", "photo", id.0, json!({}))
}
