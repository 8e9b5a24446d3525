//! What checkouts do with vouchers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::discount::{Discount, Fee, Line, Refused, is_spirit};
use super::model::{UseRefusal, VoucherCode, VoucherStatus};
use super::store::{self, Share, Used, User, Voucher};
use crate::kernel::time::vietnam_day;
use crate::kernel::{AccountId, CheckoutId, Error, ProducerId, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};

/// What is about to be bought. One line per variant, one fee per producer.
#[derive(Debug, Clone, Copy)]
pub struct Basket<'a> {
    pub lines: &'a [Line],
    pub fees: &'a [Fee],
}

/// What the voucher would give now. Takes nothing; a refusal leaves the transaction usable.
pub fn look(tx: &mut Tx<'_>, code: &VoucherCode, buyer_id: AccountId, basket: Basket<'_>) -> Result<Discount> {
    Ok(assess(tx, code, buyer_id, basket)?.1)
}

/// Takes the voucher for a checkout that is being placed: counted and written down, or a refusal after which the
/// transaction must be rolled back. The checkout's row may be written before or after, in the same transaction; a guest's
/// orders must be written before, since their number says who it is.
pub fn take(
    tx: &mut Tx<'_>,
    checkout_id: CheckoutId,
    code: &VoucherCode,
    buyer_id: AccountId,
    basket: Basket<'_>,
) -> Result<Discount> {
    let (voucher, discount) = assess(tx, code, buyer_id, basket)?;
    let total = discount.total()?;
    let shares = shares_of(checkout_id, buyer_id, &discount)?;
    tx.as_platform(|tx| {
        if !store::count_use(tx, voucher.id, total)? {
            // Somebody was quicker: with the last use, the rest of the budget, or a pause.
            let now = store::find(tx, store::Owner::Operator, voucher.id)?;
            return Err(standing_refusal(tx, &now).unwrap_or_else(|| UseRefusal::UsedUp.into()));
        }
        let phone = store::phone_of(tx, Some(checkout_id), buyer_id)?;
        let phone = phone.ok_or_else(|| Error::internal("a voucher for nobody with a number"))?;
        if !store::count_buyer(tx, &voucher, buyer_id)? || !store::count_phone(tx, &voucher, &phone)? {
            return Err(UseRefusal::BuyerLimit.into());
        }
        let user = User { buyer_id, phone: Some(phone) };
        store::insert_use(tx, (checkout_id, voucher.id), &user, &shares, &discount)
    })?;
    Ok(discount)
}

/// The checkout ended unpaid: its use counts no more. Nothing happens where there is none, or none that counts.
pub fn give_back(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    free(tx, checkout_id, None).map(drop)
}

/// One producer's order of a paid checkout is undone: its share of the budget is free again, once. Answers how much
/// that was.
pub fn give_back_share(tx: &mut Tx<'_>, checkout_id: CheckoutId, producer_id: ProducerId) -> Result<Vnd> {
    free(tx, checkout_id, Some(producer_id))
}

