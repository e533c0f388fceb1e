//! Unreliable traffic: small packets where the newest counts. Integers are little-endian.
//!
//! The first byte tells the kind:
//!
//! | first byte | kind | what follows |
//! |---|---|---|
//! | 1 | ping | sender's clock, 8 bytes |
//! | 2 | pong | the ping's clock, 8 bytes; answerer's clock, 8 bytes |
//! | 3 | receipt | sequence of the newest bundle received, 1 byte; which of the 16 before it, 2 bytes |
//! | 4 | packet to carry | the number of whom it is for, 2 bytes; part, 1 byte; the packet |
//! | 5 | packet carried | the number of whom it is from, 2 bytes; part, 1 byte; the packet |
//! | 6 | datagram to hand on | the number of whom it is for, 2 bytes; the datagram |
//! | 7 | datagram handed on | the number of whom it is from, 2 bytes; the datagram |
//! | `1 0 ssssss` | bundle of poses, sequence s | tick, 2 bytes; entries, each with the length of its payload |
//! | `1 1 ssssss` | bundle of one pose, sequence s | tick, 2 bytes; one entry without a length |
//!
//! An entry is one byte with the avatar's id in the low six bits and the level of detail above them, the payload's
//! length (one byte, or two where the first one's highest bit is set), and the payload.

use thiserror::Error;

use crate::{
    id::{AvatarId, MemberNumber},
    limits::{AVATARS, DATAGRAM_BYTES, FORWARD_HEADER_BYTES},
    packet::PacketPart,
    time::{Tick, Time},
};

const PING: u8 = 1;
const PONG: u8 = 2;
const RECEIPT: u8 = 3;
const CARRY: u8 = 4;
const CARRIED: u8 = 5;
const FORWARD: u8 = 6;
const FORWARDED: u8 = 7;
const POSES: u8 = 0x80;
const LONE: u8 = 0x40;
const AVATAR_BITS: u32 = AVATARS.trailing_zeros();
/// A length above this takes two bytes.
const SHORT_LENGTH_MOST: usize = 0x7F;
/// The longest payload whose length can be written; longer than any datagram.
const LENGTH_MOST: usize = 0x7FFF;

/// Bytes of a bundle before its first entry.
pub const BUNDLE_HEADER_BYTES: usize = 3;

/// A datagram, borrowing its payload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Datagram<'a> {
    /// "Are you there?" Answered at once by a [`Datagram::Pong`].
    Ping {
        /// The sender's clock.
        sent: Time,
    },
    /// The answer to a ping.
    Pong {
        /// The `sent` of the ping.
        sent: Time,
        /// The answerer's clock when the ping arrived.
        received: Time,
    },
    /// Which bundles of poses the sender has received from the receiver, and decoded in full.
    Receipt(Receipt),
    /// Asks the receiver to carry a packet to another member.
    Carry {
        /// To whom.
        to: MemberNumber,
        /// The packet, or a part of it.
        part: PacketPart<'a>,
    },
    /// A packet that the sender carries for another member.
    Carried {
        /// From whom.
        from: MemberNumber,
        /// The packet, or a part of it.
        part: PacketPart<'a>,
    },
    /// Asks the receiver to hand a datagram on to another member.
    Forward {
        /// To whom.
        to: MemberNumber,
        /// The datagram.
        bytes: &'a [u8],
    },
    /// A datagram that the sender hands on from another member.
    Forwarded {
        /// From whom.
        from: MemberNumber,
        /// The datagram.
        bytes: &'a [u8],
    },
    /// Poses of the sender's avatars, captured at the same moment.
    Poses {
        /// Tells the bundles of a link apart.
        sequence: BundleSequence,
        /// When the poses were captured, on the sender's clock.
        captured: Tick,
        /// The poses.
        entries: PoseEntries<'a>,
    },
}

/// Tells the bundles of a link apart; wraps after 64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct BundleSequence(u8);

impl BundleSequence {
    /// How many there are.
    pub const COUNT: usize = LONE as usize;

    /// The sequence number in the low six bits of `number`.
    pub fn new(number: u8) -> Self {
        Self(number & (LONE - 1))
    }

