//! `MetaverseAvatarSync`.

use std::sync::Arc;

use godot::{
    classes::{BoneMap, INode, Node, Node3D, Skeleton3D},
    init::is_editor_hint,
    obj::InstanceId,
    prelude::*,
    register::property::PhantomVar,
};
use metaverse_avatar::{Pose, Rig, RootPose, Shown};
use metaverse_protocol::id::{AvatarId, MemberNumber};

use crate::{
    body::Body, frame_meter::FrameSpan, member::MetaverseMember, peer::MetaversePeer,
    peer_link::PeerLink, pose,
};

/// Keeps an avatar in step with its member: sends it when it is the local player's, plays it when it is another's.
///
/// Put it under the avatar's root, a [Node3D]. A [MetaverseAvatarSpawner] tells it whose avatar it is; without one, set
/// [member member] from a script. The place and the rotation of the [member target] travel, and how the bones of the
/// [member skeleton] are turned, if there is one; scales stay as they are. Only what has changed travels, as often and in as
/// much detail as the [MetaverseActivityProfile] of whoever watches asks for, and nothing at all while the avatar stands
/// still. On the other side it is shown a little late, by as much as the network is uneven, and smoothed in between.
///
/// The local avatar's skeleton may be moved by anything: an [AnimationPlayer], inverse kinematics, a script. On the other
/// side nothing else should move it while [method has_body] is `true`. Whoever is far away is known by place only: then
/// [method has_body] is `false`, and the game may let the figure walk by itself.
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
    /// The skeleton whose bones are sent or turned, somewhere under the [member target]. Empty means the place alone.
    /// Up to 56 bones travel: those with a name of Godot's [SkeletonProfileHumanoid], by themselves or by
    /// [member bone_map]; in a skeleton without any such name the first ones. Bones are matched by their names, so that
    /// members may have different figures; at rest all should stand alike, as figures imported for that profile do.
    #[export]
    #[var(get = get_skeleton, set = set_skeleton)]
    skeleton: PhantomVar<Option<Gd<Skeleton3D>>>,
    /// Which bone of the [member skeleton] is which of the humanoid profile, where the names do not tell.
    #[export]
    #[var(set = set_bone_map)]
    bone_map: Option<Gd<BoneMap>>,
    /// Which of the member's avatars this is: 0 is its body, others are what it owns besides, such as a vehicle. At most 63.
    #[export(range = (0.0, 63.0))]
    avatar_id: u16,
    /// Whose avatar this is. The local member's avatar is sent, and so is one without a member; others are played.
    #[var(set = set_member)]
    member: Option<Gd<MetaverseMember>>,

    peer_link: PeerLink,
    target_id: Option<InstanceId>,
    skeleton_id: Option<InstanceId>,
    /// The bones that travel, once they were looked up.
    body: Option<Body>,
    /// For the local avatar: in which stay in a space it is shown.
    shown_in: Option<u64>,
    /// For another's: the skeleton that it has there, and where its bones are in that one.
    remote_rig: Arc<Rig>,
    places: Vec<Option<usize>>,
    /// Where poses are captured and sampled, kept so that no frame allocates.
    pose: Box<Pose>,
    played: Option<RootPose>,
    has_body: bool,
    warned: bool,
    base: Base<Node>,
}

/// What a sync needs to do its work in a frame.
struct Work {
    peer: Gd<MetaversePeer>,
    target: Gd<Node3D>,
    skeleton: Option<Gd<Skeleton3D>>,
    avatar: AvatarId,
    /// Whose avatar it is; `None` is the local player.
    member: Option<MemberNumber>,
}

/// What a frame has changed that the game is told.
#[derive(Default)]
struct News {
    is_first: bool,
    has_body: Option<bool>,
}

#[godot_api]
impl MetaverseAvatarSync {
    /// Emitted when another member's avatar has been put where it belongs for the first time.
    #[signal]
    fn first_pose_received();

    /// Whether the avatar is where it belongs: always for the local player's, from the first pose on for others.
    #[func]
    fn has_pose(&self) -> bool {
        self.played.is_some() || self.is_local()
    }

    /// Emitted when [method has_body] has changed.
    #[signal]
    fn body_changed(has_body: bool);

    /// Whether the body is known and shown: always for the local player's avatar, for others while they are near enough and
    /// their skeleton has a bone of the [member skeleton].
    #[func]
    fn has_body(&self) -> bool {
        self.has_body || self.is_local()
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
    fn get_skeleton(&self) -> Option<Gd<Skeleton3D>> {
        Gd::try_from_instance_id(self.skeleton_id?).ok()
    }

    #[func]
    fn set_skeleton(&mut self, skeleton: Option<Gd<Skeleton3D>>) {
        self.skeleton_id = skeleton.as_ref().map(Gd::instance_id);
        self.forget_body();
        self.base_mut().update_configuration_warnings();
    }

    #[func]
    fn set_bone_map(&mut self, bone_map: Option<Gd<BoneMap>>) {
        self.bone_map = bone_map;
        self.forget_body();
    }

    #[func]
    pub(crate) fn set_member(&mut self, member: Option<Gd<MetaverseMember>>) {
        self.member = member;
        self.played = None;
        self.has_body = false;
        self.shown_in = None;
    }
}

#[godot_api]
impl INode for MetaverseAvatarSync {
    #[func(gd_self)]
    fn process(mut this: Gd<Self>, _delta: f64) {
        if is_editor_hint() {
            return;
        }
        let news = {
            let _span = FrameSpan::begin();
            advance(&mut this)
        };
        if let Some(has_body) = news.has_body {
            this.signals().body_changed().emit(has_body);
        }
        if news.is_first && this.is_instance_valid() {
            this.signals().first_pose_received().emit();
        }
    }

