//! Numbers as bits: a range coder, and the distribution that its numbers are drawn from.
//!
//! The coder is that of Martin, *Range encoding* (1979), with the carry handled as in Subbotin's and Pavlov's programs. It ends
//! with as few bytes as name the interval; the reader takes what is missing for zeros.
//!
//! The distribution is Student's t with four degrees of freedom: heavy tails as motion has them, and a distribution function
//! that takes no more than a square root (Shaw, *Sampling Student's T distribution*, 2006, equation 34). Only operations
//! that IEEE 754 defines to the last bit are used, so that all machines agree.

/// Bits of a frequency: what one symbol can be surer than that costs nothing that matters.
const TOTAL_BITS: u32 = 16;
const TOTAL: u32 = 1 << TOTAL_BITS;
/// The coder keeps at least so many bits of its interval.
const RANGE_LEAST: u32 = 1 << 24;
/// Numbers on each side of the mean that have a frequency of their own; those beyond escape.
const REACH: i64 = 31;
/// What every number gets of the total besides its share: two, so that rounding leaves at least one.
const FLOOR: u32 = 2;
/// Wider distributions than this are coded in larger steps, with the rest in plain bits.
const WIDEST: f32 = 4.0;
/// No number of a pose is larger.
const MEAN_MOST: f32 = 1e9;
/// No number of a pose has more bits.
const ESCAPE_BITS: u32 = 34;

/// What is expected of a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Expected {
    pub mean: f32,
    /// The standard deviation.
    pub deviation: f32,
}

/// The two ends of the coder: what the writer takes from its argument, the reader takes from the bytes and returns.
pub trait Coder {
    /// Codes a symbol; `find` tells the interval `(start, size)` of one, or of the one that a place in the total is in.
    fn symbol<F: Fn(Sought) -> (i64, u32, u32)>(&mut self, value: i64, find: F) -> i64;
    /// Codes so many bits, at most 16, as they are.
    fn bits(&mut self, value: u64, count: u32) -> u64;
}

/// What symbol is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Sought {
    Value(i64),
    Place(u32),
}

/// Codes a number of which something is expected.
pub fn number<C: Coder>(coder: &mut C, expected: Expected, value: i64) -> i64 {
    let scale = Scale::of(expected);
    let large = scale.large(value);
    let symbol = coder.symbol(large - scale.centre, |sought| scale.find(sought));
    let large = scale.centre + escaped(coder, symbol, large - scale.centre);
    let rest = value - (large << scale.shift);
    let rest = coder.bits(rest.cast_unsigned(), scale.shift);
    (large << scale.shift) + rest.cast_signed()
}

/// How likely a number is, about.
pub fn chance_of(expected: Expected, value: i64) -> f32 {
    let scale = Scale::of(expected);
    let offset = scale.large(value) - scale.centre;
    let (symbol, _, size) = scale.find(Sought::Value(offset));
    let plain = if symbol.abs() > REACH {
        2 * (offset.abs() - REACH).max(1).ilog2()
    } else {
        0
    };
    let chance = size as f32 / TOTAL as f32;
    match plain + scale.shift {
        0 => chance,
        bits => chance * 0.5_f32.powi(bits.cast_signed()),
    }
}

/// Codes yes or no, where yes has `chance` of 65,536.
pub fn flag<C: Coder>(coder: &mut C, chance: u32, value: bool) -> bool {
    let no = TOTAL - chance;
    let find = |sought| match sought {
        Sought::Value(0) => (0, 0, no),
        Sought::Place(place) if place < no => (0, 0, no),
        _ => (1, no, chance),
    };
    coder.symbol(i64::from(value), find) == 1
}

/// How likely yes or no is.
pub fn chance_of_flag(chance: u32, value: bool) -> f32 {
    let share = if value { chance } else { TOTAL - chance };
    share as f32 / TOTAL as f32
}

/// Codes by how much a number is beyond the reach of its distribution (Elias, *Universal codeword sets*, 1975).
fn escaped<C: Coder>(coder: &mut C, symbol: i64, offset: i64) -> i64 {
    if symbol.abs() <= REACH {
        return symbol;
    }
    let beyond = (offset.abs() - REACH).max(1).cast_unsigned();
    let mut length = 0;
    while length < ESCAPE_BITS && coder.bits(u64::from(beyond.ilog2() > length), 1) == 1 {
        length += 1;
    }
    let mut read = 1;
    for at in (0..length).rev() {
        read = read << 1 | coder.bits(beyond >> at & 1, 1);
    }
    symbol.signum() * (read.cast_signed() + REACH)
}

