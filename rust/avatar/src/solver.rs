//! Finds the whole body for what travels to the middle distance: the hands, the feet and the head are put where they were
//! told to be; hips, spine, arms and legs follow as a person's would.

use std::ops::Range;

use glam::{Quat, Vec3};

use crate::{
    curve,
    level::{Landmarks, Limb, LimbEnd, MiddlePose},
    limb::{Chain, Last},
    limits::{BONES_MOST, HIPS_LIMIT},
    pose::Pose,
    rig::Rig,
};

/// The bones that bend between the hips and the arms.
const SPINE: [&str; 3] = ["Spine", "Chest", "UpperChest"];
/// The places of the legs in [`Limb::ALL`].
const LEGS: Range<usize> = 2..4;
const SHOULDERS: [&str; 2] = ["LeftShoulder", "RightShoulder"];
/// How much of the head's turn away from the hips the spine takes, and the neck of what is left.
const SPINE_SHARE: f32 = 0.3;
const NECK_SHARE: f32 = 0.5;
/// How much of an arm's turn away from rest its shoulder takes.
const SHOULDER_SHARE: f32 = 0.08;
/// How far a shoulder, the spine and the hips turn at most so that a limb reaches its place, in radians.
const SHOULDER_MOST: f32 = 0.5;
const SPINE_MOST: f32 = 1.7;
const TILT_MOST: f32 = 0.8;
/// What the hips take of a turn that the arms ask of the torso.
const TILT_SHARE: f32 = 0.3;
/// How far the hips are off their place sideways while they are at their height, in metres: people sway. Lowered hips may
/// be off by as much more as they are lowered: people sit down and bend.
const SWAY: f32 = 0.15;
/// Shorter levers turn nothing, in metres.
const LEVER_LEAST: f32 = 0.01;
/// How often the body is moved at most towards what its limbs do not reach, and then towards its feet, ...
const PULLS: usize = 16;
/// ... how often both, as what brings the feet near may take the hands away, ...
const ROUNDS: usize = 2;
/// ... and what is near enough, in metres.
const REACHED: f32 = 0.001;

/// Completes poses of one rig. Made once for a rig; allocates nothing after that.
#[derive(Clone, Debug)]
pub struct Solver {
    rig: Rig,
    landmarks: Landmarks,
    /// Where the figure looks at rest, horizontally.
    forward: Vec3,
    spine: Vec<usize>,
    neck: Option<usize>,
    /// Left and right.
    shoulders: [Option<usize>; 2],
    /// In the order of [`Limb::ALL`]; `None` where a bone is missing.
    limbs: [Option<Chain>; Limb::ALL.len()],
    /// The bones on the way to a limb, the head, or an end without a limb: the torso.
    torso: Vec<usize>,
    /// The bones that are not as they were last known: all from the first to a hand, a foot or the head.
    steered: Vec<usize>,
    globals: [(Vec3, Quat); BONES_MOST],
}

/// How the torso is bent. Rotation vectors are in radians, in the axes of skeleton space.
#[derive(Clone, Copy, Debug)]
struct Stance {
    hips: Vec3,
    yaw: Quat,
    /// How the hips are turned besides, after `yaw`.
    tilt: Vec3,
    /// How the chest is turned from the hips.
    bend: Vec3,
    /// How the shoulders are turned from the chest.
    shoulders: [Vec3; 2],
}

impl Solver {
    /// A solver for poses of this rig. Bones are known by their names in the humanoid profile; whatever the rig does not have is
    /// left out.
    pub fn new(rig: &Rig) -> Self {
        let mut globals = [(Vec3::ZERO, Quat::IDENTITY); BONES_MOST];
        rig.solve_forward(Vec3::ZERO, &[Quat::IDENTITY; BONES_MOST], &mut globals);
        let places = globals.map(|(place, _)| place);
        let forward = forward(rig, &places);
        let landmarks = Landmarks::of(rig);
        let limbs = Limb::ALL.map(|limb| Chain::new(rig, limb, &places, forward));
        let (torso, steered) = paths(rig, &landmarks, &limbs);
        let on_torso = |name: &str| rig.find(name).filter(|bone| torso.contains(bone));
        Self {
            landmarks,
            forward,
            spine: SPINE.iter().filter_map(|name| on_torso(name)).collect(),
            neck: on_torso("Neck"),
            shoulders: SHOULDERS.map(on_torso),
            limbs,
            torso,
            steered,
            globals,
            rig: rig.clone(),
        }
    }

