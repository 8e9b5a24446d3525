//! Settings of what brings messages to people and events to other systems.

use std::path::PathBuf;

use super::Reader;
use crate::kernel::Secret;
use crate::kernel::secret::read_kept;

/// Gateways that are set up; what is not is not used.
#[derive(Debug, Clone)]
pub struct SendersConfig {
    pub esms: Option<EsmsConfig>,
    pub zalo: Option<ZaloConfig>,
    pub smtp: Option<SmtpConfig>,
}

/// SMS by eSMS.
#[derive(Debug, Clone)]
pub struct EsmsConfig {
    pub url: String,
    pub api_key: Secret,
    pub secret_key: Secret,
    /// The sender's name, registered with the networks.
    pub brandname: String,
}

/// Template messages by Zalo's notification service.
#[derive(Debug, Clone)]
pub struct ZaloConfig {
    pub url: String,
    pub token: ZaloToken,
    /// Which registered template says what: `order_paid=231231`. What is not here does not go by Zalo.
    pub templates: Vec<(String, String)>,
}

/// Zalo's tokens live for a day: one in a file is read anew for each message, so that whoever renews it only writes it.
#[derive(Debug, Clone)]
pub enum ZaloToken {
    Fixed(Secret),
    In(PathBuf),
}

impl ZaloToken {
    pub fn read(&self) -> std::io::Result<Secret> {
        match self {
            ZaloToken::Fixed(token) => Ok(token.clone()),
            ZaloToken::In(path) => read_kept(path).map(|(text, _)| Secret::new(text.trim().to_owned())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first byte (port 465).
    Implicit,
    /// After STARTTLS, which is insisted on (port 587).
    Starttls,
    /// None at all, for a developer's machine.
    None,
}

#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    pub sign_in: Option<(String, Secret)>,
    /// `Sàn OCOP <khong-tra-loi@ocop.example.vn>`
    pub from: String,
}

/// Where events of ours are sent to.
#[derive(Debug, Clone)]
pub struct WebhooksConfig {
    /// Makes the endpoints' signing secrets.
    pub key: Secret,
    /// Whether endpoints may stand on this machine and be reached without TLS; never in production.
    pub to_local: bool,
}

pub(super) fn senders(r: &mut Reader) -> SendersConfig {
    SendersConfig { esms: esms(r), zalo: zalo(r), smtp: smtp(r) }
}

pub(super) fn webhooks(r: &mut Reader) -> WebhooksConfig {
    let to_local = r.text("WEBHOOKS_TO_LOCAL").as_deref() == Some("true");
    if to_local && r.production {
        r.faults.push("WEBHOOKS_TO_LOCAL is for development and tests".to_owned());
    }
    WebhooksConfig { key: r.secret("WEBHOOK_KEY"), to_local }
}

/// The secrets of gateways, to be compared with the others.
pub(super) fn secrets_of(senders: &SendersConfig) -> Vec<&Secret> {
    let esms = senders.esms.iter().flat_map(|esms| [&esms.api_key, &esms.secret_key]);
    let zalo = senders.zalo.iter().filter_map(|zalo| match &zalo.token {
        ZaloToken::Fixed(token) => Some(token),
        ZaloToken::In(_) => None,
    });
    let smtp = senders.smtp.iter().filter_map(|smtp| smtp.sign_in.as_ref()).map(|(_, password)| password);
    esms.chain(zalo).chain(smtp).collect()
}

fn esms(r: &mut Reader) -> Option<EsmsConfig> {
    let api_key = r.optional_secret("ESMS_API_KEY")?;
    let secret_key = r.optional_secret("ESMS_SECRET_KEY");
    let brandname = r.text("ESMS_BRANDNAME");
    if secret_key.is_none() || brandname.is_none() {
        r.faults.push("ESMS_API_KEY is set without ESMS_SECRET_KEY or ESMS_BRANDNAME".to_owned());
    }
    let url = address(r, "ESMS_URL", "https://rest.esms.vn/MainService.svc/json/SendMultipleMessage_V4_post_json/");
    Some(EsmsConfig { url, api_key, secret_key: secret_key?, brandname: brandname? })
}

fn zalo(r: &mut Reader) -> Option<ZaloConfig> {
    let fixed = r.optional_secret("ZALO_ACCESS_TOKEN")?;
    let token = match r.text("ZALO_ACCESS_TOKEN_FILE") {
        Some(path) => ZaloToken::In(path.into()),
        None => ZaloToken::Fixed(fixed),
    };
    let listed = r.text("ZALO_TEMPLATES").unwrap_or_default();
    let mut templates = Vec::new();
    for entry in listed.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.split_once('=') {
            Some((name, id)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) => {
                templates.push((name.trim().to_owned(), id.to_owned()));
            }
            _ => r.faults.push(format!("ZALO_TEMPLATES has {entry:?}, not topic=number")),
        }
    }
    let url = address(r, "ZALO_URL", "https://business.openapi.zalo.me/message/template");
    Some(ZaloConfig { url, token, templates })
}

fn smtp(r: &mut Reader) -> Option<SmtpConfig> {
    let host = r.text("SMTP_HOST")?;
    let tls = match r.text("SMTP_TLS").as_deref() {
        None | Some("starttls") => SmtpTls::Starttls,
        Some("implicit") => SmtpTls::Implicit,
        Some("none") if !r.production => SmtpTls::None,
        Some(_) => {
            r.faults.push("SMTP_TLS must be starttls or implicit".to_owned());
            SmtpTls::Starttls
        }
    };
    let port = r.number("SMTP_PORT", if tls == SmtpTls::Implicit { 465 } else { 587 }, 1, u16::MAX);
    let sign_in = r.text("SMTP_USER").zip(r.optional_secret("SMTP_PASSWORD"));
    let from = r.text("SMTP_FROM");
    if from.is_none() {
        r.faults.push("SMTP_HOST is set without SMTP_FROM".to_owned());
    }
    Some(SmtpConfig { host, port, tls, sign_in, from: from? })
}

/// What goes to a gateway names people, so in production it goes over TLS.
fn address(r: &mut Reader, name: &str, default: &str) -> String {
    let url = r.text(name).unwrap_or_else(|| default.to_owned());
    if r.production && !url.starts_with("https://") {
        r.faults.push(format!("{name} must be https"));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn faults(values: &[(&str, &str)]) -> String {
        let values = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::from_values(values).map_or_else(|faults| faults.to_string(), |_| String::new())
    }

    #[test]
    fn production_refuses_gateways_that_others_can_read_and_endpoints_of_its_own_machine() {
        let production = faults(&[
            ("PRODUCTION", "true"),
            ("ESMS_API_KEY", "a"),
            ("ESMS_SECRET_KEY", "test_b"),
            ("ESMS_BRANDNAME", "OCOP"),
            ("ESMS_URL", "http://127.0.0.1:1/"),
            ("ZALO_ACCESS_TOKEN", "c"),
            ("ZALO_URL", "http://127.0.0.1:1/"),
            ("SMTP_HOST", "localhost"),
            ("SMTP_TLS", "none"),
            ("SMTP_FROM", "a@example.vn"),
            ("WEBHOOKS_TO_LOCAL", "true"),
        ]);
        for part in [
            "ESMS_SECRET_KEY is a dev",
            "ESMS_URL must",
            "ZALO_URL must",
            "SMTP_TLS must",
            "WEBHOOKS_TO_LOCAL",
            "WEBHOOK_KEY is missing",
        ] {
            assert!(production.contains(part), "{part} in {production}");
        }
    }

    #[test]
    fn what_is_set_up_by_half_is_named() {
        let half =
            faults(&[("ESMS_API_KEY", "a"), ("ZALO_ACCESS_TOKEN", "b"), ("ZALO_TEMPLATES", "x"), ("SMTP_HOST", "h")]);
        for part in ["ESMS_BRANDNAME", "\"x\"", "SMTP_FROM"] {
            assert!(half.contains(part), "{part} in {half}");
        }
    }
}
