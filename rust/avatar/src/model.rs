//! What is expected of a pose when some earlier ones are known.
//!
//! Each vector goes on from the newest known pose with a damped velocity. How wrong that was before, seen from each of the
//! known poses, is taken as a sample of how it may be wrong now: the error of the whole pose is a mixture of those samples
//! plus what each joint does on its own. So while a pose is coded, every joint that is known tells about the others, as in
//! an ensemble Kalman filter (Evensen, *Data Assimilation*, 2nd edition, 2009, section 4.3). On top of it a common factor
//! follows how much larger than expected the errors of this pose are.
//!
//! Only operations that IEEE 754 defines to the last bit are used, in a fixed order: sender and receiver must agree.

use glam::Vec4;

use crate::{parameters as p, range::Expected, timing::Timing};

/// Known poses that are looked at.
pub const REFERENCES_MOST: usize = 14;
/// Known errors that this pose's may be a mixture of.
pub const SAMPLES_MOST: usize = 10;
/// Room for a number at each reference, and for two more that are always zero.
pub const SERIES: usize = REFERENCES_MOST + 2;
/// With the patterns of velocity and acceleration.
pub const PATTERNS: usize = SAMPLES_MOST + 2;
const VELOCITY: usize = SAMPLES_MOST;
const ACCELERATION: usize = SAMPLES_MOST + 1;

/// The components of a vector in the known poses, the newest first, less those in the newest.
pub type Track = [Series; 3];
/// A number at each of the known poses, zeros behind.
pub type Series = [f32; SERIES];
/// A number for each pattern, four at a time.
pub type Lanes = [Vec4; LANES];
/// How many fours those are.
pub const LANES: usize = PATTERNS / 4;

/// What has been learnt from the part of the pose that is known.
#[derive(Clone, Debug)]
pub struct Model {
    timing: Timing,
    /// How much of each pattern there is.
    mixture: Lanes,
    covariance: [Lanes; PATTERNS],
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
    is_still: bool,
}

/// What a spread was made from, to learn from what came instead.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The covariance of each component with the mixture.
    rows: [Lanes; 3],
    /// Whether nothing is to be learnt from the vector: it has not moved.
    is_still: bool,
}

impl Model {
    /// Nothing of the pose is known yet.
    pub fn new(timing: Timing) -> Self {
        let mut diagonal = [0.0; PATTERNS];
        let mut variance = p::PATTERN_VARIANCE;
        for diagonal in &mut diagonal[..timing.samples()] {
            *diagonal = variance;
            variance *= p::PATTERN_FADE;
        }
        diagonal[VELOCITY] = p::VELOCITY_PATTERN_VARIANCE * timing.reach();
        diagonal[ACCELERATION] = p::ACCELERATION_PATTERN_VARIANCE * timing.reach();
        let mut covariance = [[Vec4::ZERO; LANES]; PATTERNS];
        for (at, variance) in diagonal.into_iter().enumerate() {
            set(&mut covariance[at], at, variance);
        }
        Self {
            timing,
            mixture: [Vec4::ZERO; LANES],
            covariance,
            surprise: p::SURPRISE_PRIOR,
            counted: p::SURPRISE_PRIOR,
        }
    }

