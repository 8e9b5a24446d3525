//! Paying what was declared: one person says what went out, another confirms it, and then it moves in the books.

use chrono::NaiveDate;
use serde_json::json;

use super::model::{PeriodEvent, TaxPaymentEvent, TaxPaymentStatus};
use super::store::{self, Period, TaxPayment};
use crate::audit;
use crate::kernel::error::{OnConstraint as _, must_have_come};
use crate::kernel::{Audience, Error, Result, TaxPaymentId, TaxPeriodId, Tx, Vnd};
use crate::ledger::{self, LedgerAccount as A, Transfer, TransferKind as K};
use crate::taxes::model::TaxRefusal;

/// Proposes a payment of all that the newest declaration of a month says, once.
pub fn propose(tx: &mut Tx<'_>, id: TaxPeriodId, reference: String, paid_on: NaiveDate) -> Result<TaxPayment> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let period = store::lock(tx, id)?;
    period.status.moved(PeriodEvent::Pay)?;
    must_have_come(tx.now, "/paid_on", paid_on)?;
    let declaration = store::newest_of(tx, id)?;
    let money = |amount: i64| Vnd::new(amount).ok_or_else(|| Error::internal("more than one movement of money"));
    let payment = TaxPayment {
        id: TaxPaymentId::generate(),
        declaration_id: declaration.id,
        vat_vnd: money(declaration.declared_vat_vnd)?,
        pit_vnd: money(declaration.declared_pit_vnd)?,
        reference,
        paid_on,
        status: TaxPaymentStatus::Proposed,
        proposed_by: operator_id,
        proposed_at: tx.now,
        decided_by: None,
        decided_at: None,
    };
    store::insert_payment(tx, &payment).on_constraint("tax_payments_declaration_key", TaxRefusal::PaymentPending)?;
    let detail = json!({"vat_vnd": payment.vat_vnd, "pit_vnd": payment.pit_vnd});
    audit::write(tx, "tax_payment.proposed", "tax_payment", payment.id.0, detail)?;
    Ok(payment)
}

/// A second person has seen the money go.
pub fn approve(tx: &mut Tx<'_>, id: TaxPaymentId) -> Result<TaxPayment> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let (period, payment) = held(tx, id)?;
    let payment_next = payment.status.moved(TaxPaymentEvent::Approve)?;
    let next = period.status.moved(PeriodEvent::Pay)?;
    if payment.proposed_by == operator_id {
        return Err(TaxRefusal::SecondPersonNeeded.into());
    }
    let approved = store::decide_payment(tx, &payment, payment_next, operator_id)?;
    store::move_to(tx, &period, next)?;
    let out = |kind, from, amount| Transfer::new(kind, id.0, (from, A::Bank), amount);
    let transfers = vec![out(K::VatPaid, A::Vat, approved.vat_vnd), out(K::PitPaid, A::Pit, approved.pit_vnd)];
    tx.as_platform(|tx| ledger::post(tx, transfers))?;
    let detail = json!({"period_id": period.id, "vat_vnd": approved.vat_vnd, "pit_vnd": approved.pit_vnd});
    audit::write(tx, "tax_payment.approved", "tax_payment", id.0, detail)?;
    Ok(approved)
}

/// It was a mistake; whoever proposed it may say so as well.
pub fn reject(tx: &mut Tx<'_>, id: TaxPaymentId) -> Result<TaxPayment> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let (_, payment) = held(tx, id)?;
    let next = payment.status.moved(TaxPaymentEvent::Reject)?;
    let rejected = store::decide_payment(tx, &payment, next, operator_id)?;
    audit::write(tx, "tax_payment.rejected", "tax_payment", id.0, json!({}))?;
    Ok(rejected)
}

/// A payment as it is once its month is held, which whoever proposes one holds as well.
fn held(tx: &mut Tx<'_>, id: TaxPaymentId) -> Result<(Period, TaxPayment)> {
    let declaration_id = store::find_payment(tx, id)?.declaration_id;
    let period_id = store::period_of(tx, declaration_id)?;
    let period = store::lock(tx, period_id)?;
    Ok((period, store::find_payment(tx, id)?))
}
