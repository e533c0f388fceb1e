//! What becomes of the pictures that players choose, and of those that others send.

use std::io::Cursor;

use image::{
    ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};
use metaverse_protocol::limits::IMAGE_BYTES;
use metaverse_space::picture::{
    self, Decoded, Picture, PictureError, SIDE, SOURCE_BYTES, SOURCE_SIDE,
};

const RED: [u8; 4] = [220, 30, 30, 255];
const BLUE: [u8; 4] = [30, 30, 220, 255];
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        let [r, g, b, _] = if x < width / 2 { RED } else { BLUE };
        Rgb([r, g, b])
    })
}

fn file(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

fn rgba(image: &RgbaImage) -> Picture {
    Picture::Rgba {
        width: image.width(),
        height: image.height(),
        pixels: image.as_raw().clone(),
    }
}

/// What others see of a picture.
fn arrived(picture: Picture) -> Decoded {
    let bytes = picture::encode(picture).expect("a good picture");
    assert!(bytes.len() <= IMAGE_BYTES, "{} bytes", bytes.len());
    picture::decode(&bytes).expect("what encode makes decodes")
}

fn pixel(image: &Decoded, x: u32, y: u32) -> [u8; 4] {
    let at = 4 * (y * image.width + x) as usize;
    image.rgba[at..at + 4].try_into().expect("four bytes")
}

fn assert_near(actual: [u8; 4], expected: [u8; 4]) {
    assert!(
        actual.iter().zip(expected).all(|(a, e)| a.abs_diff(e) <= 8),
        "{actual:?} is not near {expected:?}"
    );
}

/// A repeatable stream of bytes without a pattern (splitmix64).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// The least EXIF block that says how to turn the picture.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block
}

fn file_with_metadata(
    image: &RgbImage,
    format: ImageFormat,
    exif: Vec<u8>,
    icc: Vec<u8>,
) -> Vec<u8> {
    fn write(mut encoder: impl ImageEncoder, image: &RgbImage, exif: Vec<u8>, icc: Vec<u8>) {
        encoder.set_exif_metadata(exif).expect("takes EXIF");
        encoder.set_icc_profile(icc).expect("takes a profile");
        encoder
            .write_image(
                image,
                image.width(),
                image.height(),
                ExtendedColorType::Rgb8,
            )
            .expect("encodes");
    }
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Png => write(PngEncoder::new(&mut bytes), image, exif, icc),
        ImageFormat::Jpeg => write(
            JpegEncoder::new_with_quality(&mut bytes, 95),
            image,
            exif,
            icc,
        ),
        _ => write(WebPEncoder::new_lossless(&mut bytes), image, exif, icc),
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A chunk of a WebP file.
fn riff_chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut chunk = [
        kind.as_slice(),
        &(content.len() as u32).to_le_bytes(),
        content,
    ]
    .concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    riff_chunk(*b"RIFF", &[b"WEBP".as_slice(), &chunks.concat()].concat())
}

/// The header of an extended WebP file.
fn vp8x(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let sides = [width, height].map(|side| (side - 1).to_le_bytes());
    riff_chunk(
        *b"VP8X",
        &[&[flags, 0, 0, 0], &sides[0][..3], &sides[1][..3]].concat(),
    )
}

/// A chunk of a PNG file.
fn png_chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [kind.as_slice(), content].concat();
    let mut crc = u32::MAX;
    for byte in &named {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    [
        (content.len() as u32).to_be_bytes().as_slice(),
        &named,
        &(!crc).to_be_bytes(),
    ]
    .concat()
}

const PNG_SIGNATURE_AND_HEADER: usize = 8 + 25;

/// A PNG file with another size in its header.
fn lying_png(file: &[u8], width: u32, height: u32) -> Vec<u8> {
    let header = [&width.to_be_bytes(), &height.to_be_bytes(), &file[24..29]].concat();
    [
        &file[..8],
        &png_chunk(*b"IHDR", &header),
        &file[PNG_SIGNATURE_AND_HEADER..],
    ]
    .concat()
}

