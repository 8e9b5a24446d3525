//! What the database refuses by itself.

use super::Stand;
use crate::support::World;

#[actix_web::test]
async fn the_database_itself_sends_nothing_that_two_persons_have_not_approved() {
    let stand = Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    stand.run().await.expect(201);
    let send = "update outgoing_transfers set status = 'sent', sent_at = now(), sent_on = current_date";
    for (fault, constraint) in [
        ("update outgoing_batches set approved_by = made_by, approved_at = now()", "outgoing_batches_persons_check"),
        ("update outgoing_batches set made_by = null, approved_by = made_by, approved_at = now()", "outgoing_batches_approval_check"),
        ("update outgoing_transfers set status = 'approved'", "outgoing_transfers_approved_check"),
        (send, "outgoing_transfers_steps_check"),
        ("update outgoing_transfers set amount_vnd = amount_vnd + 1", "outgoing_transfers_stay_check"),
        ("update outgoing_transfers set reference = 'OC00000000'", "outgoing_transfers_stay_check"),
        ("update bank_accounts set last_digits = '0000'", "bank_accounts_stay_check"),
        ("update bank_accounts set status = 'given'", "bank_accounts_steps_check"),
        ("update bank_accounts set decided_by = given_by", "bank_accounts_persons_check"),
        (
            "insert into outgoing_transfers (id, purpose, subject_id, batch_id, producer_id, bank_account_id, amount_vnd, reference, rail,
                 status, created_at)
             select gen_random_uuid(), purpose, gen_random_uuid(), batch_id, producer_id, bank_account_id, 1, 'OC00000000', rail, status,
                 now() from outgoing_transfers",
            "outgoing_transfers_payout_key",
        ),
    ] {
        let error = stand.world.database.fails(fault);
        assert!(error.contains(constraint), "{fault}: {error}");
    }
    for table in
        ["outgoing_events", "outgoing_files", "payouts", "payout_runs", "outgoing_batches", "outgoing_transfers"]
    {
        let count = stand.world.count(&format!("select count(*) from {table}"));
        if count > 0 {
            let error = stand.world.database.fails(&format!("delete from {table}"));
            assert!(error.contains("append-only"), "{table}: {error}");
        }
    }
    stand.world.finish().await;
}
