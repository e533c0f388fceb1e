//! Which known poses a pose is predicted from, and when they were.
//!
//! They are named by their age in beats, so that those at a regular rate take a bit or two together. The beat is a guess of
//! the sender's: a pose that two names would fit is not used.

use crate::{
    codec::DecodeError,
    history::{Captured, History},
    limits::POSES_REMEMBERED,
    model::{REFERENCES_MOST, SAMPLES_MOST},
    parameters::{BEAT_MILLIS, ERROR_FADE, ERROR_PRIOR, LONG_VELOCITY},
    range::{self, Coder, Expected},
};

/// Known poses, the newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct References {
    captured: [Captured; REFERENCES_MOST],
    count: usize,
}

/// How likely a pose is no keyframe, of 65,536.
const REFERS: u32 = 65_000;
/// How likely the beat is the usual one.
const USUAL_BEAT: u32 = 60_000;
/// The usual beat, in milliseconds.
const BEAT: i32 = 50;
/// Bits of another beat.
const BEAT_BITS: u32 = 11;
/// How likely there are as many references as are looked at.
const FULL: u32 = 62_000;
const COUNT_BITS: u32 = 5;
/// The age of the newest in beats: a round trip.
const NEWEST: Expected = Expected {
    mean: 1.8,
    deviation: 0.6,
};
/// The oldest that is named, in beats.
const RANK_MOST: i32 = POSES_REMEMBERED as i32;

impl References {
    /// None: a keyframe.
    pub const NONE: Self = Self {
        captured: [Captured(0); REFERENCES_MOST],
        count: 0,
    };

    /// When they were captured.
    pub fn captured(&self) -> &[Captured] {
        &self.captured[..self.count]
    }

    fn add(&mut self, captured: Captured) {
        self.captured[self.count] = captured;
        self.count += 1;
    }

    /// Those of `confirmed` (newest first) that `history` has and that can be named, for a pose captured at `now`.
    pub fn select(history: &History, now: Captured, confirmed: &[Captured]) -> Self {
        let mut references = Self::NONE;
        let beat = guess_beat(history, now);
        let mut names = Names::new(history, now, beat);
        for captured in confirmed {
            if references.count == REFERENCES_MOST {
                break;
            }
            if !names.take(*captured) {
                continue;
            }
            if references.count == 0 {
                names = Names::new(history, *captured, beat);
            }
            references.add(*captured);
        }
        references
    }

    /// These of an earlier pose, moved on by `millis` to those of `history` that are nearest.
    pub fn moved(&self, millis: u16, history: &History) -> impl Iterator<Item = Captured> {
        self.captured().iter().filter_map(move |captured| {
            let due = Captured(captured.0.wrapping_add(millis));
            let distance = |known: &&Captured| due.millis_after(**known).abs();
            history.captured().iter().min_by_key(distance).copied()
        })
    }

    /// Writes them.
    pub fn write<C: Coder>(&self, coder: &mut C, history: &History, now: Captured) {
        let beat = guess_beat(history, now);
        if !range::flag(coder, REFERS, self.count > 0) {
            return;
        }
        if !range::flag(coder, USUAL_BEAT, beat == BEAT) {
            coder.bits(u64::from(beat.unsigned_abs()), BEAT_BITS);
        }
        let newest = self.captured[0];
        let first = i64::from(rank(now, newest, beat));
        range::number(coder, NEWEST, first);
        if !range::flag(coder, FULL, self.count == REFERENCES_MOST) {
            coder.bits(self.count as u64, COUNT_BITS);
        }
        let mut chance = Chance::new();
        let mut last = 0;
        for captured in &self.captured()[1..] {
            let rank = rank(newest, *captured, beat);
            for between in last + 1..=rank {
                chance.code(coder, between == rank);
            }
            last = rank;
        }
    }

