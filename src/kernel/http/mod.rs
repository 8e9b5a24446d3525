//! Everything between actix and the operations: extractors, answers, pages, versions, repetition, the edge.

mod actor;
mod address;
mod answer;
mod body;
mod command;
mod edge;
mod file;
mod limit;
mod page;
mod store;

pub use actor::{AnyPerson, BuyerSurface, HelperSurface, OfficialSurface, OperatorSurface, ProducerSurface, Visitor};
pub use address::ClientAddress;
pub use answer::{Answer, ProblemAnswer, ProblemBody, RETRY_AFTER_S, Representation, json, not_found, problem_answer};
pub use body::{close_unread, refuse_packed};
pub use command::{Command, IfMatch, KeyRule, NoBody, PathId, must_have_sound_key};
pub use edge::{REQUEST_MAX, instance_of, last_resort, request_id, secure_headers, wants_english};
pub use file::file;
pub use limit::limit_callers;
pub use page::{Cursor, Page, PageLinks, Query, read_query};
