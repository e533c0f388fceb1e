//! `MetaversePeer`.

mod avatars;
mod events;
mod figures;
mod sharing;
mod watching;

use std::{collections::VecDeque, time::Duration};

use glam::Vec3;
use godot::{
    classes::{INode, Node, Texture2D, node::ProcessMode},
    global::Error,
    init::is_editor_hint,
    prelude::*,
};
use metaverse_net::{Options, Peer, SendError};
use metaverse_protocol::{
    id::MemberNumber,
    limits::{MESSAGE_BYTES, TOPIC_BYTES},
    name::Name,
    time::Time,
};

use crate::{
    activity_profile::MetaverseActivityProfile,
    config::PEER_PRIORITY,
    enums::{JoinError, PathKind, Reach, State},
    frame_meter::{self, FrameSpan},
    identity,
    member::MetaverseMember,
    message,
    monitors::Monitors,
    network::Network,
    notice::Notice,
    optional_member::OptionalMember,
    peer_link::PEERS,
    roster::Roster,
    session::Session,
    space::MetaverseSpace,
    space_options::MetaverseSpaceOptions,
};

/// The player's own end of the network: creates and joins spaces, and tells who is there.
///
/// One per game, usually an autoload or a child of the main scene. There is no game server: members are linked to one
/// another, directly and encrypted.
///
/// ```gdscript
/// @onready var peer: MetaversePeer = $MetaversePeer
///
/// func _ready() -> void:
///     peer.display_name = "Ada"
///     peer.space_joined.connect(func(space: MetaverseSpace) -> void: print("In ", space.space_name))
///     peer.join_failed.connect(func(_code: MetaversePeer.JoinError, message: String) -> void: print(message))
///     peer.join_space(DisplayServer.clipboard_get())
/// ```
///
/// All signals are emitted while the node is processed, after the state they tell about has changed: inside
/// [signal space_joined], [method get_members] is complete. A handler may call any method, and free any node with
/// [method Node.queue_free]. A peer that leaves the scene tree is stopped; no signal tells of that.
#[derive(GodotClass)]
#[class(tool, init, base = Node)]
pub struct MetaversePeer {
    /// The name other members see: one line of at most 64 letters. What cannot stand in a name is left out. Others see a
    /// change at once.
    #[export]
    #[var(set = set_display_name)]
    display_name: GString,
    /// The picture other members see. It is scaled and compressed to at most 64 KiB; its pixels must be readable.
    #[export]
    #[var(set = set_avatar_image)]
    avatar_image: Option<Gd<Texture2D>>,
    /// How far the peer reaches. A change takes effect at the next [method start].
    #[export]
    reach: Reach,
    /// Where the player's lasting identity is kept, such as `"user://identity"`: a file of 32 bytes that only
    /// its owner may read, made when it is missing and never overwritten. Empty means anonymous: a fresh identity for
    /// each space. A change takes effect at the next [method start].
    #[export]
    identity_path: GString,
    /// Whether to [method start] as soon as the node is in the scene tree.
    #[export]
    auto_start: bool,
    /// How closely the player watches the others, in place of what the space's activity asks for. Empty means the
    /// ready-made profile of [member MetaverseSpace.activity]. A [MetaverseActivityZone] around the player goes before it.
    #[export]
    activity_profile: Option<Gd<MetaverseActivityProfile>>,

    state: State,
    session: Option<Session>,
    /// The name or the picture has changed since it was handed down.
    is_profile_changed: bool,
    notices: VecDeque<Notice>,
    /// Counts the changes in who is there.
    roster_revision: u64,
    /// Counts the spaces that were entered.
    stay: u64,
    /// The profile of the space's activity.
    space_profile: Option<Gd<MetaverseActivityProfile>>,
    /// The profile that holds at the moment.
    present_profile: Option<Gd<MetaverseActivityProfile>>,
    /// When to look around again.
    watch_due: Time,
    /// Where the player looked from then.
    eye: Option<Vec3>,
    monitors: Monitors,
    base: Base<Node>,
}

