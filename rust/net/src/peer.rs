//! The handle that the game's main thread holds.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bytes::Bytes;
use metaverse_avatar::{Pose, Rig};
use metaverse_protocol::{
    control::GameMessage,
    id::{AvatarId, MemberNumber},
    limits::{MESSAGE_BYTES, TOPIC_BYTES},
    name::{Name, Tag},
    profile::Visibility,
    state::Key,
    time::{Time, UnixSeconds},
};
use metaverse_space::{
    RoutingMap, Viewpoint,
    activity::ActivityProfile,
    io::{Event, JoinError},
    picture::Picture,
    state::StateNews,
};
use tokio::sync::mpsc;

use crate::{
    PeerEvent, Reach, ReceivedPose, SendError, StartError, Statistics, clock,
    config::COMMANDS,
    driver::{self, Command},
    random, runtime,
    shared::{Profile, Shared, View},
};

/// How a peer starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The secret of a lasting identity; `None` is a fresh identity for each space that is entered.
    pub secret: Option<[u8; 32]>,
    /// Who can be reached.
    pub reach: Reach,
    /// The name others see.
    pub name: Name,
}

/// What a new space is to be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpaceSettings {
    /// Its name.
    pub name: Name,
    /// Whether it is listed.
    pub visibility: Visibility,
    /// The most members it takes, the creator included; at most [`metaverse_protocol::limits::MEMBERS`].
    pub capacity: u16,
    /// What goes on there.
    pub activity: Tag,
    /// Which scene of the game it is.
    pub scene: Tag,
}

/// One running peer. Every call returns at once; what comes of it is told by [`Peer::next_event`].
/// Dropping it is the same as [`Peer::stop`].
#[derive(Debug)]
pub struct Peer {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
}

impl Peer {
    /// Starts a peer. [`PeerEvent::Online`] follows, or [`PeerEvent::Failed`] and [`PeerEvent::Stopped`].
    ///
    /// # Errors
    /// When the reach needs a relay and there is none, or the operating system gives no threads or random numbers.
    pub fn start(options: Options) -> Result<Self, StartError> {
        if options.reach == Reach::RelayOnly {
            return Err(StartError::NoRelay);
        }
        random::check()?;
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let shared = Arc::new(Shared::new());
        let actors = Arc::clone(&shared);
        runtime::spawn(move |stop| driver::run(options, actors, receiver, stop))?;
        Ok(Self { commands, shared })
    }

    /// Creates a space and enters it as its host. Answered by [`Event::Joined`] or [`Event::JoinFailed`].
    pub fn create_space(&self, settings: SpaceSettings) {
        if self
            .commands
            .try_send(Command::CreateSpace(settings))
            .is_err()
        {
            self.too_busy_to_join();
        }
    }

    /// Enters the space that an invite is for. Answered by [`Event::Joined`] or [`Event::JoinFailed`].
    pub fn join_space(&self, invite: &str) {
        if self
            .commands
            .try_send(Command::JoinSpace(invite.to_owned()))
            .is_err()
        {
            self.too_busy_to_join();
        }
    }

    fn too_busy_to_join(&self) {
        let failed = Event::JoinFailed {
            error: JoinError::Cancelled,
            message: TOO_BUSY.to_owned(),
        };
        self.tell(PeerEvent::Space(failed));
    }

    /// Leaves the space, or gives up entering it. Answered by [`Event::Left`] or [`Event::JoinFailed`].
    pub fn leave_space(&self) {
        if self.commands.try_send(Command::LeaveSpace).is_err() {
            self.tell(PeerEvent::Failed(TOO_BUSY.to_owned()));
        }
    }

    /// Changes what others see of the local person, also before a space is entered. A picture that cannot be used is
    /// told by [`PeerEvent::Failed`], and the person then has none.
    pub fn set_profile(&self, name: Name, picture: Option<Picture>) {
        *self.shared.profile.lock() = Some(Profile { name, picture });
        self.shared.attention.notify_one();
    }

    /// Sends a message to everyone else in the space, or to one member: reliably, and in sequence with the others.
    ///
    /// # Errors
    /// When the peer is in no space, too much waits already, or the message is over its limits.
    pub fn send_message(
        &self,
        topic: &str,
        data: Vec<u8>,
        to: Option<MemberNumber>,
    ) -> Result<(), SendError> {
        if topic.len() > TOPIC_BYTES || data.len() > MESSAGE_BYTES {
            return Err(SendError::TooLarge);
        }
        if !self.shared.is_in_space.load(Ordering::Relaxed) {
            return Err(SendError::NotInSpace);
        }
        let message = GameMessage {
            topic: topic.to_owned(),
            private: to.is_some(),
            data,
        };
        let frame = self.shared.backlog.admit(message.encode());
        let sent = frame.is_some_and(|frame| {
            self.commands
                .try_send(Command::SendMessage { to, frame })
                .is_ok()
        });
        if !sent {
            self.shared.counters.messages_busy.increment();
            return Err(SendError::Busy);
        }
        Ok(())
    }

