//! From what was sent to what is kept: pure, so that bad files are tried without a server.

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage};

use super::model::{PhotoSize, StorageRefusal};

/// Pixels of a photo: more than phones make, and 96 MB when unpacked.
const PIXELS_MAX: u64 = 32_000_000;
const SIDE_MAX: u32 = 16_000;
/// Memory that a decoder may take.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;
const JPEG_QUALITY: u8 = 80;
/// Most of what a PNG file may say besides its picture is thrown away unread; the orientation is this short.
const EXIF_BYTES_MAX: usize = 64 * 1024;

/// A photo drawn anew in three sizes, as JPEG.
#[derive(Debug)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub large: Vec<u8>,
    pub medium: Vec<u8>,
    pub small: Vec<u8>,
}

impl Picture {
    pub fn file(&self, size: PhotoSize) -> &[u8] {
        match size {
            PhotoSize::Small => &self.small,
            PhotoSize::Medium => &self.medium,
            PhotoSize::Large => &self.large,
        }
    }
}

/// By content, whatever the file is called.
pub fn draw(bytes: &[u8]) -> Result<Picture, StorageRefusal> {
    let decoded = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => jpeg(bytes)?,
        Ok(ImageFormat::Png) => png(bytes)?,
        Ok(ImageFormat::WebP) => webp(bytes)?,
        _ => return Err(StorageRefusal::NotAPhoto),
    };
    let large = fit(&decoded, PhotoSize::Large);
    drop(decoded);
    let medium = fit(&large, PhotoSize::Medium);
    let small = fit(&medium, PhotoSize::Small);
    Ok(Picture {
        width: large.width(),
        height: large.height(),
        large: encode(&large)?,
        medium: encode(&medium)?,
        small: encode(&small)?,
    })
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    limits
}

fn jpeg(bytes: &[u8]) -> Result<DynamicImage, StorageRefusal> {
    // The decoder fills up what is missing.
    let (width, height) = whole_jpeg(bytes).ok_or(StorageRefusal::Broken)?;
    must_be_small(width, height)?;
    upright(JpegDecoder::new(Cursor::new(bytes)).map_err(|error| refusal(&error))?)
}

fn png(bytes: &[u8]) -> Result<DynamicImage, StorageRefusal> {
    let plain = plain_png(bytes)?;
    upright(PngDecoder::with_limits(Cursor::new(plain), limits()).map_err(|error| refusal(&error))?)
}

fn webp(bytes: &[u8]) -> Result<DynamicImage, StorageRefusal> {
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|error| refusal(&error))?;
    if decoder.has_animation() {
        return Err(StorageRefusal::Animated);
    }
    upright(decoder)
}

/// Unpacks only what is small enough, and turns it as the camera was held.
fn upright(mut decoder: impl ImageDecoder) -> Result<DynamicImage, StorageRefusal> {
    let (width, height) = decoder.dimensions();
    must_be_small(width, height)?;
    decoder.set_limits(limits()).map_err(|error| refusal(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn must_be_small(width: u32, height: u32) -> Result<(), StorageRefusal> {
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels == 0 {
        return Err(StorageRefusal::Broken);
    }
    let is_large = pixels > PIXELS_MAX || width > SIDE_MAX || height > SIDE_MAX;
    if is_large { Err(StorageRefusal::TooManyPixels) } else { Ok(()) }
}

fn refusal(error: &ImageError) -> StorageRefusal {
    if matches!(error, ImageError::Limits(_)) { StorageRefusal::TooManyPixels } else { StorageRefusal::Broken }
}

fn fit(image: &DynamicImage, size: PhotoSize) -> DynamicImage {
    let side = size.pixels();
    if image.width() <= side && image.height() <= side {
        return image.clone();
    }
    image.resize(side, side, FilterType::Triangle)
}

fn encode(image: &DynamicImage) -> Result<Vec<u8>, StorageRefusal> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
    over_white(image).write_with_encoder(encoder).map_err(|_| StorageRefusal::Broken)?;
    Ok(file)
}

/// JPEG knows no transparency.
fn over_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let mut flat = RgbImage::new(image.width(), image.height());
    for (to, from) in flat.pixels_mut().zip(image.to_rgba8().pixels()) {
        let [r, g, b, alpha] = from.0;
        to.0 = [r, g, b].map(|colour| over(colour, alpha));
    }
    flat
}

fn over(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    let mixed =
        colour.saturating_mul(alpha).saturating_add(255_u32.saturating_mul(255_u32.saturating_sub(alpha))) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

/// Width and height of a picture whose end is there: within the picture itself the mark of its end never occurs.
fn whole_jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    const SCAN: u8 = 0xDA;
    let mut size = None;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, kind, tail @ ..] = rest {
        match *kind {
            SCAN => return size.filter(|_| tail.windows(2).any(|pair| pair == [0xFF, 0xD9])),
            // A mark may be filled up, and some have no content.
            0xFF => rest = rest.get(1..).unwrap_or_default(),
            0x01 | 0xD0..=0xD8 => rest = tail,
            _ => {
                let [high, low, content @ ..] = tail else { return None };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if let (true, [_, h1, h0, w1, w0, ..]) = (begins_frame(*kind), content) {
                    size = Some((u32::from(u16::from_be_bytes([*w1, *w0])), u32::from(u16::from_be_bytes([*h1, *h0]))));
                }
                rest = tail.get(length.max(2)..).unwrap_or_default();
            }
        }
    }
    None
}

