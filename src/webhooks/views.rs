//! What endpoints, deliveries and events look like outside, and what both surfaces do with them alike.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::endpoints::{self, Wish};
use super::model::{
    AttemptRow, DeliveryRow, DeliveryStatus, Endpoint, EndpointEvent, EndpointStatus, EventRow, EventType, Owner,
};
use super::{guard, signature, store};
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{Answer, Cursor, Page, PageLinks};
use crate::kernel::input::{FaultCode, Faults, Field, Input, Moment, Opaque, Whole};
use crate::kernel::{Actor, Error, Result, Secret, Tx, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};

/// Rows of a page, unless asked otherwise.
const PAGE_ROWS: i32 = 20;
/// Tries that are shown of a delivery: two rounds.
const ATTEMPTS_SHOWN: i64 = 20;

/// Where events are sent to: https, and a name that everybody can resolve.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = String, format = "uri", example = "https://hooks.example.vn/ocop", min_length = 12, max_length = 500,
    pattern = r"^https://([a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?\.)+[a-z]{2,20}(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~/-]*)?(\?[A-Za-z0-9._~=&-]*)?$")]
pub struct EndpointUrl(String);

impl Input for EndpointUrl {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let url = value.as_str().filter(|text| (1..=guard::URL_MAX).contains(&text.len()));
        if url.is_none() {
            at.add(FaultCode::Malformed, "https://…");
        }
        url.map(|text| EndpointUrl(text.to_owned()))
    }
}

/// Types of events; none for all.
#[derive(Debug, Clone, ToSchema)]
#[schema(max_items = 100)]
pub struct EventTypes(Vec<EventType>);

impl Input for EventTypes {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        Vec::<EventType>::read_field(Some(value), at).map(EventTypes)
    }
}

crate::text_enum! {
    /// Whether an endpoint is sent anything.
    pub enum Switch {
        Active = "active",
        Off = "off",
    }
}

crate::input! {
    /// A new endpoint.
    pub struct NewEndpoint {
        pub url: EndpointUrl,
        /// Left out or empty for all, also those that are added later.
        pub event_types: Option<EventTypes>,
    }
}

crate::input! {
    /// What is changed of an endpoint.
    pub struct EndpointChange {
        pub url: Option<EndpointUrl>,
        pub event_types: Option<EventTypes>,
        /// `active` also for one that had answered 410.
        pub status: Option<Switch>,
    }
}

crate::input! {
    /// From when on.
    pub struct ReplaySince {
        pub since: Moment,
    }
}

