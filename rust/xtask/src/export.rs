//! Exports the demo as a game for a desktop platform, and the scenes of the benches for this one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::engine::Engine;
use crate::extension::{self, Profile};
use crate::process::run_logged;
use crate::workspace::{self, Project};
use crate::{log, project};

const TIME_LIMIT: Duration = Duration::from_mins(5);

/// The preset's name in `export_presets.cfg` of the project with the benches' scenes, and the program in it.
const BENCH_PRESET: &str = "Bench";
const BENCH_PROGRAM: &str = "metaverse-bench.x86_64";

/// A platform that the demo has an export preset for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// Linux
    Linux,
    /// Windows
    Windows,
    /// macOS
    Macos,
}

impl Platform {
    /// The platform that this was compiled for.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::Macos
    } else {
        Self::Linux
    };

    /// The preset's name in `export_presets.cfg`.
    fn preset(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
            Self::Macos => "macOS",
        }
    }

    /// What Godot is asked to write, and the program in it.
    fn files(self) -> (&'static str, &'static str) {
        match self {
            Self::Linux => ("metaverse-demo.x86_64", "metaverse-demo.x86_64"),
            Self::Windows => ("metaverse-demo.exe", "metaverse-demo.exe"),
            Self::Macos => (
                "metaverse-demo.app",
                "metaverse-demo.app/Contents/MacOS/Metaverse Demo",
            ),
        }
    }
}

/// The exported game's program.
pub fn game_path(platform: Platform) -> PathBuf {
    folder(platform).join(platform.files().1)
}

/// Exports the demo with the release library, and returns the game's program.
///
/// # Errors
/// When a step fails, a template is missing, or the engine's log has a fault.
pub fn export(engine: &Engine, platform: Platform) -> Result<PathBuf> {
    if platform != Platform::HERE {
        bail!(
            "the library for {} can only be built there: run this command on it",
            platform.preset()
        );
    }
    export_project(
        engine,
        Project::Demo,
        Profile::Release,
        platform.preset(),
        &folder(platform),
        platform.files().0,
    )?;
    Ok(game_path(platform))
}

/// The program of the benches' scenes with the library of `profile`.
pub fn bench_path(profile: Profile) -> PathBuf {
    bench_folder(profile).join(BENCH_PROGRAM)
}

fn bench_folder(profile: Profile) -> PathBuf {
    let name = match profile {
        Profile::Counting => "bench-counting",
        Profile::Debug | Profile::Release => "bench",
    };
    workspace::dist().join(name)
}

/// Exports the scenes of the benches with the library of `profile`, for Linux, and returns the program.
///
/// # Errors
/// When a step fails, a template is missing, or the engine's log has a fault.
pub fn export_bench(engine: &Engine, profile: Profile) -> Result<PathBuf> {
    if Platform::HERE != Platform::Linux {
        bail!("this bench counts with what only Linux has: run it there");
    }
    export_project(
        engine,
        Project::Tests,
        profile,
        BENCH_PRESET,
        &bench_folder(profile),
        BENCH_PROGRAM,
    )?;
    Ok(bench_path(profile))
}

/// Exports a project with the library of `profile` into `folder`, in place of what was there.
fn export_project(
    engine: &Engine,
    project: Project,
    profile: Profile,
    preset: &str,
    folder: &Path,
    file: &str,
) -> Result<()> {
    let _lock = workspace::lock()?;
    // The editor, which exports, loads the debug library.
    extension::stage(&[Profile::Debug, profile], &[project])?;
    let source = project.folder();
    project::import(engine, &source)?;

    let partial = workspace::dist().join("partial");
    remove_folder(&partial)?;
    fs::create_dir_all(&partial)?;
    run_export(engine, preset, &source, &partial.join(file))?;
    remove_folder(folder)?;
    fs::rename(&partial, folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn run_export(engine: &Engine, preset: &str, source: &Path, target: &Path) -> Result<()> {
    let log = workspace::scratch()?.join("export.log");
    let mut command = engine.command();
    command
        .args(["--headless", "--path"])
        .arg(source)
        .arg("--export-release")
        .arg(preset)
        .arg(target);
    if let Some(data) = engine.template_data_folder() {
        command.env("XDG_DATA_HOME", data);
    }
    let status = run_logged(&mut command, &log, TIME_LIMIT)?;
    let text = log::read(&log)?;
    if text.contains("No export template found") {
        bail!(
            "Godot {}'s export templates are missing: open Godot, then Editor > Manage Export Templates > Download and Install",
            engine.version()
        );
    }
    if !status.success() || !target.exists() {
        bail!(
            "Godot exported no game ({status})\n{}",
            log::summary(&log, &text)
        );
    }
    log::require_clean(&log).context("Godot exported the game with errors")
}

fn folder(platform: Platform) -> PathBuf {
    workspace::dist().join(platform.preset().to_lowercase())
}

fn remove_folder(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}
