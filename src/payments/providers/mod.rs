//! The worlds that move money for us, each behind the same questions.
//!
//! Nothing here reads a clock, a database or the network: a provider turns an attempt into what
//! the buyer is shown, and a callback into what it claims. So recorded messages are complete
//! tests, and whoever calls decides inside its own transaction what a claim changes. Network
//! calls that a provider needs are made elsewhere, from requests that are built here.

mod bank_transfer;
mod emv;
mod signature;
#[cfg(test)]
mod vectors;
mod vnpay;
mod wire;

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::kernel::money::Vnd;

pub use bank_transfer::{BankTransfer, TRANSFER_MAX_VND};
pub use emv::{EmvFault, Initiation, Payee, Purpose, VietQr};
pub use signature::RotatingSecret;
pub use vnpay::{Message, PAYMENT_MAX_VND, Vnpay};

/// One way of paying.
///
/// A callback is first verified on its raw bytes and then read strictly; only then may anything
/// be looked up. An unverified one must leave no trace that a later genuine one could trip over,
/// above all no deduplication key.
pub trait Provider: Send + Sync {
    fn id(&self) -> ProviderId;

    /// Says what the buyer is to do next: the QR text to scan or the address to open.
    fn start(&self, attempt: &AttemptStart<'_>) -> NextStep;

    /// Verifies a message of the provider and reads it.
    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading;

    /// Reads a message again that was verified when it came. What proved it was not kept with it.
    fn reread(&self, callback: &RawCallback<'_>) -> Reading;

    /// Puts our verdict into the provider's own words, on which depends whether it sends again.
    fn answer(&self, verdict: Verdict) -> Answer;
}

crate::text_enum! {
    /// Who takes the money.
    pub enum ProviderId {
        /// A transfer to our bank account, announced by SePay.
        BankTransfer = "bank_transfer",
        Vnpay = "vnpay",
    }
}

/// One try to pay, as a provider needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct AttemptStart<'a> {
    /// The transfer code; a new one for every attempt, because providers refuse a used one.
    pub reference: &'a str,
    pub amount: Vnd,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub client_ip: IpAddr,
    /// Whether the provider's pages should speak English instead of Vietnamese.
    pub english: bool,
}

/// What the buyer does to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Scan the code, or type the same facts into a bank's app.
    Transfer {
        qr_text: String,
        bank_bin: String,
        account_number: String,
        account_name: String,
        transfer_content: String,
    },
    /// Open the provider's page.
    Redirect { url: String },
}

/// A message as it arrived, before any parser touched it. Not printable: it holds credentials.
#[derive(Clone, Copy)]
pub struct RawCallback<'a> {
    /// Still encoded, without the question mark.
    pub query: &'a str,
    /// Names in lower case, as often as they came.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    pub received_at: DateTime<Utc>,
}

/// What a callback turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    Unverified(Fault),
    Verified(PaymentEvent),
    /// Genuine, but not about money coming in (a transfer out of our account). Answer it like
    /// [`Verdict::Applied`].
    NotForUs,
}

/// Why a callback was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not signed by a secret we know, signed too long ago, or sent with a repeated field.
    BadSignature,
    /// Signed, but not what the provider's documentation describes.
    Malformed,
    /// Nothing was sent that could be verified.
    MissingInput,
}

/// What a provider says happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// Tells repetitions from news: the same for every delivery of one event of this provider,
    /// different for every other.
    pub event_key: String,
    /// The number by which the provider, or the buyer's bank, knows the transaction. For people
    /// and for reconciliation: banks do not promise that it is unique.
    pub provider_txn: Option<String>,
    /// What may be one of our references, the likeliest first; none if nothing was recognised.
    pub references: Vec<String>,
    pub amount: Vnd,
    /// When the provider says the money moved; not sent for every event.
    pub paid_at: Option<DateTime<Utc>>,
    /// Whether the money went to an account of ours.
    pub payee_account_ours: bool,
    pub outcome: Outcome,
    /// The provider's own code, for people.
    pub raw_code: String,
}

/// How an attempt ended, if it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Paid,
    Pending,
    Failed,
    Cancelled,
    Expired,
    /// Money may have moved: a person must look before anything is shipped or cancelled.
    Review,
}

/// What we made of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Applied,
    AlreadyApplied,
    UnknownOrder,
    WrongAmount,
    /// The money is ours but something is odd about it: kept, and queued for a person.
    Parked,
    /// The transaction was told before in another way: kept, and queued for a person once. Nothing is credited again.
    Contradicted,
    Unverified(Fault),
    /// We could not store it: the provider should send it again.
    Unavailable,
}

/// An HTTP answer, to the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

/// Both providers speak JSON.
const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_ids_survive_the_database() {
        for id in [ProviderId::BankTransfer, ProviderId::Vnpay] {
            assert_eq!(ProviderId::parse(id.as_str()), Some(id));
        }
        assert_eq!(ProviderId::parse("momo"), None);
    }
}
