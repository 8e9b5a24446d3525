//! A value that no log, error or answer can print by accident.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, named so that each use is seen in review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Permissions of everybody but the owner and the group.
const OTHERS: u32 = 0o007;

/// What stands in a file, and whether nobody but its owner and group may read or write it.
pub fn read_kept(path: &Path) -> std::io::Result<(String, bool)> {
    let text = std::fs::read_to_string(path)?;
    let mode = std::fs::metadata(path)?.permissions().mode();
    Ok((text, mode & OTHERS == 0))
}