#[godot_api]
impl MetaversePeer {
    /// Emitted when [method get_state] has changed.
    #[signal]
    pub(crate) fn state_changed(state: State);

    /// Emitted when the player is in a space, their own or another's. [method get_members] is complete by then.
    #[signal]
    pub(crate) fn space_joined(space: Gd<MetaverseSpace>);

    /// Emitted when the player is out of the space. [param reason] is a sentence for the player; empty if it was their
    /// own wish.
    #[signal]
    pub(crate) fn space_left(reason: GString);

    /// Emitted when a space was not joined or not created. [param message] is a sentence for the player.
    #[signal]
    pub(crate) fn join_failed(code: JoinError, message: GString);

    /// Emitted when somebody has come to the space. Not for those who are there when the player joins.
    #[signal]
    pub(crate) fn member_joined(member: Gd<MetaverseMember>);

    /// Emitted when somebody has gone; [param reason] is a sentence for the player.
    #[signal]
    pub(crate) fn member_left(member: Gd<MetaverseMember>, reason: GString);

    /// Emitted when a member's name or image has changed, the player's own included, and when an image has arrived.
    #[signal]
    pub(crate) fn member_updated(member: Gd<MetaverseMember>);

    /// Emitted when another member keeps the space's order.
    #[signal]
    pub(crate) fn host_changed(member: Gd<MetaverseMember>);

    /// Emitted when a member is reached in another way.
    #[signal]
    pub(crate) fn path_changed(member: Gd<MetaverseMember>, path: PathKind);

    /// Emitted when a member has sent a message with [method send_message].
    #[signal]
    pub(crate) fn message_received(member: Gd<MetaverseMember>, topic: StringName, data: Variant);

    /// Emitted when another profile holds than before: in a new space, at the border of a [MetaverseActivityZone], or since
    /// [member activity_profile] was set.
    #[signal]
    pub(crate) fn activity_profile_changed(profile: Gd<MetaverseActivityProfile>);

    /// Emitted when something else has gone wrong: the network cannot be used, the picture cannot be read.
    /// [param message] is a sentence for the player.
    #[signal]
    pub(crate) fn failed(message: GString);

    /// Gets ready to be reached. Does nothing if the peer is started already. [method create_space] and
    /// [method join_space] call it when it was not.
    ///
    /// Returns an error, and tells why with [signal failed], if the identity cannot be read or the [member reach] cannot
    /// be had. Must be in the scene tree.
    #[func]
    fn start(&mut self) -> Error {
        if self.session.is_some() {
            return Error::OK;
        }
        if is_editor_hint() || !self.base().is_inside_tree() {
            godot_error!("MetaversePeer: start() works in a running game only, in the scene tree.");
            return Error::ERR_UNCONFIGURED;
        }
        let secret = match identity::load(&self.identity_path) {
            Ok(secret) => secret,
            Err(error) => return self.fail(error.code(), error.to_string()),
        };
        let name = Name::clean(&self.display_name.to_string());
        let options = Options {
            secret,
            reach: self.reach.into(),
            name,
        };
        match Peer::start(options) {
            Ok(net) => self.session = Some(Session::new(net)),
            Err(error) => return self.fail(Error::ERR_UNAVAILABLE, error.to_string()),
        }
        self.is_profile_changed = self.avatar_image.is_some();
        self.set_state(State::Starting);
        Error::OK
    }

