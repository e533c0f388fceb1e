//! What peers say to one another: ids, rights, messages, datagrams and invites, with a limit on everything that is
//! read. Pure: no clock, no socket, no task.

pub mod announcement;
pub mod codec;
pub mod control;
pub mod datagram;
pub mod id;
pub mod invite;
pub mod lane;
pub mod limits;
pub mod name;
pub mod packet;
pub mod profile;
pub mod quality;
pub mod rights;
pub mod sign;
pub mod state;
pub mod time;
pub mod vote;

/// The version of everything in this crate. Peers of different versions do not understand one another.
pub const VERSION: u32 = 1;

/// The protocol name in the TLS handshake, which ends a meeting of different versions before it begins.
pub const ALPN: &[u8] = b"metaverse/1";
