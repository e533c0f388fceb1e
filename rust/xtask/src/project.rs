//! Makes a Godot project ready to run: the addon known, every resource imported.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::extension::ADDON;
use crate::process::run_logged;
use crate::{log, workspace};

const IMPORT_TIME_LIMIT: Duration = Duration::from_mins(3);

/// Imports the project in `folder`, without a window.
///
/// # Errors
/// When the engine fails, or its log has a fault.
pub fn import(engine: &Engine, folder: &Path) -> Result<()> {
    name_extension(folder)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let log = workspace::scratch()?.join(format!("import-{name}.log"));
    let mut command = engine.command();
    command
        .args(["--headless", "--import", "--path"])
        .arg(folder);
    let status = run_logged(&mut command, &log, IMPORT_TIME_LIMIT)?;
    if !status.success() {
        bail!(
            "Godot could not import {name} ({status})\n{}",
            log::summary(&log, &log::read(&log)?)
        );
    }
    log::require_clean(&log).with_context(|| format!("Godot imported {name} with errors"))
}

/// Without this file Godot finds the extension only during the first import, and crashes at its end.
fn name_extension(folder: &Path) -> Result<()> {
    let list = folder.join(".godot/extension_list.cfg");
    fs::create_dir_all(folder.join(".godot"))?;
    let line = format!("res://{ADDON}/metaverse.gdextension\n");
    if fs::read_to_string(&list).is_ok_and(|content| content.contains(line.trim_end())) {
        return Ok(());
    }
    fs::write(&list, line).with_context(|| format!("cannot write {}", list.display()))
}
