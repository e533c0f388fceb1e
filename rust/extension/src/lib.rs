//! The Godot addon: thin classes over `metaverse-net`, one file each.
//!
//! Everything here runs on Godot's main thread. No borrow of a class is held while a signal is emitted or a user's
//! code may run: events are drained first, and told after.

// Doc comments of classes are help for Godot's editor, which has its own marks; Godot's calls hand over their arguments.
#![allow(clippy::doc_markdown, clippy::needless_pass_by_value)]

mod activity_profile;
mod activity_zone;
mod allocations;
mod avatar_spawner;
mod avatar_sync;
mod beat;
mod body;
mod bone_calls;
mod config;
mod enums;
mod face;
mod frame_meter;
mod identity;
mod library;
mod member;
mod message;
mod monitors;
mod network;
mod network_overlay;
mod notice;
mod optional_member;
mod optional_value;
mod peer;
mod peer_link;
mod picture;
mod pose;
mod recent;
mod remote_avatars;
mod roster;
mod session;
mod shared_state;
mod shared_values;
mod space;
mod space_options;
