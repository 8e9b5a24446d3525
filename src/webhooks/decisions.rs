use serde_json::json;

use super::emit::{Event, emit};
use super::model::EventType;
use crate::kernel::{ProducerId, Result, Tx};
use crate::producers::{self, ProducerStatus};

/// The operator has decided on a producer's profile. Other systems are told when it is approved, which it is once and
/// for good.
pub fn producer_decided(tx: &mut Tx<'_>, id: ProducerId) -> Result<()> {
    tx.who.must_be_platform()?;
    let producer = producers::find(tx, id)?;
    if producer.status != ProducerStatus::Approved {
        return Ok(());
    }
    let data = json!({"producer_id": id, "name": producer.name, "kind": producer.kind,
                      "residence_commune_code": producer.residence_commune_code,
                      "production_commune_code": producer.production_commune_code, "status": producer.status});
    let kind = EventType::ProducerApproved;
    emit(tx, &Event { producer_id: Some(id), kind, object_id: id.0, occasion: String::new(), data })
}
