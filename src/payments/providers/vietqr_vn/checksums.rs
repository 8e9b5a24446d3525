//! The check sums that VietQR.vn's own interface asks for. They are MD5 over texts put together, which proves nothing
//! to anybody; they are what its documentation describes.

use md5::{Digest as _, Md5};

use crate::kernel::{Secret, Vnd};

/// For asking about an order of an account.
pub fn check_order_checksum(bank_account: &str, username: &str) -> String {
    hex::encode(Md5::digest(format!("{bank_account}{username}")))
}

/// For paying a transfer back.
pub fn refund_checksum(secret_key: &Secret, reference_number: &str, amount: Vnd, bank_account: &str) -> String {
    let text = format!("{}{reference_number}{}{bank_account}", secret_key.expose(), amount.amount());
    hex::encode(Md5::digest(text))
}