    /// Reads what [`References::write`] wrote.
    pub fn read<C: Coder>(
        coder: &mut C,
        history: &History,
        now: Captured,
    ) -> Result<Self, DecodeError> {
        let mut references = Self::NONE;
        if !range::flag(coder, REFERS, false) {
            return Ok(references);
        }
        let mut beat = BEAT;
        if !range::flag(coder, USUAL_BEAT, false) {
            beat = coder.bits(0, BEAT_BITS) as i32;
        }
        let first = range::number(coder, NEWEST, 0);
        if beat == 0 || !(1..=i64::from(RANK_MOST)).contains(&first) {
            return Err(DecodeError::Malformed);
        }
        let mut count = REFERENCES_MOST;
        if !range::flag(coder, FULL, false) {
            count = coder.bits(0, COUNT_BITS) as usize;
        }
        if !(1..=REFERENCES_MOST).contains(&count) {
            return Err(DecodeError::Malformed);
        }
        let newest = find(history, now, first as i32, beat)?;
        references.add(newest);
        let mut chance = Chance::new();
        for rank in 1..=RANK_MOST {
            if references.count < count && chance.code(coder, false) {
                references.add(find(history, newest, rank, beat)?);
            }
        }
        if references.count < count {
            return Err(DecodeError::Malformed);
        }
        Ok(references)
    }
}

/// How many beats `captured` was before `from`, to the nearest.
fn rank(from: Captured, captured: Captured, beat: i32) -> i32 {
    (2 * from.millis_after(captured) + beat).div_euclid(2 * beat)
}

/// Which poses numbers of beats before one name.
struct Names {
    from: Captured,
    beat: i32,
    /// The number that was taken last: only larger ones follow.
    last: usize,
    /// By number of beats, how many poses it would name, and the last of them.
    named: [(u8, Captured); RANK_MOST as usize + 1],
}

impl Names {
    fn new(history: &History, from: Captured, beat: i32) -> Self {
        let mut names = Self {
            from,
            beat,
            last: 0,
            named: [(0, Captured(0)); RANK_MOST as usize + 1],
        };
        for captured in history.captured() {
            let rank = usize::try_from(rank(from, *captured, beat)).ok();
            if let Some(named) = rank.and_then(|rank| names.named.get_mut(rank)) {
                *named = (named.0 + 1, *captured);
            }
        }
        names
    }

    /// Whether `captured` is a pose of the history that a number names, and no other; it is taken then.
    fn take(&mut self, captured: Captured) -> bool {
        let Ok(rank) = usize::try_from(rank(self.from, captured, self.beat)) else {
            return false;
        };
        let is_named = rank > self.last && self.named.get(rank) == Some(&(1, captured));
        if is_named {
            self.last = rank;
        }
        is_named
    }
}

fn find(
    history: &History,
    from: Captured,
    wanted: i32,
    beat: i32,
) -> Result<Captured, DecodeError> {
    let fits = |known: &&Captured| rank(from, **known, beat) == wanted;
    let age = (wanted * beat).clamp(0, i32::from(u16::MAX)) as u16;
    let found = history.captured().iter().find(fits).copied();
    found.ok_or(DecodeError::UnknownReference { age })
}

/// The time between poses, in milliseconds, from those of the last second.
fn guess_beat(history: &History, now: Captured) -> i32 {
    let ages = history
        .captured()
        .iter()
        .map(|known| now.millis_after(*known))
        .filter(|age| (1..=1000).contains(age));
    let (count, oldest) = ages.fold((0, 0), |(count, oldest), age| (count + 1, age.max(oldest)));
    if count == 0 {
        return BEAT;
    }
    let beat = (oldest + count / 2) / count;
    if (2 * BEAT / 3..=BEAT * 3 / 2).contains(&beat) {
        BEAT
    } else {
        beat.max(1)
    }
}

/// How likely the pose of the next beat is known, judged by those before it.
struct Chance {
    known: u32,
    all: u32,
}

impl Chance {
    fn new() -> Self {
        Self { known: 24, all: 25 }
    }

    fn code<C: Coder>(&mut self, coder: &mut C, is_known: bool) -> bool {
        let is_known = range::flag(coder, 65_536 * self.known / self.all, is_known);
        self.known += 6 * u32::from(is_known);
        self.all += 6;
        is_known
    }
}

