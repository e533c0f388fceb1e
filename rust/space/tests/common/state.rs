//! The shared state as people in the world see and write it.

use std::collections::BTreeMap;

use bytes::Bytes;
use metaverse_protocol::{id::MemberNumber, state::Key};
use metaverse_space::{
    io::{Command, Event},
    state::{Mirror, StateChange, StateNews, StateWriteError},
};

use super::{Who, World};

/// What somebody sees of the shared state.
#[derive(Default)]
pub struct Seen {
    pub mirror: Mirror,
    /// The keys that changed by themselves, and by whom, in order.
    pub changes: Vec<(String, Option<MemberNumber>)>,
}

impl Seen {
    pub fn take(&mut self, key: &Key, change: StateChange) {
        let author = change.author;
        let news = StateNews {
            written: 0,
            change: Some(change),
        };
        if self.mirror.take(key, news) {
            self.changes.push((key.as_str().to_owned(), author));
        }
    }
}

pub fn key(name: &str) -> Key {
    Key::new(name).expect("a key")
}

impl World {
    /// Writes as a game does, which looks at the limits first.
    pub fn try_write(
        &mut self,
        who: Who,
        name: &str,
        value: Option<Bytes>,
    ) -> Result<(), StateWriteError> {
        let key = key(name);
        if self.people[who].state.mirror.write(&key, value.clone())? {
            self.command(
                who,
                Command::WriteState {
                    key: key.clone(),
                    value,
                },
            );
            let taken_in = StateNews {
                written: 1,
                change: None,
            };
            self.people[who].state.mirror.take(&key, taken_in);
        }
        Ok(())
    }

    pub fn write(&mut self, who: Who, name: &str, value: &str) {
        let value = Some(Bytes::copy_from_slice(value.as_bytes()));
        self.try_write(who, name, value).expect("within the limits");
    }

    pub fn erase(&mut self, who: Who, name: &str) {
        self.try_write(who, name, None).expect("is there");
    }

    pub fn value(&self, who: Who, name: &str) -> Option<&str> {
        let value = self.people[who].state.mirror.get(&key(name))?;
        Some(std::str::from_utf8(value).expect("text"))
    }

    /// Everything somebody sees.
    pub fn values(&self, who: Who) -> BTreeMap<&str, &Bytes> {
        let mirror = &self.people[who].state.mirror;
        let keys = mirror.keys();
        keys.map(|key| (key.as_str(), mirror.get(key).expect("has a value")))
            .collect()
    }

    /// Whether everyone alive sees the same.
    pub fn shares(&self) -> bool {
        let mut alive = (0..self.people.len()).filter(|&who| self.people[who].is_alive);
        let first = self.values(alive.next().expect("somebody"));
        alive.all(|who| self.values(who) == first)
    }

    pub fn is_synchronized(&self, who: Who) -> bool {
        self.people[who].events.contains(&Event::StateSynchronized)
    }

    /// What a person's machine has counted.
    pub fn counters(&self, who: Who) -> metaverse_space::Counters {
        self.people[who].space.as_ref().expect("alive").counters()
    }
}
