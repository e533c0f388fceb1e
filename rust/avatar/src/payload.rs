//! The bytes of a pose.

use crate::{
    codec::DecodeError,
    history::{Captured, History},
    layout::Layout,
};

/// Appends the newest pose of `history`, predicted from the newest of `references` that it has.
pub fn encode(
    layout: &Layout,
    history: &History,
    captured: Captured,
    references: &[Captured],
    out: &mut Vec<u8>,
) {
    let Some(values) = history.get(captured) else {
        return;
    };
    let known = references.iter().find_map(|reference| {
        let age = captured.millis_after(*reference);
        history
            .get(*reference)
            .filter(|_| age > 0)
            .map(|values| (age, values))
    });
    out.extend(known.map_or(0, |(age, _)| age as u16).to_le_bytes());
    for at in 0..layout.channels {
        let residual = values[at] - known.map_or(0, |(_, values)| values[at]);
        let mut rest = (residual << 1) ^ (residual >> 31);
        while rest > 127 {
            out.push(rest as u8 | 128);
            rest >>= 7;
        }
        out.push(rest as u8);
    }
}

/// Reads the integers of the pose in exactly `bytes`.
pub fn decode(
    layout: &Layout,
    history: &History,
    captured: Captured,
    bytes: &[u8],
    values: &mut [i32],
) -> Result<(), DecodeError> {
    let ([low, high], mut rest) = bytes
        .split_first_chunk()
        .map(|(age, rest)| (*age, rest))
        .ok_or(DecodeError::Malformed)?;
    let age = u16::from_le_bytes([low, high]);
    let known = match age {
        0 => None,
        _ => Some(
            history
                .get(Captured(captured.0.wrapping_sub(age)))
                .ok_or(DecodeError::UnknownReference { age })?,
        ),
    };
    for group in &layout.groups {
        for at in group.first..group.first + group.width {
            let value =
                i64::from(known.map_or(0, |known| known[at])) + i64::from(residual(&mut rest)?);
            values[at] = i32::try_from(value)
                .ok()
                .filter(|value| value.abs() <= group.most)
                .ok_or(DecodeError::OutOfBounds)?;
        }
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(DecodeError::Malformed)
    }
}

fn residual(bytes: &mut &[u8]) -> Result<i32, DecodeError> {
    let mut value = 0_u32;
    for at in 0..5 {
        let (first, rest) = bytes.split_first().ok_or(DecodeError::Malformed)?;
        *bytes = rest;
        value |= u32::from(first & 127) << (7 * at);
        if first & 128 == 0 {
            return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    Err(DecodeError::Malformed)
}
