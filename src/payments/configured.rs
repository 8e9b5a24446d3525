use std::time::Duration;

use super::providers::{
    BankTransfer, Momo, MomoKeys, OrderAccounts, Payee, Payos, Provider, ProviderId, RotatingSecret, SepayApi,
    VietqrVn, Vnpay, Zalopay,
};
use crate::config::{BankConfig, Config, MomoConfig, PayosConfig, VietqrVnConfig, VnpayConfig, ZalopayConfig};
use crate::kernel::{Secret, calls};

/// From the first byte sent to the last read. MoMo asks for at least 30 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(32);
/// Where buyers come back from a provider's page.
pub const RETURN_PATH: &str = "/v1/public/payment-returns/done";

/// The ways of paying that are configured.
pub struct Providers {
    pub bank_transfer: BankTransfer,
    pub vnpay: Option<Vnpay>,
    pub payos: Option<Payos>,
    pub momo: Option<Momo>,
    pub zalopay: Option<Zalopay>,
    pub vietqr_vn: Option<VietqrVn>,
    pub client: reqwest::Client,
}

impl Providers {
    pub fn new(config: &Config) -> Result<Providers, String> {
        let base = &config.public_base_url;
        Ok(Providers {
            bank_transfer: bank_transfer(&config.bank)?,
            vnpay: config.vnpay.as_ref().map(|vnpay_config| vnpay(vnpay_config, base)),
            payos: config.payos.as_ref().map(|payos_config| payos(payos_config, base)),
            momo: config.momo.as_ref().map(|momo_config| momo(momo_config, base)),
            zalopay: config.zalopay.as_ref().map(|zalopay_config| zalopay(zalopay_config, base)),
            vietqr_vn: config.vietqr_vn.as_ref().map(vietqr_vn).transpose()?,
            client: calls::client(ANSWER_WITHIN)
                .map_err(|error| format!("the client for payment providers: {error}"))?,
        })
    }

    /// Whether a provider that is on is asked to open an order for each try.
    pub fn opens_orders(&self, id: ProviderId) -> bool {
        self.find(id).is_some_and(Provider::opens_orders)
    }

    pub fn find(&self, id: ProviderId) -> Option<&dyn Provider> {
        match id {
            ProviderId::BankTransfer => Some(&self.bank_transfer),
            ProviderId::Vnpay => self.vnpay.as_ref().map(|vnpay| vnpay as &dyn Provider),
            ProviderId::Payos => self.payos.as_ref().map(|payos| payos as &dyn Provider),
            ProviderId::Momo => self.momo.as_ref().map(|momo| momo as &dyn Provider),
            ProviderId::Zalopay => self.zalopay.as_ref().map(|zalopay| zalopay as &dyn Provider),
            ProviderId::VietqrVn => self.vietqr_vn.as_ref().map(|vietqr_vn| vietqr_vn as &dyn Provider),
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => None,
        }
    }
}

fn order_accounts(bank: &BankConfig) -> Option<OrderAccounts> {
    Some(OrderAccounts {
        bank_account: bank.order_accounts.clone()?,
        prefix: bank.order_prefix.clone(),
        terminal: bank.order_terminal.clone(),
    })
}

fn rotating(current: &Secret, previous: Option<&Secret>) -> RotatingSecret {
    RotatingSecret { current: current.clone(), previous: previous.cloned() }
}

fn bank_transfer(bank: &BankConfig) -> Result<BankTransfer, String> {
    let payee = Payee::new(&bank.bin, &bank.account_number).map_err(|e| format!("BANK_BIN or BANK_ACCOUNT: {e}"))?;
    Ok(BankTransfer {
        payee,
        account_name: bank.account_name.clone(),
        other_accounts: Vec::new(),
        hmac: bank.hmac_secret.as_ref().map(|secret| rotating(secret, bank.hmac_secret_previous.as_ref())),
        api_key: bank.api_key.as_ref().map(|secret| rotating(secret, None)),
        sepay: sepay(bank),
        accounts: order_accounts(bank),
    })
}

fn sepay(bank: &BankConfig) -> Option<SepayApi> {
    bank.list_token.as_ref().map(|token| SepayApi { base_url: bank.list_url.clone(), token: token.clone() })
}

fn vnpay(config: &VnpayConfig, base: &str) -> Vnpay {
    Vnpay {
        pay_url: config.pay_url.clone(),
        tmn_code: config.tmn_code.clone(),
        return_url: format!("{base}/v1/public/payment-returns/vnpay"),
        api_url: config.api_url.clone(),
        server_ip: config.server_ip.clone(),
        secret: rotating(&config.secret, config.secret_previous.as_ref()),
    }
}

fn payos(config: &PayosConfig, base: &str) -> Payos {
    Payos {
        base_url: config.base_url.clone(),
        client_id: config.client_id.clone(),
        api_key: config.api_key.clone(),
        checksum_key: rotating(&config.checksum_key, config.checksum_key_previous.as_ref()),
        return_url: format!("{base}{RETURN_PATH}"),
    }
}

fn momo(config: &MomoConfig, base: &str) -> Momo {
    let keys =
        |access_key: &Secret, secret: &Secret| MomoKeys { access_key: access_key.clone(), secret: secret.clone() };
    Momo {
        base_url: config.base_url.clone(),
        partner_code: config.partner_code.clone(),
        keys: keys(&config.access_key, &config.secret_key),
        previous: config.previous.as_ref().map(|(access_key, secret)| keys(access_key, secret)),
        return_url: format!("{base}{RETURN_PATH}"),
        notice_url: format!("{base}/v1/callbacks/momo/ipn"),
    }
}

fn zalopay(config: &ZalopayConfig, base: &str) -> Zalopay {
    Zalopay {
        base_url: config.base_url.clone(),
        app_id: config.app_id,
        key1: config.key1.clone(),
        key2: rotating(&config.key2, config.key2_previous.as_ref()),
        return_url: format!("{base}{RETURN_PATH}"),
        callback_url: format!("{base}/v1/callbacks/zalopay"),
    }
}

fn vietqr_vn(config: &VietqrVnConfig) -> Result<VietqrVn, String> {
    let payee = Payee::new(&config.bin, &config.account_number)
        .map_err(|e| format!("VIETQRVN_BANK_BIN or VIETQRVN_ACCOUNT: {e}"))?;
    Ok(VietqrVn {
        payee,
        account_name: config.account_name.clone(),
        other_accounts: Vec::new(),
        username: config.username.clone(),
        password: rotating(&config.password, config.password_previous.as_ref()),
    })
}
