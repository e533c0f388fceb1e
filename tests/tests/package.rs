//! The zip that people download, in a project that has never seen it.

use std::{fs, fs::File, path::Path, time::Duration};

use anyhow::{Result, ensure};
use tempfile::tempdir;
use xtask::{
    engine::{Engine, display::Display},
    log, package,
    process::{Running, log_to, run_logged, wait_until},
};
use zip::ZipArchive;

const PROJECT: &str = "config_version=5\n\n[application]\n\nconfig/name=\"New\"\nrun/main_scene=\"res://main.tscn\"\n\
    config/features=PackedStringArray(\"4.6\")\n\n[rendering]\n\nrenderer/rendering_method=\"gl_compatibility\"\n";
const SCENE: &str = "[gd_scene load_steps=2 format=3]\n\n[ext_resource type=\"Script\" path=\"res://main.gd\" id=\"1\"]\n\n\
    [node name=\"Main\" type=\"Node\"]\nscript = ExtResource(\"1\")\n\n[node name=\"Peer\" type=\"MetaversePeer\" parent=\".\"]\n";
/// Creates a space, and says so.
const SCRIPT: &str = "extends Node\n\nfunc _ready() -> void:\n\tvar peer: MetaversePeer = $Peer\n\
    \tpeer.space_joined.connect(func(_space: MetaverseSpace) -> void:\n\t\tprint(\"IN A SPACE: \", peer.create_invite().begins_with(\"metaverse-v\"))\n\t\tget_tree().quit())\n\
    \tif peer.get_state() == MetaversePeer.State.OFFLINE:\n\t\tpeer.start()\n\
    \tpeer.create_space(MetaverseSpaceOptions.new())\n";
/// Tells what the editor knows about the addon's classes, and ends it.
const EDITOR_SCRIPT: &str = include_str!("editor_probe.gd");
const EDITOR_PLUGIN: &str = "[plugin]\n\nname=\"Probe\"\ndescription=\"\"\nauthor=\"\"\nversion=\"1\"\nscript=\"probe.gd\"\n";
const LIMIT: Duration = Duration::from_mins(3);

fn project_with_the_package(folder: &Path) -> Result<()> {
    ZipArchive::new(File::open(package::package()?)?)?.extract(folder)?;
    fs::write(folder.join("project.godot"), PROJECT)?;
    fs::write(folder.join("main.tscn"), SCENE)?;
    fs::write(folder.join("main.gd"), SCRIPT)?;
    Ok(())
}

#[test]
fn slow_unzipped_into_a_new_project_it_works() -> Result<()> {
    let engine = Engine::find()?;
    let folder = tempdir()?;
    project_with_the_package(folder.path())?;
    for needed in [
        "plugin.cfg",
        "metaverse.gdextension",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "README.md",
    ] {
        ensure!(
            folder.path().join("addons/metaverse").join(needed).exists(),
            "{needed} is missing"
        );
    }
    xtask::project::import(&engine, folder.path())?;
    let log = folder.path().join("log.txt");
    let mut command = engine.command();
    command.args(["--headless", "--path"]).arg(folder.path());
    let status = run_logged(&mut command, &log, LIMIT)?;
    let told = log::read(&log)?;
    ensure!(
        status.success() && told.contains("IN A SPACE: true"),
        "{status}\n{told}"
    );
    log::require_clean(&log)
}

/// Nothing was imported before, and no list of extensions is there: as when a person has just unzipped it.
#[test]
fn slow_the_editor_opens_a_project_to_which_it_was_just_added() -> Result<()> {
    let engine = Engine::find()?;
    let display = Display::open_private(&engine)?;
    let folder = tempdir()?;
    project_with_the_package(folder.path())?;
    let probe = folder.path().join("addons/probe");
    fs::create_dir_all(&probe)?;
    fs::write(probe.join("plugin.cfg"), EDITOR_PLUGIN)?;
    fs::write(probe.join("probe.gd"), EDITOR_SCRIPT)?;
    let enabled = "\n[editor_plugins]\n\nenabled=PackedStringArray(\"res://addons/metaverse/plugin.cfg\", \"res://addons/probe/plugin.cfg\")\n";
    fs::write(
        folder.path().join("project.godot"),
        format!("{PROJECT}{enabled}"),
    )?;

    let log = folder.path().join("editor.log");
    let mut command = engine.command();
    command
        .args(["--editor", "--rendering-driver", "opengl3", "--path"])
        .arg(folder.path());
    for (variable, own) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
    ] {
        command.env(variable, folder.path().join(own));
    }
    display.apply(&mut command);
    log_to(&mut command, &log)?;
    let mut editor = Running::start(&mut command, engine.is_sandboxed())?;
    wait_until("the editor's end", LIMIT, || {
        Ok(editor.try_wait()?.is_some())
    })?;
    let told = log::read(&log)?;
    ensure!(
        editor.try_wait()?.is_some_and(|status| status.success()),
        "the editor failed\n{told}"
    );
    ensure!(
        told.contains("PROBE PASSED"),
        "the editor does not know the addon\n{told}"
    );
    log::require_clean(&log)
}
