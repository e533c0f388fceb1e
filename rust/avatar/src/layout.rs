//! Which integers a pose of a rig has at each level of detail.

use std::f32::consts::SQRT_2;

use glam::{DVec3, IVec4, Quat, Vec3, Vec4};

use crate::{
    analogs::LIMBS_MOST,
    lattice::{self, ANGLE_MOST},
    level::{Landmarks, Level, Limb, LimbEnd, MiddlePose},
    limits::HIPS_LIMIT,
    mobility,
    pose::{COORDINATE_LIMIT, Pose, RootPose},
    precision::Precision,
    rig::Rig,
};

/// Steps of the root's place and of limbs' ends, in metres.
const POSITION_STEP: f64 = 0.013;
/// Steps of the hips' offset: finer, for what hangs on them moves with them.
const HIPS_STEP: f64 = 0.01;
/// Steps of the weights of expressions: six bits.
const EXPRESSION_STEP: f64 = 1.0 / 63.0;
/// Steps of rotations, in radians, of a bone with `LEVER`: 1.38 degrees.
const ROTATION_STEP: f64 = 0.0245;
/// The length that a rotation moves, in metres, for which the step is right ...
const LEVER: f32 = 0.4;
/// ... and how the step shrinks with a longer one.
const LEVER_POWER: f32 = -0.2;
/// Shorter levers are as good as this one, in metres.
const LEVER_LEAST: f32 = 0.25;

/// What changes by less than so many steps does not move: what is left of a standing figure's digits.
const STILL_STEPS: f64 = 0.01;

/// The bones that tell what a figure does, without their sides.
const LIMBS: [&str; 4] = ["UpperArm", "LowerArm", "UpperLeg", "LowerLeg"];

/// What a group of integers stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    RootPosition,
    RootRotation,
    Hips,
    Bone(usize),
    Expression(usize),
    HipsHeight,
    Head,
    EndPosition(usize),
    EndRotation(usize),
}

impl Part {
    /// Whether it is a place, which travels in steps of centimetres, not of degrees.
    pub fn is_place(self) -> bool {
        matches!(
            self,
            Self::RootPosition | Self::Hips | Self::HipsHeight | Self::EndPosition(_)
        )
    }
}

/// The integers of a group, zeros beyond its width: four, so that they are moved at once.
pub type Integers = IVec4;

/// How far `values` are from `base`. No integer of a pose is so large that the difference of two would not fit.
pub fn difference(values: Integers, base: Integers) -> Vec4 {
    values.wrapping_sub(base).as_vec4()
}

/// Integers that are coded together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Group {
    pub part: Part,
    /// How many there are: three of a vector, one of a number.
    pub width: usize,
    /// Metres, radians or shares for each step.
    pub step: f64,
    /// The largest of the integers.
    pub most: i32,
    /// How far its components usually move, squared.
    pub mobility: Vec4,
    /// The group of the same bone on the other side, itself if there is none, and what that vector is times as it is in a mirror.
    pub mirror: usize,
    pub reflection: Vec4,
}

/// The integers of a level.
#[derive(Clone, Debug)]
pub struct Layout {
    pub groups: Vec<Group>,
    /// The groups of the upper and lower arms and legs.
    pub limbs: Vec<usize>,
    /// What places are times in a mirror.
    reflection: Vec4,
    landmarks: Landmarks,
    precision: Precision,
}

impl Layout {
    pub fn new(rig: &Rig, level: Level, precision: Precision) -> Self {
        let mut layout = Self {
            groups: Vec::new(),
            limbs: Vec::new(),
            reflection: reflection(rig),
            landmarks: Landmarks::of(rig),
            precision,
        };
        let place = f64::from(COORDINATE_LIMIT);
        layout.add(Part::RootPosition, 3, POSITION_STEP, place);
        layout.add(Part::RootRotation, 3, ROTATION_STEP, ANGLE_MOST);
        match level {
            Level::Near => layout.add_near(rig),
            Level::Middle => layout.add_middle(),
            Level::Far => {}
        }
        layout
    }

    fn add(&mut self, part: Part, width: usize, step: f64, most: f64) {
        let step = step * self.precision.factor();
        let mobility = mobility::of(part, "");
        self.groups.push(Group {
            part,
            width,
            step,
            most: (most / step).ceil() as i32,
            mobility,
            mirror: self.groups.len(),
            reflection: if part.is_place() {
                self.reflection
            } else {
                -self.reflection
            },
        });
    }

    fn add_near(&mut self, rig: &Rig) {
        self.add(Part::Hips, 3, HIPS_STEP, f64::from(HIPS_LIMIT));
        for at in 0..rig.bones().len() {
            let finer = (rig.lever(at).max(LEVER_LEAST) / LEVER).powf(LEVER_POWER);
            // Both sides must agree on the step to the last bit.
            let step = ROTATION_STEP * f64::from((finer * 64.0).round() / 64.0);
            self.add(Part::Bone(at), 3, step, ANGLE_MOST);
        }
        self.tell_bones_apart(rig);
        for at in 0..rig.expressions() {
            self.add(Part::Expression(at), 1, EXPRESSION_STEP, 1.0);
        }
    }

    fn tell_bones_apart(&mut self, rig: &Rig) {
        let first = self.groups.len() - rig.bones().len();
        for (at, bone) in rig.bones().iter().enumerate() {
            let index = first + at;
            let group = &mut self.groups[index];
            group.mobility = mobility::of(group.part, &bone.name);
            if let Some(other) = other_side(rig, &bone.name) {
                group.mirror = first + other;
            }
            let is_limb = LIMBS.iter().any(|limb| bone.name.ends_with(limb));
            if is_limb && self.limbs.len() < LIMBS_MOST {
                self.limbs.push(index);
            }
        }
    }

