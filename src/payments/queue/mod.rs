//! The queue of money that waits for a person, and what was decided about it. Nothing ever leaves it but by a decision, or
//! because what was owed has been paid back.

mod resolve;
mod store;

pub use resolve::{leave_queue, resolve};
pub use store::{NewReview, find_review, insert_review, list_reviews, review_of_refund};
