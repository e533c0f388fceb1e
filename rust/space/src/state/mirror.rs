//! The shared state as the game sees it, on the game's own thread: what it has written is there at once, what others have
//! written comes when it is taken over.

use std::collections::BTreeMap;

use bytes::Bytes;
use metaverse_protocol::{
    id::MemberNumber,
    limits::{STATE_BYTES, STATE_KEYS, STATE_VALUE_BYTES},
    state::Key,
};
use thiserror::Error;

use super::store::size;

/// What has become of one key since the game was last told. Several pieces of news of a key make one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StateNews {
    /// Writes of the game's that the space has taken in.
    pub written: u32,
    /// The write that holds now, where it is not the game's own.
    pub change: Option<StateChange>,
}

/// A write that holds now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateChange {
    /// The value; `None` if the key was erased.
    pub value: Option<Bytes>,
    /// Who has written it; `None` if that member has left.
    pub author: Option<MemberNumber>,
}

impl StateNews {
    /// Takes in what came later.
    pub fn merge(&mut self, later: Self) {
        if later.written > 0 {
            // Whatever came before was overwritten by the game.
            self.written += later.written;
            self.change = None;
        }
        if later.change.is_some() {
            self.change = later.change;
        }
    }
}

/// Why the game cannot write a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum StateWriteError {
    /// The value is too large.
    #[error(
        "a shared value has at most {STATE_VALUE_BYTES} bytes when it is encoded, and this has {0}"
    )]
    TooLarge(usize),
    /// The space is full.
    #[error(
        "the shared values of a space have at most {STATE_BYTES} bytes with their keys, and this one would make it {0}"
    )]
    Full(usize),
    /// The space has too many keys.
    #[error("a space has at most {STATE_KEYS} keys")]
    TooManyKeys,
    /// There is nothing to erase.
    #[error("the key has no value")]
    Missing,
}

/// All values that the game sees.
#[derive(Debug, Default)]
pub struct Mirror {
    entries: BTreeMap<Key, Mirrored>,
    live: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Mirrored {
    value: Option<Bytes>,
    /// Writes of the game's that the space has not taken in yet: until it has, they are later than all it tells.
    pending: u32,
}

impl Mirror {
    /// The value of a key.
    pub fn get(&self, key: &Key) -> Option<&Bytes> {
        self.entries.get(key)?.value.as_ref()
    }

    /// All keys that have a value, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let live = self.entries.iter();
        live.filter_map(|(key, entry)| entry.value.is_some().then_some(key))
    }

    /// How many keys have a value.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no key has a value.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Writes a value, or erases it. False if it is so already; otherwise the space must be told.
    ///
    /// # Errors
    /// When a limit would be passed, or there is nothing to erase.
    pub fn write(&mut self, key: &Key, value: Option<Bytes>) -> Result<bool, StateWriteError> {
        let before = self.get(key);
        let Some(value) = value else {
            before.ok_or(StateWriteError::Missing)?;
            self.put(key, None, 1);
            return Ok(true);
        };
        if before == Some(&value) {
            return Ok(false);
        }
        let bytes = self.bytes + size(key, &value) - before.map_or(0, |before| size(key, before));
        if value.len() > STATE_VALUE_BYTES {
            return Err(StateWriteError::TooLarge(value.len()));
        }
        if bytes > STATE_BYTES {
            return Err(StateWriteError::Full(bytes));
        }
        if before.is_none() && self.live >= STATE_KEYS {
            return Err(StateWriteError::TooManyKeys);
        }
        self.put(key, Some(value), 1);
        Ok(true)
    }

    /// Takes over what the space tells of a key. Whether the game sees another value than before.
    pub fn take(&mut self, key: &Key, news: StateNews) -> bool {
        let Some(entry) = self.entries.get_mut(key) else {
            let Some(StateChange {
                value: Some(value), ..
            }) = news.change
            else {
                return false;
            };
            self.put(key, Some(value), 0);
            return true;
        };
        entry.pending = entry.pending.saturating_sub(news.written);
        let is_seen = entry.pending == 0
            && news
                .change
                .as_ref()
                .is_some_and(|change| change.value != entry.value);
        match news.change {
            Some(change) if is_seen => self.put(key, change.value, 0),
            _ => self.tidy(key),
        }
        is_seen
    }

    fn put(&mut self, key: &Key, value: Option<Bytes>, pending: u32) {
        self.live += usize::from(value.is_some());
        self.bytes += value.as_ref().map_or(0, |value| size(key, value));
        let entry = self.entries.entry(key.clone()).or_default();
        entry.pending += pending;
        if let Some(before) = std::mem::replace(&mut entry.value, value) {
            self.live -= 1;
            self.bytes -= size(key, &before);
        }
        self.tidy(key);
    }

    /// Keeps nothing of a key that has no value and waits for nothing.
    fn tidy(&mut self, key: &Key) {
        let is_gone = |entry: &Mirrored| entry.value.is_none() && entry.pending == 0;
        if self.entries.get(key).is_some_and(is_gone) {
            self.entries.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new(name).expect("a key")
    }

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn news(written: u32, value: Option<&'static str>) -> StateNews {
        let change = value.map(|value| StateChange {
            value: Some(bytes(value)),
            author: None,
        });
        StateNews { written, change }
    }

    #[test]
    fn what_the_game_writes_is_later_than_what_comes_before_it_is_taken_in() {
        let mut mirror = Mirror::default();
        assert_eq!(mirror.write(&key("k"), Some(bytes("mine"))), Ok(true));
        assert!(!mirror.take(&key("k"), news(0, Some("theirs, earlier"))));
        assert_eq!(mirror.get(&key("k")), Some(bytes("mine")).as_ref());
        assert!(mirror.take(&key("k"), news(1, Some("theirs, later"))));
        assert_eq!(mirror.get(&key("k")), Some(bytes("theirs, later")).as_ref());
    }

    #[test]
    fn the_same_value_is_no_write() {
        let mut mirror = Mirror::default();
        assert_eq!(mirror.write(&key("k"), Some(bytes("v"))), Ok(true));
        assert_eq!(mirror.write(&key("k"), Some(bytes("v"))), Ok(false));
        assert_eq!(mirror.write(&key("k"), None), Ok(true));
        assert_eq!(mirror.write(&key("k"), None), Err(StateWriteError::Missing));
        assert_eq!(mirror.keys().count(), 0);
        mirror.take(&key("k"), news(2, None));
        assert!(mirror.entries.is_empty() && mirror.bytes == 0);
    }

    #[test]
    fn limits_are_told_and_change_nothing() {
        let mut mirror = Mirror::default();
        let large = |extra| Some(Bytes::from(vec![0; STATE_VALUE_BYTES + extra]));
        assert_eq!(
            mirror.write(&key("k"), large(1)),
            Err(StateWriteError::TooLarge(STATE_VALUE_BYTES + 1))
        );
        let mut last = Ok(true);
        for number in 0..64 {
            last = mirror.write(&key(&format!("{number:02}")), large(0));
        }
        assert!(matches!(last, Err(StateWriteError::Full(_))));
        assert_eq!(mirror.len(), 63);
        assert_eq!(mirror.write(&key("00"), Some(bytes("small"))), Ok(true));
        assert_eq!(mirror.write(&key("63"), large(0)), Ok(true));
    }

    #[test]
    fn news_of_a_key_make_one() {
        let mut all = news(0, Some("a"));
        all.merge(news(1, None));
        assert_eq!(all, news(1, None));
        all.merge(news(0, Some("b")));
        all.merge(news(0, Some("c")));
        assert_eq!(all, news(1, Some("c")));
    }
}
