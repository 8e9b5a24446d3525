//! Every route and every problem of the interface.

use crate::kernel::error::{CommonProblem, Problem};

/// All refusals of all slices, for the public catalogue.
pub fn problems() -> Vec<&'static Problem> {
    CommonProblem::PROBLEMS.iter().collect()
}
