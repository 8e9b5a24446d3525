//! Tables: rows never break over pages, and every page begins with the header again.

use super::layout::{Align, BODY, LEFT, STRONG, Shade, Sheet, Style, Table, WIDTH};

/// Free around the text of a cell.
const PADDING: i32 = 70;
const STROKE: i32 = 8;
/// Lines of a cell, so that a row fits on a page with the header above it. What is longer ends with "…".
const CELL_LINES_MAX: usize = 40;
const HEAD_LINES_MAX: usize = 4;

const CELL: Style = Style { size: 200, leading: 260, ..BODY };
const HEAD: Style = Style { size: 200, leading: 260, ..STRONG };

/// Left end, width and alignment of a column.
type Place = (i32, i32, Align);

pub fn put(sheet: &mut Sheet, table: &Table) {
    let places = places(table);
    let titles: Vec<String> = table.columns.iter().map(|column| column.title.clone()).collect();
    let head = cells(sheet, &places, HEAD, &titles);
    let rows: Vec<Vec<Vec<String>>> = table.rows.iter().map(|row| cells(sheet, &places, CELL, row)).collect();
    // A header is never alone at the foot of a page.
    let first = rows.first().map_or(0, |row| height(row));
    sheet.make_room(height(&head).saturating_add(first));
    put_row(sheet, &places, HEAD, &head);
    for row in &rows {
        if sheet.make_room(height(row)) {
            put_row(sheet, &places, HEAD, &head);
        }
        put_row(sheet, &places, CELL, row);
    }
    sheet.y = sheet.y.saturating_add(100);
}

fn places(table: &Table) -> Vec<Place> {
    let whole: i32 = table.columns.iter().map(|column| i32::from(column.share)).sum::<i32>().max(1);
    let mut x = LEFT;
    let place = |column: &super::layout::Column| {
        let width = WIDTH.saturating_mul(i32::from(column.share)).checked_div(whole).unwrap_or(0);
        let place = (x, width, column.align);
        x = x.saturating_add(width);
        place
    };
    table.columns.iter().map(place).collect()
}

/// The lines of each cell; a row has as many cells as there are columns.
fn cells(sheet: &Sheet, places: &[Place], style: Style, texts: &[String]) -> Vec<Vec<String>> {
    let lines_max = if style == HEAD { HEAD_LINES_MAX } else { CELL_LINES_MAX };
    let cell = |(place, (_, width, _)): (usize, &Place)| {
        let text = texts.get(place).map_or("", String::as_str);
        let mut lines = sheet.wrap(text, style, width.saturating_sub(PADDING * 2));
        if lines.len() > lines_max {
            lines.truncate(lines_max.saturating_sub(1));
            lines.push("…".to_owned());
        }
        lines
    };
    places.iter().enumerate().map(cell).collect()
}

fn height(row: &[Vec<String>]) -> i32 {
    let lines = row.iter().map(Vec::len).max().unwrap_or(1);
    i32::try_from(lines).unwrap_or(1).saturating_mul(CELL.leading).saturating_add(PADDING * 2)
}

fn put_row(sheet: &mut Sheet, places: &[Place], style: Style, row: &[Vec<String>]) {
    let (top, height) = (sheet.y, height(row));
    if style == HEAD {
        sheet.bar((LEFT, top), (WIDTH, height), Shade::Grey);
        sheet.bar((LEFT, top), (WIDTH, STROKE), Shade::Black);
    }
    for ((x, width, align), lines) in places.iter().zip(row) {
        let mut y = top.saturating_add(PADDING);
        for line in lines {
            sheet.line((x.saturating_add(PADDING), y, width.saturating_sub(PADDING * 2)), style, *align, line);
            y = y.saturating_add(style.leading);
        }
        sheet.bar((*x, top), (STROKE, height), Shade::Black);
    }
    let bottom = top.saturating_add(height);
    sheet.bar((LEFT + WIDTH - STROKE, top), (STROKE, height), Shade::Black);
    sheet.bar((LEFT, bottom.saturating_sub(STROKE)), (WIDTH, STROKE), Shade::Black);
    sheet.y = bottom;
}
