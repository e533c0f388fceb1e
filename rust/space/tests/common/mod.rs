//! A network of machines in virtual time: links with latency and loss, kills, cuts, and people who read events.

#![allow(dead_code)]
#![allow(missing_docs)]

pub mod state;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use glam::{Quat, Vec3};
use metaverse_avatar::{Encoder, Level, Pose, Rig, RootPose};
use metaverse_protocol::{
    control::GameMessage,
    datagram::{Bundle, BundleSequence, Datagram, PoseEntry},
    id::{AvatarId, MemberNumber, PeerId, SpaceId},
    invite::Invite,
    lane::Lane,
    name::{Name, Tag},
    profile::{SpaceDescription, Visibility},
    sign::Identity,
    time::{Tick, Time, UnixSeconds},
};
use metaverse_space::{
    Space,
    io::{
        CloseReason, Command, DialError, Event, Input, Inviter, Local, MemberView, Now, Output,
        PathKind, Start,
    },
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

pub const LATENCY: Duration = Duration::from_millis(10);
/// How long the transport tries to get something across.
pub const TRANSPORT_PATIENCE: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(20);
pub const TODAY: u64 = 1_800_000_000;

/// Whoever takes part, by the order of creation.
pub type Who = usize;

pub struct World {
    pub time: Time,
    pub people: Vec<Person>,
    /// Datagrams lost, in thousandths.
    pub loss: u32,
    /// Pairs that cannot reach each other.
    pub cuts: BTreeSet<(Who, Who)>,
    /// Pairs that have no straight way to each other: others carry for them.
    pub walls: BTreeSet<(Who, Who)>,
    /// Who sends to whom in vain, while the links stay as they were.
    pub dead: BTreeSet<(Who, Who)>,
    /// Frames that cannot arrive at the first from the second, and since when.
    held: BTreeMap<(Who, Who), Vec<Input>>,
    held_since: BTreeMap<(Who, Who), Time>,
    /// What is in the packets that are carried, by the number in front of them.
    packets: BTreeMap<u64, (Who, Packet)>,
    /// Pairs between which everything takes five times as long.
    pub slow: BTreeSet<(Who, Who)>,
    /// How far ahead the clocks of those are who come from now on, in microseconds.
    pub skew: u64,
    queue: BinaryHeap<Reverse<(Time, u64)>>,
    deliveries: BTreeMap<u64, (Who, Delivery)>,
    /// The link that the first has open to the second, as the first sees it.
    links: BTreeMap<(Who, Who), u64>,
    /// Pairs between which a dial is under way.
    dials: BTreeSet<(Who, Who)>,
    next: u64,
    rng: ChaCha8Rng,
}

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
    last_packet: Option<(Time, PeerId)>,
    /// What the person sees of the shared state.
    pub state: state::Seen,
    pub is_state_taken: bool,
    /// Frames of the shared state sent, with their bytes.
    pub state_frames: Vec<(Time, usize)>,
    /// This person's clock minus the world's.
    pub clock: u64,
    wake: Option<Time>,
}

enum Delivery {
    Dial {
        from: Who,
        tries: u32,
    },
    Connected {
        by: Who,
        link: u64,
        is_last: bool,
    },
    DialFailed {
        peer: PeerId,
    },
    Input {
        link: u64,
        from: Who,
        input: Input,
    },
    Wake {
        at: Time,
    },
    /// The transport tries again to get across what did not arrive.
    TryAgain {
        from: Who,
        link: u64,
    },
}

/// What the transports of two without a straight way say to each other.
enum Packet {
    Dial,
    Accept { link: u64 },
    Input { link: u64, input: Input },
}

pub fn secret(seed: u8) -> [u8; 32] {
    [seed; 32]
}