    /// Leaves the space, if any, and ends all links. The farewells go out behind, for at most a second.
    #[func]
    fn stop(&mut self) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        let farewell = match (session.leave(), self.state) {
            (Some(_), _) => Some(Notice::SpaceLeft(String::new())),
            (None, State::Joining | State::Leaving) => Some(cancelled()),
            (None, _) => None,
        };
        session.net.stop();
        self.roster_revision += 1;
        self.notices
            .retain(|notice| matches!(notice, Notice::Failed(_)));
        self.set_state(State::Offline);
        self.notices.extend(farewell);
    }

    /// Creates a space and enters it as its host; [signal space_joined] tells when. `null` stands for the
    /// default options.
    ///
    /// Returns [constant ERR_INVALID_PARAMETER] if the options are out of range, [constant ERR_ALREADY_IN_USE] while in a
    /// space or on the way into or out of one, or what [method start] returns.
    #[func]
    fn create_space(&mut self, options: Option<Gd<MetaverseSpaceOptions>>) -> Error {
        if self.is_engaged() {
            godot_error!("MetaversePeer: leave the space before creating another.");
            return Error::ERR_ALREADY_IN_USE;
        }
        let options = options.unwrap_or_else(MetaverseSpaceOptions::new_gd);
        let Some(settings) = options.bind().settings() else {
            godot_error!("MetaversePeer: the capacity of a space must be 2 to 8192.");
            return Error::ERR_INVALID_PARAMETER;
        };
        let started = self.start();
        self.hand_down_profile();
        let Some(session) = &self.session else {
            return started;
        };
        session.net.create_space(settings);
        self.set_state(State::Joining);
        Error::OK
    }

    /// Joins the space that [param invite] names; the text may have anything around the invite. Answered by
    /// [signal space_joined] or [signal join_failed], after at most some 20 seconds. [method leave_space] gives up.
    #[func]
    fn join_space(&mut self, invite: GString) {
        if self.is_engaged() {
            let message = "You are in a space already, or on the way to one. Leave it first.";
            return self
                .notices
                .push_back(Notice::JoinFailed(JoinError::Refused, message.into()));
        }
        self.start();
        self.hand_down_profile();
        let Some(session) = &self.session else {
            let message = "The network is not ready on this computer.";
            return self
                .notices
                .push_back(Notice::JoinFailed(JoinError::Unreachable, message.into()));
        };
        session.net.join_space(&invite.to_string());
        self.set_state(State::Joining);
    }

    /// Leaves the space; [signal space_left] tells when. On the way into a space it gives up instead, and
    /// [signal join_failed] follows with [constant CANCELLED].
    #[func]
    fn leave_space(&mut self) {
        if !matches!(self.state, State::InSpace | State::Joining) {
            return;
        }
        if let Some(session) = &self.session {
            session.net.leave_space();
        }
        self.set_state(State::Leaving);
    }

    /// A text that lets others into the space: to be sent by chat or e-mail, and handed to [method join_space] there.
    /// Empty outside a space. Any member can make one, at any time.
    ///
    /// [param uses] is how many people may enter with it, [param valid_seconds] for how long; 0 is without limit.
    #[func]
    fn create_invite(
        &self,
        #[opt(default = 0)] uses: i64,
        #[opt(default = 0)] valid_seconds: i64,
    ) -> GString {
        let (Ok(uses), Ok(seconds)) = (u32::try_from(uses), u64::try_from(valid_seconds)) else {
            godot_error!(
                "MetaversePeer: an invite's uses and seconds cannot be negative or beyond 4 billion."
            );
            return GString::new();
        };
        let Some(session) = &self.session else {
            return GString::new();
        };
        let uses = Some(uses).filter(|uses| *uses > 0);
        let lifetime = Some(seconds)
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs);
        session
            .net
            .create_invite(uses, lifetime)
            .map_or_else(GString::new, |invite| GString::from(&invite))
    }

    /// Where the peer is between being off and being in a space.
    #[func]
    fn get_state(&self) -> State {
        self.state
    }

    /// The space the player is in, or `null`.
    #[func]
    fn get_space(&self) -> Option<Gd<MetaverseSpace>> {
        self.roster().map(|roster| roster.space().clone())
    }

    /// The player as a member of the space, or `null`.
    #[func]
    pub(crate) fn get_local_member(&self) -> Option<Gd<MetaverseMember>> {
        self.roster().and_then(Roster::local_member)
    }

    /// Everyone in the space, the player included; who has been there longest is first. Empty outside a space.
    #[func]
    pub(crate) fn get_members(&self) -> Array<Gd<MetaverseMember>> {
        self.roster()
            .map(|roster| roster.members().cloned().collect())
            .unwrap_or_default()
    }

    /// The member that keeps the space's order, or `null`.
    #[func]
    fn get_host(&self) -> Option<Gd<MetaverseMember>> {
        self.roster().and_then(Roster::host)
    }

    /// Sends [param data] under [param topic] to one member, or to everyone else. It arrives once, and in the order in which
    /// the player has sent.
    ///
    /// [param data] is anything that is plain: numbers, strings, vectors, arrays, dictionaries and so on, at most 1 MiB in
    /// all. Returns [constant ERR_INVALID_PARAMETER] if it holds objects or is too large, if [param topic] has more
    /// than 128 bytes, or if [param to] is oneself or has left; [constant ERR_UNAVAILABLE] outside a space; and
    /// [constant ERR_BUSY] while 1,024 messages or 4 MiB wait to be sent: try again later.
    #[func]
    fn send_message(
        &mut self,
        topic: StringName,
        data: Variant,
        #[opt(default = OptionalMember(None))] to: OptionalMember,
    ) -> Error {
        let Some(session) = self
            .session
            .as_ref()
            .filter(|_| self.state == State::InSpace)
        else {
            return Error::ERR_UNAVAILABLE;
        };
        let topic = topic.to_string();
        let to = match to.0.map(|member| self.receiver(&member)) {
            Some(None) => return invalid("a message goes to another member who is in the space"),
            to => to.flatten(),
        };
        if topic.len() > TOPIC_BYTES {
            return invalid(&format!(
                "the topic of a message has at most {TOPIC_BYTES} bytes"
            ));
        }
        let bytes = match message::encode(&data) {
            Ok(bytes) => bytes,
            Err(error) => return invalid(&format!("this cannot be sent: {error}")),
        };
        match session.net.send_message(&topic, bytes, to) {
            Ok(()) => Error::OK,
            Err(SendError::Busy) => Error::ERR_BUSY,
            Err(SendError::NotInSpace) => Error::ERR_UNAVAILABLE,
            Err(SendError::TooLarge) => {
                invalid(&format!("a message has at most {MESSAGE_BYTES} bytes"))
            }
        }
    }

    /// The profile by which the player watches the others at the moment, or `null` outside a space.
    #[func]
    fn get_present_profile(&self) -> Option<Gd<MetaverseActivityProfile>> {
        self.roster().and(self.present_profile.clone())
    }

    /// Tells that a member is heard to speak, or no longer, for games with a voice chat of their own: whoever speaks is seen
    /// in more detail. Returns [constant ERR_INVALID_PARAMETER] for oneself and for who has left.
    #[func]
    fn set_speaking(&mut self, member: Gd<MetaverseMember>, is_speaking: bool) -> Error {
        let Some(number) = self.receiver(&member) else {
            return invalid("only another member who is in the space can be heard to speak");
        };
        if let Some(session) = &self.session {
            session.net.set_speaking(number, is_speaking);
        }
        Error::OK
    }

    /// Who is connected to whom, as far as is known here: first the ways by which the local player reaches each other
    /// member, then the links that the others report. Each is a dictionary with
    /// `from` and `to` (member numbers),
    /// `path` (a [enum PathKind]),
    /// `over` (the number of the member that hands on, where [code]path[/code] is
    /// [constant PATH_KIND_FORWARDED]; otherwise 0), `round_trip_ms` (0 where it is not known) and
    /// `loss` (the share of datagrams, 0 to 1, that are lost there and back).
    /// What others report is at most about a second old while this is called again and again; the first time it is missing.
    /// [MetaverseNetworkOverlay] draws it.
    #[func]
    fn get_routing_map(&self) -> Array<VarDictionary> {
        self.session
            .as_ref()
            .and_then(Network::of)
            .map(|network| network.dictionaries())
            .unwrap_or_default()
    }

    /// What was sent, received and dropped, counted since [method start], and how long things take: among others
    /// `pose_latency_ms_p50` and `pose_latency_ms_p95` (from the sender's frame to the frame that has
    /// the pose, of the newest 4,096), `extension_frame_ms_p50` and `extension_frame_ms_p95` (CPU time of the main thread
    /// that all the addon's nodes together take in a frame, of 256 frames of which each is the seventh after the one before), and
    /// `avatars_near`, `avatars_middle` and
    /// `avatars_far` (the avatars of others, by how much of each the newest pose had). Empty while the peer is not started.
    #[func]
    fn get_statistics(&self) -> VarDictionary {
        let Some(session) = &self.session else {
            return VarDictionary::new();
        };
        let mut statistics = session.statistics();
        statistics.set("extension_frame_ms_p50", frame_meter::percentile(0.50));
        statistics.set("extension_frame_ms_p95", frame_meter::percentile(0.95));
        if let Some(allocations) = frame_meter::allocations() {
            let allocations = i64::try_from(allocations).unwrap_or(i64::MAX);
            statistics.set("extension_allocations", allocations);
        }
        statistics
    }

    #[func]
    fn set_display_name(&mut self, display_name: GString) {
        self.is_profile_changed |= display_name != self.display_name;
        self.display_name = display_name;
    }

    #[func]
    fn set_avatar_image(&mut self, avatar_image: Option<Gd<Texture2D>>) {
        self.is_profile_changed |= avatar_image != self.avatar_image;
        self.avatar_image = avatar_image;
    }
}

