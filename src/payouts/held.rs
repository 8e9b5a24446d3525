//! What of producers' balances waits for carriers to settle: the platform pays nobody with money that it has not got.

use std::collections::BTreeMap;

use crate::kernel::{ProducerId, Result, Tx};
use crate::{ledger, payments};

/// What a producer has with us, and what of it waits.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    pub producer_id: ProducerId,
    pub balance: i64,
    pub held: i64,
}

impl Due {
    pub fn free(&self) -> i64 {
        self.balance.saturating_sub(self.held)
    }
}

/// Of balances that were read before: what was sold since is held, and not in them, so that less is paid at the most.
pub fn dues(tx: &mut Tx<'_>, balances: &[(ProducerId, i64)]) -> Result<Vec<Due>> {
    let ids: Vec<ProducerId> = balances.iter().map(|(id, _)| *id).collect();
    let orders = payments::unsettled_orders(tx, &ids)?;
    let held: BTreeMap<ProducerId, i64> = tx.as_platform(|tx| ledger::earned(tx, &ids, &orders))?.into_iter().collect();
    let due = |(producer_id, balance): &(ProducerId, i64)| Due {
        producer_id: *producer_id,
        balance: *balance,
        held: held.get(producer_id).copied().unwrap_or(0),
    };
    Ok(balances.iter().map(due).collect())
}
