//! One member that moves by itself.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use glam::Vec3;
use metaverse_avatar::{Pose, Rig};
use metaverse_net::{Options, Peer, PeerEvent, Reach, ReceivedPose, SpaceSettings};
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    name::{Name, Tag},
    profile::Visibility,
};
use metaverse_space::{
    Viewpoint,
    activity::{ActivityProfile, Tier},
    io::{Event, PathKind},
};

use crate::{
    ground::Ground,
    portrait,
    replay::{Loop, Replay},
    report::BotReport,
};

/// How long entering or leaving a space may take.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);
/// Members that the bots' own space takes.
const CAPACITY: u16 = 256;
/// The body of a member.
const BODY: AvatarId = AvatarId(0);
/// Bots look where others are, and not what they do.
const PLACES_ONLY: ActivityProfile = ActivityProfile {
    near: Tier::NOBODY,
    middle: Tier::NOBODY,
    far_rate: 4.0,
    budget: 16_000,
};
/// A clip that all bots replay is begun by each of them at another moment: this part of it later than the bot before.
const STAGGER: f64 = 0.37;

pub struct Bot {
    peer: Peer,
    number: u16,
    count: u16,
    ground: Ground,
    replay: Replay,
    rig: Arc<Rig>,
    moved: Instant,
    pose: Pose,
    received: Vec<ReceivedPose>,
    places: HashMap<MemberNumber, Vec3>,
    members: usize,
    /// When something new came of each other member.
    heard: HashMap<MemberNumber, Instant>,
    /// Members that are reached over others.
    forwarded: HashSet<MemberNumber>,
    report: BotReport,
}

impl Bot {
    /// Starts the bot with this `number`, of so many.
    pub fn start(number: u16, count: u16, motion: Arc<Loop>) -> Result<Self> {
        let name = format!("Bot {}", number + 1);
        let peer = Peer::start(Options {
            secret: None,
            reach: Reach::LocalNetwork,
            name: Name::clean(&name),
        })?;
        peer.set_profile(Name::clean(&name), Some(portrait::draw(number)));
        let rig = Arc::new(motion.rig().clone());
        let part = (f64::from(number) * STAGGER).fract();
        Ok(Self {
            peer,
            number,
            count,
            ground: Ground::of(""),
            replay: Replay::new(motion, part, Vec3::ZERO),
            rig,
            moved: Instant::now(),
            pose: Pose::default(),
            received: Vec::new(),
            places: HashMap::new(),
            members: 0,
            heard: HashMap::new(),
            forwarded: HashSet::new(),
            report: BotReport {
                name,
                ..BotReport::default()
            },
        })
    }

    /// Makes a space, and an invite to it.
    pub fn create_space(&mut self, scene: &str) -> Result<String> {
        self.peer.create_space(SpaceSettings {
            name: Name::clean("Moving company"),
            visibility: Visibility::Private,
            capacity: CAPACITY,
            activity: Tag::clean("party"),
            scene: Tag::clean(scene),
        });
        self.enter()?;
        let invite = self.peer.create_invite(None, None);
        invite.context("there is no invite to the space")
    }

    /// Enters the space that the invite is for, and leaves the one that it is in.
    pub fn join_space(&mut self, invite: &str) -> Result<()> {
        if self.members > 0 {
            self.peer.leave_space();
            self.wait_for("leaving the space", |event| {
                matches!(event, Event::Left { .. })
            })?;
        }
        let begun = Instant::now();
        self.peer.join_space(invite);
        self.enter()?;
        self.report.join_ms = Some(begun.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }

    /// Takes the next pose, and whatever the others have sent.
    pub fn move_on(&mut self) -> Result<()> {
        while let Some(event) = self.peer.next_event() {
            self.hear(event)?;
        }
        if self.members == 0 {
            return Ok(());
        }
        self.report.carried = self.peer.statistics().space.packets_carried;
        self.look();
        let now = Instant::now();
        let seconds = now.duration_since(self.moved).as_secs_f64();
        self.moved = now;
        let before = self.replay.place();
        let draw = self.ground.draw(before, self.places.values().copied());
        self.replay.advance(seconds, draw)?;
        self.replay.show(&mut self.pose)?;
        self.peer.set_pose(BODY, self.peer.now(), &self.pose);
        self.peer.send_poses();
        self.report.metres += self.replay.place().distance(before);
        self.report.poses += 1;
        Ok(())
    }

    /// What it saw so far.
    pub fn report(&self) -> &BotReport {
        &self.report
    }

    fn enter(&mut self) -> Result<()> {
        self.wait_for("entering the space", |event| {
            matches!(event, Event::Joined { .. })
        })?;
        self.peer.show_avatar(BODY, Arc::clone(&self.rig));
        self.moved = Instant::now();
        Ok(())
    }

    fn wait_for(&mut self, what: &str, is_it: impl Fn(&Event) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(event) = self.peer.next_event() else {
                thread::sleep(PAUSE);
                continue;
            };
            let is_found = matches!(&event, PeerEvent::Space(event) if is_it(event));
            self.hear(event)?;
            if is_found {
                return Ok(());
            }
        }
        bail!("{}: {what} takes too long", self.report.name)
    }

    fn hear(&mut self, event: PeerEvent) -> Result<()> {
        let event = match event {
            PeerEvent::Space(event) => event,
            PeerEvent::Failed(message) => bail!("{}: {message}", self.report.name),
            _ => return Ok(()),
        };
        match event {
            Event::Joined {
                description,
                members,
                ..
            } => {
                self.ground = Ground::of(description.scene.as_str());
                let spot = self.ground.spot(self.number, self.count);
                self.replay.go_to(spot);
                self.members = members.len();
                self.places.clear();
            }
            Event::JoinFailed { message, .. } => bail!("{}: {message}", self.report.name),
            Event::Left { .. } => {
                self.members = 0;
                self.places.clear();
            }
            Event::MemberJoined(_) => self.members += 1,
            Event::MemberLeft { number, .. } => {
                self.members -= 1;
                self.report.members_gone += 1;
                self.places.remove(&number);
                self.heard.remove(&number);
                self.forwarded.remove(&number);
            }
            Event::PathChanged { number, path } => {
                if path == PathKind::Forwarded {
                    self.forwarded.insert(number);
                } else {
                    self.forwarded.remove(&number);
                }
                self.report.forwarded = self.report.forwarded.max(self.forwarded.len());
            }
            _ => {}
        }
        let others = self.members.saturating_sub(1);
        self.report.members_seen = self.report.members_seen.max(others);
        Ok(())
    }

    /// Looks where the others are.
    fn look(&mut self) {
        self.peer.take_poses(&mut self.received);
        let now = Instant::now();
        for pose in self.received.iter().filter(|pose| pose.avatar == BODY) {
            self.places.insert(pose.member, pose.pose.root.position());
            if let Some(before) = self.heard.insert(pose.member, now) {
                let gap = now.duration_since(before).as_secs_f64() * 1e3;
                self.report.longest_gap_ms = self.report.longest_gap_ms.max(gap);
            }
        }
        self.report.avatars_seen = self.report.avatars_seen.max(self.places.len());
        let viewpoint = Viewpoint {
            eye: self.replay.place(),
            forward: self.replay.front(),
        };
        self.peer.watch(Some(viewpoint), PLACES_ONLY);
    }
}
