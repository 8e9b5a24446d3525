//! What a driver collects on a run through the villages, stop by stop, and where he brings it.

use chrono::{DateTime, NaiveDate, Utc};

use super::clean::{day, dong, grouped, weight};
use super::layout::{Align, Document, Letterhead, Part, Table};
use super::order_paper::{columns, known};
use crate::kernel::{Result, Vnd};

/// A place where goods wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub producer: String,
    pub place: String,
    pub phone: String,
    pub orders: Vec<String>,
    pub parcels: u32,
    pub weight_g: i64,
    /// Its share of what the run costs, once the run has departed.
    pub cost_vnd: Option<Vnd>,
}

/// A parcel and where it is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub order: String,
    pub recipient: String,
    pub place: String,
    pub phone: String,
    pub weight_g: i64,
}

/// A collection run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestPaper {
    pub code: String,
    /// When the run was last changed.
    pub made_at: DateTime<Utc>,
    pub runs_on: NaiveDate,
    /// Who runs it; the first line is the name.
    pub issuer: Vec<String>,
    pub area: String,
    pub vehicle: String,
    /// What the whole run costs.
    pub cost_vnd: Vnd,
    pub stops: Vec<Stop>,
    pub deliveries: Vec<Delivery>,
}

/// Biên bản giao nhận hàng gom.
pub fn pick_up_manifest(manifest: &ManifestPaper) -> Result<Vec<u8>> {
    let parcels: u32 = manifest.stops.iter().fold(0, |sum, stop| sum.saturating_add(stop.parcels));
    let grams: i64 = manifest.stops.iter().fold(0, |sum, stop| sum.saturating_add(stop.weight_g));
    let (on, parcels, grams, cost) =
        (day(manifest.runs_on), parcels.to_string(), weight(grams), dong(manifest.cost_vnd));
    let mut parts = vec![
        Part::Facts(known(&[
            ("Chuyến", &manifest.code),
            ("Ngày gom hàng", &on),
            ("Địa bàn", &manifest.area),
            ("Phương tiện", &manifest.vehicle),
        ])),
        Part::Heading("Điểm nhận hàng".to_owned()),
        Part::Table(stops(&manifest.stops)),
        Part::Facts(known(&[("Tổng số kiện", &parcels), ("Tổng khối lượng", &grams), ("Tổng cước chuyến", &cost)])),
    ];
    if manifest.stops.iter().any(|stop| stop.cost_vnd.is_none()) {
        parts.push(Part::Paragraph("Cước được chia theo khối lượng khi xe khởi hành.".to_owned()));
    }
    parts.push(Part::Heading("Nơi giao hàng".to_owned()));
    parts.push(Part::Table(deliveries(&manifest.deliveries)));
    let signatures = ["Đại diện bên giao", "Người vận chuyển", "Đại diện bên nhận"];
    parts.push(Part::Signatures(signatures.map(str::to_owned).to_vec()));
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
        ("Chủ thể, địa điểm, điện thoại", 31, Align::Left),
        ("Đơn hàng", 16, Align::Left),
        ("Số kiện", 8, Align::Right),
        ("Khối lượng", 12, Align::Right),
        ("Cước (đ)", 12, Align::Right),
        ("Ký giao", 15, Align::Left),
    ]);
    let mut rows = Vec::new();
    for (place, stop) in stops.iter().enumerate() {
        rows.push(vec![
            place.saturating_add(1).to_string(),
            joined([&stop.producer, &stop.place, &stop.phone]),
            stop.orders.join(" "),
            stop.parcels.to_string(),
            weight(stop.weight_g),
            stop.cost_vnd.map(|cost| grouped(cost.amount())).unwrap_or_default(),
            String::new(),
        ]);
    }
    Table { columns, rows }
}

fn deliveries(deliveries: &[Delivery]) -> Table {
    let columns = columns(&[
        ("STT", 6, Align::Centre),
        ("Đơn hàng", 16, Align::Left),
        ("Người nhận, địa chỉ, điện thoại", 51, Align::Left),
        ("Khối lượng", 12, Align::Right),
        ("Ký nhận", 15, Align::Left),
    ]);
    let row = |(place, delivery): (usize, &Delivery)| {
        vec![
            place.saturating_add(1).to_string(),
            delivery.order.clone(),
            joined([&delivery.recipient, &delivery.place, &delivery.phone]),
            weight(delivery.weight_g),
            String::new(),
        ]
    };
    Table { columns, rows: deliveries.iter().enumerate().map(row).collect() }
}

/// What is known of a party, in one cell.
fn joined(known: [&String; 3]) -> String {
    let known: Vec<&str> = known.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    known.join("; ")
}
