//! The command line: one command per process.

mod bench;
mod demo;
mod import;
mod inspect;
mod migrate;
mod run;
mod serve;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::identity::{self, GrantRole, NewGrant, Password, Passwords};
use crate::kernel::{Actor, Db, PhoneNumber};
use crate::{ops, routes};

pub use demo::{
    Desks as DemoDesks, Fakes as DemoCarriers, Outcome as DemoOutcome, load as load_demo,
    serve_carriers as serve_demo_carriers,
};
pub use migrate::migrate;
pub use serve::{build, pools, serve_on};

#[derive(Debug, Parser)]
#[command(name = "ocop-market", version, about = "Marketplace for OCOP products of the Vietnamese highlands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything on this machine: private servers where none is configured, migrations, API and worker
    Run,
    /// The API alone
    Serve,
    /// The worker alone
    Worker,
    /// Bring the database to this version; needs OWNER_DATABASE_URL
    Migrate,
    /// Print the OpenAPI document
    Openapi,
    /// Print the catalogue of problems
    Problems,
    /// Look for broken invariants on the live database; ends with 1 when there are any
    Check,
    /// Fill an empty database with a demo market; `run` does it by itself on its first start
    Demo,
    /// Measure the program against its limits, on a database of its own; build it with `--release`
    Bench {
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
        products: u32,
    },
    /// Answer standard input to everybody: the bench's limit
    #[command(hide = true)]
    BenchBare,
    /// Read a carrier's numbers of communes from a CSV file with the columns commune_code, province_code, district_code and
    /// ward_code; all lines or none, and every faulty line is named
    ImportCarrierAddresses {
        /// ghn, ghtk or viettel_post
        #[arg(long)]
        carrier: String,
        #[arg(long)]
        file: std::path::PathBuf,
    },
    /// Give somebody a role that cannot be asked for: the first operator
    GrantOperator {
        #[arg(long)]
        phone: String,
        /// Reads the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Runs the command of this process; the text of an error is for a person.
pub fn main() -> Result<(), String> {
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Openapi => return print(routes::document()),
        Command::Problems => return print(&routes::catalogue()),
        Command::BenchBare => return run::block_on(bench::serve_bare()),
        _ => {}
    }
    start_log();
    let config = Config::from_env().map_err(|e| e.to_string())?;
    match arguments.command {
        Command::Openapi | Command::Problems | Command::BenchBare => Ok(()),
        Command::Bench { products } => bench::run(config, usize::try_from(products).unwrap_or(usize::MAX)),
        Command::Run => run::run(config),
        Command::Serve => run::block_on(serve::serve(config)),
        Command::Worker => run::block_on(serve::worker(config)),
        Command::Migrate => migrate::from_config(&config),
        Command::Demo => run::demo(config),
        Command::Check => run::block_on(check(config)),
        Command::ImportCarrierAddresses { carrier, file } => run::block_on(import::addresses(config, carrier, file)),
        Command::GrantOperator { phone, password_stdin } => run::block_on(grant(config, phone, password_stdin)),
    }
}

fn print(value: &impl serde::Serialize) -> Result<(), String> {
    println!("{}", serde_json::to_string_pretty(value).map_err(|e| e.to_string())?);
    Ok(())
}

fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn open(config: &Config) -> Result<Db, String> {
    let url = config.database_url.as_deref().ok_or("DATABASE_URL is missing")?;
    Db::open(url, pools(config), crate::kernel::db::Clock::default()).map_err(|e| format!("{e:?}"))
}

async fn check(config: Config) -> Result<(), String> {
    let violations = open(&config)?.read(&Actor::PLATFORM, ops::check).await.map_err(|e| format!("{e:?}"))?;
    for violation in &violations {
        println!("{violation:?}");
    }
    if violations.is_empty() { Ok(()) } else { Err(format!("{} invariants are broken", violations.len())) }
}

async fn grant(config: Config, phone: String, password_stdin: bool) -> Result<(), String> {
    let phone = PhoneNumber::parse(&phone).ok_or("this is no Vietnamese mobile number")?;
    let password = if password_stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map_err(|e| e.to_string())?;
        Some(line.trim_end().to_owned())
    } else {
        None
    };
    let password_hash = match password {
        Some(text) => {
            let password = Password::parse(&text).ok_or("this cannot be a password")?;
            let passwords = Passwords::new(config.password_pepper.clone());
            Some(passwords.hash(&password).await.map_err(|e| format!("{e:?}"))?)
        }
        None => None,
    };
    let new = NewGrant { phone, role: GrantRole::Operator, territory: None, password_hash };
    open(&config)?.write(&Actor::PLATFORM, move |tx| identity::grant(tx, &new)).await.map_err(|e| format!("{e:?}"))?;
    Ok(())
}
