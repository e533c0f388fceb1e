//! The invite, in a file that several processes share.

use std::{fs, path::Path, thread, time::Duration};

use anyhow::{Context, Result};

/// How often it is looked whether the file has come.
const PATIENCE: Duration = Duration::from_millis(50);

/// Writes the invite at one stroke: a reader sees all of it or nothing.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("part");
    fs::write(&unfinished, text).with_context(|| unfinished.display().to_string())?;
    fs::rename(&unfinished, path).with_context(|| path.display().to_string())
}

/// The invite, if it is there.
pub fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The invite, as soon as it is there; `None` if waiting is over before.
pub fn wait_for(path: &Path, is_over: impl Fn() -> bool) -> Option<String> {
    while !is_over() {
        if let Some(text) = read(path) {
            return Some(text);
        }
        thread::sleep(PATIENCE);
    }
    None
}
