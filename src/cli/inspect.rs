//! Whether what this process found is fit for production.

use std::hint::black_box;

use super::serve::pools;
use crate::app::App;
use crate::config::Config;
use crate::kernel::Actor;
use crate::ops;

/// In production whatever is unsafe about the program or its database is refused, all of it at once; elsewhere it is
/// only named.
pub async fn inspect(app: &App) -> Result<(), String> {
    let mut faults = faults_of_database(app).await?;
    if !checks_overflows() {
        faults.push("this program was built without overflow checks".to_owned());
    }
    if app.config.production && !faults.is_empty() {
        return Err(format!("refused to start:\n{}", faults.join("\n")));
    }
    for fault in faults {
        tracing::warn!(fault, "not for production");
    }
    Ok(())
}

async fn faults_of_database(app: &App) -> Result<Vec<String>, String> {
    let needed = connections_needed(&app.config);
    let before = app.db.clock.now();
    let (mut faults, told) = app
        .db
        .read(&Actor::PLATFORM, move |tx| {
            let mut faults = ops::startup_faults(tx)?;
            faults.extend(ops::connections_fault(tx, needed)?);
            Ok((faults, tx.now))
        })
        .await
        .map_err(|e| format!("the database: {e:?}"))?;
    faults.extend(ops::clock_fault(before, told, app.db.clock.now()));
    Ok(faults)
}

/// Of all processes together.
fn connections_needed(config: &Config) -> i64 {
    let sizes = pools(config);
    let of_one = i64::from(sizes.requests) + i64::from(sizes.callbacks) + i64::from(sizes.jobs);
    of_one.saturating_mul(i64::from(config.processes))
}

/// A sum that wraps would be a wrong amount of money. Whether it does is a switch of the build, so it is tried.
#[expect(clippy::arithmetic_side_effects, reason = "the overflow is what is looked for")]
fn checks_overflows() -> bool {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| black_box(i64::MAX) + black_box(1));
    std::panic::set_hook(hook);
    outcome.is_err()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_build_for_servers_checks_overflows() {
        assert!(checks_overflows());
        let manifest = include_str!("../../Cargo.toml");
        let (_, release) = manifest.split_once("[profile.release]").unwrap();
        assert!(
            release.lines().take_while(|line| !line.starts_with("[p")).any(|line| line == "overflow-checks = true")
        );
    }

    #[test]
    fn all_pools_of_all_processes_are_counted() {
        let values = [("POOL_REQUESTS", "20"), ("PROCESSES", "3")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let config = Config::from_values(BTreeMap::from(values)).unwrap();
        assert_eq!(connections_needed(&config), 3 * (20 + 4 + 4));
    }
}
