use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::pickup_points;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::{PickupPointId, ProducerId};
use crate::places::CommuneCode;
use crate::shipping::model::PointKind;

/// A place where buyers fetch goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = pickup_points)]
pub struct PickupPoint {
    pub id: PickupPointId,
    pub kind: PointKind,
    /// Of a stall.
    pub producer_id: Option<ProducerId>,
    #[schema(example = "Chợ trung tâm Đồng Văn", max_length = 120)]
    pub name: String,
    pub commune_code: CommuneCode,
    #[schema(max_length = 200)]
    pub address: String,
    /// When it is open, as people say it.
    #[schema(example = "7 giờ đến 17 giờ, trừ Chủ nhật", max_length = 200)]
    pub opening: String,
    /// Whether chilled and frozen goods can wait there.
    pub keeps_cold: bool,
}

/// A row as it stands.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = pickup_points)]
pub struct PointRow {
    #[diesel(embed)]
    pub point: PickupPoint,
    pub closed_at: Option<DateTime<Utc>>,
    pub version: i32,
}
