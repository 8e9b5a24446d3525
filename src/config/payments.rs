//! Settings of the ways of paying; a provider whose secrets are not set is off.

use super::Reader;
use crate::kernel::Secret;

/// The operator's bank account and SePay's secrets for its notifications.
#[derive(Debug, Clone)]
pub struct BankConfig {
    pub bin: String,
    pub account_number: String,
    pub account_name: String,
    pub api_key: Option<Secret>,
    pub hmac_secret: Option<Secret>,
    pub hmac_secret_previous: Option<Secret>,
    /// SePay's own interface, which lists what came in. Without its token nothing is listed.
    pub list_token: Option<Secret>,
    pub list_url: String,
    /// SePay's number of the account, where it gives each try an account number of its own. Needs the token.
    pub order_accounts: Option<String>,
    /// What Sacombank, and what Vietcombank, wants to know for that.
    pub order_prefix: Option<String>,
    pub order_terminal: Option<String>,
}

#[derive(Debug, Clone)]
pub struct VnpayConfig {
    pub tmn_code: String,
    pub secret: Secret,
    pub secret_previous: Option<Secret>,
    pub pay_url: String,
    /// Unset: VNPAY is not asked. Production needs it.
    pub api_url: Option<String>,
    pub server_ip: String,
}

#[derive(Debug, Clone)]
pub struct PayosConfig {
    pub base_url: String,
    pub client_id: String,
    pub api_key: Secret,
    pub checksum_key: Secret,
    pub checksum_key_previous: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct MomoConfig {
    pub base_url: String,
    pub partner_code: String,
    pub access_key: Secret,
    pub secret_key: Secret,
    /// Both keys before a rotation; MoMo may keep the access key.
    pub previous: Option<(Secret, Secret)>,
}

#[derive(Debug, Clone)]
pub struct ZalopayConfig {
    pub base_url: String,
    pub app_id: i64,
    pub key1: Secret,
    pub key2: Secret,
    pub key2_previous: Option<Secret>,
}

/// The bank account that VietQR.vn watches, and what we gave it to prove itself.
#[derive(Debug, Clone)]
pub struct VietqrVnConfig {
    pub bin: String,
    pub account_number: String,
    pub account_name: String,
    pub username: String,
    pub password: Secret,
    pub password_previous: Option<Secret>,
}

pub(super) fn bank(r: &mut Reader) -> BankConfig {
    let config = BankConfig {
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
        list_token: r.optional_secret("SEPAY_API_TOKEN"),
        list_url: address(r, "SEPAY_API_URL", "https://userapi.sepay.vn/v2"),
        order_accounts: name(r, "SEPAY_ACCOUNT_XID"),
        order_prefix: name(r, "SEPAY_VA_PREFIX"),
        order_terminal: name(r, "SEPAY_TERMINAL_ID"),
    };
    if config.order_accounts.is_some() && config.list_token.is_none() {
        r.faults.push("SEPAY_ACCOUNT_XID is set, and SEPAY_API_TOKEN is missing".to_owned());
    }
    config
}

/// What another gave a thing to be called by; it stands in an address.
fn name(r: &mut Reader, setting: &str) -> Option<String> {
    let name = r.text(setting)?;
    if name.len() > 100 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        r.faults.push(format!("{setting} must be letters, digits and hyphens"));
    }
    Some(name)
}

pub(super) fn vnpay(r: &mut Reader) -> Option<VnpayConfig> {
    let sandbox = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html";
    if r.production && r.text("VNPAY_TMN_CODE").is_none() {
        return None;
    }
    let pay_url = address(r, "VNPAY_PAY_URL", sandbox);
    let api_url = match r.text("VNPAY_API_URL") {
        Some(_) => Some(address(r, "VNPAY_API_URL", "")),
        None => {
            if r.production {
                r.faults.push("VNPAY_API_URL is missing: a notice that is lost would never be asked for".to_owned());
            }
            None
        }
    };
    Some(VnpayConfig {
        tmn_code: r.text("VNPAY_TMN_CODE").unwrap_or_else(|| "OCOPHG01".to_owned()),
        secret: r.secret("VNPAY_SECRET"),
        secret_previous: r.optional_secret("VNPAY_SECRET_PREVIOUS"),
        pay_url,
        api_url,
        server_ip: r.text("VNPAY_SERVER_IP").unwrap_or_else(|| "127.0.0.1".to_owned()),
    })
}

