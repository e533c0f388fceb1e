//! What is expected of a pose when some earlier ones are known.
//!
//! Each vector goes on from the newest known pose with a damped velocity. How wrong that was before, seen from each of the
//! known poses, is taken as a sample of how it may be wrong now: the error of the whole pose is a mixture of those samples
//! plus what each joint does on its own. So while a pose is coded, every joint that is known tells about the others, as in
//! an ensemble Kalman filter (Evensen, *Data Assimilation*, 2nd edition, 2009, section 4.3). On top of it a common factor
//! follows how much larger than expected the errors of this pose are.
//!
//! Only operations that IEEE 754 defines to the last bit are used, in a fixed order: sender and receiver must agree.

use crate::{parameters as p, range::Expected, references::Timing};

/// Known poses that are looked at.
pub const REFERENCES_MOST: usize = 18;
/// Known errors that this pose's may be a mixture of.
pub const SAMPLES_MOST: usize = 14;
/// With the patterns of velocity and acceleration.
const PATTERNS: usize = SAMPLES_MOST + 2;
const VELOCITY: usize = SAMPLES_MOST;
const ACCELERATION: usize = SAMPLES_MOST + 1;

/// The components of a vector in the known poses, the newest first, less those in the newest.
pub type Track = [[f32; REFERENCES_MOST]; 3];
type Patterns = [f32; PATTERNS];

/// What has been learnt from the part of the pose that is known.
#[derive(Clone, Debug)]
pub struct Model {
    timing: Timing,
    /// How much of each pattern there is.
    mixture: Patterns,
    covariance: [Patterns; PATTERNS],
    surprise: f32,
    counted: f32,
}

/// What is expected of a vector, less that of the newest known pose: a normal distribution as its triangular
/// decomposition, so that each component is expected given those before it.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Spread {
    mean: [f32; 3],
    variance: [f32; 3],
    /// The second on the first, the third on the first, the third on the second.
    slope: [f32; 3],
    deviation: [f32; 3],
}

/// What a spread was made from, to learn from what came instead.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The covariance of each component with the mixture.
    rows: [Patterns; 3],
    /// Whether nothing is to be learnt from the vector: it has not moved.
    is_still: bool,
}

impl Model {
    /// Nothing of the pose is known yet.
    pub fn new(timing: Timing) -> Self {
        let mut covariance = [[0.0; PATTERNS]; PATTERNS];
        let mut variance = p::PATTERN_VARIANCE;
        for (at, row) in covariance.iter_mut().enumerate().take(timing.samples()) {
            row[at] = variance;
            variance *= p::PATTERN_FADE;
        }
        covariance[VELOCITY][VELOCITY] = p::VELOCITY_PATTERN_VARIANCE * timing.reach();
        covariance[ACCELERATION][ACCELERATION] = p::ACCELERATION_PATTERN_VARIANCE * timing.reach();
        Self {
            timing,
            mixture: [0.0; PATTERNS],
            covariance,
            surprise: p::SURPRISE_PRIOR,
            counted: p::SURPRISE_PRIOR,
        }
    }

    /// What is expected of a vector with this `track`; `is_place` tells places from rotations.
    pub fn expect(&self, track: &Track, is_place: bool) -> (Spread, Source) {
        let mut source = Source {
            rows: [[0.0; PATTERNS]; 3],
            is_still: false,
        };
        let first = self.first_variance(is_place);
        if first == 0.0 && track.iter().flatten().all(|delta| *delta == 0.0) {
            source.is_still = true;
            return (Spread::still(), source);
        }
        let motion = Motion::new(track, &self.timing);
        let own = motion.own_covariance(&self.timing, self.sudden(), first);
        let mut covariance = own;
        let mut mean = motion.step;
        source.rows = products(&self.covariance, &motion.patterns);
        for (component, pattern) in motion.patterns.iter().enumerate() {
            mean[component] += dot(pattern, &self.mixture);
            for (other, row) in source.rows.iter().enumerate().take(component + 1) {
                covariance[component][other] += dot(pattern, row);
            }
        }
        (Spread::new(mean, &covariance, &own), source)
    }

