//! The people: how they come in, what they do, and what they see.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use glam::{Quat, Vec3};
use metaverse_avatar::{Encoder, Level, Pose, Rig, RootPose};
use metaverse_protocol::{
    control::GameMessage,
    datagram::{Bundle, BundleSequence, PoseEntry},
    id::{AvatarId, MemberNumber, PeerId},
    invite::Invite,
    name::Name,
    sign::Identity,
    time::{Tick, Time, UnixSeconds},
};
use metaverse_space::{
    Space,
    io::{Command, Event, Input, Inviter, Local, MemberView, Start},
};

use super::{Who, World, description, secret, state};

/// A pose that somebody was shown.
pub struct SeenPose {
    pub member: MemberNumber,
    pub avatar: AvatarId,
    pub captured: Time,
    pub level: Level,
    pub pose: Box<Pose>,
}

/// The rest pose, `x` metres from the origin.
pub fn standing(x: f32) -> Pose {
    Pose::rest(RootPose::new(Vec3::X * x, Quat::IDENTITY).expect("a place"))
}

/// A bundle with the place of an avatar without a skeleton, as an honest member sends it first.
pub fn place_bundle(sequence: u8, captured: u16, avatar: u16) -> Bytes {
    let mut encoder = Encoder::new(Rig::default());
    encoder
        .push(Tick(captured), &standing(1.0))
        .expect("a pose");
    let mut payload = Vec::new();
    encoder.encode(Level::Far, &[], &mut payload);
    let mut bundle = Bundle::new(BundleSequence::new(sequence), Tick(captured));
    assert!(bundle.push(PoseEntry {
        avatar: AvatarId(avatar),
        level: Level::Far.number(),
        payload: &payload,
    }));
    bundle.finish().expect("a pose").into()
}

pub struct Person {
    pub identity: Identity,
    pub space: Option<Space>,
    pub events: Vec<Event>,
    pub poses: Vec<SeenPose>,
    pub inviter: Option<Inviter>,
    pub ended: bool,
    pub is_alive: bool,
    /// Bulk requests sent, to count fetches.
    pub bulk_frames: usize,
    /// Bundles of poses sent, and their bytes.
    pub bundles: usize,
    pub bundle_bytes: usize,
    /// Bytes of all datagrams and frames sent.
    pub sent_bytes: usize,
    /// Packets that all datagrams sent took: what is sent to the same peer at the same moment shares one.
    pub packets: usize,
    /// When and to whom a datagram was sent last.
    pub(super) last_packet: Option<(Time, PeerId)>,
    /// What the person sees of the shared state.
    pub state: state::Seen,
    pub is_state_taken: bool,
    /// Frames of the shared state sent, with their bytes.
    pub state_frames: Vec<(Time, usize)>,
    /// This person's clock minus the world's.
    pub clock: u64,
    pub(super) wake: Option<Time>,
}

impl World {
    fn person(&mut self, start: impl FnOnce(&mut Person) -> (Start, Option<Bytes>)) -> Who {
        let who = self.people.len();
        let mut person = Person {
            identity: Identity::from_secret(&secret(100 + who as u8)),
            space: None,
            events: Vec::new(),
            poses: Vec::new(),
            inviter: None,
            ended: false,
            is_alive: true,
            bulk_frames: 0,
            bundles: 0,
            bundle_bytes: 0,
            sent_bytes: 0,
            packets: 0,
            last_packet: None,
            state: state::Seen::default(),
            is_state_taken: false,
            state_frames: Vec::new(),
            clock: self.skew + who as u64 * 7_777_777,
            wake: None,
        };
        let (start, image) = start(&mut person);
        self.people.push(person);
        self.begin(who, start, image);
        who
    }

    fn begin(&mut self, who: Who, start: Start, image: Option<Bytes>) {
        let local = Local {
            identity: self.people[who].identity.clone(),
            name: Name::clean(&format!("Person {who}")),
            image,
            addresses: vec![std::net::SocketAddr::from(([10, 0, 0, who as u8], 1))],
        };
        self.people[who].space = Some(Space::new(self.now(who), local, start));
        self.people[who].ended = false;
        self.people[who].state = state::Seen::default();
        self.drain(who);
    }

    pub fn create(&mut self, capacity: u16) -> Who {
        self.create_with_image(capacity, None)
    }

    pub fn create_with_image(&mut self, capacity: u16, image: Option<Bytes>) -> Who {
        let description = description(capacity);
        self.person(|_| {
            (
                Start::Create {
                    secret: secret(1),
                    description,
                },
                image,
            )
        })
    }

