//! Carriers that only the demo has: by HTTP they take parcels as GHN, GHTK and Viettel Post do, and bring each to its
//! door within a minute, step by step, with the messages that the real ones send.
//!
//! They keep nothing: when the process ends, parcels on their way are told of no more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::carriers_api;
use super::{is_here, told};
use crate::cli::serve::build;
use crate::config::{CarrierConfig, CarriersConfig, Config};
use crate::kernel::db::Clock;
use crate::kernel::time::vietnam;
use crate::kernel::{Actor, EventId, Secret};
use crate::shipping::{self, Carrier};

/// How long a parcel stays at each step of its way.
const STEP: Duration = Duration::from_secs(12);
/// How long a message of a carrier may take.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Parcels that are kept; the oldest are forgotten.
const PARCELS_MAX: usize = 10_000;

/// The steps of a parcel's way in a carrier's own codes.
fn way(carrier: Carrier) -> &'static [&'static str] {
    match carrier {
        Carrier::Ghn => &["ready_to_pick", "picked", "transporting", "delivering", "delivered"],
        Carrier::Ghtk => &["2", "3", "4", "5"],
        Carrier::ViettelPost => &["103", "105", "300", "501"],
    }
}

#[derive(Debug, Clone)]
struct Parcel {
    code: String,
    step: usize,
    is_off: bool,
    moved_at: DateTime<Utc>,
}

/// What a carrier knows of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub code: String,
    pub raw_code: &'static str,
    pub moved_at: DateTime<Utc>,
}

/// The counters of all three.
#[derive(Debug)]
pub struct Desks {
    clock: Clock,
    parcels: Mutex<BTreeMap<(Carrier, String), Parcel>>,
}

impl Desks {
    pub fn new(clock: Clock) -> Arc<Desks> {
        Arc::new(Desks { clock, parcels: Mutex::default() })
    }

    fn parcels(&self) -> MutexGuard<'_, BTreeMap<(Carrier, String), Parcel>> {
        self.parcels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a parcel under our reference: its number, and whether it is new. The same reference has the same number, also
    /// after the fakes began anew.
    pub fn book(&self, carrier: Carrier, reference: &str) -> (String, bool) {
        let mut parcels = self.parcels();
        if let Some(parcel) = parcels.get(&(carrier, reference.to_owned())) {
            return (parcel.code.clone(), false);
        }
        if parcels.len() >= PARCELS_MAX {
            parcels.pop_first();
        }
        let tail: String = reference.chars().filter(char::is_ascii_alphanumeric).skip(20).collect();
        let code = format!("DEMO{}", tail.to_ascii_uppercase());
        let parcel = Parcel { code: code.clone(), step: 0, is_off: false, moved_at: self.clock.now() };
        parcels.insert((carrier, reference.to_owned()), parcel);
        (code, true)
    }

    pub fn find(&self, carrier: Carrier, reference: &str) -> Option<Seen> {
        let parcels = self.parcels();
        let parcel = parcels.get(&(carrier, reference.to_owned()))?;
        let raw_code = way(carrier).get(parcel.step).copied()?;
        Some(Seen { code: parcel.code.clone(), raw_code, moved_at: parcel.moved_at })
    }

    /// Calls a parcel off by its number, while it has not left.
    pub fn call_off(&self, carrier: Carrier, code: &str) -> bool {
        let mut parcels = self.parcels();
        let mut own = parcels.iter_mut().filter(|((of, _), parcel)| *of == carrier && parcel.code == code);
        let Some((_, parcel)) = own.next().filter(|(_, parcel)| parcel.step == 0) else { return false };
        parcel.is_off = true;
        true
    }

    /// Every parcel that has not arrived is a step further: reference and state of each.
    fn go_on(&self) -> Vec<(Carrier, String, Seen)> {
        let now = self.clock.now();
        let mut told = Vec::new();
        for ((carrier, reference), parcel) in self.parcels().iter_mut().filter(|(_, parcel)| !parcel.is_off) {
            let next = parcel.step.saturating_add(1);
            let Some(raw_code) = way(*carrier).get(next).copied() else { continue };
            (parcel.step, parcel.moved_at) = (next, now);
            let seen = Seen { code: parcel.code.clone(), raw_code, moved_at: now };
            told.push((*carrier, reference.clone(), seen));
        }
        told
    }

