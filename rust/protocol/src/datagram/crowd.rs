//! Poses of many members, gathered by who hands them on. An entry is the number of the member, 2 bytes; one byte with the
//! avatar's id and the level of detail, as in a bundle; the pose's age when the datagram was sent, in steps of
//! [`AGE_STEP`], 1 byte; the tick of its capture on its own member's clock, 2 bytes; the payload's length as in a bundle; the
//! payload, which needs no other pose to be understood.

use std::time::Duration;

use super::{
    CROWD, Datagram, DatagramError, PoseEntry,
    bundle::{put_pose_head, take_length, take_pose_head},
    take,
};
use crate::{
    id::MemberNumber,
    limits::{AVATARS, DATAGRAM_BYTES},
    time::Tick,
};

/// The steps in which ages are told.
pub const AGE_STEP: Duration = Duration::from_millis(4);
/// Bytes of a crowd before its first entry.
const HEADER_BYTES: usize = 3;
/// The most bytes that an entry takes besides its payload.
const ENTRY_HEADER_BYTES: usize = 8;

/// A pose of one member's avatar among those of many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrowdEntry<'a> {
    /// Whose avatar.
    pub member: MemberNumber,
    /// How long ago the pose was captured, in steps of [`AGE_STEP`]; the highest is "at least so long".
    pub age: u8,
    /// When it was captured, on its member's clock.
    pub captured: Tick,
    /// The pose.
    pub pose: PoseEntry<'a>,
}

/// The poses in a crowd, checked to be whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CrowdEntries<'a>(&'a [u8]);

impl CrowdEntries<'_> {
    pub(super) fn write(&self, sent: Tick, out: &mut Vec<u8>) {
        out.push(CROWD);
        out.extend(sent.0.to_le_bytes());
        out.extend(self.0);
    }
}

impl<'a> Iterator for CrowdEntries<'a> {
    type Item = CrowdEntry<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        // They were checked when they were read.
        let (entry, rest) = take_entry(self.0).ok()?;
        self.0 = rest;
        Some(entry)
    }
}

/// Gathers poses of many members into one datagram.
#[derive(Debug)]
pub struct Crowd(Vec<u8>);

impl Crowd {
    /// An empty crowd.
    pub fn new(sent: Tick) -> Self {
        let mut bytes = vec![CROWD];
        bytes.extend(sent.0.to_le_bytes());
        Self(bytes)
    }

    /// Adds a pose; false if there is no room for it.
    pub fn push(&mut self, entry: &CrowdEntry<'_>) -> bool {
        let needed = ENTRY_HEADER_BYTES + entry.pose.payload.len();
        if self.0.len() + needed > DATAGRAM_BYTES || usize::from(entry.pose.avatar.0) >= AVATARS {
            return false;
        }
        self.0.extend(entry.member.0.to_le_bytes());
        put_pose_head(&mut self.0, entry.pose, |out| {
            out.push(entry.age);
            out.extend(entry.captured.0.to_le_bytes());
        });
        self.0.extend(entry.pose.payload);
        true
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.len() == HEADER_BYTES
    }

    /// The datagram's bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what follows the first byte.
pub(super) fn take_crowd(bytes: &[u8]) -> Result<Datagram<'_>, DatagramError> {
    let (sent, bytes) = take(bytes)?;
    let mut rest = bytes;
    loop {
        rest = take_entry(rest)?.1;
        if rest.is_empty() {
            break;
        }
    }
    Ok(Datagram::Crowd {
        sent: Tick(u16::from_le_bytes(sent)),
        entries: CrowdEntries(bytes),
    })
}

fn take_entry(bytes: &[u8]) -> Result<(CrowdEntry<'_>, &[u8]), DatagramError> {
    let (member, rest) = take(bytes)?;
    let (avatar, level, rest) = take_pose_head(rest)?;
    let ([age], rest) = take(rest)?;
    let (captured, rest) = take(rest)?;
    let (length, rest) = take_length(rest)?;
    let (payload, rest) = rest
        .split_at_checked(length)
        .ok_or(DatagramError::WrongLength)?;
    let entry = CrowdEntry {
        member: MemberNumber(u16::from_le_bytes(member)),
        age,
        captured: Tick(u16::from_le_bytes(captured)),
        pose: PoseEntry {
            avatar,
            level,
            payload,
        },
    };
    Ok((entry, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::AvatarId;

    type Parts = (u16, u16, u8, u8, u16, Vec<u8>);

    fn entry(parts: &Parts) -> CrowdEntry<'_> {
        let (member, avatar, level, age, captured, payload) = parts;
        CrowdEntry {
            member: MemberNumber(*member),
            age: *age,
            captured: Tick(*captured),
            pose: PoseEntry {
                avatar: AvatarId(*avatar),
                level: *level,
                payload,
            },
        }
    }

    proptest! {
        #[test]
        fn poses_come_out_as_they_went_in(
            poses in prop::collection::vec(
                (any::<u16>(), 0_u16..64, 0_u8..4, any::<u8>(), any::<u16>(), prop::collection::vec(any::<u8>(), 0..200)),
                1..5,
            ),
        ) {
            let mut crowd = Crowd::new(Tick(7));
            for pose in &poses {
                prop_assert!(crowd.push(&entry(pose)));
            }
            let bytes = crowd.finish();
            let Ok(Datagram::Crowd { sent, entries }) = Datagram::decode(&bytes) else {
                panic!("no crowd in {bytes:?}");
            };
            prop_assert_eq!(sent, Tick(7));
            prop_assert_eq!(entries.collect::<Vec<_>>(), poses.iter().map(entry).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_crowd_is_never_longer_than_a_datagram() {
        let far = (1, 0, 2, 3, 4, vec![0; 6]);
        let mut crowd = Crowd::new(Tick(0));
        let pushed = std::iter::repeat_with(|| crowd.push(&entry(&far)))
            .take_while(|pushed| *pushed)
            .count();
        assert_eq!(pushed, 84);
        assert!(crowd.finish().len() <= DATAGRAM_BYTES);
    }

    #[test]
    fn a_crowd_that_is_cut_short_is_an_error() {
        let mut crowd = Crowd::new(Tick(0));
        crowd.push(&entry(&(1, 0, 2, 3, 4, vec![0; 6])));
        let bytes = crowd.finish();
        for length in 1..bytes.len() {
            assert_eq!(
                Datagram::decode(&bytes[..length]),
                Err(DatagramError::WrongLength)
            );
        }
    }
}
