//! Bundles of poses that were captured at the same moment.

use super::{BundleSequence, Datagram, DatagramError, take};
use crate::{
    id::AvatarId,
    limits::{AVATARS, DATAGRAM_BYTES},
    time::Tick,
};

/// The highest bit of the first byte: a bundle of poses, with its sequence number in the low six bits.
pub(super) const POSES: u8 = 0x80;
/// The next one: it has a single entry.
pub(super) const LONE: u8 = 0x40;
const _: () = assert!(LONE as usize == BundleSequence::COUNT);
const AVATAR_BITS: u32 = AVATARS.trailing_zeros();
/// A length above this takes two bytes.
const SHORT_LENGTH_MOST: usize = 0x7F;
/// The longest payload whose length can be written; longer than any datagram.
const LENGTH_MOST: usize = 0x7FFF;

/// Bytes of a bundle before its first entry.
pub const BUNDLE_HEADER_BYTES: usize = 3;

/// The pose of one avatar in a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoseEntry<'a> {
    /// Which of the sender's avatars.
    pub avatar: AvatarId,
    /// The level of detail, 0 to 3, as `metaverse-avatar` numbers them.
    pub level: u8,
    /// The pose, as `metaverse-avatar` writes it.
    pub payload: &'a [u8],
}

/// The poses in a bundle, checked to be whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoseEntries<'a> {
    bytes: &'a [u8],
    is_lone: bool,
}

impl PoseEntries<'_> {
    /// Writes the bundle that they are of.
    pub(super) fn write(&self, sequence: BundleSequence, captured: Tick, out: &mut Vec<u8>) {
        out.push(POSES | if self.is_lone { LONE } else { 0 } | sequence.0);
        out.extend(captured.0.to_le_bytes());
        out.extend(self.bytes);
    }
}

impl<'a> Iterator for PoseEntries<'a> {
    type Item = PoseEntry<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        // They were checked when they were read.
        let (entry, rest) = take_entry(self.bytes, self.is_lone).ok()?;
        self.bytes = rest;
        Some(entry)
    }
}

/// Gathers poses that were captured at the same moment into one datagram.
#[derive(Debug)]
pub struct Bundle {
    bytes: Vec<u8>,
    /// Where the first entry's payload begins, and how many entries there are.
    first: usize,
    entries: usize,
}

impl Bundle {
    /// An empty bundle.
    pub fn new(sequence: BundleSequence, captured: Tick) -> Self {
        let mut bytes = vec![POSES | sequence.0];
        bytes.extend(captured.0.to_le_bytes());
        Self {
            bytes,
            first: 0,
            entries: 0,
        }
    }

    /// Adds a pose; false if there is no room for it.
    pub fn push(&mut self, entry: PoseEntry<'_>) -> bool {
        let length = entry.payload.len();
        let length_bytes = 1 + usize::from(length > SHORT_LENGTH_MOST);
        let is_first = self.entries == 0;
        // A lone entry is sent without its length.
        let needed = 1 + if is_first { 0 } else { length_bytes } + length;
        if self.bytes.len() + needed > DATAGRAM_BYTES
            || length > LENGTH_MOST
            || usize::from(entry.avatar.0) >= AVATARS
        {
            return false;
        }
        put_pose_head(&mut self.bytes, entry, |_| {});
        if is_first {
            self.first = self.bytes.len();
        }
        self.bytes.extend(entry.payload);
        self.entries += 1;
        true
    }

    /// The datagram's bytes; `None` if nothing was added.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if self.entries == 0 {
            return None;
        }
        if self.entries == 1 {
            self.bytes[0] |= LONE;
            self.bytes.drain(BUNDLE_HEADER_BYTES + 1..self.first);
        }
        Some(self.bytes)
    }
}

/// Writes which avatar an entry shows in which detail, what `between` writes, and the length of the payload.
pub(super) fn put_pose_head(
    out: &mut Vec<u8>,
    entry: PoseEntry<'_>,
    between: impl FnOnce(&mut Vec<u8>),
) {
    out.push(entry.level << AVATAR_BITS | entry.avatar.0 as u8);
    between(out);
    let length = entry.payload.len();
    if length > SHORT_LENGTH_MOST {
        out.push(0x80 | (length >> 8) as u8);
    }
    out.push(length as u8);
}

