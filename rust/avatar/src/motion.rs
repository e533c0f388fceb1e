//! How a vector has moved, and what that alone tells about how it goes on.

use glam::{Vec3A, Vec3Swizzles, Vec4};

use crate::{
    lanes::{self, LANES, Lanes},
    model::Known,
    parameters as p,
    timing::{Samples, Timing},
};

/// How a vector has moved.
pub struct Motion {
    /// How far it is expected to go from the newest known pose.
    pub step: Vec3A,
    /// How far each pattern goes besides, by component.
    pub patterns: [Lanes; 3],
    velocity: Vec3A,
}

/// A symmetric matrix: its diagonal, and the second component with the first, the third with the first and with the second.
#[derive(Clone, Copy, Debug)]
pub struct Covariance {
    pub diagonal: Vec3A,
    pub across: Vec3A,
}

/// How much of its velocity a joint keeps.
struct Damping {
    /// How far it has gone along its steps, squared, ...
    kept: f32,
    /// ... the reciprocal of how far it would have gone without damping, with what counts for any joint, ...
    share: f32,
    /// ... and how much any joint keeps at high speed.
    most: f32,
}

impl Motion {
    pub fn new(known: &Known<'_>, timing: &Timing) -> Self {
        let samples = timing.samples_of(known.track);
        let damping = Damping::of(&samples, timing.early());
        let velocity = timing.velocity(known.track);
        let kept = damping.at(Vec4::splat(squared(velocity))).x;
        let step = kept * timing.horizon() * velocity;
        let mut patterns = samples.moved;
        let [x, y, z] = &samples.velocities;
        for lane in 0..LANES {
            let kept = damping.at(x[lane] * x[lane] + y[lane] * y[lane] + z[lane] * z[lane]);
            for (pattern, steps) in patterns.iter_mut().zip(&samples.steps) {
                pattern[lane] -= kept * steps[lane];
            }
        }
        let [straight, mirrored] = known.analogs.map(|moved| {
            moved
                .map_or(Vec3A::ZERO, |moved| Vec3A::from_vec4(moved) - step)
                .to_array()
        });
        for (component, pattern) in patterns.iter_mut().enumerate() {
            let last = &mut pattern[LANES - 1];
            *last = Vec4::new(last.x, last.y, straight[component], mirrored[component]);
        }
        Self {
            step,
            patterns,
            velocity,
        }
    }

    /// The covariance of what the joint does on its own.
    pub fn own_covariance(&self, timing: &Timing, sudden: f32, mobility: Vec3A) -> Covariance {
        let reach = timing.reach();
        let isotropic = reach * timing.early() * p::EARLY_VARIANCE
            + reach * p::SPEED_VARIANCE * squared(self.velocity);
        let (weights, total) = timing.fades();
        let error = p::ERROR_VARIANCE / total;
        let [x, y, z] = &self.patterns;
        let weighed = self
            .patterns
            .map(|pattern| lanes::product(&pattern, weights));
        let [_, weighed_y, weighed_z] = &weighed;
        let along = reach * p::ALONG_VARIANCE * self.velocity;
        let errors = error * lanes::dots(weighed.each_ref(), [x, y, z]);
        let motion = along * self.velocity;
        let diagonal = sudden * (errors + motion + isotropic + mobility) + p::ROUNDING_VARIANCE;
        let errors = error * lanes::dots([weighed_y, weighed_z, weighed_z], [x, x, y]);
        let motion = along.yzz() * self.velocity.xxy();
        let across = sudden * (p::ERROR_CORRELATION * errors + p::ALONG_CORRELATION * motion);
        Covariance { diagonal, across }
    }
}

impl Damping {
    /// Judged by how far the joint moved where the steps would have been its motion without damping.
    fn of(samples: &Samples, early: f32) -> Self {
        let (moved, steps) = (samples.moved.each_ref(), samples.steps.each_ref());
        let kept = lanes::dots(moved, steps);
        let all = lanes::dots(steps, steps);
        Self {
            kept: kept.x + kept.y + kept.z,
            share: 1.0 / (p::DAMPING_PRIOR + all.x + all.y + all.z),
            most: p::DAMPING + early * p::EARLY_DAMPING,
        }
    }

    /// At velocities of which these are the squares.
    fn at(&self, squares: Vec4) -> Vec4 {
        let speed = squares.sqrt();
        let general = self.most * speed / (speed + p::DAMPING_SPEED);
        (self.kept + p::DAMPING_PRIOR * general) * self.share
    }
}

/// The square of a vector's length, added in the same order on every machine.
fn squared(vector: Vec3A) -> f32 {
    vector.x * vector.x + vector.y * vector.y + vector.z * vector.z
}
