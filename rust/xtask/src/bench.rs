//! `cargo xtask bench`: one figure of the README.

use std::ffi::OsString;

use anyhow::Result;

use crate::{extension::Profile, prepare, process, workspace};

const PACKAGE: &str = "metaverse-bench";

/// The benches that play the exported game.
const PLAYED: &[&str] = &["closing", "meeting", "vanish"];

/// The bench that plays scenes of its own with the library as it is shipped.
const STAGED: &str = "godot-sync";

/// The bench that plays scenes of its own with the library that counts what it allocates.
const COUNTED: &str = "playback";

/// Runs the bench `name`. The last line of its output is one JSON object.
///
/// # Errors
/// When the game cannot be prepared or the bench fails.
pub fn run(name: &str, arguments: &[OsString]) -> Result<()> {
    let mut command = workspace::cargo();
    if prepare(name)? {
        let (variable, value) = prepare::done_variable();
        command.env(variable, value);
    }
    process::run(
        command
            .args(["run", "--release", "--package", PACKAGE, "--", name])
            .args(arguments),
    )
}

/// Exports what the bench plays. False if it plays nothing.
fn prepare(name: &str) -> Result<bool> {
    match name {
        STAGED => prepare::exported_bench(Profile::Release).map(|_| true),
        COUNTED => prepare::exported_bench(Profile::Counting).map(|_| true),
        _ if PLAYED.contains(&name) => prepare::exported_demo().map(|_| true),
        _ => Ok(false),
    }
}
