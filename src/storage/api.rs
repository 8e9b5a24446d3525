//! Photos are sent as they are and shown in three sizes.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use serde::Serialize;
use sha2::Digest as _;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{KEPT_UNUSED, PHOTO_BYTES_MAX, PhotoSize, StorageRefusal};
use super::picture::{self, Picture};
use super::store::{self, Photo, Viewer};
use super::upload;
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    Answer, BuyerSurface, OperatorSurface, PathId, ProducerSurface, Query, Visitor, must_have_sound_key,
};
use crate::kernel::{Actor, Audience, Error, PhotoId, Result, Tx};

/// A photo never changes, but who may see it does.
const CACHED: &str = "private, max-age=31536000, immutable";
/// A review may be hidden, so its photos are not kept for long.
const CACHED_PUBLIC: &str = "public, max-age=300";

/// A JPEG, PNG or WebP file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 10_485_760)]
#[expect(dead_code, reason = "describes a body")]
struct PhotoFile(Vec<u8>);

/// A photo that was drawn anew.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 10_485_760)]
#[expect(dead_code, reason = "describes a body")]
struct JpegFile(Vec<u8>);

input! {
    /// Which size of a photo.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PhotoQuery {
        /// Pixels of the longer side, 800 by default.
        #[param(inline)]
        pub size: Option<PhotoSize>,
    }
}

/// A photo that can be used.
#[derive(Serialize, ToSchema)]
pub struct PhotoView {
    id: PhotoId,
    /// Pixels of the largest size.
    #[schema(minimum = 1, maximum = 1600)]
    width: i32,
    #[schema(minimum = 1, maximum = 1600)]
    height: i32,
    /// When it is deleted if nothing uses it.
    unused_until: DateTime<Utc>,
}

impl From<Photo> for PhotoView {
    fn from(photo: Photo) -> Self {
        let Photo { id, width, height, stored_at: _, created_at } = photo;
        Self { id, width, height, unused_until: created_at + KEPT_UNUSED }
    }
}

/// Send a photo.
///
/// The file itself is the body, at most 10 MB; what it says besides its picture is thrown away. Name the photo within
/// 24 hours where it belongs. The same file sent again is the same photo as long as nothing uses it.
#[utoipa::path(tag = "Photos", operation_id = "send_photo",
    request_body(content((inline(PhotoFile) = "image/jpeg"), (inline(PhotoFile) = "image/png"), (inline(PhotoFile) = "image/webp"))),
    responses((status = 201, body = PhotoView, description = "The photo"),
              (status = 200, body = PhotoView, description = "The photo that was sent before")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("none")),
               ("x-problems" = json!(["storage.not_a_photo", "storage.broken_photo", "storage.too_many_pixels",
                                      "storage.animated", "storage.too_many_today"]))))]
#[post("/v1/buyer/photos")]
async fn send_photo(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    payload: Payload,
) -> Result<HttpResponse> {
    app.db
        .read(&actor.0, |tx| {
            tx.who.must(Audience::Buyer)?;
            upload::may_send(tx).map(drop)
        })
        .await?;
    must_have_sound_key(&request)?;
    must_be_photo(&request)?;
    let bytes = {
        let _permit = app.photos.upload_permit().await?;
        received(payload).await?
    };
    let sha256 = sha2::Sha256::digest(&bytes).to_vec();
    let picture = {
        let _permit = app.photos.drawing_permit().await?;
        tokio::task::spawn_blocking(move || picture::draw(&bytes)).await.map_err(Error::internal)??
    };
    stored(&app, &actor.0, sha256, std::sync::Arc::new(picture)).await
}

/// What the client says; the content decides afterwards.
fn must_be_photo(request: &HttpRequest) -> Result<()> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "image/jpeg" | "image/png" | "image/webp") {
        return Err(StorageRefusal::NotAPhoto.into());
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > PHOTO_BYTES_MAX) {
        return Err(CommonProblem::BodyTooLarge.into());
    }
    Ok(())
}

