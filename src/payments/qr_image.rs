//! A picture of a QR text, for a phone to scan from a screen, a receipt or a stall's sign.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};
use thiserror::Error;

/// White modules on each side; ISO/IEC 18004 asks for four.
const QUIET_ZONE_MODULES: usize = 4;
/// Pixels of one module's side. Eight, so that a row of one module is one byte of a picture with
/// one bit per pixel, and no bit has to be shifted.
const MODULE_PX: usize = 8;
/// Eight white pixels: in a grey picture of one bit a set bit is white.
const WHITE: u8 = 0xFF;
/// Eight black pixels.
const BLACK: u8 = 0x00;

/// Why there is no picture.
#[derive(Debug, Error)]
pub enum QrImageFault {
    #[error("the text does not fit a QR code")]
    Text(#[from] QrError),
    #[error("the picture does not fit a PNG")]
    Picture(#[from] std::num::TryFromIntError),
    #[error("the PNG could not be written")]
    Png(#[from] png::EncodingError),
}

/// Draws a QR text as a PNG, with the middle error correction that bank apps expect of VietQR.
///
/// # Errors
///
/// Refuses a text that is longer than the largest QR code (2,331 bytes).
pub fn draw(text: &str) -> Result<Vec<u8>, QrImageFault> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let modules = code.width().saturating_add(2 * QUIET_ZONE_MODULES);
    let side_px = u32::try_from(modules.saturating_mul(MODULE_PX))?;

    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side_px, side_px);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels(&code, modules))?;
    writer.finish()?;
    Ok(file)
}

/// The picture's bytes, row by row: one byte per module and row of pixels.
fn pixels(code: &QrCode, modules: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let white_row = vec![WHITE; modules];
    let margin = [WHITE; QUIET_ZONE_MODULES];

    bytes.extend(white_row.repeat(QUIET_ZONE_MODULES * MODULE_PX));
    for row in code.to_colors().chunks(code.width()) {
        let mut line = margin.to_vec();
        line.extend(row.iter().map(|module| shade(*module)));
        line.extend(margin);
        bytes.extend(line.repeat(MODULE_PX));
    }
    bytes.extend(white_row.repeat(QUIET_ZONE_MODULES * MODULE_PX));
    bytes
}

fn shade(module: Color) -> u8 {
    match module {
        Color::Dark => BLACK,
        Color::Light => WHITE,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "00020101021238570010A000000727012700069704050113820620512345602\
                        08QRIBFTTA530370454061850005802VN62130809OCOP0004263045EFC";

    /// Whether the pixel is black, for every pixel of the picture.
    fn decoded(file: &[u8]) -> Vec<Vec<bool>> {
        let mut decoder = png::Decoder::new(Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(frame.width, frame.height);
        let width = usize::try_from(frame.width).unwrap();
        bytes.chunks(width).map(|row| row.iter().map(|grey| *grey == 0).collect()).collect()
    }

    #[test]
    fn every_module_is_a_square_inside_a_quiet_zone() {
        let rows = decoded(&draw(TEXT).unwrap());
        let code = QrCode::with_error_correction_level(TEXT, EcLevel::M).unwrap();
        let modules = code.width() + 2 * QUIET_ZONE_MODULES;
        assert_eq!(rows.len(), modules * MODULE_PX);
        for (y, row) in rows.iter().enumerate() {
            for (x, black) in row.iter().enumerate() {
                let place = |at: usize| (at / MODULE_PX).checked_sub(QUIET_ZONE_MODULES);
                let inside = |at: usize| place(at).filter(|module| *module < code.width());
                let expected = match (inside(x), inside(y)) {
                    (Some(column), Some(line)) => code[(column, line)] == Color::Dark,
                    _ => false,
                };
                assert_eq!(*black, expected, "pixel {x},{y}");
            }
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused() {
        assert!(matches!(draw(&"x".repeat(2_332)), Err(QrImageFault::Text(_))));
        assert!(draw(&"x".repeat(2_331)).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn no_text_makes_drawing_panic(text in ".{0,200}") {
            let _ = draw(&text);
        }
    }
}
