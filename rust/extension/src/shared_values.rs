//! The shared values of a space as Godot's values, and what the game has yet to be told of them.

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use godot::{global::Error, prelude::*};
use metaverse_net::{Peer, SendError};
use metaverse_protocol::{
    id::MemberNumber,
    state::{Key, KeyError},
};
use metaverse_space::state::{Mirror, StateNews, StateWriteError};
use thiserror::Error;

use crate::{
    config::{CHANGE_TIME_PER_FRAME, CHANGES_PER_FRAME, NEWS_PER_FRAME},
    message::{self, MessageError},
};

/// What all nodes of one peer show.
#[derive(Default)]
pub(crate) struct SharedValues {
    mirror: Mirror,
    /// Values that were decoded and that nobody can change in place.
    decoded: HashMap<Key, Variant>,
    /// Keys of which the game is to be told, and who has written them.
    untold: VecDeque<Key>,
    writers: HashMap<Key, Option<MemberNumber>>,
    news: Vec<(Key, StateNews)>,
    has_news: bool,
    synchronized: Synchronized,
    /// Values of others that were no plain data.
    malformed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Synchronized {
    #[default]
    NotYet,
    /// Everything is here but has to be gone through.
    Arrived,
    Told,
}

/// A change that the game is told.
pub(crate) struct Changed {
    pub(crate) key: StringName,
    /// Null where the key was erased.
    pub(crate) value: Variant,
    /// Who has written it; `None` where that member has left.
    pub(crate) writer: Option<MemberNumber>,
}

/// What the game is told in one frame.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) changes: Vec<Changed>,
    pub(crate) is_synchronized: bool,
}

/// Why a value was not written.
#[derive(Debug, Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("this value cannot be shared: {0}")]
    Value(#[from] MessageError),
    #[error(transparent)]
    Limit(#[from] StateWriteError),
    #[error("the player is in no space")]
    NotInSpace,
}

impl WriteError {
    pub(crate) fn code(&self) -> Error {
        match self {
            Self::Key(_) | Self::Value(_) | Self::Limit(StateWriteError::TooLarge(_)) => {
                Error::ERR_INVALID_PARAMETER
            }
            Self::Limit(StateWriteError::Full(_) | StateWriteError::TooManyKeys) => {
                Error::ERR_OUT_OF_MEMORY
            }
            Self::Limit(StateWriteError::Missing) => Error::ERR_DOES_NOT_EXIST,
            Self::NotInSpace => Error::ERR_UNAVAILABLE,
        }
    }

    /// Whether it can happen in a game that is right.
    pub(crate) fn is_expected(&self) -> bool {
        matches!(
            self,
            Self::Limit(StateWriteError::Missing) | Self::NotInSpace
        )
    }
}

impl From<SendError> for WriteError {
    fn from(_: SendError) -> Self {
        Self::NotInSpace
    }
}

impl SharedValues {
    /// Writes a value for everyone, or erases it, in the name of the `local` member.
    pub(crate) fn write(
        &mut self,
        net: &Peer,
        local: MemberNumber,
        key: &StringName,
        value: Option<&Variant>,
    ) -> Result<(), WriteError> {
        let key = Key::new(&key.to_string())?;
        let bytes = value.map(message::encode).transpose()?;
        let bytes = bytes.map(bytes::Bytes::from);
        if self.mirror.write(&key, bytes.clone())? {
            net.write_state(key.clone(), bytes)?;
            self.note(key, Some(local));
        }
        Ok(())
    }

    /// The value of a key, if it has one.
    pub(crate) fn get(&mut self, key: &StringName) -> Option<Variant> {
        let key = Key::new(&key.to_string()).ok()?;
        self.decode(&key)
    }

    /// All keys that have a value, sorted.
    pub(crate) fn keys(&self) -> PackedStringArray {
        self.mirror
            .keys()
            .map(|key| GString::from(key.as_str()))
            .collect()
    }

    pub(crate) fn is_synchronized(&self) -> bool {
        self.synchronized == Synchronized::Told
    }

    pub(crate) fn malformed(&self) -> u64 {
        self.malformed
    }

    /// There is news to be fetched.
    pub(crate) fn expect_news(&mut self) {
        self.has_news = true;
    }

    /// Everything from before is here, as far as it is fetched.
    pub(crate) fn arrived(&mut self) {
        if self.synchronized == Synchronized::NotYet {
            self.synchronized = Synchronized::Arrived;
        }
    }

    /// Takes this frame's share of what has come.
    pub(crate) fn take_news(&mut self, net: &Peer) {
        if !self.has_news {
            return;
        }
        let mut news = std::mem::take(&mut self.news);
        self.has_news = net.take_state(NEWS_PER_FRAME, &mut news);
        for (key, news) in news.drain(..) {
            let writer = news.change.as_ref().and_then(|change| change.author);
            if self.mirror.take(&key, news) {
                self.note(key, writer);
            }
        }
        self.news = news;
    }

    /// What the game is to be told in this frame.
    pub(crate) fn tell(&mut self) -> Told {
        let started = Instant::now();
        let mut changes = Vec::new();
        while changes.len() < CHANGES_PER_FRAME && started.elapsed() < CHANGE_TIME_PER_FRAME {
            let Some(key) = self.untold.pop_front() else {
                break;
            };
            let writer = self.writers.remove(&key).flatten();
            let is_there = self.mirror.get(&key).is_some();
            let value = self.decode(&key);
            if is_there && value.is_none() {
                self.malformed += 1;
                continue;
            }
            changes.push(Changed {
                key: StringName::from(key.as_str()),
                value: value.unwrap_or_default(),
                writer,
            });
        }
        let is_all = !self.has_news && self.untold.is_empty();
        let is_synchronized = is_all && self.synchronized == Synchronized::Arrived;
        if is_synchronized {
            self.synchronized = Synchronized::Told;
        }
        Told {
            changes,
            is_synchronized,
        }
    }

    fn note(&mut self, key: Key, writer: Option<MemberNumber>) {
        self.decoded.remove(&key);
        if self.writers.insert(key.clone(), writer).is_none() {
            self.untold.push_back(key);
        }
    }

    /// The value of a key; `None` as well where its bytes are no plain value.
    fn decode(&mut self, key: &Key) -> Option<Variant> {
        if let Some(value) = self.decoded.get(key) {
            return Some(value.clone());
        }
        let value = message::decode(self.mirror.get(key)?).ok()?;
        if is_scalar(&value) {
            self.decoded.insert(key.clone(), value.clone());
        }
        Some(value)
    }
}

/// Whether a value cannot be changed in place: of arrays and dictionaries everyone who asks gets their own.
fn is_scalar(value: &Variant) -> bool {
    value.get_type().ord() < VariantType::DICTIONARY.ord()
}
