//! Facts about the product, told through HTTP against a real server on a database of its own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops where it is wrong"
)]

mod support;
mod journeys;
mod order_news;
mod order_parcels;
mod orders;
mod order_races;
mod carts;
mod catalogue;
mod faults;
mod transactions;
mod limits;
mod startup;
mod outages;
mod crashes;
mod jobs;
mod demo;
mod payments;
mod shipping;
mod shipments;
mod payments_odd;
mod cash;
mod payers;
mod slow_providers;
mod refunds;
mod contradictions;
mod inbox;
mod vouchers;
mod ledger;
mod ledger_months;
mod charges;
mod outgoing;
mod payouts;
mod reconciliation;
mod taxes;
mod attacks;
mod claims;
mod claim_news;
mod complaints;
mod messages;
mod reviews;
mod notices;
mod together;
mod told;
mod pushing;
mod webhooks;
mod webhook_events;
mod photos;
mod flood;
mod guests;
mod concurrency;
mod lots;
mod harvests;
mod stock_races;
mod known_bugs;
mod illegal_moves;
mod invariants;
mod authorization;
mod bad_input;
mod contract;
mod document;
mod tidy;
mod migrations;