/// Which voucher a checkout has used and who pays it; `None` where there is none or it counts no more.
pub fn used(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Option<Used>> {
    tx.as_platform(|tx| store::used(tx, checkout_id))
}

/// A checkout was paid: whoever pays for its voucher is told when with it the last use or the last of the budget is
/// gone, once.
pub fn tell_spent_out(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    let Some(used) = used(tx, checkout_id)? else { return Ok(()) };
    let voucher = tx.as_platform(|tx| store::find(tx, store::Owner::Operator, used.voucher_id))?;
    if voucher.uses < voucher.uses_max && voucher.spent_vnd < voucher.budget_vnd {
        return Ok(());
    }
    let to = voucher.producer_id.map_or(Recipient::Account(voucher.created_by), Recipient::Producer);
    let news = News::VoucherSpentOut { voucher_code: voucher.code, spent_vnd: voucher.spent_vnd };
    notifications::tell(tx, &Notice { to, news, object_id: voucher.id.0, occasion: "" })
}

fn free(tx: &mut Tx<'_>, checkout_id: CheckoutId, producer_id: Option<ProducerId>) -> Result<Vnd> {
    tx.as_platform(|tx| {
        let Some((voucher_id, user)) = store::lock_use(tx, checkout_id)? else { return Ok(Vnd::ZERO) };
        let freed = store::free_shares(tx, checkout_id, producer_id)?;
        if freed > Vnd::ZERO {
            store::lower_spent(tx, voucher_id, freed)?;
        }
        if !store::counts_still(tx, checkout_id)? {
            store::end_use(tx, checkout_id, (voucher_id, &user))?;
        }
        Ok(freed)
    })
}

/// The voucher of this code and what it gives, unless something stands against it. Only reads are made as the platform,
/// and they cannot refuse: the role must be the caller's again whatever the answer is.
fn assess(tx: &mut Tx<'_>, code: &VoucherCode, buyer_id: AccountId, basket: Basket<'_>) -> Result<(Voucher, Discount)> {
    let found = tx.as_platform(|tx| {
        let Some(voucher) = store::find_by_code(tx, code.as_str())? else { return Ok(None) };
        let uses = store::uses_of(tx, voucher.id, buyer_id)?;
        // Whose a guest's number is, is not known before there are orders.
        let phone = store::phone_of(tx, None, buyer_id)?;
        let uses_of_phone = phone.map_or(Ok(0), |phone| store::uses_of_phone(tx, voucher.id, &phone))?;
        Ok(Some((voucher, uses.max(uses_of_phone))))
    })?;
    let (voucher, uses_of_buyer) = found.ok_or(UseRefusal::Unknown)?;
    let is_foreign = voucher.producer_id.is_some_and(|own| basket.lines.iter().all(|line| line.producer_id != own));
    if is_foreign {
        return Err(UseRefusal::Unknown.into());
    }
    if let Some(refusal) = standing_refusal(tx, &voucher) {
        return Err(refusal);
    }
    if uses_of_buyer >= voucher.uses_per_buyer_max {
        return Err(UseRefusal::BuyerLimit.into());
    }
    let discount = given(&voucher, basket)?;
    let left = voucher.budget_vnd.minus(voucher.spent_vnd).unwrap_or_default();
    if discount.total()? > left {
        return Err(UseRefusal::UsedUp.into());
    }
    Ok((voucher, discount))
}

/// What stands against a voucher whatever is in the basket.
fn standing_refusal(tx: &Tx<'_>, voucher: &Voucher) -> Option<Error> {
    let today = vietnam_day(tx.now);
    if voucher.status == VoucherStatus::Ended || voucher.ends_on < today {
        return Some(UseRefusal::Ended.into());
    }
    if voucher.starts_on > today {
        let refusal = Error::from(UseRefusal::NotYetValid);
        return Some(refusal.with("starts_on", voucher.starts_on.to_string()));
    }
    if voucher.status == VoucherStatus::Paused {
        return Some(UseRefusal::Paused.into());
    }
    (voucher.uses >= voucher.uses_max || voucher.spent_vnd >= voucher.budget_vnd).then(|| UseRefusal::UsedUp.into())
}

/// What the voucher gives for the basket, or a refusal that names the lines which do not count.
fn given(voucher: &Voucher, basket: Basket<'_>) -> Result<Discount> {
    let rule = voucher.rule();
    let left_out = || -> Vec<Value> {
        let lines = basket.lines.iter().filter(|line| !rule.covers(line));
        lines
            .map(|line| {
                let reason = if is_spirit(line) { "spirits" } else { "not_included" };
                json!({"variant_id": line.variant_id, "reason": reason})
            })
            .collect()
    };
    rule.discount(basket.lines, basket.fees).map_err(|refused| match refused {
        Refused::NothingApplies => Error::from(UseRefusal::NothingApplies).with("left_out", left_out()),
        Refused::MinimumNotReached { counted } => Error::from(UseRefusal::MinimumNotReached)
            .with("minimum_vnd", voucher.minimum_vnd.amount())
            .with("counted_vnd", counted.amount())
            .with("left_out", left_out()),
        Refused::TooLarge => Error::internal("a basket larger than money can be"),
    })
}

/// The discount by producer.
fn shares_of(checkout_id: CheckoutId, buyer_account_id: AccountId, discount: &Discount) -> Result<Vec<Share>> {
    let mut sums: BTreeMap<ProducerId, (Vnd, Vnd)> = BTreeMap::new();
    let too_large = || Error::internal("a discount larger than money can be");
    for line in &discount.lines {
        let (goods, _) = sums.entry(line.producer_id).or_default();
        *goods = goods.plus(line.discount_vnd).ok_or_else(too_large)?;
    }
    for fee in &discount.shipping {
        let (_, shipping) = sums.entry(fee.producer_id).or_default();
        *shipping = shipping.plus(fee.discount_vnd).ok_or_else(too_large)?;
    }
    let share = |(producer_id, (goods_vnd, shipping_vnd))| Share {
        checkout_id,
        producer_id,
        buyer_account_id,
        goods_vnd,
        shipping_vnd,
        given_back_at: None,
    };
    Ok(sums.into_iter().map(share).collect())
}
