//! The operator writes a new version of a tariff.

use std::collections::BTreeSet;

use serde_json::json;

use super::api::{NewTariff, TariffRow};
use super::store::{self, Step, Tariff};
use crate::audit;
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, Error, Result, TariffId, Tx};
use crate::shipping::model::{Service, ShippingPrice, one_to_list_max};

/// A version that begins today or later, so that no fee that was told is changed afterwards. It says everything anew:
/// a class or zone that it does not name is not served.
pub fn create(tx: &mut Tx<'_>, new: NewTariff) -> Result<Tariff> {
    let operator = tx.who.must(Audience::Operator)?;
    let NewTariff { service, effective_from, note, rows } = new;
    let mut faults = faults(service, &rows);
    let today = vietnam_day(tx.now);
    if effective_from < today {
        faults.push(fault("/effective_from", FaultCode::OutOfRange, format!("≥ {today}")));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let tariff = Tariff {
        id: TariffId::generate(),
        service,
        effective_from,
        note: note.map(|note| note.into_string()),
        created_by: Some(operator),
        created_at: tx.now,
    };
    let steps: Vec<Step> = rows.iter().flat_map(|row| steps_of(tariff.id, row)).collect();
    store::insert(tx, &tariff, &steps)?;
    let detail = json!({"service": service, "effective_from": effective_from, "steps": steps.len()});
    audit::write(tx, "shipping_tariff.created", "shipping_tariff", tariff.id.0, detail)?;
    Ok(tariff)
}

fn steps_of(tariff_id: TariffId, row: &TariffRow) -> Vec<Step> {
    let steps = row.transport_classes.iter().flat_map(|class| row.steps.iter().map(move |step| (*class, step)));
    steps
        .map(|(transport_class, step)| Step {
            tariff_id,
            zone: row.zone,
            transport_class,
            weight_g_max: step.weight_g_max.value(),
            fee_vnd: step.fee_vnd.vnd(),
            days_min: row.days_min.value(),
            days_max: row.days_max.value(),
        })
        .collect()
}

fn fault(pointer: &str, code: FaultCode, expected: String) -> Fault {
    Fault { pointer: pointer.to_owned(), code, expected }
}

fn faults(service: Service, rows: &[TariffRow]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push(fault("/rows", FaultCode::OutOfRange, one_to_list_max()));
    }
    let mut seen = BTreeSet::new();
    for (i, row) in rows.iter().enumerate() {
        let at = format!("/rows/{i}");
        if row.days_max.value() < row.days_min.value() {
            faults.push(fault(
                &format!("{at}/days_max"),
                FaultCode::OutOfRange,
                format!("{}–60", row.days_min.value()),
            ));
        }
        if row.transport_classes.is_empty() {
            faults.push(fault(&format!("{at}/transport_classes"), FaultCode::OutOfRange, "1–7".to_owned()));
        }
        for (k, class) in row.transport_classes.iter().enumerate() {
            let pointer = format!("{at}/transport_classes/{k}");
            if !service.accepts(*class) {
                faults.push(fault(&pointer, FaultCode::NotOneOf, accepted(service)));
            } else if !seen.insert((row.zone, *class)) {
                faults.push(fault(&pointer, FaultCode::Duplicate, String::new()));
            }
        }
        step_faults(service, row, &at, &mut faults);
    }
    faults
}

fn accepted(service: Service) -> String {
    let all = crate::shipping::model::TransportClass::ALL.iter().filter(|class| service.accepts(**class));
    all.map(|class| class.as_str()).collect::<Vec<_>>().join(", ")
}

/// Steps grow: each is for more weight than the one before, and never cheaper.
fn step_faults(service: Service, row: &TariffRow, at: &str, faults: &mut Vec<Fault>) {
    if row.steps.is_empty() {
        faults.push(fault(&format!("{at}/steps"), FaultCode::OutOfRange, one_to_list_max()));
    }
    let (mut weight, mut fee) = (0, 0);
    for (k, step) in row.steps.iter().enumerate() {
        let (step_weight, step_fee) = (step.weight_g_max.value(), step.fee_vnd.vnd().amount());
        if step_weight <= weight || step_weight > service.weight_g_max() {
            let expected = format!("{}–{}", weight.saturating_add(1), service.weight_g_max());
            faults.push(fault(&format!("{at}/steps/{k}/weight_g_max"), FaultCode::OutOfRange, expected));
        }
        if step_fee < fee {
            let expected = format!("{fee}–{}", ShippingPrice::MAX);
            faults.push(fault(&format!("{at}/steps/{k}/fee_vnd"), FaultCode::OutOfRange, expected));
        }
        (weight, fee) = (weight.max(step_weight), fee.max(step_fee));
    }
}
