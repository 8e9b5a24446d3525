//! Everything on one machine, with nothing configured.

use std::future::Future;

use diesel::prelude::*;

use super::{demo, migrate, serve};
use crate::config::Config;
use crate::embedded::{Postgres, Redis};

const DATABASE: &str = "ocop_market";

pub fn block_on<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    actix_web::rt::System::new().block_on(work)
}

/// Starts a private PostgreSQL when none is configured, migrates, and serves API and worker. Outside production,
/// a database that nobody has used yet is filled with the demo, whose carriers are fakes unless real ones are set up.
pub fn run(config: Config) -> Result<(), String> {
    with_database(config, |mut config| {
        block_on(async move {
            if !config.production {
                demo::load(config.clone()).await?;
            }
            demo::print_sign_ins(config.clone()).await?;
            println!("API          http://{}", config.bind);
            println!("Document     http://{}/openapi.json", config.bind);
            if let Some(fakes) = demo::Fakes::open(&mut config).await? {
                println!("Carriers     of the demo: a parcel is at its door a minute after its hand-over");
                let base = format!("http://{}", config.bind.replace("0.0.0.0", "127.0.0.1"));
                actix_web::rt::spawn(fakes.run(base));
            }
            serve::both(config).await
        })
    })
}

/// Loads the demo, or says why not.
pub fn demo(config: Config) -> Result<(), String> {
    with_database(config, |config| {
        block_on(async move {
            match demo::load(config.clone()).await? {
                demo::Outcome::Loaded => demo::print_sign_ins(config).await,
                demo::Outcome::NotEmpty => {
                    Err("somebody has an account here already: the demo is for an empty database".to_owned())
                }
            }
        })
    })
}

fn with_database(mut config: Config, work: impl FnOnce(Config) -> Result<(), String>) -> Result<(), String> {
    let private = if config.database_url.is_none() { Some(start_private(&mut config)?) } else { None };
    let redis = if config.redis_url.is_none() { start_redis(&mut config)? } else { None };
    let migrated = if config.owner_database_url.is_some() { migrate::from_config(&config) } else { Ok(()) };
    let outcome = migrated.and_then(|()| work(config));
    if let Some(redis) = redis {
        redis.stop();
    }
    if let Some(postgres) = private {
        postgres.stop();
    }
    outcome
}

fn start_private(config: &mut Config) -> Result<Postgres, String> {
    let postgres = Postgres::start(&config.data_folder.join("postgres")).map_err(|e| e.to_string())?;
    ensure_database(&postgres)?;
    config.database_url = Some(postgres.app_url(DATABASE));
    config.owner_database_url = Some(postgres.owner_url(DATABASE));
    Ok(postgres)
}

/// Redis is a convenience: without its server the process counts for itself.
fn start_redis(config: &mut Config) -> Result<Option<Redis>, String> {
    let redis = Redis::start(&config.data_folder.join("redis")).map_err(|e| e.to_string())?;
    config.redis_url = redis.as_ref().map(Redis::url);
    Ok(redis)
}

fn ensure_database(postgres: &Postgres) -> Result<(), String> {
    let mut conn = PgConnection::establish(&postgres.owner_url("postgres")).map_err(|e| e.to_string())?;
    match diesel::sql_query(format!("create database {DATABASE}")).execute(&mut conn) {
        Ok(_) => Ok(()),
        Err(error) if error.to_string().contains("already exists") => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
