//! Every setting, read once from the environment; all faults are reported together.
//!
//! Without any variable the program runs on a laptop. With `PRODUCTION=true` it refuses to start with a default
//! secret, a missing provider secret, an address that is not https, or a connection that others could read.
//! What is confidential may stand in a file instead: `NAME_FILE` names it.

mod carriers;
mod gateways;
mod outgoing;
mod payments;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::kernel::crash::CRASH_AT;
use crate::kernel::database_url::DatabaseUrl;
use crate::kernel::secret::read_kept;
use crate::kernel::{Secret, Vnd};

pub use carriers::{CarrierConfig, CarriersConfig};
pub use gateways::{EsmsConfig, SendersConfig, SmtpConfig, SmtpTls, WebhooksConfig, ZaloConfig};
pub use outgoing::OutgoingConfig;
pub use payments::{BankConfig, MomoConfig, PayosConfig, VietqrVnConfig, VnpayConfig, ZalopayConfig};

/// Bytes that a secret must at least have in production.
const SECRET_BYTES_MIN: usize = 32;
/// Proxies take this long to notice that a process is not ready any more.
const DRAIN_S: u64 = 5;
/// Marks values that only a developer's machine may use.
const DEVELOPMENT: &str = "development-only-";

#[derive(Debug, Clone)]
pub struct Config {
    pub production: bool,
    /// Address and port to listen on.
    pub bind: String,
    /// Where clients and providers reach us, without a slash at the end.
    pub public_base_url: String,
    /// Connection as the application's role. Unset: a private PostgreSQL is started.
    pub database_url: Option<String>,
    /// Connection as the owner, for migrations only.
    pub owner_database_url: Option<String>,
    /// Redis for shared rate limits. Unset: the private one of `run`, or none.
    pub redis_url: Option<String>,
    /// Requests per minute and network of callers who are not signed in.
    pub visitor_rate_per_minute: i64,
    /// Requests per minute of an account that is signed in.
    pub account_rate_per_minute: i64,
    /// Folder for private servers and generated keys.
    pub data_folder: PathBuf,
    /// Folder for photos; processes on several machines must share it.
    pub photo_folder: PathBuf,
    /// Signs access tokens: Ed25519 private key, PKCS#8 PEM. Unset outside production: made for this machine.
    pub token_key_pem: Option<Secret>,
    /// Signs refresh tokens and cursors, and hashes one-time codes.
    pub refresh_key: Secret,
    pub cursor_key: Secret,
    pub otp_pepper: Secret,
    pub password_pepper: Secret,
    /// Reverse proxies in front of us whose `X-Forwarded-For` entries are believed.
    pub trusted_proxies: usize,
    pub bank: BankConfig,
    pub vnpay: Option<VnpayConfig>,
    pub payos: Option<PayosConfig>,
    pub momo: Option<MomoConfig>,
    pub zalopay: Option<ZalopayConfig>,
    pub vietqr_vn: Option<VietqrVnConfig>,
    /// Seconds until an unpaid checkout gives its stock back.
    pub checkout_seconds: i64,
    /// Whether buyers may pay in cash to the carriers that bring the goods.
    pub cash_on_delivery: bool,
    /// Milliseconds until a provider that waits for our answer is asked to come again.
    pub callback_answer_ms: u64,
    /// How long a buyer waits for a provider's link; below the time that every request has.
    pub provider_link_ms: u64,
    pub refunds: RefundConfig,
    /// Connections to the database per process and lane.
    pub pool_requests: u32,
    /// Processes that share the database, each with its pools.
    pub processes: u32,
    /// Seconds between the word that this process is to end and its last new connection.
    pub drain_seconds: u64,
    pub outgoing: OutgoingConfig,
    pub carriers: CarriersConfig,
    pub senders: SendersConfig,
    pub webhooks: WebhooksConfig,
    /// Seconds after which a stream of notices ends, so that its client comes again with a fresh token.
    pub stream_seconds: u64,
    /// Milliseconds between signs of life on a stream; the session is then checked as well.
    pub stream_heartbeat_ms: u64,
}

/// Which refunds need persons to approve them.
#[derive(Debug, Clone, Copy)]
pub struct RefundConfig {
    /// What is owed by law goes out by itself up to this.
    pub auto_max: Vnd,
    /// From here on two persons approve.
    pub two_persons_from: Vnd,
}

