//! `cargo xtask bench`: one figure of the README.

use std::ffi::OsString;

use anyhow::Result;

use crate::{prepare, process, workspace};

const PACKAGE: &str = "metaverse-bench";

/// The benches that play the exported game.
const PLAYED: &[&str] = &["closing", "meeting", "vanish"];

/// Runs the bench `name`. The last line of its output is one JSON object.
///
/// # Errors
/// When the game cannot be prepared or the bench fails.
pub fn run(name: &str, arguments: &[OsString]) -> Result<()> {
    let mut command = workspace::cargo();
    if PLAYED.contains(&name) {
        prepare::exported_demo()?;
        let (variable, value) = prepare::done_variable();
        command.env(variable, value);
    }
    process::run(
        command
            .args(["run", "--release", "--package", PACKAGE, "--", name])
            .args(arguments),
    )
}
