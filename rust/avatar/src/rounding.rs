//! Rounding that costs little: of the integers that are near enough, those that are expected.
//!
//! As in video coding (Sullivan and Wiegand, *Rate-distortion optimization for video compression*, 1998) the sum of bits and
//! weighted error is made small. What is near enough is bounded, so that no joint lags behind by more than
//! [`ANGLE_ERROR_MOST`], whatever it saves; and a bone of an arm makes up for the errors of those before it, so that the hand
//! is where it should be.

use std::f64::consts::PI;

use glam::{DMat3, DVec3, IVec3, Quat, Vec3};

use crate::{
    decode_error::DecodeError,
    distribution, lattice,
    layout::{self, Group, Integers, Part},
    level::Limb,
    limits::BONES_MOST,
    model::Spread,
    payload::Visitor,
    range,
    rig::Rig,
};

/// How far a rotation may be from the true one, in degrees, where the nearest integers are not farther.
const ANGLE_ERROR_MOST: f64 = 1.0;
/// The same of a place, in centimetres.
const PLACE_ERROR_MOST: f64 = 0.96;
/// Bits that the largest error is worth.
const ERROR_BITS: f64 = 3.0;
/// Bits that a hand off by a centimetre is worth.
const HAND_BITS: f64 = 8.0;
/// Beyond so many centimetres, bones of the arm let a hand go no farther ...
const HAND_ERROR_MOST: f64 = 0.72;
/// ... at so many bits for each centimetre squared.
const HAND_FAR_BITS: f64 = 80.0;
/// Of a radian.
const DEGREES: f64 = 180.0 / PI;
/// Square of the steps that an exact vector may be off, for want of digits.
const EXACT: f64 = 1e-8;
/// Bones so near to the hand, in metres, are of the arm.
const ARM: f32 = 0.75;

/// The hands of a rig, and which bones carry them.
#[derive(Clone, Debug)]
pub struct Hands([Option<Hand>; 2]);

#[derive(Clone, Debug)]
struct Hand {
    bone: usize,
    carried_by: [bool; BONES_MOST],
}

impl Hands {
    pub fn of(rig: &Rig) -> Self {
        let hand = |limb: Limb| {
            let bone = rig.find(limb.end())?;
            let mut carried_by = [false; BONES_MOST];
            let mut next = rig.bones()[bone].parent;
            while let Some(carrier) = next {
                carried_by[carrier] = true;
                next = rig.bones()[carrier].parent;
            }
            Some(Hand { bone, carried_by })
        };
        Self([hand(Limb::LeftArm), hand(Limb::RightArm)])
    }
}

/// Rounds a pose, and keeps what was expected of it.
pub struct Rounding<'a> {
    pub rig: &'a Rig,
    pub hands: &'a Hands,
    pub globals: &'a [(Vec3, Quat)],
    /// The vectors of the pose.
    pub vectors: &'a [DVec3],
    pub values: &'a mut [Integers],
    pub spreads: &'a mut Vec<Spread>,
    /// Whether nothing moves: then the truest integers are taken, whatever they cost, so that they stay the same.
    pub is_settled: bool,
    /// How many times larger than usual errors may be.
    pub coarseness: f64,
    /// Where each hand is because of what was rounded so far, from where it should be, in centimetres.
    pub off: [DVec3; 2],
}

/// What an error of the integers does.
struct Effect {
    /// From steps to degrees or centimetres.
    error: DMat3,
    most: f64,
    /// From steps to centimetres of each hand, and whether the bone is of its arm.
    hands: [Option<(DMat3, bool)>; 2],
}

impl Visitor for Rounding<'_> {
    fn visit(
        &mut self,
        index: usize,
        group: &Group,
        spread: &Spread,
        base: Integers,
    ) -> Result<Integers, DecodeError> {
        let exact = self.vectors[index] / group.step;
        let nearest = lattice::nearest(exact, group.most);
        let is_exact = offset(nearest, exact).length_squared() < EXACT;
        if is_exact && spread.waking().is_some() && nearest == base {
            self.values[index] = base;
            self.spreads.push(*spread);
            return Ok(base);
        }
        let chosen = match self.effect(group, self.vectors[index]) {
            Some(effect) => {
                let chosen = self.choose(group, &effect, exact, nearest, spread, base);
                self.remember(&effect, offset(chosen, exact));
                chosen
            }
            None => nearest,
        };
        self.values[index] = chosen;
        self.spreads.push(*spread);
        Ok(chosen)
    }
}

