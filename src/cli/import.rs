//! Lists that come as files.

use std::path::PathBuf;

use super::open;
use crate::config::Config;
use crate::kernel::Actor;
use crate::shipping::{self, Carrier};

/// Bytes of a file: the whole country has 200 kB.
const BYTES_MAX: u64 = 5_000_000;

pub async fn addresses(config: Config, carrier: String, file: PathBuf) -> Result<(), String> {
    let carrier = Carrier::parse(&carrier).ok_or("the carrier is ghn, ghtk or viettel_post")?;
    let size = std::fs::metadata(&file).map_err(|e| format!("{}: {e}", file.display()))?.len();
    if size > BYTES_MAX {
        return Err(format!("{} is larger than {BYTES_MAX} bytes", file.display()));
    }
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let db = open(&config)?;
    let imported = db.write(&Actor::PLATFORM, move |tx| shipping::import_addresses(tx, carrier, &text)).await;
    match imported.map_err(|e| format!("{e:?}"))? {
        Ok(lines) => {
            println!("{lines} communes");
            Ok(())
        }
        Err(faults) => Err(faults.join("\n")),
    }
}
