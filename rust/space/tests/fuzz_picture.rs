//! Damaged pictures: whatever bytes come, there is an image or an error. A failure prints the seed that repeats it
//! (`BOLERO_RANDOM_SEED`).

use std::{io::Cursor, sync::LazyLock, time::Duration};

use bolero::{TypeGenerator, check};
use image::{DynamicImage, ImageFormat, RgbaImage};
use metaverse_protocol::limits::IMAGE_BYTES;
use metaverse_space::picture::{self, Picture, SIDE};

const TEST_TIME: Duration = Duration::from_millis(700);

/// Bytes that are written over a good file.
#[derive(Debug, TypeGenerator)]
struct Damage {
    file: u8,
    changes: Vec<(u16, u8)>,
    cut: Option<u16>,
    appended: Vec<u8>,
}

impl Damage {
    fn done_to(&self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = files[usize::from(self.file) % files.len()].clone();
        for (at, value) in &self.changes {
            let at = usize::from(*at) % bytes.len();
            bytes[at] = *value;
        }
        if let Some(cut) = self.cut {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        bytes.extend(&self.appended);
        bytes
    }
}

static PIXELS: LazyLock<RgbaImage> = LazyLock::new(|| {
    RgbaImage::from_fn(40, 30, |x, y| {
        image::Rgba([(x * y) as u8, 6 * x as u8, 8 * y as u8, (x ^ y) as u8 | 1])
    })
});

/// What others send: small files as `encode` makes them.
static IMAGES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let opaque = DynamicImage::ImageRgba8(PIXELS.clone()).into_rgb8();
    let opaque = DynamicImage::ImageRgb8(opaque).into_rgba8();
    [PIXELS.clone(), opaque]
        .into_iter()
        .map(|image| Picture::Rgba {
            width: image.width(),
            height: image.height(),
            pixels: image.into_raw(),
        })
        .map(|picture| picture::encode(picture).expect("a good picture").to_vec())
        .collect()
});

/// What players choose: the same pixels in every format that is read.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let opaque = DynamicImage::ImageRgba8(PIXELS.clone()).into_rgb8();
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP]
        .into_iter()
        .map(|format| {
            let mut bytes = Cursor::new(Vec::new());
            opaque.write_to(&mut bytes, format).expect("encodes");
            bytes.into_inner()
        })
        .collect()
});

fn decode_is_bounded(bytes: &[u8]) {
    let Ok(image) = picture::decode(bytes) else {
        return;
    };
    assert!((1..=SIDE).contains(&image.width) && (1..=SIDE).contains(&image.height));
    assert_eq!(image.rgba.len(), 4 * (image.width * image.height) as usize);
}

fn encode_is_bounded(picture: Picture) {
    let Ok(bytes) = picture::encode(picture) else {
        return;
    };
    assert!(bytes.len() <= IMAGE_BYTES);
    assert!(picture::decode(&bytes).is_ok(), "what encode makes decodes");
}

#[test]
fn decode_takes_any_bytes() {
    check!()
        .with_test_time(TEST_TIME)
        .for_each(decode_is_bounded);
}

#[test]
fn decode_takes_damaged_images() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Damage>()
        .for_each(|damage| decode_is_bounded(&damage.done_to(&IMAGES)));
}

#[test]
fn encode_takes_damaged_files() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<Damage>()
        .for_each(|damage| encode_is_bounded(Picture::Encoded(damage.done_to(&FILES))));
}

#[test]
fn encode_takes_any_pixels() {
    check!()
        .with_test_time(TEST_TIME)
        .with_type::<(u8, u8, Vec<u8>, bool)>()
        .for_each(|(width, height, pattern, honest)| {
            let (width, height) = (u32::from(*width), u32::from(*height));
            let length = if *honest {
                4 * (width * height) as usize
            } else {
                pattern.len()
            };
            let pixels = pattern
                .iter()
                .copied()
                .chain([0])
                .cycle()
                .take(length)
                .collect();
            encode_is_bounded(Picture::Rgba {
                width,
                height,
                pixels,
            });
        });
}
