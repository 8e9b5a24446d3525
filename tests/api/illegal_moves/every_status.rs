//! No status of the database is without its machine.

use std::collections::BTreeSet;

use super::machine::Machine;
use crate::support::TestDatabase;
use crate::support::principals::texts;

/// Every list of statuses in the database with the snapshot of how they move.
const MACHINES: &[(&str, &str)] = &[
    ("accounts_status_check", include_str!("../../../src/identity/machine.txt")),
    ("bank_accounts_status_check", include_str!("../../../src/outgoing/accounts/machine.txt")),
    ("checkouts_status_check", include_str!("../../../src/orders/checkout_machine.txt")),
    ("claims_status_check", include_str!("../../../src/orders/claims/machine.txt")),
    ("collection_runs_status_check", include_str!("../../../src/shipping/runs/machine.txt")),
    ("complaints_status_check", include_str!("../../../src/complaints/machine.txt")),
    ("harvests_status_check", include_str!("../../../src/orders/harvests/machine.txt")),
    ("lots_status_check", include_str!("../../../src/stock/lots/machine.txt")),
    ("money_decisions_status_check", include_str!("../../../src/reconciliation/decisions/machine.txt")),
    ("orders_status_check", include_str!("../../../src/orders/machine.txt")),
    ("outgoing_transfers_status_check", include_str!("../../../src/outgoing/transfers/machine.txt")),
    ("payment_attempts_status_check", include_str!("../../../src/payments/attempt_machine.txt")),
    ("payment_reviews_status_check", include_str!("../../../src/payments/review_machine.txt")),
    ("payments_status_check", include_str!("../../../src/payments/payment_machine.txt")),
    ("producers_status_check", include_str!("../../../src/producers/machine.txt")),
    ("products_status_check", include_str!("../../../src/catalog/machine.txt")),
    ("refunds_status_check", include_str!("../../../src/refunds/machine.txt")),
    ("reconciliation_exceptions_status_check", include_str!("../../../src/reconciliation/machine.txt")),
    ("reservations_status_check", include_str!("../../../src/stock/reservation_machine.txt")),
    ("reviews_status_check", include_str!("../../../src/reviews/machine.txt")),
    ("shipments_booking_check", include_str!("../../../src/shipping/shipments/booking/machine.txt")),
    ("tax_payments_status_check", include_str!("../../../src/taxes/periods/tax_payment_machine.txt")),
    ("tax_periods_status_check", include_str!("../../../src/taxes/periods/period_machine.txt")),
    ("vouchers_status_check", include_str!("../../../src/vouchers/machine.txt")),
    ("webhook_deliveries_status_check", include_str!("../../../src/webhooks/delivery_machine.txt")),
    ("webhook_endpoints_status_check", include_str!("../../../src/webhooks/endpoint_machine.txt")),
];

/// Statuses that nothing leads to or out of.
const STILL: &[(&str, &str)] = &[("shipments_booking_check", "none")];

/// Lists without a machine, and why.
const WITHOUT_MACHINE: &[(&str, &str)] = &[
    (
        "shipments_status_check",
        "all that was told of a parcel decides, in whatever order it came; by hand: by_hand.txt",
    ),
    ("shipment_events_status_check", "what was told, never changed"),
    ("carrier_messages_outcome_check", "what became of a message, written once"),
    ("payment_callbacks_outcome_check", "what became of a message, written once"),
    ("refund_tries_outcome_check", "what became of one try, which only what comes back later turns into a failure"),
    ("deliveries_outcome_check", "what became of one try to send a notice, written with the try and never changed"),
];

#[actix_web::test]
async fn every_status_has_a_machine_with_all_its_values() {
    let database = TestDatabase::create();
    let found = texts(
        &mut database.owner(),
        r"select distinct conname || '|' || pg_get_constraintdef(oid) from pg_constraint
          where contype = 'c' and connamespace = 'public'::regnamespace and conparentid = 0
            and pg_get_constraintdef(oid) ~ '^CHECK \(\((status|booking|outcome|state) = ANY \((ARRAY\[|''\{)'",
    );
    let mut seen = BTreeSet::new();
    for line in &found {
        let (name, definition) = line.split_once('|').expect("a name");
        seen.insert(name);
        let Some((_, machine)) = MACHINES.iter().find(|(known, _)| *known == name) else {
            assert!(WITHOUT_MACHINE.iter().any(|(known, _)| *known == name), "{name} has no machine: {definition}");
            continue;
        };
        let listed: BTreeSet<String> = crate::support::listed_in(definition).map(str::to_owned).collect();
        let mut moved: BTreeSet<String> = Machine::read(machine).statuses().into_iter().collect();
        moved.extend(STILL.iter().filter(|(known, _)| *known == name).map(|(_, status)| (*status).to_owned()));
        assert_eq!(moved, listed, "{name}");
    }
    for (name, _) in MACHINES.iter().chain(WITHOUT_MACHINE) {
        assert!(seen.contains(name), "there is no {name}");
    }
}

/// A machine that the program compares with its own, but nobody with the database, would be missed above.
#[test]
fn every_snapshot_of_a_machine_is_known_here() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut snapshots = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with("machine.txt") && !path.ends_with("shipping/shipments/machine.txt") {
                snapshots += 1;
                let text = std::fs::read_to_string(&path).expect("a snapshot");
                assert!(MACHINES.iter().any(|(_, known)| *known == text), "{} is in no list", path.display());
            }
        }
    }
    assert_eq!(snapshots, MACHINES.len());
}
