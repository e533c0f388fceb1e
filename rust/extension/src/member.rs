//! `MetaverseMember`.

use godot::{classes::Texture2D, prelude::*};
use metaverse_protocol::id::{ContentHash, MemberNumber};
use metaverse_space::io::MemberView;

use crate::enums::PathKind;

/// A person in a space.
///
/// The same object stands for a member from its arrival to its leave, so it can be a key of a dictionary. Its
/// properties are read-only; [signal MetaversePeer.member_updated] tells when the name or the image changes.
#[derive(GodotClass)]
#[class(no_init, base = RefCounted)]
pub struct MetaverseMember {
    /// The public key by which the member proves who it is, as 64 hexadecimal digits. For an anonymous member it is
    /// another one in each space.
    #[var(no_set)]
    id: GString,
    /// The member's number in the space, given by the host. Free again once the member has left.
    #[var(no_set)]
    number: i64,
    /// The name the member goes by: one line of at most 64 letters, without invisible characters. Not unique.
    #[var(no_set)]
    display_name: GString,
    /// The member's picture; `null` if there is none or it is still on its way.
    #[var(no_set)]
    avatar_image: Option<Gd<Texture2D>>,
    /// Whether this is the local player.
    #[var(no_set)]
    is_local: bool,
    /// Whether this is the member that keeps the space's order at the moment.
    #[var(no_set)]
    is_host: bool,
    /// How the member is reached.
    #[var(no_set)]
    path: PathKind,
    /// How long it takes to the member and back, in milliseconds; 0 where it is not known yet, and for the local player.
    #[var(no_set)]
    round_trip_ms: f64,
    /// The image the member says it wears, which may not be here yet.
    image_hash: Option<ContentHash>,
}

#[godot_api]
impl MetaverseMember {}

impl MetaverseMember {
    pub(crate) fn create(view: &MemberView, is_local: bool, is_host: bool) -> Gd<Self> {
        Gd::from_object(Self {
            id: GString::from(&view.peer.to_string()),
            number: i64::from(view.number.0),
            display_name: GString::from(view.name.as_str()),
            avatar_image: None,
            is_local,
            is_host,
            path: view.path.into(),
            round_trip_ms: 0.0,
            image_hash: view.image,
        })
    }

    /// Takes over what has changed of the name and the image.
    pub(crate) fn update(&mut self, view: &MemberView) {
        self.display_name = GString::from(view.name.as_str());
        self.image_hash = view.image;
        if view.image.is_none() {
            self.avatar_image = None;
        }
    }

    pub(crate) fn number(&self) -> MemberNumber {
        // A member is only ever made with a number of two bytes.
        MemberNumber(self.number as u16)
    }

    pub(crate) fn name(&self) -> &GString {
        &self.display_name
    }

    pub(crate) fn is_host(&self) -> bool {
        self.is_host
    }

    pub(crate) fn is_local(&self) -> bool {
        self.is_local
    }

    pub(crate) fn image_hash(&self) -> Option<ContentHash> {
        self.image_hash
    }

    pub(crate) fn set_image(&mut self, texture: Option<Gd<Texture2D>>) {
        self.avatar_image = texture;
    }

    pub(crate) fn set_host(&mut self, is_host: bool) {
        self.is_host = is_host;
    }

    pub(crate) fn path(&self) -> PathKind {
        self.path
    }

    pub(crate) fn set_path(&mut self, path: PathKind) {
        self.path = path;
    }

    pub(crate) fn round_trip_ms(&self) -> f64 {
        self.round_trip_ms
    }

    pub(crate) fn set_round_trip_ms(&mut self, milliseconds: f64) {
        self.round_trip_ms = milliseconds;
    }
}
