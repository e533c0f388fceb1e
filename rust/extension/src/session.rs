//! A peer that is started: the network below, and what has come from it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use glam::Vec3;
use godot::prelude::*;
use metaverse_avatar::{Level, Pose, Rig, Shown};
use metaverse_net::{Peer, PeerEvent, ReceivedPose};
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    time::Time,
};
use metaverse_space::io::Event;

use crate::{
    beat::Beat,
    config::LATENCIES,
    message,
    notice::Notice,
    picture,
    recent::Recent,
    remote_avatars::RemoteAvatars,
    roster::{Roster, Textures},
    shared_values::SharedValues,
};

/// What lasts from a peer's start to its stop.
pub(crate) struct Session {
    pub(crate) net: Peer,
    /// Whom one is with; `None` outside a space.
    pub(crate) roster: Option<Roster>,
    /// Images that came before one is in the space: the local player's own.
    pub(crate) early_textures: Textures,
    avatars: RemoteAvatars,
    beat: Beat,
    /// Where the local player's body was last, in global coordinates.
    place: Option<Vec3>,
    /// Poses were set that are to be sent at the end of the frame.
    has_unsent_poses: bool,
    /// Where poses are received, kept so that no frame allocates.
    received: Vec<ReceivedPose>,
    /// Poses received since the start, all avatars together.
    poses_received: u64,
    /// Milliseconds from the sender's frame to the frame that has the pose.
    latencies: Box<Recent<LATENCIES>>,
    pub(crate) shared: SharedValues,
    /// Messages of others whose bytes were no plain value.
    malformed_messages: u64,
}

impl Session {
    pub(crate) fn new(net: Peer) -> Self {
        Self {
            net,
            roster: None,
            early_textures: Textures::new(),
            avatars: RemoteAvatars::default(),
            beat: Beat::default(),
            place: None,
            has_unsent_poses: false,
            received: Vec::new(),
            poses_received: 0,
            latencies: Box::new(Recent::new()),
            shared: SharedValues::default(),
            malformed_messages: 0,
        }
    }

    /// Takes over what an event says about the members.
    pub(crate) fn apply(&mut self, event: Event, notices: &mut VecDeque<Notice>) {
        let Some(roster) = &mut self.roster else {
            return;
        };
        match event {
            Event::MemberJoined(view) => roster.member_joined(&view, notices),
            Event::MemberUpdated(view) => roster.member_updated(&view, notices),
            Event::MemberLeft { number, reason } => {
                roster.member_left(number, reason, notices);
                self.avatars.forget_member(number);
            }
            Event::AvatarShown {
                number,
                avatar,
                rig,
            } => self.avatars.show(number, avatar, rig),
            Event::AvatarHidden { number, avatar } => self.avatars.hide(number, avatar),
            Event::HostChanged { host } => roster.host_changed(host, notices),
            Event::PathChanged { number, path } => roster.path_changed(number, path, notices),
            Event::RoundTrip { number, time } => {
                roster.round_trip(number, time.as_secs_f64() * 1000.0);
            }
            Event::Message {
                from, topic, data, ..
            } => self.message(from, &topic, &data, notices),
            Event::StateSynchronized => self.shared.arrived(),
            // The others begin or end the stay in a space, or are turned into pixels on the way here.
            Event::Joined { .. }
            | Event::JoinFailed { .. }
            | Event::Left { .. }
            | Event::Image { .. } => {}
            Event::ImageForgotten { hash } => roster.image_forgotten(hash),
        }
    }

    pub(crate) fn image(&mut self, event: &PeerEvent, notices: &mut VecDeque<Notice>) {
        let PeerEvent::Image {
            hash,
            width,
            height,
            rgba,
        } = event
        else {
            return;
        };
        let Some(texture) = picture::to_texture(*width, *height, rgba) else {
            return;
        };
        match &mut self.roster {
            Some(roster) => roster.image_arrived(*hash, &texture, notices),
            None => {
                self.early_textures.insert(*hash, texture);
            }
        }
    }

