use diesel::prelude::*;

use crate::kernel::{Result, Tx};

/// Makes the partitions of the coming months, as their owner; a month that has begun without one stays in the default.
pub fn prepare_months(tx: &mut Tx<'_>) -> Result<()> {
    const MONTHS_AHEAD: i32 = 3;
    diesel::sql_query("select ensure_audit_partitions($1, $2)")
        .bind::<diesel::sql_types::Date, _>(tx.now.date_naive())
        .bind::<diesel::sql_types::Integer, _>(MONTHS_AHEAD)
        .execute(tx.conn)?;
    Ok(())
}
