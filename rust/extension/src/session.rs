//! A peer that is started: the network below, and what has come from it.

use std::collections::{HashMap, VecDeque};

use godot::prelude::*;
use metaverse_avatar::{Playback, ROOT_POSE_BYTES, RootPose};
use metaverse_net::{Peer, PeerEvent, ReceivedPose};
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    time::Time,
};
use metaverse_space::io::Event;

use crate::{
    config::LATENCIES,
    message,
    notice::Notice,
    picture,
    recent::Recent,
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
    playbacks: HashMap<(MemberNumber, AvatarId), Playback>,
    /// Where poses are received and written, kept so that no frame allocates.
    received: Vec<ReceivedPose>,
    payload: Vec<u8>,
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
            playbacks: HashMap::new(),
            received: Vec::new(),
            payload: Vec::with_capacity(ROOT_POSE_BYTES),
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
                self.playbacks.retain(|(member, _), _| *member != number);
            }
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
        self.playbacks.clear();
        self.early_textures.clear();
        self.shared = SharedValues::default();
        self.roster.take()
    }

    /// Hands the poses that have come to their playbacks.
    pub(crate) fn take_poses(&mut self) {
        self.received.clear();
        self.net.take_poses(&mut self.received);
        let now = self.net.now();
        for received in &self.received {
            self.latencies
                .add(now.since(received.captured).as_secs_f32() * 1000.0);
            let playback = self
                .playbacks
                .entry((received.member, received.avatar))
                .or_default();
            playback.push(now, received.captured, received.pose);
        }
    }

    /// The pose of a remote avatar for this frame; `None` before the first has come.
    pub(crate) fn sample(&mut self, member: MemberNumber, avatar: AvatarId) -> Option<RootPose> {
        let now = self.net.now();
        self.playbacks.get_mut(&(member, avatar))?.sample(now)
    }

    pub(crate) fn send_pose(&mut self, avatar: AvatarId, captured: Time, pose: &RootPose) {
        self.payload.clear();
        pose.encode_into(&mut self.payload);
        self.net.send_pose(avatar, captured, &self.payload);
    }

    /// Everything counted, by name.
    pub(crate) fn statistics(&self) -> VarDictionary {
        let mut dictionary = VarDictionary::new();
        for (name, count) in self.net.statistics().entries() {
            dictionary.set(name, i64::try_from(count).unwrap_or(i64::MAX));
        }
        dictionary.set(
            "malformed_messages",
            i64::try_from(self.malformed_messages).unwrap_or(i64::MAX),
        );
        dictionary.set(
            "malformed_values",
            i64::try_from(self.shared.malformed()).unwrap_or(i64::MAX),
        );
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
