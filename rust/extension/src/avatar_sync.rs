//! `MetaverseAvatarSync`.

use godot::{
    classes::{INode, Node, Node3D},
    init::is_editor_hint,
    obj::InstanceId,
    prelude::*,
    register::property::PhantomVar,
};
use metaverse_avatar::RootPose;
use metaverse_protocol::{
    id::{AvatarId, MemberNumber},
    time::Time,
};

use crate::{
    config::{POSE_INTERVAL, STILL_COSINE, STILL_DISTANCE, STILL_INTERVAL, STILL_REPEATS},
    frame_meter::FrameSpan,
    member::MetaverseMember,
    peer::MetaversePeer,
    peer_link::PeerLink,
    pose,
};

/// Keeps an avatar in step with its member: sends it when it is the local player's, plays it when it is another's.
///
/// Put it under the avatar's root, a [Node3D]. A [MetaverseAvatarSpawner] tells it whose avatar it is; without one, set
/// [member member] from a script. The position and the rotation of the [member target] travel 20 times a second while it
/// moves, and once a second while it stands still; its scale stays as it is. On the other side they are shown a little
/// late, by as much as the network is uneven, and smoothed in between.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct MetaverseAvatarSync {
    /// The peer to send with. Empty means the only [MetaversePeer] in the tree.
    #[export]
    #[var(get = get_peer, set = set_peer)]
    peer: PhantomVar<Option<Gd<MetaversePeer>>>,
    /// What is sent or moved. Empty means the parent.
    #[export]
    #[var(get = get_target, set = set_target)]
    target: PhantomVar<Option<Gd<Node3D>>>,
    /// Which of the member's avatars this is: 0 is its body, others are what it owns besides, such as a vehicle. At most 63.
    #[export(range = (0.0, 63.0))]
    avatar_id: u16,
    /// Whose avatar this is. The local member's avatar is sent, and so is one without a member; others are played.
    #[var(set = set_member)]
    member: Option<Gd<MetaverseMember>>,

    peer_link: PeerLink,
    target_id: Option<InstanceId>,
    sender: Sender,
    /// The pose that was last played.
    played: Option<RootPose>,
    warned: bool,
    base: Base<Node>,
}

/// When to send the next pose.
#[derive(Default)]
struct Sender {
    due: Option<Time>,
    last: Option<(Time, RootPose)>,
    repeats: u8,
}

/// What a sync needs to do its work in a frame.
struct Work {
    peer: Gd<MetaversePeer>,
    target: Gd<Node3D>,
    avatar: AvatarId,
    /// Whose avatar it is; `None` is the local player.
    member: Option<MemberNumber>,
}

#[godot_api]
impl MetaverseAvatarSync {
    /// Emitted when another member's avatar has been put where it belongs for the first time.
    #[signal]
    fn first_pose_received();

    /// Whether the avatar is where it belongs: always for the local player's, from the first pose on for others.
    #[func]
    fn has_pose(&self) -> bool {
        self.played.is_some()
            || self
                .member
                .as_ref()
                .is_none_or(|member| member.bind().is_local())
    }

    #[func]
    fn get_peer(&self) -> Option<Gd<MetaversePeer>> {
        self.peer_link.given()
    }

    #[func]
    pub(crate) fn set_peer(&mut self, peer: Option<Gd<MetaversePeer>>) {
        self.peer_link.give(peer.as_ref());
        self.base_mut().update_configuration_warnings();
    }

    #[func]
    fn get_target(&self) -> Option<Gd<Node3D>> {
        Gd::try_from_instance_id(self.target_id?).ok()
    }

    #[func]
    fn set_target(&mut self, target: Option<Gd<Node3D>>) {
        self.target_id = target.as_ref().map(Gd::instance_id);
        self.base_mut().update_configuration_warnings();
    }

    #[func]
    pub(crate) fn set_member(&mut self, member: Option<Gd<MetaverseMember>>) {
        self.member = member;
        self.played = None;
        self.sender = Sender::default();
    }
}

#[godot_api]
impl INode for MetaverseAvatarSync {
    #[func(gd_self)]
    fn process(mut this: Gd<Self>, _delta: f64) {
        if is_editor_hint() {
            return;
        }
        let is_first = {
            let _span = FrameSpan::begin();
            advance(&mut this)
        };
        if is_first {
            this.signals().first_pose_received().emit();
        }
    }

    fn exit_tree(&mut self) {
        // What was sent as this avatar is not shown to those who come later.
        let Some(peer) = self.sender.last.take().and_then(|_| self.resolve_peer()) else {
            return;
        };
        self.sender = Sender::default();
        peer.bind().forget_pose(AvatarId(self.avatar_id));
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        if self.find_target().is_none() {
            warnings.push("The target must be a Node3D: put this node under the avatar's root, or set \"target\".");
        }
        if let Some(warning) = self.peer_link.warning(&self.to_gd().upcast()) {
            warnings.push(warning);
        }
        warnings
    }
}

impl MetaverseAvatarSync {
    /// Whether the game has named a peer for this avatar.
    pub(crate) fn has_own_peer(&self) -> bool {
        self.peer_link.given().is_some()
    }

    fn resolve_peer(&mut self) -> Option<Gd<MetaversePeer>> {
        let node = self.to_gd().upcast();
        self.peer_link.resolve(&node)
    }

