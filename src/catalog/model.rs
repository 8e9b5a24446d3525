//! Products, and what may become of them.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::kernel::input::{Fault, FaultCode, Faults, Input};
use crate::kernel::{Error, Result, Vnd};
use crate::{refusals, text_enum};

/// Live variants that one product has at most.
pub const VARIANTS_MAX: usize = 20;

refusals! {
    /// Why an offer is refused.
    pub enum CatalogRefusal {
        NotEditable = 409 "catalog.not_editable" "Sản phẩm không sửa được ở trạng thái này" "The product cannot be edited in this status",
        ActionNotAllowed = 409 "catalog.action_not_allowed" "Trạng thái sản phẩm không cho phép thao tác này" "The product's status does not allow this action",
        NoVariant = 409 "catalog.no_variant" "Sản phẩm cần ít nhất một loại đang bán" "The product needs at least one live variant",
        TooManyVariants = 409 "catalog.too_many_variants" "Một sản phẩm có tối đa 20 loại đang bán" "A product has at most 20 live variants",
    }
}

text_enum! {
    /// What one piece of a variant is sold by.
    pub enum Unit {
        Kg = "kg",
        G = "g",
        L = "l",
        Ml = "ml",
        Box = "box",
        Bag = "bag",
        Bottle = "bottle",
        Jar = "jar",
        Bunch = "bunch",
        Piece = "piece",
        Metre = "metre",
        /// A service: weighs nothing.
        Visit = "visit",
    }
}

text_enum! {
    pub enum ProductStatus {
        Draft = "draft",
        PendingReview = "pending_review",
        NeedsChanges = "needs_changes",
        Rejected = "rejected",
        Published = "published",
        Paused = "paused",
        Archived = "archived",
    }
}

text_enum! {
    /// What can happen to a product. The text is the name of the action.
    pub enum ProductEvent {
        Edit = "edit",
        Submit = "submit",
        Pause = "pause",
        Resume = "resume",
        Archive = "archive",
        Publish = "publish",
        Reject = "reject",
        RequestChanges = "request-changes",
    }
}

impl ProductEvent {
    fn is_of_operator(self) -> bool {
        matches!(self, Self::Publish | Self::Reject | Self::RequestChanges)
    }
}

impl ProductStatus {
    /// The only place where a status moves. Nothing is edited under the eyes of the operator, so that what was
    /// reviewed is what is published.
    pub fn after(self, event: ProductEvent) -> Option<ProductStatus> {
        use ProductEvent::{Archive, Edit, Pause, Publish, Reject, RequestChanges, Resume, Submit};
        use ProductStatus::{Archived, Draft, NeedsChanges, Paused, PendingReview, Published, Rejected};
        match (self, event) {
            (Draft | NeedsChanges, Edit) => Some(self),
            (Published | Paused, Edit) => Some(PendingReview),
            (Draft | NeedsChanges, Submit) => Some(PendingReview),
            (PendingReview, Publish) => Some(Published),
            (PendingReview, Reject) => Some(Rejected),
            (PendingReview, RequestChanges) => Some(NeedsChanges),
            (Published, Pause) => Some(Paused),
            (Paused, Resume) => Some(Published),
            (Draft | PendingReview | NeedsChanges | Rejected | Published | Paused, Archive) => Some(Archived),
            _ => None,
        }
    }

    pub fn actions_of_producer(self) -> Vec<ProductEvent> {
        self.actions(false)
    }

    pub fn actions_of_operator(self) -> Vec<ProductEvent> {
        self.actions(true)
    }

    fn actions(self, of_operator: bool) -> Vec<ProductEvent> {
        let fits = |event: &&ProductEvent| event.is_of_operator() == of_operator && self.after(**event).is_some();
        ProductEvent::ALL.iter().filter(fits).copied().collect()
    }

    /// The status after the event, or the refusal with what is allowed instead.
    pub fn moved(self, event: ProductEvent) -> Result<ProductStatus> {
        self.after(event).ok_or_else(|| self.refusal(event))
    }

