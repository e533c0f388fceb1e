//! One member: the machine of a space, the transport under it, and the person above it.

use std::{collections::VecDeque, fmt::Write as _, sync::Arc, time::Duration};

use glam::Vec2;
use metaverse_protocol::{
    control::GameMessage,
    id::{AvatarId, PeerId},
    name::Name,
    sign::Identity,
    time::{Time, UnixSeconds},
};
use metaverse_space::{
    Counters, RoutingMap, Space,
    activity::ActivityProfile,
    io::{Command, Input, Local, Now, Output, Start},
};

use crate::{
    agenda::{Agenda, Arrival, Task},
    chance::Chance,
    crowd::{BEATS, Motion, Walker},
    journal::Journal,
    link::Link,
    net::{Burst, Net, Queue, Who},
    scenario::{Home, Lie},
    transport::Packet,
    wire::Place,
};

/// Between two captures.
pub(crate) const BEAT: Duration = Duration::from_millis(1_000 / BEATS);
/// How often the game tells where the player looks from.
const WATCHING: Duration = Duration::from_millis(250);
/// How often everybody says something to all.
const TALKING: Duration = Duration::from_secs(5);
/// What the calendars show when a world begins.
const TODAY: u64 = 1_800_000_000;
/// The most by which clocks differ, in microseconds.
const CLOCKS: f64 = 1e9;

/// One who takes part, from the first dial to the end.
pub struct Member {
    pub(crate) who: Who,
    pub(crate) now: Time,
    space: Option<Space>,
    /// The own clock minus the world's, in microseconds.
    clock: u64,
    wake: Option<Time>,
    is_draining: bool,
    pub(crate) chance: Chance,
    pub(crate) agenda: Agenda,
    pub(crate) journal: Journal,
    digest: blake3::Hasher,
    // The transport's.
    pub(crate) links: Vec<Option<Box<Link>>>,
    pub(crate) dials: u32,
    pub(crate) uplink: Queue,
    pub(crate) downlink: Queue,
    pub(crate) bursts: Vec<Burst>,
    pub(crate) packet: Option<Packet>,
    pub(crate) unsent: VecDeque<(Who, Place)>,
    pub(crate) is_pumping: bool,
    /// What arrives elsewhere: to whom, and when.
    pub(crate) outbox: Vec<(Who, Time, Arrival)>,
    // The person's.
    motion: Arc<Motion>,
    profile: ActivityProfile,
    walker: Walker,
    /// When the first pose is captured.
    pub(crate) first_capture: Time,
    words: u32,
    pub(crate) lie: Option<Lie>,
    pub(crate) lies: u8,
}

/// What a member begins with.
pub(crate) struct Beginning {
    pub(crate) identity: Identity,
    pub(crate) start: Start,
    pub(crate) home: Home,
    pub(crate) motion: Arc<Motion>,
    pub(crate) profile: ActivityProfile,
    pub(crate) walker: Walker,
    pub(crate) lie: Option<Lie>,
}

impl Member {
    pub(crate) fn new(
        net: &Net,
        who: Who,
        now: Time,
        mut chance: Chance,
        begin: Beginning,
    ) -> Self {
        let home = begin.home;
        let mut member = Self {
            who,
            now,
            space: None,
            clock: (chance.share() * CLOCKS) as u64,
            wake: None,
            is_draining: false,
            agenda: Agenda::default(),
            journal: Journal::default(),
            digest: blake3::Hasher::new(),
            links: Vec::new(),
            dials: 0,
            uplink: Queue::new(home.up_mbit, home.buffer_ms),
            downlink: Queue::new(home.down_mbit, home.buffer_ms),
            bursts: Vec::new(),
            packet: None,
            unsent: VecDeque::new(),
            is_pumping: false,
            outbox: Vec::new(),
            motion: begin.motion,
            profile: begin.profile,
            walker: begin.walker,
            first_capture: now + BEAT.mul_f64(chance.share()),
            words: 0,
            lie: begin.lie,
            lies: 0,
            chance,
        };
        let [high, low] = (who as u16).to_be_bytes();
        let local = Local {
            identity: begin.identity,
            name: Name::clean(&format!("Member {who}")),
            image: None,
            addresses: vec![([10, 0, high, low], 1).into()],
        };
        member.space = Some(Space::new(member.clocks(), local, begin.start));
        member.drain(net);
        member.begin(net);
        member
    }