    /// Forgets everything about the space.
    pub(crate) fn leave(&mut self) -> Option<Roster> {
        self.avatars.clear();
        self.place = None;
        self.early_textures.clear();
        self.shared = SharedValues::default();
        self.roster.take()
    }

    /// Hands the poses that have come to their playbacks.
    pub(crate) fn take_poses(&mut self) {
        self.received.clear();
        self.net.take_poses(&mut self.received);
        self.poses_received += self.received.len() as u64;
        let now = self.net.now();
        for received in &self.received {
            self.latencies
                .add(now.since(received.captured).as_secs_f32() * 1000.0);
            self.avatars.push(now, received);
        }
    }

    /// Writes the pose of a remote avatar for this frame into `pose`. Tells what of it is to be shown, and the skeleton it
    /// is for; `None` before the first has come.
    pub(crate) fn sample(
        &mut self,
        member: MemberNumber,
        avatar: AvatarId,
        pose: &mut Pose,
    ) -> Option<(Shown, &Arc<Rig>)> {
        let now = self.net.now();
        self.avatars.sample(member, avatar, now, pose)
    }

    /// Begins a frame: decides whether the local avatars are captured in it.
    pub(crate) fn begin_frame(&mut self, interval: Duration) {
        self.beat.advance(self.net.now(), interval);
    }

    /// Whether the local avatars are captured in this frame, and at which time then.
    pub(crate) fn capture_time(&self) -> Option<Time> {
        self.beat.present()
    }

    /// Takes the newest pose of a local avatar. True if it is the first of this frame.
    pub(crate) fn set_pose(&mut self, avatar: AvatarId, captured: Time, pose: &Pose) -> bool {
        if avatar == AvatarId(0) {
            self.place = Some(pose.root.position());
        }
        self.net.set_pose(avatar, captured, pose);
        !std::mem::replace(&mut self.has_unsent_poses, true)
    }

    /// Sends the poses of this frame.
    pub(crate) fn send_poses(&mut self) {
        self.has_unsent_poses = false;
        self.net.send_poses();
    }

    /// Where the local player's body was last.
    pub(crate) fn place(&self) -> Option<Vec3> {
        self.place
    }

    /// Everything counted, by name.
    pub(crate) fn statistics(&self) -> VarDictionary {
        let mut dictionary = VarDictionary::new();
        for (name, count) in self.net.statistics().entries() {
            dictionary.set(name, i64::try_from(count).unwrap_or(i64::MAX));
        }
        dictionary.set(
            "poses_received",
            i64::try_from(self.poses_received).unwrap_or(i64::MAX),
        );
        dictionary.set(
            "malformed_messages",
            i64::try_from(self.malformed_messages).unwrap_or(i64::MAX),
        );
        dictionary.set(
            "malformed_values",
            i64::try_from(self.shared.malformed()).unwrap_or(i64::MAX),
        );
        for (name, level) in [
            ("avatars_near", Level::Near),
            ("avatars_middle", Level::Middle),
            ("avatars_far", Level::Far),
        ] {
            let count = self.avatars.count(level);
            dictionary.set(name, i64::try_from(count).unwrap_or(i64::MAX));
        }
        dictionary.set(
            "pose_latency_ms_p50",
            self.latencies.percentile(0.50).unwrap_or(0.0),
        );
        dictionary.set(
            "pose_latency_ms_p95",
            self.latencies.percentile(0.95).unwrap_or(0.0),
        );
        dictionary
    }

    fn message(
        &mut self,
        from: MemberNumber,
        topic: &str,
        data: &[u8],
        notices: &mut VecDeque<Notice>,
    ) {
        let Some(member) = self.roster.as_ref().and_then(|roster| roster.member(from)) else {
            return;
        };
        match message::decode(data) {
            Ok(data) => notices.push_back(Notice::MessageReceived(
                member,
                StringName::from(topic),
                data,
            )),
            Err(_) => self.malformed_messages += 1,
        }
    }
}
