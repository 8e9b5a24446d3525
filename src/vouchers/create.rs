//! Somebody who will pay makes a voucher.

use serde_json::json;

use super::api::NewVoucher;
use super::discount::SPIRITS;
use super::model::{VoucherCode, VoucherKind, VoucherPayer, VoucherStatus};
use super::store::{self, Voucher};
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::time::vietnam_day;
use crate::kernel::{AccountId, Audience, Error, ProducerId, Result, Tx, Vnd, VoucherId};
use crate::{audit, producers};

/// At the cost of the platform or the province.
pub fn by_operator(tx: &mut Tx<'_>, new: NewVoucher) -> Result<Voucher> {
    let account_id = tx.who.must(Audience::Operator)?;
    let payer = new.payer.filter(|payer| *payer != VoucherPayer::Producer);
    let mut faults = faults(tx, &new);
    if payer.is_none() {
        let code = if new.payer.is_none() { FaultCode::Missing } else { FaultCode::NotOneOf };
        faults.push(fault("/payer", code, "platform, province"));
    }
    let mut producer_ids = new.producer_ids.to_vec();
    for (place, producer_id) in producer_ids.iter().enumerate() {
        match producers::name(tx, *producer_id) {
            Ok(_) => {}
            Err(Error::Refused(..)) => faults.push(fault(&format!("/producer_ids/{place}"), FaultCode::Unknown, "")),
            Err(ours) => return Err(ours),
        }
    }
    producer_ids.sort_unstable();
    producer_ids.dedup();
    let payer = payer.filter(|_| faults.is_empty()).ok_or(Error::Invalid(faults))?;
    insert(tx, account_id, (payer, None, producer_ids), new)
}

/// At the producer's own cost, for his own goods.
pub fn by_producer(tx: &mut Tx<'_>, new: NewVoucher) -> Result<Voucher> {
    let account_id = tx.who.must(Audience::Producer)?;
    let producer_id = producers::approved(tx)?;
    let mut faults = faults(tx, &new);
    if new.payer.is_some_and(|payer| payer != VoucherPayer::Producer) {
        faults.push(fault("/payer", FaultCode::NotOneOf, "producer"));
    }
    if new.producer_ids.iter().any(|named| *named != producer_id) {
        faults.push(fault("/producer_ids", FaultCode::NotOneOf, "[]"));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    insert(tx, account_id, (VoucherPayer::Producer, Some(producer_id), vec![producer_id]), new)
}

fn fault(pointer: &str, code: FaultCode, expected: &str) -> Fault {
    Fault { pointer: pointer.to_owned(), code, expected: expected.to_owned() }
}

/// What is wrong with a voucher whoever makes it.
fn faults(tx: &Tx<'_>, new: &NewVoucher) -> Vec<Fault> {
    let mut faults = Vec::new();
    match (new.kind, new.rate_bp) {
        (VoucherKind::Percent, None) => faults.push(fault("/rate_bp", FaultCode::Missing, "1–10000")),
        (VoucherKind::Amount | VoucherKind::FreeShipping, Some(_)) => {
            faults.push(fault("/rate_bp", FaultCode::UnknownField, "kind = percent"));
        }
        _ => {}
    }
    let today = vietnam_day(tx.now);
    if new.ends_on < new.starts_on || new.ends_on < today {
        let earliest = new.starts_on.max(today);
        faults.push(fault("/ends_on", FaultCode::OutOfRange, &format!("≥ {earliest}")));
    }
    for (place, set) in new.product_sets.iter().enumerate() {
        if SPIRITS.map(i32::from).contains(&set.value()) {
            faults.push(fault(&format!("/product_sets/{place}"), FaultCode::NotOneOf, "1–13, 16–26"));
        }
    }
    faults
}

fn insert(
    tx: &mut Tx<'_>,
    created_by: AccountId,
    (payer, producer_id, producer_ids): (VoucherPayer, Option<ProducerId>, Vec<ProducerId>),
    new: NewVoucher,
) -> Result<Voucher> {
    let mut product_sets: Vec<i16> =
        new.product_sets.iter().filter_map(|set| i16::try_from(set.value()).ok()).collect();
    product_sets.sort_unstable();
    product_sets.dedup();
    let id = VoucherId::generate();
    let voucher = Voucher {
        id,
        code: new.code.unwrap_or_else(|| VoucherCode::made(id.0)).as_str().to_owned(),
        payer,
        producer_id,
        kind: new.kind,
        rate_bp: new.rate_bp.map(|rate| rate.value()),
        amount_vnd: new.amount_vnd.vnd(),
        minimum_vnd: new.minimum_vnd.map_or(Vnd::ZERO, |minimum| minimum.vnd()),
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        producer_ids: producer_ids.into_iter().map(Some).collect(),
        product_sets: product_sets.into_iter().map(Some).collect(),
        uses_max: new.uses_max.value(),
        uses_per_buyer_max: new.uses_per_buyer_max.value(),
        budget_vnd: new.budget_vnd.vnd(),
        uses: 0,
        spent_vnd: Vnd::ZERO,
        status: VoucherStatus::Active,
        created_by,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert(tx, &voucher)?;
    let detail = json!({"payer": voucher.payer, "kind": voucher.kind, "budget_vnd": voucher.budget_vnd});
    audit::write(tx, "voucher.create", "voucher", voucher.id.0, detail)?;
    Ok(voucher)
}
