//! Times and amounts by which bytes are moved, with the reason for each.

use std::time::Duration;

use metaverse_protocol::limits::{ADDRESSES, FORWARDERS, FULL_MESH};

/// Threads of the shared runtime: one peer's traffic takes a quarter of a core, the rest is the game's.
pub const WORKERS: usize = 2;
/// Threads for work that blocks: pictures, and what iroh asks of the operating system.
pub const BLOCKING_THREADS: usize = 4;
/// Pictures worked on at a time; few, because nobody waits for them.
pub const PICTURES: usize = 2;

/// How long one dial is tried. Below the 9 s after which a newcomer says "unreachable", so that the real cause is told.
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(8);
/// How long somebody who dials us may take to shake hands.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Handshakes of others at a time: each costs a signature and a few KiB before anything is known of the other.
pub const HANDSHAKES: usize = 64;
/// How long a second connection of a linked peer waits. One that crossed ours is given up by its dialer within a round
/// trip; one that is still there afterwards comes from a peer that has lost its side of the link.
pub const SECOND_CONNECTION_PATIENCE: Duration = Duration::from_secs(1);
/// Connections at a time: all forwarders, with as many members again for some of them, and the strangers that the machine
/// lets knock.
pub const CONNECTIONS: usize = FORWARDERS + 2 * FULL_MESH + metaverse_space::config::STRANGERS;
/// Addresses of one peer that are dialled; a peer tells no more.
pub const DIALLED_ADDRESSES: usize = ADDRESSES;

/// A path without a sign of life for so long is left: four keep-alives, and sooner than people ask what is wrong.
pub const PATH_SILENCE: Duration = Duration::from_secs(4);
/// A connection whose last path is silent ends; the machine's own silence of 3.5 s usually comes first.
pub const CONNECTION_SILENCE: Duration = Duration::from_secs(5);
/// Packets that wait to be carried by other members, or came that way: a window's worth of a slow path.
pub const CARRIED_WAITING: usize = 256;
/// How long a dial goes straight before it also goes over members: two round trips of most pairs, so that these are
/// spared where they are not needed.
pub const STRAIGHT_HEAD_START: Duration = Duration::from_millis(400);
/// By how much quicker another path of the same kind must be to be taken instead.
pub const PATH_GAIN: Duration = Duration::from_millis(5);
/// How often the routing map is made anew while somebody looks at it: links are measured no more often.
pub const MAP_INTERVAL: Duration = Duration::from_millis(500);
/// How long after a look it goes on being made.
pub const MAP_PATIENCE: Duration = Duration::from_secs(5);
/// How often an idle path is shown to be alive, to the peer and to the routers between.
pub const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// Bytes of outgoing datagrams that wait on one link: 0.1 s of the worst case; older poses are worth nothing.
pub const DATAGRAM_SEND_BYTES: usize = 32 * 1024;
/// Bytes of incoming datagrams that wait on one link.
pub const DATAGRAM_RECEIVE_BYTES: usize = 64 * 1024;
/// Bytes that a peer may have under way to us on one lane: 40 Mbit/s at a round trip of 100 ms.
pub const LANE_WINDOW: u32 = 512 * 1024;
/// Bytes that a peer may have under way to us on all lanes: three full ones, and what the machine has under way of the
/// shared state, so that no lane stops another.
pub const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;
/// Bytes of ours that one connection keeps until they are acknowledged: as many, for the same reason.
pub const SEND_WINDOW: u64 = 2 * 1024 * 1024;

