//! Files with which a bank is asked to pay.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::carry::is_within_caps;
use super::model::{File, Transfer, TransferEvent as E};
use super::moves::ACCOUNT_CHANGED;
use super::rails::Rules;
use super::step::step;
use super::store::{self, Change};
use crate::audit;
use crate::documents::sheet::{Cell, Kind, Sheet, headings};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, BankAccountId, Error, OutgoingFileId, Result, Tx, Vnd};
use crate::outgoing::accounts::{self, BankAccount, Vault, bank_name};
use crate::outgoing::{OutgoingRefusal, store as switch_store};

/// Transfers of one file.
const ROWS_MAX: i64 = 200;

/// Everything that is approved and may leave today becomes a file, and is sent by that: it stands in no other file. What
/// the caps leave over waits for tomorrow.
pub fn make(tx: &mut Tx<'_>, rules: Rules) -> Result<File> {
    let made_by = tx.who.must(Audience::Operator)?;
    if switch_store::switch_for_update(tx)?.is_stopped() {
        return Err(OutgoingRefusal::Stopped.into());
    }
    let id = OutgoingFileId::generate();
    let today = vietnam_day(tx.now);
    let mut sent = Vec::new();
    for old in store::lock_for_file(tx, ROWS_MAX)? {
        if !accounts::find_for_share(tx, old.bank_account_id)?.is_ready(tx.now) {
            let reason = Some(ACCOUNT_CHANGED.to_owned());
            step(tx, &old, E::Cancel, &Change { reason, ..Change::default() })?;
        } else if is_within_caps(tx, &old, rules)? {
            let change = Change { sent_on: Some(today), ..Change::default() };
            sent.push(step(tx, &old, E::Send, &change)?);
        }
    }
    let total = Vnd::sum(sent.iter().map(|transfer| transfer.amount_vnd));
    let total_vnd = total.ok_or_else(|| Error::internal("a file of more than money can be"))?;
    let transfers = i32::try_from(sent.len()).map_err(Error::internal)?;
    if transfers == 0 {
        return Err(OutgoingRefusal::NothingToSend.into());
    }
    let file = File { id, made_by, made_at: tx.now, transfers, total_vnd };
    store::insert_file(tx, &file)?;
    store::put_in_file(tx, id, &sent)?;
    audit::write(tx, "outgoing.file", "outgoing_file", id.0, json!({"transfers": transfers, "total_vnd": total_vnd}))?;
    Ok(file)
}

/// What stands in a file: the transfers with the numbers of their accounts, of which the last digits are left once they are
/// forgotten.
pub struct Content {
    rows: Vec<(Transfer, BankAccount, String)>,
    pub made_at: DateTime<Utc>,
}

/// For whoever takes it away as a file of this format: that is on record, each time.
pub fn content(tx: &mut Tx<'_>, vault: &Vault, id: OutgoingFileId, format: &str) -> Result<Content> {
    tx.who.must(Audience::Operator)?;
    let file = store::file(tx, id)?;
    audit::write(tx, "outgoing_file.downloaded", "outgoing_file", id.0, json!({"format": format}))?;
    let transfers = store::of_file(tx, id)?;
    let mut opened: BTreeMap<BankAccountId, (BankAccount, String)> = BTreeMap::new();
    let mut rows = Vec::new();
    for transfer in transfers {
        let (account, number) = match opened.get(&transfer.bank_account_id) {
            Some(known) => known.clone(),
            None => {
                let account = accounts::find(tx, transfer.bank_account_id)?;
                let number = match accounts::open(tx, vault, account.id)? {
                    Some(number) => number.expose().to_owned(),
                    None => format!("…{}", account.last_digits),
                };
                opened.insert(account.id, (account.clone(), number.clone()));
                (account, number)
            }
        };
        rows.push((transfer, account, number));
    }
    Ok(Content { rows, made_at: file.made_at })
}

impl Content {
    /// The columns that banks ask of a list of transfers.
    pub fn sheet(&self) -> Sheet {
        let columns = headings(&[
            ("STT", Kind::Count),
            ("Số tài khoản", Kind::Text),
            ("Tên người thụ hưởng", Kind::Text),
            ("Mã ngân hàng (BIN)", Kind::Text),
            ("Ngân hàng", Kind::Text),
            ("Số tiền (VND)", Kind::Dong),
            ("Nội dung", Kind::Text),
        ]);
        let rows = (1..).zip(&self.rows).map(|(place, (transfer, account, number))| {
            vec![
                Cell::Count(place),
                Cell::text(number),
                Cell::text(account.holder_name.clone()),
                Cell::text(account.bank_bin.clone()),
                Cell::text(bank_name(&account.bank_bin)),
                transfer.amount_vnd.into(),
                Cell::text(format!("OCOP {}", transfer.reference)),
            ]
        });
        Sheet { name: "Chuyển tiền".to_owned(), columns, rows: rows.collect() }
    }
}
