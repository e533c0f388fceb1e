//! Where things are in the repository.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A Godot project of the repository that uses the addon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Project {
    /// The demo game.
    Demo,
    /// In-engine tests and examples.
    Tests,
}

impl Project {
    /// Every project.
    pub const ALL: [Self; 2] = [Self::Demo, Self::Tests];

    /// The project's folder.
    pub fn folder(self) -> PathBuf {
        root().join(match self {
            Self::Demo => "demo",
            Self::Tests => "godot_project",
        })
    }
}

/// The top folder of the repository: that of the package which cargo runs, and otherwise of the current folder. Clones
/// may share a target folder, so it must not be what the program was compiled in.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let start = std::env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .or_else(|| std::env::current_dir().ok())
            .unwrap_or_default();
        let top = start
            .ancestors()
            .find(|folder| folder.join("rust/xtask/Cargo.toml").is_file());
        top.unwrap_or(&start).to_owned()
    })
}

/// The one copy of the addon.
pub fn addon() -> PathBuf {
    root().join("addons/metaverse")
}

/// What is made for users: exported games, packages.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// A folder for logs and other files that may be deleted at any time.
///
/// # Errors
/// When cargo does not tell its target folder.
pub fn scratch() -> Result<PathBuf> {
    Ok(target()?.join("xtask"))
}

/// Holds back other processes that want to stage, import or export, until the returned file is dropped.
///
/// # Errors
/// When the lock's file cannot be created.
pub fn lock() -> Result<File> {
    let scratch = scratch()?;
    fs::create_dir_all(&scratch).with_context(|| format!("cannot create {}", scratch.display()))?;
    let file = File::create(scratch.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// Cargo, run in the top folder.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What `cargo run` tells the program it runs would make build scripts run anew.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_xtask) {
            command.env_remove(name);
        }
    }
    command
}

fn is_about_xtask(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

fn target() -> Result<&'static Path> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }

    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    if let Some(target) = TARGET.get() {
        return Ok(target);
    }
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(TARGET.get_or_init(|| metadata.target_directory))
}
