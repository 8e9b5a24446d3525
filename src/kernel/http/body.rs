//! What of a request's body is refused before anybody reads it, and what becomes of a body that nobody read.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::rt;
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::kernel::error::{CommonProblem, Error};

/// How long what is left of a body is held on to. Until then actix has sent its answer and closed.
const HELD: Duration = Duration::from_secs(3);

/// Refuses packed bodies: a few kilobytes would unpack to gigabytes before any limit could see them.
pub async fn refuse_packed(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_packed = request.headers().get_all(header::CONTENT_ENCODING).any(|coding| coding != "identity");
    if is_packed {
        return Err(Error::from(CommonProblem::PackedBody).into());
    }
    next.call(request).await
}

/// Closes the connection after the answer when a body in chunks was not read to its end. actix reads on for as long
/// as such a body goes on once its reader is gone, so the reader is kept until the connection is closed.
pub async fn close_unread(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return next.call(request).await;
    }
    let body = Shared(Rc::new(RefCell::new(Body { payload: request.take_payload(), has_ended: false })));
    request.set_payload(Payload::Stream { payload: Box::pin(body.clone()) });
    let outcome = next.call(request).await;
    if !body.0.borrow().has_ended {
        rt::spawn(async move {
            rt::time::sleep(HELD).await;
            drop(body);
        });
    }
    outcome
}

struct Body {
    payload: Payload,
    has_ended: bool,
}

/// A body in two hands: the handler reads it, the edge keeps it.
#[derive(Clone)]
struct Shared(Rc<RefCell<Body>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.borrow_mut();
        let polled = Pin::new(&mut body.payload).poll_next(context);
        body.has_ended |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }
}
