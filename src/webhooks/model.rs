use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_events};

use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, ProducerId, Result, Role, Tx, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};
use crate::{producers, refusals, text_enum};

/// Endpoints of one owner.
pub const ENDPOINTS_MAX: i64 = 10;

text_enum! {
    /// What happened. New ones are added; an endpoint that lists none gets them too.
    pub enum EventType {
        OrderPaid = "order.paid",
        /// To be paid in cash when it comes.
        OrderConfirmed = "order.confirmed",
        OrderAccepted = "order.accepted",
        OrderRefused = "order.refused",
        OrderCancelled = "order.cancelled",
        OrderPacked = "order.packed",
        OrderHandedOver = "order.handed_over",
        OrderDelivered = "order.delivered",
        OrderCompleted = "order.completed",
        OrderReturned = "order.returned",
        ClaimOpened = "claim.opened",
        ClaimDecided = "claim.decided",
        ComplaintReceived = "complaint.received",
        LotRecalled = "lot.recalled",
        ProductPublished = "product.published",
        ProducerApproved = "producer.approved",
    }
}

text_enum! {
    pub enum EndpointStatus {
        Active = "active",
        /// Switched off by its owner.
        Off = "off",
        /// It answered 410: it wants nothing any more.
        Gone = "gone",
    }
}

text_enum! {
    pub enum DeliveryStatus {
        Pending = "pending",
        Delivered = "delivered",
        /// Tried for two days; waits for a replay.
        Parked = "parked",
        /// Its endpoint was switched off meanwhile.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What can happen to an endpoint.
    pub enum EndpointEvent {
        SwitchOn = "switch-on",
        SwitchOff = "switch-off",
        GiveUp = "give-up",
    }
}

text_enum! {
    /// What can happen to an event on its way to an endpoint.
    pub enum DeliveryEvent {
        Deliver = "deliver",
        Park = "park",
        Cancel = "cancel",
        Replay = "replay",
    }
}

impl EndpointStatus {
    /// The only place where an endpoint moves. What its owner switched off is not given up for him.
    pub fn after(self, event: EndpointEvent) -> Option<EndpointStatus> {
        match (self, event) {
            (Self::Off | Self::Gone, EndpointEvent::SwitchOn) => Some(Self::Active),
            (Self::Active | Self::Gone, EndpointEvent::SwitchOff) => Some(Self::Off),
            (Self::Active, EndpointEvent::GiveUp) => Some(Self::Gone),
            _ => None,
        }
    }
}

impl DeliveryStatus {
    /// The only place where a delivery moves.
    pub fn after(self, event: DeliveryEvent) -> Option<DeliveryStatus> {
        match (self, event) {
            (Self::Pending, DeliveryEvent::Deliver) => Some(Self::Delivered),
            (Self::Pending, DeliveryEvent::Park) => Some(Self::Parked),
            (Self::Pending, DeliveryEvent::Cancel) => Some(Self::Cancelled),
            (Self::Delivered | Self::Parked | Self::Cancelled, DeliveryEvent::Replay) => Some(Self::Pending),
            _ => None,
        }
    }
}

refusals! {
    pub enum WebhookRefusal {
        TooManyEndpoints = 409 "webhooks.too_many_endpoints" "Đã có đủ 10 địa chỉ nhận sự kiện" "There are ten endpoints already",
        EndpointOff = 409 "webhooks.endpoint_off" "Địa chỉ nhận sự kiện đang tắt" "The endpoint is switched off",
        DeliveryPending = 409 "webhooks.delivery_pending" "Sự kiện này đang được gửi" "The event is on its way already",
    }
}

/// Whose endpoints and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Producer(ProducerId),
    /// The platform's operator and the province's systems: they are told of everything.
    Operator,
}

impl Owner {
    /// The one that the actor acts for.
    pub fn of(tx: &mut Tx<'_>) -> Result<Owner> {
        match tx.who.role {
            Role::Holder(Audience::Producer) => producers::registered(tx).map(Owner::Producer),
            Role::Holder(Audience::Operator) => Ok(Owner::Operator),
            _ => Err(CommonProblem::Forbidden.into()),
        }
    }

    pub fn producer_id(self) -> Option<ProducerId> {
        match self {
            Owner::Producer(id) => Some(id),
            Owner::Operator => None,
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = webhook_endpoints)]
pub struct Endpoint {
    pub id: WebhookEndpointId,
    pub url: String,
    pub event_types: Vec<Option<EventType>>,
    pub status: EndpointStatus,
    pub secret_generation: i32,
    pub previous_until: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = webhook_events)]
pub struct EventRow {
    pub id: WebhookEventId,
    pub event_type: EventType,
    pub body: String,
    pub occurred_at: DateTime<Utc>,
    pub txid: i64,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
pub struct DeliveryRow {
    pub id: WebhookDeliveryId,
    pub event_id: WebhookEventId,
    pub endpoint_id: WebhookEndpointId,
    pub status: DeliveryStatus,
    pub tries: i32,
    pub next_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// One try, as it was.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = webhook_attempts)]
pub struct AttemptRow {
    pub at: DateTime<Utc>,
    pub status: Option<i16>,
    pub error: Option<String>,
    pub took_ms: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_endpoints() {
        let mut table = String::new();
        for status in EndpointStatus::ALL {
            for event in EndpointEvent::ALL {
                let by = if *event == EndpointEvent::GiveUp { "platform" } else { "producer, operator" };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("endpoint_machine.txt"));
    }

    #[test]
    fn the_whole_table_of_deliveries() {
        let mut table = String::new();
        for status in DeliveryStatus::ALL {
            for event in DeliveryEvent::ALL {
                let by = if *event == DeliveryEvent::Replay { "producer, operator" } else { "platform" };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("delivery_machine.txt"));
    }
}
