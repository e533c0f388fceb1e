//! `MetaverseAvatarSync`.

use std::sync::Arc;

use glam::Vec3;
use godot::{
    classes::{BoneMap, INode, MeshInstance3D, Node, Node3D, Skeleton3D},
    init::is_editor_hint,
    obj::InstanceId,
    prelude::*,
    register::property::PhantomVar,
};
use metaverse_avatar::{Pose, Rig, RootPose, Shown};
use metaverse_protocol::id::{AvatarId, MemberNumber};

use crate::{
    body::Body,
    config::{LEAST_VISIBLE, NEARER, NEAREST},
    face::Face,
    frame_meter::FrameSpan,
    member::MetaverseMember,
    peer::MetaversePeer,
    peer_link::PeerLink,
    pose,
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
    /// A mesh whose blend shapes are sent or set as well, such as those of a face that speaks: the first 32 of an [ArrayMesh],
    /// matched by their names, with weights from 0 to 1. They need a [member skeleton].
    #[export]
    #[var(get = get_face, set = set_face)]
    face: PhantomVar<Option<Gd<MeshInstance3D>>>,
    /// Which of the member's avatars this is: 0 is its body, others are what it owns besides, such as a vehicle. At most 63.
    #[export(range = (0.0, 63.0))]
    avatar_id: u16,
    /// Whose avatar this is. The local member's avatar is sent, and so is one without a member; others are played.
    #[var(set = set_member)]
    member: Option<Gd<MetaverseMember>>,

    peer_link: PeerLink,
    target_id: Option<InstanceId>,
    skeleton_id: Option<InstanceId>,
    face_id: Option<InstanceId>,
    /// The bones that travel, once they were looked up, and the expressions.
    body: Option<Body>,
    /// A skeleton that cannot be sent, as it was then.
    refused: Option<(InstanceId, u64)>,
    expressions: Face,
    /// For the local avatar: in which stay in a space it is shown.
    shown_in: Option<u64>,
    /// For another's: the skeleton that it has there, and where its bones and expressions are in that one.
    remote_rig: Arc<Rig>,
    bone_places: Vec<Option<usize>>,
    hips_ratio: f32,
    expression_places: Vec<Option<usize>>,
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
    figure: Option<Figure>,
    avatar: AvatarId,
    /// Whose avatar it is; `None` is the local player.
    member: Option<MemberNumber>,
}

/// What of the target moves in itself.
struct Figure {
    skeleton: Gd<Skeleton3D>,
    face: Option<Gd<MeshInstance3D>>,
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
    fn get_face(&self) -> Option<Gd<MeshInstance3D>> {
        Gd::try_from_instance_id(self.face_id?).ok()
    }

    #[func]
    fn set_face(&mut self, face: Option<Gd<MeshInstance3D>>) {
        self.face_id = face.as_ref().map(Gd::instance_id);
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
        if self.face_id.is_some() && self.skeleton_id.is_none() {
            warnings
                .push("The blend shapes of \"face\" travel with a skeleton: set \"skeleton\" too.");
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
            figure: self.get_skeleton().map(|skeleton| Figure {
                skeleton,
                face: self.get_face(),
            }),
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
        self.refused = None;
        self.expressions = Face::default();
        self.shown_in = None;
        self.bone_places.clear();
        self.expression_places.clear();
        self.remote_rig = Arc::default();
    }

    /// Looks up the bones and expressions that travel, once, and again when the figure got others.
    fn find_body(&mut self, figure: &Figure) {
        match &self.body {
            Some(body) if body.fits(&figure.skeleton) && self.has_expressions_of(figure) => return,
            Some(_) => self.forget_body(),
            None if self.refused == Some(version_of(&figure.skeleton)) => return,
            None => {}
        }
        self.expressions = figure.face.as_ref().map(Face::of).unwrap_or_default();
        let names = self.expressions.names();
        match Body::of(&figure.skeleton, self.bone_map.as_ref(), names) {
            Ok(body) => self.body = Some(body),
            Err(error) => {
                self.refused = Some(version_of(&figure.skeleton));
                self.warn_once(&format!("the skeleton cannot be sent: {error}"));
            }
        }
    }

    fn has_expressions_of(&self, figure: &Figure) -> bool {
        match &figure.face {
            Some(face) => self.expressions.fits(face),
            None => self.expressions.names().is_empty(),
        }
    }

    /// Sends the avatar in a frame in which avatars are captured.
    fn send(&mut self, work: Work) {
        let Work {
            mut peer,
            target,
            figure,
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
        let rig = figure.map_or_else(Arc::default, |figure| self.capture_body(&figure));
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

    /// Reads how the figure's bones are turned and what face it makes. Returns what travels of it.
    fn capture_body(&mut self, figure: &Figure) -> Arc<Rig> {
        self.find_body(figure);
        let Some(body) = &self.body else {
            return Arc::default();
        };
        body.read(&figure.skeleton, &mut self.pose);
        if let Some(face) = &figure.face {
            self.expressions.read(face, &mut self.pose);
        }
        Arc::clone(body.rig())
    }

    /// Turns the figure's bones, where they are seen to move by `visible` metres, and moves its face. Whether any bone could
    /// be turned.
    fn show_body(
        &mut self,
        figure: Option<Figure>,
        rig: &Arc<Rig>,
        weight: f32,
        visible: f32,
    ) -> bool {
        let Some(mut figure) = figure else {
            return false;
        };
        self.find_body(&figure);
        let Some(body) = &mut self.body else {
            return false;
        };
        if !Arc::ptr_eq(rig, &self.remote_rig) {
            self.remote_rig = Arc::clone(rig);
            self.bone_places = body.places_in(rig);
            self.hips_ratio = body.hips_ratio(rig);
            self.expression_places = self.expressions.places_in(rig);
        }
        self.pose.hips *= self.hips_ratio;
        let pose = &self.pose;
        body.write(
            &mut figure.skeleton,
            pose,
            &self.bone_places,
            weight,
            visible,
        );
        if let Some(face) = &mut figure.face {
            self.expressions
                .write(face, pose, &self.expression_places, weight);
        }
        self.bone_places.iter().any(Option::is_some)
    }

    /// Something else may move the figure from now on.
    fn release_body(&mut self) {
        self.body.iter_mut().for_each(Body::release);
        self.expressions.release();
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
        figure,
        avatar,
        ..
    } = work;
    let mut news = News::default();
    let root = {
        let mut sync = this.bind_mut();
        let mut peer = peer.bind_mut();
        let eye = peer.eye();
        let Some((shown, rig)) = peer.sample_pose(member, avatar, &mut sync.pose) else {
            return news;
        };
        let has_body = match shown {
            Shown::Body { weight } => {
                let visible = least_visible(eye, sync.pose.root);
                sync.show_body(figure, rig, weight, visible)
            }
            Shown::Root { .. } => false,
        };
        if sync.has_body != has_body {
            sync.has_body = has_body;
            news.has_body = Some(has_body);
            sync.release_body();
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

/// The least movement of an avatar that is seen, in metres; of all of them, where it is not known from where one looks.
fn least_visible(eye: Option<Vec3>, root: RootPose) -> f32 {
    let distance = eye.map_or(0.0, |eye| eye.distance(root.position()) - NEARER);
    LEAST_VISIBLE * distance.max(NEAREST)
}

/// Tells a skeleton from others, and from itself with other bones.
fn version_of(skeleton: &Gd<Skeleton3D>) -> (InstanceId, u64) {
    (skeleton.instance_id(), skeleton.get_version())
}