    /// Completes `middle`. `pose` comes as the avatar's last known pose, whole or solved, and becomes the one to show:
    /// limbs go on bending the way they did, and what is not told, like fingers and expressions, stays as it was.
    pub fn solve(&mut self, middle: &MiddlePose, pose: &mut Pose) {
        if self.rig.bones().is_empty() {
            pose.root = middle.root;
            return;
        }
        let last = self.last_limbs(pose);
        let mut stance = self.stance(middle, pose);
        for bone in &self.steered {
            pose.rotations[*bone] = Quat::IDENTITY;
        }
        self.take(&stance, pose);
        self.turn_shoulders(middle, &mut stance);
        self.take(&stance, pose);
        for _ in 0..ROUNDS {
            // The legs last: who reaches too far still stands.
            for limbs in [0..Limb::ALL.len(), LEGS] {
                self.bring_within_reach(limbs, middle, &mut stance, pose);
            }
        }
        pose.root = middle.root;
        pose.hips = stance.hips;
        self.turn_head(middle.head, pose);
        self.turn_limbs(middle, &last, pose);
    }

    /// How the limbs are in the pose so far.
    fn last_limbs(&mut self, pose: &Pose) -> [Option<Last>; Limb::ALL.len()] {
        self.rig
            .solve_forward(pose.hips, &pose.rotations, &mut self.globals);
        let globals = &self.globals;
        self.limbs.map(|limb| {
            limb.map(|chain| Last {
                upper: globals[chain.start].1,
                end: globals[chain.end].1,
                way: globals[chain.end].0 - globals[chain.start].0,
            })
        })
    }

    /// How the torso is before the limbs pull at it.
    fn stance(&self, middle: &MiddlePose, last: &Pose) -> Stance {
        let yaw = self.yaw(middle);
        let lowered = (-middle.hips_height).max(0.0);
        let sideways = Vec3::new(last.hips.x, 0.0, last.hips.z).clamp_length_max(SWAY + lowered);
        let head = match self.landmarks.head {
            Some(_) => curve::part(yaw.inverse() * middle.head, SPINE_SHARE),
            None => Quat::IDENTITY,
        };
        Stance {
            hips: sideways + Vec3::Y * middle.hips_height,
            yaw,
            tilt: Vec3::ZERO,
            bend: head.to_scaled_axis(),
            shoulders: [Vec3::ZERO; 2],
        }
    }

    /// Where the hips face: between the feet.
    fn yaw(&self, middle: &MiddlePose) -> Quat {
        let facing: Vec3 = LEGS
            .filter(|leg| self.landmarks.ends[*leg].is_some())
            .map(|leg| upright(middle.ends[leg].rotation) * self.forward)
            .sum();
        let side = Vec3::Y.cross(self.forward);
        Quat::from_rotation_y(facing.dot(side).atan2(facing.dot(self.forward)))
    }

    /// Bends the torso of `pose`, and finds where its bones are.
    fn take(&mut self, stance: &Stance, pose: &mut Pose) {
        let hips = Quat::from_scaled_axis(stance.tilt) * stance.yaw;
        pose.rotations[self.rig.hips()] = hips.normalize();
        let share = 1.0 / self.spine.len().max(1) as f32;
        for bone in &self.spine {
            pose.rotations[*bone] = Quat::from_scaled_axis(stance.bend * share);
        }
        for (bone, turn) in self.shoulders.iter().zip(stance.shoulders) {
            if let Some(bone) = bone {
                pose.rotations[*bone] = Quat::from_scaled_axis(turn);
            }
        }
        self.place_torso(stance.hips, pose);
    }

    fn place_torso(&mut self, hips: Vec3, pose: &Pose) {
        for index in 0..self.torso.len() {
            let bone = self.torso[index];
            let (place, turn) = self.parent(bone);
            let moved = if bone == self.rig.hips() {
                hips
            } else {
                Vec3::ZERO
            };
            let offset = self.rig.bones()[bone].offset + moved;
            self.globals[bone] = (
                place + turn * offset,
                (turn * pose.rotations[bone]).normalize(),
            );
        }
    }

