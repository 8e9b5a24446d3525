//! Where photos lie.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::model::PhotoSize;
use super::picture::Picture;
use crate::kernel::{Error, PhotoId, Result};

/// Photos that are received at once: each is held in memory.
const UPLOADS_MAX: usize = 8;
/// Photos that are drawn at once: each takes as much memory as it has pixels.
const DRAWN_MAX: usize = 2;
/// How long a photo waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The folder of photos, and how many are worked on at once. Processes on several machines share the folder.
pub struct Photos {
    folder: PathBuf,
    uploads: Semaphore,
    drawing: Semaphore,
}

impl Photos {
    pub fn new(folder: &Path) -> Photos {
        Photos { folder: folder.to_owned(), uploads: Semaphore::new(UPLOADS_MAX), drawing: Semaphore::new(DRAWN_MAX) }
    }

    pub async fn upload_permit(&self) -> Result<SemaphorePermit<'_>> {
        permit(&self.uploads).await
    }

    pub async fn drawing_permit(&self) -> Result<SemaphorePermit<'_>> {
        permit(&self.drawing).await
    }

    /// Names are ours, never the client's.
    pub fn path(&self, id: PhotoId, size: PhotoSize) -> PathBuf {
        let name = id.0.simple().to_string();
        // The end of an id is by chance, so folders fill evenly.
        let part: String = name.chars().skip(30).collect();
        self.folder.join(part).join(format!("{name}-{size}.jpg"))
    }

    /// Writes all sizes; written again, they are the same.
    pub fn write(&self, id: PhotoId, picture: &Picture) -> Result<()> {
        for size in PhotoSize::ALL {
            let path = self.path(id, *size);
            let folder = path.parent().ok_or_else(|| Error::internal("a photo has no folder"))?;
            std::fs::create_dir_all(folder).map_err(Error::internal)?;
            let half = path.with_extension(format!("{}.half", PhotoId::generate()));
            std::fs::write(&half, picture.file(*size)).map_err(Error::internal)?;
            std::fs::rename(&half, &path).map_err(Error::internal)?;
        }
        Ok(())
    }

    pub fn read(&self, id: PhotoId, size: PhotoSize) -> Result<Vec<u8>> {
        std::fs::read(self.path(id, size)).map_err(Error::internal)
    }

    /// Deletes what is there; what is gone already is no fault.
    pub fn delete(&self, id: PhotoId) -> Result<()> {
        for size in PhotoSize::ALL {
            match std::fs::remove_file(self.path(id, *size)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::internal(error)),
                _ => {}
            }
        }
        Ok(())
    }
}

async fn permit(of: &Semaphore) -> Result<SemaphorePermit<'_>> {
    tokio::time::timeout(WAIT_MAX, of.acquire())
        .await
        .map_err(|_| Error::Unavailable("too many photos at once".to_owned()))?
        .map_err(Error::internal)
}
