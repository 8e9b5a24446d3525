//! Faults to plant, each on a healthy database of its own that has at least one paid order and one that waits for
//! payment: the named invariant must then return a row. An invariant that cannot fail is worth nothing.

mod after_sale;
mod cash;
mod charges;
mod claims;
mod harvests;
mod ledger;
mod orders;
mod outgoing;
mod payments;
mod platform;
mod refunds;
mod reconciliation;
mod sales;
mod shipping;
mod stock;
mod taxes;
mod vouchers;

pub use cash::{CASH_VIEWS, HEALTHY_CASH};
pub use claims::HEALTHY_CLAIM;
pub use harvests::MUTANTS as HARVEST_MUTANTS;
pub use outgoing::HEALTHY_PAYOUT;
pub use refunds::{HEALTHY_REFUND, REFUND_VIEWS};
pub use vouchers::HEALTHY_VOUCHER;

/// The view that must notice, and the SQL that plants the fault, run by a superuser as one batch.
pub type Mutant = (&'static str, &'static str);

/// All but those of harvests, by subject.
pub const MUTANTS: &[&[Mutant]] = &[
    after_sale::MUTANTS,
    cash::MUTANTS,
    charges::MUTANTS,
    claims::MUTANTS,
    ledger::MUTANTS,
    orders::MUTANTS,
    outgoing::MUTANTS,
    payments::MUTANTS,
    platform::MUTANTS,
    refunds::MUTANTS,
    reconciliation::MUTANTS,
    sales::MUTANTS,
    shipping::MUTANTS,
    stock::MUTANTS,
    taxes::MUTANTS,
    vouchers::MUTANTS,
];
