//! Photos that people send with what they complain about and review.
//!
//! Promises: only what is a whole JPEG, PNG or WebP picture by its content is taken, of at most so many pixels, which are
//! looked at before any is unpacked; what is kept was drawn anew, upright and without whatever else the file said (place,
//! device, other files); what nobody uses within a day is deleted with its files; only who may see the thing that a photo
//! belongs to sees the photo.
//!
//! Files are written after their row and deleted after a transaction has said so, so that a crash leaves neither a file
//! without a row nor a row that shows nothing.

mod api;
mod attach;
mod files;
mod model;
mod picture;
mod purge;
mod store;
mod upload;

pub use api::routes;
pub use attach::{Thing, attach, photos_of, set_public};
pub use files::Photos;
pub use model::{PHOTOS_MAX, PhotoIds, PhotoSize, StorageRefusal, ThingKind};
pub use purge::purge;

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[StorageRefusal::PROBLEMS];
