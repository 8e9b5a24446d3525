//! Facts about the product, told through HTTP against a real server on a database of its own.

mod support;
mod journeys;
mod contract;
mod tidy;
mod migrations;
