use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::Value;
use utoipa::ToSchema;

use crate::kernel::PhotoId;
use crate::kernel::input::{FaultCode, Faults, Field as _, Input, List};
use crate::{refusals, text_enum};

/// Bytes of a photo that is sent.
pub const PHOTO_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Photos of one complaint or review.
pub const PHOTOS_MAX: usize = 5;
/// Photos that one account sends within a day.
pub const PHOTOS_PER_DAY_MAX: i64 = 40;
/// How long a photo waits to be used.
pub const KEPT_UNUSED: TimeDelta = TimeDelta::hours(24);

refusals! {
    pub enum StorageRefusal {
        NotAPhoto = 415 "storage.not_a_photo" "Chỉ nhận ảnh JPEG, PNG hoặc WebP" "Only JPEG, PNG and WebP photos are accepted",
        Broken = 422 "storage.broken_photo" "Ảnh bị hỏng hoặc chưa gửi hết" "The photo is broken or incomplete",
        TooManyPixels = 422 "storage.too_many_pixels" "Ảnh có quá nhiều điểm ảnh" "The photo has too many pixels",
        Animated = 422 "storage.animated" "Không nhận ảnh động" "Animated pictures are not accepted",
        TooManyToday = 429 "storage.too_many_today" "Bạn đã gửi quá nhiều ảnh trong ngày" "Too many photos within a day",
    }
}

text_enum! {
    /// What a photo belongs to.
    pub enum ThingKind {
        Complaint = "complaint",
        Review = "review",
        Claim = "claim",
    }
}

text_enum! {
    /// The longer side of a photo in pixels, if it was that long.
    pub enum PhotoSize {
        Small = "320",
        Medium = "800",
        Large = "1600",
    }
}

impl PhotoSize {
    pub fn pixels(self) -> u32 {
        match self {
            Self::Small => 320,
            Self::Medium => 800,
            Self::Large => 1600,
        }
    }
}

/// Photos of one's own that are not used yet, at most 5, each once.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = BTreeSet<PhotoId>, max_items = 5)]
pub struct PhotoIds(pub Vec<PhotoId>);

impl Input for PhotoIds {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let ids = List::<PhotoId, PHOTOS_MAX>::read_field(Some(value), at)?.into_vec();
        let distinct: BTreeSet<&PhotoId> = ids.iter().collect();
        if distinct.len() < ids.len() {
            at.add(FaultCode::Duplicate, "");
            return None;
        }
        Some(Self(ids))
    }
}
