//! What a running process holds, built once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::catalog::Shelf;
use crate::config::Config;
use crate::identity::{CodeSender, Passwords, Tokens};
use crate::kernel::Db;
use crate::kernel::rate_limit::RateLimit;
use crate::notifications::Streams;
use crate::outgoing::Outgoing;
use crate::payments::{CallbackSlots, Gathering, Providers};
use crate::senders::Senders;
use crate::shipping::Carriers;
use crate::storage::Photos;
use crate::webhooks::WebhookClient;

/// Shared by every handler and job.
pub struct App {
    pub config: Config,
    pub db: Db,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub code_sender: CodeSender,
    pub providers: Providers,
    /// The way of money out.
    pub outgoing: Outgoing,
    pub carriers: Carriers,
    pub callback_slots: CallbackSlots,
    /// Providers' messages that wait to be written.
    pub gathering: Gathering,
    pub rate_limit: RateLimit,
    /// Gateways to people.
    pub senders: Arc<Senders>,
    /// Calls other systems.
    pub webhooks: WebhookClient,
    /// Inboxes that are followed.
    pub streams: Arc<Streams>,
    /// Pages of the public catalogue.
    pub shelf: Shelf,
    pub photos: Photos,
    /// Told to end: it finishes what it has begun and wants nothing new.
    pub is_ending: AtomicBool,
}

/// The application as the server and the command line hold it.
pub type Shared = actix_web::web::Data<App>;
