//! A world per test: its own database cloned from a template, a real server on a free port, and clients.
//!
//! `World::finish` runs what jobs are due and checks every invariant; a test that forgets it fails.

pub mod carriers;
pub mod conformance;
pub mod money;
pub mod mutants;
pub mod payers;
pub mod payout_desk;
mod payer_notices;
pub mod payer_refunds;
mod database;
pub mod people;
pub mod process;
pub mod receiver;
pub mod silent;
pub mod photos;
mod client;
pub mod principals;

use std::collections::BTreeMap;
use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use chrono::TimeDelta;
use ocop_market::app::App;
use ocop_market::config::Config;
use ocop_market::jobs::Job;
use ocop_market::kernel::db::Clock;
use ocop_market::kernel::{Actor, Result, Tx};
use ocop_market::{cli, ops, worker};

pub use client::{Client, Reply, new_key};
pub use database::TestDatabase;
pub use people::checkout as checkout_body;
pub use people::{
    Producer, Product, SEPAY_SECRET, VNPAY_SECRET, checkout, new_product, new_voucher, registration, sepay_notice,
};

/// What messages of carriers bring in tests.
pub const CARRIER_SECRET: &str = "carriers_bring_this_0123456789abcdef";

pub struct World {
    pub app: Data<App>,
    pub base: String,
    pub database: TestDatabase,
    pub http: reqwest::Client,
    server: ServerHandle,
    finished: bool,
}

impl World {
    pub async fn start() -> World {
        World::with(&[]).await
    }

    /// A world with settings of its own, as environment variables.
    pub async fn with(settings: &[(&str, &str)]) -> World {
        World::on(TestDatabase::create(), settings).await
    }

    pub async fn on(database: TestDatabase, settings: &[(&str, &str)]) -> World {
        let mut values: BTreeMap<String, String> = [
            ("DATABASE_URL", database.app_url.as_str()),
            ("DATA_FOLDER", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys")),
            ("SEPAY_HMAC_SECRET", SEPAY_SECRET),
            ("SEPAY_API_KEY", "OCOP_TEST_KEY"),
            ("VNPAY_SECRET", VNPAY_SECRET),
            // Carriers are on, and nobody answers.
            ("GHN_TOKEN", "ghn"),
            ("GHN_SHOP_ID", "81558"),
            ("GHN_BASE_URL", "http://127.0.0.1:9"),
            ("GHN_CALLBACK_SECRET", CARRIER_SECRET),
            ("GHTK_TOKEN", "ghtk"),
            ("GHTK_BASE_URL", "http://127.0.0.1:9"),
            ("GHTK_CALLBACK_SECRET", CARRIER_SECRET),
            ("VIETTEL_POST_TOKEN", "viettel"),
            ("VIETTEL_POST_BASE_URL", "http://127.0.0.1:9"),
            ("VIETTEL_POST_CALLBACK_SECRET", CARRIER_SECRET),
            // A busy machine is not what a test is about.
            ("CALLBACK_ANSWER_MS", "10000"),
            // Whoever reads a stream to its end does not wait for an hour.
            ("STREAM_SECONDS", "1"),
            ("STREAM_HEARTBEAT_MS", "300"),
            ("WEBHOOKS_TO_LOCAL", "true"),
            ("POOL_REQUESTS", "6"),
            ("TRUSTED_PROXIES", "1"),
            ("VISITOR_RATE_PER_MINUTE", "1000000"),
            ("ACCOUNT_RATE_PER_MINUTE", "1000000"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into();
        // Ways of paying are on, and nobody answers.
        values.extend(payers::SETTINGS.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        values.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let config = Config::from_values(values).expect("the test's configuration");
        let app = cli::build(config, Clock::default()).expect("the application");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let server = cli::serve_on(app.clone(), listener, 2).expect("the server");
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        World { app, base, database, http, server: handle, finished: false }
    }

    pub fn visitor(&self) -> Client {
        Client::new(self.http.clone(), self.base.clone(), None)
    }

    /// Moves the clock of this world's transactions.
    pub fn pass(&self, time: TimeDelta) {
        self.app.db.clock.advance(time);
    }

    /// Does every job that is due now; returns how many there were.
    pub async fn run_jobs(&self) -> usize {
        worker::run_due(&self.app).await.expect("jobs run")
    }

    /// Does one job now, as a worker would.
    pub async fn work(&self, job: Job) -> Result<()> {
        let app = self.app.clone();
        self.app.db.job(move |tx| worker::work(&app, tx, &job)).await
    }

    /// Looks into the database as the platform.
    pub async fn look<T: Send + 'static>(&self, look: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.app.db.read(&Actor::PLATFORM, look).await.expect("a look into the database")
    }

    /// One number from the database, asked as its owner.
    pub fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }

    /// The end of a world whose database is not one any more.
    pub async fn close(mut self) {
        self.finished = true;
        self.server.stop(false).await;
    }

    pub async fn finish(mut self) {
        self.run_jobs().await;
        let violations = self.look(ops::check).await;
        self.finished = true;
        self.server.stop(false).await;
        assert!(violations.is_empty(), "broken invariants: {violations:#?}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !self.finished && !std::thread::panicking() {
            panic!("a test must end with world.finish().await, which checks the invariants");
        }
    }
}

/// The values of a constraint that lists them, as the database writes it: `… ARRAY['a'::text, 'b'::text] …` or
/// `… '{a,b}'::text[] …`.
pub fn listed_in(definition: &str) -> impl Iterator<Item = &str> {
    let quoted = definition.split('\'').skip(1).step_by(2);
    quoted.flat_map(|text| text.trim_start_matches('{').trim_end_matches('}').split(','))
}
