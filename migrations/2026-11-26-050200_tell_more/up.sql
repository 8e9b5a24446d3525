-- Complaints, reviews, producers and products have news of their own.
alter table notices drop constraint notices_topic_check;
alter table notices add constraint notices_topic_check check (topic in (
    'order_paid', 'order_reminder', 'order_reminder_helper', 'order_reminder_officer', 'order_accepted', 'order_refused',
    'order_auto_cancelled', 'order_cancelled', 'order_packed', 'weight_question', 'order_handed_over', 'ready_for_pickup',
    'order_delivered', 'delivery_failed', 'order_returned', 'refund_owed', 'harvest_due', 'harvest_in', 'harvest_short', 'lot_recalled',
    'claim_opened', 'claim_offered', 'claim_return_asked', 'claim_in_review', 'claim_decided', 'claim_ended',
    'claim_withdrawn', 'complaint_received', 'complaint_answered', 'message_received', 'review_written',
    'review_answered', 'voucher_spent_out',
    'complaint_opened', 'complaint_acknowledged', 'complaint_negotiating', 'complaint_referred', 'complaint_settled', 'complaint_refused',
    'complaint_escalated', 'complaint_closed', 'review_hidden', 'review_upheld', 'review_restored', 'producer_approved',
    'producer_rejected', 'producer_needs_changes', 'product_published', 'product_rejected', 'product_needs_changes'));
