//! Avatars as they travel and as they are shown: the skeleton, its poses, their bytes, and their playback on the receiving
//! side.
//!
//! Pure: no clock, no socket, no allocation while poses are coded or played.

mod analogs;
mod arrival;
mod curve;
mod decode_error;
mod decoder;
mod delay;
mod distribution;
mod encoder;
mod figure;
mod history;
mod humanoid;
mod lanes;
mod lattice;
mod layout;
mod level;
mod limb;
pub mod limits;
mod mobility;
mod model;
mod motion;
mod parameters;
mod payload;
mod playback;
mod pose;
mod precision;
mod range;
mod references;
mod rig;
mod rounding;
mod solver;
mod timing;
mod track;

pub use decode_error::DecodeError;
pub use decoder::{Decoded, Decoder};
pub use encoder::Encoder;
pub use level::{Level, Limb, LimbEnd, MiddlePose};
pub use playback::{Playback, Pushed, Shown};
pub use pose::{COORDINATE_LIMIT, Pose, PoseError, RootPose};
pub use precision::Precision;
pub use rig::{Bone, Rig, RigError};
pub use solver::Solver;
