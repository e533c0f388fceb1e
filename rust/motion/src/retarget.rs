//! The same motion, made by a figure of other proportions that stands otherwise at rest.

use glam::{DVec3, Quat, Vec3};
use metaverse_avatar::{Bone, Rig, RigError, limits::BONES_MOST};

use crate::clip::Clip;

/// The bones of limbs, and the bone at the other end of each: only what they point along says how a limb is turned.
const LIMBS: [(&str, &str); 4] = [
    ("UpperArm", "LowerArm"),
    ("LowerArm", "Hand"),
    ("UpperLeg", "LowerLeg"),
    ("LowerLeg", "Foot"),
];
const SIDES: [&str; 2] = ["Left", "Right"];
const FINGERS: [&str; 5] = ["Thumb", "Index", "Middle", "Ring", "Little"];
/// Of the heights of the lower ankle, from low to high, the part below the one at which a foot is flat on the ground: lower
/// ones are errors of the recording, higher ones are steps and jumps.
const STANDING: f64 = 0.2;

/// A bone that both figures have.
struct Pair {
    name: String,
    /// Its place in the recorded rig, and in the one to move.
    from: usize,
    to: usize,
    /// Where its parent is among the pairs.
    parent: Option<usize>,
    /// From its rest in the rig to move to that in the recorded one.
    stance: Quat,
}

impl Clip {
    /// The motion as the figure of `rig` makes it: limbs point where they did, feet are on the ground, and steps are as long
    /// as its legs allow. Of its bones those stay that were recorded, by their names.
    ///
    /// # Errors
    /// When what stays of `rig` is no rig.
    pub fn retarget(&self, rig: &Rig) -> Result<Self, RigError> {
        let pairs = pairs(self.rig(), rig);
        let own = own_rig(rig, &pairs)?;
        let mut globals = [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST];
        let mut rotations = Vec::with_capacity(self.frames() * pairs.len());
        let mut ankles = Vec::with_capacity(self.frames());
        for frame in 0..self.frames() {
            let (hips, turns) = self.frame(frame);
            self.rig().solve_forward(Vec3::ZERO, turns, &mut globals);
            rotations.extend(turned(&pairs, &globals));
            ankles.extend(lower_ankle(self.rig(), &globals).map(|below| hips.y + below));
        }
        let (scale, ground, ankle) = match (legs(self.rig()), legs(rig), standing(ankles)) {
            (Some(recorded), Some(new), Some(ground)) => {
                (new.length / recorded.length, ground, new.ankle)
            }
            _ => (1.0, 0.0, 0.0),
        };
        let hips = (0..self.frames()).map(|frame| {
            let (hips, _) = self.frame(frame);
            (hips - DVec3::Y * ground) * scale + DVec3::Y * ankle
        });
        Ok(Self::new(
            own,
            self.frame_seconds(),
            hips.collect(),
            rotations,
        ))
    }
}

fn pairs(recorded: &Rig, rig: &Rig) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (to, bone) in rig.bones().iter().enumerate() {
        let Some(from) = recorded.find(&bone.name) else {
            continue;
        };
        let parent = nearest(rig, to, &pairs);
        let along = direction(recorded, &bone.name).zip(direction(rig, &bone.name));
        let stance = match (along, parent) {
            (Some((recorded, new)), _) => Quat::from_rotation_arc(new, recorded),
            // Hands and fingers hang on the arm as they do at rest; everything else stands as it is.
            (None, Some(parent)) if is_of_arm(&pairs[parent].name) => pairs[parent].stance,
            _ => Quat::IDENTITY,
        };
        pairs.push(Pair {
            name: bone.name.clone(),
            from,
            to,
            parent,
            stance,
        });
    }
    pairs
}

/// The nearest bone above `bone` of `rig` that is among `pairs`.
fn nearest(rig: &Rig, bone: usize, pairs: &[Pair]) -> Option<usize> {
    let mut above = rig.bones()[bone].parent;
    while let Some(at) = above {
        if let Some(found) = pairs.iter().position(|pair| pair.to == at) {
            return Some(found);
        }
        above = rig.bones()[at].parent;
    }
    None
}