pub(super) fn payos(r: &mut Reader) -> Option<PayosConfig> {
    let checksum_key = r.optional_secret("PAYOS_CHECKSUM_KEY")?;
    Some(PayosConfig {
        base_url: address(r, "PAYOS_BASE_URL", "https://api-merchant.payos.vn"),
        client_id: needed(r, "PAYOS_CLIENT_ID"),
        api_key: needed_secret(r, "PAYOS_API_KEY"),
        checksum_key,
        checksum_key_previous: r.optional_secret("PAYOS_CHECKSUM_KEY_PREVIOUS"),
    })
}

/// payOS's channel for paying out has keys of its own.
pub(super) fn payos_payouts(r: &mut Reader) -> Option<PayosConfig> {
    let checksum_key = r.optional_secret("PAYOS_PAYOUT_CHECKSUM_KEY")?;
    Some(PayosConfig {
        base_url: address(r, "PAYOS_PAYOUT_BASE_URL", "https://api-merchant.payos.vn"),
        client_id: needed(r, "PAYOS_PAYOUT_CLIENT_ID"),
        api_key: needed_secret(r, "PAYOS_PAYOUT_API_KEY"),
        checksum_key,
        checksum_key_previous: r.optional_secret("PAYOS_PAYOUT_CHECKSUM_KEY_PREVIOUS"),
    })
}

pub(super) fn momo(r: &mut Reader) -> Option<MomoConfig> {
    let secret_key = r.optional_secret("MOMO_SECRET_KEY")?;
    let access_key = needed_secret(r, "MOMO_ACCESS_KEY");
    let access_key_previous = r.optional_secret("MOMO_ACCESS_KEY_PREVIOUS").unwrap_or_else(|| access_key.clone());
    let previous = r.optional_secret("MOMO_SECRET_KEY_PREVIOUS").map(|secret| (access_key_previous, secret));
    Some(MomoConfig {
        base_url: address(r, "MOMO_BASE_URL", "https://payment.momo.vn"),
        partner_code: needed(r, "MOMO_PARTNER_CODE"),
        access_key,
        secret_key,
        previous,
    })
}

pub(super) fn zalopay(r: &mut Reader) -> Option<ZalopayConfig> {
    let key1 = r.optional_secret("ZALOPAY_KEY1")?;
    let app_id = needed(r, "ZALOPAY_APP_ID").parse().unwrap_or_else(|_| {
        r.faults.push("ZALOPAY_APP_ID must be a number".to_owned());
        0
    });
    Some(ZalopayConfig {
        base_url: address(r, "ZALOPAY_BASE_URL", "https://openapi.zalopay.vn"),
        app_id,
        key1,
        key2: needed_secret(r, "ZALOPAY_KEY2"),
        key2_previous: r.optional_secret("ZALOPAY_KEY2_PREVIOUS"),
    })
}

/// Not the account that SePay watches: one transfer would be told by both, as two.
pub(super) fn vietqr_vn(r: &mut Reader, bank: &BankConfig) -> Option<VietqrVnConfig> {
    r.confidential("VIETQRVN_PASSWORD")?;
    let config = VietqrVnConfig {
        bin: needed(r, "VIETQRVN_BANK_BIN"),
        account_number: needed(r, "VIETQRVN_ACCOUNT"),
        account_name: needed(r, "VIETQRVN_ACCOUNT_NAME"),
        username: needed(r, "VIETQRVN_USERNAME"),
        password: r.secret("VIETQRVN_PASSWORD"),
        password_previous: r.optional_secret("VIETQRVN_PASSWORD_PREVIOUS"),
    };
    if config.account_number == bank.account_number {
        r.faults.push("VIETQRVN_ACCOUNT is BANK_ACCOUNT: each transfer would be told twice".to_owned());
    }
    Some(config)
}

