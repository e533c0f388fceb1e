//! Which known poses a pose is predicted from, and when they were.
//!
//! They are named by their age in beats, so that those at a regular rate take a bit or two together. The beat is a guess of
//! the sender's: a pose that two names would fit is not used.

use crate::{
    decode_error::DecodeError,
    distribution::Expected,
    history::History,
    limits::POSES_REMEMBERED,
    model::REFERENCES_MOST,
    range::{self, Coder},
};
use metaverse_protocol::time::Tick;

/// Known poses, the newest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct References {
    captured: [Tick; REFERENCES_MOST],
    count: usize,
}

/// How likely a pose is no keyframe, of 65,536.
const REFERS: u32 = 65_400;
/// How likely the beat is the usual one.
const USUAL_BEAT: u32 = 64_000;
/// Parts of a millisecond that beats are counted in: 60 poses a second are no whole milliseconds apart.
const PARTS: i32 = 8;
/// The usual beat: 50 milliseconds.
const BEAT: i32 = 50 * PARTS;
/// Bits of another beat: up to a second.
const BEAT_BITS: u32 = 13;
/// How likely there are as many references as are looked at.
const FULL: u32 = 48_000;
/// How many there are otherwise.
const COUNTS: [usize; 1 << COUNT_BITS] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 19, 22, 27];
const COUNT_BITS: u32 = 4;
/// So many are enough where poses or confirmations are lost, for to say which are known is dear then: ...
const ENOUGH: usize = 12;
/// ... where more than so many beats had none.
const GAPS_MOST: usize = 3;
/// The age of the newest in beats: a round trip.
const NEWEST: Expected = Expected {
    mean: 1.9,
    deviation: 0.5,
};
/// The oldest that is named, in beats: no more are remembered.
const RANK_MOST: i32 = 64;
const _: () = assert!(RANK_MOST.unsigned_abs() as usize == POSES_REMEMBERED);

impl References {
    /// None: a keyframe.
    pub const NONE: Self = Self {
        captured: [Tick(0); REFERENCES_MOST],
        count: 0,
    };

    /// When they were captured.
    pub fn captured(&self) -> &[Tick] {
        &self.captured[..self.count]
    }

    /// Whether there are as many as are looked at.
    pub fn is_full(&self) -> bool {
        self.count == REFERENCES_MOST
    }

    fn add(&mut self, captured: Tick) {
        self.captured[self.count] = captured;
        self.count += 1;
    }

    /// Those of `confirmed` (newest first) that `history` has and that can be named, for a pose captured at `now`.
    pub fn select(history: &History, now: Tick, confirmed: &[Tick]) -> Self {
        let mut references = Self::NONE;
        let beat = guess_beat(history, now);
        let mut from = now;
        let mut named = Named::new(history, from, beat);
        let mut last = 0;
        for captured in confirmed {
            if references.is_full() {
                break;
            }
            let rank = rank(from, *captured, beat);
            if rank <= last || rank > RANK_MOST {
                continue;
            }
            let gaps = (rank.unsigned_abs() as usize).saturating_sub(references.count);
            if references.count >= ENOUGH && gaps > GAPS_MOST {
                break;
            }
            if !named.is_alone(rank, *captured) {
                continue;
            }
            if references.count == 0 {
                from = *captured;
                named = Named::new(history, from, beat);
            } else {
                last = rank;
            }
            references.add(*captured);
        }
        references.shorten();
        references
    }

    /// Leaves out the oldest, so that they are as many as can be named.
    fn shorten(&mut self) {
        if !self.is_full() {
            let count = COUNTS.iter().rev().find(|count| **count <= self.count);
            self.count = count.copied().unwrap_or(0);
        }
    }

    /// Writes them.
    pub fn write<C: Coder>(&self, coder: &mut C, history: &History, now: Tick) {
        let beat = guess_beat(history, now);
        if !coder.flag(REFERS, self.count > 0) {
            return;
        }
        if !coder.flag(USUAL_BEAT, beat == BEAT) {
            coder.bits(u64::from(beat.unsigned_abs()), BEAT_BITS);
        }
        let newest = self.captured[0];
        let first = i64::from(rank(now, newest, beat));
        range::number(coder, NEWEST, first);
        if !coder.flag(FULL, self.is_full()) {
            let place = COUNTS.iter().take_while(|count| **count < self.count);
            coder.bits(place.count() as u64, COUNT_BITS);
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
        now: Tick,
    ) -> Result<Self, DecodeError> {
        let mut references = Self::NONE;
        if !coder.flag(REFERS, false) {
            return Ok(references);
        }
        let mut beat = BEAT;
        if !coder.flag(USUAL_BEAT, false) {
            beat = coder.bits(0, BEAT_BITS) as i32;
        }
        let first = range::number(coder, NEWEST, 0);
        if beat == 0 || !(1..=i64::from(RANK_MOST)).contains(&first) {
            return Err(DecodeError::Malformed);
        }
        let mut count = REFERENCES_MOST;
        if !coder.flag(FULL, false) {
            count = COUNTS[coder.bits(0, COUNT_BITS) as usize];
        }
        let newest = Named::new(history, now, beat).find(first as i32)?;
        references.add(newest);
        let named = Named::new(history, newest, beat);
        let mut chance = Chance::new();
        for rank in 1..=RANK_MOST {
            if references.count < count && chance.code(coder, false) {
                references.add(named.find(rank)?);
            }
        }
        if references.count < count {
            return Err(DecodeError::Malformed);
        }
        Ok(references)
    }
}

/// How many beats `captured` was before `from`, to the nearest.
fn rank(from: Tick, captured: Tick, beat: i32) -> i32 {
    (2 * PARTS * from.millis_after(captured) + beat).div_euclid(2 * beat)
}

/// The poses that a history has, by how many beats they were before another.
struct Named {
    beat: i32,
    /// The first of those of each rank, and how many there are.
    known: [(Tick, u8); RANK_MOST as usize + 1],
}

impl Named {
    fn new(history: &History, from: Tick, beat: i32) -> Self {
        let mut known = [(from, 0); RANK_MOST as usize + 1];
        for captured in history.captured() {
            let rank = rank(from, *captured, beat);
            let Some((first, count)) = known.get_mut(rank as usize) else {
                continue;
            };
            if *count == 0 {
                *first = *captured;
            }
            *count += 1;
        }
        Self { beat, known }
    }

    /// Whether no pose but this one has the rank.
    fn is_alone(&self, rank: i32, captured: Tick) -> bool {
        self.known[rank as usize] == (captured, 1)
    }

    fn find(&self, rank: i32) -> Result<Tick, DecodeError> {
        let (captured, count) = self.known[rank as usize];
        if count > 0 {
            return Ok(captured);
        }
        let age = (rank * self.beat / PARTS).clamp(0, i32::from(u16::MAX)) as u16;
        Err(DecodeError::UnknownReference { age })
    }
}

/// The time between poses, from those of the last second.
fn guess_beat(history: &History, now: Tick) -> i32 {
    let ages = history
        .captured()
        .iter()
        .map(|known| now.millis_after(*known))
        .filter(|age| (1..=1000).contains(age));
    let (count, oldest) = ages.fold((0, 0), |(count, oldest), age| (count + 1, age.max(oldest)));
    if count == 0 {
        return BEAT;
    }
    let beat = (PARTS * oldest + count / 2) / count;
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
        let is_known = coder.flag(65_536 * self.known / self.all, is_known);
        self.known += 6 * u32::from(is_known);
        self.all += 6;
        is_known
    }
}
