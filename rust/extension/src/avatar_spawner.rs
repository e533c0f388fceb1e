//! `MetaverseAvatarSpawner`.

use godot::{
    classes::{INode, Node, Node3D, PackedScene},
    init::is_editor_hint,
    obj::InstanceId,
    prelude::*,
    register::property::PhantomVar,
};

use crate::{
    avatar_sync::MetaverseAvatarSync, frame_meter::FrameSpan, member::MetaverseMember,
    peer::MetaversePeer, peer_link::PeerLink,
};

/// Gives each member of the space an avatar: one scene for the local player, another for everyone else.
///
/// The avatars become siblings of the spawner, named by their member's number. Every [MetaverseAvatarSync] in them is told
/// whose avatar it is. Avatars go when their member leaves, when the space is left, and when the spawner leaves the tree.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct MetaverseAvatarSpawner {
    /// The peer whose members get avatars. Empty means the only [MetaversePeer] in the tree.
    #[export]
    #[var(get = get_peer, set = set_peer)]
    peer: PhantomVar<Option<Gd<MetaversePeer>>>,
    /// The local player's avatar. Its root must be a [Node3D]. Empty means none.
    #[export]
    #[var(set = set_local_avatar_scene)]
    local_avatar_scene: Option<Gd<PackedScene>>,
    /// The other members' avatars. The root must be a [Node3D]. Empty means none.
    #[export]
    #[var(set = set_remote_avatar_scene)]
    remote_avatar_scene: Option<Gd<PackedScene>>,

    peer_link: PeerLink,
    avatars: Vec<Spawned>,
    /// The peer's count of changes that the avatars reflect.
    revision: Option<u64>,
    base: Base<Node>,
}

/// A member and its avatar, which the game may have freed.
#[derive(Clone)]
struct Spawned {
    member: Gd<MetaverseMember>,
    avatar: InstanceId,
}

/// What has changed in a space since the avatars were last put right.
struct Changes {
    peer: Option<Gd<MetaversePeer>>,
    gone: Vec<Spawned>,
    come: Vec<Gd<MetaverseMember>>,
}

#[godot_api]
impl MetaverseAvatarSpawner {
    /// Emitted when a member's avatar is in the tree.
    #[signal]
    fn avatar_spawned(member: Gd<MetaverseMember>, avatar: Gd<Node3D>);

    /// Emitted when a member's avatar is being removed.
    #[signal]
    fn avatar_removed(member: Gd<MetaverseMember>);

    /// The avatar of [param member], or `null`.
    #[func]
    fn get_avatar(&self, member: Option<Gd<MetaverseMember>>) -> Option<Gd<Node3D>> {
        let member = member?;
        self.avatars
            .iter()
            .find(|spawned| spawned.member == member)?
            .node()
    }

    #[func]
    fn get_peer(&self) -> Option<Gd<MetaversePeer>> {
        self.peer_link.given()
    }

    #[func]
    fn set_peer(&mut self, peer: Option<Gd<MetaversePeer>>) {
        self.peer_link.give(peer.as_ref());
        self.revision = None;
        self.base_mut().update_configuration_warnings();
    }

    #[func]
    fn set_local_avatar_scene(&mut self, scene: Option<Gd<PackedScene>>) {
        self.local_avatar_scene = scene;
        self.base_mut().update_configuration_warnings();
    }

    #[func]
    fn set_remote_avatar_scene(&mut self, scene: Option<Gd<PackedScene>>) {
        self.remote_avatar_scene = scene;
        self.base_mut().update_configuration_warnings();
    }
}

#[godot_api]
impl INode for MetaverseAvatarSpawner {
    #[func(gd_self)]
    fn process(mut this: Gd<Self>, _delta: f64) {
        if is_editor_hint() {
            return;
        }
        let Some(Changes { peer, gone, come }) = changes(&mut this) else {
            return;
        };
        for spawned in gone {
            this.bind_mut()
                .avatars
                .retain(|other| other.member != spawned.member);
            spawned.free();
            this.signals().avatar_removed().emit(&spawned.member);
            if !this.is_instance_valid() {
                return;
            }
        }
        for member in come {
            let Some(avatar) = spawn(&mut this, peer.as_ref(), &member) else {
                continue;
            };
            this.signals().avatar_spawned().emit(&member, &avatar);
            // A handler may have freed the spawner or taken it out of the tree.
            if !this.is_instance_valid() || !this.is_inside_tree() {
                return;
            }
        }
    }

