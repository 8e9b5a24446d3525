//! Routes of one's own inbox. They stand below `/v1/auth`, the one base that takes a token of any audience, beside the
//! account and its sessions: an inbox is a person's, whichever surface the person has open.

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::inbox::{self, Look};
use super::model::{Group, Language, NoticeRow, Topic};
use super::stream::{Saying, Stream};
use super::templates;
use crate::app::App;
use crate::kernel::http::{
    self, Answer, AnyPerson, Command, Cursor, KeyRule, NoBody, Page, PathId, Query, wants_english,
};
use crate::kernel::ids;
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Error, NoticeId, Result};

/// Rows of a page, unless asked otherwise.
const PAGE_ROWS: i32 = 20;
/// Milliseconds after which a client comes again when its stream broke.
const RECONNECT_MS: u32 = 3000;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_notices)
        .service(stream_notices)
        .service(count_unread_notices)
        .service(read_notice)
        .service(read_notices);
}

crate::input! {
    /// Which notices.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct NoticeWish {
        /// `true` for those that were not read yet.
        #[param(inline)]
        pub unread: Option<bool>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

crate::input! {
    /// Up to where an inbox was read.
    pub struct ReadNotices {
        /// The newest notice that the person has seen.
        pub up_to: NoticeId,
    }
}

/// Something that a person is told.
#[derive(Serialize, ToSchema)]
pub struct NoticeView {
    pub id: NoticeId,
    pub topic: Topic,
    pub group: Group,
    /// What it is about: an order, a product, a complaint, by its topic.
    #[schema(example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    pub object_id: Uuid,
    /// In the language of `Accept-Language`.
    #[schema(example = "Đơn hàng mới", max_length = 200)]
    pub title: String,
    /// Plain text.
    #[schema(example = "Đơn HG-1 đã được thanh toán 450.000 đ.", max_length = 2000)]
    pub text: String,
    /// What the text names, for programs: `order_code`, `total_vnd`, `accept_by` and the like.
    #[schema(value_type = Object)]
    pub facts: Value,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

impl NoticeView {
    fn of(row: NoticeRow, language: Language) -> Result<NoticeView> {
        let (title, text) = row.words(language)?;
        let group = templates::of(row.topic)?.group;
        let NoticeRow { id, topic, object_id, facts, created_at, read_at, .. } = row;
        Ok(NoticeView { id, topic, group, object_id, title, text, facts, created_at, read_at })
    }
}

/// How many notices were marked.
#[derive(Serialize, ToSchema)]
pub struct ReadCount {
    #[schema(minimum = 0)]
    pub marked: i32,
}

/// How many notices wait.
#[derive(Serialize, ToSchema)]
pub struct UnreadCount {
    #[schema(minimum = 0, maximum = 1000)]
    pub unread: i32,
}

/// Server-sent events.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 1_000_000,
    example = "retry: 3000\n\nid: 01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b\nevent: notice\ndata: {}\n\n")]
#[expect(dead_code, reason = "describes text")]
struct EventStream(String);

/// The language that a person reads.
struct Reads(Language);

impl FromRequest for Reads {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let language = if wants_english(request) { Language::English } else { Language::Vietnamese };
        std::future::ready(Ok(Reads(language)))
    }
}

