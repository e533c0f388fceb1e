//! Amounts and times of the extension, with the reason for each.

use std::{ops::RangeInclusive, time::Duration};

/// Events handed to the game in one frame; the others wait for the next.
pub(crate) const EVENTS_PER_FRAME: usize = 256;
/// Time for events in one frame, of the 16 ms that it has.
pub(crate) const EVENT_TIME_PER_FRAME: Duration = Duration::from_millis(2);
/// Shared values taken over in one frame: a fraction of a millisecond.
pub(crate) const NEWS_PER_FRAME: usize = 2_048;
/// Changes of shared values that the game is told in one frame: a snapshot of 10,000 keys is told within 20 frames, and a
/// handler that takes 5 us for each still leaves most of the frame to the game.
pub(crate) const CHANGES_PER_FRAME: usize = 512;
/// Time for decoding them in one frame.
pub(crate) const CHANGE_TIME_PER_FRAME: Duration = Duration::from_millis(1);
/// Peers are processed this early, so that nodes see what has arrived in the same frame.
pub(crate) const PEER_PRIORITY: i32 = -100;
/// How long the library waits for farewells when the game ends; the process must be gone within 2 s.
pub(crate) const SHUT_DOWN_TIMEOUT: Duration = Duration::from_millis(1_200);

/// How often it is looked where the player looks from, and which zone they are in.
pub(crate) const WATCH_INTERVAL: Duration = Duration::from_millis(250);
/// The least movement that is seen, in metres for each metre of distance: half a pixel where 2,160 of them show 75 degrees.
pub(crate) const LEAST_VISIBLE: f32 = 3e-4;
/// An arm may reach so many metres nearer than where its avatar stands, and the eye may have come nearer since.
pub(crate) const NEARER: f32 = 1.5;
/// Nothing is looked at from nearer than this, in metres.
pub(crate) const NEAREST: f32 = 0.3;

/// The longest side of an avatar image that is handed down, in pixels; larger ones are scaled.
pub(crate) const IMAGE_SIDE: i32 = 2_048;
/// How many a space may be created for.
pub(crate) const CAPACITIES: RangeInclusive<usize> = 2..=metaverse_protocol::limits::MEMBERS;
/// How many a space is created for unless it says otherwise: a full mesh serves as many.
pub(crate) const CAPACITY: u16 = 32;

/// Values in a message, counted through all arrays and dictionaries: more do not fit, as each takes four bytes.
pub(crate) const MESSAGE_VALUES: usize = metaverse_protocol::limits::MESSAGE_BYTES / 4;
/// Arrays within arrays in a message; Godot's own reader stops a little later.
pub(crate) const MESSAGE_DEPTH: usize = 64;

/// Pose latencies kept for the statistics.
pub(crate) const LATENCIES: usize = 4_096;
/// Measured frames kept for the statistics: half a minute of them.
pub(crate) const FRAMES: usize = 256;
/// One of so many frames is measured, as looking at the clock of a thread is a call of the system's. A prime, as avatars are
/// captured in every third frame or so.
pub(crate) const MEASURED_FRAMES: u64 = 7;