#[godot_api]
impl INode for MetaversePeer {
    fn enter_tree(&mut self) {
        self.base_mut().add_to_group(PEERS);
        if is_editor_hint() {
            return;
        }
        if self.base().get_process_mode() == ProcessMode::INHERIT {
            // A paused game stays in its space.
            self.base_mut().set_process_mode(ProcessMode::ALWAYS);
        }
        if self.base().get_process_priority() == 0 {
            self.base_mut().set_process_priority(PEER_PRIORITY);
        }
        let peer = self.to_gd();
        self.monitors.add(&peer);
        if self.auto_start {
            self.start();
        }
    }

    fn exit_tree(&mut self) {
        self.stop();
        self.monitors.remove();
        // Who would listen may be leaving the tree as well.
        self.notices.clear();
    }

    #[func(gd_self)]
    fn process(mut this: Gd<Self>, _delta: f64) {
        if is_editor_hint() {
            return;
        }
        let count = {
            let _span = FrameSpan::begin();
            this.bind_mut().drain()
        };
        for _ in 0..count {
            // A handler may have stopped or freed the peer.
            if !this.is_instance_valid() {
                return;
            }
            let Some(notice) = this.bind_mut().notices.pop_front() else {
                break;
            };
            notice.emit(&this);
        }
        Self::tell_shared(&this);
    }

