//! What a paper consists of, and where each of its parts stands on A4 pages.

use chrono::{DateTime, Utc};
use qrcode::{Color, EcLevel, QrCode};

use super::clean::{clean, dong, long_day};
use super::font::{Face, Fonts, fonts};
use crate::kernel::{Error, Result, Vnd};

pub const PAGE_WIDTH: i32 = 11_906;
pub const PAGE_HEIGHT: i32 = 16_838;
/// Margins as Decree 30/2020 has them for papers of offices: 30 mm to bind, 20 mm above and below, 15 mm on the right.
pub const LEFT: i32 = 1_580;
pub const WIDTH: i32 = PAGE_WIDTH - LEFT - 964;
const TOP: i32 = 1_134;
pub const BOTTOM: i32 = PAGE_HEIGHT - 1_300;
/// More is no paper any more.
const PAGES_MAX: usize = 200;
const QR_SIDE: i32 = 1_700;
/// Around a QR code.
const QUIET_MODULES: i32 = 4;

/// A paper: what it is called, who issues it, and its parts from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub letterhead: Letterhead,
    /// The first line is the name.
    pub issuer: Vec<String>,
    pub title: String,
    pub number: String,
    /// The moment of what the paper tells, not of its drawing.
    pub made_at: DateTime<Utc>,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letterhead {
    /// The state's name and motto, as contracts and records have them.
    National,
    /// The issuer alone.
    Plain,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Heading(String),
    Paragraph(String),
    /// Labels with what stands beside them.
    Facts(Vec<(String, String)>),
    Table(Table),
    /// The last one is the total.
    Totals(Vec<(String, Vnd)>),
    /// A text for a phone, with words beside it.
    Qr {
        text: String,
        caption: String,
    },
    /// Who signs, side by side.
    Signatures(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub title: String,
    /// Of the width of all columns.
    pub share: u16,
    pub align: Align,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Centre,
    Right,
}

/// How text is set; lengths in twentieths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub face: Face,
    pub size: i32,
    /// From one line to the next.
    pub leading: i32,
}

const TITLE: Style = Style { face: Face::Bold, size: 310, leading: 400 };
const HEADING: Style = Style { face: Face::Bold, size: 240, leading: 320 };
pub const BODY: Style = Style { face: Face::Regular, size: 220, leading: 290 };
pub const STRONG: Style = Style { face: Face::Bold, ..BODY };
const LIGHT: Style = Style { face: Face::Italic, ..BODY };
const FOOT: Style = Style { face: Face::Italic, size: 180, leading: 230 };

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// From the left end of its base line.
    Text {
        x: i32,
        y: i32,
        style: Style,
        text: String,
    },
    Bar {
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        shade: Shade,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    Black,
    Grey,
}

/// The pages of a paper, each with its foot.
pub fn pages(document: &Document) -> Result<Vec<Vec<Mark>>> {
    let mut sheet = Sheet::empty()?;
    sheet.letterhead(document);
    for part in &document.parts {
        sheet.part(part)?;
        if sheet.pages.len() > PAGES_MAX {
            return Err(Error::internal("a paper of too many pages"));
        }
    }
    sheet.feet(document);
    Ok(sheet.pages)
}

/// The pages so far, and how far down the last one is full.
pub struct Sheet {
    pub fonts: &'static Fonts,
    pages: Vec<Vec<Mark>>,
    pub y: i32,
}

impl Sheet {
    pub fn empty() -> Result<Sheet> {
        Ok(Sheet { fonts: fonts()?, pages: vec![Vec::new()], y: TOP })
    }