/// When the references of a pose were, in beats of the model.
#[derive(Clone, Debug)]
pub struct Timing {
    count: usize,
    horizon: f32,
    /// The reciprocals of the time from each reference to the next older one, and to the one after it, each as large as the
    /// share that the velocity over it has.
    short: [f32; REFERENCES_MOST],
    long: [f32; REFERENCES_MOST],
    /// The reference after the next older one, or the oldest.
    older: [usize; REFERENCES_MOST],
    /// The reciprocals of the times between the newest three.
    newest: [f32; 2],
    samples: usize,
    /// From which reference the one at this place would have been predicted, and how far that is.
    spans: [(usize, f32); SAMPLES_MOST],
    fades: [f32; SAMPLES_MOST],
    fades_total: f32,
}

impl Timing {
    /// Of the references of a pose captured at `now`.
    pub fn new(references: &References, now: Captured) -> Self {
        let known = references.captured();
        let beats =
            |from: usize, to: usize| known[from].millis_after(known[to]) as f32 / BEAT_MILLIS;
        let mut timing = Self {
            count: known.len(),
            horizon: known
                .first()
                .map_or(0.0, |newest| now.millis_after(*newest) as f32 / BEAT_MILLIS),
            short: [0.0; REFERENCES_MOST],
            long: [0.0; REFERENCES_MOST],
            older: [0; REFERENCES_MOST],
            newest: [0.0; 2],
            samples: 0,
            spans: [(0, 0.0); SAMPLES_MOST],
            fades: [0.0; SAMPLES_MOST],
            fades_total: ERROR_PRIOR,
        };
        for at in 1..known.len() {
            let older = (at + 1).min(known.len() - 1);
            timing.older[at - 1] = older;
            timing.short[at - 1] = (1.0 - LONG_VELOCITY) / beats(at - 1, at);
            timing.long[at - 1] = LONG_VELOCITY / beats(at - 1, older);
        }
        for at in 1..known.len().min(3) {
            timing.newest[at - 1] = 1.0 / beats(at - 1, at);
        }
        let mut fade = 1.0;
        for at in 0..SAMPLES_MOST.min(known.len()) {
            let far_enough = timing.horizon - 0.5;
            let from = (at + 1..known.len()).find(|from| beats(at, *from) >= far_enough);
            // A velocity is needed there, so there must be an older one.
            let Some(from) = from.filter(|from| from + 1 < known.len()) else {
                break;
            };
            timing.spans[at] = (from, beats(at, from));
            timing.fades[at] = fade;
            timing.fades_total += fade;
            fade *= ERROR_FADE;
            timing.samples += 1;
        }
        timing
    }

    /// How many references there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many of them could have been predicted from others.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// How far ahead of the newest the pose is.
    pub fn horizon(&self) -> f32 {
        self.horizon
    }

    /// The square of the horizon, where that of two beats is one: variances of motion grow with it.
    pub fn reach(&self) -> f32 {
        self.horizon * self.horizon / 4.0
    }

    /// From which reference each one would have been predicted, and how far ahead.
    pub fn spans(&self) -> impl Iterator<Item = (usize, f32)> {
        self.spans[..self.samples].iter().copied()
    }

    /// The weight of each predicted reference, and their sum.
    pub fn fades(&self) -> (&[f32; SAMPLES_MOST], f32) {
        (&self.fades, self.fades_total)
    }

    /// The velocity at each reference that has an older one; zero at the oldest.
    pub fn velocities(
        &self,
        track: &[f32; REFERENCES_MOST],
        velocities: &mut [f32; REFERENCES_MOST],
    ) {
        for at in 0..REFERENCES_MOST {
            let next = track[(at + 1).min(REFERENCES_MOST - 1)];
            let older = track[self.older[at]];
            velocities[at] =
                (track[at] - next) * self.short[at] + (track[at] - older) * self.long[at];
        }
    }

    /// The velocities between the newest reference and the next, and between that and the one after it; the same where there
    /// is none.
    pub fn differences(&self, track: &[f32; REFERENCES_MOST]) -> [f32; 2] {
        let newest = (track[0] - track[1]) * self.newest[0];
        if self.count < 3 {
            return [newest; 2];
        }
        [newest, (track[1] - track[2]) * self.newest[1]]
    }
}