/// Everything that is wrong, one line each, without any secret.
#[derive(Debug, thiserror::Error)]
#[error("configuration refused:\n{}", .0.join("\n"))]
pub struct ConfigFaults(pub Vec<String>);

/// Reads settings and remembers what is wrong with them.
struct Reader {
    values: BTreeMap<String, String>,
    faults: Vec<String>,
    production: bool,
}

impl Reader {
    fn text(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        default: N,
        min: N,
        max: N,
    ) -> N {
        let Some(text) = self.text(name) else { return default };
        match text.parse::<N>() {
            Ok(number) if number >= min && number <= max => number,
            _ => {
                self.faults.push(format!("{name} must be a number from {min} to {max}"));
                default
            }
        }
    }

    /// On or off; off unless said.
    fn switch(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            Some("on") => true,
            None | Some("off") => false,
            Some(_) => {
                self.faults.push(format!("{name} must be on or off"));
                false
            }
        }
    }

    /// What is better kept in a file that others cannot read.
    fn confidential(&mut self, name: &str) -> Option<String> {
        let Some(path) = self.text(&format!("{name}_FILE")) else { return self.text(name) };
        if self.text(name).is_some() {
            self.faults.push(format!("{name} and {name}_FILE are both set"));
        }
        match read_kept(Path::new(&path)) {
            Ok((_, false)) if self.production => {
                self.faults.push(format!("{name}_FILE names a file that everybody may read"));
                None
            }
            Ok((text, _)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(error) => {
                self.faults.push(format!("{name}_FILE cannot be read: {error}"));
                None
            }
        }
    }

    fn secret(&mut self, name: &str) -> Secret {
        let value = self.confidential(name);
        if self.production {
            match &value {
                None => self.faults.push(format!("{name} is missing")),
                Some(v) if v.len() < SECRET_BYTES_MIN => self.faults.push(format!("{name} is shorter than 32 bytes")),
                Some(v) if is_for_development(v) => self.faults.push(format!("{name} is a development or test value")),
                Some(_) => {}
            }
        }
        Secret::new(value.unwrap_or_else(|| format!("{DEVELOPMENT}{name}")))
    }

    fn optional_secret(&mut self, name: &str) -> Option<Secret> {
        let value = self.confidential(name)?;
        if self.production && is_for_development(&value) {
            self.faults.push(format!("{name} is a development or test value"));
        }
        Some(Secret::new(value))
    }
}

fn is_for_development(value: &str) -> bool {
    value.starts_with(DEVELOPMENT) || value.starts_with("test_")
}

impl Config {
    pub fn from_env() -> Result<Config, ConfigFaults> {
        Config::from_values(std::env::vars().collect())
    }