    fn begin(&mut self, net: &Net) {
        let (avatar, rig) = (AvatarId(0), Arc::clone(&self.motion.rig));
        self.input(net, Input::Command(Command::ShowAvatar { avatar, rig }));
        self.agenda.add(self.first_capture, Task::Capture);
        self.agenda.add(self.now, Task::Watch);
        let said = self.now + TALKING.mul_f64(self.chance.share());
        self.agenda.add(said, Task::Say);
        if self.lie.is_some() {
            self.agenda.add(self.now, Task::Lie);
        }
    }

    /// Both clocks of the member.
    fn clocks(&self) -> Now {
        Now {
            time: Time(self.now.0 + self.clock),
            unix: UnixSeconds(TODAY + self.now.0 / 1_000_000),
        }
    }

    // ---- as the world sees it ----

    /// Whether it is a member of the space.
    pub(crate) fn is_inside(&self) -> bool {
        self.space.is_some() && self.journal.entered.is_some()
    }

    /// Whether it is on its way in, or inside.
    pub(crate) fn is_there(&self) -> bool {
        self.space.is_some() && !self.journal.is_refused && !self.journal.is_out
    }

    /// Where its avatar is.
    pub(crate) fn place(&self) -> Vec2 {
        self.walker.place
    }

    /// Gone without a word.
    pub(crate) fn kill(&mut self) {
        self.space = None;
        self.links.clear();
        self.agenda.clear();
    }

    /// Whether it is out, or was not let in, and nobody has noted it.
    pub(crate) fn is_out(&self) -> bool {
        let is_out = self.journal.is_refused || self.journal.is_out;
        self.space.is_some() && is_out && !self.journal.is_noted
    }

    /// Something is on its way to the home.
    pub(crate) fn expect(&mut self, at: Time, arrival: Arrival) {
        if self.space.is_some() {
            self.agenda.add(at, Task::Arrive(arrival));
        }
    }

    pub(crate) fn leave(&mut self, net: &Net, now: Time) {
        self.now = now;
        self.input(net, Input::Command(Command::Leave));
    }

    pub(crate) fn counters(&self) -> Counters {
        self.space
            .as_ref()
            .map_or_else(Counters::default, Space::counters)
    }

    pub(crate) fn routing_map(&self) -> RoutingMap {
        let space = self.space.as_ref();
        space.map_or_else(RoutingMap::default, |space| {
            space.routing_map(self.clocks())
        })
    }

    /// A hash of all that it has done.
    pub(crate) fn digest(&self) -> blake3::Hash {
        self.digest.finalize()
    }

    // ---- in its own time ----

    /// Lives until a moment that no packet which is sent meanwhile arrives before.
    pub(crate) fn run(&mut self, net: &Net, until: Time) {
        while let Some((at, task)) = self.agenda.next(until) {
            self.now = at;
            self.act(net, task);
        }
        self.now = until;
    }

    fn act(&mut self, net: &Net, task: Task) {
        match task {
            Task::Arrive(arrival) => self.arrive(arrival),
            Task::Take(arrival) => self.take(net, arrival, false),
            Task::Acknowledge(to) => self.acknowledge_due(net, to),
            Task::Wake => self.woken(net),
            Task::Capture => self.capture(net),
            Task::Watch => self.watch(net),
            Task::Say => self.say(net),
            Task::Pump => {
                self.is_pumping = false;
                self.pump(net);
            }
            Task::Resend(to, link) => self.resend(net, to, link),
            Task::Tend(with, link) => self.tend(net, with, link),
            Task::Lie => self.tell_lie(net),
        }
    }

    fn woken(&mut self, net: &Net) {
        if self.wake.is_some_and(|wake| wake <= self.now) {
            self.wake = None;
            self.input(net, Input::Wake);
        }
    }

    fn capture(&mut self, net: &Net) {
        self.agenda.add(self.now + BEAT, Task::Capture);
        self.walker.step(&mut self.chance);
        if let Ok(pose) = self.walker.pose(&self.motion) {
            let captured = self.clocks().time;
            let poses = vec![(AvatarId(0), pose)];
            self.input(net, Input::Command(Command::Poses { captured, poses }));
        }
    }