/// A distribution laid over the numbers: which are symbols, and how large each one's share is.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// Bits that are coded plainly.
    shift: u32,
    centre: i64,
    /// The mean, from the centre.
    mean: f32,
    /// The reciprocal of the deviation, times what makes the variance of Student's t one.
    factor: f32,
}

impl Scale {
    #[inline]
    fn of(expected: Expected) -> Self {
        let mut shift = 0;
        let mut unit = 1.0_f32;
        while expected.deviation > WIDEST * unit && shift < 16 {
            shift += 1;
            unit *= 2.0;
        }
        // The middle of the numbers that a large step stands for.
        let mean = (expected.mean.clamp(-MEAN_MOST, MEAN_MOST) - 0.5 * (unit - 1.0)) / unit;
        let centre = round(mean);
        Self {
            shift,
            centre: i64::from(centre),
            mean: mean - centre as f32,
            factor: std::f32::consts::SQRT_2 * unit / expected.deviation,
        }
    }

    fn large(&self, value: i64) -> i64 {
        value >> self.shift
    }

    /// Where the share of the symbol `offset` from the centre begins.
    #[inline]
    fn start(&self, offset: i64) -> u32 {
        if offset < -REACH {
            return 0;
        }
        let number = (offset + REACH + 1) as u32;
        let share = (TOTAL - FLOOR * (2 * REACH as u32 + 3)) as f32;
        let below = student((offset as f32 - 0.5 - self.mean) * self.factor);
        FLOOR * number + (below * share) as u32
    }

    /// Where it ends.
    fn end(&self, offset: i64) -> u32 {
        if offset > REACH {
            TOTAL
        } else {
            self.start(offset + 1)
        }
    }

    /// A symbol, where its share starts, and how large that is.
    #[inline]
    fn find(&self, sought: Sought) -> (i64, u32, u32) {
        match sought {
            Sought::Value(value) => {
                let symbol = value.clamp(-REACH - 1, REACH + 1);
                let start = self.start(symbol);
                (symbol, start, self.end(symbol) - start)
            }
            Sought::Place(place) => self.search(place),
        }
    }

    /// The symbol whose share has this place: most are near the mean, so it looks there first.
    fn search(&self, place: u32) -> (i64, u32, u32) {
        let (mut symbol, mut start) = (0, self.start(0));
        while start > place {
            let end = start;
            symbol -= 1;
            start = self.start(symbol);
            if start <= place {
                return (symbol, start, end - start);
            }
        }
        loop {
            let end = self.end(symbol);
            if end > place {
                return (symbol, start, end - start);
            }
            symbol += 1;
            start = end;
        }
    }
}

/// The nearest integer of a number within [`MEAN_MOST`].
fn round(number: f32) -> i32 {
    let half = if number < 0.0 { -0.5 } else { 0.5 };
    (number + half) as i32
}

/// The distribution function of Student's t with four degrees of freedom.
#[inline]
fn student(t: f32) -> f32 {
    let t = t.clamp(-1e4, 1e4);
    let square = t * t;
    let root = (4.0 + square).sqrt();
    let half = t * (square + 6.0) / (2.0 * root * (4.0 + square));
    (0.5 + half).clamp(0.0, 1.0)
}

/// Writes numbers to bytes.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    low: u64,
    range: u32,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            start: out.len(),
            out,
            low: 0,
            range: u32::MAX,
        }
    }

    fn narrow(&mut self, start: u32, size: u32, bits: u32) {
        let unit = self.range >> bits;
        self.low += u64::from(start) * u64::from(unit);
        self.range = unit * size;
        if self.low > u64::from(u32::MAX) {
            self.low &= u64::from(u32::MAX);
            self.carry();
        }
        while self.range < RANGE_LEAST {
            self.out.push((self.low >> 24) as u8);
            self.low = (self.low << 8) & u64::from(u32::MAX);
            self.range <<= 8;
        }
    }

    fn carry(&mut self) {
        for byte in self.out[self.start..].iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    /// Ends with as few bytes as name a place in the interval.
    pub fn finish(mut self) {
        let last = self.low + u64::from(self.range) - 1;
        for bits in 0..=32 {
            let mask = (1_u64 << (32 - bits)) - 1;
            let place = (self.low + mask) & !mask;
            if place <= last {
                self.low = place;
                break;
            }
        }
        if self.low > u64::from(u32::MAX) {
            self.carry();
        }
        self.out.extend((self.low as u32).to_be_bytes());
        while self.out.len() > self.start && self.out.last() == Some(&0) {
            self.out.pop();
        }
    }
}