fn is_of_arm(name: &str) -> bool {
    let part = SIDES.iter().find_map(|side| name.strip_prefix(side));
    part.is_some_and(|part| {
        part.contains("Arm") || part == "Hand" || FINGERS.iter().any(|it| part.starts_with(it))
    })
}

/// Where a limb's bone points at rest.
fn direction(rig: &Rig, name: &str) -> Option<Vec3> {
    let side = SIDES.iter().find(|side| name.starts_with(**side))?;
    let (_, end) = LIMBS
        .iter()
        .find(|(limb, _)| name == format!("{side}{limb}"))?;
    let begin = rest_place(rig, rig.find(name)?);
    let end = rest_place(rig, rig.find(&format!("{side}{end}"))?);
    (end - begin).try_normalize()
}

fn rest_place(rig: &Rig, bone: usize) -> Vec3 {
    let mut place = Vec3::ZERO;
    let mut at = Some(bone);
    while let Some(bone) = at {
        place += rig.bones()[bone].offset;
        at = rig.bones()[bone].parent;
    }
    place
}

fn own_rig(rig: &Rig, pairs: &[Pair]) -> Result<Rig, RigError> {
    let bones = pairs.iter().map(|pair| {
        let origin = pair
            .parent
            .map_or(Vec3::ZERO, |parent| rest_place(rig, pairs[parent].to));
        Bone {
            name: pair.name.clone(),
            parent: pair.parent,
            offset: rest_place(rig, pair.to) - origin,
        }
    });
    Rig::new(bones.collect(), Vec::new())
}

/// How each bone of the pairs is turned against the one above it.
fn turned<'a>(
    pairs: &'a [Pair],
    globals: &'a [(Vec3, Quat)],
) -> impl Iterator<Item = Quat> + use<'a> {
    let global = |pair: &Pair| globals[pair.from].1 * pair.stance;
    pairs.iter().map(move |pair| {
        let above = pair
            .parent
            .map_or(Quat::IDENTITY, |parent| global(&pairs[parent]));
        (above.inverse() * global(pair)).normalize()
    })
}

/// A figure's legs, in metres.
struct Legs {
    length: f64,
    /// Height of the ankle at rest.
    ankle: f64,
}

fn legs(rig: &Rig) -> Option<Legs> {
    let place = |name: &str| rig.find(name).map(|bone| rest_place(rig, bone));
    let (hip, knee, ankle) = (
        place("LeftUpperLeg")?,
        place("LeftLowerLeg")?,
        place("LeftFoot")?,
    );
    let length = f64::from(hip.distance(knee) + knee.distance(ankle));
    (length > 0.0).then_some(Legs {
        length,
        ankle: f64::from(ankle.y),
    })
}

/// Height of the lower ankle above the hips.
fn lower_ankle(rig: &Rig, globals: &[(Vec3, Quat)]) -> Option<f64> {
    let hips = globals[rig.hips()].0.y;
    let height = |name: &str| rig.find(name).map(|bone| globals[bone].0.y - hips);
    let lower = height("LeftFoot")?.min(height("RightFoot")?);
    Some(f64::from(lower))
}

/// The height of the ankle of a foot that is flat on the ground.
fn standing(mut ankles: Vec<f64>) -> Option<f64> {
    ankles.sort_by(f64::total_cmp);
    let at = (ankles.len() as f64 * STANDING) as usize;
    ankles.get(at).copied()
}

#[cfg(test)]
mod tests {
    use metaverse_avatar::Pose;

    use super::*;
    use crate::Activity;