    fn watch(&mut self, net: &Net) {
        self.agenda.add(self.now + WATCHING, Task::Watch);
        let (viewpoint, profile) = (Some(self.walker.viewpoint()), self.profile);
        self.input(net, Input::Command(Command::Watch { viewpoint, profile }));
    }

    fn say(&mut self, net: &Net) {
        self.agenda.add(self.now + TALKING, Task::Say);
        self.words += 1;
        let message = GameMessage {
            topic: "chat".to_owned(),
            private: false,
            data: self.words.to_le_bytes().into(),
        };
        let frame = message.encode().into();
        self.input(net, Input::Command(Command::Send { to: None, frame }));
    }

    /// Hands something to the machine, and does what it wants.
    pub(crate) fn input(&mut self, net: &Net, input: Input) {
        let now = self.clocks();
        let Some(space) = self.space.as_mut() else {
            return;
        };
        space.handle(now, input);
        if !self.is_draining {
            self.drain(net);
        }
    }

    fn drain(&mut self, net: &Net) {
        self.is_draining = true;
        while let Some(output) = self.space.as_mut().and_then(Space::poll_output) {
            self.output(net, output);
        }
        self.is_draining = false;
    }

    fn output(&mut self, net: &Net, output: Output) {
        self.note(&output);
        match output {
            Output::Dial { peer, .. } => {
                if let Some(to) = net.who(peer) {
                    self.dial(net, to);
                }
            }
            Output::Frame { to, lane, bytes } => {
                let bytes = self.bent_frame(lane, bytes);
                if let Some(to) = net.who(to) {
                    self.send_frame(net, to, lane, &bytes);
                }
            }
            Output::Datagram { to, bytes } => {
                if let Some(to) = net.who(to).filter(|_| !self.swallows(&bytes)) {
                    self.send_datagram(net, to, bytes);
                }
            }
            Output::Packet { from, bytes } => {
                if let Some(from) = net.who(from) {
                    self.carried(net, from, &bytes);
                }
            }
            Output::Close { peer, reason } => {
                if let Some(with) = net.who(peer) {
                    self.close(net, with, reason);
                }
            }
            Output::Event(event) => self.journal.take(self.now, net, &event),
            Output::Pose {
                member,
                captured,
                level,
                ..
            } => {
                if let Some(&of) = self.journal.members.get(&member) {
                    let captured = Time(captured.0.saturating_sub(self.clock));
                    self.journal.pose(self.now, of, captured, level);
                }
            }
            Output::Inviter(inviter) => self.journal.inviter = Some(inviter),
            Output::WakeAt(at) => {
                let at = Time(at.0.saturating_sub(self.clock)).max(self.now);
                self.wake = Some(at);
                self.agenda.add(at, Task::Wake);
            }
            Output::State { .. } | Output::StateTaken | Output::Ended => {}
        }
    }

    /// Adds an output to the digest.
    fn note(&mut self, output: &Output) {
        let digest = &mut self.digest;
        digest.update(&self.now.0.to_le_bytes());
        let mut said = |kind: u8, peer: &PeerId, bytes: &[u8]| {
            digest.update(&[kind]).update(&peer.0).update(bytes);
        };
        match output {
            Output::Frame { to, bytes, .. } => said(1, to, bytes),
            Output::Datagram { to, bytes } => said(2, to, bytes),
            Output::Packet { from, bytes } => said(3, from, bytes),
            Output::Dial { peer, .. } => said(4, peer, &[]),
            Output::Close { peer, reason } => said(5, peer, &[*reason as u8]),
            Output::Pose {
                member,
                captured,
                level,
                pose,
                ..
            } => {
                let place = pose.root.position().to_array().map(f32::to_bits);
                let numbers = [
                    u32::from(member.0),
                    u32::from(level.number()),
                    captured.0 as u32,
                ];
                for number in numbers.into_iter().chain(place) {
                    digest.update(&number.to_le_bytes());
                }
            }
            Output::WakeAt(at) => {
                digest.update(&at.0.to_le_bytes());
            }
            other => {
                // Writing to a hash cannot fail.
                let _ = write!(Text(digest), "{other:?}");
            }
        }
    }
}

/// Hashes text as it is written.
struct Text<'a>(&'a mut blake3::Hasher);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
