//! How many requests were answered how, since the process began.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

/// One number per class of status: 1xx to 5xx.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; 5]);

impl Counters {
    pub fn count(&self, status: u16) {
        let class = usize::from(status / 100).checked_sub(1);
        if let Some(counter) = class.and_then(|class| self.0.get(class)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The classes by their names in Prometheus, `1xx` to `5xx`.
    pub fn by_class(&self) -> Vec<(&'static str, u64)> {
        const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        CLASSES.into_iter().zip(&self.0).map(|(class, counter)| (class, counter.load(Ordering::Relaxed))).collect()
    }
}

/// Counts every answer. Wrap it outermost, so that it sees what the client sees; the application needs a
/// `Data<Counters>` made once for all workers.
pub async fn count_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let counters = request.app_data::<Data<Counters>>().cloned();
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    if let Some(counters) = counters {
        counters.count(status.as_u16());
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_their_class() {
        let counters = Counters::default();
        for status in [200, 204, 304, 404, 409, 422, 503, 0, 99, 600, u16::MAX] {
            counters.count(status);
        }
        assert_eq!(counters.by_class(), [("1xx", 0), ("2xx", 2), ("3xx", 1), ("4xx", 3), ("5xx", 1)]);
    }
}
