//! What the ready-made activity profiles save against the plain one, by which everybody sees everybody in full 20 times a
//! second. For each activity a crowd of 32 that moves as that activity has it, once by its profile and once by the plain one.
//!
//! The spaces, the codecs and the interest are the real ones; the network is that of the tests of `space`, in virtual time with
//! 10 ms from one to another and without losses. So the figures are exact and the same on every machine. A full mesh of 32
//! that all send 20 times a second is 20,000 packets a second: on one machine real packets would measure its processor.

mod crowd;
#[path = "../../space/tests/common/mod.rs"]
mod world;

use std::time::Duration;

use anyhow::Result;
use metaverse_avatar::{Level, Pose};
use metaverse_protocol::time::Time;
use metaverse_space::{
    activity::{ActivityProfile, PRESETS},
    io::Command,
};
use serde::Serialize;

use self::{
    crowd::{Crowd, MEMBERS},
    world::World,
};

/// Who watches begins by seeing everybody; then links, clocks and levels settle.
const SETTLING: Duration = Duration::from_secs(5);
const MEASURED: Duration = Duration::from_secs(30);
/// The resolution of the moments at which members capture, each at its own.
const STEP: Duration = Duration::from_millis(5);
/// How often a game tells where the player looks from.
const WATCHING: Duration = Duration::from_millis(250);
/// What a packet has besides its datagrams: 20 bytes of IPv4, 8 of UDP, 28 of QUIC (flags, connection, number, seal, and the
/// datagram's own two).
/// QUIC's acknowledgements come on top.
const HEADER_BYTES: f64 = 56.0;

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    members: usize,
    activities: Vec<Saving>,
}

#[derive(Debug, Serialize)]
struct Saving {
    activity: &'static str,
    /// By its own profile.
    own: Traffic,
    /// The same crowd by the plain one.
    plain: Traffic,
    /// What the own profile takes of the plain one's bytes.
    share_of_plain: f64,
}

/// What one member receives, the mean over all.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "keys of JSON tell their units")]
struct Traffic {
    /// With the headers of IP, UDP and QUIC.
    down_bytes_per_second: f64,
    /// Without: what the spaces say.
    payload_bytes_per_second: f64,
    packets_per_second: f64,
    /// Poses that are shown, by level of detail.
    near_poses_per_second: f64,
    middle_poses_per_second: f64,
    far_poses_per_second: f64,
}

/// Plays every activity.
///
/// # Errors
/// When somebody is farther away than a pose may be.
pub fn run() -> Result<Figures> {
    let activities = PRESETS
        .into_iter()
        .filter_map(|name| Some((name, ActivityProfile::preset(name)?)))
        .map(|(name, profile)| measure(name, &profile))
        .collect::<Result<_>>()?;
    Ok(Figures {
        members: MEMBERS,
        activities,
    })
}

fn measure(name: &'static str, profile: &ActivityProfile) -> Result<Saving> {
    let crowd = Crowd::of(name);
    let own = play(&crowd, profile)?;
    let plain = play(&crowd, &ActivityProfile::PLAIN)?;
    let share_of_plain = own.down_bytes_per_second / plain.down_bytes_per_second;
    eprintln!(
        "{name}: {:.1} kB/s, plain {:.1} kB/s",
        own.down_bytes_per_second / 1000.0,
        plain.down_bytes_per_second / 1000.0
    );
    Ok(Saving {
        activity: name,
        own,
        plain,
        share_of_plain,
    })
}

/// What the crowd has received so far, all together.
#[derive(Clone, Copy, Default)]
struct Received {
    bytes: usize,
    packets: usize,
    poses: [usize; Level::ALL.len()],
}

/// A crowd in a space.
struct Meeting<'a> {
    world: World,
    crowd: &'a Crowd,
    profile: &'a ActivityProfile,
    start: Time,
    /// When each member captures next.
    captures: Vec<Time>,
    watching: Time,
    poses: [usize; Level::ALL.len()],
}

fn play(crowd: &Crowd, profile: &ActivityProfile) -> Result<Traffic> {
    let mut meeting = Meeting::new(crowd, profile);
    meeting.run(SETTLING)?;
    let before = meeting.received();
    meeting.run(MEASURED)?;
    let after = meeting.received();
    let each = |before: usize, after: usize| {
        (after - before) as f64 / MEASURED.as_secs_f64() / MEMBERS as f64
    };
    let poses = |level: Level| each(before.poses[level as usize], after.poses[level as usize]);
    let payload_bytes_per_second = each(before.bytes, after.bytes);
    let packets_per_second = each(before.packets, after.packets);
    Ok(Traffic {
        down_bytes_per_second: payload_bytes_per_second + packets_per_second * HEADER_BYTES,
        payload_bytes_per_second,
        packets_per_second,
        near_poses_per_second: poses(Level::Near),
        middle_poses_per_second: poses(Level::Middle),
        far_poses_per_second: poses(Level::Far),
    })
}

impl<'a> Meeting<'a> {
    fn new(crowd: &'a Crowd, profile: &'a ActivityProfile) -> Self {
        let mut world = World::meeting(1, MEMBERS);
        for who in 0..MEMBERS {
            world.show(who, crowd.rig(who));
            for speaker in crowd.heard_by(who) {
                let number = world.number(speaker);
                let is_speaking = true;
                world.command(
                    who,
                    Command::Speaking {
                        number,
                        is_speaking,
                    },
                );
            }
        }
        let start = world.time;
        let interval = profile.capture_interval();
        let captures = (0..MEMBERS as u32)
            .map(|who| start + interval * who / MEMBERS as u32)
            .collect();
        Self {
            world,
            crowd,
            profile,
            start,
            captures,
            watching: start,
            poses: [0; Level::ALL.len()],
        }
    }

    fn run(&mut self, time: Duration) -> Result<()> {
        let end = self.world.time + time;
        while self.world.time < end {
            self.watch();
            self.capture()?;
            self.world.run(STEP);
            self.look();
        }
        Ok(())
    }

    /// Everybody tells where they look from.
    fn watch(&mut self) {
        if self.world.time < self.watching {
            return;
        }
        self.watching = self.watching + WATCHING;
        let seconds = self.seconds();
        for who in 0..MEMBERS {
            let viewpoint = Some(self.crowd.viewpoint(who, seconds));
            let profile = *self.profile;
            self.world
                .command(who, Command::Watch { viewpoint, profile });
        }
    }

    /// Whoever's turn it is captures a pose.
    fn capture(&mut self) -> Result<()> {
        let seconds = self.seconds();
        for who in 0..MEMBERS {
            if self.world.time < self.captures[who] {
                continue;
            }
            self.captures[who] = self.captures[who] + self.profile.capture_interval();
            let mut pose = Pose::default();
            self.crowd.pose(who, seconds, &mut pose)?;
            self.world.pose(who, pose);
        }
        Ok(())
    }

    /// Counts what was shown.
    fn look(&mut self) {
        for person in &mut self.world.people {
            for seen in person.poses.drain(..) {
                self.poses[seen.level as usize] += 1;
            }
        }
    }

    fn seconds(&self) -> f64 {
        self.world.time.since(self.start).as_secs_f64()
    }

    fn received(&self) -> Received {
        let people = &self.world.people;
        Received {
            bytes: people.iter().map(|person| person.sent_bytes).sum(),
            packets: people.iter().map(|person| person.packets).sum(),
            poses: self.poses,
        }
    }
}
