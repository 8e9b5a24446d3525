//! Pages of marks become a PDF. Everything is written as the document says: nothing comes from a clock or from chance.

use chrono::{Datelike, Timelike};
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::clean::clean;
use super::font::{Fonts, Loaded, fonts};
use super::layout::{Document, Mark, PAGE_HEIGHT, PAGE_WIDTH, Shade};
use crate::kernel::{Error, Result};

/// A twentieth of a point.
const UNIT: f32 = 0.05;
const PAGE_WIDTH_PT: f32 = 595.3;
const PAGE_HEIGHT_PT: f32 = 841.9;
const GREY: u8 = 228;

pub fn write(document: &Document, pages: &[Vec<Mark>]) -> Result<Vec<u8>> {
    debug_assert!((PAGE_WIDTH, PAGE_HEIGHT) == (11_906, 16_838), "the page in points says the same");
    let fonts = fonts()?;
    let mut pdf = krilla::Document::new();
    pdf.set_metadata(metadata(document));
    for marks in pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH_PT, PAGE_HEIGHT_PT);
        let mut page = pdf.start_page_with(settings.ok_or_else(|| Error::internal("a page without a size"))?);
        let mut surface = page.surface();
        surface.push_transform(&Transform::from_scale(UNIT, UNIT));
        for mark in marks {
            put(&mut surface, fonts, mark)?;
        }
        surface.pop();
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|fault| Error::internal(format!("a paper cannot be written: {fault:?}")))
}

fn metadata(document: &Document) -> Metadata {
    let at = document.made_at;
    let small = |number: u32| u8::try_from(number).unwrap_or(0);
    let made = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0);
    Metadata::new()
        .title(clean(&format!("{} {}", document.title, document.number)))
        .language("vi".to_owned())
        .creation_date(made)
}

fn put(surface: &mut Surface<'_>, fonts: &Fonts, mark: &Mark) -> Result<()> {
    match mark {
        Mark::Text { x, y, style, text } => {
            surface.set_fill(Some(fill(0)));
            let loaded = fonts.face(style.face);
            let start = Point::from_xy(twips(*x), twips(*y));
            surface.draw_glyphs(start, &glyphs(loaded, text), loaded.ink.clone(), text, twips(style.size), false);
        }
        Mark::Bar { x, y, width, height, shade } => {
            let bar = Rect::from_xywh(twips(*x), twips(*y), twips(*width), twips(*height));
            let mut path = PathBuilder::new();
            path.push_rect(bar.ok_or_else(|| Error::internal("a bar without a size"))?);
            surface.set_fill(Some(fill(if *shade == Shade::Grey { GREY } else { 0 })));
            surface.draw_path(&path.finish().ok_or_else(|| Error::internal("a bar without a path"))?);
        }
    }
    Ok(())
}

fn fill(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

/// One glyph for each letter: composed Vietnamese needs no more.
fn glyphs(loaded: &Loaded, text: &str) -> Vec<KrillaGlyph> {
    let letters = loaded.letters(text);
    let glyph = |((from, typed), letter): ((usize, char), &super::font::Letter)| {
        let range = from..from.saturating_add(typed.len_utf8());
        KrillaGlyph::new(GlyphId::new(letter.glyph), of_em(letter.width, loaded.em), 0.0, 0.0, 0.0, range, None)
    };
    text.char_indices().zip(&letters).map(glyph).collect()
}

#[expect(clippy::float_arithmetic, reason = "the library wants widths as parts of an em")]
fn of_em(width: i16, em: i16) -> f32 {
    f32::from(width) / f32::from(em)
}

/// No length of a page is longer than an i16.
fn twips(length: i32) -> f32 {
    f32::from(i16::try_from(length).unwrap_or(i16::MAX))
}
