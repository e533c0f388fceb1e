//! How what moves gets from one known value to the next: cubic Hermite curves through them, straight on beyond them.
//!
//! At each value the slope is that of the way to it, which is all that is known when it comes; it is held so that the
//! curve never overshoots (Fritsch and Carlson, "Monotone piecewise cubic interpolation", 1980). Rotations take the same
//! curve in the space of quaternions and are brought back to unit length, which is as smooth and needs no trigonometry.

use glam::{Quat, Vec3, Vec4};

/// How long motion goes on where nothing is known of it, in seconds, slowing down: joints have limits.
const COAST: f32 = 0.08;
/// After so many seconds it is more likely that it has stopped.
const COAST_BELIEVED: f32 = 0.15;
/// Time in which it goes back to where it was last known to be, in seconds: four fifths of the way within three of them.
const RETURN: f32 = 0.1;

/// A quaternion shorter than this, between two that are half a turn apart, says nothing.
const LENGTH_LEAST: f32 = 1e-3;

/// What the slope at the start and the whole step count at some share of the way. The slope at the end is the step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub(crate) start: f32,
    pub(crate) step: f32,
}

impl Weights {
    /// At a share of the way, from 0 to 1.
    pub(crate) fn at(share: f32) -> Self {
        let (squared, cubed) = (share * share, share * share * share);
        Self {
            start: cubed - 2.0 * squared + share,
            step: 2.0 * squared - cubed,
        }
    }
}

/// How a rotation sets out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// As it came from this one, times a ratio of the times that the two ways take.
    From(Quat, f32),
    /// Straight towards the next.
    Straight,
    /// From rest.
    Rest,
}

/// The rotation at `weights` on the way from one to the next.
pub(crate) fn turn(start: Start, from: Quat, to: Quat, weights: Weights) -> Quat {
    let origin = Vec4::from(from);
    let step = aligned(to, origin) - origin;
    let slope = match start {
        Start::From(before, ratio) => hold4((origin - aligned(before, origin)) * ratio, step),
        Start::Straight => step,
        Start::Rest => Vec4::ZERO,
    };
    unit(origin + slope * weights.start + step * weights.step, from)
}

/// The rotation after `ratio` times the way from `before` to `from` beyond `from`.
pub(crate) fn coast(before: Quat, from: Quat, ratio: f32) -> Quat {
    let origin = Vec4::from(from);
    unit(
        origin + (origin - aligned(before, origin)) * ratio.min(1.0),
        from,
    )
}

/// How many seconds' worth of its speed something moves on that slows down, after so many seconds.
pub(crate) fn coasted(seconds: f32) -> f32 {
    COAST * (1.0 - (-seconds / COAST).exp()) * believed(seconds - COAST_BELIEVED)
}

/// The same of what goes straight on for `most` seconds.
pub(crate) fn went_on(seconds: f32, most: f32) -> f32 {
    seconds.min(most) * believed(seconds - most)
}

/// How much of a guess is left that is so many seconds older than guesses are good for. Whoever stands still sends nothing, so
/// in the end the newest pose is the truth.
fn believed(late: f32) -> f32 {
    let passed = late.max(0.0) / RETURN;
    (1.0 + passed) * (-passed).exp()
}

/// A part of a rotation: `weight` 0 is none, 1 all of it.
pub(crate) fn part(rotation: Quat, weight: f32) -> Quat {
    let identity = Vec4::W;
    unit(
        identity.lerp(aligned(rotation, identity), weight),
        Quat::IDENTITY,
    )
}

/// A slope that keeps the curve between its ends: of the step's sign, and at most three times as large.
pub(crate) fn hold3(slope: Vec3, step: Vec3) -> Vec3 {
    let most = 3.0 * step;
    slope.max(most.min(Vec3::ZERO)).min(most.max(Vec3::ZERO))
}

fn hold4(slope: Vec4, step: Vec4) -> Vec4 {
    let most = 3.0 * step;
    slope.max(most.min(Vec4::ZERO)).min(most.max(Vec4::ZERO))
}

/// Of the two quaternions of a rotation the one nearer to `other`.
fn aligned(rotation: Quat, other: Vec4) -> Vec4 {
    let rotation = Vec4::from(rotation);
    if rotation.dot(other) < 0.0 {
        -rotation
    } else {
        rotation
    }
}

fn unit(vector: Vec4, otherwise: Quat) -> Quat {
    let squared = vector.length_squared();
    if squared < LENGTH_LEAST * LENGTH_LEAST {
        return otherwise;
    }
    Quat::from_vec4(vector / squared.sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rotations() -> impl Strategy<Value = Quat> {
        prop::array::uniform4(-1.0_f32..1.0)
            .prop_map(Vec4::from)
            .prop_filter("a direction", |vector| vector.length() > 0.01)
            .prop_map(|vector| Quat::from_vec4(vector.normalize()))
    }

    proptest! {
        #[test]
        fn a_turn_starts_and_ends_at_its_rotations_and_stays_near_their_arc(
            before in rotations(), from in rotations(), to in rotations(), ratio in 0.0_f32..20.0, share in 0.0_f32..=1.0,
        ) {
            let at = |share| turn(Start::From(before, ratio), from, to, Weights::at(share));
            prop_assert!(at(0.0).angle_between(from) < 2e-3);
            prop_assert!(at(1.0).angle_between(to) < 2e-3);
            let arc = from.angle_between(to);
            let shown = at(share);
            prop_assert!(shown.is_normalized());
            // The curve stays in the box of its ends' quaternions, which bulges from the arc the more the longer that is.
            let most = arc + 0.6 * arc * arc + 5e-3;
            prop_assert!(shown.angle_between(from) <= most && shown.angle_between(to) <= most,
                "{} and {} of {arc}", shown.angle_between(from), shown.angle_between(to));
        }

        #[test]
        fn coasting_goes_no_farther_than_the_last_step(before in rotations(), from in rotations(), ratio in 0.0_f32..9.0) {
            let on = coast(before, from, ratio);
            prop_assert!(on.is_normalized());
            prop_assert!(on.angle_between(from) <= before.angle_between(from) + 5e-3);
        }
    }

    #[test]
    fn what_goes_on_comes_back_when_nothing_is_heard() {
        assert!((went_on(0.1, 0.15) - 0.1).abs() < 1e-6);
        assert!((went_on(0.15, 0.15) - 0.15).abs() < 1e-6);
        for guess in [|seconds| went_on(seconds, 0.15), coasted] {
            assert!(guess(0.1) > 0.04);
            assert!(guess(1.0) < 0.002, "{}", guess(1.0));
            let steps: Vec<f32> = (0..200).map(|step| guess(step as f32 / 100.0)).collect();
            let jump = steps.windows(2).map(|pair| (pair[1] - pair[0]).abs());
            assert!(jump.fold(0.0, f32::max) < 0.0101, "no faster than before");
        }
    }

    #[test]
    fn half_a_turn_is_a_rotation_all_the_way() {
        let flip = Quat::from_xyzw(1.0, 0.0, 0.0, 0.0);
        for step in 0..=100_u8 {
            let weights = Weights::at(f32::from(step) / 100.0);
            for start in [Start::From(flip, 20.0), Start::Straight, Start::Rest] {
                assert!(turn(start, Quat::IDENTITY, flip, weights).is_normalized());
            }
        }
    }
}
