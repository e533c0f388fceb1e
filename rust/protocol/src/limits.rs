//! Every bound on what another peer may make us read, keep or allocate, with its reason.

/// Bytes of one control message. The largest is a welcome.
pub const CONTROL_BYTES: usize = 256 * 1024;
/// Bytes of the data of one game message; a picture or a document page, not a download.
pub const MESSAGE_BYTES: usize = 1024 * 1024;
/// Bytes of the topic of a game message: a short name.
pub const TOPIC_BYTES: usize = 128;
/// Bytes of one frame on the message lane: topic, data, and what the codec counts for their lengths.
pub const MESSAGE_FRAME_BYTES: usize = MESSAGE_BYTES + TOPIC_BYTES + 32;
/// Members named in one control message: each takes at most 3,300 bytes, behind a chain of [`CHAIN_LINKS`].
pub const ROSTER_PAGE: usize = 64;
/// Bytes of one frame on the announcement lane: a message, and who has signed it.
pub const ANNOUNCEMENT_FRAME_BYTES: usize = MESSAGE_FRAME_BYTES + 512;
/// Bytes of an avatar image as it travels.
pub const IMAGE_BYTES: usize = 64 * 1024;
/// Bytes of one frame on the bulk lane: an image, its hash and their lengths.
pub const BULK_FRAME_BYTES: usize = IMAGE_BYTES + 64;
/// Bytes of one datagram: fits the 1,162 bytes that QUIC carries before path MTU discovery, less a forwarder's header.
pub const DATAGRAM_BYTES: usize = 1_100;
/// Bytes that a forwarder puts before a datagram that it hands on: its kind and a member.
pub const FORWARD_HEADER_BYTES: usize = 3;
/// Bytes of a part of a packet that is carried: what a datagram holds besides its kind, a member and the part's header.
pub const PACKET_PART_BYTES: usize = DATAGRAM_BYTES - 4;
/// Bytes of a packet of a transport that members carry: an Ethernet frame holds no more.
pub const PACKET_BYTES: usize = 1_500;
/// Packets of one member of which one part may wait for the other.
pub const PACKETS_IN_PARTS: usize = 16;
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
/// Members that watch the host and would follow it: more than half of them must agree that it is gone. Two of them may
/// vanish with it; more would cost the host more than they are worth.
pub const WITNESSES: usize = 5;
/// Members up to whom a space is a full mesh of links. In a larger one, forwarders hand on between members.
pub const FULL_MESH: usize = 32;
/// Forwarders of a space: enough for all members, some twenty to each.
pub const FORWARDERS: usize = 512;
/// Streams of avatars that one message asks for: all avatars of some hundred members.
pub const FOLLOWS: usize = 1_024;
/// Members of a space: what they are told of one another must be kept by each.
pub const MEMBERS: usize = 8_192;
/// Bytes of the sentence that goes with a refusal, a removal or a farewell.
pub const REASON_BYTES: usize = 256;
/// Avatars that one member may own: their ids fit in six bits.
pub const AVATARS: usize = 64;
/// Bytes of an avatar's skeleton: its bones' names, parents and rest positions.
pub const RIG_BYTES: usize = 4 * 1024;
/// Bytes of the key of a shared value: a short path of names.
pub const STATE_KEY_BYTES: usize = 128;
/// Bytes of a shared value: a stroke, a page, a small picture.
pub const STATE_VALUE_BYTES: usize = 64 * 1024;
/// Bytes of all shared values of a space, with their keys and [`STATE_STAMP_BYTES`] for each: what everybody who comes
/// has to get first.
pub const STATE_BYTES: usize = 4 * 1024 * 1024;
/// What a shared value counts besides its key and value.
pub const STATE_STAMP_BYTES: usize = 16;
/// Keys of a space that have a value: more than [`STATE_BYTES`] holds of anything but the smallest.
pub const STATE_KEYS: usize = 32 * 1024;
/// Erased keys that are remembered, so that they do not come back from somebody who has not heard of it; the oldest are
/// forgotten first.
pub const STATE_ERASED_KEYS: usize = 16 * 1024;
/// Numbers for keys on one link: all that a member ever has at once, while two that were cut off from each other bring
/// together what both have.
pub const STATE_IDS: usize = 2 * (STATE_KEYS + STATE_ERASED_KEYS);
/// Entries in one frame of the state lane, so that reading one takes little time and memory.
pub const STATE_ENTRIES: usize = 4_096;
/// Bytes of one frame of the state lane: what is gathered for one, the largest value on top, and its key.
pub const STATE_FRAME_BYTES: usize = 32 * 1024 + STATE_VALUE_BYTES + 1024;
