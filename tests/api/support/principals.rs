//! Sessions without the way through the one-time code, and looks at the whole database.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use ocop_market::kernel::actor::SessionClaim;
use ocop_market::kernel::{AccountId, Actor, Audience, SessionId};

use super::{Client, World};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
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
}

/// Each row that is written leaves its table's name, if it is kept. To look at all tables instead takes longer than what is
/// looked after.
const WATCH: &str = "
    create schema watch;
    create table watch.changes (relation text not null);
    create function watch.note() returns trigger language plpgsql security definer set search_path = watch, pg_temp as $$
    begin
        insert into changes values (tg_table_name);
        return null;
    end;
    $$;
    do $$
    declare
        watched regclass;
    begin
        for watched in select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and (c.relispartition or has_table_privilege('ocop_app', c.oid, 'insert, update, delete'))
        loop
            execute format('create trigger watch after insert or update or delete on %s for each row execute function watch.note()', watched);
            execute format('alter table %s enable always trigger watch', watched);
        end loop;
    end;
    $$";

impl Watch {
    pub fn new(world: &World) -> Watch {
        let mut conn = world.database.owner();
        if world.count("select count(*) from pg_namespace where nspname = 'watch'") == 0 {
            conn.batch_execute(WATCH).expect("a watch");
        }
        assert!(world.count("select count(*) from pg_trigger where tgname = 'watch'") > 20);
        Watch { conn }
    }

    /// Of each table in which something has happened how often: `table:times`.
    pub fn digest(&mut self) -> Vec<String> {
        texts(
            &mut self.conn,
            "select relation || ':' || count(*) from watch.changes group by relation order by relation",
        )
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
        let now = self.app.db.clock.now().to_rfc3339();
        self.database.execute(&format!(
            "insert into sessions (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at)
             select '{session}', '{account}', '{audience}', 'a phone', now, now, now + interval '30 days', now + interval '90 days'
             from (select '{now}'::timestamptz as now) clock"
        ));
        let version = self.count(&format!("select authorisation_version from accounts where id = '{account}'"));
        SessionClaim {
            session_id: SessionId(session),
            account_id: AccountId(account.parse().expect("an id")),
            audience: audience_named(audience),
            authorisation_version: i32::try_from(version).expect("a small number"),
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
