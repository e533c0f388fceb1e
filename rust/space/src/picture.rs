//! Avatar images: any picture of a player's in, a small one without metadata out; and back to pixels at the others'.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
    error::LimitErrorKind,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use metaverse_protocol::limits::IMAGE_BYTES;
use thiserror::Error;

/// Bytes of a picture that a player may choose: a good photograph, not a camera's raw file.
pub const SOURCE_BYTES: usize = 2 * 1024 * 1024;
/// Pixels a side of a picture that a player may choose: 16 MiB as RGBA.
pub const SOURCE_SIDE: u32 = 2048;
/// Pixels a side of an image as it travels: twice what a name tag or a member list shows.
pub const SIDE: u32 = 256;

/// What a decoder may allocate besides the pixels: the coefficients of a progressive JPEG of [`SOURCE_SIDE`].
const DECODER_BYTES: u64 = 64 * 1024 * 1024;
/// JPEG qualities, tried until the image fits: from no visible loss to visible blocks.
const QUALITIES: [u8; 5] = [90, 80, 65, 50, 35];

/// A picture as a player or a game hands it over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Picture {
    /// The content of a PNG, JPEG or WebP file.
    Encoded(Vec<u8>),
    /// Pixels, row by row from the top left, four bytes each, not premultiplied.
    Rgba {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// `4 * width * height` bytes.
        pixels: Vec<u8>,
    },
}

/// An image as pixels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoded {
    /// Pixels in a row, at most [`SIDE`].
    pub width: u32,
    /// Rows, at most [`SIDE`].
    pub height: u32,
    /// `4 * width * height` bytes, row by row from the top left, not premultiplied.
    pub rgba: Vec<u8>,
}

/// Why a picture cannot be used. The sentences are for players.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PictureError {
    /// More bytes than are taken.
    #[error("The picture is too large: {} KiB, where at most {} KiB are taken.", .length.div_ceil(1024), .limit / 1024)]
    TooManyBytes {
        /// Its bytes.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// More pixels than are taken.
    #[error("The picture is too large: at most {limit} x {limit} pixels are taken.")]
    TooManyPixels {
        /// Pixels a side allowed.
        limit: u32,
    },
    /// No pixels at all.
    #[error("The picture is empty.")]
    Empty,
    /// Neither of the formats that are read.
    #[error("The picture is of an unknown kind. Use a PNG, JPEG or WebP file.")]
    UnknownFormat,
    /// More than one picture.
    #[error("The picture is animated. Use one that stands still.")]
    Animated,
    /// The file is broken, or lies about itself.
    #[error("The picture is damaged and cannot be read.")]
    Corrupt,
    /// There are not as many bytes of pixels as width and height ask for.
    #[error(
        "The picture's {length} bytes are not the {expected} that its width and height ask for."
    )]
    WrongLength {
        /// Bytes of pixels.
        length: usize,
        /// Bytes that width and height ask for.
        expected: usize,
    },
}

/// The picture as it travels: at most [`SIDE`] pixels a side in its own shape, at most [`IMAGE_BYTES`] bytes, upright,
/// without metadata. JPEG if it is opaque, else WebP.
///
/// # Errors
/// When the picture is too large, empty, damaged, or of an unknown format.
pub fn encode(picture: Picture) -> Result<Bytes, PictureError> {
    let image = match picture {
        Picture::Encoded(bytes) => read_source(&bytes)?,
        Picture::Rgba {
            width,
            height,
            pixels,
        } => from_pixels(width, height, pixels)?,
    };
    if image.width() == 0 || image.height() == 0 {
        return Err(PictureError::Empty);
    }
    Ok(compressed(scaled_to_fit(image, SIDE)).into())
}

/// The pixels of an image that has come from somebody else. Takes only what [`encode`] makes.
///
/// # Errors
/// When the image is too large, damaged, or of another format.
pub fn decode(bytes: &[u8]) -> Result<Decoded, PictureError> {
    at_most(bytes.len(), IMAGE_BYTES)?;
    let format = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => ImageFormat::Jpeg,
        // Lossless and nothing around it: the one kind of WebP whose size is known before anything is allocated.
        Ok(ImageFormat::WebP) if bytes.get(12..16) == Some(b"VP8L") => ImageFormat::WebP,
        _ => return Err(PictureError::UnknownFormat),
    };
    let (image, _) = read(bytes, format, SIDE)?;
    let image = image.into_rgba8();
    Ok(Decoded {
        width: image.width(),
        height: image.height(),
        rgba: image.into_raw(),
    })
}

fn read_source(bytes: &[u8]) -> Result<RgbaImage, PictureError> {
    at_most(bytes.len(), SOURCE_BYTES)?;
    let format = image::guess_format(bytes).map_err(|_| PictureError::UnknownFormat)?;
    let bytes = match format {
        ImageFormat::Png | ImageFormat::Jpeg => bytes,
        ImageFormat::WebP => checked_webp(bytes)?,
        _ => return Err(PictureError::UnknownFormat),
    };
    let (mut image, orientation) = read(bytes, format, SOURCE_SIDE)?;
    image.apply_orientation(orientation);
    Ok(image.into_rgba8())
}

fn from_pixels(width: u32, height: u32, pixels: Vec<u8>) -> Result<RgbaImage, PictureError> {
    if width > SOURCE_SIDE || height > SOURCE_SIDE {
        return Err(PictureError::TooManyPixels { limit: SOURCE_SIDE });
    }
    let (length, expected) = (pixels.len(), 4 * width as usize * height as usize);
    if length != expected {
        return Err(PictureError::WrongLength { length, expected });
    }
    RgbaImage::from_raw(width, height, pixels).ok_or(PictureError::WrongLength { length, expected })
}

