use super::answer::{Say, answer, readable};
use super::model::{ClaimEvent, ClaimStatus, Party};
use super::store::Claim;
use crate::kernel::input::FaultCode;
use crate::kernel::{ClaimId, Error, Result, Tx, Vnd};

/// The operator decides between the parties: nothing, a part, or all that was claimed. It is final.
pub fn decide(tx: &mut Tx<'_>, id: ClaimId, amount: Vnd, text: &str) -> Result<Claim> {
    let claim = readable(tx, Party::Operator, id)?;
    // What is claimed never changes, so it may be looked at without the lock.
    if claim.status == ClaimStatus::InReview && amount > claim.claimed_vnd {
        let expected = format!("0–{}", claim.claimed_vnd.amount());
        return Err(Error::invalid("/amount_vnd", FaultCode::OutOfRange, &expected));
    }
    answer(tx, Party::Operator, id, &Say { event: ClaimEvent::Decide, text: Some(text), amount: Some(amount) })
}