    fn find_target(&self) -> Option<Gd<Node3D>> {
        if self.target_id.is_some() {
            return self.get_target();
        }
        self.base().get_parent()?.try_cast().ok()
    }

    fn work(&mut self) -> Option<Work> {
        Some(Work {
            peer: self.resolve_peer()?,
            target: self
                .find_target()
                .filter(|target| target.is_inside_tree())?,
            avatar: AvatarId(self.avatar_id),
            member: self.member.as_ref().map(|member| member.bind().number()),
        })
    }

    fn send(&mut self, mut peer: Gd<MetaversePeer>, target: &Gd<Node3D>) {
        let Some(now) = peer.bind().now().filter(|now| self.sender.is_due(*now)) else {
            return;
        };
        match pose::from_transform(&target.get_global_transform()) {
            Ok(pose) if self.sender.wants(now, &pose) => {
                peer.bind_mut()
                    .send_pose(AvatarId(self.avatar_id), now, &pose);
            }
            Ok(_) => {}
            Err(error) => self.warn_once(&format!("the avatar cannot be sent: {error}")),
        }
    }

    fn warn_once(&mut self, warning: &str) {
        if !self.warned {
            self.warned = true;
            godot_warn!("{}: {warning}.", self.base().get_name());
        }
    }
}

/// Sends or plays the avatar for this frame. Whether it was put in its place for the first time.
fn advance(this: &mut Gd<MetaverseAvatarSync>) -> bool {
    let Some(Work {
        mut peer,
        mut target,
        avatar,
        member,
    }) = this.bind_mut().work()
    else {
        return false;
    };
    let Some(local) = peer.bind().local_number() else {
        return false;
    };
    let Some(remote) = member.filter(|number| *number != local) else {
        this.bind_mut().send(peer, &target);
        return false;
    };
    let Some(pose) = peer.bind_mut().sample_pose(remote, avatar) else {
        return false;
    };
    let before = this.bind_mut().played.replace(pose);
    if before == Some(pose) {
        return false;
    }
    // Nothing is borrowed here: the target may tell the game's code that it was moved.
    let scale = target.get_global_transform().basis.get_scale();
    target.set_global_transform(pose::to_transform(&pose, scale));
    before.is_none()
}

impl Sender {
    /// Whether the next beat has come; the beats keep their phase, whatever the frames do.
    fn is_due(&mut self, now: Time) -> bool {
        let due = self.due.unwrap_or(now);
        if now < due {
            return false;
        }
        let next = due + POSE_INTERVAL;
        self.due = Some(if next < now {
            now + POSE_INTERVAL
        } else {
            next
        });
        true
    }

    /// Whether the pose of this beat is to be sent: it has changed, has only just stopped, or was not sent for long.
    fn wants(&mut self, now: Time, pose: &RootPose) -> bool {
        let is_still = self.last.is_some_and(|(_, last)| is_near(&last, pose));
        let is_fresh = self
            .last
            .is_some_and(|(sent, _)| now.since(sent) < STILL_INTERVAL);
        self.repeats = if is_still {
            self.repeats.saturating_add(1)
        } else {
            0
        };
        if is_still && is_fresh && self.repeats > STILL_REPEATS {
            return false;
        }
        self.last = Some((now, *pose));
        true
    }
}

fn is_near(a: &RootPose, b: &RootPose) -> bool {
    a.position().distance(b.position()) < STILL_DISTANCE
        && a.rotation().dot(b.rotation()).abs() > STILL_COSINE
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use glam::{Quat, Vec3};

    use super::*;

    fn at(x: f32) -> RootPose {
        RootPose::new(Vec3::X * x, Quat::IDENTITY).expect("a pose")
    }

    fn sent(frames_per_second: u64, seconds: u64, pose: impl Fn(u64) -> RootPose) -> Vec<u64> {
        let mut sender = Sender::default();
        let mut sent = Vec::new();
        for frame in 0..seconds * frames_per_second {
            let milliseconds = frame * 1000 / frames_per_second;
            let now = Time(1_000_000_000) + Duration::from_millis(milliseconds);
            if sender.is_due(now) && sender.wants(now, &pose(milliseconds)) {
                sent.push(milliseconds);
            }
        }
        sent
    }

    #[test]
    fn a_moving_avatar_is_sent_20_times_a_second_at_any_frame_rate() {
        for frames_per_second in [30, 60, 144] {
            let sent = sent(
                frames_per_second,
                10,
                |milliseconds| at(milliseconds as f32),
            );
            assert!(
                (199..=201).contains(&sent.len()),
                "{} at {frames_per_second} frames a second",
                sent.len()
            );
        }
    }

    #[test]
    fn who_stands_still_is_repeated_and_then_sent_once_a_second() {
        let sent = sent(60, 10, |milliseconds| at(milliseconds.min(2_000) as f32));
        let moving = sent
            .iter()
            .filter(|milliseconds| **milliseconds <= 2_000)
            .count();
        let stopping = sent
            .iter()
            .filter(|milliseconds| (2_001..=2_250).contains(*milliseconds))
            .count();
        let still = sent
            .iter()
            .filter(|milliseconds| **milliseconds > 2_250)
            .count();
        assert!((40..=41).contains(&moving), "{moving}");
        assert!((3..=4).contains(&stopping), "{stopping}");
        assert!((6..=8).contains(&still), "{still}");
    }
}