    pub fn from_values(values: BTreeMap<String, String>) -> Result<Config, ConfigFaults> {
        let production = values.get("PRODUCTION").is_some_and(|v| v == "true");
        let mut r = Reader { values, faults: Vec::new(), production };
        let data_folder = PathBuf::from(r.text("DATA_FOLDER").unwrap_or_else(|| ".data".to_owned()));
        let bank = payments::bank(&mut r);
        let config = Config {
            production,
            bind: r.text("BIND").unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_base_url: r.text("PUBLIC_BASE_URL").unwrap_or_else(|| "http://127.0.0.1:8080".to_owned()),
            database_url: r.confidential("DATABASE_URL"),
            owner_database_url: r.confidential("OWNER_DATABASE_URL"),
            redis_url: r.confidential("REDIS_URL"),
            visitor_rate_per_minute: r.number("VISITOR_RATE_PER_MINUTE", 1200, 1, 1_000_000),
            account_rate_per_minute: r.number("ACCOUNT_RATE_PER_MINUTE", 600, 1, 1_000_000),
            data_folder: data_folder.clone(),
            photo_folder: r.text("PHOTO_FOLDER").map_or_else(|| data_folder.join("photos"), PathBuf::from),
            token_key_pem: r.optional_secret("TOKEN_KEY_PEM"),
            refresh_key: r.secret("REFRESH_KEY"),
            cursor_key: r.secret("CURSOR_KEY"),
            otp_pepper: r.secret("OTP_PEPPER"),
            password_pepper: r.secret("PASSWORD_PEPPER"),
            trusted_proxies: r.number("TRUSTED_PROXIES", 0, 0, 5),
            vietqr_vn: payments::vietqr_vn(&mut r, &bank),
            bank,
            vnpay: payments::vnpay(&mut r),
            payos: payments::payos(&mut r),
            momo: payments::momo(&mut r),
            zalopay: payments::zalopay(&mut r),
            checkout_seconds: r.number("CHECKOUT_SECONDS", 900, 1, 86_400),
            cash_on_delivery: r.switch("CASH_ON_DELIVERY"),
            callback_answer_ms: r.number("CALLBACK_ANSWER_MS", 2000, 100, 10_000),
            provider_link_ms: r.number("PROVIDER_LINK_MS", 8000, 100, 8000),
            refunds: refunds(&mut r),
            pool_requests: r.number("POOL_REQUESTS", pool_requests(), 1, 100),
            processes: r.number("PROCESSES", 2, 1, 1000),
            drain_seconds: r.number("DRAIN_SECONDS", if production { DRAIN_S } else { 0 }, 0, 60),
            outgoing: outgoing::read(&mut r),
            carriers: carriers::read(&mut r),
            senders: gateways::senders(&mut r),
            webhooks: gateways::webhooks(&mut r),
            stream_seconds: r.number("STREAM_SECONDS", 3600, 1, 86_400),
            stream_heartbeat_ms: r.number("STREAM_HEARTBEAT_MS", 15_000, 100, 60_000),
        };
        if production {
            refuse_unsafe(&config, &mut r);
            refuse_test_account(&mut r);
            if r.text(CRASH_AT).is_some() {
                r.faults.push(format!("{CRASH_AT} is for tests"));
            }
        }
        if r.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(r.faults)) }
    }
}

/// Two connections for each processor, at least four: more of them only wait for processors and push one another out of
/// their caches. It counts those of this machine, where the database is as well unless somebody says otherwise.
fn pool_requests() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(processors.saturating_mul(2)).unwrap_or(4).clamp(4, 100)
}

fn refunds(r: &mut Reader) -> RefundConfig {
    let auto_max = r.number("REFUND_AUTO_MAX_VND", 2_000_000, 0, Vnd::MAX);
    let two_persons_from = r.number("REFUND_TWO_PERSONS_FROM_VND", 20_000_000, 1, Vnd::MAX);
    let vnd = |amount| Vnd::new(amount).unwrap_or(Vnd::ZERO);
    RefundConfig { auto_max: vnd(auto_max), two_persons_from: vnd(two_persons_from) }
}

fn refuse_unsafe(config: &Config, r: &mut Reader) {
    let mut refuse = |wrong: bool, what: &str| {
        if wrong {
            r.faults.push(what.to_owned());
        }
    };
    refuse(config.database_url.is_none(), "DATABASE_URL is missing");
    refuse(config.token_key_pem.is_none(), "TOKEN_KEY_PEM is missing");
    refuse(!config.public_base_url.starts_with("https://"), "PUBLIC_BASE_URL must be https");
    refuse(config.bank.hmac_secret.is_none(), "SEPAY_HMAC_SECRET is missing: only signed notifications are believed");
    refuse(config.trusted_proxies == 0, "TRUSTED_PROXIES must say how many proxies terminate TLS in front of us");
    for (name, url) in [("DATABASE_URL", &config.database_url), ("OWNER_DATABASE_URL", &config.owner_database_url)] {
        let Some(url) = url else { continue };
        let read = DatabaseUrl::read(url);
        let is_safe = read.is_local() || read.option("sslmode") == Some("verify-full");
        refuse(!is_safe, &format!("{name} goes over a network without sslmode=verify-full"));
        refuse(url.contains(DEVELOPMENT), &format!("{name} has a password for development"));
    }
    let is_shared = config.redis_url.as_ref().is_some_and(|url| !is_local_redis(url));
    refuse(is_shared, "REDIS_URL must be a socket or an address of this machine; over a network it needs a tunnel");
    let secrets = secrets_of(config);
    let distinct: std::collections::BTreeSet<&str> = secrets.iter().map(|secret| secret.expose()).collect();
    refuse(distinct.len() < secrets.len(), "two secrets are equal");
}

