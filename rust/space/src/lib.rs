//! A space as one pure state machine: admission, members, names, images, messages, liveness, hosts.
//!
//! ```text
//! space.handle(now, Input::Datagram { from, bytes });
//! while let Some(output) = space.poll_output() { /* dial, send, close, tell the game, set the alarm */ }
//! ```
//! It reads no clock, opens no socket, spawns no task and draws no random number: all that is handed in.

pub mod activity;
pub mod config;
pub mod io;
pub mod picture;
pub mod state;

mod admission;
mod announcing;
mod appearance;
mod avatars;
mod carrying;
mod core;
mod counters;
mod crowds;
mod echoes;
mod images;
mod inside;
mod interest;
mod joining;
mod link;
mod mesh;
mod outbox;
mod rate;
mod roster;
mod routing;
mod score;
mod sharing;
mod space;
mod succession;
mod topology;
mod traffic;
mod watching;
mod way;
mod witnesses;

pub use counters::Counters;
pub use interest::Viewpoint;
pub use routing::{MapLink, Route, RoutingMap, Traffic};
pub use space::Space;