    /// The humanoid with legs `scale` as long, straddled at rest, as recorded figures often stand.
    fn straddling(scale: f32) -> Rig {
        let mut bones = Rig::humanoid().bones().to_vec();
        for bone in &mut bones {
            let aside = match bone.name.as_str() {
                "LeftLowerLeg" | "LeftFoot" => 0.35,
                "RightLowerLeg" | "RightFoot" => -0.35,
                _ => continue,
            };
            bone.offset = Quat::from_rotation_z(aside) * bone.offset * scale;
        }
        Rig::new(bones, Vec::new()).expect("a rig")
    }

    fn globals(clip: &Clip, seconds: f64) -> Vec<(Vec3, Quat)> {
        let mut pose = Pose::default();
        clip.pose_at(seconds, &mut pose).expect("in bounds");
        let mut globals = vec![(Vec3::ZERO, Quat::IDENTITY); clip.rig().bones().len()];
        clip.rig()
            .solve_forward(pose.hips, &pose.rotations, &mut globals);
        globals
    }

    fn place(clip: &Clip, globals: &[(Vec3, Quat)], name: &str) -> Vec3 {
        globals[clip.rig().find(name).expect(name)].0
    }

    #[test]
    fn there_and_back_a_walk_is_what_it_was() {
        let walk = Clip::generate(Activity::Walk, 4.0);
        let other = walk.retarget(&straddling(1.3)).expect("a clip");
        let back = other.retarget(walk.rig()).expect("a clip");
        for step in 0..40 {
            let seconds = f64::from(step) * 0.1;
            let (expected, found) = (globals(&walk, seconds), globals(&back, seconds));
            let sunk = place(&walk, &expected, "Hips") - place(&back, &found, "Hips");
            for name in ["LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head"] {
                let off = place(&walk, &expected, name) - place(&back, &found, name) - sunk;
                assert!(off.length() < 1e-3, "{name} at {seconds}: {off}");
            }
        }
    }

    #[test]
    fn legs_point_where_they_did_and_feet_are_on_the_ground() {
        let walk = Clip::generate(Activity::Walk, 4.0);
        let rig = straddling(0.7);
        let small = walk.retarget(&rig).expect("a clip");
        let ankle = legs(&rig).expect("legs").ankle;
        let mut lowest = f64::INFINITY;
        for step in 0..40 {
            let seconds = f64::from(step) * 0.1;
            let (expected, found) = (globals(&walk, seconds), globals(&small, seconds));
            for (upper, lower) in [
                ("LeftUpperLeg", "LeftLowerLeg"),
                ("RightLowerLeg", "RightFoot"),
            ] {
                let way = |clip: &Clip, globals: &[(Vec3, Quat)]| {
                    (place(clip, globals, lower) - place(clip, globals, upper)).normalize()
                };
                assert!(way(&walk, &expected).dot(way(&small, &found)) > 0.9999);
            }
            let feet = ["LeftFoot", "RightFoot"].map(|name| place(&small, &found, name).y);
            lowest = lowest.min(f64::from(feet[0].min(feet[1])));
        }
        assert!((lowest - ankle).abs() < 0.03, "{lowest} for {ankle}");
    }

    #[test]
    fn steps_are_as_long_as_the_legs() {
        let walk = Clip::generate(Activity::Walk, 4.0);
        let small = walk.retarget(&straddling(0.5)).expect("a clip");
        let way = |clip: &Clip| {
            let mut pose = Pose::default();
            clip.pose_at(4.0, &mut pose).expect("in bounds");
            pose.root.position().z
        };
        assert!((way(&small) / way(&walk) - 0.5).abs() < 0.02);
    }

    #[test]
    fn bones_that_were_not_recorded_do_not_travel() {
        let bones = Rig::humanoid().bones()[..7].to_vec();
        let few = Rig::new(bones, Vec::new()).expect("a rig");
        let clip = Clip::generate(Activity::Idle, 1.0)
            .retarget(&few)
            .expect("a clip");
        let names = |rig: &Rig| -> Vec<String> {
            rig.bones().iter().map(|bone| bone.name.clone()).collect()
        };
        assert_eq!(names(clip.rig()), names(&few));
    }
}