#[test]
fn every_format_arrives_small_and_in_its_shape() {
    for format in FORMATS {
        let image = arrived(Picture::Encoded(file(&halves(600, 400), format)));
        assert_eq!((image.width, image.height), (SIDE, 171), "{format:?}");
        assert_near(pixel(&image, 20, 100), RED);
        assert_near(pixel(&image, 235, 100), BLUE);
    }
}

#[test]
fn pixels_arrive_too() {
    let image = RgbaImage::from_fn(512, 1024, |_, y| Rgba(if y < 512 { RED } else { BLUE }));
    let image = arrived(rgba(&image));
    assert_eq!((image.width, image.height), (128, SIDE));
    assert_near(pixel(&image, 64, 20), RED);
    assert_near(pixel(&image, 64, 235), BLUE);
}

#[test]
fn small_pictures_are_not_enlarged() {
    for (size, expected) in [
        ((1, 1), (1, 1)),
        ((100, 50), (100, 50)),
        ((SIDE, SIDE), (SIDE, SIDE)),
        ((SIDE + 1, 1), (SIDE, 1)),
        ((SOURCE_SIDE, 1), (SIDE, 1)),
        ((1, SOURCE_SIDE), (1, SIDE)),
        ((SOURCE_SIDE, SOURCE_SIDE), (SIDE, SIDE)),
    ] {
        for format in FORMATS {
            let image = arrived(Picture::Encoded(file(&halves(size.0, size.1), format)));
            assert_eq!(
                (image.width, image.height),
                expected,
                "{size:?} as {format:?}"
            );
        }
    }
}

#[test]
fn photographs_arrive_upright_and_without_metadata() {
    for format in FORMATS {
        // 6: the camera was turned, the left side belongs to the top.
        let source =
            file_with_metadata(&halves(80, 40), format, exif(6), b"a secret place".to_vec());
        assert!(
            holds(&source, &exif(6)),
            "the test's {format:?} says how to turn it"
        );
        let bytes = picture::encode(Picture::Encoded(source)).expect("a good picture");
        for part in [exif(6).as_slice(), b"Exif", b"EXIF", b"ICC", b"secret"] {
            assert!(!holds(&bytes, part), "{format:?} still holds {part:?}");
        }
        let image = picture::decode(&bytes).expect("what encode makes decodes");
        assert_eq!((image.width, image.height), (40, 80), "{format:?}");
        assert_near(pixel(&image, 20, 5), RED);
        assert_near(pixel(&image, 20, 75), BLUE);
    }
}

#[test]
fn the_worst_noise_fits() {
    let pixels = noise(4 * 256 * 256);
    let black_and_white = pixels
        .iter()
        .map(|byte| if byte & 1 == 1 { 255 } else { 0 })
        .collect::<Vec<_>>();
    for mut pixels in [pixels, black_and_white] {
        let transparent = arrived(Picture::Rgba {
            width: 256,
            height: 256,
            pixels: pixels.clone(),
        });
        assert!(
            transparent.width >= 96,
            "{} pixels are left",
            transparent.width
        );
        pixels
            .iter_mut()
            .skip(3)
            .step_by(4)
            .for_each(|alpha| *alpha = 255);
        let opaque = arrived(Picture::Rgba {
            width: 256,
            height: 256,
            pixels,
        });
        assert!(opaque.width >= 192, "{} pixels are left", opaque.width);
    }
}

#[test]
fn transparency_is_kept() {
    let image = RgbaImage::from_fn(256, 64, |x, y| {
        Rgba([x as u8, 4 * y as u8, 90, 255 - x as u8])
    });
    let arrived = arrived(rgba(&image));
    assert_eq!(arrived.rgba, *image.as_raw());
}

#[test]
fn invisible_colours_do_not_tint_edges() {
    let image = RgbaImage::from_fn(2048, 64, |x, _| {
        Rgba(if x % 8 < 4 { RED } else { [0, 255, 0, 0] })
    });
    let image = arrived(rgba(&image));
    for x in 0..image.width {
        let [r, g, b, alpha] = pixel(&image, x, 2);
        assert!(alpha.abs_diff(128) < 40);
        assert_near([r, g, b, 255], RED);
    }
}