    /// What is expected of a vector with this `track`; `is_place` tells places from rotations.
    pub fn expect(&self, track: &Track, is_place: bool) -> (Spread, Source) {
        let mut source = Source {
            rows: [[Vec4::ZERO; LANES]; 3],
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
        let mut gains = [[Vec4::ZERO; LANES]; 3];
        for component in 0..width {
            let (error, variance) = (errors[component], spread.variance[component]);
            if variance > p::SURPRISE_LEAST_VARIANCE {
                self.surprise += (error * error / variance).min(p::SURPRISE_MOST);
                self.counted += 1.0;
            }
            let share = 1.0 / variance;
            gains[component] = rows[component].map(|lane| lane * share);
            for (mixture, gain) in self.mixture.iter_mut().zip(&gains[component]) {
                *mixture += *gain * error;
            }
        }
        reduce(&mut self.covariance, &gains, &rows);
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
    patterns: [Lanes; 3],
}

impl Motion {
    fn new(track: &Track, timing: &Timing) -> Self {
        let velocities = track.each_ref().map(|track| timing.velocities(track));
        let mut moved = [[Vec4::ZERO; LANES]; 3];
        let mut steps = [[Vec4::ZERO; LANES]; 3];
        for component in 0..3 {
            moved[component] = timing.moved(&track[component]);
            steps[component] = timing.steps(&velocities[component]);
        }
        let damping = own_damping(&velocities, &moved, &steps, timing.early());
        let kept = timing.earlier(&damping);
        let mut patterns = moved;
        let mut step = [0.0; 3];
        for component in 0..3 {
            step[component] = damping[0] * timing.horizon() * velocities[component][0];
            let pattern = &mut patterns[component];
            for lane in 0..LANES {
                pattern[lane] -= kept[lane] * steps[component][lane];
            }
            let [newest, before] = timing.differences(&track[component]);
            set(pattern, VELOCITY, newest);
            set(pattern, ACCELERATION, newest - before);
        }
        Self { step, patterns }
    }

    /// The covariance of what the joint does on its own.
    fn own_covariance(&self, timing: &Timing, sudden: f32, first: f32) -> [[f32; 3]; 3] {
        let squared = |at: usize| -> f32 {
            let [x, y, z] = &self.patterns;
            let (x, y, z) = (get(x, at), get(y, at), get(z, at));
            x * x + y * y + z * z
        };
        let reach = timing.reach();
        let early = timing.early();
        let isotropic = first
            + reach * early * p::EARLY_VARIANCE
            + reach * (p::SPEED_VARIANCE + early * p::EARLY_SPEED_VARIANCE) * squared(VELOCITY)
            + reach * p::ACCELERATION_VARIANCE * squared(ACCELERATION);
        let along = reach * p::ALONG_VARIANCE;
        let (weights, total) = timing.fades();
        let error = p::ERROR_VARIANCE / total;
        let patterns = &self.patterns;
        let mut weighed = *patterns;
        for pattern in &mut weighed {
            for (lane, weight) in pattern.iter_mut().zip(weights) {
                *lane *= *weight;
            }
        }
        let mut covariance = [[0.0; 3]; 3];
        for a in 0..3 {
            for b in 0..=a {
                let errors = error * dot(&weighed[a], &patterns[b]);
                let motion =
                    along * get(&self.patterns[a], VELOCITY) * get(&self.patterns[b], VELOCITY);
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

/// How much of its velocity at each of the known poses the joint keeps, judged by how far it has `moved` where `steps` would
/// have been its motion without damping.
fn own_damping(velocities: &Track, moved: &[Lanes; 3], steps: &[Lanes; 3], early: f32) -> Series {
    let most = p::DAMPING + early * p::EARLY_DAMPING;
    let mut kept = 0.0;
    let mut all = p::DAMPING_PRIOR;
    for (moved, steps) in moved.iter().zip(steps) {
        kept += dot(moved, steps);
        all += dot(steps, steps);
    }
    let share = 1.0 / all;
    let [x, y, z] = velocities;
    let mut damping = [0.0; SERIES];
    for at in 0..SERIES {
        let speed = (x[at] * x[at] + y[at] * y[at] + z[at] * z[at]).sqrt();
        let general = most * speed / (speed + p::DAMPING_SPEED);
        damping[at] = (kept + p::DAMPING_PRIOR * general) * share;
    }
    damping
}

impl Spread {
    /// What is expected of a vector that has not moved for as long as is known, should it move.
    fn still() -> Self {
        let variance = [p::WAKING_VARIANCE; 3];
        Self {
            variance,
            deviation: variance.map(f32::sqrt),
            is_still: true,
            ..Self::default()
        }
    }

    /// Whether the vector has not moved for as long as is known.
    pub fn is_still(&self) -> bool {
        self.is_still
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
            is_still: false,
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
        let x = delta[0] - self.mean[0];
        let y = delta[1] - self.mean[1];
        let z = delta[2] - self.mean[2];
        let y = y - self.slope[0] * x;
        [x, y, z - self.slope[1] * x - self.slope[2] * y]
    }

    fn decorrelate(&self, rows: &[Lanes; 3]) -> [Lanes; 3] {
        let [x, mut y, mut z] = *rows;
        for at in 0..x.len() {
            y[at] -= x[at] * self.slope[0];
            z[at] -= x[at] * self.slope[1] + y[at] * self.slope[2];
        }
        [x, y, z]
    }
}

fn get(lanes: &Lanes, at: usize) -> f32 {
    lanes[at / 4][at % 4]
}

fn set(lanes: &mut Lanes, at: usize, value: f32) {
    lanes[at / 4][at % 4] = value;
}

/// The products of a symmetric matrix and three vectors.
fn products(matrix: &[Lanes; PATTERNS], vectors: &[Lanes; 3]) -> [Lanes; 3] {
    let mut products = [[Vec4::ZERO; LANES]; 3];
    for (at, row) in matrix.iter().enumerate() {
        for (product, vector) in products.iter_mut().zip(vectors) {
            let factor = Vec4::splat(get(vector, at));
            for (to, from) in product.iter_mut().zip(row) {
                *to += factor * *from;
            }
        }
    }
    products
}

/// Takes what has been learnt from a symmetric matrix: the outer products of gains and rows.
fn reduce(matrix: &mut [Lanes; PATTERNS], gains: &[Lanes; 3], rows: &[Lanes; 3]) {
    for (at, parts) in matrix.iter_mut().enumerate() {
        let first = get(&gains[0], at);
        let second = get(&gains[1], at);
        let third = get(&gains[2], at);
        for (lane, part) in parts.iter_mut().enumerate() {
            *part -= (rows[0][lane] * first + rows[1][lane] * second) + rows[2][lane] * third;
        }
    }
}

/// The sum of products, added in the same order on every machine.
fn dot(left: &Lanes, right: &Lanes) -> f32 {
    let sums = (left[0] * right[0] + left[1] * right[1]) + left[2] * right[2];
    let [x, y, z, w] = sums.to_array();
    (x + y) + (z + w)
}
