//! The crowd that is watched: members with many avatars each, all of which move in every bone.

use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, Rig, RootPose};
use metaverse_motion::{Activity, Clip};
use metaverse_net::Peer;
use metaverse_protocol::id::AvatarId;
use metaverse_space::activity::{ActivityProfile, Tier};

use crate::member;

pub const MEMBERS: usize = 4;
pub const AVATARS_EACH: usize = 50;
pub const AVATARS: usize = MEMBERS * AVATARS_EACH;
pub const NEAR: usize = 16;
pub const MIDDLE: usize = 48;
pub const FAR: usize = AVATARS - NEAR - MIDDLE;

/// Whose rates and ranges the game watches by, with other limits.
const WATCHED_BY: ActivityProfile = ActivityProfile::PARTY;
/// Poses are captured 20 times a second.
const BEAT: Duration = Duration::from_millis(50);
/// How long the motions are, which are then begun anew, in seconds.
const CLIP_SECONDS: f64 = 60.0;
/// Everybody walks a circle of this radius in metres, so many times a second.
const STROLL: f32 = 0.3;
const STROLLS: f32 = 0.1;
/// What every bone is turned besides, in radians: in no motion do all of them move.
const TURN: f32 = 0.1;
/// So that no two avatars move in step.
const GOLDEN_ANGLE: f32 = 2.399_963;
/// The avatars stand to both sides of the direction of view, at angles of this many degrees: in view, and not looked at.
const ASIDE: [f32; 2] = [15.0, 50.0];

/// The crowd.
pub struct Crowd {
    members: Vec<Peer>,
    clips: Vec<Clip>,
    since: Instant,
    next: Instant,
    pose: Box<Pose>,
}

/// Bones of those that are seen in full.
pub fn bones_near() -> usize {
    NEAR * Rig::humanoid().bones().len()
}

/// Poses a second that the game asks for.
pub fn poses_per_second() -> f64 {
    let rate = |count: usize, rate: f32| count as f64 * f64::from(rate);
    rate(NEAR, WATCHED_BY.near.rate)
        + rate(MIDDLE, WATCHED_BY.middle.rate)
        + rate(FAR, WATCHED_BY.far_rate)
}

impl Crowd {
    /// All members, in one space.
    pub fn gather() -> Result<Self> {
        let clips: Vec<Clip> = Activity::ALL
            .into_iter()
            .map(|activity| Clip::generate(activity, CLIP_SECONDS))
            .collect();
        let (first, _) = member::create()?;
        let mut members = vec![first];
        let invite = invite(&members[0])?;
        for _ in 1..MEMBERS {
            members.push(member::join(&invite)?.0);
        }
        for (number, member) in members.iter().enumerate() {
            member.watch(None, nobody());
            for avatar in 0..AVATARS_EACH {
                let clip = &clips[place(number, avatar) % clips.len()];
                member.show_avatar(id(avatar), Arc::new(clip.rig().clone()));
            }
        }
        Ok(Self {
            members,
            clips,
            since: Instant::now(),
            next: Instant::now(),
            pose: Box::default(),
        })
    }

    /// An invite to the space.
    pub fn invite(&self) -> Result<String> {
        invite(&self.members[0])
    }

    /// Waits for the next beat, and moves everybody.
    pub fn move_on(&mut self) -> Result<()> {
        sleep(self.next.saturating_duration_since(Instant::now()));
        self.next = (self.next + BEAT).max(Instant::now());
        let seconds = self.since.elapsed().as_secs_f32();
        for (number, member) in self.members.iter().enumerate() {
            while member.next_event().is_some() {}
            let captured = member.now();
            for avatar in 0..AVATARS_EACH {
                let place = place(number, avatar);
                let clip = &self.clips[place % self.clips.len()];
                pose(clip, place, seconds, &mut self.pose)?;
                member.set_pose(id(avatar), captured, &self.pose);
            }
            member.send_poses();
        }
        Ok(())
    }
}

fn invite(member: &Peer) -> Result<String> {
    member
        .create_invite(None, None)
        .context("there is no invite to the space")
}

/// Of those who are watched nobody sees much of the others: that is not what is measured.
fn nobody() -> ActivityProfile {
    ActivityProfile {
        near: Tier::NOBODY,
        middle: Tier::NOBODY,
        far_rate: 0.2,
        budget: 0,
    }
}

fn id(avatar: usize) -> AvatarId {
    AvatarId(avatar as u16)
}

/// Which of all avatars that is, the nearest first: every member has some of each level.
fn place(member: usize, avatar: usize) -> usize {
    avatar * MEMBERS + member
}

/// The pose of the avatar at `place`, all of whose bones move.
fn pose(clip: &Clip, place: usize, seconds: f32, pose: &mut Pose) -> Result<()> {
    let seconds = seconds + GOLDEN_ANGLE * place as f32;
    clip.pose_at(f64::from(seconds) % clip.seconds(), pose)?;
    for (bone, rotation) in pose.rotations[..clip.rig().bones().len()]
        .iter_mut()
        .enumerate()
    {
        let phase = seconds + GOLDEN_ANGLE * bone as f32;
        *rotation = (*rotation * Quat::from_rotation_x(TURN * phase.sin())).normalize();
    }
    let (sin, cos) = (std::f32::consts::TAU * STROLLS * seconds).sin_cos();
    let position = home(place) + STROLL * Vec3::new(sin, 0.0, cos);
    pose.root = RootPose::new(position, pose.root.rotation())?;
    Ok(())
}

/// Where an avatar stands: the game watches from above the origin, in the direction of -z.
fn home(place: usize) -> Vec3 {
    let (from, to, of, count) = match place {
        _ if place < NEAR => (3.0, 6.5, place, NEAR),
        _ if place < NEAR + MIDDLE => (12.0, 22.0, place - NEAR, MIDDLE),
        _ => (70.0, 90.0, place - NEAR - MIDDLE, FAR),
    };
    let share = of as f32 / count as f32;
    let distance = from + (to - from) * share;
    // Neighbours in distance stand apart.
    let aside = ASIDE[0] + (ASIDE[1] - ASIDE[0]) * (of as f32 * 0.618_034).fract();
    let side = if of.is_multiple_of(2) { 1.0 } else { -1.0 };
    Quat::from_rotation_y((side * aside).to_radians()) * (Vec3::NEG_Z * distance)
}
