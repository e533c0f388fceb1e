//! Avatars as they travel and as they are shown: the pose, its bytes, and its playback on the receiving side.
//!
//! Pure: no clock, no socket, no allocation while poses are played.

mod codec;
mod delay;
mod playback;
mod pose;
mod track;

pub use codec::{DecodeError, ROOT_POSE_BYTES};
pub use playback::{Playback, Pushed};
pub use pose::{COORDINATE_LIMIT, PoseError, RootPose};