/// Marks of frames, between which stand three of tables.
fn begins_frame(kind: u8) -> bool {
    matches!(kind, 0xC0..=0xCF) && !matches!(kind, 0xC4 | 0xC8 | 0xCC)
}

/// The picture of a PNG file without whatever else is in it: profiles and texts unpack to any size.
fn plain_png(bytes: &[u8]) -> Result<Vec<u8>, StorageRefusal> {
    const SIGNATURE: usize = 8;
    let (signature, mut rest) = bytes.split_at_checked(SIGNATURE).ok_or(StorageRefusal::Broken)?;
    let mut plain = signature.to_vec();
    loop {
        let header = rest.first_chunk::<8>().ok_or(StorageRefusal::Broken)?;
        let [l0, l1, l2, l3, kind @ ..] = header;
        let length = usize::try_from(u32::from_be_bytes([*l0, *l1, *l2, *l3])).map_err(|_| StorageRefusal::Broken)?;
        let whole = length.checked_add(12).ok_or(StorageRefusal::Broken)?;
        let (chunk, tail) = rest.split_at_checked(whole).ok_or(StorageRefusal::Broken)?;
        if let (b"IHDR", [_, _, _, _, _, _, _, _, w0, w1, w2, w3, h0, h1, h2, h3, ..]) = (kind, chunk) {
            must_be_small(u32::from_be_bytes([*w0, *w1, *w2, *w3]), u32::from_be_bytes([*h0, *h1, *h2, *h3]))?;
        }
        match kind {
            b"acTL" | b"fcTL" | b"fdAT" => return Err(StorageRefusal::Animated),
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND" => plain.extend_from_slice(chunk),
            b"eXIf" if length <= EXIF_BYTES_MAX => plain.extend_from_slice(chunk),
            _ => {}
        }
        if kind == b"IEND" {
            return Ok(plain);
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> DynamicImage {
        let colour = |x: u32, y: u32| image::Rgb([(x % 256) as u8, (y % 256) as u8, 90]);
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, colour))
    }

    fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn sizes(picture: &Picture) -> Vec<(u32, u32)> {
        PhotoSize::ALL
            .iter()
            .map(|size| {
                let drawn = image::load_from_memory_with_format(picture.file(*size), ImageFormat::Jpeg).unwrap();
                (drawn.width(), drawn.height())
            })
            .collect()
    }

    /// One chunk of a PNG file with its check sum.
    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = u32::MAX;
        for byte in kind.iter().chain(data) {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &(!crc).to_be_bytes()].concat()
    }

    /// A PNG file with one more chunk after its header.
    fn png_with(extra: &[u8]) -> Vec<u8> {
        let png = file(&gradient(40, 30), ImageFormat::Png);
        let header_end = 8 + 25;
        [&png[..header_end], extra, &png[header_end..]].concat()
    }

    #[test]
    fn photos_of_every_kind_are_drawn_in_three_sizes() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let picture = draw(&file(&gradient(2000, 1000), format)).unwrap();
            assert_eq!(sizes(&picture), [(320, 160), (800, 400), (1600, 800)], "{format:?}");
            let small = draw(&file(&gradient(100, 300), format)).unwrap();
            assert_eq!(sizes(&small), [(100, 300); 3], "{format:?}: never larger than it was");
        }
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(20, 20, image::Rgba([0, 0, 0, 0])));
        let picture = draw(&file(&clear, ImageFormat::Png)).unwrap();
        let drawn = image::load_from_memory(&picture.large).unwrap().to_rgb8();
        assert!(drawn.pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
        assert_eq!((over(10, 255), over(10, 0), over(0, 128)), (10, 255, 127));
    }

    /// A JPEG whose EXIF says that the camera was turned, where it was, and that it belongs to somebody.
    fn turned(orientation: u8) -> Vec<u8> {
        let jpeg = file(&gradient(60, 20), ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 22.8233 104.9784 Nguyen Van A");
        let length = (exif.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photo_stands_upright_and_says_nothing_of_where_and_by_whom() {
        let picture = draw(&turned(6)).unwrap();
        assert_eq!((picture.width, picture.height), (20, 60));
        assert_eq!(draw(&turned(1)).unwrap().width, 60);
        for size in PhotoSize::ALL {
            let kept = picture.file(*size);
            assert!(!kept.windows(4).any(|part| part == b"Exif" || part == b"GPS "), "{size}");
        }
    }

    #[test]
    fn b14_what_is_no_whole_photo_is_refused() {
        let jpeg = file(&gradient(300, 200), ImageFormat::Jpeg);
        let png = file(&gradient(300, 200), ImageFormat::Png);
        let webp = file(&gradient(300, 200), ImageFormat::WebP);
        for bytes in [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(),
            b"<!doctype html><script>alert(1)</script>".to_vec(),
            b"GIF89a\x01\0\x01\0\0\0\0PK\x03\x04".to_vec(),
            b"\0\0\0\x18ftypheic".to_vec(),
            b"%PDF-1.7".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(draw(&bytes).unwrap_err(), StorageRefusal::NotAPhoto);
        }
        for whole in [&jpeg, &png, &webp] {
            for kept in [12, whole.len() / 2, whole.len() - 3] {
                let refusal = draw(&whole[..kept]).unwrap_err();
                assert!(matches!(refusal, StorageRefusal::Broken), "{kept} of {}: {refusal:?}", whole.len());
            }
        }
    }

    #[test]
    fn b14_of_a_file_that_is_two_only_the_picture_is_kept() {
        let both = [file(&gradient(300, 200), ImageFormat::Jpeg), b"PK\x03\x04 evil.jar <script>".to_vec()].concat();
        let picture = draw(&both).unwrap();
        assert!(!picture.large.windows(6).any(|part| part == b"script"));
    }

    #[test]
    fn b15_pixels_are_counted_before_they_are_unpacked() {
        let header = |width: u32, height: u32| {
            let data = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
            let png = [
                b"\x89PNG\r\n\x1a\n".to_vec(),
                chunk(b"IHDR", &data),
                chunk(b"IDAT", b"\x78\x9c"),
                chunk(b"IEND", b""),
            ];
            png.concat()
        };
        for (width, height) in [(30_000, 30_000), (6_000, 6_000), (1_000_000, 1), (1, 2_000_000_000)] {
            let refusal = draw(&header(width, height)).unwrap_err();
            assert!(
                matches!(refusal, StorageRefusal::TooManyPixels | StorageRefusal::Broken),
                "{width}x{height}: {refusal:?}"
            );
        }
        assert_eq!(draw(&header(30_000, 30_000)).unwrap_err(), StorageRefusal::TooManyPixels);
        let mut jpeg = file(&gradient(64, 64), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
        assert_eq!(draw(&jpeg).unwrap_err(), StorageRefusal::TooManyPixels);
    }

    #[test]
    fn b15_animations_and_packed_profiles_are_not_unpacked() {
        assert_eq!(
            draw(&png_with(&chunk(b"acTL", &[0, 1, 134, 160, 0, 0, 0, 0]))).unwrap_err(),
            StorageRefusal::Animated
        );
        // A profile that claims to be packed, but is not: whoever unpacked it would say that the file is broken.
        assert!(draw(&png_with(&chunk(b"iCCP", b"bomb\0\0this is no zlib stream"))).is_ok());
        assert!(draw(&png_with(&chunk(b"zTXt", b"bomb\0\0this is no zlib stream"))).is_ok());
        assert!(draw(&png_with(&chunk(b"eXIf", &vec![0; 1_000_000]))).is_ok());
    }
}
