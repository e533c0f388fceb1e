//! When the known poses were, and what of a motion can be told from that.

use glam::Vec4;
use metaverse_protocol::time::Tick;

use crate::{
    model::{LANES, Lanes, PATTERNS, SAMPLES_MOST, SERIES, Series},
    parameters::{BEAT_MILLIS, EARLY_SAMPLES, ERROR_FADE, ERROR_PRIOR},
};

/// When the references of a pose were, in beats of the model. Those that could have been predicted from others, with the same
/// horizon as the pose, are samples of how wrong that is.
#[derive(Clone, Debug)]
pub struct Timing {
    count: usize,
    horizon: f32,
    /// The reciprocal of the time from the next older reference to each.
    rates: Series,
    samples: usize,
    /// From which reference each sample would have been predicted.
    from: [usize; SAMPLES_MOST],
    /// By how many places that is behind, where it is the same for all.
    lag: Option<usize>,
    /// How far ahead; zero where there is no sample.
    spans: Lanes,
    /// One where there is a sample.
    used: Lanes,
    /// The weight of each sample, and the sum of all.
    fades: Lanes,
    fades_total: f32,
}

impl Timing {
    /// Of the references `known` (newest first) of a pose captured at `now`.
    pub fn new(known: &[Tick], now: Tick) -> Self {
        let newest = known.first().map_or(0, |newest| now.millis_after(*newest));
        let mut timing = Self {
            count: known.len(),
            horizon: newest as f32 / BEAT_MILLIS,
            rates: [0.0; SERIES],
            samples: 0,
            from: [0; SAMPLES_MOST],
            lag: None,
            spans: [Vec4::ZERO; LANES],
            used: [Vec4::ZERO; LANES],
            fades: [Vec4::ZERO; LANES],
            fades_total: ERROR_PRIOR,
        };
        for at in 1..known.len() {
            timing.rates[at - 1] = 1.0 / beats(known, at - 1, at);
        }
        timing.find_samples(known);
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
            self.spans[at / 4][at % 4] = beats(known, at, from);
            self.used[at / 4][at % 4] = 1.0;
            self.fades[at / 4][at % 4] = fade;
            self.fades_total += fade;
            fade *= ERROR_FADE;
            self.samples += 1;
        }
        let lag = self.from[0];
        let mut places = self.from[..self.samples].iter().enumerate();
        let is_even = places.all(|(at, from)| *from == at + lag);
        self.lag = (is_even && lag + SAMPLES_MOST <= SERIES).then_some(lag);
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
        (1.0 - self.samples as f32 / EARLY_SAMPLES).max(0.0)
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

    /// The velocity at each reference that has an older one; zero elsewhere.
    #[inline]
    pub fn velocities(&self, track: &Series) -> Series {
        let mut velocities = [0.0; SERIES];
        for at in 0..SERIES - 1 {
            velocities[at] = (track[at] - track[at + 1]) * self.rates[at];
        }
        velocities
    }

    /// The velocity at the newest reference.
    #[inline]
    pub fn newest_velocity(&self, track: &Series) -> f32 {
        (track[0] - track[1]) * self.rates[0]
    }

    /// Of a series, the number at that reference from which each sample would have been predicted.
    #[inline]
    pub fn earlier(&self, series: &Series) -> Lanes {
        let mut earlier = [0.0; PATTERNS];
        match self.lag {
            Some(lag) => earlier[..SAMPLES_MOST].copy_from_slice(&series[lag..lag + SAMPLES_MOST]),
            None => {
                for (earlier, from) in earlier.iter_mut().zip(&self.from) {
                    *earlier = series[*from];
                }
            }
        }
        lanes(&earlier)
    }

    /// How far each sample is from the reference that it would have been predicted from.
    #[inline]
    pub fn moved(&self, track: &Series) -> Lanes {
        let earlier = self.earlier(track);
        let mut moved = lanes(track);
        for lane in 0..LANES {
            moved[lane] = (moved[lane] - earlier[lane]) * self.used[lane];
        }
        moved
    }

    /// How far each sample would be from there, had it gone on with the velocity there.
    #[inline]
    pub fn steps(&self, velocities: &Series) -> Lanes {
        let mut steps = self.earlier(velocities);
        for (step, span) in steps.iter_mut().zip(&self.spans) {
            *step *= *span;
        }
        steps
    }
}

fn beats(known: &[Tick], from: usize, to: usize) -> f32 {
    known[from].millis_after(known[to]) as f32 / BEAT_MILLIS
}

/// The first numbers, four at a time.
fn lanes(numbers: &[f32]) -> Lanes {
    let mut lanes = [Vec4::ZERO; LANES];
    for (lane, numbers) in lanes.iter_mut().zip(numbers.chunks_exact(4)) {
        *lane = Vec4::from_slice(numbers);
    }
    lanes
}