    /// Where what a bone hangs on is, and how it is turned.
    fn parent(&self, bone: usize) -> (Vec3, Quat) {
        self.rig.bones()[bone]
            .parent
            .map_or((Vec3::ZERO, Quat::IDENTITY), |parent| self.globals[parent])
    }

    /// Where a limb starts, and how what carries it is turned.
    fn joint(&self, chain: &Chain) -> (Vec3, Quat) {
        let (place, turn) = self.parent(chain.start);
        (place + turn * self.rig.bones()[chain.start].offset, turn)
    }

    /// Lets the shoulders go a little with their arms.
    fn turn_shoulders(&self, middle: &MiddlePose, stance: &mut Stance) {
        for (side, shoulder) in stance.shoulders.iter_mut().enumerate() {
            let Some(chain) = self.limbs[side] else {
                continue;
            };
            let (joint, turn) = self.joint(&chain);
            let way = turn.inverse() * (middle.ends[side].position - joint);
            let (Some(rest), Some(way)) = (chain.rest().try_normalize(), way.try_normalize())
            else {
                continue;
            };
            let arc = Quat::from_rotation_arc(rest, way);
            *shoulder = arc.to_scaled_axis() * SHOULDER_SHARE;
        }
    }

    fn bring_within_reach(
        &mut self,
        limbs: Range<usize>,
        middle: &MiddlePose,
        stance: &mut Stance,
        pose: &mut Pose,
    ) {
        for _ in 0..PULLS {
            if !self.pull(limbs.clone(), middle, stance) {
                return;
            }
            self.take(stance, pose);
        }
    }

    /// Moves the torso towards what these limbs do not reach. Whether there was anything.
    fn pull(&self, limbs: Range<usize>, middle: &MiddlePose, stance: &mut Stance) -> bool {
        let mut legs = Torque::default();
        let mut arms = Torque::default();
        let hips = self.globals[self.rig.hips()];
        let chest = self
            .spine
            .first()
            .map_or(hips.0, |bone| self.globals[*bone].0);
        let limit = Vec3::splat(HIPS_LIMIT);
        for at in limbs {
            let Some(chain) = &self.limbs[at] else {
                continue;
            };
            let (joint, carrier) = self.joint(chain);
            let missing = missing(joint, &middle.ends[at], chain.reach());
            if missing.length() < REACHED {
                continue;
            }
            if !chain.is_arm() {
                legs.add(joint - hips.0, missing);
                let shift = sideways(joint, middle.ends[at].position, chain.reach()) * 0.5;
                stance.hips = (stance.hips + shift).clamp(-limit, limit);
                continue;
            }
            arms.add(joint - chest, missing);
            if let Some(bone) = self.shoulders[at] {
                let turn = turn_for(joint - self.globals[bone].0, missing);
                let base = carrier * Quat::from_scaled_axis(stance.shoulders[at]).inverse();
                stance.shoulders[at] = then(stance.shoulders[at], base.inverse() * turn * 0.5)
                    .clamp_length_max(SHOULDER_MOST);
            }
        }
        let (legs, arms) = (legs.turn(), arms.turn());
        stance.tilt = then(stance.tilt, legs + arms * TILT_SHARE).clamp_length_max(TILT_MOST);
        let bend = hips.1.inverse() * (arms * (1.0 - TILT_SHARE));
        stance.bend = then(stance.bend, bend).clamp_length_max(SPINE_MOST);
        legs != Vec3::ZERO || arms != Vec3::ZERO
    }

    fn turn_head(&mut self, head: Quat, pose: &mut Pose) {
        let Some(bone) = self.landmarks.head else {
            return;
        };
        if let Some(neck) = self.neck {
            let (_, turn) = self.parent(neck);
            pose.rotations[neck] = curve::part(turn.inverse() * head, NECK_SHARE);
            self.place_torso(pose.hips, pose);
        }
        let (_, turn) = self.parent(bone);
        pose.rotations[bone] = (turn.inverse() * head).normalize();
    }