/// List one's notices, the newest first.
///
/// The inbox of the person, whichever surface the token opens. Notices are kept for 180 days.
#[utoipa::path(tag = "Notices", operation_id = "list_notices", params(NoticeWish),
    responses((status = 200, body = Page<NoticeView>, description = "Notices")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/auth/notices")]
async fn list_notices(
    app: Data<App>,
    actor: AnyPerson,
    reads: Reads,
    request: HttpRequest,
    wish: Query<NoticeWish>,
) -> Result<HttpResponse> {
    let NoticeWish { unread, limit, cursor } = wish.0;
    let (limit, only_unread) = (limit.map_or(PAGE_ROWS, Whole::value), unread == Some(true));
    let place = Cursor::new(&app.config.cursor_key, format!("notices:{only_unread}"));
    let before: Option<Uuid> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let rows_max = i64::from(limit).saturating_add(1);
    let look = Look { only_unread, before: before.map(NoticeId), rows_max };
    let rows = app.db.read(&actor.0, move |tx| inbox::list(tx, look)).await?;
    let views = rows.into_iter().map(|row| NoticeView::of(row, reads.0)).collect::<Result<Vec<_>>>()?;
    let page = place.page(views, usize::try_from(limit).unwrap_or(1), |view: &NoticeView| view.id.0)?;
    http::json(&request, None, &page)
}

/// Follow one's notices as they come.
///
/// Server-sent events: each has the notice's id and, as data, the notice as in the list. With `Last-Event-ID` the stream
/// begins after that notice, without gap or repetition; without it, with what is told from now on, so open it before
/// listing: what comes both ways has one id. Lines that begin with a colon are signs of life. It ends with the session, when the server ends, and after an
/// hour; come again with the last id. At most five at a time for an account.
#[utoipa::path(tag = "Notices", operation_id = "stream_notices",
    params(("Last-Event-ID" = Option<NoticeId>, Header, description = "The notice that came last")),
    responses((status = 200, body = inline(EventStream), content_type = "text/event-stream", description = "Events of the type `notice`")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-problems" = json!(["not_found", "notifications.too_many_streams"]))))]
#[get("/v1/auth/notices/stream")]
async fn stream_notices(app: Data<App>, actor: AnyPerson, reads: Reads, request: HttpRequest) -> Result<HttpResponse> {
    let last = request.headers().get("last-event-id").map(|value| value.to_str().ok().and_then(ids::parse));
    // What is no id names no notice.
    let last = last.map(|id| NoticeId(id.unwrap_or_else(Uuid::nil)));
    let stream = Stream::open(app.into_inner(), actor.0, last).await?;
    let opened = futures_util::stream::once(async {
        Ok::<_, actix_web::Error>(Bytes::from(format!("retry: {RECONNECT_MS}\n\n")))
    });
    let said = futures_util::stream::unfold(stream, move |mut stream| async move {
        let saying = stream.next().await?;
        Some((written(saying, reads.0).map(Bytes::from).map_err(actix_web::Error::from), stream))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        // Packed, it would wait for more; so would a proxy that collects.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(futures_util::StreamExt::chain(opened, said)))
}

/// As bytes of the stream. JSON has no line break within.
fn written(saying: Saying, language: Language) -> Result<String> {
    let Saying::News(rows) = saying else { return Ok(":\n\n".to_owned()) };
    let mut text = String::new();
    for row in rows {
        let view = NoticeView::of(row, language)?;
        let data = serde_json::to_string(&view).map_err(Error::internal)?;
        text.push_str(&format!("id: {}\nevent: notice\ndata: {data}\n\n", view.id));
    }
    Ok(text)
}

/// Count one's unread notices.
///
/// Those that the list shows with `unread=true`; more than 1,000 are counted as 1,000.
#[utoipa::path(tag = "Notices", operation_id = "count_unread_notices",
    responses((status = 200, body = UnreadCount, description = "How many wait")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[get("/v1/auth/notices/unread-count")]
async fn count_unread_notices(request: HttpRequest, app: Data<App>, actor: AnyPerson) -> Result<HttpResponse> {
    let unread = app.db.read(&actor.0, inbox::count_unread).await?;
    http::json(&request, None, &UnreadCount { unread })
}

/// Mark a notice as read.
///
/// A second time changes nothing.
#[utoipa::path(tag = "Notices", operation_id = "read_notice", request_body = NoBody,
    params(("id" = NoticeId, Path, description = "The notice")),
    responses((status = 200, body = NoticeView, description = "The notice, read")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-problems" = json!(["not_found"]))))]
#[post("/v1/auth/notices/{id}/read")]
async fn read_notice(
    app: Data<App>,
    actor: AnyPerson,
    reads: Reads,
    id: PathId<NoticeId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            Answer::ok(&NoticeView::of(inbox::read_one(tx, id.0)?, reads.0)?)
        })
        .await
}

/// Mark notices as read up to one that was seen.
///
/// What came after it stays unread.
#[utoipa::path(tag = "Notices", operation_id = "read_notices", request_body = ReadNotices,
    responses((status = 200, body = ReadCount, description = "How many were marked")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[post("/v1/auth/notices/read")]
async fn read_notices(app: Data<App>, actor: AnyPerson, command: Command<ReadNotices>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, input| {
            let marked = inbox::read_up_to(tx, input.up_to)?;
            Answer::ok(&ReadCount { marked: i32::try_from(marked).unwrap_or(i32::MAX) })
        })
        .await
}
