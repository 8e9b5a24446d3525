drop function claim_idempotency_key;