    /// The number, below [`Self::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0 + 1)
    }

    /// The one `steps` before it.
    #[must_use]
    pub fn back(self, steps: u8) -> Self {
        Self::new(self.0.wrapping_sub(steps))
    }

    /// How far `self` is after `other`: 0 to 63.
    pub fn after(self, other: Self) -> u8 {
        Self::new(self.0.wrapping_sub(other.0)).0
    }
}

/// Which bundles were received: the newest, and which of those before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Receipt {
    /// The newest.
    pub newest: BundleSequence,
    /// Bit `n` stands for the bundle `n + 1` before the newest.
    pub before: u16,
}

impl Receipt {
    /// How many bundles one receipt tells of.
    pub const SPAN: u8 = 17;

    /// A receipt of one bundle.
    pub fn of(newest: BundleSequence) -> Self {
        Self { newest, before: 0 }
    }

    /// The same with one more bundle; false if it is too old to be told of, or told of already.
    pub fn add(&mut self, sequence: BundleSequence) -> bool {
        let ahead = sequence.after(self.newest);
        if ahead == 0 {
            return false;
        }
        if usize::from(ahead) < BundleSequence::COUNT / 2 {
            let shifted = (u64::from(self.before) << 1 | 1) << (ahead - 1).min(32);
            self.newest = sequence;
            self.before = shifted as u16;
            return true;
        }
        let behind = self.newest.after(sequence);
        if behind >= Self::SPAN {
            return false;
        }
        let bit = 1 << (behind - 1);
        let is_new = self.before & bit == 0;
        self.before |= bit;
        is_new
    }

    /// The bundles, newest first.
    pub fn bundles(self) -> impl Iterator<Item = BundleSequence> {
        let before = (1..Self::SPAN).filter(move |behind| self.before >> (behind - 1) & 1 == 1);
        std::iter::once(self.newest).chain(before.map(move |behind| self.newest.back(behind)))
    }
}

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
        self.bytes
            .push(entry.level << AVATAR_BITS | entry.avatar.0 as u8);
        if length > SHORT_LENGTH_MOST {
            self.bytes.push(0x80 | (length >> 8) as u8);
        }
        self.bytes.push(length as u8);
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

/// Why a datagram was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DatagramError {
    /// Longer than any datagram that is sent.
    #[error("a datagram of {0} bytes")]
    TooLong(usize),
    /// Shorter or longer than its kind is.
    #[error("a datagram that ends early or late")]
    WrongLength,
    /// A sequence number that no bundle has.
    #[error("a receipt of a bundle {0} that cannot be")]
    UnknownBundle(u8),
    /// Of a kind that this version does not know.
    #[error("an unknown kind of datagram: {0}")]
    UnknownKind(u8),
}