pub fn description(capacity: u16) -> SpaceDescription {
    SpaceDescription {
        id: SpaceId([0; 32]),
        name: Name::clean("Room"),
        visibility: Visibility::Private,
        capacity,
        activity: Tag::clean("discussion"),
        scene: Tag::clean("garden"),
    }
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self {
            time: Time(1_000_000),
            people: Vec::new(),
            loss: 0,
            cuts: BTreeSet::new(),
            walls: BTreeSet::new(),
            dead: BTreeSet::new(),
            held: BTreeMap::new(),
            held_since: BTreeMap::new(),
            packets: BTreeMap::new(),
            slow: BTreeSet::new(),
            skew: 0,
            queue: BinaryHeap::new(),
            deliveries: BTreeMap::new(),
            links: BTreeMap::new(),
            dials: BTreeSet::new(),
            next: 0,
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    pub fn now(&self, who: Who) -> Now {
        Now {
            time: Time(self.time.0 + self.people[who].clock),
            unix: UnixSeconds(TODAY + self.time.0 / 1_000_000),
        }
    }

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

    /// Gone without a word.
    pub fn kill(&mut self, who: Who) {
        self.people[who].space = None;
        self.people[who].is_alive = false;
        self.links.retain(|&(of, _), _| of != who);
    }

    /// What of `who`'s frames was sent within the last `time` arrives nowhere, and its links break.
    pub fn kill_with_frames(&mut self, who: Who) {
        self.deliveries.retain(
            |_, (_, delivery)| !matches!(delivery, Delivery::Input { from, .. } if *from == who),
        );
        self.kill(who);
    }

    /// Breaks the link between two, as a router that forgets does, and tells both.
    pub fn break_link(&mut self, a: Who, b: Who) {
        self.give_up(a, b);
        self.give_up(b, a);
    }

    /// Somebody's transport gives up the link to another, which has yet to notice.
    pub fn give_up(&mut self, who: Who, other: Who) {
        let Some(&link) = self.links.get(&(who, other)) else {
            return;
        };
        let peer = self.peer(other);
        let input = Input::Disconnected {
            peer,
            reason: CloseReason::Failed,
        };
        let delivery = Delivery::Input {
            link,
            from: other,
            input,
        };
        self.deliver(who, Duration::ZERO, delivery);
    }

    /// Whether both have a link to each other.
    pub fn is_linked(&self, a: Who, b: Who) -> bool {
        self.links.contains_key(&(a, b)) && self.links.contains_key(&(b, a))
    }

    pub fn peer(&self, who: Who) -> PeerId {
        self.people[who].identity.peer_id()
    }

    fn who(&self, peer: PeerId) -> Option<Who> {
        self.people
            .iter()
            .position(|person| person.identity.peer_id() == peer)
    }

    /// Hands in what the transport would, from a peer that does as it likes.
    pub fn forge(&mut self, to: Who, from: Who, lane: Lane, bytes: Vec<u8>) {
        let from = self.peer(from);
        self.input(
            to,
            Input::Frame {
                from,
                lane,
                bytes: bytes.into(),
            },
        );
    }

    pub fn input(&mut self, who: Who, input: Input) {
        let now = self.now(who);
        if let Some(space) = self.people[who].space.as_mut() {
            space.handle(now, input);
            self.drain(who);
        }
    }

    fn drain(&mut self, who: Who) {
        while let Some(output) = self.people[who].space.as_mut().and_then(Space::poll_output) {
            self.perform(who, output);
        }
        if self.people[who].ended {
            self.people[who].space = None;
        }
    }

    fn perform(&mut self, who: Who, output: Output) {
        match output {
            Output::Dial { peer, .. } => self.dial(who, peer),
            Output::Frame { to, lane, bytes } => {
                self.people[who].sent_bytes += bytes.len();
                self.people[who].bulk_frames += usize::from(lane == Lane::Bulk);
                if lane == Lane::State {
                    let sent = (self.time, bytes.len());
                    self.people[who].state_frames.push(sent);
                }
                let from = self.peer(who);
                self.send(who, to, Input::Frame { from, lane, bytes });
            }
            Output::Datagram { to, bytes } => {
                self.count_packet(who, to, bytes.len());
                if matches!(Datagram::decode(&bytes), Ok(Datagram::Poses { .. })) {
                    self.people[who].bundles += 1;
                    self.people[who].bundle_bytes += bytes.len();
                }
                let is_lost = self.rng.next_u32() % 1_000 < self.loss;
                if !is_lost {
                    let from = self.peer(who);
                    self.send(who, to, Input::Datagram { from, bytes });
                }
            }
            Output::Close { peer, reason } => {
                let me = self.peer(who);
                self.send(who, peer, Input::Disconnected { peer: me, reason });
                if let Some(other) = self.who(peer) {
                    self.links.remove(&(who, other));
                }
            }
            Output::Packet { from, bytes } => self.take_packet(who, from, &bytes),
            Output::Event(event) => self.people[who].events.push(event),
            Output::Pose {
                member,
                avatar,
                captured,
                level,
                pose,
            } => self.people[who].poses.push(SeenPose {
                member,
                avatar,
                captured,
                level,
                pose,
            }),
            Output::StateTaken => self.people[who].is_state_taken = true,
            Output::State { key, change } => self.people[who].state.take(&key, change),
            Output::Inviter(inviter) => self.people[who].inviter = Some(*inviter),
            Output::WakeAt(at) => {
                let at = Time(at.0.saturating_sub(self.people[who].clock)).max(self.time);
                self.people[who].wake = Some(at);
                self.deliver(who, at.since(self.time), Delivery::Wake { at });
            }
            Output::Ended => self.people[who].ended = true,
        }
    }

    fn count_packet(&mut self, who: Who, to: PeerId, bytes: usize) {
        let packet = Some((self.time, to));
        let person = &mut self.people[who];
        person.sent_bytes += bytes;
        person.packets += usize::from(person.last_packet != packet);
        person.last_packet = packet;
    }

    /// Hands a packet of the transport to the machine, to be carried by others.
    fn pack(&mut self, who: Who, to: Who, packet: Packet) {
        let length = match &packet {
            Packet::Input {
                input: Input::Frame { bytes, .. } | Input::Datagram { bytes, .. },
                ..
            } => bytes.len().min(1_200),
            _ => 1_200,
        };
        let id = self.next;
        self.next += 1;
        self.packets.insert(id, (who, packet));
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.resize(bytes.len() + length, 0);
        let to = self.peer(to);
        self.input(
            who,
            Input::Packet {
                to,
                bytes: bytes.into(),
            },
        );
    }

    fn take_packet(&mut self, who: Who, from: PeerId, bytes: &[u8]) {
        let id = bytes.first_chunk().map(|id| u64::from_le_bytes(*id));
        let Some((sender, packet)) = id.and_then(|id| self.packets.remove(&id)) else {
            return;
        };
        assert_eq!(self.peer(sender), from, "carried from whom it came");
        let link = match packet {
            Packet::Input { link, input } => {
                return self.arrive(
                    who,
                    Delivery::Input {
                        link,
                        from: sender,
                        input,
                    },
                );
            }
            Packet::Accept { link } => {
                self.dials.remove(&pair(who, sender));
                link
            }
            Packet::Dial => self.next,
        };
        self.links.insert((who, sender), link);
        if matches!(packet, Packet::Dial) {
            self.pack(who, sender, Packet::Accept { link });
        }
        self.input(who, Input::Connected { peer: from });
        self.input(
            who,
            Input::Path {
                peer: from,
                kind: PathKind::Forwarded,
            },
        );
    }

    fn dial(&mut self, who: Who, peer: PeerId) {
        match self.who(peer) {
            Some(other)
                if self.walls.contains(&pair(who, other))
                    && self.dials.insert(pair(who, other)) =>
            {
                self.pack(who, other, Packet::Dial);
            }
            Some(other)
                if !self.links.contains_key(&(who, other))
                    && self.dials.insert(pair(who, other)) =>
            {
                self.deliver(
                    other,
                    LATENCY,
                    Delivery::Dial {
                        from: who,
                        tries: 6,
                    },
                );
            }
            _ => {}
        }
    }

    /// A dial arrives, or is tried again like any handshake that is not answered.
    fn dialled(&mut self, who: Who, from: Who, tries: u32) {
        if self.people[who].space.is_some() && !self.cuts.contains(&pair(who, from)) {
            let link = self.next;
            self.deliver(
                who,
                Duration::ZERO,
                Delivery::Connected {
                    by: from,
                    link,
                    is_last: false,
                },
            );
            return self.deliver(
                from,
                LATENCY,
                Delivery::Connected {
                    by: who,
                    link,
                    is_last: true,
                },
            );
        }
        if tries > 0 {
            return self.deliver(
                who,
                Duration::from_millis(500),
                Delivery::Dial {
                    from,
                    tries: tries - 1,
                },
            );
        }
        self.dials.remove(&pair(who, from));
        let peer = self.peer(who);
        self.deliver(from, Duration::ZERO, Delivery::DialFailed { peer });
    }

    fn send(&mut self, from: Who, to: PeerId, input: Input) {
        let Some(to) = self.who(to) else { return };
        if self.dead.contains(&(from, to)) {
            return;
        }
        if let Some(&link) = self.links.get(&(from, to)) {
            if self.walls.contains(&pair(from, to)) {
                return self.pack(from, to, Packet::Input { link, input });
            }
            let slowness = if self.slow.contains(&pair(from, to)) {
                5
            } else {
                1
            };
            self.deliver(
                to,
                slowness * LATENCY,
                Delivery::Input { link, from, input },
            );
        }
    }

    fn deliver(&mut self, to: Who, after: Duration, delivery: Delivery) {
        let id = self.next;
        self.next += 1;
        self.queue.push(Reverse((self.time + after, id)));
        self.deliveries.insert(id, (to, delivery));
    }

    /// Lets the world go on for `duration`.
    pub fn run(&mut self, duration: Duration) {
        let end = self.time + duration;
        while let Some(&Reverse((at, id))) = self.queue.peek() {
            if at > end {
                break;
            }
            self.queue.pop();
            self.time = self.time.max(at);
            // What somebody sent before being killed may not arrive.
            if let Some((to, delivery)) = self.deliveries.remove(&id) {
                self.arrive(to, delivery);
            }
        }
        self.time = end;
    }

    /// Lets the world go on until something holds, and says how long that took.
    pub fn run_until(&mut self, limit: Duration, holds: impl Fn(&Self) -> bool) -> Duration {
        let start = self.time;
        while !holds(self) {
            assert!(
                self.time.since(start) < limit,
                "it does not hold after {limit:?}"
            );
            self.run(Duration::from_millis(5));
        }
        self.time.since(start)
    }

    fn arrive(&mut self, to: Who, delivery: Delivery) {
        match delivery {
            Delivery::Dial { from, tries } => self.dialled(to, from, tries),
            Delivery::Connected { by, link, is_last } => {
                if is_last {
                    self.dials.remove(&pair(to, by));
                }
                if self.people[to].space.is_some() {
                    self.links.insert((to, by), link);
                    let peer = self.peer(by);
                    self.input(to, Input::Connected { peer });
                    self.input(
                        to,
                        Input::Path {
                            peer,
                            kind: PathKind::Direct,
                        },
                    );
                }
            }
            Delivery::DialFailed { peer } => self.input(
                to,
                Input::DialFailed {
                    peer,
                    error: DialError::Unreachable,
                },
            ),
            Delivery::Input { link, from, input } => {
                if self.links.get(&(to, from)) != Some(&link) {
                    return;
                }
                let is_cut = self.cuts.contains(&pair(to, from));
                let is_frame = matches!(input, Input::Frame { .. });
                if is_frame && (is_cut || self.held.contains_key(&(to, from))) {
                    return self.hold(to, from, link, input);
                }
                if is_cut && matches!(input, Input::Datagram { .. }) {
                    return;
                }
                if matches!(input, Input::Disconnected { .. }) {
                    self.links.remove(&(to, from));
                }
                self.input(to, input);
            }
            Delivery::TryAgain { from, link } => self.try_again(to, from, link),
            Delivery::Wake { at } => {
                if self.people[to].wake == Some(at) {
                    self.people[to].wake = None;
                    self.input(to, Input::Wake);
                }
            }
        }
    }

    /// Keeps a frame that cannot arrive, and all after it, until they can.
    fn hold(&mut self, to: Who, from: Who, link: u64, input: Input) {
        let held = self.held.entry((to, from)).or_default();
        held.push(input);
        if held.len() == 1 {
            self.held_since.insert((to, from), self.time);
            self.deliver(to, RETRY, Delivery::TryAgain { from, link });
        }
    }

    fn try_again(&mut self, to: Who, from: Who, link: u64) {
        let is_open = self.links.get(&(to, from)) == Some(&link);
        let since = self.held_since[&(to, from)];
        if is_open && self.cuts.contains(&pair(to, from)) {
            if self.time.since(since) < TRANSPORT_PATIENCE {
                return self.deliver(to, RETRY, Delivery::TryAgain { from, link });
            }
            self.held.remove(&(to, from));
            return self.break_link(to, from);
        }
        for input in self.held.remove(&(to, from)).unwrap_or_default() {
            self.arrive(to, Delivery::Input { link, from, input });
        }
    }

    // ---- what people see ----

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

    /// A space with `count` people who all see one another.
    pub fn meeting(seed: u64, count: usize) -> Self {
        let mut world = Self::new(seed);
        world.create(256);
        let invite = world.invite(0);
        for _ in 1..count {
            world.join(&invite);
        }
        world.run_until(Duration::from_secs(5), Self::agrees);
        world.run(Duration::from_secs(1));
        world
    }
}

fn pair(a: Who, b: Who) -> (Who, Who) {
    (a.min(b), a.max(b))
}
