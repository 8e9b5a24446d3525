// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        phone -> Nullable<Text>,
        is_guest -> Bool,
        display_name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        status -> Text,
        authorisation_version -> Int4,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    audit_events (at, id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_account_id -> Nullable<Uuid>,
        actor_role -> Text,
        action -> Text,
        object_kind -> Text,
        object_id -> Uuid,
        detail -> Jsonb,
        request_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    bank_accounts (id) {
        id -> Uuid,
        producer_id -> Nullable<Uuid>,
        buyer_account_id -> Nullable<Uuid>,
        bank_bin -> Text,
        holder_name -> Text,
        number_sealed -> Nullable<Bytea>,
        key_name -> Nullable<Text>,
        last_digits -> Text,
        status -> Text,
        usable_from -> Timestamptz,
        given_by -> Uuid,
        given_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
        version -> Int4,
        ended_at -> Nullable<Timestamptz>,
        forgotten_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    carrier_addresses (carrier, commune_code) {
        carrier -> Text,
        commune_code -> Text,
        province_code -> Nullable<Text>,
        district_code -> Text,
        ward_code -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    carrier_messages (id) {
        id -> Uuid,
        carrier -> Text,
        received_at -> Timestamptz,
        source -> Text,
        content_type -> Text,
        body -> Bytea,
        shipment_id -> Nullable<Uuid>,
        outcome -> Nullable<Text>,
        processed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    cart_lines (account_id, variant_id) {
        account_id -> Uuid,
        variant_id -> Uuid,
        quantity -> Int4,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    carts (account_id) {
        account_id -> Uuid,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    catalogue_version (is_only) {
        is_only -> Bool,
        version -> Int8,
    }
}

diesel::table! {
    charge_returns (refund_id) {
        refund_id -> Uuid,
        order_id -> Uuid,
        producer_id -> Uuid,
        less_vnd -> Int8,
        fee_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    checkouts (id) {
        id -> Uuid,
        buyer_account_id -> Uuid,
        client_ref -> Nullable<Uuid>,
        status -> Text,
        total_vnd -> Int8,
        expires_at -> Timestamptz,
        paid_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    claim_events (id) {
        id -> Uuid,
        claim_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        event -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        step -> Int4,
        actor_role -> Text,
        text -> Nullable<Text>,
        amount_vnd -> Nullable<Int8>,
        at -> Timestamptz,
    }
}

diesel::table! {
    claim_lines (claim_id, variant_id) {
        claim_id -> Uuid,
        variant_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        quantity -> Int4,
        amount_vnd -> Int8,
    }
}

diesel::table! {
    claims (id) {
        id -> Uuid,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        kind -> Text,
        text -> Text,
        wish -> Text,
        status -> Text,
        keeps -> Bool,
        shipping_vnd -> Int8,
        claimed_vnd -> Int8,
        offered_vnd -> Nullable<Int8>,
        granted_vnd -> Nullable<Int8>,
        due_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    collection_runs (id) {
        id -> Uuid,
        organizer_id -> Uuid,
        commune_code -> Text,
        run_on -> Date,
        vehicle -> Text,
        capacity_kg -> Int4,
        cost_vnd -> Int8,
        status -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    collection_stops (id) {
        id -> Uuid,
        run_id -> Uuid,
        shipment_id -> Uuid,
        producer_id -> Uuid,
        sequence -> Int4,
        weight_g -> Int4,
        cost_vnd -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    commune_borders (commune_code, neighbour_code) {
        commune_code -> Text,
        neighbour_code -> Text,
        shared_m -> Int4,
    }
}

diesel::table! {
    commune_successions (former_commune_code, commune_code) {
        former_commune_code -> Text,
        commune_code -> Text,
        coverage -> Text,
    }
}

diesel::table! {
    communes (code) {
        code -> Text,
        province_code -> Text,
        name -> Text,
        kind -> Text,
        area_ha -> Int8,
        latitude_e6 -> Int4,
        longitude_e6 -> Int4,
        former_district_code -> Text,
        effective_from -> Date,
        search_key -> Text,
    }
}

diesel::table! {
    complaint_events (id) {
        id -> Uuid,
        complaint_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Nullable<Uuid>,
        event -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        actor_role -> Text,
        text -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    complaint_vulnerabilities (complaint_id) {
        complaint_id -> Uuid,
        buyer_account_id -> Uuid,
        reason -> Text,
        declared_at -> Timestamptz,
    }
}

diesel::table! {
    complaints (id) {
        id -> Uuid,
        code -> Text,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Nullable<Uuid>,
        kind -> Text,
        text -> Text,
        status -> Text,
        received_on -> Date,
        due_on -> Nullable<Date>,
        answers -> Int4,
        client_ref -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversations (order_id) {
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        messages -> Int4,
        buyer_read -> Int4,
        producer_read -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Uuid,
        notice_id -> Uuid,
        account_id -> Uuid,
        channel -> Text,
        outcome -> Text,
        provider_id -> Nullable<Text>,
        code -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    fee_schedules (id) {
        id -> Uuid,
        rate_bp -> Int4,
        effective_on -> Date,
        note -> Text,
        announced_by -> Nullable<Uuid>,
        announced_at -> Timestamptz,
    }
}

diesel::table! {
    former_communes (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        former_district_code -> Text,
        latitude_e6 -> Int4,
        longitude_e6 -> Int4,
        valid_to -> Date,
        search_key -> Text,
    }
}

diesel::table! {
    former_districts (code) {
        code -> Text,
        name -> Text,
        kind -> Text,
        former_province_code -> Text,
        former_province_name -> Text,
        search_key -> Text,
    }
}

diesel::table! {
    guest_openings (id) {
        id -> Uuid,
        source -> Text,
        opened_at -> Timestamptz,
    }
}

diesel::table! {
    guest_order_tries (id) {
        id -> Uuid,
        source -> Text,
        order_code -> Text,
        tried_at -> Timestamptz,
    }
}

diesel::table! {
    holidays (id) {
        id -> Uuid,
        day -> Date,
        name -> Text,
        kind -> Text,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (actor, route, key) {
        actor -> Text,
        key -> Text,
        route -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        body -> Text,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        dedup_key -> Nullable<Text>,
        run_at -> Timestamptz,
        attempts -> Int4,
        lease_token -> Nullable<Uuid>,
        leased_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        done_at -> Nullable<Timestamptz>,
        dead_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_balances (producer_id) {
        producer_id -> Uuid,
        balance_vnd -> Int8,
        moved_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_checkpoints (at, account, provider) {
        at -> Timestamptz,
        account -> Text,
        provider -> Text,
        debits_vnd -> Int8,
        credits_vnd -> Int8,
        transfers -> Int8,
    }
}

diesel::table! {
    ledger_producer_checkpoints (producer_id, at) {
        producer_id -> Uuid,
        at -> Timestamptz,
        balance_vnd -> Int8,
    }
}

diesel::table! {
    ledger_transfers (id) {
        id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        debit -> Text,
        credit -> Text,
        amount_vnd -> Int8,
        provider -> Nullable<Text>,
        producer_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        refund_id -> Nullable<Uuid>,
        reverses -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    lot_levels (lot_id, variant_id) {
        lot_id -> Uuid,
        variant_id -> Uuid,
        producer_id -> Uuid,
        on_hand -> Int4,
        reserved -> Int4,
    }
}

diesel::table! {
    lots (id) {
        id -> Uuid,
        producer_id -> Uuid,
        product_id -> Uuid,
        code -> Nullable<Text>,
        harvested_on -> Nullable<Date>,
        packed_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        origin_commune_code -> Nullable<Text>,
        status -> Text,
        status_reason -> Nullable<Text>,
        is_saleable -> Bool,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        sells_from -> Nullable<Date>,
        sells_until -> Nullable<Date>,
    }
}

diesel::table! {
    messages (id) {
        id -> Uuid,
        order_id -> Uuid,
        number -> Int4,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        sender -> Text,
        client_ref -> Nullable<Uuid>,
        text -> Text,
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    money_decision_postings (id) {
        id -> Uuid,
        decision_id -> Uuid,
        place -> Int4,
        debit -> Text,
        credit -> Text,
        amount_vnd -> Int8,
        provider -> Nullable<Text>,
        producer_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    money_decisions (id) {
        id -> Uuid,
        kind -> Text,
        exception_id -> Nullable<Uuid>,
        reverses -> Nullable<Uuid>,
        reason -> Text,
        status -> Text,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        note -> Nullable<Text>,
        version -> Int4,
    }
}

diesel::table! {
    notice_preferences (account_id) {
        account_id -> Uuid,
        language -> Text,
        quiet_from -> Time,
        quiet_until -> Time,
        channels -> Jsonb,
        email -> Nullable<Text>,
        email_wanted -> Nullable<Text>,
        email_code_hash -> Nullable<Bytea>,
        email_code_expires_at -> Nullable<Timestamptz>,
        email_tries -> Int2,
        email_codes -> Int2,
        email_codes_since -> Timestamptz,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notices (id) {
        id -> Uuid,
        account_id -> Uuid,
        topic -> Text,
        object_id -> Uuid,
        occasion -> Text,
        facts -> Jsonb,
        txid -> Int8,
        created_at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Tsvector;

    offers (product_id) {
        product_id -> Uuid,
        producer_id -> Uuid,
        product_set -> Int2,
        commune_code -> Text,
        published_at -> Timestamptz,
        price_vnd -> Int8,
        price_max_vnd -> Int8,
        words -> Tsvector,
    }
}

diesel::table! {
    order_charges (order_id) {
        order_id -> Uuid,
        producer_id -> Uuid,
        schedule_id -> Uuid,
        earned_vnd -> Int8,
        fee_base_vnd -> Int8,
        fee_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    order_events (id) {
        id -> Uuid,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        event -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        actor_role -> Text,
        reason -> Nullable<Text>,
        at -> Timestamptz,
        step -> Int4,
    }
}

diesel::table! {
    order_lines (id) {
        id -> Uuid,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        product_id -> Uuid,
        variant_id -> Uuid,
        product_title -> Text,
        variant_label -> Text,
        unit -> Text,
        net_weight_g -> Int4,
        product_set -> Int2,
        origin_commune_code -> Text,
        quantity -> Int4,
        price_vnd -> Int8,
        total_vnd -> Int8,
        discount_vnd -> Int8,
        transport_class -> Text,
        is_weighed -> Bool,
    }
}

diesel::table! {
    order_refunds (id) {
        id -> Uuid,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        cause -> Text,
        amount_vnd -> Int8,
        at -> Timestamptz,
        is_let_off -> Bool,
    }
}

diesel::table! {
    order_weights (order_id, variant_id) {
        order_id -> Uuid,
        variant_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        ordered_g -> Int8,
        packed_g -> Int8,
        refund_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        code -> Text,
        checkout_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        status -> Text,
        status_reason -> Nullable<Text>,
        total_vnd -> Int8,
        recipient_name -> Text,
        recipient_phone -> Text,
        recipient_commune_code -> Text,
        recipient_address -> Text,
        note -> Nullable<Text>,
        paid_at -> Nullable<Timestamptz>,
        paid_on -> Nullable<Date>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        goods_vnd -> Int8,
        shipping_vnd -> Int8,
        discount_vnd -> Int8,
        refunded_vnd -> Int8,
        due_at -> Nullable<Timestamptz>,
        delivered_at -> Nullable<Timestamptz>,
        quote_id -> Nullable<Uuid>,
        contract_sha256 -> Nullable<Text>,
        delivery_code -> Text,
        pickup_code -> Nullable<Text>,
        terms -> Text,
    }
}

diesel::table! {
    otp_requests (id) {
        id -> Uuid,
        phone -> Text,
        purpose -> Text,
        device_id -> Text,
        source -> Text,
        code_hash -> Bytea,
        tries -> Int4,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        consumed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    outgoing_batches (id) {
        id -> Uuid,
        purpose -> Text,
        made_by -> Nullable<Uuid>,
        made_at -> Timestamptz,
        approved_by -> Nullable<Uuid>,
        approved_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    outgoing_events (id) {
        id -> Uuid,
        transfer_id -> Uuid,
        event -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        actor_account_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    outgoing_files (id) {
        id -> Uuid,
        made_by -> Uuid,
        made_at -> Timestamptz,
        transfers -> Int4,
        total_vnd -> Int8,
    }
}

diesel::table! {
    outgoing_switch (id) {
        id -> Int2,
        stopped_at -> Nullable<Timestamptz>,
        stopped_by -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        started_at -> Nullable<Timestamptz>,
        started_by -> Nullable<Uuid>,
        version -> Int4,
    }
}

diesel::table! {
    outgoing_transfers (id) {
        id -> Uuid,
        purpose -> Text,
        subject_id -> Uuid,
        batch_id -> Nullable<Uuid>,
        producer_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        refund_id -> Nullable<Uuid>,
        bank_account_id -> Uuid,
        amount_vnd -> Int8,
        reference -> Text,
        rail -> Text,
        status -> Text,
        next_at -> Nullable<Timestamptz>,
        asked -> Int4,
        sent_on -> Nullable<Date>,
        sent_at -> Nullable<Timestamptz>,
        file_id -> Nullable<Uuid>,
        rail_reference -> Nullable<Text>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        version -> Int4,
        alarmed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    own_deliveries (producer_id, zone) {
        producer_id -> Uuid,
        zone -> Text,
        fee_vnd -> Int8,
        free_from_vnd -> Nullable<Int8>,
        weight_g_max -> Int4,
        days_min -> Int4,
        days_max -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    payment_attempts (id) {
        id -> Uuid,
        payment_id -> Uuid,
        buyer_account_id -> Uuid,
        provider -> Text,
        reference -> Text,
        amount_vnd -> Int8,
        status -> Text,
        next_step -> Jsonb,
        raw_code -> Nullable<Text>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        expires_at -> Timestamptz,
        opened_at -> Nullable<Timestamptz>,
        next_poll_at -> Nullable<Timestamptz>,
        asked_at -> Nullable<Timestamptz>,
        withdrawn_at -> Nullable<Timestamptz>,
        own_account -> Nullable<Text>,
        provider_order -> Nullable<Text>,
        own_step -> Nullable<Jsonb>,
    }
}

diesel::table! {
    payment_callbacks (id) {
        id -> Uuid,
        provider -> Text,
        received_at -> Timestamptz,
        source -> Text,
        query -> Text,
        headers -> Jsonb,
        body -> Bytea,
        verified -> Nullable<Bool>,
        event_key -> Nullable<Text>,
        outcome -> Nullable<Text>,
        processed_at -> Nullable<Timestamptz>,
        handed_over_at -> Nullable<Timestamptz>,
        channel -> Text,
    }
}

diesel::table! {
    payment_credits (id) {
        id -> Uuid,
        provider -> Text,
        provider_txn -> Text,
        callback_id -> Nullable<Uuid>,
        attempt_id -> Nullable<Uuid>,
        payment_id -> Nullable<Uuid>,
        amount_vnd -> Int8,
        received_at -> Timestamptz,
        provider_reference -> Nullable<Text>,
        moved_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payment_reviews (id) {
        id -> Uuid,
        kind -> Text,
        credit_id -> Nullable<Uuid>,
        attempt_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        callback_id -> Nullable<Uuid>,
        amount_vnd -> Int8,
        status -> Text,
        resolution -> Nullable<Text>,
        note -> Nullable<Text>,
        resolved_by -> Nullable<Uuid>,
        resolved_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        story -> Nullable<Text>,
        refund_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    payments (id) {
        id -> Uuid,
        checkout_id -> Uuid,
        buyer_account_id -> Uuid,
        amount_vnd -> Int8,
        status -> Text,
        captured_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        order_id -> Nullable<Uuid>,
        settled_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    payout_runs (id) {
        id -> Uuid,
        week_on -> Nullable<Date>,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    payouts (id) {
        id -> Uuid,
        run_id -> Uuid,
        producer_id -> Uuid,
        balance_vnd -> Int8,
        amount_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    photos (id) {
        id -> Uuid,
        owner_account_id -> Uuid,
        sha256 -> Bytea,
        width -> Int4,
        height -> Int4,
        bytes -> Int4,
        stored_at -> Nullable<Timestamptz>,
        used_by_kind -> Nullable<Text>,
        used_by_id -> Nullable<Uuid>,
        used_at -> Nullable<Timestamptz>,
        producer_id -> Nullable<Uuid>,
        is_public -> Bool,
        removed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    pickup_points (id) {
        id -> Uuid,
        kind -> Text,
        producer_id -> Nullable<Uuid>,
        name -> Text,
        commune_code -> Text,
        address -> Text,
        opening -> Text,
        keeps_cold -> Bool,
        closed_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    producers (id) {
        id -> Uuid,
        account_id -> Uuid,
        kind -> Text,
        name -> Text,
        representative_name -> Text,
        registration_number -> Nullable<Text>,
        tax_code -> Nullable<Text>,
        residence_commune_code -> Text,
        production_commune_code -> Text,
        address -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        submitted_at -> Nullable<Timestamptz>,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        minimum_order_vnd -> Int8,
    }
}

diesel::table! {
    product_sets (number) {
        number -> Int2,
        name -> Text,
        group_number -> Text,
        group_name -> Text,
        managing_ministry -> Text,
        search_key -> Text,
    }
}

diesel::table! {
    product_tax_categories (product_id, since) {
        product_id -> Uuid,
        since -> Timestamptz,
        producer_id -> Uuid,
        tax_category -> Text,
        declared_by -> Uuid,
    }
}

diesel::table! {
    products (id) {
        id -> Uuid,
        producer_id -> Uuid,
        product_set -> Int2,
        title -> Text,
        description -> Text,
        origin_commune_code -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        published_at -> Nullable<Timestamptz>,
        title_key -> Text,
        place_key -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        transport_class -> Text,
    }
}

diesel::table! {
    provider_calls (provider, minute) {
        provider -> Text,
        minute -> Timestamptz,
        answered -> Int4,
        failed -> Int4,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    provinces (code) {
        code -> Text,
        name -> Text,
        search_key -> Text,
        effective_from -> Date,
    }
}

diesel::table! {
    quote_contracts (quote_id, producer_id) {
        quote_id -> Uuid,
        producer_id -> Uuid,
        buyer_account_id -> Uuid,
        sha256 -> Text,
        text -> Text,
    }
}

diesel::table! {
    quotes (id) {
        id -> Uuid,
        buyer_account_id -> Uuid,
        commune_code -> Text,
        voucher_code -> Nullable<Text>,
        parts -> Jsonb,
        total_vnd -> Int8,
        contract_sha256 -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    reconciliation_exceptions (id) {
        id -> Uuid,
        provider -> Text,
        kind -> Text,
        file_id -> Nullable<Uuid>,
        settled_on -> Date,
        line_id -> Nullable<Uuid>,
        credit_id -> Nullable<Uuid>,
        transfer_id -> Nullable<Uuid>,
        ours_vnd -> Nullable<Int8>,
        theirs_vnd -> Nullable<Int8>,
        status -> Text,
        version -> Int4,
        found_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        after_review_id -> Nullable<Uuid>,
        after_exception_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    refund_answers (id) {
        id -> Uuid,
        try_id -> Uuid,
        purpose -> Text,
        said -> Text,
        detail -> Nullable<Text>,
        http_status -> Nullable<Int2>,
        body -> Nullable<Bytea>,
        at -> Timestamptz,
    }
}

diesel::table! {
    refund_approvals (refund_id, round, account_id) {
        refund_id -> Uuid,
        account_id -> Uuid,
        at -> Timestamptz,
        round -> Int4,
    }
}

diesel::table! {
    refund_totals (payment_id) {
        payment_id -> Uuid,
        captured_vnd -> Int8,
        refunded_vnd -> Int8,
    }
}

diesel::table! {
    refund_tries (id) {
        id -> Uuid,
        refund_id -> Uuid,
        try_no -> Int4,
        number -> Text,
        asked_at -> Timestamptz,
        sends -> Int4,
        is_absent -> Bool,
        outcome -> Nullable<Text>,
        code -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refunds (id) {
        id -> Uuid,
        order_id -> Uuid,
        buyer_account_id -> Uuid,
        payment_id -> Uuid,
        credit_id -> Uuid,
        provider -> Text,
        rail -> Text,
        amount_vnd -> Int8,
        status -> Text,
        reason -> Nullable<Text>,
        approvals_needed -> Int2,
        tries -> Int4,
        next_at -> Nullable<Timestamptz>,
        alarmed_at -> Nullable<Timestamptz>,
        due_on -> Date,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        bank_account_id -> Nullable<Uuid>,
        round -> Int4,
        hand_reference -> Nullable<Text>,
    }
}

diesel::table! {
    reservations (order_id, variant_id, lot_id) {
        order_id -> Uuid,
        variant_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        quantity -> Int4,
        status -> Text,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        lot_id -> Uuid,
    }
}

diesel::table! {
    review_events (id) {
        id -> Uuid,
        review_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        event -> Text,
        stars -> Int4,
        text -> Text,
        reason -> Nullable<Text>,
        actor_role -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    review_figures (product_id) {
        product_id -> Uuid,
        producer_id -> Uuid,
        reviews -> Int4,
        stars -> Int4,
    }
}

diesel::table! {
    review_hidden_figures (product_id, reason) {
        product_id -> Uuid,
        reason -> Text,
        producer_id -> Uuid,
        reviews -> Int4,
    }
}

diesel::table! {
    reviews (id) {
        id -> Uuid,
        order_id -> Uuid,
        product_id -> Uuid,
        producer_id -> Uuid,
        buyer_account_id -> Uuid,
        product_title -> Text,
        stars -> Int4,
        text -> Text,
        status -> Text,
        hidden_reason -> Nullable<Text>,
        hidden_note -> Nullable<Text>,
        appeal -> Nullable<Text>,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Uuid,
        account_id -> Uuid,
        role -> Text,
        province_code -> Nullable<Text>,
        commune_codes -> Array<Nullable<Text>>,
        granted_by -> Nullable<Uuid>,
        granted_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sales_baskets (producer_id, sold_on, cells) {
        sold_on -> Date,
        producer_id -> Uuid,
        cells -> Array<Nullable<Text>>,
        orders -> Int8,
    }
}

diesel::table! {
    sales_daily (producer_id, sold_on, commune_code, product_set) {
        sold_on -> Date,
        province_code -> Text,
        commune_code -> Text,
        product_set -> Int2,
        producer_id -> Uuid,
        value_vnd -> Int8,
        units -> Int8,
        grams -> Int8,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        account_id -> Uuid,
        audience -> Text,
        device_id -> Text,
        generation -> Int4,
        rotated_at -> Timestamptz,
        created_at -> Timestamptz,
        idle_expires_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        revoked_because -> Nullable<Text>,
    }
}

diesel::table! {
    settlement_files (id) {
        id -> Uuid,
        provider -> Text,
        source -> Text,
        format -> Text,
        settled_on -> Date,
        mapping_id -> Nullable<Uuid>,
        reads_refunds -> Bool,
        sha256 -> Bytea,
        content -> Bytea,
        lines -> Int4,
        imported_by -> Nullable<Uuid>,
        imported_at -> Timestamptz,
    }
}

diesel::table! {
    settlement_lines (id) {
        id -> Uuid,
        file_id -> Uuid,
        provider -> Text,
        line -> Int4,
        kind -> Text,
        refs -> Array<Nullable<Text>>,
        transaction_no -> Nullable<Text>,
        amount_vnd -> Int8,
        fee_vnd -> Int8,
        moved_at -> Nullable<Timestamptz>,
        repeats -> Nullable<Uuid>,
    }
}

diesel::table! {
    settlement_mappings (id) {
        id -> Uuid,
        provider -> Text,
        version -> Int4,
        rules -> Jsonb,
        note -> Text,
        configured_by -> Nullable<Uuid>,
        configured_at -> Timestamptz,
    }
}

diesel::table! {
    settlement_matches (line_id) {
        line_id -> Uuid,
        credit_id -> Nullable<Uuid>,
        transfer_id -> Nullable<Uuid>,
        matched_at -> Timestamptz,
    }
}

diesel::table! {
    shipment_events (id) {
        id -> Uuid,
        shipment_id -> Uuid,
        producer_id -> Uuid,
        buyer_account_id -> Uuid,
        source -> Text,
        raw_code -> Nullable<Text>,
        status -> Nullable<Text>,
        note -> Nullable<Text>,
        happened_at -> Timestamptz,
        received_at -> Timestamptz,
        dedup_key -> Text,
    }
}

diesel::table! {
    shipments (id) {
        id -> Uuid,
        order_id -> Uuid,
        producer_id -> Uuid,
        buyer_account_id -> Uuid,
        method -> Text,
        carrier -> Nullable<Text>,
        pickup_point_id -> Nullable<Uuid>,
        code -> Nullable<Text>,
        booking -> Text,
        booking_fault -> Nullable<Text>,
        status -> Text,
        weight_g -> Int4,
        goods_vnd -> Int8,
        fee_vnd -> Int8,
        carrier_fee_vnd -> Nullable<Int8>,
        cod_vnd -> Int8,
        sender_name -> Text,
        sender_phone -> Text,
        sender_commune_code -> Text,
        sender_address -> Text,
        recipient_name -> Text,
        recipient_phone -> Text,
        recipient_commune_code -> Text,
        recipient_address -> Text,
        asked_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    shipping_tariff_steps (tariff_id, zone, transport_class, weight_g_max) {
        tariff_id -> Uuid,
        zone -> Text,
        transport_class -> Text,
        weight_g_max -> Int4,
        fee_vnd -> Int8,
        days_min -> Int4,
        days_max -> Int4,
    }
}

diesel::table! {
    shipping_tariffs (id) {
        id -> Uuid,
        service -> Text,
        effective_from -> Date,
        note -> Nullable<Text>,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_failures (id) {
        id -> Uuid,
        phone -> Text,
        failed_at -> Timestamptz,
    }
}

diesel::table! {
    stock_levels (variant_id) {
        variant_id -> Uuid,
        producer_id -> Uuid,
        on_hand -> Int4,
        reserved -> Int4,
        product_id -> Uuid,
    }
}

diesel::table! {
    stock_movements (id) {
        id -> Uuid,
        variant_id -> Uuid,
        producer_id -> Uuid,
        kind -> Text,
        delta -> Int4,
        order_id -> Nullable<Uuid>,
        actor_account_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        at -> Timestamptz,
        lot_id -> Uuid,
        saleable_delta -> Int4,
    }
}

diesel::table! {
    tax_lines (id) {
        id -> Uuid,
        order_id -> Uuid,
        variant_id -> Uuid,
        refund_id -> Nullable<Uuid>,
        producer_id -> Uuid,
        tax_category -> Text,
        applied_category -> Text,
        reason -> Text,
        rate_id -> Uuid,
        base_vnd -> Int8,
        vat_vnd -> Int8,
        pit_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    tax_rates (id) {
        id -> Uuid,
        tax_category -> Text,
        producer_kind -> Text,
        reading -> Text,
        effective_on -> Date,
        vat_bp -> Int4,
        pit_bp -> Int4,
        source -> Text,
    }
}

diesel::table! {
    tax_readings (effective_on) {
        effective_on -> Date,
        reading -> Text,
        note -> Text,
        decided_by -> Nullable<Uuid>,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    tax_certificate_numbers (year) {
        year -> Int4,
        last_number -> Int4,
    }
}

diesel::table! {
    tax_certificates (id) {
        id -> Uuid,
        year -> Int4,
        number -> Int4,
        producer_id -> Uuid,
        span -> Text,
        until_seq -> Int4,
        name -> Text,
        tax_code -> Nullable<Text>,
        address -> Text,
        revenue_vnd -> Int8,
        withheld_vat_vnd -> Int8,
        withheld_pit_vnd -> Int8,
        returned_revenue_vnd -> Int8,
        returned_vat_vnd -> Int8,
        returned_pit_vnd -> Int8,
        issued_at -> Timestamptz,
    }
}

diesel::table! {
    tax_declaration_lines (line_id) {
        line_id -> Uuid,
        declaration_id -> Uuid,
    }
}

diesel::table! {
    tax_declaration_sellers (declaration_id, producer_id) {
        declaration_id -> Uuid,
        producer_id -> Uuid,
        name -> Text,
        kind -> Text,
        tax_code -> Nullable<Text>,
        registration_number -> Nullable<Text>,
        address -> Text,
        commune_code -> Text,
        commune_name -> Text,
        province_code -> Text,
        province_name -> Text,
        revenue_vnd -> Int8,
        withheld_vat_vnd -> Int8,
        withheld_pit_vnd -> Int8,
        returned_revenue_vnd -> Int8,
        returned_vat_vnd -> Int8,
        returned_pit_vnd -> Int8,
    }
}

diesel::table! {
    tax_declarations (id) {
        id -> Uuid,
        period_id -> Uuid,
        revision -> Int4,
        seq -> Int4,
        revenue_vnd -> Int8,
        withheld_vat_vnd -> Int8,
        withheld_pit_vnd -> Int8,
        returned_revenue_vnd -> Int8,
        returned_vat_vnd -> Int8,
        returned_pit_vnd -> Int8,
        carried_in_vat_vnd -> Int8,
        carried_in_pit_vnd -> Int8,
        declared_vat_vnd -> Int8,
        declared_pit_vnd -> Int8,
        carried_out_vat_vnd -> Int8,
        carried_out_pit_vnd -> Int8,
        reason -> Nullable<Text>,
        made_by -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    tax_filings (declaration_id) {
        declaration_id -> Uuid,
        reference -> Text,
        filed_on -> Date,
        filed_by -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    tax_payments (id) {
        id -> Uuid,
        declaration_id -> Uuid,
        vat_vnd -> Int8,
        pit_vnd -> Int8,
        reference -> Text,
        paid_on -> Date,
        status -> Text,
        proposed_by -> Uuid,
        proposed_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tax_periods (id) {
        id -> Uuid,
        month -> Date,
        status -> Text,
        due_on -> Date,
        opened_at -> Timestamptz,
        locked_at -> Nullable<Timestamptz>,
        version -> Int4,
    }
}

diesel::table! {
    tax_thresholds (effective_on) {
        effective_on -> Date,
        amount_vnd -> Int8,
        source -> Text,
    }
}

diesel::table! {
    tax_warnings (producer_id, year, percent) {
        producer_id -> Uuid,
        year -> Int4,
        percent -> Int4,
        revenue_vnd -> Int8,
        threshold_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    variants (id) {
        id -> Uuid,
        product_id -> Uuid,
        producer_id -> Uuid,
        label -> Text,
        unit -> Text,
        net_weight_g -> Int4,
        price_vnd -> Int8,
        archived_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        is_weighed -> Bool,
    }
}

diesel::table! {
    voucher_buyers (voucher_id, buyer_account_id) {
        voucher_id -> Uuid,
        buyer_account_id -> Uuid,
        uses -> Int4,
    }
}

diesel::table! {
    voucher_phones (voucher_id, phone) {
        voucher_id -> Uuid,
        phone -> Text,
        uses -> Int4,
    }
}

diesel::table! {
    voucher_share_lines (checkout_id, variant_id) {
        checkout_id -> Uuid,
        producer_id -> Uuid,
        variant_id -> Uuid,
        buyer_account_id -> Uuid,
        discount_vnd -> Int8,
    }
}

diesel::table! {
    voucher_shares (checkout_id, producer_id) {
        checkout_id -> Uuid,
        producer_id -> Uuid,
        buyer_account_id -> Uuid,
        goods_vnd -> Int8,
        shipping_vnd -> Int8,
        given_back_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    voucher_uses (checkout_id) {
        checkout_id -> Uuid,
        voucher_id -> Uuid,
        buyer_account_id -> Uuid,
        taken_at -> Timestamptz,
        given_back_at -> Nullable<Timestamptz>,
        phone -> Nullable<Text>,
    }
}

diesel::table! {
    vouchers (id) {
        id -> Uuid,
        code -> Text,
        payer -> Text,
        producer_id -> Nullable<Uuid>,
        kind -> Text,
        rate_bp -> Nullable<Int4>,
        amount_vnd -> Int8,
        minimum_vnd -> Int8,
        starts_on -> Date,
        ends_on -> Date,
        producer_ids -> Array<Nullable<Uuid>>,
        product_sets -> Array<Nullable<Int2>>,
        uses_max -> Int4,
        uses_per_buyer_max -> Int4,
        budget_vnd -> Int8,
        uses -> Int4,
        spent_vnd -> Int8,
        status -> Text,
        created_by -> Uuid,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_attempts (id) {
        id -> Uuid,
        delivery_id -> Uuid,
        at -> Timestamptz,
        status -> Nullable<Int2>,
        error -> Nullable<Text>,
        took_ms -> Int4,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Uuid,
        event_id -> Uuid,
        endpoint_id -> Uuid,
        producer_id -> Nullable<Uuid>,
        status -> Text,
        tries -> Int4,
        next_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_endpoints (id) {
        id -> Uuid,
        producer_id -> Nullable<Uuid>,
        url -> Text,
        event_types -> Array<Nullable<Text>>,
        status -> Text,
        secret_generation -> Int4,
        previous_until -> Nullable<Timestamptz>,
        created_by -> Nullable<Uuid>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_events (id) {
        id -> Uuid,
        producer_id -> Nullable<Uuid>,
        event_type -> Text,
        object_id -> Uuid,
        occasion -> Text,
        body -> Text,
        occurred_at -> Timestamptz,
        txid -> Int8,
    }
}

diesel::table! {
    harvests (id) {
        id -> Uuid,
        producer_id -> Uuid,
        product_id -> Uuid,
        variant_id -> Uuid,
        lot_id -> Uuid,
        expected -> Int4,
        orders_from -> Date,
        orders_until -> Date,
        harvest_from -> Date,
        harvest_until -> Date,
        ships_from -> Date,
        ships_until -> Date,
        shortfall_rule -> Text,
        status -> Text,
        harvested -> Nullable<Int4>,
        promised -> Nullable<Int4>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    order_shortfalls (order_id, variant_id) {
        order_id -> Uuid,
        variant_id -> Uuid,
        harvest_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        quantity -> Int4,
        refund_vnd -> Int8,
        at -> Timestamptz,
    }
}

diesel::joinable!(bank_accounts -> producers (producer_id));
diesel::joinable!(cart_lines -> carts (account_id));
diesel::joinable!(cart_lines -> variants (variant_id));
diesel::joinable!(carts -> accounts (account_id));
diesel::joinable!(charge_returns -> order_charges (order_id));
diesel::joinable!(checkouts -> accounts (buyer_account_id));
diesel::joinable!(commune_successions -> communes (commune_code));
diesel::joinable!(commune_successions -> former_communes (former_commune_code));
diesel::joinable!(communes -> former_districts (former_district_code));
diesel::joinable!(communes -> provinces (province_code));
diesel::joinable!(deliveries -> accounts (account_id));
diesel::joinable!(deliveries -> notices (notice_id));
diesel::joinable!(fee_schedules -> accounts (announced_by));
diesel::joinable!(former_communes -> former_districts (former_district_code));
diesel::joinable!(ledger_balances -> producers (producer_id));
diesel::joinable!(ledger_producer_checkpoints -> producers (producer_id));
diesel::joinable!(lot_levels -> lots (lot_id));
diesel::joinable!(lot_levels -> producers (producer_id));
diesel::joinable!(lot_levels -> stock_levels (variant_id));
diesel::joinable!(lots -> communes (origin_commune_code));
diesel::joinable!(lots -> producers (producer_id));
diesel::joinable!(lots -> products (product_id));
diesel::joinable!(money_decision_postings -> money_decisions (decision_id));
diesel::joinable!(notice_preferences -> accounts (account_id));
diesel::joinable!(notices -> accounts (account_id));
diesel::joinable!(offers -> communes (commune_code));
diesel::joinable!(offers -> producers (producer_id));
diesel::joinable!(offers -> product_sets (product_set));
diesel::joinable!(offers -> products (product_id));
diesel::joinable!(order_charges -> fee_schedules (schedule_id));
diesel::joinable!(order_events -> accounts (buyer_account_id));
diesel::joinable!(order_events -> orders (order_id));
diesel::joinable!(order_events -> producers (producer_id));
diesel::joinable!(order_lines -> accounts (buyer_account_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(order_lines -> producers (producer_id));
diesel::joinable!(order_lines -> products (product_id));
diesel::joinable!(order_lines -> variants (variant_id));
diesel::joinable!(orders -> accounts (buyer_account_id));
diesel::joinable!(orders -> checkouts (checkout_id));
diesel::joinable!(orders -> producers (producer_id));
diesel::joinable!(outgoing_events -> accounts (actor_account_id));
diesel::joinable!(outgoing_events -> outgoing_transfers (transfer_id));
diesel::joinable!(outgoing_files -> accounts (made_by));
diesel::joinable!(outgoing_transfers -> bank_accounts (bank_account_id));
diesel::joinable!(outgoing_transfers -> outgoing_batches (batch_id));
diesel::joinable!(outgoing_transfers -> outgoing_files (file_id));
diesel::joinable!(outgoing_transfers -> producers (producer_id));
diesel::joinable!(payment_attempts -> accounts (buyer_account_id));
diesel::joinable!(payment_attempts -> payments (payment_id));
diesel::joinable!(payment_credits -> payment_attempts (attempt_id));
diesel::joinable!(payment_credits -> payment_callbacks (callback_id));
diesel::joinable!(payment_credits -> payments (payment_id));
diesel::joinable!(payment_reviews -> accounts (resolved_by));
diesel::joinable!(payment_reviews -> orders (order_id));
diesel::joinable!(payment_reviews -> payment_attempts (attempt_id));
diesel::joinable!(payment_reviews -> payment_callbacks (callback_id));
diesel::joinable!(payment_reviews -> payment_credits (credit_id));
diesel::joinable!(payments -> accounts (buyer_account_id));
diesel::joinable!(payments -> checkouts (checkout_id));
diesel::joinable!(payout_runs -> outgoing_batches (id));
diesel::joinable!(payouts -> outgoing_transfers (id));
diesel::joinable!(payouts -> payout_runs (run_id));
diesel::joinable!(payouts -> producers (producer_id));
diesel::joinable!(product_tax_categories -> accounts (declared_by));
diesel::joinable!(product_tax_categories -> producers (producer_id));
diesel::joinable!(product_tax_categories -> products (product_id));
diesel::joinable!(products -> communes (origin_commune_code));
diesel::joinable!(products -> producers (producer_id));
diesel::joinable!(products -> product_sets (product_set));
diesel::joinable!(reconciliation_exceptions -> settlement_lines (line_id));
diesel::joinable!(refund_answers -> refund_tries (try_id));
diesel::joinable!(refund_approvals -> accounts (account_id));
diesel::joinable!(refund_approvals -> refunds (refund_id));
diesel::joinable!(refund_totals -> payments (payment_id));
diesel::joinable!(refund_tries -> refunds (refund_id));
diesel::joinable!(refunds -> accounts (buyer_account_id));
diesel::joinable!(refunds -> bank_accounts (bank_account_id));
diesel::joinable!(refunds -> order_refunds (id));
diesel::joinable!(refunds -> orders (order_id));
diesel::joinable!(refunds -> payment_credits (credit_id));
diesel::joinable!(refunds -> payments (payment_id));
diesel::joinable!(reservations -> accounts (buyer_account_id));
diesel::joinable!(reservations -> orders (order_id));
diesel::joinable!(reservations -> producers (producer_id));
diesel::joinable!(reservations -> variants (variant_id));
diesel::joinable!(role_grants -> provinces (province_code));
diesel::joinable!(sales_baskets -> producers (producer_id));
diesel::joinable!(sales_daily -> communes (commune_code));
diesel::joinable!(sales_daily -> producers (producer_id));
diesel::joinable!(sales_daily -> product_sets (product_set));
diesel::joinable!(sales_daily -> provinces (province_code));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(stock_levels -> producers (producer_id));
diesel::joinable!(stock_levels -> products (product_id));
diesel::joinable!(stock_levels -> variants (variant_id));
diesel::joinable!(stock_movements -> producers (producer_id));
diesel::joinable!(stock_movements -> variants (variant_id));
diesel::joinable!(tax_lines -> tax_rates (rate_id));
diesel::joinable!(tax_readings -> accounts (decided_by));
diesel::joinable!(variants -> producers (producer_id));
diesel::joinable!(variants -> products (product_id));
diesel::joinable!(voucher_buyers -> accounts (buyer_account_id));
diesel::joinable!(voucher_buyers -> vouchers (voucher_id));
diesel::joinable!(voucher_phones -> vouchers (voucher_id));
diesel::joinable!(voucher_share_lines -> accounts (buyer_account_id));
diesel::joinable!(voucher_share_lines -> variants (variant_id));
diesel::joinable!(voucher_shares -> accounts (buyer_account_id));
diesel::joinable!(voucher_shares -> producers (producer_id));
diesel::joinable!(voucher_shares -> voucher_uses (checkout_id));
diesel::joinable!(voucher_uses -> accounts (buyer_account_id));
diesel::joinable!(voucher_uses -> checkouts (checkout_id));
diesel::joinable!(voucher_uses -> vouchers (voucher_id));
diesel::joinable!(vouchers -> accounts (created_by));
diesel::joinable!(vouchers -> producers (producer_id));
diesel::joinable!(webhook_attempts -> webhook_deliveries (delivery_id));
diesel::joinable!(webhook_deliveries -> producers (producer_id));
diesel::joinable!(webhook_deliveries -> webhook_endpoints (endpoint_id));
diesel::joinable!(webhook_deliveries -> webhook_events (event_id));
diesel::joinable!(webhook_endpoints -> accounts (created_by));
diesel::joinable!(webhook_endpoints -> producers (producer_id));
diesel::joinable!(webhook_events -> producers (producer_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    bank_accounts,
    cart_lines,
    carts,
    charge_returns,
    checkouts,
    commune_successions,
    communes,
    deliveries,
    fee_schedules,
    former_communes,
    former_districts,
    guest_openings,
    guest_order_tries,
    harvests,
    ledger_balances,
    ledger_checkpoints,
    ledger_producer_checkpoints,
    ledger_transfers,
    lot_levels,
    lots,
    money_decision_postings,
    money_decisions,
    notice_preferences,
    notices,
    offers,
    order_charges,
    order_events,
    order_lines,
    orders,
    outgoing_batches,
    outgoing_events,
    outgoing_files,
    outgoing_transfers,
    payment_attempts,
    payment_callbacks,
    payment_credits,
    payment_reviews,
    payments,
    payout_runs,
    payouts,
    producers,
    product_sets,
    product_tax_categories,
    products,
    provinces,
    reconciliation_exceptions,
    refund_answers,
    refund_approvals,
    refund_totals,
    refund_tries,
    refunds,
    reservations,
    role_grants,
    sales_baskets,
    sales_daily,
    sessions,
    settlement_lines,
    stock_levels,
    stock_movements,
    tax_certificate_numbers,
    tax_certificates,
    tax_declaration_lines,
    tax_declaration_sellers,
    tax_declarations,
    tax_filings,
    tax_lines,
    tax_payments,
    tax_periods,
    tax_rates,
    tax_readings,
    tax_thresholds,
    tax_warnings,
    variants,
    voucher_buyers,
    voucher_phones,
    voucher_share_lines,
    voucher_shares,
    voucher_uses,
    vouchers,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_events,
);
