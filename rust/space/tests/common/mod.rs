//! A network of machines in virtual time: links with latency and loss, kills, cuts, and people who read events.

// Each test uses some of it.
#![allow(dead_code, unused_imports)]
#![allow(missing_docs)]

mod network;
mod people;
pub mod state;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    time::Duration,
};

use metaverse_protocol::{
    datagram::Datagram,
    id::{PeerId, SpaceId},
    lane::Lane,
    name::{Name, Tag},
    profile::{SpaceDescription, Visibility},
    time::{Time, UnixSeconds},
};
use metaverse_space::{
    Space,
    io::{Input, Now, Output},
};
use network::{Delivery, Packet};
pub use people::{Person, SeenPose, place_bundle, standing};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

pub const LATENCY: Duration = Duration::from_millis(10);
/// How long the transport tries to get something across.
pub const TRANSPORT_PATIENCE: Duration = Duration::from_secs(5);
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
    /// Frames that cannot arrive at the first from the second on this link, and since when.
    held: BTreeMap<(Who, Who, u64), (Time, Vec<Input>)>,
    /// What is in the packets that are carried, by the number in front of them.
    packets: BTreeMap<u64, (Who, Packet)>,
    /// Pairs between which everything takes longer, and how many times as long.
    pub slow: BTreeSet<(Who, Who)>,
    pub slowness: u32,
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
            packets: BTreeMap::new(),
            slow: BTreeSet::new(),
            slowness: 5,
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

    pub fn peer(&self, who: Who) -> PeerId {
        self.people[who].identity.peer_id()
    }

    pub(super) fn who(&self, peer: PeerId) -> Option<Who> {
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

    /// A space with `count` people who all see one another.
    pub fn meeting(seed: u64, count: usize) -> Self {
        let mut world = Self::new(seed);
        world.fill(count);
        world
    }

    /// `count` people meet in a space.
    pub fn fill(&mut self, count: usize) {
        self.create(256);
        let invite = self.invite(0);
        for _ in 1..count {
            self.join(&invite);
        }
        self.run_until(Duration::from_secs(5), Self::agrees);
        self.run(Duration::from_secs(1));
    }
}