impl<'a> Datagram<'a> {
    /// The bytes of a datagram without poses; a [`Bundle`] writes the others.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Ping { sent } => {
                out.push(PING);
                out.extend(sent.0.to_le_bytes());
            }
            Self::Pong { sent, received } => {
                out.push(PONG);
                out.extend(sent.0.to_le_bytes());
                out.extend(received.0.to_le_bytes());
            }
            Self::Receipt(Receipt { newest, before }) => {
                out.extend([RECEIPT, newest.0]);
                out.extend(before.to_le_bytes());
            }
            Self::Carry { to, part } => put_part(&mut out, CARRY, *to, *part),
            Self::Carried { from, part } => put_part(&mut out, CARRIED, *from, *part),
            Self::Forward { to, bytes } => put_forward(&mut out, FORWARD, *to, bytes),
            Self::Forwarded { from, bytes } => put_forward(&mut out, FORWARDED, *from, bytes),
            Self::Poses {
                sequence,
                captured,
                entries,
            } => {
                out.push(POSES | if entries.is_lone { LONE } else { 0 } | sequence.0);
                out.extend(captured.0.to_le_bytes());
                out.extend(entries.bytes);
            }
        }
        out
    }

    /// Reads a datagram.
    ///
    /// # Errors
    /// When the bytes are too many, too few, or of an unknown kind.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DatagramError> {
        if bytes.len() > DATAGRAM_BYTES + FORWARD_HEADER_BYTES {
            return Err(DatagramError::TooLong(bytes.len()));
        }
        let (&kind, rest) = bytes.split_first().ok_or(DatagramError::WrongLength)?;
        match kind {
            FORWARD => take_forward(rest).map(|(to, bytes)| Self::Forward { to, bytes }),
            FORWARDED => take_forward(rest).map(|(from, bytes)| Self::Forwarded { from, bytes }),
            _ if bytes.len() > DATAGRAM_BYTES => Err(DatagramError::TooLong(bytes.len())),
            PING => {
                let (sent, rest) = take_time(rest)?;
                end(rest)?;
                Ok(Self::Ping { sent })
            }
            PONG => {
                let (sent, rest) = take_time(rest)?;
                let (received, rest) = take_time(rest)?;
                end(rest)?;
                Ok(Self::Pong { sent, received })
            }
            RECEIPT => {
                let ([newest], rest) = take(rest)?;
                let (before, rest) = take(rest)?;
                end(rest)?;
                if usize::from(newest) >= BundleSequence::COUNT {
                    return Err(DatagramError::UnknownBundle(newest));
                }
                Ok(Self::Receipt(Receipt {
                    newest: BundleSequence::new(newest),
                    before: u16::from_le_bytes(before),
                }))
            }
            CARRY => take_part(rest).map(|(to, part)| Self::Carry { to, part }),
            CARRIED => take_part(rest).map(|(from, part)| Self::Carried { from, part }),
            POSES.. => take_poses(kind, rest),
            unknown => Err(DatagramError::UnknownKind(unknown)),
        }
    }
}

fn put_forward(out: &mut Vec<u8>, kind: u8, member: MemberNumber, bytes: &[u8]) {
    out.push(kind);
    out.extend(member.0.to_le_bytes());
    out.extend(bytes);
}

fn take_forward(bytes: &[u8]) -> Result<(MemberNumber, &[u8]), DatagramError> {
    let (number, bytes) = take(bytes)?;
    if bytes.is_empty() {
        return Err(DatagramError::WrongLength);
    }
    Ok((MemberNumber(u16::from_le_bytes(number)), bytes))
}

fn put_part(out: &mut Vec<u8>, kind: u8, member: MemberNumber, part: PacketPart<'_>) {
    out.push(kind);
    out.extend(member.0.to_le_bytes());
    out.push(part.header);
    out.extend(part.bytes);
}

fn take_part(bytes: &[u8]) -> Result<(MemberNumber, PacketPart<'_>), DatagramError> {
    let (number, rest) = take(bytes)?;
    let ([header], bytes) = take(rest)?;
    if bytes.is_empty() {
        return Err(DatagramError::WrongLength);
    }
    let member = MemberNumber(u16::from_le_bytes(number));
    Ok((member, PacketPart { header, bytes }))
}

fn take_poses(kind: u8, bytes: &[u8]) -> Result<Datagram<'_>, DatagramError> {
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
    let ([first], rest) = take(bytes)?;
    let (payload, rest) = if is_lone {
        (rest, &[] as &[u8])
    } else {
        let (length, rest) = take_length(rest)?;
        rest.split_at_checked(length)
            .ok_or(DatagramError::WrongLength)?
    };
    let entry = PoseEntry {
        avatar: AvatarId(u16::from(first) & (AVATARS as u16 - 1)),
        level: first >> AVATAR_BITS,
        payload,
    };
    Ok((entry, rest))
}

fn take_length(bytes: &[u8]) -> Result<(usize, &[u8]), DatagramError> {
    let ([first], rest) = take(bytes)?;
    if first & 0x80 == 0 {
        return Ok((usize::from(first), rest));
    }
    let ([second], rest) = take(rest)?;
    Ok((usize::from(first & 0x7F) << 8 | usize::from(second), rest))
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), DatagramError> {
    let (head, rest) = bytes
        .split_first_chunk::<N>()
        .ok_or(DatagramError::WrongLength)?;
    Ok((*head, rest))
}

fn take_time(bytes: &[u8]) -> Result<(Time, &[u8]), DatagramError> {
    let (time, rest) = take(bytes)?;
    Ok((Time(u64::from_le_bytes(time)), rest))
}

