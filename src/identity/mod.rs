use crate::kernel::actor::SessionClaim;
use crate::kernel::{Audience, Result};
pub struct Tokens;
impl Tokens {
    pub fn read_access(&self, _token: &str, _audience: Option<Audience>, _now: chrono::DateTime<chrono::Utc>) -> Result<SessionClaim> {
        Err(crate::kernel::error::CommonProblem::Unauthenticated.into())
    }
}
pub struct Passwords;
pub struct CodeSender;
