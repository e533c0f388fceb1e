//! How likely numbers are of which something is expected.
//!
//! The distribution is Student's t with four degrees of freedom: heavy tails as motion has them, and a distribution function
//! that takes no more than a square root (Shaw, *Sampling Student's T distribution*, 2006, equation 34). Only operations
//! that IEEE 754 defines to the last bit are used, so that all machines agree.

use std::f32::consts::SQRT_2;

use glam::Vec4;

/// Bits of a frequency: what one symbol can be surer than that costs nothing that matters.
pub const TOTAL_BITS: u32 = 16;
/// The frequencies of all symbols.
pub const TOTAL: u32 = 1 << TOTAL_BITS;
/// Numbers on each side of the mean that have a frequency of their own; those beyond escape.
pub const REACH: i32 = 31;
/// What every number gets of the total besides its share: two, so that rounding leaves at least one.
const FLOOR: u32 = 2;
/// Wider distributions than this are coded in larger steps, with the rest in plain bits.
const WIDEST: f32 = 4.0;
/// No number of a pose is larger.
const MEAN_MOST: f32 = 1e9;
/// From a symbol to those after it.
const NEXT: Vec4 = Vec4::new(0.0, 1.0, 2.0, 3.0);

/// What is expected of a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Expected {
    pub mean: f32,
    /// The standard deviation.
    pub deviation: f32,
}

/// A distribution laid over the numbers: which are symbols, and how large each one's share is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Bits that are coded plainly.
    pub shift: u32,
    /// The reciprocal of a large step.
    unit: f32,
    /// The large step that the symbols are counted from.
    pub centre: i64,
    /// The mean, from the centre, in large steps.
    mean: f32,
    /// The reciprocal of the deviation, times what makes the variance of Student's t one.
    factor: f32,
}

/// The part of the total that a symbol has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    pub symbol: i32,
    pub start: u32,
    pub size: u32,
}

/// How likely two numbers are that are at most one apart, about.
pub fn chances(expected: Expected, numbers: [i64; 2]) -> [f32; 2] {
    let scale = Scale::of(expected);
    let offsets = numbers.map(|number| (number >> scale.shift) - scale.centre);
    let symbols = offsets.map(symbol);
    let first = symbols[0].min(symbols[1]);
    let starts = scale.starts(first);
    [0, 1].map(|which| {
        let at = usize::from(symbols[which] > first);
        let chance = (starts[at + 1] - starts[at]) as f32 / TOTAL as f32 * scale.unit;
        if symbols[which].abs() <= REACH {
            return chance;
        }
        let beyond = (offsets[which].abs() - i64::from(REACH)).max(1);
        chance * 0.25_f32.powi(beyond.ilog2().cast_signed())
    })
}

impl Scale {
    #[inline]
    pub fn of(expected: Expected) -> Self {
        let mut shift = 0;
        let mut unit = 1.0;
        while expected.deviation * unit > WIDEST && shift < 16 {
            shift += 1;
            unit *= 0.5;
        }
        // The middle of the numbers that a large step stands for.
        let mean = expected.mean.clamp(-MEAN_MOST, MEAN_MOST) * unit - 0.5 * (1.0 - unit);
        let centre = round(mean);
        Self {
            shift,
            unit,
            centre: i64::from(centre),
            mean: mean - centre as f32,
            factor: SQRT_2 / (expected.deviation * unit),
        }
    }

    /// The share of the symbol for what is `offset` from the centre.
    #[inline]
    pub fn share(&self, offset: i64) -> Share {
        let symbol = symbol(offset);
        let [start, end, _] = self.starts(symbol);
        Share {
            symbol,
            start,
            size: end - start,
        }
    }

    /// The share that has this place in the total: most are near the mean, so it looks at those of three symbols there first,
    /// then at the next three on the side where the place is.
    #[inline]
    pub fn find(&self, place: u32) -> Share {
        const { assert!(REACH % 3 == 1, "the symbols are looked through in threes") };
        let mut first = -1;
        loop {
            let below = self.below(first);
            // As whole numbers these starts are no larger than the place.
            let above = (place + 1) as f32 - floor(first) as f32;
            let begun = below.cmplt(above - NEXT * FLOOR as f32);
            let begun = begun.bitmask().trailing_ones().cast_signed();
            let below = below.to_array();
            let start = |at: i32| floor(first + at) + below[at as usize] as u32;
            let (start, end) = match begun {
                0 if first > -REACH => {
                    first -= 3;
                    continue;
                }
                4 if first + 3 <= REACH => {
                    first += 3;
                    continue;
                }
                0 => (0, start(0)),
                4 => (start(3), TOTAL),
                _ => (start(begun - 1), start(begun)),
            };
            return Share {
                symbol: first + begun - 1,
                start,
                size: end - start,
            };
        }
    }

    /// Where the shares of three symbols begin, `first` and those after it.
    #[inline]
    fn starts(&self, first: i32) -> [u32; 3] {
        let below = self.below(first).to_array();
        [0_i32, 1, 2].map(|at| match first + at {
            symbol if symbol < -REACH => 0,
            symbol if symbol > REACH + 1 => TOTAL,
            symbol => floor(symbol) + below[at as usize] as u32,
        })
    }

    /// What of the shared total is below each of four symbols, `first` and those after it.
    #[inline]
    fn below(&self, first: i32) -> Vec4 {
        const SHARED: f32 = (TOTAL - FLOOR * (2 * REACH as u32 + 3)) as f32;
        let symbols = NEXT + first as f32;
        student((symbols - 0.5 - self.mean) * self.factor).max(Vec4::ZERO) * SHARED
    }
}

/// What of the total the symbols before this one have besides their shares.
fn floor(symbol: i32) -> u32 {
    FLOOR * (symbol + REACH + 1) as u32
}

/// What stands for a number `offset` from the centre: itself, or that it escapes.
fn symbol(offset: i64) -> i32 {
    let most = i64::from(REACH) + 1;
    offset.clamp(-most, most) as i32
}

/// The nearest integer of a number within [`MEAN_MOST`].
fn round(number: f32) -> i32 {
    (number + 0.5_f32.copysign(number)) as i32
}

/// The distribution function of Student's t with four degrees of freedom; rounding may bring it a little below zero. No number is
/// so large that its square would not fit: nothing is expected with less deviation than rounding has.
#[inline]
fn student(t: Vec4) -> Vec4 {
    let square = t * t;
    let wide = 4.0 + square;
    0.5 + 0.5 * t * (square + 6.0) / (wide.sqrt() * wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_a_share_and_the_shares_fill_the_total() {
        for deviation in [0.05, 0.17, 1.0, 4.0, 100.0] {
            for mean in [-0.5, -0.3, 0.0, 0.49] {
                let scale = Scale::of(Expected { mean, deviation });
                let mut next = 0;
                for symbol in -REACH - 1..=REACH + 1 {
                    let share = scale.share(i64::from(symbol));
                    assert_eq!((share.symbol, share.start), (symbol, next));
                    assert!(share.size > 0, "{symbol} of {mean} and {deviation}");
                    next = share.start + share.size;
                    for place in [share.start, next - 1] {
                        assert_eq!(scale.find(place), share);
                    }
                }
                assert_eq!(next, TOTAL);
            }
        }
    }

    #[test]
    fn what_is_sure_is_likely() {
        let sure = Expected {
            mean: 0.0,
            deviation: 0.05,
        };
        assert!(chances(sure, [0, 1])[0] > 0.99);
        assert!(chances(sure, [3, 3])[1] < 0.03);
    }
}
