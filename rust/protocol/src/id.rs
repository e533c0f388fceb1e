//! Ids and small numbers, each a type of its own so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares a 32-byte id that prints as lower-case hexadecimal.
macro_rules! id32 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0[..5]))
            }
        }
    };
}

id32! {
    /// A peer: its ed25519 public key, which is also its iroh endpoint id.
    PeerId
}

id32! {
    /// A space: the ed25519 public key made when it was created.
    SpaceId
}

id32! {
    /// The BLAKE3 hash of a content, such as an avatar image as it travels.
    ContentHash
}

impl ContentHash {
    /// The hash of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self(*blake3::hash(content).as_bytes())
    }
}

/// A member's number in its space: short where the 32-byte id would be too long. Given by the host, unique at any time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MemberNumber(pub u16);

/// Which of a member's avatars: 0 is the member's body, others are what it owns besides.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct AvatarId(pub u16);

/// Counts the hosts of a space: the creator serves in epoch 0, each successor in a later one.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Epoch(pub u32);

impl Epoch {
    /// The epoch after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