    /// Learns that the vector is `delta` from the newest known pose.
    pub fn learn(&mut self, spread: &Spread, source: &Source, delta: [f32; 3], width: usize) {
        if source.is_still {
            return;
        }
        let errors = spread.errors(delta);
        let rows = spread.decorrelate(&source.rows);
        let mut gains = [[0.0; PATTERNS]; 3];
        for component in 0..width {
            let (error, variance) = (errors[component], spread.variance[component]);
            if variance > p::SURPRISE_LEAST_VARIANCE {
                self.surprise += (error * error / variance).min(p::SURPRISE_MOST);
                self.counted += 1.0;
            }
            let share = 1.0 / variance;
            gains[component] = rows[component].map(|part| part * share);
            for (mixture, gain) in self.mixture.iter_mut().zip(&gains[component]) {
                *mixture += gain * error;
            }
        }
        let [x, y, z] = &rows;
        for (at, row) in self.covariance.iter_mut().enumerate() {
            let [a, b, c] = gains.each_ref().map(|gain| gain[at]);
            for (to, part) in row.iter_mut().enumerate() {
                *part -= (a * x[to] + b * y[to]) + c * z[to];
            }
        }
    }

    /// How many times more variance than expected the motion shows so far.
    fn sudden(&self) -> f32 {
        let ratio = self.surprise / self.counted;
        let square = ratio * ratio;
        square * square
    }

    fn first_variance(&self, is_place: bool) -> f32 {
        match self.timing.count() {
            0 => p::KEYFRAME_VARIANCE,
            1 if is_place => p::FIRST_PLACE_VARIANCE * self.timing.reach(),
            1 => p::FIRST_VARIANCE * self.timing.reach(),
            _ => 0.0,
        }
    }
}

/// How a vector has moved.
struct Motion {
    /// How far it is expected to go from the newest known pose.
    step: [f32; 3],
    patterns: [Patterns; 3],
}

impl Motion {
    fn new(track: &Track, timing: &Timing) -> Self {
        let mut velocities = [[0.0; REFERENCES_MOST]; 3];
        for (velocity, track) in velocities.iter_mut().zip(track) {
            timing.velocities(track, velocity);
        }
        let mut damping = [0.0; REFERENCES_MOST];
        own_damping(track, &velocities, timing, &mut damping);
        let mut patterns = [[0.0; PATTERNS]; 3];
        let mut step = [0.0; 3];
        for component in 0..3 {
            let (track, velocity) = (&track[component], &velocities[component]);
            step[component] = damping[0] * timing.horizon() * velocity[0];
            let pattern = &mut patterns[component];
            for (at, (from, span)) in timing.spans().enumerate() {
                pattern[at] = track[at] - track[from] - damping[from] * span * velocity[from];
            }
            let [newest, before] = timing.differences(track);
            pattern[VELOCITY] = newest;
            pattern[ACCELERATION] = newest - before;
        }
        Self { step, patterns }
    }

    /// The covariance of what the joint does on its own.
    fn own_covariance(&self, timing: &Timing, sudden: f32, first: f32) -> [[f32; 3]; 3] {
        let squared = |at: usize| -> f32 {
            let [x, y, z] = self.patterns.each_ref().map(|pattern| pattern[at]);
            x * x + y * y + z * z
        };
        let reach = timing.reach();
        let isotropic = first
            + reach * p::SPEED_VARIANCE * squared(VELOCITY)
            + reach * p::ACCELERATION_VARIANCE * squared(ACCELERATION);
        let along = reach * p::ALONG_VARIANCE;
        let (fades, total) = timing.fades();
        let error = p::ERROR_VARIANCE / total;
        let faded = self.patterns.map(|pattern| {
            let mut faded = [0.0; PATTERNS];
            for at in 0..SAMPLES_MOST {
                faded[at] = pattern[at] * fades[at];
            }
            faded
        });
        let mut covariance = [[0.0; 3]; 3];
        for a in 0..3 {
            for b in 0..=a {
                let errors = error * dot(&faded[a], &self.patterns[b]);
                let motion = along * self.patterns[a][VELOCITY] * self.patterns[b][VELOCITY];
                covariance[a][b] = if a == b {
                    sudden * (errors + motion + isotropic) + p::ROUNDING_VARIANCE
                } else {
                    sudden * (p::ERROR_CORRELATION * errors + p::ALONG_CORRELATION * motion)
                };
            }
        }
        covariance
    }
}

