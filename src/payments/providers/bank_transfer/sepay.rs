//! The body of SePay's webhook.

use serde::Deserialize;

/// A movement on a bank account that SePay watches, with the fields that we use; it sends more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    /// The same for every delivery, also for one sent again by hand.
    pub id: u64,
    /// `yyyy-MM-dd HH:mm:ss` in Vietnam's time.
    pub transaction_date: Option<String>,
    pub account_number: String,
    /// The virtual account that was paid to, if it was one.
    pub sub_account: Option<String>,
    /// What SePay took for the payment code in the content.
    pub code: Option<String>,
    /// What the buyer, the buyer's bank and ours made of the purpose.
    pub content: Option<String>,
    #[serde(rename = "transferType")]
    pub direction: Direction,
    /// Đồng, a whole number.
    #[serde(rename = "transferAmount")]
    pub amount: i64,
    /// The bank's number for the transfer.
    pub reference_code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Direction {
    In,
    Out,
}

impl Transfer {
    /// Reads a body: nothing of another type, no field twice, nothing behind it.
    pub(super) fn read(body: &[u8]) -> Option<Transfer> {
        serde_json::from_slice(body).ok()
    }
}
