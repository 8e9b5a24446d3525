//! A month's declaration as tables: what it comes to, its annex by seller, and its parts by province.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store::{self, Declaration, OfProvince, Period, Seller};
use crate::audit;
use crate::documents::sheet::{Cell, Kind, Sheet, csv, headings, xlsx};
use crate::kernel::{Audience, Error, Result, TaxDeclarationId, TaxPeriodId, Tx};

/// Sellers of a month's annex in one file.
const SELLERS_MAX: i64 = 100_000;

/// What stands in a month's files.
pub struct Gathered {
    period: Period,
    declarations: Vec<Declaration>,
    provinces: Vec<OfProvince>,
    sellers: Vec<(i32, Seller)>,
}

/// For whoever takes it away as this file: that is on record, each time.
pub fn gather(tx: &mut Tx<'_>, id: TaxPeriodId, file: &str) -> Result<Gathered> {
    tx.who.must(Audience::Operator)?;
    let period = store::find(tx, id)?;
    audit::write(tx, "tax_period.downloaded", "tax_period", id.0, json!({"file": file}))?;
    let declarations = store::declarations_of(tx, &[id])?;
    let ids: Vec<TaxDeclarationId> = declarations.iter().map(|declaration| declaration.id).collect();
    let provinces = store::by_province(tx, &ids)?;
    let sellers = store::sellers(tx, id, None, SELLERS_MAX.saturating_add(1))?;
    if i64::try_from(sellers.len()).map_err(Error::internal)? > SELLERS_MAX {
        return Err(Error::internal("more sellers than a file holds"));
    }
    Ok(Gathered { period, declarations, provinces, sellers })
}

/// The annex alone.
pub fn annex_csv(gathered: &Gathered) -> Result<Vec<u8>> {
    csv(&annex(gathered))
}

/// All three tables.
pub fn workbook(gathered: &Gathered) -> Result<Vec<u8>> {
    let made_at: DateTime<Utc> = gathered.period.locked_at.unwrap_or(gathered.period.opened_at);
    xlsx(&[totals(gathered), annex(gathered), by_province(gathered)], made_at)
}

fn totals(gathered: &Gathered) -> Sheet {
    let month = gathered.period.month().shown();
    let mut rows = Vec::new();
    for one in &gathered.declarations {
        let lines: [(&str, [i64; 2]); 5] = [
            ("Thuế đã khấu trừ trong kỳ", [one.withheld_vat_vnd, one.withheld_pit_vnd]),
            ("Thuế đã hoàn trả người bán do hủy, trả hàng", [one.returned_vat_vnd, one.returned_pit_vnd]),
            ("Số còn được bù trừ từ tờ khai trước chuyển sang", [one.carried_in_vat_vnd, one.carried_in_pit_vnd]),
            ("Thuế phải nộp", [one.declared_vat_vnd, one.declared_pit_vnd]),
            ("Số còn được bù trừ chuyển sang tờ khai sau", [one.carried_out_vat_vnd, one.carried_out_pit_vnd]),
        ];
        let row = |(what, [vat, pit]): (&str, [i64; 2])| {
            let revision = Cell::text(said(one.revision));
            vec![Cell::text(&month), revision, Cell::text(what), Cell::Dong(vat), Cell::Dong(pit)]
        };
        rows.extend(lines.map(row));
    }
    let columns = [
        ("Kỳ tính thuế", Kind::Text),
        ("Lần khai", Kind::Text),
        ("Chỉ tiêu", Kind::Text),
        ("Thuế GTGT (đồng)", Kind::Dong),
        ("Thuế TNCN (đồng)", Kind::Dong),
    ];
    Sheet { name: "Tờ khai".to_owned(), columns: headings(&columns), rows }
}

/// `Lần đầu`, `Bổ sung lần 1`
fn said(revision: i32) -> String {
    if revision == 0 { "Lần đầu".to_owned() } else { format!("Bổ sung lần {revision}") }
}

fn annex(gathered: &Gathered) -> Sheet {
    let columns = [
        ("STT", Kind::Count),
        ("Lần khai", Kind::Text),
        ("Tên hộ, cá nhân kinh doanh", Kind::Text),
        ("Mã số thuế", Kind::Text),
        ("Số đăng ký kinh doanh", Kind::Text),
        ("Địa chỉ", Kind::Text),
        ("Mã xã, phường", Kind::Text),
        ("Xã, phường cư trú", Kind::Text),
        ("Mã tỉnh", Kind::Text),
        ("Tỉnh, thành phố", Kind::Text),
        ("Doanh thu (đồng)", Kind::Dong),
        ("Thuế GTGT đã khấu trừ (đồng)", Kind::Dong),
        ("Thuế TNCN đã khấu trừ (đồng)", Kind::Dong),
        ("Doanh thu hủy, trả (đồng)", Kind::Dong),
        ("Thuế GTGT hoàn trả (đồng)", Kind::Dong),
        ("Thuế TNCN hoàn trả (đồng)", Kind::Dong),
        ("Thuế GTGT còn lại (đồng)", Kind::Dong),
        ("Thuế TNCN còn lại (đồng)", Kind::Dong),
    ];
    let rows = gathered.sellers.iter().zip(1_i64..).map(|((revision, seller), place)| {
        let sums = seller.sums();
        let known = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        vec![
            Cell::Count(place),
            Cell::text(said(*revision)),
            Cell::text(&seller.name),
            known(&seller.tax_code),
            known(&seller.registration_number),
            Cell::text(&seller.address),
            Cell::text(&seller.commune_code),
            Cell::text(&seller.commune_name),
            Cell::text(&seller.province_code),
            Cell::text(&seller.province_name),
            Cell::Dong(sums.revenue),
            Cell::Dong(sums.withheld_vat),
            Cell::Dong(sums.withheld_pit),
            Cell::Dong(sums.returned_revenue),
            Cell::Dong(sums.returned_vat),
            Cell::Dong(sums.returned_pit),
            Cell::Dong(sums.net_vat()),
            Cell::Dong(sums.net_pit()),
        ]
    });
    Sheet { name: "Bảng kê".to_owned(), columns: headings(&columns), rows: rows.collect() }
}

fn by_province(gathered: &Gathered) -> Sheet {
    let columns = [
        ("Lần khai", Kind::Text),
        ("Mã tỉnh", Kind::Text),
        ("Tỉnh, thành phố", Kind::Text),
        ("Số người bán", Kind::Count),
        ("Thuế GTGT (đồng)", Kind::Dong),
        ("Thuế TNCN (đồng)", Kind::Dong),
    ];
    let rows = gathered.provinces.iter().map(|part| {
        let of = gathered.declarations.iter().find(|one| one.id == part.declaration_id);
        vec![
            of.map_or(Cell::Empty, |one| Cell::text(said(one.revision))),
            Cell::text(&part.province_code),
            Cell::text(&part.province_name),
            Cell::Count(part.sellers),
            Cell::Dong(part.vat_vnd),
            Cell::Dong(part.pit_vnd),
        ]
    });
    Sheet { name: "Theo tỉnh".to_owned(), columns: headings(&columns), rows: rows.collect() }
}