async fn received(mut payload: Payload) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| StorageRefusal::Broken)?;
        if bytes.len().saturating_add(part.len()) > PHOTO_BYTES_MAX {
            return Err(CommonProblem::BodyTooLarge.into());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The row, then the files, then the word that they are there.
async fn stored(
    app: &Data<App>,
    actor: &Actor,
    sha256: Vec<u8>,
    picture: std::sync::Arc<Picture>,
) -> Result<HttpResponse> {
    let drawn = picture.clone();
    let photo = app.db.write(actor, move |tx| upload::begin(tx, &sha256, &drawn)).await?;
    if photo.stored_at.is_some() {
        return Ok(Answer::ok(&PhotoView::from(photo))?.into_response());
    }
    let (held, id) = (app.clone(), photo.id);
    tokio::task::spawn_blocking(move || held.photos.write(id, &picture)).await.map_err(Error::internal)??;
    app.db.write(actor, move |tx| upload::finish(tx, id)).await?;
    let location = format!("/v1/buyer/photos/{id}");
    Ok(Answer::created(&PhotoView::from(photo), location)?.into_response())
}

async fn shown(
    app: &Data<App>,
    actor: &Actor,
    (id, query): (PhotoId, PhotoQuery),
    cached: &'static str,
    viewer: fn(&Tx<'_>) -> Result<Viewer>,
) -> Result<HttpResponse> {
    let size = query.size.unwrap_or(PhotoSize::Medium);
    app.db
        .read(actor, move |tx| {
            let viewer = viewer(tx)?;
            store::must_see(tx, viewer, id)
        })
        .await?;
    let held = app.clone();
    let file = tokio::task::spawn_blocking(move || held.photos.read(id, size)).await.map_err(Error::internal)??;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")))
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static(cached)))
        .body(file))
}

/// Show one of my photos.
///
/// Used or not.
#[utoipa::path(tag = "Photos", operation_id = "show_buyer_photo", params(("id" = PhotoId, Path, description = "The photo"), PhotoQuery),
    responses((status = 200, content_type = "image/jpeg", body = inline(JpegFile), description = "The photo")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/photos/{id}")]
async fn show_buyer_photo(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<PhotoId>,
    query: Query<PhotoQuery>,
) -> Result<HttpResponse> {
    shown(&app, &actor.0, (id.0, query.0), CACHED, |tx| tx.who.must(Audience::Buyer).map(Viewer::Owner)).await
}

/// Show a photo of what is said about my orders.
///
/// Of a complaint or a review.
#[utoipa::path(tag = "Photos", operation_id = "show_producer_photo", params(("id" = PhotoId, Path, description = "The photo"), PhotoQuery),
    responses((status = 200, content_type = "image/jpeg", body = inline(JpegFile), description = "The photo")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/photos/{id}")]
async fn show_producer_photo(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<PhotoId>,
    query: Query<PhotoQuery>,
) -> Result<HttpResponse> {
    shown(&app, &actor.0, (id.0, query.0), CACHED, |tx| {
        tx.who.must(Audience::Producer)?;
        tx.who.producer_id.map(Viewer::Producer).ok_or_else(|| CommonProblem::NotFound.into())
    })
    .await
}

/// Show a photo that something uses.
///
/// Of a complaint or a review.
#[utoipa::path(tag = "Photos", operation_id = "show_operator_photo", params(("id" = PhotoId, Path, description = "The photo"), PhotoQuery),
    responses((status = 200, content_type = "image/jpeg", body = inline(JpegFile), description = "The photo")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/photos/{id}")]
async fn show_operator_photo(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<PhotoId>,
    query: Query<PhotoQuery>,
) -> Result<HttpResponse> {
    shown(&app, &actor.0, (id.0, query.0), CACHED, |tx| tx.who.must(Audience::Operator).map(|_| Viewer::Operator)).await
}

/// Show a photo of a review.
///
/// As long as the review is visible.
#[utoipa::path(tag = "Photos", operation_id = "show_public_photo", params(("id" = PhotoId, Path, description = "The photo"), PhotoQuery),
    responses((status = 200, content_type = "image/jpeg", body = inline(JpegFile), description = "The photo")))]
#[get("/v1/public/photos/{id}")]
async fn show_public_photo(
    app: Data<App>,
    actor: Visitor,
    id: PathId<PhotoId>,
    query: Query<PhotoQuery>,
) -> Result<HttpResponse> {
    shown(&app, &actor.0, (id.0, query.0), CACHED_PUBLIC, |_| Ok(Viewer::Anybody)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(send_photo)
        .service(show_buyer_photo)
        .service(show_producer_photo)
        .service(show_operator_photo)
        .service(show_public_photo);
}
