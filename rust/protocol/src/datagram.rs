//! Unreliable traffic: small packets where the newest counts. The first byte tells the kind; integers are little-endian.

use thiserror::Error;

use crate::{
    id::AvatarId,
    limits::DATAGRAM_BYTES,
    time::{Tick, Time},
};

const PING: u8 = 1;
const PONG: u8 = 2;
const POSE: u8 = 3;

/// A datagram, borrowing its payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    /// The pose of one of the sender's avatars.
    Pose {
        /// Which of the sender's avatars.
        avatar: AvatarId,
        /// When the pose was captured, on the sender's clock.
        captured: Tick,
        /// The pose, as `metaverse-avatar` writes it.
        payload: &'a [u8],
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
    /// Of a kind that this version does not know.
    #[error("an unknown kind of datagram: {0}")]
    UnknownKind(u8),
}

impl<'a> Datagram<'a> {
    /// Appends the datagram's bytes to `out`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Ping { sent } => {
                out.push(PING);
                out.extend(sent.0.to_le_bytes());
            }
            Self::Pong { sent, received } => {
                out.push(PONG);
                out.extend(sent.0.to_le_bytes());
                out.extend(received.0.to_le_bytes());
            }
            Self::Pose {
                avatar,
                captured,
                payload,
            } => {
                out.push(POSE);
                out.extend(avatar.0.to_le_bytes());
                out.extend(captured.0.to_le_bytes());
                out.extend(payload);
            }
        }
    }

    /// The datagram as bytes of its own.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    /// Reads a datagram.
    ///
    /// # Errors
    /// When the bytes are too many, too few, or of an unknown kind.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DatagramError> {
        if bytes.len() > DATAGRAM_BYTES {
            return Err(DatagramError::TooLong(bytes.len()));
        }
        let (&kind, rest) = bytes.split_first().ok_or(DatagramError::WrongLength)?;
        match kind {
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
            POSE => {
                let (avatar, rest) = take(rest)?;
                let (captured, payload) = take(rest)?;
                Ok(Self::Pose {
                    avatar: AvatarId(u16::from_le_bytes(avatar)),
                    captured: Tick(u32::from_le_bytes(captured)),
                    payload,
                })
            }
            unknown => Err(DatagramError::UnknownKind(unknown)),
        }
    }
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
    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        for datagram in [
            Datagram::Ping { sent: Time(7) },
            Datagram::Pong {
                sent: Time(7),
                received: Time(u64::MAX),
            },
            Datagram::Pose {
                avatar: AvatarId(3),
                captured: Tick(9),
                payload: &[1, 2, 3],
            },
        ] {
            assert_eq!(Datagram::decode(&datagram.encode()), Ok(datagram));
        }
    }

    #[test]
    fn wrong_lengths_and_kinds_are_errors() {
        assert_eq!(Datagram::decode(&[]), Err(DatagramError::WrongLength));
        assert_eq!(
            Datagram::decode(&[PING, 1, 2]),
            Err(DatagramError::WrongLength)
        );
        assert_eq!(
            Datagram::decode(&[PING; 10]),
            Err(DatagramError::WrongLength)
        );
        assert_eq!(Datagram::decode(&[9]), Err(DatagramError::UnknownKind(9)));
        assert_eq!(
            Datagram::decode(&[POSE; DATAGRAM_BYTES + 1]),
            Err(DatagramError::TooLong(DATAGRAM_BYTES + 1))
        );
    }
}
