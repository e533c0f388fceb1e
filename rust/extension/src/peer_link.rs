//! How a node finds the peer it works for.

use godot::{
    classes::{Node, PackedScene, ProjectSettings, Script},
    obj::InstanceId,
    prelude::*,
};

use crate::peer::MetaversePeer;

/// Every peer in a tree is in this group.
pub(crate) const PEERS: &str = "metaverse_peers";

/// A node's peer: the one it was given, or the only one in its tree. Held by id, as nodes may be freed at any time.
#[derive(Default)]
pub(crate) struct PeerLink {
    given: Option<InstanceId>,
    found: Option<InstanceId>,
    warned: bool,
}

impl PeerLink {
    pub(crate) fn given(&self) -> Option<Gd<MetaversePeer>> {
        alive(self.given?)
    }

    pub(crate) fn give(&mut self, peer: Option<&Gd<MetaversePeer>>) {
        self.given = peer.map(Gd::instance_id);
        self.found = None;
    }

    /// The peer that `node` works for; `None` if there is none, or more than one to choose from.
    pub(crate) fn resolve(&mut self, node: &Gd<Node>) -> Option<Gd<MetaversePeer>> {
        if let Some(given) = self.given {
            return alive(given);
        }
        if let Some(found) = self
            .found
            .and_then(alive)
            .filter(|peer| peer.is_inside_tree())
        {
            return Some(found);
        }
        let peers = peers_around(node);
        if peers.len() > 1 && !self.warned {
            self.warned = true;
            godot_warn!(
                "{}: there are {} MetaversePeers; set `peer` to one of them.",
                node.get_name(),
                peers.len()
            );
        }
        let [peer] = peers.as_slice() else {
            return None;
        };
        self.found = Some(peer.instance_id());
        Some(peer.clone())
    }

    /// What is wrong with the choice of a peer, for the editor: more than one to choose from.
    pub(crate) fn warning(&self, node: &Gd<Node>) -> Option<&'static str> {
        let ambiguous = self.given().is_none() && peers_around(node).len() > 1;
        ambiguous.then_some(
            "There is more than one MetaversePeer in this scene. Set \"peer\" to one of them.",
        )
    }

    /// The same, for a node that belongs into a scene with a peer.
    pub(crate) fn warning_if_alone(&self, node: &Gd<Node>) -> Option<&'static str> {
        let alone =
            self.given().is_none() && peers_around(node).is_empty() && !is_peer_among_autoloads();
        alone.then_some(
            "There is no MetaversePeer in this scene or among the autoloads. Add one, or set \"peer\" from a script.",
        )
    }
}

fn alive(id: InstanceId) -> Option<Gd<MetaversePeer>> {
    Gd::try_from_instance_id(id).ok()
}

fn peers_around(node: &Gd<Node>) -> Vec<Gd<MetaversePeer>> {
    if !node.is_inside_tree() {
        return Vec::new();
    }
    let nodes = node.get_tree().get_nodes_in_group(PEERS);
    nodes
        .iter_shared()
        .filter_map(|node| node.try_cast().ok())
        .collect()
}

/// Whether a peer is loaded with the project, which the scene that is edited does not show.
fn is_peer_among_autoloads() -> bool {
    let settings = ProjectSettings::singleton();
    let properties = settings.get_property_list();
    let names = properties
        .iter_shared()
        .filter_map(|property| property.get("name"));
    names
        .map(|name| name.to_string())
        .filter(|name| name.starts_with("autoload/"))
        .any(|name| {
            let path = settings.get_setting(&name).to_string();
            holds_peer(path.trim_start_matches('*'))
        })
}

fn holds_peer(path: &str) -> bool {
    let class = MetaversePeer::class_id().to_string_name();
    let Ok(resource) = try_load::<Resource>(path) else {
        return false;
    };
    match resource.try_cast::<PackedScene>() {
        Ok(scene) => scene.get_state().is_some_and(|state| {
            (0..state.get_node_count()).any(|node| state.get_node_type(node) == class)
        }),
        Err(resource) => resource
            .try_cast::<Script>()
            .is_ok_and(|script| script.get_instance_base_type() == class),
    }
}