crate::input! {
    /// Which deliveries.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct WebhookDeliveryWish {
        /// Of one endpoint only.
        pub endpoint_id: Option<WebhookEndpointId>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

crate::input! {
    /// Which events.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct EventWish {
        /// Events of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// The `next_cursor` that came last; without it, from the oldest that is kept.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// An endpoint.
#[derive(Serialize, ToSchema)]
pub struct EndpointView {
    id: WebhookEndpointId,
    #[schema(example = "https://hooks.example.vn/ocop", max_length = 500)]
    url: String,
    /// None for all.
    #[schema(max_items = 100)]
    event_types: Vec<EventType>,
    status: EndpointStatus,
    /// Until then the secret before the last rotation signs too.
    previous_secret_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    #[schema(minimum = 1)]
    version: i32,
}

impl EndpointView {
    fn of(endpoint: Endpoint) -> EndpointView {
        let Endpoint { id, url, event_types, status, previous_until, version, created_at, .. } = endpoint;
        let event_types = event_types.into_iter().flatten().collect();
        EndpointView { id, url, event_types, status, previous_secret_until: previous_until, created_at, version }
    }

    fn versioned(endpoint: Endpoint) -> Result<Answer> {
        let version = endpoint.version;
        Ok(Answer::ok(&EndpointView::of(endpoint))?.versioned(version))
    }
}

/// The endpoints of an owner: at most ten.
#[derive(Serialize, ToSchema)]
pub struct EndpointList {
    #[schema(max_items = 10)]
    data: Vec<EndpointView>,
}

/// `whsec_` and base64.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", max_length = 60)]
pub struct SigningSecret(String);

/// What signs an endpoint's events.
#[derive(Serialize, ToSchema)]
pub struct EndpointSecrets {
    /// By the Standard Webhooks specification; the newest first, the one before for a day after a rotation.
    #[schema(max_items = 2)]
    secrets: Vec<SigningSecret>,
}

/// An event on its way to one endpoint.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryView {
    id: WebhookDeliveryId,
    event_id: WebhookEventId,
    event_type: EventType,
    endpoint_id: WebhookEndpointId,
    status: DeliveryStatus,
    /// Since it was first sent or last replayed.
    #[schema(minimum = 0, maximum = 20)]
    tries: i32,
    /// When the next try comes.
    next_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl WebhookDeliveryView {
    fn of(row: DeliveryRow, event_type: EventType) -> WebhookDeliveryView {
        let DeliveryRow { id, event_id, endpoint_id, status, tries, next_at, created_at, ended_at } = row;
        WebhookDeliveryView { id, event_id, event_type, endpoint_id, status, tries, next_at, created_at, ended_at }
    }
}

/// One try.
#[derive(Serialize, ToSchema)]
pub struct WebhookAttemptView {
    at: DateTime<Utc>,
    /// What the endpoint answered.
    #[schema(minimum = 100, maximum = 999)]
    status: Option<i16>,
    /// What broke, when it did not answer.
    #[schema(example = "timeout", max_length = 40)]
    error: Option<String>,
    #[schema(minimum = 0)]
    took_ms: i32,
}

/// A delivery with its tries and what is sent.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryDetail {
    #[serde(flatten)]
    delivery: WebhookDeliveryView,
    /// In their order; the last 20.
    #[schema(max_items = 20)]
    attempts: Vec<WebhookAttemptView>,
    /// The body, as it was made when it happened.
    #[schema(value_type = Object)]
    event: Value,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// The same as in `webhook-id`.
    id: WebhookEventId,
    r#type: EventType,
    timestamp: DateTime<Utc>,
    /// What was so at that moment.
    #[schema(value_type = Object)]
    data: Value,
}

impl EventView {
    fn of(row: EventRow) -> Result<EventView> {
        let mut body: Value = serde_json::from_str(&row.body).map_err(Error::internal)?;
        let data = body.get_mut("data").map(Value::take).unwrap_or_default();
        Ok(EventView { id: row.id, r#type: row.event_type, timestamp: row.occurred_at, data })
    }
}

/// How many deliveries begin again.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    #[schema(minimum = 0, maximum = 500)]
    deliveries: i32,
}

pub fn list_endpoints(tx: &mut Tx<'_>) -> Result<EndpointList> {
    Ok(EndpointList { data: endpoints::list(tx)?.into_iter().map(EndpointView::of).collect() })
}

/// With its version, for the header.
pub fn show_endpoint(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<(i32, EndpointView)> {
    let endpoint = endpoints::find(tx, id)?;
    Ok((endpoint.version, EndpointView::of(endpoint)))
}

pub fn create_endpoint(tx: &mut Tx<'_>, to_local: bool, base: &str, input: NewEndpoint) -> Result<Answer> {
    let event_types = input.event_types.map(|types| types.0).unwrap_or_default();
    let wish = Wish { url: input.url.0, event_types, status: EndpointStatus::Active };
    let endpoint = endpoints::create(tx, to_local, &wish)?;
    let (location, version) = (format!("{base}/{}", endpoint.id), endpoint.version);
    Ok(Answer::created(&EndpointView::of(endpoint), location)?.versioned(version))
}

pub fn change_endpoint(
    tx: &mut Tx<'_>,
    to_local: bool,
    (id, version): (WebhookEndpointId, i32),
    input: EndpointChange,
) -> Result<Answer> {
    let seen = endpoints::find(tx, id)?;
    let event = input.status.map(|switch| match switch {
        Switch::Active => EndpointEvent::SwitchOn,
        Switch::Off => EndpointEvent::SwitchOff,
    });
    let wish = Wish {
        url: input.url.map_or_else(|| seen.url.clone(), |url| url.0),
        event_types: input
            .event_types
            .map_or_else(|| seen.event_types.iter().flatten().copied().collect(), |types| types.0),
        // Switching on what is on changes nothing.
        status: event.and_then(|event| seen.status.after(event)).unwrap_or(seen.status),
    };
    if seen.version == version
        && let Some(changed) = endpoints::change(tx, to_local, &seen, &wish)?
    {
        return EndpointView::versioned(changed);
    }
    let current = EndpointView::of(endpoints::find(tx, id)?);
    Err(Error::from(CommonProblem::VersionStale).with("current", json!(current)))
}

pub fn remove_endpoint(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<Answer> {
    endpoints::remove(tx, id)?;
    Ok(Answer { status: 204, body: String::new(), location: None, etag: None })
}

pub fn rotate_secret(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<Answer> {
    EndpointView::versioned(endpoints::rotate(tx, id)?)
}

pub fn show_secrets(tx: &mut Tx<'_>, key: &Secret, id: WebhookEndpointId) -> Result<EndpointSecrets> {
    let endpoint = endpoints::find(tx, id)?;
    let generations = signature::generations(&endpoint, tx.now);
    let secrets =
        generations.into_iter().map(|generation| signature::secret_text(key, id, generation).map(SigningSecret));
    Ok(EndpointSecrets { secrets: secrets.collect::<Result<_>>()? })
}

pub fn replay_since(tx: &mut Tx<'_>, id: WebhookEndpointId, input: ReplaySince) -> Result<Answer> {
    let replayed = super::replay::replay_since(tx, id, input.since.0)?;
    Answer::ok(&Replayed { deliveries: i32::try_from(replayed).unwrap_or(i32::MAX) })
}

pub fn replay_one(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<Answer> {
    let row = super::replay::replay_one(tx, id)?;
    let event = store::event_of(tx, row.event_id)?;
    Answer::ok(&WebhookDeliveryView::of(row, event.event_type))
}

pub async fn list_deliveries(app: &App, actor: &Actor, wish: WebhookDeliveryWish) -> Result<Page<WebhookDeliveryView>> {
    let WebhookDeliveryWish { endpoint_id, limit, cursor } = wish;
    let limit = limit.map_or(PAGE_ROWS, Whole::value);
    let of = endpoint_id.map(|id| id.to_string()).unwrap_or_default();
    let place = Cursor::new(&app.config.cursor_key, format!("webhook-deliveries:{of}"));
    let before: Option<Uuid> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let look = move |tx: &mut Tx<'_>| {
        let owner = Owner::of(tx)?;
        store::deliveries(tx, owner, endpoint_id, before, i64::from(limit).saturating_add(1))
    };
    let rows = app.db.read(actor, look).await?;
    let views = rows.into_iter().map(|(row, event_type)| WebhookDeliveryView::of(row, event_type)).collect();
    place.page(views, usize::try_from(limit).unwrap_or(1), |view: &WebhookDeliveryView| view.id.0)
}

pub fn show_delivery(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<WebhookDeliveryDetail> {
    let owner = Owner::of(tx)?;
    let row = store::delivery(tx, owner, id)?.ok_or(CommonProblem::NotFound)?;
    let event = store::event_of(tx, row.event_id)?;
    let attempts = store::attempts(tx, id, ATTEMPTS_SHOWN)?;
    let attempts = attempts.into_iter().map(|attempt| {
        let AttemptRow { at, status, error, took_ms } = attempt;
        WebhookAttemptView { at, status, error, took_ms }
    });
    Ok(WebhookDeliveryDetail {
        attempts: attempts.collect(),
        event: serde_json::from_str(&event.body).map_err(Error::internal)?,
        delivery: WebhookDeliveryView::of(row, event.event_type),
    })
}

/// The cursor is there as soon as there was an event, and comes back when there is nothing new.
pub async fn list_events(app: &App, actor: &Actor, wish: EventWish) -> Result<Page<EventView>> {
    let limit = i64::from(wish.limit.map_or(PAGE_ROWS, Whole::value));
    let place = Cursor::new(&app.config.cursor_key, "webhook-events".to_owned());
    let after: Option<(i64, Uuid)> = place.read(wish.cursor.as_ref().map(Opaque::expose))?;
    let look = move |tx: &mut Tx<'_>| {
        let owner = Owner::of(tx)?;
        store::events(tx, owner, after.unwrap_or_default(), limit)
    };
    let rows = app.db.read(actor, look).await?;
    let reached = rows.last().map(|row| (row.txid, row.id.0)).or(after);
    let next_cursor = reached.map(|reached| place.write(&reached)).transpose()?;
    let data = rows.into_iter().map(EventView::of).collect::<Result<Vec<_>>>()?;
    Ok(Page { data, page: PageLinks { next_cursor } })
}
