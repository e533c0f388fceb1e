//! Shared values on their way between the game's thread and the actor: of each key only the newest waits, so that what
//! waits is never more than the state itself, however long the other side is away.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use metaverse_protocol::state::Key;
use metaverse_space::state::{StateChange, StateNews};
use parking_lot::Mutex;

/// What the game has written and the actor has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct WrittenState(Mutex<Newest<Written>>);

/// What the actor has to tell and the game has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct StateInbox(Mutex<Newest<StateNews>>);

/// The newest write to a key, and how many writes it stands for.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) value: Option<Bytes>,
    pub(crate) count: u32,
}

/// Things by key, in the order in which their keys came.
#[derive(Debug)]
struct Newest<T> {
    order: VecDeque<Key>,
    waiting: HashMap<Key, T>,
}

impl WrittenState {
    pub(crate) fn put(&self, key: Key, value: Option<Bytes>) {
        self.0.lock().merge(key, |written| {
            written.value = value;
            written.count += 1;
        });
    }

    /// The write that has waited longest.
    pub(crate) fn take(&self) -> Option<(Key, Written)> {
        self.0.lock().pop()
    }

    pub(crate) fn clear(&self) {
        *self.0.lock() = Newest::default();
    }
}

impl StateInbox {
    /// Whether the game has to be told that there is something.
    pub(crate) fn put_change(&self, key: Key, change: StateChange) -> bool {
        self.put(
            key,
            StateNews {
                written: 0,
                change: Some(change),
            },
        )
    }

    /// Whether the game has to be told that there is something.
    pub(crate) fn put_written(&self, key: Key, count: u32) -> bool {
        self.put(
            key,
            StateNews {
                written: count,
                change: None,
            },
        )
    }

    fn put(&self, key: Key, news: StateNews) -> bool {
        let mut newest = self.0.lock();
        let was_empty = newest.order.is_empty();
        newest.merge(key, |waiting| waiting.merge(news));
        was_empty
    }

    /// Appends at most `most` keys with their news to `out`, the oldest first. Whether more are waiting.
    pub(crate) fn take(&self, most: usize, out: &mut Vec<(Key, StateNews)>) -> bool {
        let mut newest = self.0.lock();
        for _ in 0..most {
            match newest.pop() {
                Some(news) => out.push(news),
                None => break,
            }
        }
        !newest.order.is_empty()
    }

    pub(crate) fn clear(&self) {
        *self.0.lock() = Newest::default();
    }
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self {
            order: VecDeque::new(),
            waiting: HashMap::new(),
        }
    }
}

impl<T: Default> Newest<T> {
    fn merge(&mut self, key: Key, merge: impl FnOnce(&mut T)) {
        let waiting = self.waiting.entry(key).or_insert_with_key(|key| {
            self.order.push_back(key.clone());
            T::default()
        });
        merge(waiting);
    }

    fn pop(&mut self) -> Option<(Key, T)> {
        let key = self.order.pop_front()?;
        let waiting = self.waiting.remove(&key)?;
        Some((key, waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key::new(name).expect("a key")
    }

    #[test]
    fn of_each_key_the_newest_write_waits() {
        let written = WrittenState::default();
        for number in 0..100_u8 {
            written.put(key("a"), Some(Bytes::from(vec![number])));
        }
        written.put(key("b"), None);
        let (first, a) = written.take().expect("waits");
        assert_eq!((first, a.count), (key("a"), 100));
        assert_eq!(a.value.as_deref(), Some(&[99][..]));
        assert_eq!(written.take().map(|(key, _)| key), Some(key("b")));
        assert!(written.take().is_none());
    }

    #[test]
    fn the_game_is_told_once_until_it_has_taken_everything() {
        let inbox = StateInbox::default();
        let change = || StateChange {
            value: None,
            author: None,
        };
        assert!(inbox.put_change(key("a"), change()));
        assert!(!inbox.put_written(key("b"), 1));
        let mut out = Vec::new();
        assert!(inbox.take(1, &mut out));
        assert!(!inbox.put_change(key("c"), change()));
        assert!(!inbox.take(9, &mut out));
        assert_eq!(out.len(), 3);
        assert!(inbox.put_change(key("a"), change()));
        inbox.clear();
        assert!(inbox.put_change(key("a"), change()));
    }
}
