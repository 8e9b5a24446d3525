//! What a buyer gets of an order, and what lies in its parcel.

use chrono::{DateTime, Utc};

use super::clean::{dong, grouped, moment, weight};
use super::layout::{Align, Column, Document, Letterhead, Part, Table};
use crate::kernel::{Result, Vnd};

/// Somebody with an address. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    pub name: String,
    pub address: String,
    pub phone: String,
    /// Of the business or cooperative register, or the tax code.
    pub registration: String,
}

/// One line of an order as it was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperLine {
    pub name: String,
    pub variant: String,
    pub unit: String,
    pub quantity: i32,
    /// Grams of one unit.
    pub net_weight_g: i32,
    pub origin: String,
    /// Stars, standard, class: whatever was promised.
    pub quality: String,
    pub shelf_life: String,
    pub lot: String,
    pub price_vnd: Vnd,
    pub discount_vnd: Vnd,
    /// After the discount.
    pub total_vnd: Vnd,
}

/// One producer's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPaper {
    pub code: String,
    pub placed_at: DateTime<Utc>,
    pub seller: Party,
    pub recipient: Party,
    pub lines: Vec<PaperLine>,
    /// Before discounts.
    pub goods_vnd: Vnd,
    pub goods_discount_vnd: Vnd,
    pub shipping_vnd: Vnd,
    pub shipping_discount_vnd: Vnd,
    pub total_vnd: Vnd,
    /// How it is, or was, paid.
    pub payment: String,
    /// How and when it comes.
    pub delivery: String,
    /// From the buyer.
    pub note: String,
    /// Where the order is shown; empty: no QR code.
    pub link: String,
}

/// Xác nhận đơn hàng.
pub fn order_confirmation(order: &OrderPaper) -> Result<Vec<u8>> {
    let mut parts = parties(order);
    parts.push(Part::Heading("Hàng hóa".to_owned()));
    parts.push(Part::Table(goods(&order.lines)));
    parts.push(Part::Totals(totals(order)));
    parts.push(Part::Facts(known(&[
        ("Thanh toán", &order.payment),
        ("Giao hàng", &order.delivery),
        ("Ghi chú của người mua", &order.note),
    ])));
    if !order.link.is_empty() {
        let caption = "Quét mã để xem tình trạng đơn hàng, gửi khiếu nại hoặc truy xuất nguồn gốc hàng hóa.".to_owned();
        parts.push(Part::Qr { text: order.link.clone(), caption });
    }
    super::draw(&paper(order, Letterhead::Plain, "Xác nhận đơn hàng", parts))
}

/// Phiếu đóng gói: what to put into the parcel, without prices.
pub fn packing_list(order: &OrderPaper) -> Result<Vec<u8>> {
    let mut parts = parties(order);
    let columns = columns(&[
        ("STT", 6, Align::Centre),
        ("Tên hàng, quy cách", 40, Align::Left),
        ("Số lô", 16, Align::Left),
        ("Số lượng", 13, Align::Right),
        ("Khối lượng", 15, Align::Right),
        ("Đã xếp", 10, Align::Centre),
    ]);
    let mut grams: i64 = 0;
    let mut rows = Vec::new();
    for (place, line) in order.lines.iter().enumerate() {
        let weighs = i64::from(line.net_weight_g).saturating_mul(i64::from(line.quantity));
        grams = grams.saturating_add(weighs);
        rows.push(vec![
            place.saturating_add(1).to_string(),
            named(line),
            line.lot.clone(),
            measured(line),
            weight(weighs),
            String::new(),
        ]);
    }
    parts.push(Part::Table(Table { columns, rows }));
    let all = weight(grams);
    parts.push(Part::Facts(known(&[
        ("Tổng khối lượng tịnh", &all),
        ("Giao hàng", &order.delivery),
        ("Ghi chú của người mua", &order.note),
    ])));
    parts.push(Part::Signatures(vec!["Người đóng gói".to_owned(), "Người nhận hàng".to_owned()]));
    super::draw(&paper(order, Letterhead::Plain, "Phiếu đóng gói", parts))
}

pub fn paper(order: &OrderPaper, letterhead: Letterhead, title: &str, parts: Vec<Part>) -> Document {
    let seller = &order.seller;
    let lines = [seller.name.clone(), seller.address.clone(), seller.phone.clone()];
    Document {
        letterhead,
        issuer: lines.into_iter().filter(|line| !line.is_empty()).collect(),
        title: title.to_owned(),
        number: order.code.clone(),
        made_at: order.placed_at,
        parts,
    }
}

fn parties(order: &OrderPaper) -> Vec<Part> {
    let (seller, recipient) = (&order.seller, &order.recipient);
    let placed = moment(order.placed_at);
    vec![Part::Facts(known(&[
        ("Đơn hàng", &order.code),
        ("Đặt lúc", &placed),
        ("Người bán", &seller.name),
        ("Đăng ký, mã số thuế", &seller.registration),
        ("Người nhận", &recipient.name),
        ("Điện thoại", &recipient.phone),
        ("Địa chỉ nhận hàng", &recipient.address),
    ]))]
}

/// Goods with prices.
pub fn goods(lines: &[PaperLine]) -> Table {
    let columns = columns(&[
        ("STT", 6, Align::Centre),
        ("Tên hàng, quy cách", 36, Align::Left),
        ("Số lượng", 13, Align::Right),
        ("Đơn giá (đ)", 15, Align::Right),
        ("Giảm giá (đ)", 14, Align::Right),
        ("Thành tiền (đ)", 16, Align::Right),
    ]);
    let row = |(place, line): (usize, &PaperLine)| {
        vec![
            place.saturating_add(1).to_string(),
            named(line),
            measured(line),
            grouped(line.price_vnd.amount()),
            grouped(line.discount_vnd.amount()),
            grouped(line.total_vnd.amount()),
        ]
    };
    Table { columns, rows: lines.iter().enumerate().map(row).collect() }
}

pub fn totals(order: &OrderPaper) -> Vec<(String, Vnd)> {
    let optional = |label: &str, amount: Vnd| (amount > Vnd::ZERO).then(|| (label.to_owned(), amount));
    let mut totals = vec![("Tiền hàng".to_owned(), order.goods_vnd)];
    totals.extend(optional("Trừ giảm giá hàng", order.goods_discount_vnd));
    totals.push(("Phí giao hàng".to_owned(), order.shipping_vnd));
    totals.extend(optional("Trừ giảm phí giao hàng", order.shipping_discount_vnd));
    totals.push(("Tổng thanh toán (đã gồm thuế)".to_owned(), order.total_vnd));
    totals
}

pub fn columns(columns: &[(&str, u16, Align)]) -> Vec<Column> {
    let column = |(title, share, align): &(&str, u16, Align)| Column {
        title: (*title).to_owned(),
        share: *share,
        align: *align,
    };
    columns.iter().map(column).collect()
}

/// Facts that are known.
pub fn known(facts: &[(&str, &str)]) -> Vec<(String, String)> {
    let facts = facts.iter().filter(|(_, value)| !value.trim().is_empty());
    facts.map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
}

pub fn named(line: &PaperLine) -> String {
    if line.variant.is_empty() { line.name.clone() } else { format!("{}, {}", line.name, line.variant) }
}

fn measured(line: &PaperLine) -> String {
    format!("{} {}", grouped(i64::from(line.quantity)), line.unit)
}

/// What an order costs, said in one line.
pub fn said(order: &OrderPaper) -> String {
    dong(order.total_vnd)
}