    /// Writes a shared value, or erases it, for everyone in the space. Of several writes to a key the newest counts. The
    /// limits are the writer's to keep, with a [`metaverse_space::state::Mirror`].
    ///
    /// # Errors
    /// When the peer is in no space.
    pub fn write_state(&self, key: Key, value: Option<Bytes>) -> Result<(), SendError> {
        if !self.shared.is_in_space.load(Ordering::Relaxed) {
            return Err(SendError::NotInSpace);
        }
        self.shared.written_state.put(key, value);
        self.shared.attention.notify_one();
        Ok(())
    }

    /// Appends what has become of shared values to `out`, at most `most` of them, for a
    /// [`metaverse_space::state::Mirror`]. Whether more are waiting.
    pub fn take_state(&self, most: usize, out: &mut Vec<(Key, StateNews)>) -> bool {
        self.shared.state_inbox.take(most, out)
    }

    /// Begins to show a local avatar with this skeleton, or shows it with another one; false if it is one too many
    /// (see [`metaverse_protocol::limits::AVATARS`]). What was shown is forgotten when the space is left.
    pub fn show_avatar(&self, avatar: AvatarId, rig: Arc<Rig>) -> bool {
        self.shared.local_avatars.show(avatar, rig).is_ok()
    }

    /// Ends showing a local avatar.
    pub fn hide_avatar(&self, avatar: AvatarId) {
        self.shared.local_avatars.hide(avatar);
        self.shared.attention.notify_one();
    }

    /// Takes the newest pose of an avatar that is shown, captured at a time of [`Peer::now`]. It takes the place of an
    /// older one that was not sent yet, and goes when [`Peer::send_poses`] is called.
    pub fn set_pose(&self, avatar: AvatarId, captured: Time, pose: &Pose) {
        if self
            .shared
            .local_avatars
            .put(avatar, captured, pose)
            .is_err()
        {
            self.shared.counters.poses_dropped.increment();
        }
    }

    /// Sends the poses that were set: together, so that avatars captured in one moment share their datagrams.
    pub fn send_poses(&self) {
        self.shared.attention.notify_one();
    }

    /// Watches the others from `viewpoint` from now on, as `profile` says.
    pub fn watch(&self, viewpoint: Option<Viewpoint>, profile: ActivityProfile) {
        *self.shared.view.lock() = Some(View { viewpoint, profile });
        self.shared.attention.notify_one();
    }

    /// Tells that a member is heard to speak, or no longer.
    pub fn set_speaking(&self, number: MemberNumber, is_speaking: bool) {
        let command = Command::Speaking {
            number,
            is_speaking,
        };
        if self.commands.try_send(command).is_err() {
            tracing::warn!("who speaks is not known: too many commands wait");
        }
    }

    /// An invite to the space, as text, for `uses` people and a `lifetime`; `None` is without limit.
    /// `None` while in no space.
    pub fn create_invite(&self, uses: Option<u32>, lifetime: Option<Duration>) -> Option<String> {
        let inviter = self.shared.inviter.lock().clone()?;
        let serial = random::number().ok()?;
        let expires = lifetime
            .map(|lifetime| UnixSeconds(clock::unix().0.saturating_add(lifetime.as_secs())));
        Some(inviter.issue(serial, uses, expires).to_text())
    }

    /// The event that has waited longest.
    pub fn next_event(&self) -> Option<PeerEvent> {
        self.shared.inbox.next()
    }

    /// Replaces what is in `out` by the newest poses that have come since the last call, at most
    /// [`crate::config::POSE_SAMPLES`] of each avatar.
    pub fn take_poses(&self, out: &mut Vec<ReceivedPose>) {
        self.shared.received_poses.take(out);
    }

    /// What was moved and lost so far.
    pub fn statistics(&self) -> Statistics {
        self.shared.statistics()
    }

    /// Who is connected to whom, and the way to each, half a second old at most while it is looked at; empty outside a
    /// space, and the first time.
    pub fn routing_map(&self) -> Arc<RoutingMap> {
        self.shared.routing.look(clock::now())
    }

    /// The steady clock of this process: microseconds since 1970 at its start, and the time elapsed since.
    pub fn now(&self) -> Time {
        clock::now()
    }

    /// Leaves the space and closes everything, behind, within a second.
    pub fn stop(self) {
        // The actor ends when the last sender of commands is gone.
        drop(self);
    }

    fn tell(&self, event: PeerEvent) {
        if self.shared.inbox.push(event).is_err() {
            tracing::warn!("the game fetches no events, so that one is lost");
        }
    }
}

const TOO_BUSY: &str = "Too much was asked for at once. Try again in a moment.";
