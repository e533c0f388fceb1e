//! The picture of a bot.

use metaverse_space::picture::Picture;

const SIDE: u32 = 96;
/// What bots are coloured like, in turn.
const COLOURS: [[u8; 3]; 6] = [
    [0x5b, 0x8d, 0xef],
    [0xe8, 0x8c, 0x4a],
    [0x4f, 0xb8, 0x8a],
    [0xc7, 0x6b, 0xd1],
    [0xd8, 0xb4, 0x3c],
    [0xdd, 0x62, 0x6f],
];
const FACE: [u8; 3] = [0xf4, 0xf6, 0xfb];
const FEATURES: [u8; 3] = [0x26, 0x2d, 0x4a];

/// The head of a robot, on the colour of the bot with this `number`.
pub fn draw(number: u16) -> Picture {
    let ground = COLOURS[usize::from(number) % COLOURS.len()];
    let pixels = (0..SIDE * SIDE).flat_map(|at| {
        let place = [at % SIDE, at / SIDE].map(|side| (side as f32 + 0.5) / SIDE as f32 - 0.5);
        let [red, green, blue] = colour(place, ground);
        [red, green, blue, 0xff]
    });
    Picture::Rgba {
        width: SIDE,
        height: SIDE,
        pixels: pixels.collect(),
    }
}

/// The colour at a place, whose coordinates go from -0.5 to 0.5 and downwards.
fn colour([x, y]: [f32; 2], ground: [u8; 3]) -> [u8; 3] {
    let is_in = |middle: [f32; 2], half: [f32; 2]| {
        (x - middle[0]).abs() < half[0] && (y - middle[1]).abs() < half[1]
    };
    let is_eye = (x.abs() - 0.11).hypot(y + 0.01) < 0.055;
    let is_mouth = is_in([0.0, 0.15], [0.12, 0.022]);
    let is_antenna = is_in([0.0, -0.26], [0.018, 0.08]) || x.hypot(y + 0.34) < 0.045;
    if is_eye || is_mouth {
        FEATURES
    } else if is_antenna || is_in([0.0, 0.05], [0.25, 0.22]) {
        FACE
    } else {
        ground
    }
}
