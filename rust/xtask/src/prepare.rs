//! What has to be there before a game runs.

use std::path::PathBuf;

use anyhow::Result;

use crate::engine::Engine;
use crate::export::{self, Platform};
use crate::extension::{self, Profile};
use crate::game::Game;
use crate::project;
use crate::workspace::{self, Project};

/// Says that everything is built, staged, imported and exported already.
const PREPARED: &str = "METAVERSE_PREPARED";

/// Whether `cargo xtask test` has prepared everything, so that its tests need not.
pub fn is_done() -> bool {
    std::env::var_os(PREPARED).is_some()
}

/// The variable that tells child processes that everything is prepared.
pub fn done_variable() -> (&'static str, &'static str) {
    (PREPARED, "1")
}

/// The addon in every project, built for the editor, and every project imported.
///
/// # Errors
/// When a step fails.
pub fn projects(engine: &Engine) -> Result<()> {
    if is_done() {
        return Ok(());
    }
    let _lock = workspace::lock()?;
    extension::stage(&[Profile::Debug], &Project::ALL)?;
    for project in Project::ALL {
        project::import(engine, &project.folder())?;
    }
    Ok(())
}

/// The demo as a project, ready to be played.
///
/// # Errors
/// When a step fails.
pub fn demo() -> Result<Game> {
    let engine = Engine::find()?;
    if !is_done() {
        let _lock = workspace::lock()?;
        extension::stage(&[Profile::Debug], &[Project::Demo])?;
        project::import(&engine, &Project::Demo.folder())?;
    }
    Ok(Game::project(engine))
}

/// The demo as an exported game, ready to be played on this machine.
///
/// # Errors
/// When a step fails.
pub fn exported_demo() -> Result<Game> {
    let engine = Engine::find()?;
    let game = if is_done() {
        export::game_path(Platform::HERE)
    } else {
        export::export(&engine, Platform::HERE)?
    };
    Ok(Game::exported(engine, game))
}

/// The scenes of the benches as an exported program with the library of `profile`, ready to be run on this machine: the
/// engine, and the program.
///
/// # Errors
/// When a step fails.
pub fn exported_bench(profile: Profile) -> Result<(Engine, PathBuf)> {
    let engine = Engine::find()?;
    let program = if is_done() {
        export::bench_path(profile)
    } else {
        export::export_bench(&engine, profile)?
    };
    Ok((engine, program))
}
