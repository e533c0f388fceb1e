//! What bots tell about their visit.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Serialize;

/// One bot's visit.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BotReport {
    /// The name that others saw.
    pub name: String,
    /// Other members that were there at the same time, at most.
    pub members_seen: usize,
    /// Other members that have gone.
    pub members_gone: usize,
    /// Other members whose place came, at the same time, at most.
    pub avatars_seen: usize,
    /// Poses that it has shown.
    pub poses: u64,
    /// Metres that it has walked.
    pub metres: f32,
    /// The longest time in which nothing new came of another member that was there and had moved, in milliseconds.
    pub longest_gap_ms: f64,
    /// Other members that it reached over somebody else, at the same time, at most.
    pub forwarded: usize,
    /// Packets and datagrams of others that it carried.
    pub carried: u64,
    /// From the request to join until it was in the space, in milliseconds; of the latest space.
    pub join_ms: Option<f64>,
}

/// Writes the reports as one JSON list, at one stroke.
pub fn write(path: &Path, reports: &[&BotReport]) -> Result<()> {
    let unfinished = path.with_extension("part");
    fs::write(&unfinished, serde_json::to_string(reports)?)
        .with_context(|| unfinished.display().to_string())?;
    fs::rename(&unfinished, path).with_context(|| path.display().to_string())
}
