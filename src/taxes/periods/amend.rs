//! A difference: what happened in a month that was declared and paid already, and was missed.

use serde_json::json;

use super::close::declare_lines;
use super::model::PeriodEvent;
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, Result, TaxPeriodId, Tx};
use crate::taxes::model::TaxRefusal;

/// Declares what of a paid month no declaration has yet, as a difference. Nobody needs to: what is left alone is declared
/// with the month that is closed next.
pub fn amend(tx: &mut Tx<'_>, id: TaxPeriodId, reason: String) -> Result<()> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let periods = store::lock_all(tx)?;
    let period = periods.into_iter().find(|period| period.id == id).ok_or(CommonProblem::NotFound)?;
    let next = period.status.moved(PeriodEvent::Amend)?;
    let revision = store::newest_of(tx, id)?.revision.checked_add(1);
    let revision = revision.ok_or_else(|| Error::internal("revisions without an end"))?;
    let made = (revision, Some(reason), Some(operator_id));
    let (declaration, sellers) = tx.as_platform(|tx| declare_lines(tx, &period, made))?;
    if sellers == 0 {
        return Err(TaxRefusal::NothingToAmend.into());
    }
    store::move_to(tx, &period, next)?;
    let detail = json!({"revision": revision, "declaration_id": declaration.id});
    audit::write(tx, "tax_period.amended", "tax_period", id.0, detail)
}
