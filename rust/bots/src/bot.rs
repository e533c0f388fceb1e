//! One member that moves by itself.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use glam::{Quat, Vec3};
use metaverse_avatar::{Pose, RootPose};
use metaverse_motion::Clip;
use metaverse_net::{Options, Peer, PeerEvent, Reach, SpaceSettings};
use metaverse_protocol::{
    id::AvatarId,
    name::{Name, Tag},
    profile::Visibility,
};
use metaverse_space::io::Event;

/// How long entering a space may take.
const ENTERING: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);
/// Members that the bots' own space takes.
const CAPACITY: u16 = 256;
/// The body of a member.
const BODY: AvatarId = AvatarId(0);
/// Metres between bots, which stand in rows.
const SPACING: f32 = 1.6;
const ROW: u16 = 6;
/// How far in front of the middle the first row stands, in metres.
const FRONT: f32 = 3.0;

pub struct Bot {
    peer: Peer,
    clip: Clip,
    place: Vec3,
    since: Instant,
    pose: Pose,
}

impl Bot {
    pub fn start(number: u16, clip: Clip) -> Result<Self> {
        let peer = Peer::start(Options {
            secret: None,
            reach: Reach::LocalNetwork,
            name: Name::clean(&format!("Bot {}", number + 1)),
        })?;
        let (column, row) = (f32::from(number % ROW), f32::from(number / ROW));
        let aside = column - f32::from(ROW - 1) / 2.0;
        Ok(Self {
            peer,
            clip,
            place: Vec3::new(aside, 0.0, -row) * SPACING - Vec3::Z * FRONT,
            since: Instant::now(),
            pose: Pose::default(),
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
        match self.peer.create_invite(None, None) {
            Some(invite) => Ok(invite),
            None => bail!("there is no invite to the space"),
        }
    }

    pub fn join_space(&mut self, invite: &str) -> Result<()> {
        self.peer.join_space(invite);
        self.enter()
    }

    fn enter(&mut self) -> Result<()> {
        let deadline = Instant::now() + ENTERING;
        while Instant::now() < deadline {
            match self.peer.next_event() {
                Some(PeerEvent::Space(Event::Joined { .. })) => {
                    let rig = Arc::new(self.clip.rig().clone());
                    self.peer.show_avatar(BODY, rig);
                    self.since = Instant::now();
                    return Ok(());
                }
                Some(
                    PeerEvent::Space(Event::JoinFailed { message, .. })
                    | PeerEvent::Failed(message),
                ) => bail!(message),
                Some(_) => {}
                None => thread::sleep(PAUSE),
            }
        }
        bail!("entering the space takes too long")
    }

    /// Takes the next pose, and whatever the others have sent.
    pub fn move_on(&mut self) -> Result<()> {
        while self.peer.next_event().is_some() {}
        let seconds = self.since.elapsed().as_secs_f64() % self.clip.seconds().max(f64::EPSILON);
        self.clip.pose_at(seconds, &mut self.pose)?;
        // Recorded people walk away from where they began; these stay in their places.
        let moved = self.pose.root.position() * Vec3::Y;
        let facing = Quat::from_rotation_y(std::f32::consts::PI) * self.pose.root.rotation();
        self.pose.root = RootPose::new(self.place + moved, facing)?;
        self.peer.set_pose(BODY, self.peer.now(), &self.pose);
        self.peer.send_poses();
        Ok(())
    }
}
