//! Typed identifiers: UUIDv7, so that rows sort by birth and pages need no extra column.

use diesel::sql_types::Uuid as SqlUuid;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::input::{FaultCode, Faults, Input};

macro_rules! typed_id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = SqlUuid)]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid, example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
        pub struct $name(pub Uuid);

        impl $name {
            #[expect(clippy::disallowed_methods, reason = "the one place where ids are made")]
            pub fn generate() -> Self { Self(Uuid::now_v7()) }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.hyphenated().fmt(f) }
        }

        impl diesel::serialize::ToSql<SqlUuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<SqlUuid, diesel::pg::Pg>::to_sql(&self.0, &mut out.reborrow())
            }
        }

        impl diesel::deserialize::FromSql<SqlUuid, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                Uuid::from_sql(bytes).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }

        impl Input for $name {
            fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
                let id = value.as_str().and_then(parse);
                if id.is_none() { at.add(FaultCode::Malformed, "UUID"); }
                id.map(Self)
            }
        }
    )+};
}

/// Only the canonical form: 36 characters, hyphens, either case. No braces, no `urn:`.
pub fn parse(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// Eight symbols from the random half of a fresh id, to say on the telephone: 40 bits of Crockford's alphabet, nothing that
/// is misheard or misread. The database refuses a double.
pub fn spoken_code(id: Uuid) -> String {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const LENGTH: u32 = 8;
    let bits = id.as_u128();
    let symbol = |place: u32| usize::try_from((bits >> place.saturating_mul(5)) & 31).ok().and_then(|n| SYMBOLS.get(n));
    (0..LENGTH).map(|place| symbol(place).map_or('0', |symbol| char::from(*symbol))).collect()
}

typed_id!(
    AccountId, SessionId, GrantId, OtpRequestId, ProducerId, ProductId, VariantId, CheckoutId, OrderId, PaymentId,
    AttemptId, CallbackId, CreditId, ReviewId, JobId, EventId, RefundId,
    TariffId, PickupPointId, ShipmentId, CarrierMessageId, CollectionRunId, StopId,
    VoucherId, QuoteId,
    LotId, HarvestId, ClaimId,
    HolidayId, ComplaintId, MessageId, ProductReviewId, PhotoId,
    NoticeId,
    WebhookEndpointId, WebhookEventId, WebhookDeliveryId,
    TransferId, FeeScheduleId,
    RefundTryId,
    BankAccountId, OutgoingId, OutgoingBatchId, OutgoingFileId,
    MappingId, SettlementFileId, SettlementLineId, ExceptionId, DecisionId, DecisionPostingId,
    TaxPeriodId, TaxDeclarationId, TaxPaymentId, TaxCertificateId,
    /// Made by the phone before it sends, so that a second try finds the first.
    ClientRef, RequestId,
);
