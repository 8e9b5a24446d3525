//! A month's hand-over data as a table: a row for each line of goods, and one for each refund.

use chrono::{DateTime, Utc};

use super::gather::{Entry, Line};
use crate::documents::sheet::{Cell, Kind, Sheet, csv, headings, xlsx};
use crate::kernel::{Result, Vnd};

pub fn table(entries: &[Entry]) -> Sheet {
    let columns = [
        ("Đơn hàng", Kind::Text),
        ("Loại", Kind::Text),
        ("Thời điểm hoàn tất / hoàn tiền", Kind::Moment),
        ("Thời điểm đặt hàng", Kind::Moment),
        ("Thời điểm thanh toán", Kind::Moment),
        ("Thời điểm giao hàng", Kind::Moment),
        ("Người mua", Kind::Text),
        ("Điện thoại", Kind::Text),
        ("Địa chỉ", Kind::Text),
        ("Tên hàng hóa", Kind::Text),
        ("Quy cách", Kind::Text),
        ("Đơn vị tính", Kind::Text),
        ("Số lượng", Kind::Count),
        ("Đơn giá (đồng)", Kind::Dong),
        ("Giảm trừ (đồng)", Kind::Dong),
        ("Thành tiền (đồng)", Kind::Dong),
        ("Phí giao hàng của đơn (đồng)", Kind::Dong),
        ("Tổng thanh toán của đơn (đồng)", Kind::Dong),
        ("Doanh thu của người bán / phần giảm (đồng)", Kind::Dong),
    ];
    let mut rows = Vec::new();
    for entry in entries {
        if entry.refund_id.is_some() {
            let nothing = [const { Cell::Empty }; 9];
            let less = Cell::Dong(entry.amount_vnd.amount().saturating_neg());
            rows.push(head(entry, "Điều chỉnh giảm").into_iter().chain(nothing.into_iter().chain([less])).collect());
        }
        for (place, line) in entry.lines.iter().enumerate() {
            // What belongs to the whole order stands with its first line.
            let once = |amount: Vnd| if place == 0 { amount.into() } else { Cell::Empty };
            let whole = [once(entry.shipping_vnd), once(entry.total_vnd), once(entry.amount_vnd)];
            rows.push(head(entry, "Bán hàng").into_iter().chain(goods(line)).chain(whole).collect());
        }
    }
    Sheet { name: "Dữ liệu hóa đơn".to_owned(), columns: headings(&columns), rows }
}

fn head(entry: &Entry, kind: &str) -> [Cell; 9] {
    let moment = |at: Option<DateTime<Utc>>| at.map_or(Cell::Empty, Cell::Moment);
    [
        Cell::text(&entry.order_code),
        Cell::text(kind),
        Cell::Moment(entry.at),
        Cell::Moment(entry.ordered_at),
        moment(entry.paid_at),
        moment(entry.delivered_at),
        Cell::text(&entry.buyer_name),
        Cell::text(&entry.buyer_phone),
        Cell::text(&entry.buyer_address),
    ]
}

fn goods(line: &Line) -> [Cell; 7] {
    [
        Cell::text(&line.name),
        Cell::text(&line.variant),
        Cell::text(&line.unit),
        Cell::Count(i64::from(line.quantity)),
        line.price_vnd.into(),
        line.discount_vnd.into(),
        line.total_vnd.into(),
    ]
}

pub fn table_csv(entries: &[Entry]) -> Result<Vec<u8>> {
    csv(&table(entries))
}

pub fn workbook(entries: &[Entry], made_at: DateTime<Utc>) -> Result<Vec<u8>> {
    xlsx(&[table(entries)], made_at)
}
