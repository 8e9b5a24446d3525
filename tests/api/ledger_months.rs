//! The books are summed at the end of each month, and what is read of any instant is what summing from the beginning gives.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ocop_market::jobs::Job;
use ocop_market::kernel::Month;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::support::World;
use crate::support::principals::texts;

/// Fourteen months of movements between all accounts, through two providers and of three producers.
const HISTORY: &str = "
    set session_replication_role = replica;
    select setseed(0.42);
    with account as (select array['clearing', 'bank', 'orders', 'producer', 'refunds_owed', 'payouts_in_transit', 'carriage', 'vat',
                                  'pit', 'commission', 'provider_fees', 'vouchers', 'province', 'suspense', 'set_aside'] as names),
    drawn as (
        select n, now() - random() * interval '425 days' as at, 1 + floor(random() * 15)::int as debit,
               1 + floor(random() * 14)::int as skip, 1 + floor(random() * 1000000)::bigint as amount,
               case when random() < 0.5 then 'vnpay' else 'momo' end as provider, floor(random() * 3)::int as whose
        from generate_series(1, 3000) n)
    insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, refund_id, at)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n), 3, '0') || '8000'
            || lpad(to_hex(n), 12, '0'))::uuid,
           'correction', gen_random_uuid(), names[debit], names[1 + (debit - 1 + skip) % 15], amount,
           case when random() < 0.8 or 'clearing' in (names[debit], names[1 + (debit - 1 + skip) % 15])
                  or 'suspense' in (names[debit], names[1 + (debit - 1 + skip) % 15])
                  or 'set_aside' in (names[debit], names[1 + (debit - 1 + skip) % 15])
                  or 'provider_fees' in (names[debit], names[1 + (debit - 1 + skip) % 15]) then provider end,
           (select id from producers order by id offset whose limit 1), gen_random_uuid(), gen_random_uuid(), at
    from drawn, account";

/// All accounts at a moment, summed from the beginning: account, provider, debits, credits, movements, and since when what is
/// there waits.
fn from_the_beginning(at: &str) -> String {
    format!(
        "with side as (
             select debit as account, provider, at, id, amount_vnd as debit_vnd, 0::bigint as credit_vnd
             from ledger_transfers where at <= '{at}'
             union all select credit, provider, at, id, 0, amount_vnd from ledger_transfers where at <= '{at}'),
         move as (
             select account, case when account in ('clearing', 'suspense', 'set_aside', 'provider_fees') then provider end
                    as provider, at, id, debit_vnd, credit_vnd from side),
         run as (
             select account, provider, at, sum(debit_vnd) over whole as debits, sum(credit_vnd) over whole as credits,
                    sum(debit_vnd) over so_far as debits_so_far, sum(credit_vnd) over so_far as credits_so_far
             from move
             window whole as (partition by account, provider),
                    so_far as (partition by account, provider order by at, id rows unbounded preceding))
         select concat_ws(' ', account, coalesce(provider, '-'), max(debits), max(credits), count(*),
                    to_char(min(at) filter (where case when debits > credits then debits_so_far > credits
                                                       when credits > debits then credits_so_far > debits end) at time zone 'UTC',
                            'YYYY-MM-DD\"T\"HH24:MI:SS.US'))
         from run group by account, provider order by account, provider"
    )
}

fn shown(line: &Value) -> String {
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    let waits = text("waits_since").map(|at| {
        let at: DateTime<Utc> = at.parse().expect("a moment");
        format!(" {}", at.format("%Y-%m-%dT%H:%M:%S%.6f"))
    });
    let provider = text("provider").unwrap_or_else(|| "-".to_owned());
    let account = text("account").expect("an account");
    let sums = format!("{} {} {}", line["debits_vnd"], line["credits_vnd"], line["transfers"]);
    format!("{account} {provider} {sums}{}", waits.unwrap_or_default())
}

#[actix_web::test]
async fn what_was_there_at_an_instant_is_the_last_sum_before_it_and_what_moved_since() {
    let world = World::start().await;
    let operator = world.operator().await;
    for (phone, name) in [("0911111111", "Hộ một"), ("0911111112", "Hộ hai"), ("0911111113", "Hộ ba")] {
        world.producer(&operator, phone, name, "00721").await;
    }
    world.database.execute(HISTORY);
    world.work(Job::SumMonths).await.expect("summed");
    while world.count("select count(*) from jobs where kind = 'sum_months' and run_at <= now() and done_at is null") > 0
    {
        world.run_jobs().await;
    }
    let months = world.count("select count(distinct at) from ledger_checkpoints");
    assert!((13..=15).contains(&months), "{months} months are over");
    let broken =
        texts(&mut world.database.owner(), "select concat_ws(': ', object, detail) from invariant_ledger_checkpoints");
    assert!(broken.is_empty(), "{broken:?}");

    let now = world.app.db.clock.now();
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    let mut instants: Vec<DateTime<Utc>> =
        (0..25).map(|_| now - TimeDelta::seconds(random.random_range(0..430 * 86_400))).collect();
    for days in [0, 40, 200, 410] {
        let begins_at = Month::of(now - TimeDelta::days(days)).begins_at().expect("a beginning");
        instants.extend([-1, 0, 1].map(|off| begins_at + TimeDelta::microseconds(off)));
    }
    let mut owner = world.database.owner();
    for at in instants {
        let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let read = operator.get(&format!("/v1/operator/ledger/accounts?at={at}")).await.expect(200);
        let read: Vec<String> = read["accounts"].as_array().expect("accounts").iter().map(shown).collect();
        assert_eq!(read, texts(&mut owner, &from_the_beginning(&at)), "at {at}");
        for phone in ["0911111111", "0911111113"] {
            let producer = world.session(phone, "producer", TimeDelta::zero()).1;
            let read = producer.get(&format!("/v1/producer/balance?at={at}")).await.expect(200);
            let summed = world.count(&format!(
                "select coalesce(sum(case when credit = 'producer' then amount_vnd else -amount_vnd end), 0)::bigint \
                 from ledger_transfers where 'producer' in (debit, credit) and at <= '{at}' and producer_id = \
                     (select p.id from producers p join accounts a on a.id = p.account_id where a.phone = '+84{}')",
                phone.trim_start_matches('0')
            ));
            assert_eq!(read["balance_vnd"], summed, "{phone} at {at}");
        }
    }
    // Every line of the statement says what was there after it, on its last page as on its first.
    let producer = world.session("0911111112", "producer", TimeDelta::zero()).1;
    let (mut lines, mut path) = (Vec::new(), "/v1/producer/statement?limit=100".to_owned());
    loop {
        let page = producer.get(&path).await.expect(200);
        lines.extend(page["data"].as_array().expect("lines").clone());
        let Some(next) = page["page"]["next_cursor"].as_str() else { break };
        path = format!("/v1/producer/statement?limit=100&cursor={next}");
    }
    lines.reverse();
    let mut balance = 0;
    for line in &lines {
        balance += line["change_vnd"].as_i64().expect("a change");
        assert_eq!(line["balance_vnd"], balance, "{line}");
    }
    assert!(lines.len() > 100, "{} lines", lines.len());
    world.close().await;
}
