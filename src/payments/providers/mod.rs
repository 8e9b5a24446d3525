//! The worlds that move money for us, each behind the same questions.
//!
//! Nothing here reads a clock, a database or the network: a provider turns an attempt into what
//! the buyer is shown, and a callback into what it claims. So recorded messages are complete
//! tests, and whoever calls decides inside its own transaction what a claim changes. Network
//! calls that a provider needs are made elsewhere, from requests that are built here.

mod bank_transfer;
mod emv;
mod momo;
mod network;
mod payos;
mod signature;
#[cfg(test)]
mod vectors;
mod vietqr_vn;
mod vnpay;
mod wire;
mod zalopay;

use std::net::IpAddr;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use super::transfer_code::TransferCode;
pub use crate::kernel::calls::{HttpAnswer, HttpCall, send};
use crate::kernel::money::Vnd;
use crate::shipping::Carrier;

pub use bank_transfer::{BankTransfer, OrderAccounts, SepayApi, SepayTransaction, TRANSFER_MAX_VND};
pub use emv::{EmvFault, Initiation, Payee, Purpose, VietQr};
pub use momo::{Momo, MomoKeys};
pub use network::{Asked, OwnAccount, Question, RefundQuestion, Refunded, Schedule, Start, Started};
pub use payos::{Payos, PayosPayout, PayosPayouts, PayoutSaid, PayoutState};
pub use signature::RotatingSecret;
pub use vietqr_vn::{VietqrVn, check_order_checksum, refund_checksum};
pub use vnpay::{Message, PAYMENT_MAX_VND, Vnpay};
pub use zalopay::Zalopay;

/// One way of paying.
///
/// A callback is first verified on its raw bytes and then read strictly; only then may anything
/// be looked up. An unverified one must leave no trace that a later genuine one could trip over,
/// above all no deduplication key.
pub trait Provider: Send + Sync {
    fn id(&self) -> ProviderId;

    /// The least and the most that one payment can ask for, in đồng.
    fn amounts(&self) -> RangeInclusive<i64>;

    /// Writes our code as this provider wants its references; different codes stay different.
    fn reference(&self, code: &TransferCode, at: DateTime<Utc>) -> String;

    /// Whether it is asked to open an order for a try before the buyer can pay, or can pay in its best way.
    fn opens_orders(&self) -> bool;

    /// Says what the buyer is to do next, or how the provider is asked for that. Built again for the same attempt, it
    /// names the same order.
    fn start(&self, attempt: &AttemptStart<'_>) -> Start;

    /// Reads the answer to the call that [`Provider::start`] built.
    fn read_started(&self, attempt: &AttemptStart<'_>, answer: &HttpAnswer) -> Started;

    /// When an attempt is asked for; nothing when this provider is not asked.
    fn schedule(&self) -> Option<Schedule>;

    /// Asks what became of an attempt; nothing when this provider is not asked.
    fn ask(&self, question: &Question<'_>) -> Option<HttpCall>;

    /// Calls an order off, so that nobody can pay by it any more; nothing where that cannot be asked for. Orders of
    /// VNPAY, MoMo and ZaloPay end by themselves: at VNPAY at the moment and at ZaloPay after the seconds that were sent
    /// with them, at MoMo after a time of its own. A transfer to our account can come at any time.
    fn cancel(&self, question: &Question<'_>) -> Option<HttpCall>;

    /// Reads the answer to the call that [`Provider::ask`] or [`Provider::cancel`] built.
    fn read_asked(&self, question: &Question<'_>, answer: &HttpAnswer) -> Asked;

    /// Verifies a message of the provider and reads it.
    fn read_callback(&self, callback: &RawCallback<'_>) -> Reading;

    /// Reads a message again that was verified when it came. What proved it was not kept with it.
    fn reread(&self, callback: &RawCallback<'_>) -> Reading;

    /// Puts our verdict about an event into the provider's own words, on which depends whether it sends again. Without
    /// a key when there was no event, or none that could be read.
    fn answer(&self, verdict: Verdict, event_key: Option<&str>) -> Answer;
}

crate::text_enum! {
    /// Who takes the money.
    pub enum ProviderId {
        /// A transfer to our bank account, announced by SePay.
        BankTransfer = "bank_transfer",
        Vnpay = "vnpay",
        /// A transfer to the account that payOS watches.
        Payos = "payos",
        Momo = "momo",
        Zalopay = "zalopay",
        /// A transfer to a bank account of ours, announced by VietQR.vn.
        VietqrVn = "vietqr_vn",
        /// A carrier, in cash, when it brings the goods. With none of these three a payment is begun.
        Ghn = "ghn",
        Ghtk = "ghtk",
        ViettelPost = "viettel_post",
    }
}

impl ProviderId {
    /// Whether it lists what came in, for all attempts at once, instead of saying how one stands.
    pub const fn is_listed(self) -> bool {
        match self {
            ProviderId::BankTransfer => true,
            ProviderId::Vnpay | ProviderId::Payos | ProviderId::Momo | ProviderId::Zalopay | ProviderId::VietqrVn => {
                false
            }
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => false,
        }
    }

    /// Whether an order stays open at the provider until it is called off there. An account number that was given out for
    /// one try alone is called off as well.
    pub const fn is_called_off(self) -> bool {
        match self {
            ProviderId::Payos => true,
            ProviderId::BankTransfer
            | ProviderId::Vnpay
            | ProviderId::Momo
            | ProviderId::Zalopay
            | ProviderId::VietqrVn => false,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => false,
        }
    }

    /// As whom a carrier has the cash that it collected for us.
    pub const fn of_carrier(carrier: Carrier) -> ProviderId {
        match carrier {
            Carrier::Ghn => ProviderId::Ghn,
            Carrier::Ghtk => ProviderId::Ghtk,
            Carrier::ViettelPost => ProviderId::ViettelPost,
        }
    }

    /// Whether it is a carrier that collects cash.
    pub const fn is_carrier(self) -> bool {
        matches!(self, ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost)
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
    /// The moment of asking, which a later try has of its own.
    pub now: DateTime<Utc>,
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
    /// The provider has not said it yet: look again.
    Wait,
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
    /// The account number to which the money went, if it may be one that was given out for one try alone: then it says for
    /// which, whatever else was written.
    pub own_account: Option<String>,
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
    /// Counts as it is, and the provider is asked once more whether it stays so.
    pub to_be_confirmed: bool,
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
    /// Empty: without a content type.
    pub body: String,
}

/// All providers speak JSON.
const JSON: &str = "application/json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_ids_survive_the_database() {
        for id in ProviderId::ALL {
            assert_eq!(ProviderId::parse(id.as_str()), Some(*id));
        }
        assert_eq!(ProviderId::parse("paypal"), None);
    }

    /// Each folder counts the vectors of its own provider.
    #[test]
    fn no_recorded_vector_is_of_a_provider_without_tests() {
        let run = ["momo", "payos", "sepay", "vietqr_emvco", "vietqrvn_callback", "vnpay", "zalopay"];
        assert_eq!(vectors::providers(), run);
    }
}
