//! `MetaverseSpace`.

use godot::prelude::*;
use metaverse_protocol::profile::SpaceDescription;

use crate::enums::Visibility;

/// The space that a [MetaversePeer] is in.
///
/// Made by its creator from a [MetaverseSpaceOptions]; the same for all members. Read-only.
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub struct MetaverseSpace {
    /// The space's public key, as 64 hexadecimal digits.
    #[var(no_set)]
    id: GString,
    /// The name its creator gave it.
    #[var(no_set)]
    space_name: GString,
    /// Whether it is listed.
    #[var(no_set)]
    visibility: Visibility,
    /// The most members it takes.
    #[var(no_set)]
    capacity: i64,
    /// What goes on there, such as `"lecture"`.
    #[var(no_set)]
    activity: StringName,
    /// Which of the game's scenes it is; the game gives it a meaning.
    #[var(no_set)]
    scene: GString,
    local_is_host: bool,
}

#[godot_api]
impl MetaverseSpace {
    /// Whether the local player is the host of the space: the member that keeps its order, which is the creator until
    /// it leaves, and the one who has been there longest after that.
    #[func]
    fn is_host(&self) -> bool {
        self.local_is_host
    }
}

impl MetaverseSpace {
    pub(crate) fn create(description: &SpaceDescription, local_is_host: bool) -> Gd<Self> {
        Gd::from_object(Self {
            id: GString::from(&description.id.to_string()),
            space_name: GString::from(description.name.as_str()),
            visibility: description.visibility.into(),
            capacity: i64::from(description.capacity),
            activity: StringName::from(description.activity.as_str()),
            scene: GString::from(description.scene.as_str()),
            local_is_host,
        })
    }

    pub(crate) fn set_local_is_host(&mut self, local_is_host: bool) {
        self.local_is_host = local_is_host;
    }
}
