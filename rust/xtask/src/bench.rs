//! `cargo xtask bench`: one figure of the README.

use std::ffi::OsString;

use anyhow::Result;

use crate::{prepare, process, workspace};

const PACKAGE: &str = "metaverse-bench";

/// The benches that play the exported game.
const PLAYED: &[&str] = &["closing", "meeting", "vanish"];

/// The bench that plays scenes of its own.
const STAGED: &str = "godot-sync";

/// Runs the bench `name`. The last line of its output is one JSON object.
///
/// # Errors
/// When the game cannot be prepared or the bench fails.
pub fn run(name: &str, arguments: &[OsString]) -> Result<()> {
    let mut command = workspace::cargo();
    let is_played = PLAYED.contains(&name);
    if is_played {
        prepare::exported_demo()?;
    }
    if name == STAGED {
        prepare::exported_bench()?;
    }
    if is_played || name == STAGED {
        let (variable, value) = prepare::done_variable();
        command.env(variable, value);
    }
    process::run(
        command
            .args(["run", "--release", "--package", PACKAGE, "--", name])
            .args(arguments),
    )
}
