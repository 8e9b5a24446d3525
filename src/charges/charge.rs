//! Charging an ended order, and taking back with a late refund.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::model::{self, TaxCategory};
use super::store::{self, Charged, NewTaxLine, Returned};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, OrderId, ProducerId, ProductId, RefundId, Result, Tx, VariantId, Vnd};
use crate::ledger::{LedgerAccount as A, Transfer, TransferKind as K};
use crate::places::{self, CommuneCode};
use crate::producers;

/// A line of an ended order, with what its producer gets for what stayed bought of it.
#[derive(Debug, Clone)]
pub struct SoldLine {
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub origin: CommuneCode,
    pub value: Vnd,
}

/// An order that ended as sold.
#[derive(Debug, Clone)]
pub struct Sale {
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    /// What was in force then is what counts for fee and category.
    pub placed_at: DateTime<Utc>,
    /// What its producer got, with what others pay of a voucher: what is taxed.
    pub earned: Vnd,
    /// The part of it for goods: what is charged.
    pub for_goods: Vnd,
    pub lines: Vec<SoldLine>,
}

/// A refund after an order's end.
#[derive(Debug, Clone, Copy)]
pub struct Late {
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    pub refund_id: RefundId,
    /// What the producer has less of the order.
    pub less: Vnd,
}

/// Writes down what a sale is charged, and answers what moves. As the platform.
pub fn take(tx: &mut Tx<'_>, sale: &Sale) -> Result<Vec<Transfer>> {
    let schedule = store::schedule_on(tx, vietnam_day(sale.placed_at))?;
    let fee = model::part(sale.for_goods, schedule.rate_bp).ok_or_else(too_much)?;
    let lines = tax_lines(tx, sale)?;
    let charged = Charged {
        order_id: sale.order_id,
        producer_id: sale.producer_id,
        schedule_id: schedule.id,
        earned_vnd: sale.earned,
        fee_base_vnd: sale.for_goods,
        fee_vnd: fee,
        at: tx.now,
    };
    store::insert_charged(tx, &charged)?;
    store::insert_tax_lines(tx, &lines)?;
    let (vat, pit) = taxes(&lines)?;
    let transfer = |kind, to, amount| {
        Transfer::new(kind, sale.order_id.0, (A::Producer, to), amount)
            .of_producer(sale.producer_id)
            .of_order(sale.order_id)
    };
    Ok(vec![transfer(K::Fee, A::Commission, fee), transfer(K::Vat, A::Vat, vat), transfer(K::Pit, A::Pit, pit)])
}

fn tax_lines(tx: &mut Tx<'_>, sale: &Sale) -> Result<Vec<NewTaxLine>> {
    let producer = producers::find(tx, sale.producer_id)?;
    let near: Vec<CommuneCode> =
        places::neighbours(tx, &producer.residence_commune_code)?.into_iter().map(|neighbour| neighbour.code).collect();
    let products: Vec<ProductId> = sale.lines.iter().map(|line| line.product_id).collect();
    let declared: BTreeMap<ProductId, TaxCategory> = store::categories_at(tx, &products, sale.placed_at)?;
    let rates = store::rates_on(tx, producer.kind, vietnam_day(tx.now))?;
    let values: Vec<Vnd> = sale.lines.iter().map(|line| line.value).collect();
    let bases = model::bases(sale.earned, &values).ok_or_else(too_much)?;
    let taxed = sale.lines.iter().zip(bases).map(|(line, base)| -> Result<NewTaxLine> {
        let declared = declared.get(&line.product_id).copied().unwrap_or(TaxCategory::DEFAULT);
        let lives_near = line.origin == producer.residence_commune_code || near.contains(&line.origin);
        let (applied, reason) = model::applied(declared, producer.kind, lives_near);
        let rate = rates.iter().find(|rate| rate.tax_category == applied);
        let rate = rate.ok_or_else(|| Error::internal(format!("no rule taxes {applied} of a {}", producer.kind)))?;
        Ok(NewTaxLine {
            order_id: sale.order_id,
            variant_id: line.variant_id,
            refund_id: None,
            producer_id: sale.producer_id,
            tax_category: declared,
            applied_category: applied,
            reason,
            rate_id: rate.id,
            base_vnd: base,
            vat_vnd: model::part(base, rate.vat_bp).ok_or_else(too_much)?,
            pit_vnd: model::part(base, rate.pit_bp).ok_or_else(too_much)?,
        })
    });
    taxed.collect()
}

/// Writes down what a late refund takes back of what its order was charged, and answers what moves. As the platform. An
/// order that was never charged has nothing to take back.
pub fn give_back(tx: &mut Tx<'_>, late: &Late) -> Result<Vec<Transfer>> {
    let Some((charged, returned)) = store::charged(tx, late.order_id)? else { return Ok(Vec::new()) };
    let minus = |less: Vnd| charged.earned_vnd.minus(less).unwrap_or(Vnd::ZERO);
    let less = returned.less_vnd.plus(late.less).ok_or_else(too_much)?;
    let left = minus(less);
    let of_fee = |base: Vnd| -> Option<Vnd> { model::left_of(base, charged.earned_vnd, left) };
    let rate_bp = store::schedule(tx, charged.schedule_id)?.rate_bp;
    let fee_left = of_fee(charged.fee_base_vnd).and_then(|base| model::part(base, rate_bp)).ok_or_else(too_much)?;
    let fee_net = charged.fee_vnd.minus(returned.fee_vnd).ok_or_else(too_much)?;
    let fee = fee_net.minus(fee_left).ok_or_else(too_much)?;
    let lines = returned_lines(tx, late, (charged.earned_vnd, left))?;
    store::insert_return(tx, late, fee)?;
    store::insert_tax_lines(tx, &lines)?;
    let (vat, pit) = taxes(&lines)?;
    let transfer = |kind, from, amount| {
        Transfer::new(kind, late.refund_id.0, (from, A::Producer), amount)
            .of_producer(late.producer_id)
            .of_order(late.order_id)
            .of_refund(late.refund_id)
    };
    Ok(vec![
        transfer(K::FeeReturned, A::Commission, fee),
        transfer(K::VatReturned, A::Vat, vat),
        transfer(K::PitReturned, A::Pit, pit),
    ])
}

/// Of every line what is taxed too much now.
fn returned_lines(tx: &mut Tx<'_>, late: &Late, (earned, left): (Vnd, Vnd)) -> Result<Vec<NewTaxLine>> {
    let mut lines = Vec::new();
    for Returned { line, rate: (vat_bp, pit_bp), base_net, vat_net, pit_net } in store::taxed(tx, late.order_id)? {
        let base_left = model::left_of(line.base_vnd, earned, left).ok_or_else(too_much)?;
        let less = |net: Vnd, left: Option<Vnd>| left.and_then(|left| net.minus(left)).ok_or_else(too_much);
        lines.push(NewTaxLine {
            refund_id: Some(late.refund_id),
            base_vnd: less(base_net, Some(base_left))?,
            vat_vnd: less(vat_net, model::part(base_left, vat_bp))?,
            pit_vnd: less(pit_net, model::part(base_left, pit_bp))?,
            ..line
        });
    }
    Ok(lines)
}

fn taxes(lines: &[NewTaxLine]) -> Result<(Vnd, Vnd)> {
    let vat = Vnd::sum(lines.iter().map(|line| line.vat_vnd));
    let pit = Vnd::sum(lines.iter().map(|line| line.pit_vnd));
    vat.zip(pit).ok_or_else(too_much)
}

fn too_much() -> Error {
    Error::internal("charges of more than money can be")
}
