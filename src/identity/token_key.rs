//! Where the keys of tokens come from.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::kernel::secret::read_kept;
use crate::kernel::{RequestId, Secret};

pub const KEY_FILE: &str = "token_key.pem";
pub const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
pub const PEM_END: &str = "-----END PRIVATE KEY-----";

/// The keys of a PEM, in PKCS#8.
pub fn private_keys(pem: &Secret) -> Result<Vec<Vec<u8>>, String> {
    let text = pem.expose().replace("\\n", "\n");
    text.split(PEM_BEGIN)
        .skip(1)
        .map(|block| {
            let (body, _) = block.split_once(PEM_END).ok_or("token key: the PEM has no end")?;
            let body: String = body.split_whitespace().collect();
            STANDARD.decode(body).map_err(|_| "token key: the PEM is not base64".to_owned())
        })
        .collect()
}

/// The key of this machine, made at the first start.
pub fn kept_key(folder: &Path) -> Result<Secret, String> {
    let path = folder.join(KEY_FILE);
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    if !path.exists() {
        std::fs::create_dir_all(folder).map_err(failed)?;
        let pair = Ed25519KeyPair::generate().map_err(|e| format!("token key: {e}"))?;
        let der = pair.to_pkcs8().map_err(|e| format!("token key: {e}"))?;
        // Written aside and linked into place: of two first starts at once one wins, and nobody reads half a key.
        let aside = folder.join(format!("{KEY_FILE}.{}", RequestId::generate()));
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).map_err(failed)?;
        let pem = format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(der.as_ref()));
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        let linked = std::fs::hard_link(&aside, &path);
        std::fs::remove_file(&aside).map_err(failed)?;
        match linked {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(e)),
            _ => {}
        }
    }
    let (pem, is_private) = read_kept(&path).map_err(failed)?;
    if !is_private {
        tracing::warn!(path = %path.display(), "not for production: everybody may read the key of tokens");
    }
    Ok(Secret::new(pem))
}
