use chrono::NaiveDate;
use serde_json::json;

use super::model::{HolidayKind, working_day_after};
use super::store::{self, Holiday};
use crate::audit;
use crate::kernel::{Audience, HolidayId, Result, Tx};

/// The last of so many working days after a day.
pub fn add_working_days(tx: &mut Tx<'_>, from: NaiveDate, count: u32) -> Result<NaiveDate> {
    let free = store::free_days_after(tx, from)?;
    Ok(working_day_after(from, count, &free))
}

/// The operator makes a day free.
pub fn add(tx: &mut Tx<'_>, day: NaiveDate, name: String, kind: HolidayKind) -> Result<Holiday> {
    tx.who.must(Audience::Operator)?;
    let holiday = Holiday { id: HolidayId::generate(), day, name, kind };
    store::insert(tx, &holiday)?;
    audit::write(tx, "holiday.add", "holiday", holiday.id.0, json!({"day": day, "kind": kind}))?;
    Ok(holiday)
}

/// The operator makes a day a working day again, if it is one of Monday to Friday.
pub fn remove(tx: &mut Tx<'_>, id: HolidayId) -> Result<()> {
    tx.who.must(Audience::Operator)?;
    let Holiday { id, day, kind, .. } = store::remove(tx, id)?;
    audit::write(tx, "holiday.remove", "holiday", id.0, json!({"day": day, "kind": kind}))
}
