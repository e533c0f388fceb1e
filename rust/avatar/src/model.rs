//! What is expected of a pose when some earlier ones are known.
//!
//! Each vector goes on from the newest known pose with a damped velocity. How wrong that was before, seen from each of the
//! known poses, is taken as a sample of how it may be wrong now, and so is how the motion went on from the moments that were
//! most like this one: the error of the whole pose is a mixture of those samples plus what each joint does on its own. So while
//! a pose is coded, every joint that is known tells about the others, as in an ensemble Kalman filter (Evensen, *Data
//! Assimilation*, 2nd edition, 2009, section 4.3). On top of it a common factor follows how much larger than expected the
//! errors of this pose are.
//!
//! Only operations that IEEE 754 defines to the last bit are used, in a fixed order: sender and receiver must agree.

use glam::{Vec3, Vec4};

use crate::{
    analogs::{ANALOGS, Likeness},
    parameters as p,
    range::Expected,
    timing::Timing,
};

/// Known poses that are looked at.
pub const REFERENCES_MOST: usize = 32;
/// The newest known poses, from which motion is told.
pub const TRACKED_MOST: usize = 18;
/// Known errors that this pose's may be a mixture of.
pub const SAMPLES_MOST: usize = 14;
/// Room for a number at each tracked pose, and for two more that are always zero.
pub const SERIES: usize = TRACKED_MOST + 2;
/// With the analogs.
pub const PATTERNS: usize = SAMPLES_MOST + ANALOGS;

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
    /// How fast the figure moves, relative to how mobile its joints are.
    activity: f32,
    /// How much less the analogs leave open.
    calm: f32,
    surprise: f32,
    counted: f32,
    /// How many vectors had not moved for as long as is known, and how many of them do now.
    still: f32,
    woken: f32,
}

/// What is known of a vector.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Where it was.
    pub track: &'a Track,
    /// Whether it was not always where it is now.
    pub has_moved: bool,
    /// How far it went from the moments that were like this one, if there were any.
    pub analogs: [Option<[f32; 3]>; ANALOGS],
    /// How far its components usually move, squared.
    pub mobility: [f32; 3],
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
    waking: Option<Waking>,
}

/// What is expected of a vector that has not moved for as long as is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Waking {
    /// How likely it is, of 65,536, that it does now.
    pub chance: u32,
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
    /// Nothing of the pose is known yet but how fast the figure moves and how `like` this moment those of the analogs were.
    pub fn new(timing: Timing, activity: f32, like: [Likeness; ANALOGS]) -> Self {
        let mut diagonal = [0.0; PATTERNS];
        let mut mixture = [Vec4::ZERO; LANES];
        let mut calm = 1.0;
        let mut variance = p::PATTERN_VARIANCE;
        for diagonal in &mut diagonal[..timing.samples()] {
            *diagonal = variance;
            variance *= p::PATTERN_FADE;
        }
        for (at, like) in like.into_iter().enumerate() {
            diagonal[SAMPLES_MOST + at] = p::ANALOG_VARIANCE * like.quality;
            let share = p::ANALOG_SHARE * like.share;
            set(&mut mixture, SAMPLES_MOST + at, share);
            calm -= p::ANALOG_CALM * share;
        }
        let mut covariance = [[Vec4::ZERO; LANES]; PATTERNS];
        for (at, variance) in diagonal.into_iter().enumerate() {
            set(&mut covariance[at], at, variance);
        }
        Self {
            timing,
            mixture,
            covariance,
            activity,
            calm,
            surprise: p::SURPRISE_PRIOR,
            counted: p::SURPRISE_PRIOR,
            still: 0.0,
            woken: 0.0,
        }
    }

    /// What is expected of a vector.
    pub fn expect(&self, known: &Known<'_>) -> (Spread, Source) {
        let mut source = Source {
            rows: [[Vec4::ZERO; LANES]; 3],
            is_still: false,
        };
        let mobility = self.mobility(known.mobility);
        let sudden = self.sudden();
        if !known.has_moved && self.timing.count() > 0 {
            source.is_still = true;
            return (self.waking(mobility, sudden), source);
        }
        let motion = Motion::new(known, &self.timing);
        let own = motion.own_covariance(&self.timing, sudden * self.calm, mobility);
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
            self.still += 1.0;
            if delta.iter().all(|delta| *delta == 0.0) {
                return;
            }
            self.woken += 1.0;
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

    /// The variance that a joint has for what it is, whatever it did: the less, the more is known of what it did.
    fn mobility(&self, mobility: [f32; 3]) -> [f32; 3] {
        let (timing, activity) = (&self.timing, self.activity);
        if timing.count() == 0 {
            return [p::KEYFRAME_VARIANCE; 3];
        }
        let reach = timing.reach();
        let (factor, least) = if timing.count() == 1 {
            (p::FIRST_MOBILITY, p::FIRST_VARIANCE)
        } else {
            let early = p::EARLY_MOBILITY + p::EARLY_ACTIVE_MOBILITY * activity;
            (timing.early() * early + p::ACTIVE_MOBILITY * activity, 0.0)
        };
        mobility.map(|mobility| reach * (factor * mobility + least))
    }

    /// What is expected of a vector that has not moved for as long as is known, should it move.
    fn waking(&self, mobility: [f32; 3], sudden: f32) -> Spread {
        let least = if self.timing.count() == 1 {
            0.0
        } else {
            p::WAKING_VARIANCE
        };
        let variance = mobility.map(|mobility| sudden * (mobility + least) + p::ROUNDING_VARIANCE);
        let mut chance = p::WAKING_FIRST_CHANCE;
        for _ in 1..self.timing.count() {
            chance *= p::WAKING_FADE;
        }
        let woken = p::WAKING_PRIOR * (chance + p::WAKING_CHANCE) + self.woken;
        let chance = 65_536.0 * woken / (p::WAKING_PRIOR + self.still);
        Spread {
            variance,
            deviation: variance.map(f32::sqrt),
            waking: Some(Waking {
                chance: chance.clamp(64.0, 65_000.0) as u32,
            }),
            ..Spread::default()
        }
    }
}