    /// Moves every parcel a step and tells the market at this address, as the carriers would; how many were told of.
    pub async fn tell(&self, base: &str, secret: &Secret) -> Result<usize, String> {
        let client = reqwest::Client::builder().timeout(TOLD_WITHIN).build().map_err(|e| e.to_string())?;
        let moved = self.go_on();
        for (carrier, reference, seen) in &moved {
            let (path, body) = message(*carrier, reference, (seen, secret));
            let request = client.post(format!("{base}/v1/callbacks/{path}"));
            let request =
                request.header("content-type", "application/json").header("x-callback-token", secret.expose());
            let answer = request.body(body.to_string()).send().await.map_err(|e| e.without_url().to_string())?;
            if !answer.status().is_success() {
                return Err(format!("{}: {}", carrier.as_str(), answer.status()));
            }
        }
        Ok(moved.len())
    }
}

/// Where a carrier's message goes, and its words.
fn message(carrier: Carrier, reference: &str, (seen, secret): (&Seen, &Secret)) -> (&'static str, Value) {
    let Seen { code, raw_code, moved_at } = seen;
    match carrier {
        Carrier::Ghn => {
            let body = json!({"OrderCode": code, "ClientOrderCode": reference, "Type": "switch_status",
                              "Status": raw_code, "Time": moved_at.to_rfc3339()});
            ("ghn", body)
        }
        Carrier::Ghtk => {
            let body = json!({"partner_id": reference, "label_id": code, "status_id": raw_code,
                              "action_time": moved_at.to_rfc3339()});
            ("ghtk", body)
        }
        Carrier::ViettelPost => {
            let at = vietnam(*moved_at).format("%d/%m/%Y %H:%M:%S").to_string();
            let data = json!({"ORDER_NUMBER": code, "ORDER_REFERENCE": reference, "ORDER_STATUS": raw_code,
                              "ORDER_STATUSDATE": at});
            ("viettel-post", json!({"DATA": data, "TOKEN": secret.expose()}))
        }
    }
}

/// The fakes at work, and what their messages bring.
pub struct Fakes {
    desks: Arc<Desks>,
    secret: Secret,
}

impl Fakes {
    /// Connects the market to them, where the demo is in the database and no real carrier is set up; never in production.
    pub async fn open(config: &mut Config) -> Result<Option<Fakes>, String> {
        let CarriersConfig { ghn, ghtk, viettel_post } = &config.carriers;
        let is_connected = ghn.is_some() || ghtk.is_some() || viettel_post.is_some();
        if config.production || is_connected || !is_here(config).await? {
            return Ok(None);
        }
        number_communes(config).await?;
        let desks = Desks::new(Clock::default());
        let url = carriers_api::serve(desks.clone())?;
        let secret = Secret::new(format!("{}{}", EventId::generate(), EventId::generate()));
        config.carriers = connected(&url, &secret);
        Ok(Some(Fakes { desks, secret }))
    }

    /// Brings parcels and tells of them until the process ends.
    pub async fn run(self, base: String) {
        loop {
            tokio::time::sleep(STEP).await;
            if let Err(why) = self.desks.tell(&base, &self.secret).await {
                tracing::warn!(why, "a carrier of the demo was not heard");
            }
        }
    }
}

/// All three at this address.
fn connected(url: &str, secret: &Secret) -> CarriersConfig {
    let one = |name: &str, account: Option<&str>| CarrierConfig {
        token: Secret::new("demo".to_owned()),
        account: account.map(str::to_owned),
        base_url: format!("{url}/{name}"),
        callback_secret: secret.clone(),
    };
    CarriersConfig {
        ghn: Some(one("ghn", Some("1"))),
        ghtk: Some(one("ghtk", None)),
        viettel_post: Some(one("viettel-post", None)),
    }
}

/// Numbers that mean nothing, for communes of which nobody knows the real ones: the fakes find every place.
async fn number_communes(config: &Config) -> Result<(), String> {
    let app = build(config.clone(), Clock::default())?;
    let work = app.db.write(&Actor::PLATFORM, |tx| {
        for carrier in Carrier::ALL {
            let codes = shipping::unmapped_communes(tx, *carrier)?;
            if codes.is_empty() {
                continue;
            }
            let mut list = "commune_code,province_code,district_code,ward_code\n".to_owned();
            for code in codes {
                list.push_str(&format!("{code},1,1,{}\n", code.as_str().trim_start_matches('0')));
            }
            if let Err(faults) = shipping::import_addresses(tx, *carrier, &list)? {
                return Err(crate::kernel::Error::internal(faults.join("; ")));
            }
        }
        Ok(())
    });
    work.await.map_err(told)
}