    fn add_middle(&mut self) {
        self.add(Part::HipsHeight, 1, HIPS_STEP, f64::from(HIPS_LIMIT));
        self.add(Part::Head, 3, ROTATION_STEP, ANGLE_MOST);
        let reach = f64::from(SQRT_2) * 1e3;
        for at in 0..Limb::ALL.len() {
            self.add(Part::EndPosition(at), 3, POSITION_STEP, reach);
            self.add(Part::EndRotation(at), 3, ROTATION_STEP, ANGLE_MOST);
        }
    }

    /// Writes the vector of each group of `pose`, whose forward kinematics are `globals`. `vectors` has those of the pose before.
    /// Whether none has changed by more than [`STILL_STEPS`].
    pub fn measure(&self, pose: &Pose, globals: &[(Vec3, Quat)], vectors: &mut [DVec3]) -> bool {
        let middle = self.landmarks.summarise(pose, globals);
        let mut is_still = true;
        for (group, vector) in self.groups.iter().zip(vectors) {
            let before = *vector;
            *vector = group.vector(pose, &middle, before);
            is_still &= vector.distance(before) < STILL_STEPS * group.step;
        }
        is_still
    }

    /// Writes the integers that are nearest to `vectors`.
    pub fn quantise(&self, vectors: &[DVec3], values: &mut [Integers]) {
        for ((group, vector), values) in self.groups.iter().zip(vectors).zip(values) {
            *values = lattice::nearest(*vector / group.step, group.most);
        }
    }

    /// The near pose of `values`.
    pub fn restore_near(&self, values: &[Integers], pose: &mut Pose) {
        pose.root = self.restore_root(values);
        for (group, values) in self.groups.iter().zip(values).skip(2) {
            let vector = group.restore(*values);
            match group.part {
                Part::Hips => pose.hips = vector.as_vec3(),
                Part::Bone(at) => pose.rotations[at] = lattice::to_rotation(vector),
                Part::Expression(at) => pose.expressions[at] = vector.x.clamp(0.0, 1.0) as f32,
                _ => {}
            }
        }
    }

    /// The middle pose of `values`.
    pub fn restore_middle(&self, values: &[Integers], pose: &mut MiddlePose) {
        pose.root = self.restore_root(values);
        for (group, values) in self.groups.iter().zip(values).skip(2) {
            let vector = group.restore(*values);
            match group.part {
                Part::HipsHeight => pose.hips_height = vector.x as f32,
                Part::Head => pose.head = lattice::to_rotation(vector),
                Part::EndPosition(at) => pose.ends[at].position = vector.as_vec3(),
                Part::EndRotation(at) => pose.ends[at].rotation = lattice::to_rotation(vector),
                _ => {}
            }
        }
    }

    /// The root in `values` of any level.
    pub fn restore_root(&self, values: &[Integers]) -> RootPose {
        let position = self.groups[0].restore(values[0]).as_vec3();
        let rotation = lattice::to_rotation(self.groups[1].restore(values[1]));
        RootPose::within_bounds(position, rotation)
    }
}

impl Group {
    /// Whether it tells where the figure is or looks.
    pub fn is_root(&self) -> bool {
        matches!(self.part, Part::RootPosition | Part::RootRotation)
    }

    fn vector(&self, pose: &Pose, middle: &MiddlePose, before: DVec3) -> DVec3 {
        let number = |number: f32| DVec3::X * f64::from(number);
        let LimbEnd { position, rotation } = match self.part {
            Part::EndPosition(at) | Part::EndRotation(at) => middle.ends[at],
            _ => LimbEnd {
                position: Vec3::ZERO,
                rotation: Quat::IDENTITY,
            },
        };
        match self.part {
            Part::RootPosition => pose.root.position().as_dvec3(),
            Part::Hips => pose.hips.as_dvec3(),
            Part::EndPosition(_) => position.as_dvec3(),
            Part::HipsHeight => number(middle.hips_height),
            Part::Expression(at) => number(pose.expressions[at]),
            Part::RootRotation => lattice::to_vector(pose.root.rotation(), before),
            Part::Bone(at) => lattice::to_vector(pose.rotations[at], before),
            Part::Head => lattice::to_vector(middle.head, before),
            Part::EndRotation(_) => lattice::to_vector(rotation, before),
        }
    }

    fn restore(&self, values: Integers) -> DVec3 {
        lattice::restore(values, self.step)
    }
}

/// The bone with the same name on the other side.
fn other_side(rig: &Rig, name: &str) -> Option<usize> {
    if let Some(rest) = name.strip_prefix("Left") {
        return rig.find(&format!("Right{rest}"));
    }
    let rest = name.strip_prefix("Right")?;
    rig.find(&format!("Left{rest}"))
}

/// What places are times in a mirror: bones are farthest from those of the other side on the axis that it turns.
fn reflection(rig: &Rig) -> Vec4 {
    let mut apart = Vec3::ZERO;
    for bone in rig.bones() {
        if let Some(other) = other_side(rig, &bone.name) {
            apart += (bone.offset - rig.bones()[other].offset).abs();
        }
    }
    let mut reflection = Vec4::ONE;
    reflection[apart.max_position()] = -1.0;
    reflection
}
