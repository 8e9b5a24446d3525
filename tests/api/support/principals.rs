//! Sessions without the way through the one-time code, and looks at the whole database.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use ocop_market::kernel::actor::SessionClaim;
use ocop_market::kernel::{AccountId, Actor, Audience, SessionId};

use super::{Client, World};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// The first column of a query as text, asked on this connection.
pub fn texts(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Row> =
        diesel::sql_query(format!("select q.text::text as text from ({sql}) q(text)")).load(conn).expect(sql);
    rows.into_iter().map(|row| row.text).collect()
}

/// Notices every insert, update and delete in any table that the application can write.
pub struct Watch {
    conn: PgConnection,
    sql: String,
}

impl Watch {
    pub fn new(world: &World) -> Watch {
        let mut conn = world.database.owner();
        let tables = texts(
            &mut conn,
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'public' and c.relkind = 'r'
               and (c.relispartition or has_table_privilege('ocop_app', c.oid, 'insert, update, delete')) order by 1",
        );
        assert!(tables.len() > 20, "{tables:?}");
        let parts: Vec<String> = tables
            .iter()
            .map(|t| format!("select '{t}:' || count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) from {t}"))
            .collect();
        // Of so many tables the server counts several at once, and answers in whatever order they are ready.
        let sql = format!("select line from ({}) parts(line) order by line", parts.join(" union all "));
        Watch { conn, sql }
    }

    pub fn digest(&mut self) -> Vec<String> {
        // The server reads so many tables side by side, and answers in the order in which it is done with them.
        let mut digest = texts(&mut self.conn, &self.sql);
        digest.sort_unstable();
        digest
    }
}

impl World {
    /// The account of a phone number; made if there is none.
    pub fn account(&self, phone: &str) -> String {
        let phone = format!("+84{}", phone.trim_start_matches('0'));
        self.database.execute(&format!(
            "insert into accounts (id, phone, status, created_at, updated_at)
             values (gen_random_uuid(), '{phone}', 'active', now(), now()) on conflict do nothing"
        ));
        self.text(&format!("select id from accounts where phone = '{phone}'"))
    }

    /// A fresh session with a token that was made `age` ago, as if the person had signed in then.
    pub fn session(&self, phone: &str, audience: &str, age: TimeDelta) -> (String, Client) {
        let claim = self.sign_in_at_once(phone, audience);
        let token = self.app.tokens.access(&claim, self.app.db.clock.now() - age).expect("a token");
        (claim.session_id.to_string(), self.visitor().with_token(&token))
    }

    /// The person in a fresh session, for operations that are called without the way through HTTP.
    pub fn principal(&self, phone: &str, audience: &str) -> Actor {
        Actor::Session(self.sign_in_at_once(phone, audience))
    }

    fn sign_in_at_once(&self, phone: &str, audience: &str) -> SessionClaim {
        let account = self.account(phone);
        let session = uuid::Uuid::now_v7();
        self.database.execute(&format!(
            "insert into sessions (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at)
             values ('{session}', '{account}', '{audience}', 'a phone', now(), now(), now() + interval '30 days', now() + interval '90 days')"
        ));
        let version: Version =
            diesel::sql_query(format!("select authorisation_version as version from accounts where id = '{account}'"))
                .get_result(&mut self.database.owner())
                .expect("the account");
        SessionClaim {
            session_id: SessionId(session),
            account_id: AccountId(account.parse().expect("an id")),
            audience: audience_named(audience),
            authorisation_version: version.version,
            request_id: None,
        }
    }
}

pub fn audience_named(name: &str) -> Audience {
    match name {
        "buyer" => Audience::Buyer,
        "producer" => Audience::Producer,
        "helper" => Audience::Helper,
        "official" => Audience::Official,
        "operator" => Audience::Operator,
        other => panic!("no audience {other}"),
    }
}