fn at_most(length: usize, limit: usize) -> Result<(), PictureError> {
    if length > limit {
        return Err(PictureError::TooManyBytes { length, limit });
    }
    Ok(())
}

/// Reads an image whose header says at most `side` pixels a side, and how it is to be turned.
fn read(
    bytes: &[u8],
    format: ImageFormat,
    side: u32,
) -> Result<(DynamicImage, Orientation), PictureError> {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(side);
    limits.max_image_height = Some(side);
    limits.max_alloc = Some(DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);

    let mut decoder = reader
        .into_decoder()
        .map_err(|error| explained(&error, side))?;
    let orientation = decoder
        .orientation()
        .map_err(|error| explained(&error, side))?;
    let image = DynamicImage::from_decoder(decoder).map_err(|error| explained(&error, side))?;
    Ok((image, orientation))
}

fn explained(error: &ImageError, side: u32) -> PictureError {
    match error {
        ImageError::Limits(limit) if matches!(limit.kind(), LimitErrorKind::DimensionError) => {
            PictureError::TooManyPixels { limit: side }
        }
        _ => PictureError::Corrupt,
    }
}

/// The RIFF container without what follows it. The decoder believes the lengths of chunks and the sizes of lossy
/// frames before it compares them with the file and the canvas, and allocates accordingly, so they are checked here.
fn checked_webp(bytes: &[u8]) -> Result<&[u8], PictureError> {
    let (_, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or(PictureError::Corrupt)?;
    let (content, _) = split_riff_chunk(rest)?;
    let mut chunks = content.get(4..).ok_or(PictureError::Corrupt)?;
    while let Some((kind, rest)) = chunks.split_first_chunk::<4>() {
        let (content, behind) = split_riff_chunk(rest)?;
        match kind {
            b"VP8 " => check_lossy_frame(content)?,
            b"ANIM" | b"ANMF" => return Err(PictureError::Animated),
            _ => {}
        }
        chunks = behind;
    }
    Ok(&bytes[..8 + content.len()])
}

/// The content of a RIFF chunk, whose length stands before it, and what is behind. Chunks begin at even places.
fn split_riff_chunk(bytes: &[u8]) -> Result<(&[u8], &[u8]), PictureError> {
    let (length, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or(PictureError::Corrupt)?;
    let length = u32::from_le_bytes(*length) as usize;
    let content = rest.get(..length).ok_or(PictureError::Corrupt)?;
    Ok((
        content,
        rest.get(length.next_multiple_of(2)..).unwrap_or_default(),
    ))
}

/// RFC 6386, section 9.1: a tag and a start code of three bytes each, then 14 bits of width and of height.
fn check_lossy_frame(frame: &[u8]) -> Result<(), PictureError> {
    let &[w0, w1, h0, h1] = frame
        .get(6..)
        .and_then(<[u8]>::first_chunk)
        .ok_or(PictureError::Corrupt)?;
    let sides = [[w0, w1], [h0, h1]].map(|side| u32::from(u16::from_le_bytes(side) & 0x3FFF));
    if sides.into_iter().any(|side| side > SOURCE_SIDE) {
        return Err(PictureError::TooManyPixels { limit: SOURCE_SIDE });
    }
    Ok(())
}

/// The image with its longer side at most `side`. Never larger than it was.
fn scaled_to_fit(mut image: RgbaImage, side: u32) -> RgbaImage {
    let (width, height) = image.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return image;
    }
    let scaled = |length: u32| ((length * side + longest / 2) / longest).max(1);
    // Colours count by how much of them is seen, or invisible pixels would tint the edges.
    image.pixels_mut().for_each(premultiply);
    let mut image = imageops::resize(&image, scaled(width), scaled(height), FilterType::Triangle);
    image.pixels_mut().for_each(unpremultiply);
    image
}

fn premultiply(Rgba([r, g, b, a]): &mut Rgba<u8>) {
    let alpha = u32::from(*a);
    for channel in [r, g, b] {
        *channel = ((u32::from(*channel) * alpha + 127) / 255) as u8;
    }
}

fn unpremultiply(Rgba([r, g, b, a]): &mut Rgba<u8>) {
    let alpha = u32::from(*a).max(1);
    for channel in [r, g, b] {
        *channel = ((u32::from(*channel) * 255 + alpha / 2) / alpha).min(255) as u8;
    }
}

/// The image in at most [`IMAGE_BYTES`], made smaller until it fits: at the latest, one pixel does.
fn compressed(mut image: RgbaImage) -> Vec<u8> {
    let opaque = image.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    loop {
        let bytes = if opaque {
            jpeg(&image)
        } else {
            lossless_webp(&image)
        };
        if bytes.len() <= IMAGE_BYTES {
            return bytes;
        }
        let smaller = image.width().max(image.height()) * 3 / 4;
        image = scaled_to_fit(image, smaller);
    }
}

/// The best quality that fits, or the least.
fn jpeg(image: &RgbaImage) -> Vec<u8> {
    let image = DynamicImage::ImageRgba8(image.clone()).into_rgb8();
    let mut bytes = Vec::new();
    for quality in QUALITIES {
        bytes.clear();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode_image(&image)
            .expect("encodes to memory");
        if bytes.len() <= IMAGE_BYTES {
            break;
        }
    }
    bytes
}

fn lossless_webp(image: &RgbaImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_with_encoder(WebPEncoder::new_lossless(&mut bytes))
        .expect("encodes to memory");
    bytes
}
