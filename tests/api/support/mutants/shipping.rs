//! Faults of parcels, their carriers and shared runs.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_shipments",
        "update shipments set status = 'in_transit'",
    ),
    (
        "invariant_shipments",
        "insert into shipment_events (id, shipment_id, producer_id, buyer_account_id, source, status, happened_at, received_at, dedup_key)
         select gen_random_uuid(), id, producer_id, buyer_account_id, 'carrier', 'delivered', now(), now(), 'x' from shipments",
    ),
    (
        "invariant_shipments",
        "update shipments set method = 'carrier', carrier = 'ghn', booking = 'booked'",
    ),
    (
        "invariant_shipments",
        "set local session_replication_role = replica;
         update shipments set producer_id = gen_random_uuid()",
    ),
    (
        "invariant_carrier_messages",
        "insert into carrier_messages (id, carrier, received_at, source, content_type, body)
         values (gen_random_uuid(), 'ghtk', now() - interval '3 hours', '', '', '')",
    ),
    (
        "invariant_collection_runs",
        "with run as (
            insert into collection_runs (id, organizer_id, commune_code, run_on, vehicle, capacity_kg, cost_vnd, status, created_at, updated_at)
            select gen_random_uuid(), id, residence_commune_code, now(), 'x', 1, 0, 'planned', now(), now() from producers limit 1
            returning id, organizer_id)
         insert into collection_stops (id, run_id, shipment_id, producer_id, sequence, weight_g, created_at)
         select gen_random_uuid(), run.id, s.id, run.organizer_id, 1, 1001, now() from run, (select id from shipments limit 1) s",
    ),
    (
        "invariant_collection_runs",
        "with run as (
            insert into collection_runs (id, organizer_id, commune_code, run_on, vehicle, capacity_kg, cost_vnd, status, created_at, updated_at)
            select gen_random_uuid(), id, residence_commune_code, now(), 'x', 10, 1000, 'done', now(), now() from producers limit 1
            returning id, organizer_id)
         insert into collection_stops (id, run_id, shipment_id, producer_id, sequence, weight_g, cost_vnd, created_at)
         select gen_random_uuid(), run.id, s.id, run.organizer_id, 1, 1000, 999, now() from run, (select id from shipments limit 1) s",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'created';
         update orders set status = 'delivered' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'in_transit';
         update orders set status = 'completed' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'delivered';
         update orders set status = 'handed_over' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'delivery_failed';
         update orders set status = 'in_transit' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'out_for_delivery';
         update orders set status = 'delivery_failed' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'picked_up';
         update orders set status = 'returning' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'returning';
         update orders set status = 'returned' where id in (select order_id from shipments)",
    ),
];
