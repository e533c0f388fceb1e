//! When the known poses were, and what of a motion can be told from that.

use glam::Vec3A;
use metaverse_protocol::time::Tick;

use crate::{
    lanes::{self, Lanes},
    model::{PATTERNS, SAMPLES_MOST, Track},
    parameters::{BEAT_MILLIS, EARLY_SAMPLES, ERROR_FADE, ERROR_PRIOR},
};

/// When the references of a pose were, in beats of the model. Those that could have been predicted from others, with the same
/// horizon as the pose, are samples of how wrong that is.
#[derive(Clone, Debug)]
pub struct Timing {
    count: usize,
    horizon: f32,
    early: f32,
    /// The reciprocal of the time between the two newest references.
    rate: f32,
    samples: usize,
    /// From which reference each sample would have been predicted.
    from: [usize; PATTERNS],
    /// The reciprocal of the time from the next older reference to that one.
    rates: Lanes,
    /// How far ahead; zero where there is no sample.
    spans: Lanes,
    /// One where there is a sample.
    used: Lanes,
    /// The weight of each sample, and the sum of all.
    fades: Lanes,
    fades_total: f32,
}

/// What each sample was in a vector, by component.
#[derive(Clone, Copy, Debug)]
pub struct Samples {
    /// How far it is from the reference that it would have been predicted from.
    pub moved: [Lanes; 3],
    /// The velocity there, and how far it would be from there, had it gone on with that.
    pub velocities: [Lanes; 3],
    pub steps: [Lanes; 3],
}

impl Timing {
    /// Of the references `known` (newest first) of a pose captured at `now`.
    pub fn new(known: &[Tick], now: Tick) -> Self {
        let newest = known.first().map_or(0, |newest| now.millis_after(*newest));
        let mut timing = Self {
            count: known.len(),
            horizon: newest as f32 / BEAT_MILLIS,
            early: 1.0,
            rate: 0.0,
            samples: 0,
            from: [0; PATTERNS],
            rates: lanes::NONE,
            spans: lanes::NONE,
            used: lanes::NONE,
            fades: lanes::NONE,
            fades_total: ERROR_PRIOR,
        };
        if known.len() > 1 {
            timing.rate = 1.0 / beats(known, 0, 1);
        }
        timing.find_samples(known);
        timing.early = (1.0 - timing.samples as f32 / EARLY_SAMPLES).max(0.0);
        timing
    }

    fn find_samples(&mut self, known: &[Tick]) {
        let far_enough = self.horizon - 0.5;
        let mut fade = 1.0;
        for at in 0..SAMPLES_MOST.min(known.len()) {
            let from = (at + 1..known.len()).find(|from| beats(known, at, *from) >= far_enough);
            // A velocity is needed there, so there must be an older one.
            let Some(from) = from.filter(|from| from + 1 < known.len()) else {
                break;
            };
            self.from[at] = from;
            lanes::set(&mut self.rates, at, 1.0 / beats(known, from, from + 1));
            lanes::set(&mut self.spans, at, beats(known, at, from));
            lanes::set(&mut self.used, at, 1.0);
            lanes::set(&mut self.fades, at, fade);
            self.fades_total += fade;
            fade *= ERROR_FADE;
            self.samples += 1;
        }
    }

    /// How many references there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many of them, the newest, are samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How little is known of how motion goes on: one without any sample, zero with enough.
    pub fn early(&self) -> f32 {
        self.early
    }

    /// How far ahead of the newest the pose is.
    pub fn horizon(&self) -> f32 {
        self.horizon
    }

    /// The square of the horizon, where that of two beats is one: variances of motion grow with it.
    pub fn reach(&self) -> f32 {
        self.horizon * self.horizon / 4.0
    }

    /// The weight of each sample, and what all sum up to.
    pub fn fades(&self) -> (&Lanes, f32) {
        (&self.fades, self.fades_total)
    }

    /// The velocity at the newest reference.
    #[inline]
    pub fn velocity(&self, track: &Track) -> Vec3A {
        Vec3A::from_vec4((track[0] - track[1]) * self.rate)
    }

    /// What each sample was.
    #[inline]
    pub fn samples_of(&self, track: &Track) -> Samples {
        let mut samples = Samples {
            moved: [lanes::NONE; 3],
            velocities: [lanes::NONE; 3],
            steps: [lanes::NONE; 3],
        };
        for (lane, from) in self.from.chunks_exact(4).enumerate() {
            let at = [0, 1, 2, 3];
            let moved = at.map(|at| track[4 * lane + at] - track[from[at]]);
            let beats = at.map(|at| track[from[at]] - track[from[at] + 1]);
            let (moved, beats) = (lanes::components(moved), lanes::components(beats));
            for component in 0..3 {
                let velocity = beats[component] * self.rates[lane];
                samples.moved[component][lane] = moved[component] * self.used[lane];
                samples.velocities[component][lane] = velocity;
                samples.steps[component][lane] = velocity * self.spans[lane];
            }
        }
        samples
    }
}

fn beats(known: &[Tick], from: usize, to: usize) -> f32 {
    known[from].millis_after(known[to]) as f32 / BEAT_MILLIS
}
