//! `MetaverseSpaceOptions`.

use godot::{classes::Resource, prelude::*};
use metaverse_net::SpaceSettings;
use metaverse_protocol::name::{Name, Tag};

use crate::{
    config::{CAPACITIES, CAPACITY},
    enums::Visibility,
};

/// What a new space is to be; for [method MetaversePeer.create_space].
///
/// ```gdscript
/// var options := MetaverseSpaceOptions.new()
/// options.space_name = "Physics, second year"
/// options.capacity = 40
/// peer.create_space(options)
/// ```
#[derive(GodotClass)]
#[class(tool, init, base = Resource)]
pub struct MetaverseSpaceOptions {
    /// The name others see: one line of at most 64 letters. What cannot stand in a name is left out.
    #[export]
    space_name: GString,
    /// Whether the space is listed for everyone, or entered by invite only.
    #[export]
    #[init(val = Visibility::Private)]
    visibility: Visibility,
    /// The most members the space takes, the creator included: 2 to 8192. Up to 32 all are linked to one another; beyond, some hand on between the others.
    #[export(range = (2.0, 8192.0))]
    #[init(val = i64::from(CAPACITY))]
    capacity: i64,
    /// What goes on in the space, at most 64 bytes: `"lecture"`, `"discussion"`,
    /// `"party"`, `"exhibition"`, or a word of the game's own.
    #[export]
    #[init(val = StringName::from("discussion"))]
    activity: StringName,
    /// Which of the game's scenes the space is, at most 64 bytes. The addon hands it to every member as
    /// [member MetaverseSpace.scene] and gives it no meaning.
    #[export]
    scene: GString,
    base: Base<Resource>,
}

#[godot_api]
impl MetaverseSpaceOptions {}

impl MetaverseSpaceOptions {
    /// The settings as they go down; `None` if the capacity is out of range.
    pub(crate) fn settings(&self) -> Option<SpaceSettings> {
        let capacity = u16::try_from(self.capacity)
            .ok()
            .filter(|capacity| CAPACITIES.contains(&usize::from(*capacity)));
        Some(SpaceSettings {
            name: Name::clean(&self.space_name.to_string()),
            visibility: self.visibility.into(),
            capacity: capacity?,
            activity: Tag::clean(&self.activity.to_string()),
            scene: Tag::clean(&self.scene.to_string()),
        })
    }
}
