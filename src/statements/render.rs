//! A statement on paper and as a table.

use super::gather::{Line, Statement};
use crate::documents::sheet::{Cell, Kind, Sheet, headings, xlsx};
use crate::documents::{Align, Column, Document, Letterhead, PLATFORM, Part, Table, day, draw, grouped, moment};
use crate::kernel::Result;

/// Sao kê tài khoản người bán.
pub fn paper(statement: &Statement) -> Result<Vec<u8>> {
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let dong = |amount: i64| format!("{} đ", grouped(amount));
    let (came, went) = turnover(statement);
    let mut facts = vec![fact("Chủ tài khoản", statement.producer.name.clone())];
    facts.extend(statement.producer.tax_code.iter().map(|code| fact("Mã số thuế", code.clone())));
    facts.push(fact("Từ ngày", day(statement.span.from)));
    facts.push(fact("Đến ngày", day(statement.span.until)));
    facts.push(fact("Số dư đầu kỳ", dong(statement.opening)));
    let sums = vec![
        fact("Tổng tiền vào", dong(came)),
        fact("Tổng tiền ra", dong(went)),
        fact("Số dư cuối kỳ", dong(statement.closing)),
    ];
    let owes = "Số dư âm là số tiền người bán còn nợ sàn sau khi hoàn tiền cho khách, được trừ vào các lần bán sau.";
    draw(&Document {
        letterhead: Letterhead::Plain,
        issuer: vec![PLATFORM.to_owned()],
        title: "Sao kê tài khoản người bán".to_owned(),
        number: format!("{}–{}", statement.span.from, statement.span.until),
        made_at: statement.told_at,
        parts: vec![
            Part::Facts(facts),
            Part::Table(table(statement)),
            Part::Facts(sums),
            Part::Paragraph(owes.to_owned()),
        ],
    })
}

/// What came in and what went out, both above zero.
fn turnover(statement: &Statement) -> (i64, i64) {
    let mut sums = (0_i64, 0_i64);
    for Line { movement, .. } in &statement.lines {
        let change = movement.change_vnd;
        sums = (sums.0.saturating_add(change.max(0)), sums.1.saturating_sub(change.min(0)));
    }
    sums
}

fn table(statement: &Statement) -> Table {
    let columns = [
        ("Thời điểm", 18, Align::Left),
        ("Nội dung", 38, Align::Left),
        ("Đơn hàng", 14, Align::Left),
        ("Thay đổi (đ)", 15, Align::Right),
        ("Số dư (đ)", 15, Align::Right),
    ];
    let column = |(title, share, align): (&str, u16, Align)| Column { title: title.to_owned(), share, align };
    let row = |line: &Line| {
        let movement = &line.movement;
        vec![
            moment(movement.at),
            movement.kind.explained().to_owned(),
            code(statement, line),
            grouped(movement.change_vnd),
            grouped(line.balance),
        ]
    };
    Table { columns: columns.map(column).to_vec(), rows: statement.lines.iter().map(row).collect() }
}

fn code(statement: &Statement, line: &Line) -> String {
    line.movement.order_id.and_then(|id| statement.codes.get(&id)).cloned().unwrap_or_default()
}

pub fn workbook(statement: &Statement) -> Result<Vec<u8>> {
    let columns = [
        ("Thời điểm", Kind::Moment),
        ("Nội dung", Kind::Text),
        ("Đơn hàng", Kind::Text),
        ("Thay đổi (đồng)", Kind::Dong),
        ("Số dư (đồng)", Kind::Dong),
    ];
    let bound =
        |what: &str, balance: i64| vec![Cell::Empty, Cell::text(what), Cell::Empty, Cell::Empty, Cell::Dong(balance)];
    let mut rows = vec![bound("Số dư đầu kỳ", statement.opening)];
    rows.extend(statement.lines.iter().map(|line| {
        vec![
            Cell::Moment(line.movement.at),
            Cell::text(line.movement.kind.explained()),
            Cell::Text(code(statement, line)),
            Cell::Dong(line.movement.change_vnd),
            Cell::Dong(line.balance),
        ]
    }));
    rows.push(bound("Số dư cuối kỳ", statement.closing));
    let sheet = Sheet { name: "Sao kê".to_owned(), columns: headings(&columns), rows };
    xlsx(&[sheet], statement.told_at)
}