    pub fn refusal(self, event: ProductEvent) -> Error {
        let refusal =
            if event == ProductEvent::Edit { CatalogRefusal::NotEditable } else { CatalogRefusal::ActionNotAllowed };
        let allowed = self.actions(event.is_of_operator());
        Error::from(refusal).with("current_status", self.as_str()).with("allowed_actions", json!(allowed))
    }

    /// Variants may be added and changed unless the product has come to its end.
    pub fn must_take_variants(self) -> Result<()> {
        match self {
            Self::Rejected | Self::Archived => Err(self.refusal(ProductEvent::Edit)),
            _ => Ok(()),
        }
    }

    /// Whether buyers rely on it, now or after a resume, or the operator is looking at it.
    pub fn needs_a_variant(self) -> bool {
        matches!(self, Self::PendingReview | Self::Published | Self::Paused)
    }
}

/// The price of one unit: 1,000 to 1,000,000,000 đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = i64, minimum = 1_000, maximum = 1_000_000_000, example = 125_000)]
#[serde(transparent)]
pub struct Price(Vnd);

impl Price {
    const MIN: i64 = 1_000;
    const MAX: i64 = 1_000_000_000;

    pub fn vnd(self) -> Vnd {
        self.0
    }
}

impl Input for Price {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        match Vnd::new(amount) {
            Some(vnd) if (Self::MIN..=Self::MAX).contains(&amount) => Some(Self(vnd)),
            _ => {
                at.add(FaultCode::OutOfRange, &format!("{}–{}", Self::MIN, Self::MAX));
                None
            }
        }
    }
}

/// Only a service weighs nothing.
pub fn weight_fault(unit: Unit, net_weight_g: i32, pointer: &str) -> Option<Fault> {
    (net_weight_g == 0 && unit != Unit::Visit).then(|| Fault {
        pointer: format!("{pointer}/net_weight_g"),
        code: FaultCode::OutOfRange,
        expected: "1–1000000".to_owned(),
    })
}

/// Price of a kilogram, rounded half up. `None` for a service, and beyond the largest amount of money.
pub fn price_per_kg(price: Vnd, net_weight_g: i32) -> Option<Vnd> {
    const GRAMS_PER_KG: i64 = 1000;
    let weight_g = i64::from(net_weight_g);
    let scaled = price.amount().checked_mul(GRAMS_PER_KG)?.checked_add(weight_g / 2)?;
    scaled.checked_div(weight_g).and_then(Vnd::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_whole_table_of_statuses() {
        let mut table = String::new();
        for status in ProductStatus::ALL {
            for event in ProductEvent::ALL {
                if let Some(next) = status.after(*event) {
                    let by = if event.is_of_operator() { "operator" } else { "producer" };
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn a_kilogram_costs_what_its_parts_cost() {
        let vnd = |amount| Vnd::new(amount).unwrap();
        assert_eq!(price_per_kg(vnd(125_000), 500), Some(vnd(250_000)));
        assert_eq!(price_per_kg(vnd(100_000), 300), Some(vnd(333_333)));
        assert_eq!(price_per_kg(vnd(200_000), 300), Some(vnd(666_667)));
        assert_eq!(price_per_kg(vnd(200_000), 0), None);
        assert_eq!(price_per_kg(vnd(1_000_000_000), 1), None);
    }

    #[test]
    fn only_a_service_weighs_nothing() {
        for unit in Unit::ALL {
            assert_eq!(weight_fault(*unit, 0, "").is_none(), *unit == Unit::Visit);
            assert!(weight_fault(*unit, 1, "").is_none());
        }
    }

    #[test]
    fn prices_have_a_floor_and_a_ceiling() {
        let read = |amount: i64| Price::read(&Value::from(amount), &mut Faults::default()).is_some();
        assert_eq!([999, 1000, 1_000_000_000, 1_000_000_001].map(read), [false, true, true, false]);
    }
}
