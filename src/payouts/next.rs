//! A producer's next payout, and why there is none.

use chrono::NaiveDate;

use super::held::dues;
use super::model::{PayoutRules, Standing, WhyNot, next_run_on, why_not};
use crate::kernel::{Result, Tx, Vnd};
use crate::{ledger, outgoing, producers};

pub struct Next {
    pub balance: i64,
    /// What of the balance waits for carriers to settle.
    pub held: Vnd,
    pub amount: Vnd,
    pub on: NaiveDate,
    pub why_not: Vec<WhyNot>,
}

pub fn next(tx: &mut Tx<'_>, rules: PayoutRules) -> Result<Next> {
    let producer_id = producers::registered(tx)?;
    let balance = ledger::balance(tx, producer_id)?;
    let held = dues(tx, &[(producer_id, balance)])?.first().map_or(0, |due| due.held);
    let account = outgoing::current_account(tx, producer_id)?;
    let under_way = outgoing::under_way_among(tx, &[producer_id])?.first().map(|transfer| transfer.status);
    let is_stopped = tx.as_platform(outgoing::switch_is_off)?;
    let standing = Standing { balance, held, account: account.as_ref(), under_way, is_stopped, now: tx.now };
    let on = next_run_on(tx.now, rules.weekday);
    Ok(Next {
        balance,
        held: Vnd::new(held).unwrap_or_default(),
        amount: rules.due(balance.saturating_sub(held)).unwrap_or_default(),
        on,
        why_not: why_not(&standing, &rules),
    })
}
