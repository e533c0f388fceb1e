//! How mobile the parts of a body are: what is expected of their motion before any is known.

use glam::Vec4;

use crate::{
    history::Remembered,
    layout::{Layout, Part, difference},
};

/// What can be anything.
const USUAL: [f32; 3] = [2.0; 3];

/// How far the components of a part go within two beats, in steps of its lattice, squared, when a person walks about. From
/// anatomy, and rounded from recorded motion: knees are hinges, and nothing swings as arms and legs do. Those of joints are of a
/// figure that looks along z.
pub fn of(part: Part, bone: &str) -> Vec4 {
    let [x, y, z] = match part {
        Part::RootPosition => [20.0, 0.5, 20.0],
        Part::RootRotation => [0.5, 5.0, 0.5],
        Part::Hips => [1.0, 6.0, 1.0],
        Part::Bone(_) => of_bone(bone),
        _ => USUAL,
    };
    Vec4::new(x, y, z, 0.0)
}

fn of_bone(name: &str) -> [f32; 3] {
    let side = ["Left", "Right"]
        .iter()
        .find_map(|side| name.strip_prefix(side));
    match side.unwrap_or(name) {
        "Hips" => [3.0, 0.5, 3.0],
        "Spine" => [3.0, 2.0, 3.0],
        "Chest" | "UpperChest" => [0.7, 0.7, 0.8],
        "Neck" => [1.5, 0.7, 1.0],
        "Head" => [1.5, 2.0, 0.8],
        "Shoulder" => [1.0, 1.0, 0.7],
        "UpperArm" => [20.0, 40.0, 15.0],
        "LowerArm" => [3.0, 35.0, 8.0],
        "Hand" => [3.0, 5.0, 4.0],
        "UpperLeg" => [50.0, 6.0, 5.0],
        "LowerLeg" => [110.0, 12.0, 1.0],
        "Foot" => [40.0, 14.0, 1.0],
        "Toes" => [25.0, 4.0, 1.0],
        _ => USUAL,
    }
}

/// How much a figure moves between its two newest known poses, relative to how mobile it is; nothing if there are not two.
pub fn activity(layout: &Layout, known: &[Remembered<'_>]) -> f32 {
    let [newest, before, ..] = known else {
        return 0.0;
    };
    let (mut moved, mut count) = (0.0, 0.0);
    let groups = layout
        .groups
        .iter()
        .zip(newest.values.iter().zip(before.values));
    for (group, (newest, before)) in groups.skip(3).filter(|(group, _)| group.width == 3) {
        let way = difference(*newest, *before);
        let [x, y, z, _] = (way * way / (group.mobility + 0.5)).to_array();
        moved = moved + x + y + z;
        count += 3.0;
    }
    if count == 0.0 { 0.0 } else { moved / count }
}