impl Coder for Writer<'_> {
    fn symbol<F: Fn(Sought) -> (i64, u32, u32)>(&mut self, value: i64, find: F) -> i64 {
        let (symbol, start, size) = find(Sought::Value(value));
        self.narrow(start, size, TOTAL_BITS);
        symbol
    }

    fn bits(&mut self, value: u64, count: u32) -> u64 {
        if count > 0 {
            self.narrow(value as u32, 1, count);
        }
        value
    }
}

/// Reads numbers from bytes.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: std::slice::Iter<'a, u8>,
    code: u32,
    range: u32,
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self {
            bytes: bytes.iter(),
            code: 0,
            range: u32::MAX,
        };
        for _ in 0..4 {
            reader.shift();
        }
        reader
    }

    /// Whether all bytes were looked at.
    pub fn is_at_end(&self) -> bool {
        self.bytes.len() == 0
    }

    fn shift(&mut self) {
        self.code = self.code << 8 | self.bytes.next().map_or(0, |byte| u32::from(*byte));
    }

    fn narrow(&mut self, start: u32, size: u32, unit: u32) {
        self.code = self.code.wrapping_sub(start.wrapping_mul(unit));
        self.range = unit * size;
        while self.range < RANGE_LEAST {
            self.shift();
            self.range <<= 8;
        }
    }
}

impl Coder for Reader<'_> {
    fn symbol<F: Fn(Sought) -> (i64, u32, u32)>(&mut self, _: i64, find: F) -> i64 {
        let unit = self.range >> TOTAL_BITS;
        let place = (self.code / unit).min(TOTAL - 1);
        let (symbol, start, size) = find(Sought::Place(place));
        self.narrow(start, size, unit);
        symbol
    }

    fn bits(&mut self, _: u64, count: u32) -> u64 {
        if count == 0 {
            return 0;
        }
        let unit = self.range >> count;
        let value = (self.code / unit).min((1 << count) - 1);
        self.narrow(value, 1, unit);
        u64::from(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expected() -> impl Strategy<Value = Expected> {
        (-1e6_f32..1e6, -3.0_f32..17.0).prop_map(|(mean, deviation)| Expected {
            mean,
            deviation: deviation.exp2(),
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            numbers in prop::collection::vec((expected(), any::<i32>(), -40_i64..40, any::<bool>()), 1..60)
        ) {
            let numbers: Vec<(Expected, i64)> = numbers
                .into_iter()
                .map(|(expected, far, near, is_far)| {
                    let value = if is_far { i64::from(far) } else { expected.mean as i64 + near };
                    (expected, value)
                })
                .collect();
            let mut bytes = vec![7];
            let mut writer = Writer::new(&mut bytes);
            for (expected, value) in &numbers {
                prop_assert_eq!(number(&mut writer, *expected, *value), *value);
                flag(&mut writer, 1000, value % 2 == 0);
            }
            writer.finish();
            prop_assert_eq!(bytes[0], 7);
            let mut reader = Reader::new(&bytes[1..]);
            for (expected, value) in &numbers {
                prop_assert_eq!(number(&mut reader, *expected, 0), *value);
                prop_assert_eq!(flag(&mut reader, 1000, false), value % 2 == 0);
            }
            prop_assert!(reader.is_at_end());
        }
    }

    #[test]
    fn every_symbol_has_a_share_and_the_shares_fill_the_total() {
        for deviation in [0.05, 0.17, 1.0, 4.0, 100.0] {
            for mean in [-0.5, -0.3, 0.0, 0.49] {
                let scale = Scale::of(Expected { mean, deviation });
                let mut next = 0;
                for symbol in -REACH - 1..=REACH + 1 {
                    let (_, start, size) = scale.find(Sought::Value(symbol));
                    assert_eq!(start, next);
                    assert!(size > 0, "{symbol} of {mean} and {deviation}");
                    next = start + size;
                    for place in [start, next - 1] {
                        assert_eq!(scale.find(Sought::Place(place)), (symbol, start, size));
                    }
                }
                assert_eq!(next, TOTAL);
            }
        }
    }

    #[test]
    fn what_is_sure_costs_nothing() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        let sure = Expected {
            mean: 0.0,
            deviation: 0.05,
        };
        for _ in 0..200 {
            number(&mut writer, sure, 0);
        }
        writer.finish();
        assert!(bytes.len() <= 1, "{bytes:?}");
        assert!(chance_of(sure, 0) > 0.99 && chance_of(sure, 3) < 0.03);
    }
}
