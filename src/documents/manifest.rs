//! What a driver collects on a run through the villages, stop by stop.

use chrono::{DateTime, NaiveDate, Utc};

use super::clean::{day, weight};
use super::layout::{Align, Document, Letterhead, Part, Table};
use super::order_paper::{columns, known};
use crate::kernel::Result;

/// A place where goods wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub producer: String,
    pub place: String,
    pub phone: String,
    pub orders: Vec<String>,
    pub parcels: u32,
    pub weight_g: i64,
}

/// A collection run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestPaper {
    pub code: String,
    /// When the run was closed for changes.
    pub made_at: DateTime<Utc>,
    pub runs_on: NaiveDate,
    /// Who runs it; the first line is the name.
    pub issuer: Vec<String>,
    pub area: String,
    pub driver: String,
    pub driver_phone: String,
    pub vehicle: String,
    /// Where everything is brought.
    pub destination: String,
    pub stops: Vec<Stop>,
}

/// Biên bản giao nhận hàng gom.
pub fn pick_up_manifest(manifest: &ManifestPaper) -> Result<Vec<u8>> {
    let parcels: u32 = manifest.stops.iter().fold(0, |sum, stop| sum.saturating_add(stop.parcels));
    let grams: i64 = manifest.stops.iter().fold(0, |sum, stop| sum.saturating_add(stop.weight_g));
    let (on, parcels, grams) = (day(manifest.runs_on), parcels.to_string(), weight(grams));
    let parts = vec![
        Part::Facts(known(&[
            ("Chuyến", &manifest.code),
            ("Ngày gom hàng", &on),
            ("Địa bàn", &manifest.area),
            ("Người vận chuyển", &manifest.driver),
            ("Điện thoại", &manifest.driver_phone),
            ("Phương tiện", &manifest.vehicle),
            ("Nơi nhận", &manifest.destination),
        ])),
        Part::Table(stops(&manifest.stops)),
        Part::Facts(known(&[("Tổng số kiện", &parcels), ("Tổng khối lượng", &grams)])),
        Part::Signatures(["Đại diện bên giao", "Người vận chuyển", "Đại diện bên nhận"].map(str::to_owned).to_vec()),
    ];
    super::draw(&Document {
        letterhead: Letterhead::National,
        issuer: manifest.issuer.clone(),
        title: "Biên bản giao nhận hàng gom".to_owned(),
        number: manifest.code.clone(),
        made_at: manifest.made_at,
        parts,
    })
}

fn stops(stops: &[Stop]) -> Table {
    let columns = columns(&[
        ("STT", 6, Align::Centre),
        ("Chủ thể, địa điểm, điện thoại", 36, Align::Left),
        ("Đơn hàng", 20, Align::Left),
        ("Số kiện", 9, Align::Right),
        ("Khối lượng", 13, Align::Right),
        ("Ký giao", 16, Align::Left),
    ]);
    let mut rows = Vec::new();
    for (place, stop) in stops.iter().enumerate() {
        let known: Vec<&str> = [&stop.producer, &stop.place, &stop.phone]
            .into_iter()
            .map(String::as_str)
            .filter(|t| !t.is_empty())
            .collect();
        rows.push(vec![
            place.saturating_add(1).to_string(),
            known.join("; "),
            stop.orders.join(" "),
            stop.parcels.to_string(),
            weight(stop.weight_g),
            String::new(),
        ]);
    }
    Table { columns, rows }
}
