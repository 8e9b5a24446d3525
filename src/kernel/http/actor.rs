//! Who a request claims to be. The claim is checked against the session's row inside the transaction.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::app::App;
use crate::kernel::actor::{Actor, Audience, SessionClaim};
use crate::kernel::error::{CommonProblem, Error, Result};
use crate::kernel::ids::RequestId;

/// Anybody, signed in or not; only ever sees what is public.
pub struct Visitor(pub Actor);

/// Anybody who is signed in, on whichever surface.
pub struct AnyPerson(pub Actor);

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Visitor(Actor::Anonymous { request_id: id_of(request) })))
    }
}

impl FromRequest for AnyPerson {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(claim(request, None).map(AnyPerson))
    }
}

macro_rules! surfaces {
    ($($(#[$meta:meta])* $name:ident => $audience:expr),+ $(,)?) => {$(
        $(#[$meta])*
        pub struct $name(pub Actor);

        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(claim(request, Some($audience)).map($name))
            }
        }
    )+};
}

surfaces! {
    /// A token of the buyers' surface.
    BuyerSurface => Audience::Buyer,
    /// A token of the producers' surface.
    ProducerSurface => Audience::Producer,
    /// A token of the community helpers' surface.
    HelperSurface => Audience::Helper,
    /// A token of the officials' surface.
    OfficialSurface => Audience::Official,
    /// A token of the operator's surface.
    OperatorSurface => Audience::Operator,
}

fn id_of(request: &HttpRequest) -> Option<RequestId> {
    request.extensions().get::<RequestId>().copied()
}

fn claim(request: &HttpRequest, audience: Option<Audience>) -> Result<Actor> {
    let mut claim = claim_of(request)?;
    if audience.is_some_and(|audience| audience != claim.audience) {
        return Err(CommonProblem::Unauthenticated.into());
    }
    claim.request_id = id_of(request);
    Ok(Actor::Session(claim))
}

/// What the token claims, whatever its surface. A signature is checked once for a request, at the edge.
#[derive(Clone)]
struct Read(Option<SessionClaim>);

pub fn claim_of(request: &HttpRequest) -> Result<SessionClaim> {
    let known = request.extensions().get::<Read>().cloned();
    let read = match known {
        Some(read) => read,
        None => {
            let read = Read(read_token(request)?);
            request.extensions_mut().insert(read.clone());
            read
        }
    };
    read.0.ok_or_else(|| CommonProblem::Unauthenticated.into())
}

fn read_token(request: &HttpRequest) -> Result<Option<SessionClaim>> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("no App"))?;
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.strip_prefix("Bearer "));
    Ok(token.and_then(|token| app.tokens.read_access(token, None, app.db.clock.now()).ok()))
}