fn end(rest: &[u8]) -> Result<(), DatagramError> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(DatagramError::WrongLength)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        for datagram in [
            Datagram::Ping { sent: Time(7) },
            Datagram::Pong {
                sent: Time(7),
                received: Time(u64::MAX),
            },
            Datagram::Receipt(Receipt {
                newest: BundleSequence::new(63),
                before: 0x8001,
            }),
            Datagram::Carry {
                to: MemberNumber(0x0102),
                part: PacketPart {
                    header: 0xC3,
                    bytes: b"sealed",
                },
            },
            Datagram::Forward {
                to: MemberNumber(0x0102),
                bytes: &[PING; 9],
            },
            Datagram::Forwarded {
                from: MemberNumber(7),
                bytes: &[RECEIPT],
            },
            Datagram::Carried {
                from: MemberNumber(u16::MAX),
                part: PacketPart {
                    header: 1,
                    bytes: b"sealed",
                },
            },
        ] {
            assert_eq!(Datagram::decode(&datagram.encode()), Ok(datagram));
        }
    }

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

        #[test]
        fn a_receipt_tells_of_what_was_added(steps in prop::collection::vec(1_u8..20, 1..40)) {
            let mut sequence = BundleSequence::new(0);
            let mut added = vec![sequence];
            let mut receipt = Receipt::of(sequence);
            for step in steps {
                sequence = BundleSequence::new(sequence.0 + step);
                prop_assert!(receipt.add(sequence));
                added.insert(0, sequence);
            }
            let told: Vec<_> = receipt.bundles().collect();
            let mut behind = 0;
            let mut expected = vec![sequence];
            for pair in added.windows(2) {
                behind += u32::from(pair[0].after(pair[1]));
                if behind < u32::from(Receipt::SPAN) {
                    expected.push(pair[1]);
                }
            }
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_receipt_takes_late_bundles_once() {
        let mut receipt = Receipt::of(BundleSequence::new(2));
        assert!(receipt.add(BundleSequence::new(62)), "from before the wrap");
        assert!(!receipt.add(BundleSequence::new(62)));
        assert!(!receipt.add(BundleSequence::new(2)));
        assert!(!receipt.add(BundleSequence::new(40)), "too old");
        assert_eq!(
            receipt.bundles().collect::<Vec<_>>(),
            [BundleSequence::new(2), BundleSequence::new(62)]
        );
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

    #[test]
    fn wrong_lengths_and_kinds_are_errors() {
        let decode = |bytes: &[u8]| Datagram::decode(bytes).map(|_| ());
        assert_eq!(decode(&[]), Err(DatagramError::WrongLength));
        assert_eq!(decode(&[PING, 1, 2]), Err(DatagramError::WrongLength));
        assert_eq!(decode(&[PING; 10]), Err(DatagramError::WrongLength));
        assert_eq!(decode(&[RECEIPT; 3]), Err(DatagramError::WrongLength));
        assert_eq!(
            decode(&[RECEIPT, 64, 0, 0]),
            Err(DatagramError::UnknownBundle(64))
        );
        assert_eq!(decode(&[CARRY, 1, 0, 3]), Err(DatagramError::WrongLength));
        assert_eq!(decode(&[9]), Err(DatagramError::UnknownKind(9)));
        for bytes in [
            &[POSES, 0][..],
            &[POSES, 0, 0],
            &[POSES | LONE, 0, 0],
            &[POSES, 0, 0, 0, 5, 1],
            &[POSES, 0, 0, 0, 0x81],
        ] {
            assert_eq!(decode(bytes), Err(DatagramError::WrongLength), "{bytes:?}");
        }
        assert_eq!(
            decode(&[POSES; DATAGRAM_BYTES + 1]),
            Err(DatagramError::TooLong(DATAGRAM_BYTES + 1))
        );
        let handed_on = DATAGRAM_BYTES + FORWARD_HEADER_BYTES;
        assert_eq!(decode(&vec![FORWARD; handed_on]), Ok(()));
        assert_eq!(
            decode(&vec![FORWARD; handed_on + 1]),
            Err(DatagramError::TooLong(handed_on + 1))
        );
    }
}
