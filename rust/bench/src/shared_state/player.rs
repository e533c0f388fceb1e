//! A peer with its view of the shared state, and a loop that fetches like a game at 60 frames a second.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use metaverse_net::{Peer, PeerEvent};
use metaverse_protocol::state::Key;
use metaverse_space::{
    io::Event,
    state::{Mirror, StateNews},
};

use super::LONG;
use crate::member;

const FRAME: Duration = Duration::from_micros(16_667);
/// As many as the extension takes over in a frame.
const NEWS_PER_FRAME: usize = 2_048;

/// Somebody who plays.
pub struct Player {
    peer: Peer,
    mirror: Mirror,
    news: Vec<(Key, StateNews)>,
    members: usize,
}

/// The key named `name`, which is short and not empty.
pub fn key(name: &str) -> Key {
    Key::new(name).expect("names of ours are keys")
}

impl Player {
    /// Somebody in a new space.
    pub fn create() -> Result<Self> {
        Ok(Self::new(member::create()?))
    }

    /// Somebody in the space of an invite.
    pub fn join(invite: &str) -> Result<Self> {
        Ok(Self::new(member::join(invite)?))
    }

    fn new((peer, members): (Peer, usize)) -> Self {
        Self {
            peer,
            mirror: Mirror::default(),
            news: Vec::new(),
            members,
        }
    }

    /// Takes over what has come in this frame.
    pub fn frame(&mut self) {
        while let Some(event) = self.peer.next_event() {
            match event {
                PeerEvent::Space(Event::MemberJoined(_)) => self.members += 1,
                PeerEvent::Space(Event::MemberLeft { .. }) => self.members -= 1,
                _ => {}
            }
        }
        self.peer.take_state(NEWS_PER_FRAME, &mut self.news);
        for (key, news) in self.news.drain(..) {
            self.mirror.take(&key, news);
        }
    }

    /// Plays frames for `time`.
    pub fn play(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            self.frame();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            sleep(left.min(FRAME));
        }
    }

    /// Plays until something holds of what this player sees.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Mirror) -> bool) -> Result<()> {
        let since = Instant::now();
        loop {
            self.frame();
            if holds(&self.mirror) {
                return Ok(());
            }
            if since.elapsed() > LONG {
                bail!("{what} did not come: {:#?}", self.peer.statistics());
            }
            sleep(FRAME);
        }
    }

    /// Writes a value.
    pub fn write(&mut self, key: &Key, value: &[u8]) -> Result<()> {
        let value = Bytes::copy_from_slice(value);
        if self.mirror.write(key, Some(value.clone()))? {
            self.peer.write_state(key.clone(), Some(value))?;
        }
        Ok(())
    }

    /// The value that this player sees.
    pub fn value(&self, key: &Key) -> Option<Bytes> {
        self.mirror.get(key).cloned()
    }

    /// Everything that this player sees.
    pub fn values(&self) -> Vec<(Key, Bytes)> {
        let keys = self.mirror.keys();
        keys.filter_map(|key| Some((key.clone(), self.value(key)?)))
            .collect()
    }

    /// Members that this player sees, itself included.
    pub fn members(&self) -> usize {
        self.members
    }

    /// How often this player has found that somebody else's state differs.
    pub fn differences(&self) -> u64 {
        self.peer.statistics().space.state_differences
    }

    /// An invite to the space.
    pub fn invite(&self) -> Result<String> {
        let invite = self.peer.create_invite(None, None);
        invite.context("no invite outside a space")
    }

    /// Leaves the space and waits until that is done.
    pub fn leave(mut self) -> Result<()> {
        self.peer.leave_space();
        let since = Instant::now();
        while since.elapsed() < LONG {
            while let Some(event) = self.peer.next_event() {
                if matches!(event, PeerEvent::Space(Event::Left { .. })) {
                    self.members = 0;
                    return Ok(());
                }
            }
            sleep(Duration::from_millis(1));
        }
        bail!("the space was not left: {:#?}", self.peer.statistics())
    }
}