impl Rounding<'_> {
    fn choose(
        &self,
        group: &Group,
        effect: &Effect,
        exact: DVec3,
        nearest: Integers,
        spread: &Spread,
        base: Integers,
    ) -> Integers {
        // The integers on the other side of the exact vector: all others are farther than a step away.
        let rest = -offset(nearest, exact);
        let sides = IVec3::select(rest.cmplt(DVec3::ZERO), IVec3::NEG_ONE, IVec3::ONE);
        let scaled = effect.error * (1.0 / (effect.most * self.coarseness));
        let begin = scaled * -rest;
        let way = scaled.mul_diagonal_scale(sides.as_dvec3());
        let ways = [way.x_axis, way.y_axis, way.z_axis];
        let mut near = [(0, 0.0); 8];
        let mut count = 0;
        for corner in 0..8 {
            let mut off = begin;
            for (axis, way) in ways.iter().enumerate() {
                if corner >> axis & 1 == 1 {
                    off += *way;
                }
            }
            let error = off.length_squared();
            if error <= 1.0 || corner == 0 {
                near[count] = (corner, error);
                count += 1;
            }
        }
        if count == 1 {
            return nearest;
        }
        let most = Integers::splat(group.most);
        let other = (nearest + sides.extend(0)).clamp(-most, most);
        let mut chances = Chances::new(spread, base, [nearest, other]);
        let mut chosen = nearest;
        let mut least = f64::INFINITY;
        for (corner, error) in &near[..count] {
            let values = chances.values(*corner);
            let mut cost = ERROR_BITS * error + self.hands_cost(effect, offset(values, exact));
            if cost < least && !self.is_settled {
                cost += chances.bits(*corner);
            }
            if cost < least {
                least = cost;
                chosen = values;
            }
        }
        chosen
    }

    fn hands_cost(&self, effect: &Effect, offset: DVec3) -> f64 {
        let mut cost = 0.0;
        for (off, hand) in self.off.iter().zip(&effect.hands) {
            if let Some((matrix, is_arm)) = hand {
                let square = (*off + *matrix * offset).length_squared();
                let square = square / (self.coarseness * self.coarseness);
                cost += HAND_BITS * square;
                if *is_arm && square > HAND_ERROR_MOST * HAND_ERROR_MOST {
                    let far = square.sqrt() - HAND_ERROR_MOST;
                    cost += HAND_FAR_BITS * far * far;
                }
            }
        }
        cost
    }

    fn remember(&mut self, effect: &Effect, offset: DVec3) {
        for (off, hand) in self.off.iter_mut().zip(&effect.hands) {
            if let Some((matrix, _)) = hand {
                *off += *matrix * offset;
            }
        }
    }

    fn effect(&self, group: &Group, vector: DVec3) -> Option<Effect> {
        match group.part {
            Part::RootPosition | Part::Hips => {
                let error = DMat3::IDENTITY * (group.step * 100.0);
                let carries = group.part == Part::Hips;
                Some(Effect {
                    error,
                    most: PLACE_ERROR_MOST,
                    hands: [carries.then_some((error, false)); 2],
                })
            }
            Part::RootRotation => Some(Effect {
                error: turning(vector) * group.step.to_degrees(),
                most: ANGLE_ERROR_MOST,
                hands: [None; 2],
            }),
            Part::Bone(bone) => {
                let turning = turning(vector) * group.step;
                Some(Effect {
                    error: turning * DEGREES,
                    most: ANGLE_ERROR_MOST,
                    hands: self.carry(bone, turning),
                })
            }
            _ => None,
        }
    }

    /// What the turns of `bone` do to each hand.
    fn carry(&self, bone: usize, turning: DMat3) -> [Option<(DMat3, bool)>; 2] {
        let is_carrier = |hand: &Hand| hand.carried_by[bone];
        let hands = self.hands.0.each_ref();
        let hands = hands.map(|hand| hand.as_ref().filter(|hand| is_carrier(hand)));
        if hands.iter().all(Option::is_none) {
            return [None; 2];
        }
        let parent = self.rig.bones()[bone].parent;
        let parent = parent.map_or(Quat::IDENTITY, |parent| self.globals[parent].1);
        let turning = DMat3::from_quat(parent.as_dquat()) * turning;
        hands.map(|hand| {
            let arm = self.globals[hand?.bone].0 - self.globals[bone].0;
            let matrix = cross(arm.as_dvec3() * -100.0) * turning;
            Some((matrix, arm.length() < ARM))
        })
    }
}

