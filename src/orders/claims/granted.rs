use std::collections::HashMap;

use super::store;
use crate::kernel::{ClaimId, Error, OrderId, Result, Tx, VariantId, Vnd};

/// What the claims of these orders were granted for each line: in proportion to what was claimed for it, the way among them.
pub fn granted(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<HashMap<(OrderId, VariantId), Vnd>> {
    let claims = store::granted(tx, ids)?;
    if claims.is_empty() {
        return Ok(HashMap::new());
    }
    let claim_ids: Vec<ClaimId> = claims.iter().map(|claim| claim.id).collect();
    let lines = store::lines_of(tx, &claim_ids)?;
    let mut by_line = HashMap::new();
    for claim in claims {
        let own: Vec<_> = lines.iter().filter(|line| line.claim_id == claim.id).collect();
        let weights: Vec<Vnd> = own.iter().map(|line| line.amount_vnd).chain([claim.shipping_vnd]).collect();
        let parts = claim.granted_vnd.unwrap_or(Vnd::ZERO).split(&weights);
        let parts = parts.ok_or_else(|| Error::internal("granted for nothing"))?;
        by_line.extend(own.iter().zip(parts).map(|(line, part)| ((claim.order_id, line.variant_id), part)));
    }
    Ok(by_line)
}
