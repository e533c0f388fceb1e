//! The pictures of the tour: every screen is drawn, and name tags are readable where they belong.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use image::{GrayImage, ImageReader, RgbImage};
use serde::Deserialize;
use tempfile::tempdir;
use xtask::{
    engine::display::Display,
    game::meeting::{Meeting, Visit},
    prepare,
};

const SCREENS: [&str; 16] = [
    "lobby.png",
    "lobby_error.png",
    "classroom.png",
    "member_list.png",
    "network.png",
    "chat.png",
    "menu.png",
    "gesture_wave.png",
    "gesture_dance.png",
    "gesture_sit.png",
    "whiteboard.png",
    "carry.png",
    "furniture.png",
    "company.png",
    "activity.png",
    "garden.png",
];

/// What the tour says about one of its pictures.
#[derive(Debug, Deserialize)]
struct Screen {
    file: String,
    size: [u32; 2],
    name_tags: Vec<NameTag>,
}

#[derive(Debug, Deserialize)]
struct NameTag {
    name: String,
    /// Left, top, width and height in pixels.
    rect: [f64; 4],
}

#[test]
fn every_screen_is_drawn_and_name_tags_are_readable() -> Result<()> {
    let game = prepare::demo()?;
    let display = Display::open_private(game.engine())?;
    let (folder, pictures) = (tempdir()?, tempdir()?);
    let meeting = Meeting {
        players: 3,
        bots: 0,
        seconds: 20,
        max_fps: None,
        space: "classroom".to_owned(),
    };
    for Visit { name, report, .. } in
        meeting.tour(&game, folder.path(), pictures.path(), &display)?
    {
        ensure!(report.errors.is_empty(), "{name}: {:?}", report.errors);
    }
    let screens = fs::read_to_string(pictures.path().join("screens.json"))?;
    let screens: Vec<Screen> = serde_json::from_str(&screens)?;
    for file in SCREENS {
        let screen = screens
            .iter()
            .find(|screen| screen.file == file)
            .context(file)?;
        check(screen, pictures.path()).with_context(|| file.to_owned())?;
    }
    let space = screens
        .iter()
        .filter(|screen| ["classroom.png", "garden.png"].contains(&screen.file.as_str()));
    ensure!(
        space.map(|screen| screen.name_tags.len()).sum::<usize>() > 0,
        "no picture shows a name tag"
    );
    Ok(())
}

fn check(screen: &Screen, folder: &Path) -> Result<()> {
    let picture = ImageReader::open(folder.join(&screen.file))?
        .decode()?
        .to_rgb8();
    ensure!(
        [picture.width(), picture.height()] == screen.size,
        "the size is {:?}",
        picture.dimensions()
    );
    ensure!(colours(&picture) > 500, "the picture is all but blank");
    for tag in &screen.name_tags {
        readable(&picture, tag).with_context(|| format!("the name tag of {}", tag.name))?;
    }
    Ok(())
}

/// Different colours, of 32 shades a channel.
fn colours(picture: &RgbImage) -> usize {
    let mut seen = vec![false; 1 << 15];
    for pixel in picture.pixels() {
        let [r, g, b] = pixel.0.map(|channel| usize::from(channel >> 3));
        seen[r << 10 | g << 5 | b] = true;
    }
    seen.into_iter().filter(|seen| *seen).count()
}

/// Light letters on a dark plate: both are there, in the proportions of text, with a contrast of WCAG's level AA.
fn readable(picture: &RgbImage, tag: &NameTag) -> Result<()> {
    let [x, y, width, height] = tag.rect.map(|value| value.round().max(0.0) as u32);
    ensure!(
        width >= 40 && height >= 14,
        "it is only {width} x {height} pixels"
    );
    let tag = image::imageops::crop_imm(picture, x, y, width, height).to_image();
    let grey: GrayImage = image::imageops::grayscale(&tag);
    let (dark, light) = (share(&grey, 0..=70), share(&grey, 190..=255));
    ensure!(dark > 0.4, "only {dark:.2} of it is plate");
    ensure!((0.03..0.5).contains(&light), "{light:.2} of it is letters");
    let contrast = contrast(&grey);
    ensure!(contrast >= 4.5, "the contrast is {contrast:.1}");
    Ok(())
}

fn share(grey: &GrayImage, range: std::ops::RangeInclusive<u8>) -> f64 {
    let count = grey
        .pixels()
        .filter(|pixel| range.contains(&pixel.0[0]))
        .count();
    count as f64 / f64::from(grey.width() * grey.height())
}

/// The contrast ratio (WCAG 2.2) of its lightest tenth to its median.
fn contrast(grey: &GrayImage) -> f64 {
    let mut values: Vec<u8> = grey.pixels().map(|pixel| pixel.0[0]).collect();
    values.sort_unstable();
    let luminance = |value: u8| (f64::from(value) / 255.0).powf(2.2);
    let (letters, plate) = (values[values.len() * 19 / 20], values[values.len() / 2]);
    (luminance(letters) + 0.05) / (luminance(plate) + 0.05)
}

#[cfg(test)]
mod readability {
    use super::*;

    fn plate(letters: u8) -> RgbImage {
        RgbImage::from_fn(100, 30, |x, y| {
            let is_letter = x % 10 < 2 && (8..22).contains(&y);
            image::Rgb(if is_letter {
                [letters; 3]
            } else {
                [25, 25, 45]
            })
        })
    }

    fn tag() -> NameTag {
        NameTag {
            name: "x".to_owned(),
            rect: [0.0, 0.0, 100.0, 30.0],
        }
    }

    #[test]
    fn light_letters_on_a_plate_can_be_read() -> Result<()> {
        readable(&plate(240), &tag())
    }

    #[test]
    fn an_empty_plate_and_pale_letters_cannot() {
        assert!(readable(&plate(25), &tag()).is_err());
        assert!(readable(&plate(90), &tag()).is_err());
        assert!(readable(&RgbImage::from_pixel(100, 30, image::Rgb([200; 3])), &tag()).is_err());
    }
}
