//! Who asks: what a request claims to be, and what the database found it to be.

use super::error::{CommonProblem, Result};
use super::ids::{AccountId, ProducerId, RequestId, SessionId};
use crate::text_enum;

text_enum! {
    /// The surface that a token opens; a token has exactly one.
    pub enum Audience {
        Buyer = "buyer",
        Producer = "producer",
        Helper = "helper",
        Official = "official",
        Operator = "operator",
    }
}

/// What a request claims: checked against the session's row in the first statement of its transaction.
#[derive(Debug, Clone)]
pub enum Actor {
    Anonymous {
        request_id: Option<RequestId>,
    },
    Session(SessionClaim),
    /// The platform itself: jobs, provider callbacks, sign-in.
    Platform {
        request_id: Option<RequestId>,
    },
}

#[derive(Debug, Clone)]
pub struct SessionClaim {
    pub session_id: SessionId,
    pub account_id: AccountId,
    pub audience: Audience,
    pub authorisation_version: i32,
    pub request_id: Option<RequestId>,
}

impl Actor {
    pub const PLATFORM: Actor = Actor::Platform { request_id: None };
    pub const ANONYMOUS: Actor = Actor::Anonymous { request_id: None };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Anonymous,
    Holder(Audience),
    Platform,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Anonymous => "anonymous",
            Role::Holder(audience) => audience.as_str(),
            Role::Platform => "system",
        }
    }
}

/// An official's area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Territory {
    Province(String),
    Communes(Vec<String>),
}

/// Who the transaction runs for, as the database knows it now.
#[derive(Debug, Clone)]
pub struct Who {
    pub role: Role,
    pub account_id: Option<AccountId>,
    pub session_id: Option<SessionId>,
    /// Whether the account is one that buys once, without a sign-in.
    pub is_guest: bool,
    pub producer_id: Option<ProducerId>,
    pub territory: Option<Territory>,
    pub request_id: Option<RequestId>,
}

impl Who {
    /// The account, if the actor holds this role.
    pub fn must(&self, audience: Audience) -> Result<AccountId> {
        match (self.role, self.account_id) {
            (Role::Holder(held), Some(account_id)) if held == audience => Ok(account_id),
            _ => Err(CommonProblem::Forbidden.into()),
        }
    }

    /// The account of anybody who is signed in.
    pub fn signed_in(&self) -> Result<AccountId> {
        self.account_id.ok_or_else(|| CommonProblem::Unauthenticated.into())
    }

    pub fn must_be_platform(&self) -> Result<()> {
        if self.role == Role::Platform { Ok(()) } else { Err(CommonProblem::Forbidden.into()) }
    }
}