/// How much of its velocity the joint has kept before, at each of the known poses.
fn own_damping(
    track: &Track,
    velocities: &Track,
    timing: &Timing,
    damping: &mut [f32; REFERENCES_MOST],
) {
    let mut kept = 0.0;
    let mut moved = p::DAMPING_PRIOR;
    for (at, (from, span)) in timing.spans().enumerate() {
        for (track, velocity) in track.iter().zip(velocities) {
            let step = velocity[from] * span;
            kept += (track[at] - track[from]) * step;
            moved += step * step;
        }
    }
    for (at, damping) in damping.iter_mut().enumerate() {
        let [x, y, z] = velocities.each_ref().map(|velocity| velocity[at]);
        let speed = (x * x + y * y + z * z).sqrt();
        let general = p::DAMPING * speed / (speed + p::DAMPING_SPEED);
        *damping = (kept + p::DAMPING_PRIOR * general) / moved;
    }
}

impl Spread {
    /// Whether the vector has not moved for as long as is known.
    pub fn is_still(&self) -> bool {
        *self == Self::still()
    }

    fn still() -> Self {
        let variance = [p::ROUNDING_VARIANCE; 3];
        Self {
            variance,
            deviation: variance.map(f32::sqrt),
            ..Self::default()
        }
    }

    /// `own`: what no component can have less variance than, rounding in the sums aside.
    fn new(mean: [f32; 3], covariance: &[[f32; 3]; 3], own: &[[f32; 3]; 3]) -> Self {
        let least = p::ROUNDING_VARIANCE;
        let first = covariance[0][0].max(own[0][0]);
        let slopes = [covariance[1][0] / first, covariance[2][0] / first];
        let second = (covariance[1][1] - slopes[0] * covariance[1][0]).max(least);
        let across = (covariance[2][1] - slopes[1] * covariance[1][0]) / second;
        let third = covariance[2][2] - slopes[1] * covariance[2][0] - across * across * second;
        let variance = [first, second, third.max(least)];
        Self {
            mean,
            variance,
            slope: [slopes[0], slopes[1], across],
            deviation: variance.map(f32::sqrt),
        }
    }

    /// What is expected of a component when the ones before it in `delta` are known.
    pub fn expected(&self, component: usize, delta: [f32; 3]) -> Expected {
        let [x, y, _] = self.errors(delta);
        let mean = match component {
            0 => self.mean[0],
            1 => self.mean[1] + self.slope[0] * x,
            _ => self.mean[2] + self.slope[1] * x + self.slope[2] * y,
        };
        Expected {
            mean,
            deviation: self.deviation[component],
        }
    }

    /// How far each component is from what was expected when the ones before it were known.
    fn errors(&self, delta: [f32; 3]) -> [f32; 3] {
        let [x, y, z] = [0, 1, 2].map(|at| delta[at] - self.mean[at]);
        let y = y - self.slope[0] * x;
        [x, y, z - self.slope[1] * x - self.slope[2] * y]
    }

    fn decorrelate(&self, rows: &[Patterns; 3]) -> [Patterns; 3] {
        let mut rows = *rows;
        for at in 0..PATTERNS {
            rows[1][at] -= self.slope[0] * rows[0][at];
            rows[2][at] -= self.slope[1] * rows[0][at] + self.slope[2] * rows[1][at];
        }
        rows
    }
}

/// The products of a symmetric matrix and three vectors.
fn products(matrix: &[Patterns; PATTERNS], vectors: &[Patterns; 3]) -> [Patterns; 3] {
    let mut products = [[0.0; PATTERNS]; 3];
    for (at, row) in matrix.iter().enumerate() {
        for (product, vector) in products.iter_mut().zip(vectors) {
            let factor = vector[at];
            for (to, from) in product.iter_mut().zip(row) {
                *to += factor * from;
            }
        }
    }
    products
}

/// The sum of products, in four strands whatever the machine.
fn dot(a: &Patterns, b: &Patterns) -> f32 {
    let mut strands = [0.0; 4];
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        for (strand, (a, b)) in strands.iter_mut().zip(a.iter().zip(b)) {
            *strand += a * b;
        }
    }
    (strands[0] + strands[1]) + (strands[2] + strands[3])
}
