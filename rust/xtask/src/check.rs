//! `cargo xtask check`: format, lints, dependencies, scripts.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::process::{run, run_logged};
use crate::workspace::{self, Project};
use crate::{log, prepare};

const SCRIPT_TIME_LIMIT: Duration = Duration::from_mins(2);
const CHECK_SCRIPTS: &str = include_str!("check_scripts.gd");
const NO_ADVISORIES: &str = "failed to fetch advisory database";
const CHECK_SCRIPTS_END: &str = " scripts loaded";

/// Checks everything that needs no test.
///
/// # Errors
/// When something is not as it should be.
pub fn check() -> Result<()> {
    run(workspace::cargo().args(["fmt", "--all", "--check"]))
        .context("repair it with `cargo fmt --all`")?;
    run(workspace::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    check_dependencies()?;
    let engine = Engine::find()?;
    prepare::projects(&engine)?;
    Project::ALL
        .into_iter()
        .try_for_each(|project| check_scripts(&engine, project))
}

fn check_dependencies() -> Result<()> {
    let installed = deny()
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !installed.success() {
        eprintln!(
            "licences and advisories are NOT checked, cargo-deny is missing: cargo install --locked cargo-deny"
        );
        return Ok(());
    }
    run(deny().args(["--workspace", "check", "bans", "licenses", "sources"]))?;
    check_advisories()
}

/// The database of advisories is on the network: without one there is nothing to compare with.
fn check_advisories() -> Result<()> {
    let output = deny()
        .args(["--workspace", "check", "advisories"])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && text.contains(NO_ADVISORIES) {
        eprintln!(
            "advisories are NOT checked, their database cannot be reached: connect to the network and try again"
        );
        return Ok(());
    }
    eprint!("{text}");
    if !output.status.success() {
        bail!("an advisory names one of the dependencies, see deny.toml");
    }
    Ok(())
}

fn deny() -> Command {
    let mut command = workspace::cargo();
    command.arg("deny");
    command
}

/// The engine prints what it warns about in a script only to a debugger, such as its own on the command line.
fn check_scripts(engine: &Engine, project: Project) -> Result<()> {
    let scratch = workspace::scratch()?;
    let checker = scratch.join("check_scripts.gd");
    fs::write(&checker, CHECK_SCRIPTS)?;
    let log = scratch.join(format!("scripts-{project:?}.log").to_lowercase());
    let mut command = engine.command();
    command
        .args(["--headless", "--debug", "--path"])
        .arg(project.folder())
        .arg("--script")
        .arg(&checker);
    let status = run_logged(&mut command, &log, SCRIPT_TIME_LIMIT)?;
    let text = log::read(&log)?;
    if !status.success() || !text.contains(CHECK_SCRIPTS_END) {
        bail!(
            "the scripts in {} could not be loaded ({status})\n{}",
            project.folder().display(),
            log::summary(&log, &text)
        );
    }
    log::require_clean(&log)?;
    let warnings = warnings(&text);
    if !warnings.is_empty() {
        bail!(
            "warnings in {}:\n  {}",
            project.folder().display(),
            warnings.join("\n  ")
        );
    }
    Ok(())
}

/// Each warning with the place that the engine names on the next line.
fn warnings(log: &str) -> Vec<String> {
    let lines: Vec<&str> = log.lines().map(str::trim).collect();
    let mut warnings: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.contains("WARNING:"))
        .map(|(index, line)| format!("{line} {}", lines.get(index + 1).unwrap_or(&"")))
        .collect();
    warnings.dedup();
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_with_their_place() {
        let log = "\
0WARNING: Variable \"x\" has no static type.
     at: GDScript::reload (res://warn.gd:3)
     GDScript backtrace (most recent call first):
1 scripts loaded
";
        assert_eq!(
            warnings(log),
            ["0WARNING: Variable \"x\" has no static type. at: GDScript::reload (res://warn.gd:3)"]
        );
        assert!(warnings("1 scripts loaded\n").is_empty());
    }
}
