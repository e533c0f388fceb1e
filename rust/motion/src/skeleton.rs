//! From the joints of a file to the bones of a rig: which of them, how large, and under which names.

use glam::{DQuat, DVec3};
use metaverse_avatar::{Bone, Rig, RigError, limits::BONES_MOST};

use crate::{bvh::Bvh, names::humanoid_names};

/// What a unit of length may be in metres: metre, centimetre, inch, millimetre, and the unit of the CMU database.
const UNITS: [f64; 5] = [1.0, 0.01, 0.0254, 0.001, 0.0254 / 0.45];
/// How tall figures are, in metres: a file whose skeleton fits no unit is scaled to `STATURE`.
const STATURES: std::ops::RangeInclusive<f64> = 1.1..=2.5;
const STATURE: f64 = 1.7;
/// How many frames tell how much a joint moves.
const LOOKS: usize = 64;

/// The skeleton of a file, and where its bones come from.
#[derive(Debug)]
pub struct Skeleton {
    pub rig: Rig,
    /// The joint of each bone.
    pub joints: Vec<usize>,
    /// Metres for each unit of the file.
    pub unit: f64,
}

impl Skeleton {
    /// The bones of `bvh`: all joints or, if there are too many, those that move most.
    pub fn new(bvh: &Bvh) -> Result<Self, RigError> {
        let unit = unit(bvh);
        let joints = chosen(bvh);
        let names = humanoid_names(joints.iter().map(|joint| bvh.joints[*joint].name.as_str()));
        let lowest = rest_places(bvh)
            .iter()
            .map(|place| place.y)
            .fold(f64::INFINITY, f64::min);
        let bones = joints
            .iter()
            .zip(names)
            .map(|(at, name)| {
                let joint = &bvh.joints[*at];
                let parent = joint
                    .parent
                    .and_then(|parent| joints.iter().position(|joint| *joint == parent));
                // The root of the avatar is on the ground below the hips.
                let offset = match parent {
                    Some(_) => joint.offset,
                    None => DVec3::Y * -lowest,
                };
                Bone {
                    name: name.unwrap_or_else(|| joint.name.clone()),
                    parent,
                    offset: (offset * unit).as_vec3(),
                }
            })
            .collect();
        Ok(Self {
            rig: Rig::new(bones, Vec::new())?,
            joints,
            unit,
        })
    }
}

/// The places of all joints at rest relative to the root, in the file's units.
fn rest_places(bvh: &Bvh) -> Vec<DVec3> {
    let mut places: Vec<DVec3> = Vec::new();
    for joint in &bvh.joints {
        let place = joint
            .parent
            .map_or(DVec3::ZERO, |parent| places[parent] + joint.offset);
        places.push(place);
    }
    places
}

/// Metres for each unit of length: the one that makes the figure most like a person.
fn unit(bvh: &Bvh) -> f64 {
    let height = stature(bvh);
    if height <= 0.0 {
        return 1.0;
    }
    let distance = |unit: &f64| (height * unit / STATURE).ln().abs();
    let nearest = UNITS
        .into_iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
        .unwrap_or(1.0);
    if STATURES.contains(&(height * nearest)) {
        nearest
    } else {
        STATURE / height
    }
}

/// How tall the figure is at rest: the longest of its extents along the axes, for arms and legs lie in the same one or not.
fn stature(bvh: &Bvh) -> f64 {
    let places = rest_places(bvh);
    let most = places.iter().copied().fold(DVec3::ZERO, DVec3::max);
    let least = places.iter().copied().fold(DVec3::ZERO, DVec3::min);
    (most - least).max_element()
}

/// The joints that become bones, in the order of the file.
fn chosen(bvh: &Bvh) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..bvh.joints.len())
        .filter(|at| *at == 0 || !bvh.joints[*at].name.is_empty())
        .collect();
    let movement: Vec<f64> = (0..bvh.joints.len()).map(|at| movement(bvh, at)).collect();
    while chosen.len() > BONES_MOST {
        let is_leaf = |at: usize| {
            !chosen
                .iter()
                .any(|other| bvh.joints[*other].parent == Some(at))
        };
        let stillest = chosen
            .iter()
            .enumerate()
            .filter(|(_, at)| is_leaf(**at))
            .min_by(|(_, a), (_, b)| movement[**a].total_cmp(&movement[**b]))
            .map(|(index, _)| index);
        let Some(stillest) = stillest else { break };
        chosen.remove(stillest);
    }
    chosen
}

/// The largest angle that a joint is turned by from how it begins.
fn movement(bvh: &Bvh, joint: usize) -> f64 {
    let first: DQuat = bvh.rotation(0, joint);
    (0..bvh.frames())
        .step_by(bvh.frames().div_ceil(LOOKS))
        .map(|frame| bvh.rotation(frame, joint).angle_between(first))
        .fold(0.0, f64::max)
}