    fn exit_tree(&mut self) {
        let Some(stay) = self.shown_in.take() else {
            return;
        };
        if let Some(peer) = self
            .resolve_peer()
            .filter(|peer| peer.bind().stay() == stay)
        {
            peer.bind().hide_avatar(AvatarId(self.avatar_id));
        }
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
            skeleton: self.get_skeleton(),
            avatar: AvatarId(self.avatar_id),
            member: self.member.as_ref().map(|member| member.bind().number()),
        })
    }

    fn is_local(&self) -> bool {
        self.member
            .as_ref()
            .is_none_or(|member| member.bind().is_local())
    }

    /// The bones are looked up anew, and told anew to those who see them.
    fn forget_body(&mut self) {
        self.body = None;
        self.shown_in = None;
        self.places.clear();
        self.remote_rig = Arc::default();
    }

    /// Looks up the bones that travel, once.
    fn find_body(&mut self, skeleton: Option<&Gd<Skeleton3D>>) {
        let Some(skeleton) = skeleton.filter(|_| self.body.is_none()) else {
            return;
        };
        match Body::of(skeleton, self.bone_map.as_ref()) {
            Ok(body) => self.body = Some(body),
            Err(error) => self.warn_once(&format!("the skeleton cannot be sent: {error}")),
        }
    }

    /// Sends the avatar in a frame in which avatars are captured.
    fn send(&mut self, work: Work) {
        let Work {
            mut peer,
            target,
            skeleton,
            avatar,
            ..
        } = work;
        let Some(captured) = peer.bind().capture_time() else {
            return;
        };
        match pose::from_transform(&target.get_global_transform()) {
            Ok(root) => self.pose.root = root,
            Err(error) => return self.warn_once(&format!("the avatar cannot be sent: {error}")),
        }
        self.find_body(skeleton.as_ref());
        let mut rig = Arc::default();
        if let (Some(body), Some(skeleton)) = (&self.body, &skeleton) {
            body.read(skeleton, &mut self.pose);
            rig = Arc::clone(body.rig());
        }
        if let Err(error) = self.pose.check(&rig) {
            return self.warn_once(&format!("the avatar cannot be sent: {error}"));
        }
        let stay = peer.bind().stay();
        if self.shown_in != Some(stay) {
            self.shown_in = Some(stay);
            peer.bind().show_avatar(avatar, &rig);
        }
        if peer.bind_mut().set_pose(avatar, captured, &self.pose) {
            // All avatars of the frame go together.
            peer.run_deferred_gd(|mut peer| {
                // It may have been freed in the rest of the frame.
                if peer.is_instance_valid() {
                    peer.bind_mut().send_poses();
                }
            });
        }
    }

    /// Turns the skeleton's bones. Whether any could be.
    fn show_body(&mut self, skeleton: Option<Gd<Skeleton3D>>, rig: &Arc<Rig>, weight: f32) -> bool {
        self.find_body(skeleton.as_ref());
        let (Some(body), Some(mut skeleton)) = (&self.body, skeleton) else {
            return false;
        };
        if !Arc::ptr_eq(rig, &self.remote_rig) {
            self.remote_rig = Arc::clone(rig);
            self.places = body.places_in(rig);
        }
        body.write(&mut skeleton, &self.pose, &self.places, weight);
        self.places.iter().any(Option::is_some)
    }

    fn warn_once(&mut self, warning: &str) {
        if !self.warned {
            self.warned = true;
            godot_warn!("{}: {warning}.", self.base().get_name());
        }
    }
}

/// Sends or plays the avatar for this frame.
fn advance(this: &mut Gd<MetaverseAvatarSync>) -> News {
    let Some(work) = this.bind_mut().work() else {
        return News::default();
    };
    let Some(local) = work.peer.bind().local_number() else {
        return News::default();
    };
    if let Some(remote) = work.member.filter(|number| *number != local) {
        return play(this, work, remote);
    }
    this.bind_mut().send(work);
    News::default()
}

/// Plays another's avatar for this frame.
fn play(this: &mut Gd<MetaverseAvatarSync>, work: Work, member: MemberNumber) -> News {
    let Work {
        mut peer,
        mut target,
        skeleton,
        avatar,
        ..
    } = work;
    let mut news = News::default();
    let root = {
        let mut sync = this.bind_mut();
        let mut peer = peer.bind_mut();
        let Some((shown, rig)) = peer.sample_pose(member, avatar, &mut sync.pose) else {
            return news;
        };
        let has_body = match shown {
            Shown::Body { weight } => sync.show_body(skeleton, rig, weight),
            Shown::Root { .. } => false,
        };
        if sync.has_body != has_body {
            sync.has_body = has_body;
            news.has_body = Some(has_body);
        }
        let root = sync.pose.root;
        let before = sync.played.replace(root);
        news.is_first = before.is_none();
        if before == Some(root) {
            return news;
        }
        root
    };
    // Nothing is borrowed here: the target may tell the game's code that it was moved.
    let scale = target.get_global_transform().basis.get_scale();
    target.set_global_transform(pose::to_transform(&root, scale));
    news
}
