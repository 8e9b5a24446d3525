//! Working days of Vietnam: Monday to Friday without holidays and the days that make up for them.
//!
//! Moments become days by [`crate::kernel::time`]. A deadline is a day and is counted once, when it begins: a holiday
//! that the operator adds later moves no deadline that somebody was told.

mod api;
mod change;
mod model;
mod store;

pub use api::routes;
pub use change::add_working_days;
pub use model::{CalendarRefusal, HolidayKind, WORKING_DAYS_MAX, working_day_after};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[CalendarRefusal::PROBLEMS];
