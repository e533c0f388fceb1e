//! Avatars between members: which poses go to whom, in which detail, and what comes back of that.
//!
//! A pose travels only while somebody has not got it: a viewer confirms what it has decoded, the next pose is predicted
//! from that, and once the newest one is confirmed nothing more is sent.

mod local;
mod remote;
mod viewer;

pub(crate) use local::{LocalAvatars, encoded};
pub(crate) use remote::{Receipts, RemoteAvatars, TICKS_TELL, Taken};
pub(crate) use viewer::Viewer;