    pub fn join(&mut self, invite: &Invite) -> Who {
        self.join_with_image(invite, None)
    }

    pub fn join_with_image(&mut self, invite: &Invite, image: Option<Bytes>) -> Who {
        self.person(|_| (Start::Join(Box::new(invite.clone())), image))
    }

    /// The same person, with the same identity, comes again.
    pub fn join_again(&mut self, who: Who, invite: &Invite) {
        self.people[who].is_alive = true;
        self.people[who].events.clear();
        self.begin(who, Start::Join(Box::new(invite.clone())), None);
    }

    pub fn invite(&self, who: Who) -> Invite {
        self.invite_with(who, 1, None, None)
    }

    pub fn invite_with(
        &self,
        who: Who,
        serial: u64,
        uses: Option<u32>,
        expires: Option<UnixSeconds>,
    ) -> Invite {
        self.people[who]
            .inviter
            .as_ref()
            .expect("inside a space")
            .issue(serial, uses, expires)
    }

    pub fn command(&mut self, who: Who, command: Command) {
        self.input(who, Input::Command(command));
    }

    pub fn say(&mut self, who: Who, to: Option<MemberNumber>, text: &str) {
        let message = GameMessage {
            topic: "chat".to_owned(),
            private: to.is_some(),
            data: text.into(),
        };
        self.command(
            who,
            Command::Send {
                to,
                frame: message.encode().into(),
            },
        );
    }

    /// Shows somebody's body with this skeleton.
    pub fn show(&mut self, who: Who, rig: &Rig) {
        let (avatar, rig) = (AvatarId(0), Arc::new(rig.clone()));
        self.command(who, Command::ShowAvatar { avatar, rig });
    }

    /// Somebody's body takes a pose.
    pub fn pose(&mut self, who: Who, pose: Pose) {
        let captured = self.now(who).time;
        let poses = vec![(AvatarId(0), pose)];
        self.command(who, Command::Poses { captured, poses });
    }

    /// The newest pose that `who` has of the body of `of`.
    pub fn seen(&self, who: Who, of: Who) -> Option<&SeenPose> {
        let number = self.number(of);
        let mut poses = self.people[who].poses.iter().rev();
        poses.find(|pose| pose.member == number && pose.avatar == AvatarId(0))
    }

    /// The members on a person's list by number, oneself included.
    pub fn list(&self, who: Who) -> BTreeMap<MemberNumber, MemberView> {
        let mut list = BTreeMap::new();
        for event in &self.people[who].events {
            match event {
                Event::Joined { members, .. } => {
                    list = members
                        .iter()
                        .map(|view| (view.number, view.clone()))
                        .collect();
                }
                Event::MemberJoined(view) | Event::MemberUpdated(view) => {
                    list.insert(view.number, view.clone());
                }
                Event::MemberLeft { number, .. } => {
                    list.remove(number).expect("only who is there leaves");
                }
                _ => {}
            }
        }
        list
    }

    pub fn host(&self, who: Who) -> Option<MemberNumber> {
        let told = |event: &Event| match event {
            Event::Joined { host, .. } | Event::HostChanged { host } => Some(*host),
            _ => None,
        };
        self.people[who].events.iter().rev().find_map(told)
    }

    pub fn number(&self, who: Who) -> MemberNumber {
        let told = |event: &Event| match event {
            Event::Joined { local, .. } => Some(*local),
            _ => None,
        };
        self.people[who]
            .events
            .iter()
            .rev()
            .find_map(told)
            .expect("is in the space")
    }

    pub fn is_inside(&self, who: Who) -> bool {
        self.people[who].space.is_some()
            && self.people[who]
                .events
                .iter()
                .any(|e| matches!(e, Event::Joined { .. }))
    }

    pub fn heard(&self, who: Who) -> Vec<(MemberNumber, String)> {
        let text = |event: &Event| match event {
            Event::Message { from, data, .. } => {
                Some((*from, String::from_utf8(data.to_vec()).expect("text")))
            }
            _ => None,
        };
        self.people[who].events.iter().filter_map(text).collect()
    }

    /// Whether everyone alive lists exactly everyone alive, under one host.
    pub fn agrees(&self) -> bool {
        let alive: Vec<Who> = (0..self.people.len())
            .filter(|&who| self.people[who].is_alive)
            .collect();
        let everyone: BTreeSet<PeerId> = alive.iter().map(|&who| self.peer(who)).collect();
        let host = self.host(alive[0]);
        alive.iter().all(|&who| {
            let listed: BTreeSet<PeerId> = self.list(who).values().map(|view| view.peer).collect();
            self.is_inside(who) && listed == everyone && self.host(who) == host
        })
    }
}