fn needed(r: &mut Reader, name: &str) -> String {
    r.text(name).unwrap_or_else(|| {
        r.faults.push(format!("{name} is missing"));
        String::new()
    })
}

fn needed_secret(r: &mut Reader, name: &str) -> Secret {
    r.optional_secret(name).unwrap_or_else(|| {
        r.faults.push(format!("{name} is missing"));
        Secret::new(String::new())
    })
}

/// An address of a provider, without a slash at the end.
fn address(r: &mut Reader, name: &str, default: &str) -> String {
    let url = r.text(name).unwrap_or_else(|| default.to_owned());
    if r.production && is_of_a_sandbox(&url) {
        r.faults.push(format!("{name} is a sandbox, or not https"));
    }
    url.trim_end_matches('/').to_owned()
}

/// Whether no money moves there: a sandbox of a provider, or a machine of our own that plays one.
fn is_of_a_sandbox(url: &str) -> bool {
    const WORDS: &[&str] = &["dev", "fake", "local", "localhost", "mock", "sandbox", "sb", "staging", "test", "uat"];
    let Some(rest) = url.strip_prefix("https://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("").to_ascii_lowercase();
    let host = authority.rsplit('@').next().unwrap_or("").split(':').next().unwrap_or("");
    let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    is_number || !host.contains('.') || host.split(['.', '-']).any(|word| WORDS.contains(&word))
}

pub(super) fn secrets_of(config: &super::Config) -> Vec<&Secret> {
    let bank = &config.bank;
    let mut secrets: Vec<&Secret> = [&bank.api_key, &bank.hmac_secret, &bank.hmac_secret_previous, &bank.list_token]
        .into_iter()
        .flatten()
        .collect();
    if let Some(vnpay) = &config.vnpay {
        secrets.push(&vnpay.secret);
        secrets.extend(&vnpay.secret_previous);
    }
    if let Some(payos) = &config.payos {
        secrets.extend([&payos.api_key, &payos.checksum_key]);
        secrets.extend(&payos.checksum_key_previous);
    }
    if let Some(momo) = &config.momo {
        secrets.extend([&momo.access_key, &momo.secret_key]);
        secrets.extend(momo.previous.as_ref().map(|(_, secret)| secret));
    }
    if let Some(zalopay) = &config.zalopay {
        secrets.extend([&zalopay.key1, &zalopay.key2]);
        secrets.extend(&zalopay.key2_previous);
    }
    if let Some(vietqr_vn) = &config.vietqr_vn {
        secrets.push(&vietqr_vn.password);
        secrets.extend(&vietqr_vn.password_previous);
    }
    secrets
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::is_of_a_sandbox;
    use crate::config::{Config, ConfigFaults};

    fn of(values: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
        Config::from_values(values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>())
    }

    const MOMO: [(&str, &str); 3] = [("MOMO_SECRET_KEY", "s"), ("MOMO_ACCESS_KEY", "a"), ("MOMO_PARTNER_CODE", "P")];

    #[test]
    fn a_provider_without_its_secret_is_off_and_with_it_complete() {
        let config = of(&[]).unwrap();
        assert!(
            config.payos.is_none() && config.momo.is_none() && config.zalopay.is_none() && config.vietqr_vn.is_none()
        );
        assert!(of(&MOMO).unwrap().momo.unwrap().previous.is_none());
        for (secret, missing) in [
            ("PAYOS_CHECKSUM_KEY", &["PAYOS_CLIENT_ID", "PAYOS_API_KEY"][..]),
            ("MOMO_SECRET_KEY", &["MOMO_ACCESS_KEY", "MOMO_PARTNER_CODE"][..]),
            ("ZALOPAY_KEY1", &["ZALOPAY_APP_ID", "ZALOPAY_KEY2"][..]),
            (
                "VIETQRVN_PASSWORD",
                &["VIETQRVN_USERNAME", "VIETQRVN_ACCOUNT", "VIETQRVN_BANK_BIN", "VIETQRVN_ACCOUNT_NAME"][..],
            ),
        ] {
            let faults = of(&[(secret, "x")]).unwrap_err().to_string();
            for name in missing {
                assert!(faults.contains(&format!("{name} is missing")), "{secret}: {faults}");
            }
        }
    }

    #[test]
    fn keys_before_a_rotation_are_kept_and_momo_may_keep_its_access_key() {
        let keys = |more: &[(&str, &str)]| of(&[&MOMO[..], more].concat()).unwrap().momo.unwrap().previous.unwrap();
        let (access, secret) = keys(&[("MOMO_SECRET_KEY_PREVIOUS", "old")]);
        assert_eq!((access.expose(), secret.expose()), ("a", "old"));
        let (access, _) = keys(&[("MOMO_SECRET_KEY_PREVIOUS", "old"), ("MOMO_ACCESS_KEY_PREVIOUS", "b")]);
        assert_eq!(access.expose(), "b");
    }

    #[test]
    fn account_numbers_need_the_token_and_names_that_can_stand_in_an_address() {
        let of = |token: &str, account: &str| of(&[("SEPAY_API_TOKEN", token), ("SEPAY_ACCOUNT_XID", account)]);
        assert_eq!(of("t", "f9e8d7c6-b5a4").unwrap().bank.order_accounts.as_deref(), Some("f9e8d7c6-b5a4"));
        assert!(of("", "f9e8d7c6-b5a4").unwrap_err().to_string().contains("SEPAY_API_TOKEN is missing"));
        assert!(of("t", "../orders").unwrap_err().to_string().contains("SEPAY_ACCOUNT_XID must be letters"));
        assert!(of("t", "").unwrap().bank.order_accounts.is_none());
    }

    #[test]
    fn one_account_is_not_watched_twice() {
        let account = [
            ("VIETQRVN_PASSWORD", "x"),
            ("VIETQRVN_USERNAME", "u"),
            ("VIETQRVN_BANK_BIN", "970405"),
            ("VIETQRVN_ACCOUNT_NAME", "OCOP"),
        ];
        let with = |number: &str| {
            of(&[&account[..], &[("VIETQRVN_ACCOUNT", number), ("BANK_ACCOUNT", "0123499999")]].concat())
        };
        assert!(with("8206205123456").is_ok());
        assert!(with("0123499999").unwrap_err().to_string().contains("told twice"));
    }

    #[test]
    fn production_takes_no_sandbox_and_no_fake() {
        for (url, is_refused) in [
            ("https://test-payment.momo.vn", true),
            ("https://sb-openapi.zalopay.vn", true),
            ("https://sandbox.vnpayment.vn/paymentv2/vpcpay.html", true),
            ("https://pgapi-sandbox.sepay.vn", true),
            ("https://127.0.0.1", true),
            ("https://[::1]:8443", true),
            ("https://localhost:8443/x", true),
            ("https://payment.momo.vn@10.0.0.1", true),
            ("https://momo", true),
            ("http://payment.momo.vn", true),
            ("https://momo.test", true),
            ("https://latest.payos.vn", false),
            ("https://payment.momo.vn", false),
            ("https://openapi.zalopay.vn", false),
            ("https://api-merchant.payos.vn", false),
            ("https://pay.vnpay.vn/vpcpay.html", false),
        ] {
            assert_eq!(is_of_a_sandbox(url), is_refused, "{url}");
        }
        let faults = of(&[
            &MOMO[..],
            &[("PRODUCTION", "true"), ("MOMO_BASE_URL", "https://test-payment.momo.vn"), ("VNPAY_TMN_CODE", "X")],
        ]
        .concat());
        let faults = faults.unwrap_err().to_string();
        for part in ["MOMO_BASE_URL is a sandbox", "VNPAY_PAY_URL is a sandbox", "VNPAY_API_URL is missing"] {
            assert!(faults.contains(part), "{part} in {faults}");
        }
    }
}
