//! An arm or a leg: two bones and what they carry, brought to where the end is to be.

use std::f32::consts::{PI, TAU};

use glam::{Mat3, Quat, Vec3};

use crate::{
    level::{Limb, LimbEnd},
    rig::Rig,
};

/// A limb is never quite straight: where it bends to must stay known.
const STRAIGHT: f32 = 0.9999;
/// Shorter vectors have no direction, in metres.
const LENGTH_LEAST: f32 = 1e-4;
/// What the end's rotation counts for where the limb bends to, against 1 for the body's: hands and feet follow the hinge.
const END_HINT: f32 = 1.0;
/// What the bend so far counts: it decides where the others say nothing, and lets none of them flip a limb.
const LAST_HINT: f32 = 0.35;
/// How far a limb turns at most about the way between its ends from one pose to the next while these stay, in radians: one whose
/// hints contradict each other comes round without a flip ...
const SWIVEL: f32 = 0.1;
/// ... and what is added for each radian that its ends turn.
const SWIVEL_SHARE: f32 = 2.0;
/// How much of the turn about its own length the forearm takes from the hand, so that the skin at the wrist is not wrung.
const FOREARM_TWIST: f32 = 0.5;

/// The bones of a limb and how they are at rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) start: usize,
    pub(crate) middle: usize,
    pub(crate) end: usize,
    is_arm: bool,
    /// From the start's joint to the middle's, and from there to the end's.
    upper: Vec3,
    lower: Vec3,
    /// Where elbow or knee go from a straight limb, in the axes of the body: one of these and the way are never parallel.
    bend: Vec3,
    /// The bend at rest, which is what the end's rotation turns.
    rest_bend: Vec3,
}

/// What of a limb is solved: rotations in the axes of skeleton space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Solved {
    pub(crate) upper: Quat,
    pub(crate) lower: Quat,
}

/// How a limb was, in the axes of skeleton space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    /// The rotation of its upper bone, and that of its end.
    pub(crate) upper: Quat,
    pub(crate) end: Quat,
    /// From its start to its end.
    pub(crate) way: Vec3,
}

/// The names of a limb's two bones; what they carry is [`Limb::end`].
fn bones(limb: Limb) -> [&'static str; 2] {
    match limb {
        Limb::LeftArm => ["LeftUpperArm", "LeftLowerArm"],
        Limb::RightArm => ["RightUpperArm", "RightLowerArm"],
        Limb::LeftLeg => ["LeftUpperLeg", "LeftLowerLeg"],
        Limb::RightLeg => ["RightUpperLeg", "RightLowerLeg"],
    }
}

impl Chain {
    /// The limb of this rig, whose bones are at `places` at rest, if it has all of it. `forward`: where the figure looks.
    pub(crate) fn new(rig: &Rig, limb: Limb, places: &[Vec3], forward: Vec3) -> Option<Self> {
        let [start, middle] = bones(limb).map(|name| rig.find(name));
        let (start, middle, end) = (start?, middle?, rig.find(limb.end())?);
        if !hangs_on(rig, middle, start) || !hangs_on(rig, end, middle) {
            return None;
        }
        let left = Vec3::Y.cross(forward);
        let (is_arm, bend, rest_bend) = match limb {
            Limb::LeftArm => (true, elbow(forward, left), -forward),
            Limb::RightArm => (true, elbow(forward, -left), -forward),
            Limb::LeftLeg | Limb::RightLeg => (false, forward, forward),
        };
        Some(Self {
            start,
            middle,
            end,
            is_arm,
            upper: places[middle] - places[start],
            lower: places[end] - places[middle],
            bend,
            rest_bend,
        })
    }

    /// How far it reaches, in metres.
    pub(crate) fn reach(&self) -> f32 {
        let [upper, lower] = self.lengths();
        (upper + lower) * STRAIGHT
    }

    /// Whether it is an arm.
    pub(crate) fn is_arm(&self) -> bool {
        self.is_arm
    }

    /// Where the limb goes from its start at rest.
    pub(crate) fn rest(&self) -> Vec3 {
        self.upper + self.lower
    }

