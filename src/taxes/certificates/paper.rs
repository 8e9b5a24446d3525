//! A certificate on paper.

use serde_json::json;

use super::issue::Span;
use super::store::{self, Certificate};
use crate::documents::{Align, Column, Document, Letterhead, PLATFORM, Part, Table, draw, grouped};
use crate::kernel::Month;
use crate::kernel::{Error, Result, TaxCertificateId, Tx};
use crate::taxes::model::Sums;
use crate::{audit, producers};

/// What stands on the paper.
pub struct Gathered {
    certificate: Certificate,
    months: Vec<(Month, Sums)>,
}

/// For whoever takes it away: that is on record, each time.
pub fn gather(tx: &mut Tx<'_>, id: TaxCertificateId) -> Result<Gathered> {
    let producer_id = producers::registered(tx)?;
    let certificate = store::find(tx, producer_id, id)?;
    audit::write(tx, "tax_certificate.downloaded", "tax_certificate", id.0, json!({"file": "certificate.pdf"}))?;
    let span = Span::parse(&certificate.span).and_then(Span::months);
    let span = span.ok_or_else(|| Error::internal("a certificate of no time"))?;
    let until = certificate.until_seq;
    let months = tx.as_platform(|tx| store::sums_of(tx, producer_id, span, until))?;
    Ok(Gathered { certificate, months })
}

pub fn paper(gathered: &Gathered) -> Result<Vec<u8>> {
    let Gathered { certificate, months } = gathered;
    let span = Span::parse(&certificate.span).map(Span::shown).unwrap_or_default();
    let fact = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let mut facts = vec![fact("Người bị khấu trừ thuế", &certificate.name)];
    if let Some(code) = &certificate.tax_code {
        facts.push(fact("Mã số thuế", code));
    }
    facts.push(fact("Địa chỉ", &certificate.address));
    facts.push(fact("Kỳ tính thuế", &span));
    let said = format!(
        "{PLATFORM} xác nhận đã khấu trừ thuế giá trị gia tăng (GTGT) và thuế thu nhập cá nhân (TNCN) \
         trên doanh thu bán hàng qua sàn của người có tên trên, theo Luật Quản lý thuế số 108/2025/QH15 và Nghị định \
         252/2026/NĐ-CP, như sau:"
    );
    let left = certificate.sums();
    let totals = [
        fact("Doanh thu còn lại", &format!("{} đ", grouped(left.net_revenue()))),
        fact("Thuế GTGT còn khấu trừ", &format!("{} đ", grouped(left.net_vat()))),
        fact("Thuế TNCN còn khấu trừ", &format!("{} đ", grouped(left.net_pit()))),
    ];
    draw(&Document {
        letterhead: Letterhead::National,
        issuer: vec![PLATFORM.to_owned()],
        title: "Chứng từ khấu trừ thuế".to_owned(),
        number: certificate.code(),
        made_at: certificate.issued_at,
        parts: vec![
            Part::Facts(facts),
            Part::Paragraph(said),
            Part::Table(by_month(months)),
            Part::Facts(totals.to_vec()),
            Part::Signatures(vec!["Người bị khấu trừ thuế".to_owned(), "Đại diện tổ chức khấu trừ".to_owned()]),
        ],
    })
}

/// A row for each month, and one more for each difference that was declared of it.
pub fn by_month(months: &[(Month, Sums)]) -> Table {
    let columns = [
        ("Kỳ", 10, Align::Left),
        ("Doanh thu (đ)", 18, Align::Right),
        ("GTGT khấu trừ (đ)", 18, Align::Right),
        ("TNCN khấu trừ (đ)", 18, Align::Right),
        ("GTGT hoàn trả (đ)", 18, Align::Right),
        ("TNCN hoàn trả (đ)", 18, Align::Right),
    ];
    let column = |(title, share, align): (&str, u16, Align)| Column { title: title.to_owned(), share, align };
    let row = |(month, sums): &(Month, Sums)| {
        let Sums { withheld_vat, withheld_pit, returned_vat, returned_pit, .. } = *sums;
        let amounts = [sums.net_revenue(), withheld_vat, withheld_pit, returned_vat, returned_pit];
        std::iter::once(month.shown()).chain(amounts.map(grouped)).collect()
    };
    Table { columns: columns.map(column).to_vec(), rows: months.iter().map(row).collect() }
}
