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
//! | 8 | packet passed between forwarders | the numbers of whom it is from and for, 2 bytes each; part, 1 byte; the packet |
//! | 9 | crowd | when it was sent, a tick, 2 bytes; poses of many members (see `crowd`) |
//! | `1 0 ssssss` | bundle of poses, sequence s | tick, 2 bytes; entries, each with the length of its payload |
//! | `1 1 ssssss` | bundle of one pose, sequence s | tick, 2 bytes; one entry without a length |
//!
//! An entry is one byte with the avatar's id in the low six bits and the level of detail above them, the payload's
//! length (one byte, or two where the first one's highest bit is set), and the payload.

mod bundle;
mod crowd;
mod receipt;

use thiserror::Error;

use crate::{
    id::MemberNumber,
    limits::{DATAGRAM_BYTES, FORWARD_HEADER_BYTES},
    packet::PacketPart,
    time::{Tick, Time},
};

pub use bundle::{BUNDLE_HEADER_BYTES, Bundle, PoseEntries, PoseEntry};
pub use crowd::{AGE_STEP, Crowd, CrowdEntries, CrowdEntry};
pub use receipt::{BundleSequence, Receipt};

use bundle::POSES;

const PING: u8 = 1;
const PONG: u8 = 2;
const RECEIPT: u8 = 3;
const CARRY: u8 = 4;
const CARRIED: u8 = 5;
const FORWARD: u8 = 6;
const FORWARDED: u8 = 7;
const PASSED: u8 = 8;
const CROWD: u8 = 9;

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
    /// A packet that one forwarder passes to the one that serves the receiver.
    Passed {
        /// From whom.
        from: MemberNumber,
        /// To whom.
        to: MemberNumber,
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
    /// Poses of many members' avatars, each for itself.
    Crowd {
        /// When it was sent, on the sender's clock.
        sent: Tick,
        /// The poses.
        entries: CrowdEntries<'a>,
    },
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
            Self::Passed { from, to, part } => {
                out.push(PASSED);
                out.extend(from.0.to_le_bytes());
                out.extend(to.0.to_le_bytes());
                out.push(part.header);
                out.extend(part.bytes);
            }
            Self::Forward { to, bytes } => put_forward(&mut out, FORWARD, *to, bytes),
            Self::Forwarded { from, bytes } => put_forward(&mut out, FORWARDED, *from, bytes),
            Self::Poses {
                sequence,
                captured,
                entries,
            } => {
                entries.write(*sequence, *captured, &mut out);
            }
            Self::Crowd { sent, entries } => entries.write(*sent, &mut out),
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
            PASSED => {
                let (from, rest) = take(rest)?;
                let from = MemberNumber(u16::from_le_bytes(from));
                take_part(rest).map(|(to, part)| Self::Passed { from, to, part })
            }
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
            CROWD => crowd::take_crowd(rest),
            POSES.. => bundle::take_poses(kind, rest),
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
    use super::{bundle::LONE, *};

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
            Datagram::Passed {
                from: MemberNumber(3),
                to: MemberNumber(0x0102),
                part: PacketPart {
                    header: 0xC3,
                    bytes: b"sealed",
                },
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
        assert_eq!(decode(&[10]), Err(DatagramError::UnknownKind(10)));
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
