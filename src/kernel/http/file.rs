//! Files that are drawn for whoever asks.

use std::future::Future;
use std::time::Duration;

use actix_web::HttpResponse;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::kernel::error::{Error, Result};

/// Files that are drawn at once: they share the processors with everybody who waits for an answer.
const DRAWN_AT_ONCE: usize = 4;
/// How long one waits for its turn before it is answered 503.
const TURN_WITHIN: Duration = Duration::from_secs(5);

static TURNS: Semaphore = Semaphore::const_new(DRAWN_AT_ONCE);

/// Answers with a file: what stands in it is gathered when it is its turn, and drawn when the transaction is over, on a
/// thread that serves nobody else. So a large one holds neither a connection nor other answers while it is drawn, and
/// its rows wait nowhere in memory.
pub async fn file<T: Send + 'static>(
    kind: &'static str,
    gathering: impl Future<Output = Result<T>>,
    draw: impl FnOnce(&T) -> Result<Vec<u8>> + Send + 'static,
) -> Result<HttpResponse> {
    let turn = turn(TURN_WITHIN).await?;
    let gathered = gathering.await?;
    let drawn = tokio::task::spawn_blocking(move || {
        // With the work, so that a client who goes away does not make room for another file.
        let _turn = turn;
        draw(&gathered)
    });
    let bytes = drawn.await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok().content_type(kind).body(bytes))
}

async fn turn(within: Duration) -> Result<SemaphorePermit<'static>> {
    tokio::time::timeout(within, TURNS.acquire())
        .await
        .map_err(|_| Error::Unavailable("too many files are drawn".to_owned()))?
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_file_is_drawn_elsewhere_and_no_more_than_four_at_once() {
        let here = std::thread::current().id();
        let answer =
            file("text/csv", async { Ok(here) }, |asked| Ok(vec![u8::from(*asked == std::thread::current().id())]));
        let body = to_bytes(answer.await.unwrap().into_body()).await.unwrap();
        assert_eq!(body.as_ref(), [0], "drawn by the thread that answers others");

        let all = TURNS.acquire_many(4).await.unwrap();
        assert!(matches!(turn(Duration::ZERO).await, Err(Error::Unavailable(_))));
        drop(all);
        let failed = file("text/csv", async { Err::<(), _>(Error::internal("nothing")) }, |()| Ok(Vec::new())).await;
        assert!(failed.is_err());
        assert_eq!(TURNS.available_permits(), 4, "a turn that was not used is given back");
    }
}