#[test]
fn an_animation_shows_its_first_picture_or_is_refused() {
    let png = file(&halves(64, 32), ImageFormat::Png);
    let (head, tail) = png.split_at(PNG_SIGNATURE_AND_HEADER);
    let control = png_chunk(*b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    let frame = [0, 64, 32, 0, 0]
        .iter()
        .flat_map(|n: &u32| n.to_be_bytes())
        .chain([0, 1, 0, 10, 0, 0]);
    let frame = png_chunk(*b"fcTL", &frame.collect::<Vec<_>>());
    let animated = [head, &control, &frame, tail].concat();
    let image = arrived(Picture::Encoded(animated));
    assert_near(pixel(&image, 10, 10), RED);

    let still = file(&halves(2, 2), ImageFormat::WebP);
    let mut frame = vec![0; 16];
    (frame[6], frame[9]) = (1, 1);
    frame.extend(&still[12..]);
    let animated = webp(&[
        vp8x(2, 2, 2),
        riff_chunk(*b"ANIM", &[0; 6]),
        riff_chunk(*b"ANMF", &frame),
    ]);
    assert_eq!(
        picture::encode(Picture::Encoded(animated)),
        Err(PictureError::Animated)
    );
}

#[test]
fn nothing_but_the_three_formats_is_read() {
    let others: [&[u8]; 6] = [
        b"",
        b"x",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM\0\0\0\0",
        b"<svg/>",
        b"P6 1 1 255 abc",
    ];
    for bytes in others {
        assert_eq!(
            picture::encode(Picture::Encoded(bytes.to_vec())),
            Err(PictureError::UnknownFormat)
        );
        assert_eq!(picture::decode(bytes), Err(PictureError::UnknownFormat));
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let error = PictureError::TooManyBytes {
        length: SOURCE_BYTES + 1,
        limit: SOURCE_BYTES,
    };
    assert_eq!(
        picture::encode(Picture::Encoded(vec![0; SOURCE_BYTES + 1])),
        Err(error)
    );

    let error = Err(PictureError::TooManyPixels { limit: SOURCE_SIDE });
    for format in FORMATS {
        for (width, height) in [(SOURCE_SIDE + 1, 1), (1, SOURCE_SIDE + 1)] {
            assert_eq!(
                picture::encode(Picture::Encoded(file(&halves(width, height), format))),
                error
            );
        }
    }
    assert_eq!(
        picture::encode(Picture::Rgba {
            width: u32::MAX,
            height: u32::MAX,
            pixels: vec![]
        }),
        error
    );
}

#[test]
fn pixels_must_be_as_many_as_their_size_says() {
    for length in [0, 15, 17] {
        let picture = Picture::Rgba {
            width: 2,
            height: 2,
            pixels: vec![0; length],
        };
        assert_eq!(
            picture::encode(picture),
            Err(PictureError::WrongLength {
                length,
                expected: 16
            })
        );
    }
    let nothing = Picture::Rgba {
        width: 0,
        height: 7,
        pixels: vec![],
    };
    assert_eq!(picture::encode(nothing), Err(PictureError::Empty));
}

#[test]
fn headers_that_lie_about_the_size_are_refused() {
    let too_large = Err(PictureError::TooManyPixels { limit: SOURCE_SIDE });
    let corrupt = Err(PictureError::Corrupt);

    let png = file(&halves(8, 8), ImageFormat::Png);
    assert_eq!(
        picture::encode(Picture::Encoded(lying_png(&png, 0x7FFF_FFFF, 0x7FFF_FFFF))),
        too_large
    );
    assert_eq!(
        picture::encode(Picture::Encoded(lying_png(&png, 2048, 2048))),
        corrupt
    );
    assert_eq!(
        picture::encode(Picture::Encoded(lying_png(&png, 0, 8))),
        corrupt
    );

    let mut jpeg = file(&halves(8, 8), ImageFormat::Jpeg);
    let frame = jpeg
        .windows(2)
        .position(|marker| marker == [0xFF, 0xC0])
        .expect("a frame header");
    jpeg[frame + 5..frame + 9].fill(0xFF);
    assert_eq!(picture::encode(Picture::Encoded(jpeg.clone())), too_large);
    assert_eq!(
        picture::decode(&jpeg),
        Err(PictureError::TooManyPixels { limit: SIDE })
    );

    // A canvas of one pixel, a lossy frame of 16,383 x 16,383 on it.
    let frame = [
        0x10, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F, 0, 0, 0, 0,
    ];
    let lying = webp(&[vp8x(0, 1, 1), riff_chunk(*b"VP8 ", &frame)]);
    assert_eq!(picture::encode(Picture::Encoded(lying)), too_large);

    // A lossless frame on a canvas of another size.
    let frame = file(&halves(8, 8), ImageFormat::WebP)[12..].to_vec();
    let lying = webp(&[vp8x(0, 9, 9), frame.clone()]);
    assert_eq!(picture::encode(Picture::Encoded(lying)), corrupt);

    // Metadata of 4 GiB that are not there.
    let mut lying = webp(&[vp8x(8, 8, 8), frame, riff_chunk(*b"EXIF", &[])]);
    let length = lying.len() - 4;
    lying[length..].fill(0xFF);
    assert_eq!(picture::encode(Picture::Encoded(lying)), corrupt);
}

#[test]
fn bombs_do_not_go_off() {
    let mut png = Vec::new();
    let pixels = vec![0; 8 * 2048 * 2048];
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter)
        .write_image(&pixels, 2048, 2048, ExtendedColorType::Rgba16)
        .expect("encodes");
    assert!(png.len() < 64 * 1024, "32 MiB in {} bytes", png.len());
    let image = arrived(Picture::Encoded(png));
    assert_eq!((image.width, image.height), (SIDE, SIDE));

    let profile = vec![0; 65 * 1024 * 1024];
    let png = file_with_metadata(&halves(8, 8), ImageFormat::Png, exif(1), profile);
    assert!(png.len() < SOURCE_BYTES);
    let image = arrived(Picture::Encoded(png));
    assert_eq!(
        (image.width, image.height),
        (8, 8),
        "without the profile it is a good picture"
    );
}

#[test]
fn truncated_files_are_errors() {
    for format in FORMATS {
        let whole = file(&halves(40, 30), format);
        for length in 0..whole.len() {
            let result = picture::encode(Picture::Encoded(whole[..length].to_vec()));
            // A JPEG that is cut in its pixels shows those that are there, a PNG may lack its empty last chunk.
            let enough = match format {
                ImageFormat::Png => whole.len() - 16,
                ImageFormat::Jpeg => whole
                    .windows(2)
                    .position(|marker| marker == [0xFF, 0xDA])
                    .expect("a scan"),
                _ => whole.len(),
            };
            assert!(
                result.is_err() || length >= enough,
                "{length} bytes of {} as {format:?}",
                whole.len()
            );
        }
    }
}

#[test]
fn others_may_send_only_what_encode_makes() {
    let decode = |image: &RgbImage, format| picture::decode(&file(image, format));
    assert!(decode(&halves(SIDE, SIDE), ImageFormat::Jpeg).is_ok());
    assert!(decode(&halves(SIDE, SIDE), ImageFormat::WebP).is_ok());
    assert_eq!(
        decode(&halves(8, 8), ImageFormat::Png),
        Err(PictureError::UnknownFormat)
    );
    for format in [ImageFormat::Jpeg, ImageFormat::WebP] {
        let error = Err(PictureError::TooManyPixels { limit: SIDE });
        assert_eq!(decode(&halves(SIDE + 1, 1), format), error);
        assert_eq!(decode(&halves(1, SIDE + 1), format), error);
    }
    let extended = file_with_metadata(&halves(8, 8), ImageFormat::WebP, exif(1), vec![]);
    assert_eq!(picture::decode(&extended), Err(PictureError::UnknownFormat));

    let mut long = file(&halves(8, 8), ImageFormat::Jpeg);
    long.resize(IMAGE_BYTES + 1, 0);
    let error = PictureError::TooManyBytes {
        length: IMAGE_BYTES + 1,
        limit: IMAGE_BYTES,
    };
    assert_eq!(picture::decode(&long), Err(error));
}
