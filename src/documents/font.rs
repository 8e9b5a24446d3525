//! The font of papers and how wide its letters are.

use std::sync::OnceLock;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::kernel::{Error, Result};

/// Where Libertinus Serif's faces stand among the fonts of the crate; a test looks at their letters.
const REGULAR: usize = 0;
const BOLD: usize = 1;
const ITALIC: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Regular,
    Bold,
    Italic,
}

/// A letter as the font has it; widths are in units of the font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    pub glyph: u32,
    pub width: i16,
}

pub struct Loaded {
    pub ink: Font,
    shapes: FontRef<'static>,
    /// Units of the font in one em.
    pub em: i16,
}

pub struct Fonts {
    regular: Loaded,
    bold: Loaded,
    italic: Loaded,
}

/// Read once.
pub fn fonts() -> Result<&'static Fonts> {
    static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        Some(Fonts { regular: Loaded::read(REGULAR)?, bold: Loaded::read(BOLD)?, italic: Loaded::read(ITALIC)? })
    });
    fonts.as_ref().ok_or_else(|| Error::internal("the fonts of papers cannot be read"))
}

impl Fonts {
    pub fn face(&self, face: Face) -> &Loaded {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Italic => &self.italic,
        }
    }
}

impl Loaded {
    fn read(place: usize) -> Option<Loaded> {
        let data = typst_assets::fonts().nth(place)?;
        let shapes = FontRef::new(data).ok()?;
        let em = i16::try_from(shapes.metrics(Size::unscaled(), LocationRef::default()).units_per_em).ok()?;
        (em > 0).then_some(())?;
        Some(Loaded { ink: Font::new(data.into(), 0)?, shapes, em })
    }

    /// The letters of a text. What the font lacks is its sign for that.
    pub fn letters(&self, text: &str) -> Vec<Letter> {
        let (map, metrics) =
            (self.shapes.charmap(), self.shapes.glyph_metrics(Size::unscaled(), LocationRef::default()));
        let letter = |typed: char| {
            let glyph = map.map(typed).unwrap_or_default();
            // Whole units of the font, as they are not scaled.
            let width = metrics.advance_width(glyph).unwrap_or(0.0) as i16;
            Letter { glyph: glyph.to_u32(), width }
        };
        text.chars().map(letter).collect()
    }

    /// How wide a text is in this size, in the unit of the size, rounded up.
    pub fn width(&self, text: &str, size: i32) -> i32 {
        let units: i64 = self.letters(text).iter().map(|letter| i64::from(letter.width)).sum();
        let em = i64::from(self.em);
        let width = units.saturating_mul(i64::from(size)).saturating_add(em.saturating_sub(1)).checked_div(em);
        width.and_then(|width| i32::try_from(width).ok()).unwrap_or(i32::MAX)
    }

    #[cfg(test)]
    pub fn has(&self, letter: char) -> bool {
        self.shapes.charmap().map(letter).is_some_and(|glyph| glyph.to_u32() != 0)
    }
}

/// The 134 Vietnamese letters with a diacritic, and đ.
#[cfg(test)]
pub const VIETNAMESE: &str = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ\
    ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_every_vietnamese_letter() {
        assert_eq!(VIETNAMESE.chars().count(), 134);
        let fonts = fonts().unwrap();
        for face in [Face::Regular, Face::Bold, Face::Italic] {
            let loaded = fonts.face(face);
            let missing: String =
                VIETNAMESE.chars().chain(' '..='~').chain("–−×·…₫“”".chars()).filter(|c| !loaded.has(*c)).collect();
            assert_eq!(missing, "", "{face:?}");
        }
    }

    #[test]
    fn the_faces_are_regular_bold_and_italic() {
        let fonts = fonts().unwrap();
        let width = |face: Face| fonts.face(face).width("Cộng hòa xã hội chủ nghĩa Việt Nam", 1_000);
        assert!(width(Face::Bold) > width(Face::Regular) && width(Face::Regular) > width(Face::Italic));
        assert_eq!(fonts.face(Face::Regular).width("", 1_000), 0);
        assert!(fonts.face(Face::Regular).width("a", 1) == 1);
    }
}
