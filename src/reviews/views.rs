use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{Author, HideReason, ProductReviewEvent, ProductReviewStatus, average_hundredths};
use super::store::{self, Figures, Of, Review};
use crate::kernel::http::PageLinks;
use crate::kernel::{Error, OrderId, PhotoId, ProductId, ProductReviewId, Result, Tx};
use crate::storage::{self, ThingKind};

/// A review, as everybody sees it. It was written by somebody who bought the product here.
#[derive(Serialize, ToSchema)]
pub struct PublicReviewView {
    pub id: ProductReviewId,
    pub product_id: ProductId,
    /// As it was called when it was bought.
    #[schema(max_length = 150, example = "Mật ong bạc hà")]
    pub product_title: String,
    #[schema(minimum = 1, maximum = 5)]
    pub stars: i32,
    #[schema(max_length = 2000, example = "Mật thơm, đóng gói cẩn thận.")]
    pub text: String,
    #[schema(max_items = 5)]
    pub photo_ids: Vec<PhotoId>,
    /// What the producer says to it.
    #[schema(max_length = 1000, example = "Cảm ơn anh chị đã ủng hộ.")]
    pub answer: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// When its author changed it last.
    pub edited_at: Option<DateTime<Utc>>,
}

/// A review, as its author and the operator see it.
#[derive(Serialize, ToSchema)]
pub struct PrivateReviewView {
    #[serde(flatten)]
    pub review: PublicReviewView,
    pub order_id: OrderId,
    pub status: ProductReviewStatus,
    /// Why nobody else sees it.
    pub hidden_reason: Option<HideReason>,
    #[schema(max_length = 500, example = "Có số điện thoại của người khác.")]
    pub hidden_note: Option<String>,
    /// What the author said to that.
    #[schema(max_length = 1000, example = "Đó là số của chính cơ sở.")]
    pub appeal: Option<String>,
    /// What the reader can do now: the last part of the route's path, or `edit`.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<ProductReviewEvent>,
    #[schema(minimum = 1)]
    pub version: i32,
}

/// How many reviews are hidden for a reason.
#[derive(Serialize, ToSchema)]
pub struct HiddenFigureView {
    pub reason: HideReason,
    #[schema(minimum = 1)]
    pub reviews: i64,
}

/// Exact figures of all visible reviews.
#[derive(Serialize, ToSchema)]
pub struct ReviewFiguresView {
    #[schema(minimum = 0)]
    pub reviews: i64,
    /// The sum of their stars.
    #[schema(minimum = 0)]
    pub stars: i64,
    /// The average in hundredths of a star; `null` when there is no review.
    #[schema(minimum = 100, maximum = 500, example = 467)]
    pub average_hundredths: Option<i64>,
    /// Reviews that the operator hid, by the reason of the law.
    #[schema(max_items = 10)]
    pub hidden: Vec<HiddenFigureView>,
}

/// A page of reviews, the newest first, with the figures of all.
#[derive(Serialize, ToSchema)]
pub struct ReviewsView {
    #[schema(max_items = 100)]
    pub data: Vec<PublicReviewView>,
    pub page: PageLinks,
    pub figures: ReviewFiguresView,
}

pub fn figures_view(tx: &mut Tx<'_>, of: Of) -> Result<ReviewFiguresView> {
    let Figures { reviews, stars } = store::figures(tx, of)?;
    let hidden = store::hidden(tx, of)?;
    let hidden = hidden.into_iter().map(|(reason, reviews)| HiddenFigureView { reason, reviews }).collect();
    Ok(ReviewFiguresView { reviews, stars, average_hundredths: average_hundredths(stars, reviews), hidden })
}

/// Reviews with their photos.
pub fn public_views(tx: &mut Tx<'_>, reviews: Vec<Review>) -> Result<Vec<PublicReviewView>> {
    let ids: Vec<Uuid> = reviews.iter().map(|review| review.id.0).collect();
    let photos = storage::photos_of(tx, ThingKind::Review, &ids)?;
    let with_photos = |review: Review| {
        let own = photos.iter().filter(|(id, _)| *id == review.id.0).map(|(_, photo)| *photo).collect();
        PublicReviewView::new(review, own)
    };
    Ok(reviews.into_iter().map(with_photos).collect())
}

/// Reviews as their author or the operator sees them.
pub fn private_views(tx: &mut Tx<'_>, reviews: Vec<Review>, author: Author) -> Result<Vec<PrivateReviewView>> {
    let shown = public_views(tx, reviews.clone())?;
    Ok(reviews.into_iter().zip(shown).map(|(review, shown)| PrivateReviewView::new(review, shown, author)).collect())
}

/// One review as its author or the operator sees it.
pub fn private_view(tx: &mut Tx<'_>, review: Review, author: Author) -> Result<PrivateReviewView> {
    private_views(tx, vec![review], author)?.pop().ok_or_else(|| Error::internal("a review vanished"))
}

/// One review as everybody sees it.
pub fn public_view(tx: &mut Tx<'_>, review: Review) -> Result<PublicReviewView> {
    public_views(tx, vec![review])?.pop().ok_or_else(|| Error::internal("a review vanished"))
}

impl PublicReviewView {
    fn new(review: Review, photo_ids: Vec<PhotoId>) -> Self {
        let Review {
            id,
            order_id: _,
            product_id,
            producer_id: _,
            buyer_account_id: _,
            product_title,
            stars,
            text,
            status: _,
            hidden_reason: _,
            hidden_note: _,
            appeal: _,
            answer,
            answered_at,
            version: _,
            created_at,
            edited_at,
        } = review;
        Self { id, product_id, product_title, stars, text, photo_ids, answer, answered_at, created_at, edited_at }
    }
}

impl PrivateReviewView {
    fn new(review: Review, shown: PublicReviewView, author: Author) -> Self {
        Self {
            order_id: review.order_id,
            status: review.status,
            hidden_reason: review.hidden_reason,
            hidden_note: review.hidden_note,
            appeal: review.appeal,
            allowed_actions: review.status.actions(author),
            version: review.version,
            review: shown,
        }
    }
}
