//! `MetaverseActivityZone`.

use godot::{
    classes::{INode3D, Node3D},
    prelude::*,
};

use crate::activity_profile::MetaverseActivityProfile;

/// The group in which all zones of the tree are found.
pub(crate) const ZONES: &str = "_metaverse_activity_zones";

/// A part of a space with an activity of its own: a stage, a dance floor, a quiet corner.
///
/// While the player's own avatar is in the box, its [member profile] holds instead of
/// [member MetaversePeer.activity_profile]. It takes effect within a quarter of a second of entering and of leaving. Where
/// zones overlap, the one with the higher [member priority] counts.
#[derive(GodotClass)]
#[class(tool, init, base = Node3D)]
pub struct MetaverseActivityZone {
    /// What holds in the zone.
    #[export]
    #[var(set = set_profile)]
    profile: Option<Gd<MetaverseActivityProfile>>,
    /// The sides of the box, in metres; the node is its centre.
    #[export]
    #[init(val = Vector3::new(10.0, 4.0, 10.0))]
    size: Vector3,
    /// Of overlapping zones the one with the highest priority counts.
    #[export]
    priority: i64,
    base: Base<Node3D>,
}

#[godot_api]
impl MetaverseActivityZone {
    #[func]
    fn set_profile(&mut self, profile: Option<Gd<MetaverseActivityProfile>>) {
        self.profile = profile;
        self.base_mut().update_configuration_warnings();
    }

    /// Whether a place, in global coordinates, is in the zone.
    #[func]
    pub(crate) fn has_place(&self, place: Vector3) -> bool {
        let transform = self.base().get_global_transform();
        if transform.basis.determinant() == 0.0 {
            return false;
        }
        let local = (transform.affine_inverse() * place).abs();
        let half = self.size.abs() / 2.0;
        local.x <= half.x && local.y <= half.y && local.z <= half.z
    }
}

#[godot_api]
impl INode3D for MetaverseActivityZone {
    fn enter_tree(&mut self) {
        self.base_mut().add_to_group(ZONES);
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        if self.profile.is_none() {
            warnings.push("The zone has no \"profile\", so that it changes nothing.");
        }
        warnings
    }
}

/// The profile that holds at `place`, if it is in a zone that has one.
pub(crate) fn profile_at(
    tree: &Gd<SceneTree>,
    place: Vector3,
) -> Option<Gd<MetaverseActivityProfile>> {
    let zones = tree.get_nodes_in_group(ZONES);
    let here = zones
        .iter_shared()
        .filter_map(|node| node.try_cast::<MetaverseActivityZone>().ok())
        .filter(|zone| zone.bind().profile.is_some() && zone.bind().has_place(place));
    here.max_by_key(|zone| zone.bind().priority)
        .and_then(|zone| zone.bind().profile.clone())
}
