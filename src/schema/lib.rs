// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
    pub struct Tsvector;
}

diesel::table! {
    accounts (id) {
        id -> Uuid,
        phone -> Text,
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
        status -> Nullable<Int2>,
        body -> Nullable<Text>,
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
    }
}

diesel::table! {
    payment_credits (id) {
        id -> Uuid,
        provider -> Text,
        provider_txn -> Text,
        callback_id -> Uuid,
        attempt_id -> Nullable<Uuid>,
        payment_id -> Nullable<Uuid>,
        amount_vnd -> Int8,
        received_at -> Timestamptz,
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
    reservations (order_id, variant_id) {
        order_id -> Uuid,
        variant_id -> Uuid,
        buyer_account_id -> Uuid,
        producer_id -> Uuid,
        quantity -> Int4,
        status -> Text,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
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
    }
}

diesel::joinable!(cart_lines -> carts (account_id));
diesel::joinable!(cart_lines -> variants (variant_id));
diesel::joinable!(carts -> accounts (account_id));
diesel::joinable!(checkouts -> accounts (buyer_account_id));
diesel::joinable!(commune_successions -> communes (commune_code));
diesel::joinable!(commune_successions -> former_communes (former_commune_code));
diesel::joinable!(communes -> former_districts (former_district_code));
diesel::joinable!(communes -> provinces (province_code));
diesel::joinable!(former_communes -> former_districts (former_district_code));
diesel::joinable!(offers -> communes (commune_code));
diesel::joinable!(offers -> producers (producer_id));
diesel::joinable!(offers -> product_sets (product_set));
diesel::joinable!(offers -> products (product_id));
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
diesel::joinable!(products -> communes (origin_commune_code));
diesel::joinable!(products -> producers (producer_id));
diesel::joinable!(products -> product_sets (product_set));
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
diesel::joinable!(stock_levels -> variants (variant_id));
diesel::joinable!(stock_movements -> producers (producer_id));
diesel::joinable!(stock_movements -> variants (variant_id));
diesel::joinable!(variants -> producers (producer_id));
diesel::joinable!(variants -> products (product_id));

diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    cart_lines,
    carts,
    checkouts,
    commune_successions,
    communes,
    former_communes,
    former_districts,
    offers,
    order_events,
    order_lines,
    orders,
    payment_attempts,
    payment_callbacks,
    payment_credits,
    payment_reviews,
    payments,
    producers,
    product_sets,
    products,
    provinces,
    reservations,
    role_grants,
    sales_baskets,
    sales_daily,
    sessions,
    stock_levels,
    stock_movements,
    variants,
);
