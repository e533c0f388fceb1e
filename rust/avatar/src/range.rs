//! Numbers as bits: a range coder.
//!
//! The coder is that of Martin, *Range encoding* (1979), with the carry handled as in Subbotin's and Pavlov's programs. It ends
//! with as few bytes as name the interval; the reader takes what is missing for zeros.

use crate::distribution::{Expected, REACH, Scale, TOTAL, TOTAL_BITS};

/// The coder keeps at least so many bits of its interval.
const RANGE_LEAST: u32 = 1 << 24;
/// No number of a pose has more bits.
const ESCAPE_BITS: u32 = 34;

/// The two ends of the coder: what the writer takes from its argument, the reader takes from the bytes and returns.
pub trait Coder {
    /// Codes the symbol for what is `offset` from the centre.
    fn symbol(&mut self, offset: i64, scale: &Scale) -> i64;
    /// Codes yes or no, where yes has `chance` of 65,536.
    fn flag(&mut self, chance: u32, value: bool) -> bool;
    /// Codes so many bits, at most 16, as they are.
    fn bits(&mut self, value: u64, count: u32) -> u64;
}

/// Codes a number of which something is expected.
pub fn number<C: Coder>(coder: &mut C, expected: Expected, value: i64) -> i64 {
    let scale = Scale::of(expected);
    let offset = (value >> scale.shift) - scale.centre;
    let symbol = coder.symbol(offset, &scale);
    let large = scale.centre + escaped(coder, symbol, offset);
    let rest = value - (large << scale.shift);
    let rest = coder.bits(rest.cast_unsigned(), scale.shift);
    (large << scale.shift) + rest.cast_signed()
}

/// How likely yes or no is.
pub fn chance_of_flag(chance: u32, value: bool) -> f32 {
    let share = if value { chance } else { TOTAL - chance };
    share as f32 / TOTAL as f32
}

/// Codes by how much a number is beyond the reach of its distribution (Elias, *Universal codeword sets*, 1975).
fn escaped<C: Coder>(coder: &mut C, symbol: i64, offset: i64) -> i64 {
    let reach = i64::from(REACH);
    if symbol.abs() <= reach {
        return symbol;
    }
    let beyond = (offset.abs() - reach).max(1).cast_unsigned();
    let mut length = 0;
    while length < ESCAPE_BITS && coder.bits(u64::from(beyond.ilog2() > length), 1) == 1 {
        length += 1;
    }
    let mut read = 1;
    for at in (0..length).rev() {
        read = read << 1 | coder.bits(beyond >> at & 1, 1);
    }
    symbol.signum() * (read.cast_signed() + reach)
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
    #[inline]
    fn symbol(&mut self, offset: i64, scale: &Scale) -> i64 {
        let share = scale.share(offset);
        self.narrow(share.start, share.size, TOTAL_BITS);
        i64::from(share.symbol)
    }

    fn flag(&mut self, chance: u32, value: bool) -> bool {
        let no = TOTAL - chance;
        let (start, size) = if value { (no, chance) } else { (0, no) };
        self.narrow(start, size, TOTAL_BITS);
        value
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
    #[inline]
    fn symbol(&mut self, _: i64, scale: &Scale) -> i64 {
        let unit = self.range >> TOTAL_BITS;
        let place = (self.code / unit).min(TOTAL - 1);
        let share = scale.find(place);
        self.narrow(share.start, share.size, unit);
        i64::from(share.symbol)
    }

    fn flag(&mut self, chance: u32, _: bool) -> bool {
        let unit = self.range >> TOTAL_BITS;
        let no = TOTAL - chance;
        let value = self.code >= no * unit;
        let (start, size) = if value { (no, chance) } else { (0, no) };
        self.narrow(start, size, unit);
        value
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
                writer.flag(1000, value % 2 == 0);
            }
            writer.finish();
            prop_assert_eq!(bytes[0], 7);
            let mut reader = Reader::new(&bytes[1..]);
            for (expected, value) in &numbers {
                prop_assert_eq!(number(&mut reader, *expected, 0), *value);
                prop_assert_eq!(reader.flag(1000, false), value % 2 == 0);
            }
            prop_assert!(reader.is_at_end());
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
    }
}