/// Reads which avatar an entry shows in which detail.
pub(super) fn take_pose_head(bytes: &[u8]) -> Result<(AvatarId, u8, &[u8]), DatagramError> {
    let ([first], rest) = take(bytes)?;
    let avatar = AvatarId(u16::from(first) & (AVATARS as u16 - 1));
    Ok((avatar, first >> AVATAR_BITS, rest))
}

/// Reads what follows the first byte, `kind`.
pub(super) fn take_poses(kind: u8, bytes: &[u8]) -> Result<Datagram<'_>, DatagramError> {
    let (captured, bytes) = take(bytes)?;
    let is_lone = kind & LONE != 0;
    let mut rest = bytes;
    loop {
        rest = take_entry(rest, is_lone)?.1;
        if rest.is_empty() {
            break;
        }
    }
    Ok(Datagram::Poses {
        sequence: BundleSequence::new(kind),
        captured: Tick(u16::from_le_bytes(captured)),
        entries: PoseEntries { bytes, is_lone },
    })
}

fn take_entry(bytes: &[u8], is_lone: bool) -> Result<(PoseEntry<'_>, &[u8]), DatagramError> {
    let (avatar, level, rest) = take_pose_head(bytes)?;
    let (payload, rest) = if is_lone {
        (rest, &[] as &[u8])
    } else {
        let (length, rest) = take_length(rest)?;
        rest.split_at_checked(length)
            .ok_or(DatagramError::WrongLength)?
    };
    let entry = PoseEntry {
        avatar,
        level,
        payload,
    };
    Ok((entry, rest))
}

pub(super) fn take_length(bytes: &[u8]) -> Result<(usize, &[u8]), DatagramError> {
    let ([first], rest) = take(bytes)?;
    if first & 0x80 == 0 {
        return Ok((usize::from(first), rest));
    }
    let ([second], rest) = take(rest)?;
    Ok((usize::from(first & 0x7F) << 8 | usize::from(second), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bundled(poses: &[(u16, u8, Vec<u8>)]) -> Vec<u8> {
        let mut bundle = Bundle::new(BundleSequence::new(5), Tick(9));
        for (avatar, level, payload) in poses {
            assert!(bundle.push(PoseEntry {
                avatar: AvatarId(*avatar),
                level: *level,
                payload
            }));
        }
        bundle.finish().expect("poses")
    }

    fn unbundled(bytes: &[u8]) -> Vec<(u16, u8, Vec<u8>)> {
        let Ok(Datagram::Poses {
            sequence,
            captured,
            entries,
        }) = Datagram::decode(bytes)
        else {
            panic!("no poses in {bytes:?}");
        };
        assert_eq!((sequence.index(), captured), (5, Tick(9)));
        entries
            .map(|entry| (entry.avatar.0, entry.level, entry.payload.to_vec()))
            .collect()
    }

    proptest! {
        #[test]
        fn poses_come_out_as_they_went_in(
            poses in prop::collection::vec((0_u16..64, 0_u8..4, prop::collection::vec(any::<u8>(), 0..300)), 1..4),
        ) {
            prop_assert_eq!(unbundled(&bundled(&poses)), poses);
        }
    }

    #[test]
    fn a_lone_pose_takes_four_bytes_besides_its_payload() {
        assert_eq!(bundled(&[(0, 2, vec![7; 20])]).len(), 24);
        assert_eq!(bundled(&[(0, 2, vec![7; 200])]).len(), 204);
    }

    #[test]
    fn a_bundle_is_never_longer_than_a_datagram() {
        let mut bundle = Bundle::new(BundleSequence::default(), Tick(0));
        let payload = [0; 100];
        let pushed = (0..64)
            .take_while(|avatar| {
                bundle.push(PoseEntry {
                    avatar: AvatarId(*avatar),
                    level: 0,
                    payload: &payload,
                })
            })
            .count();
        assert_eq!(pushed, 10);
        assert!(
            bundle
                .finish()
                .is_some_and(|bytes| bytes.len() <= DATAGRAM_BYTES)
        );
        assert_eq!(
            Bundle::new(BundleSequence::default(), Tick(0)).finish(),
            None
        );
    }
}
