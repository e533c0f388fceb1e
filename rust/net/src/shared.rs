//! What the game's thread and the actor both touch. No lock is held for longer than a copy takes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use metaverse_protocol::name::Name;
use metaverse_space::{
    Viewpoint,
    activity::ActivityProfile,
    io::{Command, Inviter},
    picture::Picture,
};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    Statistics,
    backlog::Backlog,
    inbox::Inbox,
    local_avatars::LocalAvatars,
    newest::{StateInbox, WrittenState},
    received_poses::ReceivedPoses,
    routing::ShownMap,
    statistics::Counters,
};

/// The two sides' common ground.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) inbox: Inbox,
    pub(crate) received_poses: ReceivedPoses,
    pub(crate) local_avatars: LocalAvatars,
    /// How the game wants to watch, if that is new.
    pub(crate) view: Mutex<Option<View>>,
    pub(crate) backlog: Arc<Backlog>,
    pub(crate) counters: Arc<Counters>,
    /// The newest profile that the game wants and the actor has not taken yet.
    pub(crate) profile: Mutex<Option<Profile>>,
    /// Issues invites while in a space.
    pub(crate) inviter: Mutex<Option<Box<Inviter>>>,
    /// Whether the local peer is in a space.
    pub(crate) is_in_space: AtomicBool,
    /// The game's shared values on their way to the machine, and the others' on their way to the game.
    pub(crate) written_state: WrittenState,
    pub(crate) state_inbox: StateInbox,
    /// Wakes the actor for avatars, shared values, views and profiles.
    pub(crate) attention: Notify,
    pub(crate) links: AtomicU64,
    pub(crate) routing: ShownMap,
    pub(crate) space: Mutex<metaverse_space::Counters>,
}

/// How the local person watches the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) viewpoint: Option<Viewpoint>,
    pub(crate) profile: ActivityProfile,
}

impl From<View> for Command {
    fn from(View { viewpoint, profile }: View) -> Self {
        Self::Watch { viewpoint, profile }
    }
}

/// How the local person wants to be seen.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: Name,
    pub(crate) picture: Option<Picture>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            inbox: Inbox::new(),
            received_poses: ReceivedPoses::default(),
            local_avatars: LocalAvatars::default(),
            view: Mutex::default(),
            backlog: Arc::default(),
            counters: Arc::default(),
            profile: Mutex::default(),
            inviter: Mutex::default(),
            is_in_space: AtomicBool::new(false),
            written_state: WrittenState::default(),
            state_inbox: StateInbox::default(),
            attention: Notify::new(),
            links: AtomicU64::new(0),
            routing: ShownMap::default(),
            space: Mutex::default(),
        }
    }

    /// All numbers of this moment.
    pub(crate) fn statistics(&self) -> Statistics {
        let (events, event_bytes) = self.inbox.waiting();
        let backlog = self.backlog.waiting();
        Statistics {
            links: self.links.load(Ordering::Relaxed),
            events_waiting: events as u64,
            event_bytes_waiting: event_bytes as u64,
            messages_waiting: backlog.messages as u64,
            message_bytes_waiting: backlog.bytes as u64,
            space: *self.space.lock(),
            ..self.counters.read()
        }
    }

    /// Ends everything that belongs to the space that was left.
    pub(crate) fn forget_space(&self) {
        self.is_in_space.store(false, Ordering::Relaxed);
        *self.inviter.lock() = None;
        self.received_poses.clear();
        self.local_avatars.clear();
        self.written_state.clear();
        self.state_inbox.clear();
        self.routing.clear();
    }
}