    fn get_configuration_warnings(&self) -> PackedStringArray {
        let mut warnings = PackedStringArray::new();
        if self.reach == Reach::RelayOnly {
            warnings.push("\"Relay Only\" needs a relay server, which cannot be set in this version: start() will fail.");
        }
        warnings
    }
}

impl MetaversePeer {
    fn set_state(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            self.notices.push_back(Notice::StateChanged(state));
        }
    }

    fn fail(&mut self, code: Error, message: String) -> Error {
        self.notices.push_back(Notice::Failed(message));
        code
    }

    fn is_engaged(&self) -> bool {
        matches!(self.state, State::Joining | State::InSpace | State::Leaving)
    }

    /// The number to send to; `None` if `member` is oneself or not in the space any more.
    fn receiver(&self, member: &Gd<MetaverseMember>) -> Option<MemberNumber> {
        let is_here = self.roster()?.members().any(|other| other == member);
        let member = member.bind();
        (is_here && !member.is_local()).then(|| member.number())
    }

    fn roster(&self) -> Option<&Roster> {
        self.session.as_ref()?.roster.as_ref()
    }
}

fn cancelled() -> Notice {
    Notice::JoinFailed(JoinError::Cancelled, "You have stopped joining.".into())
}

fn invalid(why: &str) -> Error {
    godot_error!("MetaversePeer: {why}.");
    Error::ERR_INVALID_PARAMETER
}
