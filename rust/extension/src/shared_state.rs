//! `MetaverseSharedState`.

use godot::{
    classes::{INode, Node},
    global::Error,
    prelude::*,
    register::property::PhantomVar,
};

use crate::{
    member::MetaverseMember, optional_value::OptionalValue, peer::MetaversePeer,
    peer_link::PeerLink, shared_values::WriteError,
};

/// Every node of this class in a tree is in this group.
pub(crate) const SHARED_STATES: &str = "metaverse_shared_states";

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
    /// Emitted when a key has another value, for every key that is there when the player comes, too. [param member] has
    /// written it and may be the local player; it is `null` if that member has left. [param value] is
    /// `null` if the key was erased.
    ///
    /// Comes while the [MetaversePeer] is processed, in the frame after an own [method set_value]; of several changes in one
    /// frame only the last is told. Thousands of changes at once are spread over some frames, while
    /// [method get_value] has them already.
    #[signal]
    pub(crate) fn changed(key: StringName, value: Variant, member: Option<Gd<MetaverseMember>>);

    /// Emitted when everything that was there before the player came is here and told: from now on, what is not in
    /// [method keys] is nowhere. At once for who creates a space.
    #[signal]
    pub(crate) fn synchronized();

    /// Gives [param key] a value for everyone. [method get_value] has it at once, [signal changed] follows. A value that the
    /// key has already is no change.
    ///
    /// [param value] is anything that is plain: numbers, strings, vectors, arrays, dictionaries and so on, at most 64 KiB when
    /// it is encoded ([method @GlobalScope.var_to_bytes]). [param key] has 1 to 128 bytes. All of a space's
    /// values together have at most 4 MiB, with their keys and 16 bytes for each, and there are at most 32,768 of them.
    ///
    /// Returns [constant ERR_INVALID_PARAMETER] if the value holds objects or is too large, or the key is empty or too long;
    /// [constant ERR_OUT_OF_MEMORY] if the space is full; [constant ERR_UNAVAILABLE] outside a space; and
    /// [constant ERR_UNCONFIGURED] without a peer. When members fill the space in the same moment, each without knowing of
    /// the others, what was written last is given up after some seconds, for everyone, until the rest fits:
    /// [signal changed] tells that it was erased.
    #[func]
    fn set_value(&mut self, key: StringName, value: Variant) -> Error {
        self.write(&key, Some(&value))
    }

    /// The value of [param key], or [param default] if it has none. Arrays and dictionaries are copies: change them and call
    /// [method set_value] to change them for everyone.
    #[func]
    fn get_value(
        &mut self,
        key: StringName,
        #[opt(default = OptionalValue(Variant::nil()))] default: OptionalValue,
    ) -> Variant {
        let value = self
            .resolve_peer()
            .and_then(|mut peer| peer.bind_mut().shared()?.get(&key));
        value.unwrap_or(default.0)
    }

    /// Takes [param key] away for everyone. Returns [constant ERR_DOES_NOT_EXIST] if it has no value, and otherwise what
    /// [method set_value] returns.
    #[func]
    fn erase(&mut self, key: StringName) -> Error {
        self.write(&key, None)
    }

    /// All keys that have a value, sorted. Empty outside a space.
    #[func]
    fn keys(&mut self) -> PackedStringArray {
        self.resolve_peer()
            .and_then(|mut peer| Some(peer.bind_mut().shared()?.keys()))
            .unwrap_or_default()
    }

    /// Whether everything that was there before the player came is here: see [signal synchronized].
    #[func]
    fn is_synchronized(&mut self) -> bool {
        self.resolve_peer()
            .and_then(|mut peer| Some(peer.bind_mut().shared()?.is_synchronized()))
            .unwrap_or_default()
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
    fn enter_tree(&mut self) {
        self.base_mut().add_to_group(SHARED_STATES);
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let node = self.to_gd().upcast();
        let warning = self
            .peer_link
            .warning(&node)
            .or_else(|| self.peer_link.warning_if_alone(&node));
        warning.into_iter().map(GString::from).collect()
    }
}

impl MetaverseSharedState {
    pub(crate) fn resolve_peer(&mut self) -> Option<Gd<MetaversePeer>> {
        let node = self.to_gd().upcast();
        self.peer_link.resolve(&node)
    }

    fn write(&mut self, key: &StringName, value: Option<&Variant>) -> Error {
        let Some(mut peer) = self.resolve_peer() else {
            godot_error!(
                "MetaverseSharedState: there is no MetaversePeer to share with; set `peer`."
            );
            return Error::ERR_UNCONFIGURED;
        };
        let written = peer.bind_mut().write_shared(key, value);
        written.map_or_else(|error| tell(&error), |()| Error::OK)
    }
}

/// The code of an error, which the developer is told of if the game is wrong.
fn tell(error: &WriteError) -> Error {
    if !error.is_expected() {
        godot_error!("MetaverseSharedState: {error}.");
    }
    error.code()
}