/// Money goes to this account, so production has no default for it.
fn refuse_test_account(r: &mut Reader) {
    for name in ["BANK_BIN", "BANK_ACCOUNT", "BANK_ACCOUNT_NAME"] {
        if r.text(name).is_none() {
            r.faults.push(format!("{name} is missing"));
        }
    }
}

fn secrets_of(config: &Config) -> Vec<&Secret> {
    let own = [&config.refresh_key, &config.cursor_key, &config.otp_pepper, &config.password_pepper];
    let mut secrets: Vec<&Secret> = own.into_iter().chain(payments::secrets_of(config)).collect();
    secrets.extend(outgoing::secrets_of(&config.outgoing));
    secrets.extend(carriers::secrets_of(&config.carriers));
    secrets.push(&config.webhooks.key);
    secrets.extend(gateways::secrets_of(&config.senders));
    secrets
}

/// The Redis client is built without TLS: what leaves the machine could be read and changed on its way.
fn is_local_redis(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or("");
    let place = authority.rsplit('@').next().unwrap_or("");
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => place.split(':').next().unwrap_or(""),
    };
    let is_socket = matches!(scheme, "unix" | "redis+unix" | "valkey+unix");
    is_socket || host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_laptop_needs_no_setting() {
        assert!(Config::from_values(BTreeMap::new()).is_ok());
    }

    #[test]
    fn production_names_every_unsafe_setting_at_once() {
        let values = BTreeMap::from([
            ("PRODUCTION".to_owned(), "true".to_owned()),
            ("CRASH_AT".to_owned(), "order.before_commit".to_owned()),
            ("REFRESH_KEY".to_owned(), "test_refresh_key_that_is_long_enough_to_pass".to_owned()),
        ]);
        let faults = Config::from_values(values).unwrap_err().to_string();
        for part in [
            "DATABASE_URL",
            "TOKEN_KEY_PEM",
            "https",
            "REFRESH_KEY is a development",
            "CURSOR_KEY is missing",
            "TRUSTED_PROXIES",
            "SEPAY_HMAC_SECRET",
            "CRASH_AT is for tests",
        ] {
            assert!(faults.contains(part), "{part} in {faults}");
        }
        assert!(!faults.contains("long_enough"), "a secret was printed");
    }

    #[test]
    fn a_redis_of_another_machine_is_known() {
        for url in [
            "redis+unix:///run/redis.sock",
            "unix:///run/redis.sock",
            "redis://127.0.0.1:6379",
            "redis://:p@localhost/1",
            "redis://[::1]:1/",
        ] {
            assert!(is_local_redis(url), "{url}");
        }
        for url in [
            "redis://redis:6379",
            "redis://10.0.0.1",
            "redis://localhost@redis/",
            "rediss://x.vn",
            "localhost",
            "redis://localhost.x.vn/",
        ] {
            assert!(!is_local_redis(url), "{url}");
        }
    }

    #[test]
    fn what_is_confidential_may_stand_in_a_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = std::env::temp_dir().join(format!("ocop-market-secret-{:016x}", rand::random::<u64>()));
        std::fs::write(&file, "a refresh key from a file, long enough\n").unwrap();
        let path = file.display().to_string();
        let of = |values: &[(&str, &str)]| {
            Config::from_values(values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        let config = of(&[("REFRESH_KEY_FILE", &path)]).unwrap();
        assert_eq!(config.refresh_key.expose(), "a refresh key from a file, long enough");
        let fault = of(&[("REFRESH_KEY_FILE", &path), ("REFRESH_KEY", "x")]).unwrap_err().to_string();
        assert!(fault.contains("both set"), "{fault}");
        let fault = of(&[("REFRESH_KEY_FILE", "/nowhere")]).unwrap_err().to_string();
        assert!(fault.contains("REFRESH_KEY_FILE cannot be read"), "{fault}");
        for (mode, is_refused) in [(0o600, false), (0o640, false), (0o644, true), (0o602, true)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let fault = of(&[("REFRESH_KEY_FILE", &path), ("PRODUCTION", "true")]).unwrap_err().to_string();
            assert_eq!(fault.contains("everybody may read"), is_refused, "{mode:o}: {fault}");
        }
        std::fs::remove_file(&file).unwrap();
    }
}
