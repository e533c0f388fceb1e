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

use glam::{Vec3A, Vec4};

use crate::{
    analogs::{ANALOGS, Likeness},
    distribution::Expected,
    lanes::{self, Lanes},
    motion::{Covariance, Motion},
    parameters as p,
    timing::Timing,
};

/// Known poses that are looked at.
pub const REFERENCES_MOST: usize = 32;
/// The newest known poses, from which motion is told.
pub const TRACKED_MOST: usize = 18;
/// Known errors that this pose's may be a mixture of.
pub const SAMPLES_MOST: usize = 14;
/// With the analogs.
pub const PATTERNS: usize = SAMPLES_MOST + ANALOGS;

/// How a vector was in the newest known poses, the newest first, less how it was in the newest; zeros behind.
pub type Track = [Vec4; TRACKED_MOST];

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
    /// How many vectors had not moved for as long as is known, and how many of them do now; and how many as if before.
    waking_prior: f32,
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
    pub analogs: [Option<Vec4>; ANALOGS],
    /// How far its components usually move, squared.
    pub mobility: Vec4,
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
        let mut mixture = lanes::NONE;
        let mut calm = 1.0;
        let mut variance = p::PATTERN_VARIANCE;
        for diagonal in &mut diagonal[..timing.samples()] {
            *diagonal = variance;
            variance *= p::PATTERN_FADE;
        }
        for (at, like) in like.into_iter().enumerate() {
            diagonal[SAMPLES_MOST + at] = p::ANALOG_VARIANCE * like.quality;
            let share = p::ANALOG_SHARE * like.share;
            lanes::set(&mut mixture, SAMPLES_MOST + at, share);
            calm -= p::ANALOG_CALM * share;
        }
        let mut covariance = [lanes::NONE; PATTERNS];
        for (at, variance) in diagonal.into_iter().enumerate() {
            lanes::set(&mut covariance[at], at, variance);
        }
        let mut chance = p::WAKING_FIRST_CHANCE;
        for _ in 1..timing.count() {
            chance *= p::WAKING_FADE;
        }
        Self {
            timing,
            mixture,
            covariance,
            activity,
            calm,
            surprise: p::SURPRISE_PRIOR,
            counted: p::SURPRISE_PRIOR,
            waking_prior: p::WAKING_PRIOR * (chance + p::WAKING_CHANCE),
            still: 0.0,
            woken: 0.0,
        }
    }

    /// What is expected of a vector.
    pub fn expect(&self, known: &Known<'_>) -> (Spread, Source) {
        let mobility = self.mobility(Vec3A::from_vec4(known.mobility));
        let sudden = self.sudden();
        if !known.has_moved && self.timing.count() > 0 {
            let source = Source {
                rows: [lanes::NONE; 3],
                is_still: true,
            };
            return (self.waking(mobility, sudden), source);
        }
        let motion = Motion::new(known, &self.timing);
        let own = motion.own_covariance(&self.timing, sudden * self.calm, mobility);
        let [x, y, z] = motion.patterns.each_ref();
        let rows = lanes::products(&self.covariance, &motion.patterns);
        let mean = motion.step + lanes::dots([x, y, z], [&self.mixture; 3]);
        let covariance = Covariance {
            diagonal: own.diagonal + lanes::dots([x, y, z], rows.each_ref()),
            across: own.across + lanes::dots([y, z, z], [&rows[0], &rows[0], &rows[1]]),
        };
        let source = Source {
            rows,
            is_still: false,
        };
        (Spread::new(mean, &covariance, &own), source)
    }

    /// Learns that the vector is `delta` from the newest known pose.
    pub fn learn(&mut self, spread: &Spread, source: &Source, delta: Vec4, width: usize) {
        if source.is_still {
            self.still += 1.0;
            if delta == Vec4::ZERO {
                return;
            }
            self.woken += 1.0;
        }
        let errors = spread.errors(delta.to_array());
        let rows = spread.decorrelate(&source.rows);
        let mut gains = [lanes::NONE; 3];
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
        lanes::reduce(&mut self.covariance, &gains, &rows);
    }

    /// How many times more variance than expected the motion shows so far.
    fn sudden(&self) -> f32 {
        let ratio = self.surprise / self.counted;
        let square = ratio * ratio;
        square * square
    }

    /// The variance that a joint has for what it is, whatever it did: the less, the more is known of what it did.
    fn mobility(&self, mobility: Vec3A) -> Vec3A {
        let (timing, activity) = (&self.timing, self.activity);
        if timing.count() == 0 {
            return Vec3A::splat(p::KEYFRAME_VARIANCE);
        }
        let reach = timing.reach();
        let (factor, least) = if timing.count() == 1 {
            (p::FIRST_MOBILITY, p::FIRST_VARIANCE)
        } else {
            let early = p::EARLY_MOBILITY + p::EARLY_ACTIVE_MOBILITY * activity;
            (timing.early() * early + p::ACTIVE_MOBILITY * activity, 0.0)
        };
        reach * (factor * mobility + least)
    }

    /// What is expected of a vector that has not moved for as long as is known, should it move.
    fn waking(&self, mobility: Vec3A, sudden: f32) -> Spread {
        let least = if self.timing.count() == 1 {
            0.0
        } else {
            p::WAKING_VARIANCE
        };
        let variance = sudden * (mobility + least) + p::ROUNDING_VARIANCE;
        let woken = self.waking_prior + self.woken;
        let chance = 65_536.0 * woken / (p::WAKING_PRIOR + self.still);
        Spread {
            variance: variance.to_array(),
            deviation: variance.sqrt().to_array(),
            waking: Some(Waking {
                chance: chance.clamp(64.0, 65_000.0) as u32,
            }),
            ..Spread::default()
        }
    }
}

impl Spread {
    /// What is expected of the vector if it has not moved for as long as is known.
    pub fn waking(&self) -> Option<Waking> {
        self.waking
    }

    /// `own`: what no component can have less variance than, rounding in the sums aside.
    fn new(mean: Vec3A, covariance: &Covariance, own: &Covariance) -> Self {
        let least = p::ROUNDING_VARIANCE;
        let [xx, yy, zz] = covariance.diagonal.to_array();
        let [yx, zx, zy] = covariance.across.to_array();
        let first = xx.max(own.diagonal.x);
        let slopes = [yx / first, zx / first];
        let second = (yy - slopes[0] * yx).max(least);
        let across = (zy - slopes[1] * yx) / second;
        let third = zz - slopes[1] * zx - across * across * second;
        let variance = Vec3A::new(first, second, third.max(least));
        Self {
            mean: mean.to_array(),
            variance: variance.to_array(),
            slope: [slopes[0], slopes[1], across],
            deviation: variance.sqrt().to_array(),
            waking: None,
        }
    }

    /// What is expected of a component when the ones before it are known to go this `way`.
    pub fn expected(&self, component: usize, way: [f32; 4]) -> Expected {
        let [x, y, _] = self.errors(way);
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
    fn errors(&self, way: [f32; 4]) -> [f32; 3] {
        let x = way[0] - self.mean[0];
        let y = way[1] - self.mean[1];
        let z = way[2] - self.mean[2];
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