    /// The two bones' rotations that bring the end from a start at `joint` to `target`, or as near as they reach. `body`:
    /// the rotation of what carries the limb. `last`: how the limb was so far.
    pub(crate) fn solve(&self, joint: Vec3, target: &LimbEnd, body: Quat, last: &Last) -> Solved {
        let [upper, lower] = self.lengths();
        let way = target.position - joint;
        let course = way
            .try_normalize()
            .filter(|_| way.length() > LENGTH_LEAST)
            .unwrap_or_else(|| last.upper * direction(self.upper));
        let nearest = ((upper - lower).abs() + LENGTH_LEAST).min(self.reach());
        let distance = way.length().clamp(nearest, self.reach());
        let along = ((upper * upper + distance * distance - lower * lower) / (2.0 * distance))
            .clamp(-upper, upper);
        let aside = (upper * upper - along * along).max(0.0).sqrt();
        let bend = self.bend_towards(course, target.rotation, body, last);
        let to_middle = course * along + bend * aside;
        let to_end = course * distance - to_middle;
        let hinge = course.cross(bend);
        let solved = Solved {
            upper: turned(self.upper, self.rest_hinge(), to_middle, hinge),
            lower: turned(self.lower, self.rest_hinge(), to_end, hinge),
        };
        if self.is_arm {
            self.share_twist(solved, target.rotation)
        } else {
            solved
        }
    }

    /// Where elbow or knee go, at right angles to the course of the limb.
    fn bend_towards(&self, course: Vec3, end: Quat, body: Quat, last: &Last) -> Vec3 {
        let aside = |hint: Vec3| hint - course * course.dot(hint);
        let last_bend = aside(last.upper * self.rest_bend);
        let told = aside(body * self.bend) + aside(end * self.rest_bend) * END_HINT;
        let Some(last_bend_way) = last_bend.try_normalize() else {
            return told
                .try_normalize()
                .unwrap_or_else(|| course.any_orthonormal_vector());
        };
        let bend = (told + last_bend * LAST_HINT)
            .try_normalize()
            .unwrap_or(last_bend_way);
        // A limb without length points nowhere: any way is as far from that as can be.
        let way = last.way.try_normalize();
        let turned = way.map_or(PI, |way| way.angle_between(course)) + last.end.angle_between(end);
        let most = SWIVEL + SWIVEL_SHARE * turned;
        let swivel = course
            .dot(last_bend_way.cross(bend))
            .atan2(last_bend_way.dot(bend));
        if swivel.abs() <= most {
            return bend;
        }
        Quat::from_axis_angle(course, most.copysign(swivel)) * last_bend_way
    }

    fn lengths(&self) -> [f32; 2] {
        [self.upper, self.lower].map(|bone| bone.length().max(LENGTH_LEAST))
    }

    fn rest_hinge(&self) -> Vec3 {
        self.rest().cross(self.rest_bend)
    }

    fn share_twist(&self, solved: Solved, end: Quat) -> Solved {
        let axis = direction(self.lower);
        let hand = solved.lower.inverse() * end;
        let about = Vec3::new(hand.x, hand.y, hand.z).dot(axis);
        let angle = 2.0 * about.atan2(hand.w);
        let short = (angle + PI).rem_euclid(TAU) - PI;
        // No wrist turns by more than 120 degrees; what seems to is let go of towards 180, where it would change sides.
        let held = short.abs().min(2.0 * (PI - short.abs())).copysign(short);
        let twist = Quat::from_axis_angle(axis, held * FOREARM_TWIST);
        Solved {
            lower: (solved.lower * twist).normalize(),
            ..solved
        }
    }
}

/// Elbows go back, down and outward.
fn elbow(forward: Vec3, outward: Vec3) -> Vec3 {
    (outward * 0.5 - forward - Vec3::Y).normalize()
}

fn hangs_on(rig: &Rig, bone: usize, ancestor: usize) -> bool {
    std::iter::successors(rig.bones()[bone].parent, |at| rig.bones()[*at].parent)
        .any(|at| at == ancestor)
}

fn direction(vector: Vec3) -> Vec3 {
    vector.try_normalize().unwrap_or(Vec3::NEG_Y)
}

/// The rotation that turns a bone along `rest`, with its hinge about `rest_hinge`, to lie along `to` with its hinge about
/// `hinge`.
fn turned(rest: Vec3, rest_hinge: Vec3, to: Vec3, hinge: Vec3) -> Quat {
    let turn = frame(to, hinge) * frame(rest, rest_hinge).transpose();
    Quat::from_mat3(&turn).normalize()
}

fn frame(along: Vec3, hinge: Vec3) -> Mat3 {
    let along = direction(along);
    let hinge = (hinge - along * along.dot(hinge))
        .try_normalize()
        .unwrap_or_else(|| along.any_orthonormal_vector());
    Mat3::from_cols(along, hinge, along.cross(hinge))
}
