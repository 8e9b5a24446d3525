//! That a declaration was handed in.

use chrono::NaiveDate;
use serde_json::json;

use super::model::PeriodEvent;
use super::store::{self, Filing};
use crate::audit;
use crate::kernel::error::must_have_come;
use crate::kernel::{Audience, Result, TaxPeriodId, Tx};

/// The newest declaration of a month was handed to the tax office, under this number of its.
pub fn declare(tx: &mut Tx<'_>, id: TaxPeriodId, reference: String, filed_on: NaiveDate) -> Result<()> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let period = store::lock(tx, id)?;
    let next = period.status.moved(PeriodEvent::Declare)?;
    must_have_come(tx.now, "/filed_on", filed_on)?;
    let declaration_id = store::newest_of(tx, id)?.id;
    let filing = Filing { declaration_id, reference, filed_on, filed_by: operator_id, at: tx.now };
    store::insert_filing(tx, &filing)?;
    store::move_to(tx, &period, next)?;
    let detail = json!({"declaration_id": declaration_id, "filed_on": filed_on});
    audit::write(tx, "tax_period.declared", "tax_period", id.0, detail)
}
