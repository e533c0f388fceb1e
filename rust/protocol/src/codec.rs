//! How control messages become bytes: serde and bincode, with a limit on every decode.
//! The one place that names the format.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// Why bytes were not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// More bytes than the limit for this kind of message.
    #[error("{length} bytes are more than the limit of {limit}")]
    TooLong {
        /// Bytes received.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The bytes are not such a message.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The message ended before its bytes did.
    #[error("{0} bytes follow the message")]
    TrailingBytes(usize),
}

fn config<const LIMIT: usize>() -> Configuration<LittleEndian, Varint, Limit<LIMIT>> {
    bincode::config::standard().with_limit::<LIMIT>()
}

/// Encodes a value of ours.
///
/// # Panics
/// Never for the types of this crate: encoding to memory fails only for types that serde cannot serialise.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    bincode::serde::encode_to_vec(value, bincode::config::standard())
        .expect("wire types serialise to memory")
}

/// Decodes a value from exactly `bytes`, at most `LIMIT`. Bincode counts every integer and length at its full width
/// against `LIMIT`, and no length reserves more than 1 MiB (serde's caution) before its elements are there.
///
/// # Errors
/// When the bytes are too many, malformed, or more than the value takes.
pub fn decode<T: DeserializeOwned, const LIMIT: usize>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > LIMIT {
        return Err(DecodeError::TooLong {
            length: bytes.len(),
            limit: LIMIT,
        });
    }
    let (value, read) = bincode::serde::decode_from_slice(bytes, config::<LIMIT>())
        .map_err(|error| DecodeError::Malformed(error.to_string()))?;
    if read != bytes.len() {
        return Err(DecodeError::TrailingBytes(bytes.len() - read));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_lies_is_refused() {
        let mut bytes = encode(&u64::from(u32::MAX));
        bytes.push(0);
        assert!(matches!(
            decode::<Vec<u8>, 1024>(&bytes),
            Err(DecodeError::Malformed(_))
        ));
    }

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = encode(&7_u8);
        bytes.push(0);
        assert_eq!(decode::<u8, 16>(&bytes), Err(DecodeError::TrailingBytes(1)));
    }

    #[test]
    fn too_many_bytes_are_refused() {
        assert!(matches!(
            decode::<Vec<u8>, 8>(&[0; 9]),
            Err(DecodeError::TooLong {
                length: 9,
                limit: 8
            })
        ));
    }
}