    /// Begins a page where so much does not fit on this one; whether it did.
    pub fn make_room(&mut self, height: i32) -> bool {
        let is_full = self.y.saturating_add(height) > BOTTOM && self.y > TOP;
        if is_full {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        is_full
    }

    pub fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    pub fn bar(&mut self, (x, y): (i32, i32), (width, height): (i32, i32), shade: Shade) {
        self.put(Mark::Bar { x, y, width, height, shade });
    }

    /// One line of text in a column whose top is at `y`.
    pub fn line(&mut self, (x, y, width): (i32, i32, i32), style: Style, align: Align, text: &str) {
        let free = width.saturating_sub(self.fonts.face(style.face).width(text, style.size)).max(0);
        let x = match align {
            Align::Left => x,
            Align::Centre => x.saturating_add(free / 2),
            Align::Right => x.saturating_add(free),
        };
        let mark = Mark::Text { x, y: y.saturating_add(style.size), style, text: text.to_owned() };
        if !text.is_empty() {
            self.put(mark);
        }
    }

    /// Wraps a text and goes on below it, over as many pages as it takes.
    fn flow(&mut self, (x, width): (i32, i32), style: Style, align: Align, text: &str) {
        for line in self.wrap(text, style, width) {
            self.make_room(style.leading);
            self.line((x, self.y, width), style, align, &line);
            self.y = self.y.saturating_add(style.leading);
        }
    }

    /// Lines that are no wider than the column. A word that is wider is cut where it must be.
    pub fn wrap(&self, text: &str, style: Style, width: i32) -> Vec<String> {
        let face = self.fonts.face(style.face);
        let fits = |line: &str| face.width(line, style.size) <= width;
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in clean(text).split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if !fits(&line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
        }
        lines.push(line);
        lines
    }

    fn gap(&mut self, height: i32) {
        self.y = self.y.saturating_add(height);
    }

    fn letterhead(&mut self, document: &Document) {
        match document.letterhead {
            Letterhead::National => self.national_head(document),
            Letterhead::Plain => {
                let right = WIDTH / 3;
                let left = WIDTH.saturating_sub(right);
                let said = [format!("Số: {}", document.number), long_day(document.made_at)];
                self.side_by_side(
                    ((LEFT, left), &document.issuer, Align::Left),
                    ((LEFT + left, right), &said, Align::Right),
                );
                self.bar((LEFT, self.y), (WIDTH, 12), Shade::Black);
            }
        }
        self.gap(240);
        self.flow((LEFT, WIDTH), TITLE, Align::Centre, &document.title.to_uppercase());
        self.gap(160);
    }

    fn national_head(&mut self, document: &Document) {
        let right = WIDTH * 11 / 20;
        let left = WIDTH.saturating_sub(right);
        let number = format!("Số: {}", document.number);
        let issuer: Vec<String> = document.issuer.iter().cloned().chain([number]).collect();
        let state = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"].map(str::to_owned);
        let under = self.y + BODY.leading * 2 + 20;
        self.side_by_side(((LEFT, left - 200), &issuer, Align::Centre), ((LEFT + left, right), &state, Align::Centre));
        self.bar((LEFT + left + right / 4, under), (right / 2, 12), Shade::Black);
        self.gap(160);
        let said = long_day(document.made_at);
        self.flow((LEFT + left, right), LIGHT, Align::Centre, &said);
    }

    /// Two columns of lines, the first line of each and the state's second in bold.
    fn side_by_side(&mut self, one: ((i32, i32), &[String], Align), two: ((i32, i32), &[String], Align)) {
        let top = self.y;
        let mut deepest = top;
        for ((x, width), texts, align) in [one, two] {
            let mut y = top;
            for (place, text) in texts.iter().enumerate() {
                let is_motto = text.starts_with("Độc lập");
                let style = if place == 0 || is_motto { STRONG } else { BODY };
                for line in self.wrap(text, style, width) {
                    self.line((x, y, width), style, align, &line);
                    y = y.saturating_add(style.leading);
                }
            }
            deepest = deepest.max(y);
        }
        self.y = deepest.saturating_add(100);
    }

    fn part(&mut self, part: &Part) -> Result<()> {
        match part {
            Part::Heading(text) => {
                // Never alone at the foot of a page.
                self.make_room(HEADING.leading + BODY.leading * 3);
                self.gap(140);
                self.flow((LEFT, WIDTH), HEADING, Align::Left, text);
                self.gap(40);
            }
            Part::Paragraph(text) => {
                self.flow((LEFT, WIDTH), BODY, Align::Left, text);
                self.gap(80);
            }
            Part::Facts(facts) => self.facts(facts),
            Part::Table(table) => super::table::put(self, table),
            Part::Totals(totals) => self.totals(totals),
            Part::Qr { text, caption } => self.qr(text, caption)?,
            Part::Signatures(who) => self.signatures(who),
        }
        Ok(())
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        const LABEL: i32 = 2_700;
        let width = WIDTH - LABEL;
        for (label, value) in facts {
            let labels = self.wrap(label, STRONG, LABEL - 150);
            let values = self.wrap(value, BODY, width);
            for place in 0..labels.len().max(values.len()) {
                self.make_room(BODY.leading);
                for (x, width, style, lines) in [(LEFT, LABEL, STRONG, &labels), (LEFT + LABEL, width, BODY, &values)] {
                    let text = lines.get(place).map_or("", String::as_str);
                    self.line((x, self.y, width), style, Align::Left, text);
                }
                self.gap(BODY.leading);
            }
            self.gap(30);
        }
        self.gap(60);
    }

    fn totals(&mut self, totals: &[(String, Vnd)]) {
        const AMOUNT: i32 = 2_200;
        let height = i32::try_from(totals.len()).unwrap_or(i32::MAX).saturating_mul(BODY.leading);
        self.make_room(height.saturating_add(100));
        self.gap(60);
        for (place, (label, amount)) in totals.iter().enumerate() {
            let is_last = place.saturating_add(1) == totals.len();
            let style = if is_last { STRONG } else { BODY };
            if is_last && place > 0 {
                self.bar((LEFT + WIDTH / 2, self.y), (WIDTH - WIDTH / 2, 10), Shade::Black);
                self.gap(50);
            }
            self.line((LEFT, self.y, WIDTH - AMOUNT), style, Align::Right, &clean(label));
            self.line((LEFT + WIDTH - AMOUNT, self.y, AMOUNT), style, Align::Right, &dong(*amount));
            self.gap(style.leading);
        }
        self.gap(100);
    }

    fn qr(&mut self, text: &str, caption: &str) -> Result<()> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::internal)?;
        let modules = i32::try_from(code.width()).map_err(Error::internal)?;
        let side = QR_SIDE.checked_div(modules).unwrap_or(1).max(1);
        let quiet = side * QUIET_MODULES;
        self.make_room(side * modules + quiet * 2);
        let (left, top) = (LEFT, self.y + quiet / 2);
        let mut y = top;
        for row in code.to_colors().chunks(code.width()) {
            let mut x = left;
            for run in row.chunk_by(|one, two| one == two) {
                let width = side.saturating_mul(i32::try_from(run.len()).unwrap_or(0));
                if run.first() == Some(&Color::Dark) {
                    self.bar((x, y), (width, side), Shade::Black);
                }
                x = x.saturating_add(width);
            }
            y = y.saturating_add(side);
        }
        let beside = left + side * modules + quiet;
        let width = WIDTH - (beside - LEFT);
        let mut at = top;
        for line in self.wrap(caption, BODY, width) {
            self.line((beside, at, width), BODY, Align::Left, &line);
            at = at.saturating_add(BODY.leading);
        }
        self.y = y.max(at).saturating_add(quiet / 2);
        Ok(())
    }

    fn signatures(&mut self, who: &[String]) {
        const SPACE: i32 = 1_300;
        self.make_room(BODY.leading * 2 + SPACE);
        self.gap(200);
        let width = WIDTH.checked_div(i32::try_from(who.len()).unwrap_or(1)).unwrap_or(WIDTH);
        let mut x = LEFT;
        for signer in who {
            self.line((x, self.y, width), STRONG, Align::Centre, &clean(signer));
            self.line((x, self.y + BODY.leading, width), LIGHT, Align::Centre, "(Ký, ghi rõ họ tên)");
            x = x.saturating_add(width);
        }
        self.gap(BODY.leading * 2 + SPACE);
    }

    fn feet(&mut self, document: &Document) {
        let count = self.pages.len();
        let said = clean(&format!("{} – Số {}", document.title, document.number));
        let pages = std::mem::take(&mut self.pages);
        for (place, page) in pages.into_iter().enumerate() {
            self.pages.push(page);
            let y = BOTTOM + 300;
            self.bar((LEFT, y), (WIDTH, 8), Shade::Black);
            let number = format!("Trang {}/{count}", place.saturating_add(1));
            self.line((LEFT, y + 60, WIDTH), FOOT, Align::Left, &said);
            self.line((LEFT, y + 60, WIDTH), FOOT, Align::Right, &number);
        }
    }
}
