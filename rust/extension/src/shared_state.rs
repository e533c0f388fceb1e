//! `MetaverseSharedState`.

use godot::{
    classes::{INode, Node},
    global::Error,
    prelude::*,
    register::property::PhantomVar,
};

use crate::{
    member::MetaverseMember, optional_value::OptionalValue, peer::MetaversePeer,
    peer_link::PeerLink,
};

/// Values that every member of a space sees, by name: a whiteboard's strokes, where a chair stands, whose turn it is.
///
/// Every member may write every key; of two writes the later one holds, for everyone. Only what has changed travels, at
/// most 20 times a second for a key, and who comes later gets everything at once. The values stay while the members come
/// and go, whoever the host is, and are gone with the space.
///
/// ```gdscript
/// @onready var state: MetaverseSharedState = $MetaverseSharedState
///
/// func _ready() -> void:
///     state.changed.connect(_on_changed)
///
/// func open_door() -> void:
///     state.set_value(&"door/open", true)
///
/// func _on_changed(key: StringName, value: Variant, _member: MetaverseMember) -> void:
///     if key == &"door/open":
///         $Door.visible = value != true
/// ```
///
/// All nodes of one peer show the same values; begin the keys of what belongs together with the same words.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct MetaverseSharedState {
    /// The peer whose space it is about. Empty means the only [MetaversePeer] in the tree.
    #[export]
    #[var(get = get_peer, set = set_peer)]
    peer: PhantomVar<Option<Gd<MetaversePeer>>>,

    peer_link: PeerLink,
    base: Base<Node>,
}

#[godot_api]
impl MetaverseSharedState {
    /// Emitted when a key has another value, by [param member], who may be the local player; `null` if that member has
    /// left. [param value] is `null` if the key was erased.
    #[signal]
    pub(crate) fn changed(key: StringName, value: Variant, member: Option<Gd<MetaverseMember>>);

    /// Emitted when everything that was there before the player came is here: from now on, a key that is not here is
    /// nowhere. At once for who creates a space.
    #[signal]
    pub(crate) fn synchronized();

    /// Gives [param key] a value for everyone. [method get_value] has it at once, [signal changed] follows.
    #[func]
    fn set_value(&mut self, _key: StringName, _value: Variant) -> Error {
        Error::ERR_UNAVAILABLE
    }

    /// The value of [param key], or [param default] if it has none.
    #[func]
    fn get_value(
        &mut self,
        _key: StringName,
        #[opt(default = OptionalValue(Variant::nil()))] default: OptionalValue,
    ) -> Variant {
        default.0
    }

    /// Takes [param key] away for everyone.
    #[func]
    fn erase(&mut self, _key: StringName) -> Error {
        Error::ERR_UNAVAILABLE
    }

    /// All keys, sorted.
    #[func]
    fn keys(&mut self) -> PackedStringArray {
        PackedStringArray::new()
    }

    /// Whether everything that was there before the player came is here.
    #[func]
    fn is_synchronized(&mut self) -> bool {
        false
    }

    #[func]
    fn get_peer(&self) -> Option<Gd<MetaversePeer>> {
        self.peer_link.given()
    }

    #[func]
    fn set_peer(&mut self, peer: Option<Gd<MetaversePeer>>) {
        self.peer_link.give(peer.as_ref());
        self.base_mut().update_configuration_warnings();
    }
}

#[godot_api]
impl INode for MetaverseSharedState {
    fn get_configuration_warnings(&self) -> PackedStringArray {
        let node = self.to_gd().upcast();
        let warning = self
            .peer_link
            .warning(&node)
            .or_else(|| self.peer_link.warning_if_alone(&node));
        warning.into_iter().map(GString::from).collect()
    }
}