    fn exit_tree(&mut self) {
        self.revision = None;
        for spawned in self.avatars.drain(..) {
            spawned.free();
        }
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        if self.local_avatar_scene.is_none() && self.remote_avatar_scene.is_none() {
            warnings.push(
                "Nobody gets an avatar: set \"local_avatar_scene\" and \"remote_avatar_scene\".",
            );
        }
        let node = self.to_gd().upcast();
        let warning = self
            .peer_link
            .warning(&node)
            .or_else(|| self.peer_link.warning_if_alone(&node));
        if let Some(warning) = warning {
            warnings.push(warning);
        }
        warnings
    }
}

impl Spawned {
    fn node(&self) -> Option<Gd<Node3D>> {
        Gd::try_from_instance_id(self.avatar).ok()
    }

    fn free(&self) {
        if let Some(mut avatar) = self.node() {
            avatar.queue_free();
        }
    }
}

/// Whose avatars go and who is to get one, if anything has changed in the peer's space.
fn changes(this: &mut Gd<MetaverseAvatarSpawner>) -> Option<Changes> {
    let _span = FrameSpan::begin();
    let node = this.clone().upcast();
    let mut spawner = this.bind_mut();
    let peer = spawner.peer_link.resolve(&node);
    let revision = peer.as_ref().map(|peer| peer.bind().roster_revision());
    if revision == spawner.revision {
        return None;
    }
    spawner.revision = revision;
    let members: Vec<_> = peer
        .as_ref()
        .map(|peer| peer.bind().get_members().iter_shared().collect())
        .unwrap_or_default();
    let gone = spawner
        .avatars
        .iter()
        .filter(|spawned| !members.contains(&spawned.member))
        .cloned()
        .collect();
    let has_avatar = |member: &Gd<MetaverseMember>| {
        spawner
            .avatars
            .iter()
            .any(|spawned| spawned.member == *member)
    };
    let come = members
        .iter()
        .filter(|member| !has_avatar(member))
        .cloned()
        .collect();
    Some(Changes { peer, gone, come })
}

/// Puts a member's avatar into the tree; `None` if there is no scene for it, or no fitting one.
fn spawn(
    this: &mut Gd<MetaverseAvatarSpawner>,
    peer: Option<&Gd<MetaversePeer>>,
    member: &Gd<MetaverseMember>,
) -> Option<Gd<Node3D>> {
    let is_local = member.bind().is_local();
    let scene = {
        let spawner = this.bind();
        if is_local {
            spawner.local_avatar_scene.clone()
        } else {
            spawner.remote_avatar_scene.clone()
        }
    }?;
    let mut parent = this.get_parent()?;
    let Some(mut avatar) = instantiate(&scene) else {
        godot_error!(
            "{}: the root of an avatar scene must be a Node3D: {}",
            this.get_name(),
            scene.get_path()
        );
        return None;
    };
    avatar.set_name(&format!("Member{}", member.bind().number().0));
    assign(&avatar.clone().upcast(), peer, member);
    this.bind_mut().avatars.push(Spawned {
        member: member.clone(),
        avatar: avatar.instance_id(),
    });
    parent
        .add_child_ex(&avatar)
        .force_readable_name(true)
        .done();
    avatar.is_instance_valid().then_some(avatar)
}

fn instantiate(scene: &Gd<PackedScene>) -> Option<Gd<Node3D>> {
    match scene.instantiate()?.try_cast() {
        Ok(avatar) => Some(avatar),
        Err(other) => {
            other.free();
            None
        }
    }
}

/// Tells every sync in the avatar whose it is.
fn assign(node: &Gd<Node>, peer: Option<&Gd<MetaversePeer>>, member: &Gd<MetaverseMember>) {
    if let Ok(mut sync) = node.clone().try_cast::<MetaverseAvatarSync>() {
        let mut sync = sync.bind_mut();
        sync.set_member(Some(member.clone()));
        if !sync.has_own_peer() {
            sync.set_peer(peer.cloned());
        }
    }
    for child in node.get_children().iter_shared() {
        assign(&child, peer, member);
    }
}