fn offset(values: Integers, exact: DVec3) -> DVec3 {
    values.truncate().as_dvec3() - exact
}

/// How likely the corners of a cell are. Of the number of a corner each bit tells on which side of an axis it is.
struct Chances<'a> {
    spread: &'a Spread,
    base: Integers,
    /// The integers on either side of the axes.
    sides: [Integers; 2],
    /// Of the first component on either side; of the second, and of the third, for each corner of those before it.
    first: Option<[f32; 2]>,
    second: [Option<[f32; 2]>; 2],
    third: [Option<[f32; 2]>; 4],
}

impl<'a> Chances<'a> {
    fn new(spread: &'a Spread, base: Integers, sides: [Integers; 2]) -> Self {
        Self {
            spread,
            base,
            sides,
            first: None,
            second: [None; 2],
            third: [None; 4],
        }
    }

    /// The integers at a corner.
    fn values(&self, corner: usize) -> Integers {
        let [x, y, z] = [0, 1, 2].map(|axis| self.sides[corner >> axis & 1][axis]);
        Integers::new(x, y, z, 0)
    }

    /// How many bits those take, about.
    fn bits(&mut self, corner: usize) -> f64 {
        let values = self.values(corner);
        let mut chance = 1.0;
        if let Some(waking) = self.spread.waking() {
            let has_moved = values != self.base;
            chance = range::chance_of_flag(waking.chance, has_moved);
            if !has_moved {
                return f64::from(-chance.log2());
            }
        }
        let (spread, base, sides) = (self.spread, self.base, self.sides);
        let way = layout::difference(values, base).to_array();
        let component = |component: usize| {
            let expected = spread.expected(component, way);
            let delta = |side: Integers| i64::from(side[component]) - i64::from(base[component]);
            distribution::chances(expected, sides.map(delta))
        };
        chance *= self.first.get_or_insert_with(|| component(0))[corner & 1];
        chance *= self.second[corner & 1].get_or_insert_with(|| component(1))[corner >> 1 & 1];
        chance *= self.third[corner & 3].get_or_insert_with(|| component(2))[corner >> 2];
        f64::from(-chance.log2())
    }
}

/// The matrix that makes the cross product with `vector` from the left.
fn cross(vector: DVec3) -> DMat3 {
    let DVec3 { x, y, z } = vector;
    DMat3::from_cols(
        DVec3::new(0.0, z, -y),
        DVec3::new(-z, 0.0, x),
        DVec3::new(y, -x, 0.0),
    )
}

/// How a change of a rotation vector turns: the left Jacobian of SO(3) (Solà, *A micro Lie theory for state estimation in
/// robotics*, 2018, equation 145).
fn turning(vector: DVec3) -> DMat3 {
    let angle = vector.length();
    if angle < 1e-6 {
        return DMat3::IDENTITY;
    }
    let reciprocal = 1.0 / angle;
    let axis = vector * reciprocal;
    let (sine, cosine) = angle.sin_cos();
    let sine = sine * reciprocal;
    DMat3::IDENTITY * sine
        + DMat3::from_cols(axis * axis.x, axis * axis.y, axis * axis.z) * (1.0 - sine)
        + cross(axis) * ((1.0 - cosine) * reciprocal)
}
