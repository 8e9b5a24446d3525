-- Since when nobody is to pay by a try any more: its provider is asked to call its order off.
alter table payment_attempts add column withdrawn_at timestamptz;
