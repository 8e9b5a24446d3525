//! The carriers' worlds, each behind the same questions.
//!
//! Nothing here reads a clock, a database or the network: a carrier turns a parcel into a request and an answer or a
//! message into what it says, so recorded messages are complete tests. Requests are sent elsewhere, with no
//! transaction open.

mod ghn;
mod ghtk;
#[cfg(test)]
mod tests;
mod viettel_post;
mod wire;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::CarriersConfig;
use crate::kernel::{Vnd, calls};
use crate::places::CommuneCode;

use super::model::{Carrier, ShipmentStatus};

pub use crate::kernel::calls::{HttpAnswer, HttpCall, send};
pub use ghn::Ghn;
pub use ghtk::Ghtk;
pub use viettel_post::ViettelPost;

/// From the first byte sent to the last read; a job makes at most two calls within its time.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// One carrier.
pub trait CarrierApi: Send + Sync {
    fn id(&self) -> Carrier;

    /// Asks what a parcel would cost; nothing when the carrier does not know one of the places.
    fn quote(&self, parcel: &Parcel) -> Option<HttpCall>;
    fn read_quote(&self, answer: &HttpAnswer) -> Option<Vnd>;

    /// Books a parcel under our reference; nothing when the carrier does not know one of the places.
    fn create(&self, parcel: &Parcel) -> Option<HttpCall>;
    fn read_created(&self, answer: &HttpAnswer) -> Created;

    /// Asks for a parcel by our reference; nothing when the carrier has no such question.
    fn find(&self, reference: &str) -> Option<HttpCall>;
    fn read_found(&self, answer: &HttpAnswer) -> Found;

    fn cancel(&self, code: &str) -> HttpCall;
    fn read_cancelled(&self, answer: &HttpAnswer) -> Cancelled;

    /// Whether a message proves that it comes from the carrier. Carriers sign nothing: it brings a secret of ours.
    fn is_genuine(&self, message: &RawMessage<'_>) -> bool;
    /// What a message says; nothing when it is not what the carrier describes.
    fn read_message(&self, message: &RawMessage<'_>) -> Option<News>;
    fn meaning(&self, raw_code: &str) -> Meaning;
}

/// A place with the names and numbers by which a carrier knows it.
#[derive(Debug, Clone)]
pub struct Spot {
    pub commune_code: CommuneCode,
    /// With its kind: `Xã Đồng Văn`.
    pub commune_name: String,
    pub former_district_name: String,
    pub province_name: String,
    pub codes: Option<AddressCodes>,
}

/// The carrier's own numbers of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressCodes {
    pub province: Option<String>,
    pub district: String,
    pub ward: String,
}

#[derive(Debug, Clone)]
pub struct Party {
    pub name: String,
    pub phone: String,
    pub address: String,
    pub spot: Spot,
}

#[derive(Debug, Clone)]
pub struct Parcel {
    /// Ours; the carrier books it at most once.
    pub reference: String,
    pub sender: Party,
    pub recipient: Party,
    pub weight_g: i32,
    pub goods_vnd: Vnd,
    /// What is collected from the recipient, to the đồng; nothing of what is paid ahead.
    pub collects_vnd: Vnd,
}

/// What became of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// Now or before; some carriers do not repeat the number of a parcel that they know already.
    Booked { code: Option<String>, fee_vnd: Option<Vnd> },
    /// For good, in the carrier's words.
    Refused(String),
    /// Nobody knows: it must be asked for again.
    Unclear(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Known { code: String, raw_code: String, at: Option<DateTime<Utc>> },
    Unknown,
    Unclear(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    Done,
    /// The parcel is on its way, or the carrier refuses for another reason.
    TooLate(String),
    Unclear(String),
}

/// A message as it arrived.
#[derive(Clone, Copy)]
pub struct RawMessage<'a> {
    /// Still encoded, without the question mark.
    pub query: &'a str,
    /// The header `X-Callback-Token`.
    pub token: Option<&'a str>,
    pub content_type: &'a str,
    pub body: &'a [u8],
}

/// What a carrier says of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Ours, when the carrier repeats it.
    pub reference: Option<String>,
    pub code: String,
    pub raw_code: String,
    pub meaning: Meaning,
    /// By the carrier's clock.
    pub happened_at: DateTime<Utc>,
    /// The same for every delivery of one event, different for every other.
    pub dedup_key: String,
}

/// What a carrier's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Status(ShipmentStatus),
    /// Worth keeping, but the parcel did not move.
    Information,
}

/// The carriers that are set up.
#[derive(Default)]
pub struct Carriers {
    apis: Vec<Box<dyn CarrierApi>>,
    pub client: reqwest::Client,
}

impl Carriers {
    pub fn new(config: &CarriersConfig) -> Result<Carriers, reqwest::Error> {
        let CarriersConfig { ghn, ghtk, viettel_post } = config.clone();
        let mut apis: Vec<Box<dyn CarrierApi>> = Vec::new();
        apis.extend(ghn.map(|config| Box::new(Ghn::new(config)) as Box<dyn CarrierApi>));
        apis.extend(ghtk.map(|config| Box::new(Ghtk::new(config)) as Box<dyn CarrierApi>));
        apis.extend(viettel_post.map(|config| Box::new(ViettelPost::new(config)) as Box<dyn CarrierApi>));
        Ok(Carriers { apis, client: calls::client(ANSWER_WITHIN)? })
    }

    pub fn find(&self, carrier: Carrier) -> Option<&dyn CarrierApi> {
        self.apis.iter().find(|api| api.id() == carrier).map(AsRef::as_ref)
    }
}
