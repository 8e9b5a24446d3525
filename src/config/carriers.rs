//! Settings of the carriers; one without a token is off.

use super::Reader;
use crate::kernel::Secret;

/// Carriers that are set up.
#[derive(Debug, Clone, Default)]
pub struct CarriersConfig {
    pub ghn: Option<CarrierConfig>,
    pub ghtk: Option<CarrierConfig>,
    pub viettel_post: Option<CarrierConfig>,
}

#[derive(Debug, Clone)]
pub struct CarrierConfig {
    pub token: Secret,
    /// GHN's number of our shop.
    pub account: Option<String>,
    /// Without a slash at the end.
    pub base_url: String,
    /// What the carrier's messages must bring.
    pub callback_secret: Secret,
}

pub fn read(r: &mut Reader) -> CarriersConfig {
    CarriersConfig {
        ghn: carrier(r, "GHN", "https://online-gateway.ghn.vn/shiip/public-api"),
        ghtk: carrier(r, "GHTK", "https://services.giaohangtietkiem.vn"),
        viettel_post: carrier(r, "VIETTEL_POST", "https://partner.viettelpost.vn"),
    }
}

fn carrier(r: &mut Reader, name: &str, base_url: &str) -> Option<CarrierConfig> {
    let token = r.optional_secret(&format!("{name}_TOKEN"))?;
    let account = r.text("GHN_SHOP_ID").filter(|_| name == "GHN");
    if name == "GHN" && account.is_none() {
        r.faults.push("GHN_SHOP_ID is missing".to_owned());
    }
    let base_url = r.text(&format!("{name}_BASE_URL")).unwrap_or_else(|| base_url.to_owned());
    if r.production && !is_for_production(&base_url) {
        r.faults.push(format!("{name}_BASE_URL is not https or is for tests"));
    }
    let callback_secret = r.secret(&format!("{name}_CALLBACK_SECRET"));
    Some(CarrierConfig { token, account, base_url: base_url.trim_end_matches('/').to_owned(), callback_secret })
}

fn is_for_production(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split('/').next().unwrap_or("").to_ascii_lowercase();
    !["dev", "sandbox", "staging", "test", "localhost"].iter().any(|word| host.contains(word))
}

pub fn secrets_of(config: &CarriersConfig) -> Vec<&Secret> {
    let all = [&config.ghn, &config.ghtk, &config.viettel_post];
    all.into_iter().flatten().flat_map(|carrier| [&carrier.token, &carrier.callback_secret]).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::{Config, ConfigFaults};

    fn of(values: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
        Config::from_values(values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_carrier_without_a_token_is_off() {
        let config = of(&[("GHTK_TOKEN", "abc")]).unwrap();
        assert!(config.carriers.ghn.is_none() && config.carriers.viettel_post.is_none());
        assert_eq!(config.carriers.ghtk.unwrap().base_url, "https://services.giaohangtietkiem.vn");
        assert!(of(&[("GHN_TOKEN", "abc")]).unwrap_err().to_string().contains("GHN_SHOP_ID is missing"));
    }

    #[test]
    fn production_takes_no_carrier_of_a_test() {
        for (url, is_refused) in [
            ("https://dev-online-gateway.ghn.vn/shiip/public-api", true),
            ("https://partnerdev.viettelpost.vn", true),
            ("http://partner.viettelpost.vn", true),
            ("https://services-staging.ghtklab.com", true),
            ("https://partner.viettelpost.vn", false),
        ] {
            let faults = of(&[("PRODUCTION", "true"), ("VIETTEL_POST_TOKEN", "abc"), ("VIETTEL_POST_BASE_URL", url)]);
            let faults = faults.unwrap_err().to_string();
            assert_eq!(faults.contains("VIETTEL_POST_BASE_URL"), is_refused, "{url}: {faults}");
            assert!(faults.contains("VIETTEL_POST_CALLBACK_SECRET is missing"), "{faults}");
        }
    }
}
