//! Spaces over iroh: the driver that gives the pure machine of `metaverse-space` an endpoint, a clock and randomness.
//!
//! [`Peer`] is the handle for the game's main thread: none of its calls blocks. Behind it one actor owns the machine
//! and all links; everything between the two is bounded and counted.

mod accept;
mod backlog;
mod clock;
mod closing;
pub mod config;
mod dial;
mod driver;
mod endpoint;
mod error;
mod inbox;
mod lane_reader;
mod lane_writer;
mod link;
mod links;
mod local_avatars;
mod meeting;
mod newest;
mod notice;
mod over_members;
mod pacer;
mod peer;
mod pictures;
mod random;
mod reach;
mod received_poses;
mod routing;
mod runtime;
mod shared;
mod statistics;

pub use error::{SendError, StartError};
pub use inbox::PeerEvent;
pub use metaverse_space::picture::Picture;
pub use peer::{Options, Peer, SpaceSettings};
pub use reach::Reach;
pub use received_poses::ReceivedPose;
pub use runtime::shut_down;
pub use statistics::Statistics;
