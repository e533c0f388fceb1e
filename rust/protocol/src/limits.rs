//! Every bound on what another peer may make us read, keep or allocate, with its reason.

/// Bytes of one control message. The largest is a welcome: each member takes at most 900 bytes under the creator, so 256
/// of them fit, and 3,300 behind a chain of [`CHAIN_LINKS`], so 71 do.
pub const CONTROL_BYTES: usize = 256 * 1024;
/// Bytes of the data of one game message; a picture or a document page, not a download.
pub const MESSAGE_BYTES: usize = 1024 * 1024;
/// Bytes of the topic of a game message: a short name.
pub const TOPIC_BYTES: usize = 128;
/// Bytes of one frame on the message lane: topic, data, and what the codec counts for their lengths.
pub const MESSAGE_FRAME_BYTES: usize = MESSAGE_BYTES + TOPIC_BYTES + 32;
/// Bytes of an avatar image as it travels.
pub const IMAGE_BYTES: usize = 64 * 1024;
/// Bytes of one frame on the bulk lane: an image, its hash and their lengths.
pub const BULK_FRAME_BYTES: usize = IMAGE_BYTES + 64;
/// Bytes of one datagram: fits the 1,162 bytes that QUIC carries before path MTU discovery, less a forwarder's header.
pub const DATAGRAM_BYTES: usize = 1_100;
/// Letters of a display name or a space's name: what a name tag can show.
pub const NAME_CHARACTERS: usize = 64;
/// Bytes of a name: four per letter in UTF-8.
pub const NAME_BYTES: usize = 4 * NAME_CHARACTERS;
/// Bytes of a space's activity and scene tags.
pub const TAG_BYTES: usize = 64;
/// Socket addresses that one peer may say it is reached at: a few interfaces, two families, a mapped port.
pub const ADDRESSES: usize = 8;
/// Members named in one invite: enough that one of them is still there, few enough for a chat line.
pub const INVITE_CONTACTS: usize = 4;
/// Addresses an invite keeps of each member it names.
pub const INVITE_ADDRESSES: usize = 4;
/// Bytes of an invite before its text encoding: space, permission with a full chain, and contacts.
pub const INVITE_BYTES: usize = 4 * 1024;
/// Letters of text that are searched for an invite; whoever pastes a book gets an error, not a wait.
pub const INVITE_TEXT_BYTES: usize = 64 * 1024;
/// Links in a chain of delegations: hosts that followed one another without the first coming back.
pub const CHAIN_LINKS: usize = 16;
/// Members of a space. A full mesh is meant for about 32; the number leaves room for the topology beyond it.
pub const MEMBERS: usize = 256;
/// Bytes of the sentence that goes with a refusal, a removal or a farewell.
pub const REASON_BYTES: usize = 256;
/// Avatars that one member may own: their ids fit in six bits.
pub const AVATARS: usize = 64;
/// Bytes of an avatar's skeleton: its bones' names, parents and rest positions.
pub const RIG_BYTES: usize = 4 * 1024;