/// How a vector has moved.
struct Motion {
    /// How far it is expected to go from the newest known pose.
    step: [f32; 3],
    patterns: [Lanes; 3],
    velocity: Vec3,
}

impl Motion {
    fn new(known: &Known<'_>, timing: &Timing) -> Self {
        let track = known.track;
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
        let mut velocity = Vec3::ZERO;
        for component in 0..3 {
            step[component] = damping[0] * timing.horizon() * velocities[component][0];
            let pattern = &mut patterns[component];
            for lane in 0..LANES {
                pattern[lane] -= kept[lane] * steps[component][lane];
            }
            velocity[component] = timing.newest_velocity(&track[component]);
            for (at, analog) in known.analogs.iter().enumerate() {
                let error = analog.map_or(0.0, |moved| moved[component] - step[component]);
                set(pattern, SAMPLES_MOST + at, error);
            }
        }
        Self {
            step,
            patterns,
            velocity,
        }
    }

    /// The covariance of what the joint does on its own.
    fn own_covariance(&self, timing: &Timing, sudden: f32, mobility: [f32; 3]) -> [[f32; 3]; 3] {
        let reach = timing.reach();
        let early = timing.early();
        let isotropic =
            reach * early * p::EARLY_VARIANCE + reach * p::SPEED_VARIANCE * squared(self.velocity);
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
                let motion = along * self.velocity[a] * self.velocity[b];
                covariance[a][b] = if a == b {
                    sudden * (errors + motion + isotropic + mobility[a]) + p::ROUNDING_VARIANCE
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
    /// What is expected of the vector if it has not moved for as long as is known.
    pub fn waking(&self) -> Option<Waking> {
        self.waking
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
            waking: None,
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

/// The square of a vector's length, added in the same order on every machine.
fn squared(vector: Vec3) -> f32 {
    vector.x * vector.x + vector.y * vector.y + vector.z * vector.z
}

fn set(lanes: &mut Lanes, at: usize, value: f32) {
    lanes[at / 4][at % 4] = value;
}

/// The products of a symmetric matrix and three vectors.
fn products(matrix: &[Lanes; PATTERNS], vectors: &[Lanes; 3]) -> [Lanes; 3] {
    let mut products = [[Vec4::ZERO; LANES]; 3];
    for (product, vector) in products.iter_mut().zip(vectors) {
        for (rows, factors) in matrix.chunks_exact(4).zip(vector) {
            let [x, y, z, w] = factors.to_array();
            for lane in 0..LANES {
                let (first, second) = (rows[0][lane] * x, rows[1][lane] * y);
                let (third, fourth) = (rows[2][lane] * z, rows[3][lane] * w);
                product[lane] += (first + second) + (third + fourth);
            }
        }
    }
    products
}

/// Takes what has been learnt from a symmetric matrix: the outer products of gains and rows.
fn reduce(matrix: &mut [Lanes; PATTERNS], gains: &[Lanes; 3], rows: &[Lanes; 3]) {
    for (at, parts) in matrix.chunks_exact_mut(4).enumerate() {
        let [first, second, third] = [0, 1, 2].map(|row| gains[row][at].to_array());
        for (at, parts) in parts.iter_mut().enumerate() {
            for lane in 0..LANES {
                parts[lane] -= (rows[0][lane] * first[at] + rows[1][lane] * second[at])
                    + rows[2][lane] * third[at];
            }
        }
    }
}

/// The sum of products, added in the same order on every machine.
fn dot(left: &Lanes, right: &Lanes) -> f32 {
    let mut sums = Vec4::ZERO;
    for lane in 0..LANES {
        sums += left[lane] * right[lane];
    }
    let [x, y, z, w] = sums.to_array();
    (x + y) + (z + w)
}
