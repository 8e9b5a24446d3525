use super::model::ProductReviewEvent;
use super::store::Review;
use crate::kernel::{Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::producers;

/// The producer hears of a new review, its author of an answer, once, and of what the operator did, each time.
pub fn tell(tx: &mut Tx<'_>, review: &Review, event: ProductReviewEvent) -> Result<()> {
    let (author, product_title) = (Recipient::Account(review.buyer_account_id), review.product_title.clone());
    let reason = || review.hidden_note.clone().unwrap_or_default();
    let once = String::new();
    let (to, news, occasion) = match event {
        ProductReviewEvent::Write => {
            let news = News::ReviewWritten { product_title, stars: review.stars };
            (Recipient::Producer(review.producer_id), news, once)
        }
        ProductReviewEvent::Answer => {
            let producer_name = tx.as_platform(|tx| producers::name(tx, review.producer_id))?;
            (author, News::ReviewAnswered { product_title, producer_name }, once)
        }
        ProductReviewEvent::Hide => {
            (author, News::ReviewHidden { product_title, reason: reason() }, review.version.to_string())
        }
        ProductReviewEvent::Uphold => {
            (author, News::ReviewUpheld { product_title, reason: reason() }, review.version.to_string())
        }
        ProductReviewEvent::Restore => (author, News::ReviewRestored { product_title }, review.version.to_string()),
        ProductReviewEvent::Edit | ProductReviewEvent::Appeal => return Ok(()),
    };
    notifications::tell_each(tx, &Notice { to, news, object_id: review.id.0, occasion: "" }, &occasion)
}