/// Bytes written at once; each such piece must be taken within the patience of its lane. Together with the
/// patience this is the least rate that a receiver must keep: 1.6 KiB/s, 11 KiB/s while others wait for it.
pub const PIECE_BYTES: usize = 32 * 1024;
/// Frames gathered for one write.
pub const PIECE_FRAMES: usize = 16;
/// How long a piece on the control lane may wait: its few bytes go before all others.
pub const CONTROL_PATIENCE: Duration = Duration::from_secs(3);
/// How long a piece on another lane may wait: a game that loads a level is not thrown out.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may wait while the game's messages pile up for everybody because of it.
pub const CROWDED_PATIENCE: Duration = Duration::from_secs(3);
/// How often a waiting writer looks at the clock.
pub const PATIENCE_CHECK: Duration = Duration::from_millis(250);
/// Control frames waiting on one link: far beyond what a busy space says in [`CONTROL_PATIENCE`].
pub const CONTROL_FRAMES: usize = 1_024;
/// Bytes of control frames waiting on one link: four welcomes of the largest space.
pub const CONTROL_BYTES: usize = 1024 * 1024;
/// Announcements that may wait on one link: all that are kept, for somebody who has none, and as many again.
pub const ANNOUNCEMENT_FRAMES: usize = 2 * metaverse_space::config::ANNOUNCEMENTS;
/// Their bytes.
pub const ANNOUNCEMENT_BYTES: usize = 2 * metaverse_space::config::ANNOUNCEMENT_BYTES;
/// Frames of the shared state waiting on one link: far more than the machine has under way, small ones included.
pub const STATE_FRAMES: usize = 1_024;
/// Bytes of frames of the shared state waiting on one link: what the machine has under way, and what it asks and answers.
pub const STATE_BYTES: usize = 1024 * 1024;
/// Shared values that the machine is given at once, so that links wait no longer than a few milliseconds for it.
pub const WRITES_AT_ONCE: usize = 1_024;
/// Bytes of bulk frames waiting on one link: the images of 16 members; who misses one asks again.
pub const BULK_BYTES: usize = 1024 * 1024;
/// Bulk frames waiting on one link.
pub const BULK_FRAMES: usize = 1_024;
/// Frames a second that are read from one peer on the message and bulk lanes. Below what the machine takes for a
/// flood, so that whoever sends fast is slowed down by QUIC's flow control instead of being sent away.
pub const FRAMES_PER_SECOND: u32 = metaverse_space::config::FRAMES_PER_SECOND * 9 / 10;
/// Frames that are read at once after a pause; the machine takes several times as many.
pub const FRAME_BURST: u32 = metaverse_space::config::FRAMES_PER_SECOND / 4;
/// Bytes a frame's buffer begins with; it grows only as bytes arrive, whatever length was announced.
pub const FRAME_BUFFER_BYTES: usize = 64 * 1024;

/// How long what was sent before a close may take to arrive.
pub const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the frames that came before the other side's close may take to be handled.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long whoever leaves waits until the others have had their last messages; they confirm within 750 ms.
pub const LEAVE_PATIENCE: Duration = Duration::from_secs(1);
/// The same when the peer is stopped, and there is less time.
pub const STOP_PATIENCE: Duration = Duration::from_millis(300);
/// How long a peer may take to close everything when it is stopped.
pub const STOP_TIMEOUT: Duration = Duration::from_millis(700);

/// Messages of the game that were accepted and are not delivered to everybody yet.
pub const BACKLOG_MESSAGES: usize = 1_024;
/// Their bytes.
pub const BACKLOG_BYTES: usize = 4 * 1024 * 1024;
/// Commands of the game that wait: every message of the backlog, and room for the rest.
pub const COMMANDS: usize = 2 * BACKLOG_MESSAGES;
/// Happenings on all links that wait for the machine; beyond it QUIC's flow control slows the senders down.
pub const NOTICES: usize = 256;
/// Bytes of whole frames that wait for the machine.
pub const TRANSIT_BYTES: usize = 8 * 1024 * 1024;

/// Events that wait for the game before no more messages are read: two minutes of a busy chat in a minimised game.
pub const WAITING_EVENTS: usize = 4_096;
/// Bytes of messages that wait for the game before no more are read.
pub const WAITING_BYTES: usize = 8 * 1024 * 1024;
/// Events of any kind that wait before the peer gives up and leaves; what remains then still fits in a few MiB.
pub const MOST_WAITING_EVENTS: usize = 16_384;
/// Samples kept of one avatar between two frames: 60 poses a second over 130 ms.
pub const POSE_SAMPLES: usize = 8;