    fn turn_limbs(
        &self,
        middle: &MiddlePose,
        last: &[Option<Last>; Limb::ALL.len()],
        pose: &mut Pose,
    ) {
        for (at, target) in middle.ends.iter().enumerate() {
            if let (Some(chain), Some(last)) = (&self.limbs[at], &last[at]) {
                let (joint, carrier) = self.joint(chain);
                let solved = chain.solve(joint, target, carrier, last);
                pose.rotations[chain.start] = (carrier.inverse() * solved.upper).normalize();
                pose.rotations[chain.middle] = (solved.upper.inverse() * solved.lower).normalize();
                pose.rotations[chain.end] = (solved.lower.inverse() * target.rotation).normalize();
            } else if let Some(end) = self.landmarks.ends[at] {
                let (_, turn) = self.parent(end);
                pose.rotations[end] = (turn.inverse() * target.rotation).normalize();
            }
        }
    }
}

/// What pulls at a part of the body.
#[derive(Clone, Copy, Default)]
struct Torque {
    turning: Vec3,
    inertia: f32,
}

impl Torque {
    fn add(&mut self, lever: Vec3, missing: Vec3) {
        self.turning += lever.cross(missing);
        self.inertia += lever.length_squared();
    }

    /// The rotation vector that follows it.
    fn turn(self) -> Vec3 {
        self.turning / self.inertia.max(LEVER_LEAST * LEVER_LEAST)
    }
}

fn turn_for(lever: Vec3, missing: Vec3) -> Vec3 {
    let mut torque = Torque::default();
    torque.add(lever, missing);
    torque.turn()
}

/// What a limb that starts at `joint` and reaches so far lacks to its end.
fn missing(joint: Vec3, end: &LimbEnd, reach: f32) -> Vec3 {
    let way = end.position - joint;
    way - way.clamp_length_max(reach)
}

/// How far a leg's joint has to go sideways so that the leg reaches its end, which is that much lower.
fn sideways(joint: Vec3, end: Vec3, reach: f32) -> Vec3 {
    let way = end - joint;
    let level = (reach * reach - way.y * way.y).max(0.0).sqrt();
    let way = Vec3::new(way.x, 0.0, way.z);
    way - way.clamp_length_max(level)
}

/// A rotation vector, followed by another.
fn then(turn: Vec3, next: Vec3) -> Vec3 {
    let turned = Quat::from_scaled_axis(next) * Quat::from_scaled_axis(turn);
    curve::part(turned, 1.0).to_scaled_axis()
}

/// The part of a rotation that is about the vertical.
fn upright(rotation: Quat) -> Quat {
    curve::part(Quat::from_xyzw(0.0, rotation.y, 0.0, rotation.w), 1.0)
}

/// Where a figure looks that has its left arm or leg to its left.
fn forward(rig: &Rig, places: &[Vec3]) -> Vec3 {
    let side = |left: &str, right: &str| {
        let left = places[rig.find(left)?] - places[rig.find(right)?];
        left.with_y(0.0).try_normalize()
    };
    side("LeftUpperLeg", "RightUpperLeg")
        .or_else(|| side("LeftUpperArm", "RightUpperArm"))
        .or_else(|| side("LeftHand", "RightHand"))
        .map_or(Vec3::Z, |left| left.cross(Vec3::Y))
}

/// The bones of the torso and the steered ones, parents first.
fn paths(
    rig: &Rig,
    landmarks: &Landmarks,
    limbs: &[Option<Chain>; Limb::ALL.len()],
) -> (Vec<usize>, Vec<usize>) {
    let above =
        |bone: usize| std::iter::successors(rig.bones()[bone].parent, |at| rig.bones()[*at].parent);
    let chains = || limbs.iter().flatten();
    let starts = chains().map(|chain| chain.start);
    let lone = landmarks
        .ends
        .iter()
        .zip(limbs)
        .filter_map(|(end, limb)| end.filter(|_| limb.is_none()));
    let mut torso: Vec<usize> = starts
        .chain(lone)
        .chain(landmarks.head)
        .flat_map(above)
        .collect();
    let ends = chains().map(|chain| chain.end).chain(landmarks.head);
    let mut steered: Vec<usize> = ends.flat_map(|end| above(end).chain([end])).collect();
    for bones in [&mut torso, &mut steered] {
        if !rig.bones().is_empty() {
            bones.extend(above(rig.hips()).chain([rig.hips()]));
        }
        bones.sort_unstable();
        bones.dedup();
    }
    (torso, steered)
}
