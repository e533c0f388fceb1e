//! The shared state on its lane: what has changed, and how two members find out in what they differ.
//!
//! Packed by hand, as a change is smaller than what a general format adds to it. A key travels as text once on a link and
//! then by the number that its sender gave it; authors likewise; times as the distance from the entry before.

mod entry;
mod frame;
mod packing;

use std::{fmt, sync::Arc};

use thiserror::Error;

pub use entry::{Author, Content, Entry, EntryWriter};
pub use frame::{StateError, StateFrame};
pub use packing::Reader;

use crate::{id::PeerId, limits::STATE_KEY_BYTES};

/// Parts into which the keys fall, by their hash, so that a difference is searched for in a part only.
pub const BUCKETS: usize = 256;

/// The latest time that a stamp can have, in milliseconds: some nine thousand years.
pub const LATEST_TIME: u64 = (1 << 48) - 1;

/// The name of a value: 1 to 128 bytes of text without the character NUL, which Godot's strings cannot hold.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

/// A text that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// No text at all.
    #[error("a key cannot be empty")]
    Empty,
    /// Too much text.
    #[error("a key has at most {STATE_KEY_BYTES} bytes, and this has {0}")]
    TooLong(usize),
    /// Text with NUL in it.
    #[error("a key cannot hold the character NUL")]
    Nul,
}

impl Key {
    /// The key named `text`.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds NUL.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        match text.len() {
            0 => Err(KeyError::Empty),
            length if length > STATE_KEY_BYTES => Err(KeyError::TooLong(length)),
            _ if text.contains('\0') => Err(KeyError::Nul),
            _ => Ok(Self(text.into())),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part that the key falls into.
    pub fn bucket(&self) -> u8 {
        blake3::hash(self.0.as_bytes()).as_bytes()[0]
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// When a value was written, and by whom. The greater of two is the later, for everyone (Kulkarni and others, *Logical
/// Physical Clocks*, 2014; ties by id).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Stamp {
    /// Milliseconds of the space's time.
    pub time: u64,
    /// Tells apart what was written within one millisecond.
    pub counter: u32,
    /// Who has written.
    pub author: PeerId,
}

/// Eight bytes that stand for one entry of the state: its key, its stamp, and the value, `None` for an erased one.
pub fn entry_digest(key: &Key, stamp: &Stamp, value: Option<&[u8]>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[key.0.len() as u8, u8::from(value.is_some())]);
    hasher.update(key.0.as_bytes());
    hasher.update(&stamp.time.to_le_bytes());
    hasher.update(&stamp.counter.to_le_bytes());
    hasher.update(&stamp.author.0);
    hasher.update(value.unwrap_or_default());
    let mut digest = [0; 8];
    hasher.finalize_xof().fill(&mut digest);
    u64::from_le_bytes(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_limits() {
        assert_eq!(Key::new(""), Err(KeyError::Empty));
        assert_eq!(Key::new("a\0b"), Err(KeyError::Nul));
        let long = "k".repeat(STATE_KEY_BYTES + 1);
        assert_eq!(Key::new(&long), Err(KeyError::TooLong(long.len())));
        assert!(Key::new(&long[1..]).is_ok());
    }

    #[test]
    fn the_digest_tells_entries_apart() {
        let key = Key::new("k").expect("a key");
        let stamp = Stamp {
            time: 1,
            counter: 2,
            author: PeerId([3; 32]),
        };
        let all = [
            entry_digest(&key, &stamp, Some(b"v")),
            entry_digest(&key, &stamp, Some(b"")),
            entry_digest(&key, &stamp, None),
            entry_digest(&key, &Stamp { time: 2, ..stamp }, None),
            entry_digest(
                &key,
                &Stamp {
                    counter: 1,
                    ..stamp
                },
                None,
            ),
            entry_digest(&Key::new("kv").expect("a key"), &stamp, Some(b"")),
        ];
        let distinct: std::collections::BTreeSet<u64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
