//! Every setting, read once from the environment; all faults are reported together.
//!
//! Without any variable the program runs on a laptop. With `PRODUCTION=true` it refuses to start with a default
//! secret, a missing provider secret, or an address that is not https.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::kernel::Secret;

/// Bytes that a secret must at least have in production.
const SECRET_BYTES_MIN: usize = 32;
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
    /// Seconds until an unpaid checkout gives its stock back.
    pub checkout_seconds: i64,
    /// Milliseconds until a provider that waits for our answer is asked to come again.
    pub callback_answer_ms: u64,
    /// Connections to the database per process and lane.
    pub pool_requests: u32,
}

/// The operator's bank account and SePay's secrets for its notifications.
#[derive(Debug, Clone)]
pub struct BankConfig {
    pub bin: String,
    pub account_number: String,
    pub account_name: String,
    pub api_key: Option<Secret>,
    pub hmac_secret: Option<Secret>,
    pub hmac_secret_previous: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct VnpayConfig {
    pub tmn_code: String,
    pub secret: Secret,
    pub secret_previous: Option<Secret>,
    pub pay_url: String,
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

    fn secret(&mut self, name: &str) -> Secret {
        let value = self.text(name);
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
        let value = self.text(name)?;
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
        let config = Config {
            production,
            bind: r.text("BIND").unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            public_base_url: r.text("PUBLIC_BASE_URL").unwrap_or_else(|| "http://127.0.0.1:8080".to_owned()),
            database_url: r.text("DATABASE_URL"),
            owner_database_url: r.text("OWNER_DATABASE_URL"),
            redis_url: r.text("REDIS_URL"),
            visitor_rate_per_minute: r.number("VISITOR_RATE_PER_MINUTE", 1200, 1, 1_000_000),
            account_rate_per_minute: r.number("ACCOUNT_RATE_PER_MINUTE", 600, 1, 1_000_000),
            data_folder: r.text("DATA_FOLDER").unwrap_or_else(|| ".data".to_owned()).into(),
            token_key_pem: r.optional_secret("TOKEN_KEY_PEM"),
            refresh_key: r.secret("REFRESH_KEY"),
            cursor_key: r.secret("CURSOR_KEY"),
            otp_pepper: r.secret("OTP_PEPPER"),
            password_pepper: r.secret("PASSWORD_PEPPER"),
            trusted_proxies: r.number("TRUSTED_PROXIES", 0, 0, 5),
            bank: bank(&mut r),
            vnpay: vnpay(&mut r),
            checkout_seconds: r.number("CHECKOUT_SECONDS", 900, 1, 86_400),
            callback_answer_ms: r.number("CALLBACK_ANSWER_MS", 2000, 100, 10_000),
            pool_requests: r.number("POOL_REQUESTS", 8, 1, 100),
        };
        if production {
            refuse_unsafe(&config, &mut r);
        }
        if r.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(r.faults)) }
    }
}

fn bank(r: &mut Reader) -> BankConfig {
    BankConfig {
        bin: r.text("BANK_BIN").unwrap_or_else(|| "970405".to_owned()),
        account_number: r.text("BANK_ACCOUNT").unwrap_or_else(|| "0123499999".to_owned()),
        account_name: r.text("BANK_ACCOUNT_NAME").unwrap_or_else(|| "SAN OCOP (THU NGHIEM)".to_owned()),
        api_key: r.optional_secret("SEPAY_API_KEY"),
        hmac_secret: if r.production {
            r.optional_secret("SEPAY_HMAC_SECRET")
        } else {
            Some(r.secret("SEPAY_HMAC_SECRET"))
        },
        hmac_secret_previous: r.optional_secret("SEPAY_HMAC_SECRET_PREVIOUS"),
    }
}

fn vnpay(r: &mut Reader) -> Option<VnpayConfig> {
    let sandbox = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html";
    if r.production && r.text("VNPAY_TMN_CODE").is_none() {
        return None;
    }
    Some(VnpayConfig {
        tmn_code: r.text("VNPAY_TMN_CODE").unwrap_or_else(|| "OCOPHG01".to_owned()),
        secret: r.secret("VNPAY_SECRET"),
        secret_previous: r.optional_secret("VNPAY_SECRET_PREVIOUS"),
        pay_url: r.text("VNPAY_PAY_URL").unwrap_or_else(|| sandbox.to_owned()),
    })
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
    let sandbox = config.vnpay.as_ref().is_some_and(|v| v.pay_url.contains("sandbox"));
    refuse(sandbox, "VNPAY_PAY_URL is a sandbox");
    let keys = [&config.refresh_key, &config.cursor_key, &config.otp_pepper, &config.password_pepper];
    let distinct: std::collections::BTreeSet<&str> = keys.iter().map(|key| key.expose()).collect();
    refuse(distinct.len() < keys.len(), "two secrets are equal");
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
        ] {
            assert!(faults.contains(part), "{part} in {faults}");
        }
        assert!(!faults.contains("long_enough"), "a secret was printed");
    }
}
