//! What officials see: sales by day, commune, former district, product set and producer.
//!
//! The figures are kept in the transaction of each payment and each cancellation, so they are never late and never
//! differ from the orders; the invariants `sales_daily` and `sales_baskets` compare both. Values, units and weight
//! add up over cells of (commune, product set). Orders do not, since one order can hold several cells: they are
//! counted from baskets.

mod api;
mod model;
mod record;
mod report;
mod store;

pub use api::routes;
pub use model::{Direction, Figures, GroupBy, Sale, SalesQuery, SoldLine};
pub use record::{lessen, record};
pub use report::{Report, Row, report};

use crate::kernel::error::Problem;

/// The slice refuses nothing by a name of its own.
pub const PROBLEMS: &[&[Problem]] = &[];
