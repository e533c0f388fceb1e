//! Builds the extension's library and stages the addon into the Godot projects.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::{self, Project};

/// Its name among the targets of cargo.
const LIBRARY: &str = "metaverse";
const PACKAGE: &str = "metaverse-extension";

/// The addon's folder inside a Godot project.
pub const ADDON: &str = "addons/metaverse";

/// The addon's folder of libraries; made by building, never in git.
const LIBRARIES: &str = "bin";

/// Which of the libraries of the addon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// For the editor and for projects run by it.
    Debug,
    /// For exported games.
    Release,
    /// As for exported games, and counts what it allocates: for a bench, in the place of the one for games.
    Counting,
}

impl Profile {
    /// The library's path inside the addon, on the platform this was compiled for.
    pub fn library(self) -> PathBuf {
        let profile = match self {
            Self::Debug => "debug",
            Self::Release | Self::Counting => "release",
        };
        let architecture = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x86_64"
        };
        let name = if cfg!(windows) {
            format!("metaverse.windows.{architecture}.{profile}.dll")
        } else if cfg!(target_os = "macos") {
            format!("libmetaverse.macos.{profile}.dylib")
        } else {
            format!("libmetaverse.linux.{architecture}.{profile}.so")
        };
        Path::new(LIBRARIES).join(name)
    }
}

/// Builds the extension and returns its library in cargo's target folder.
///
/// # Errors
/// When cargo fails.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let mut command = workspace::cargo();
    command.args([
        "build",
        "--package",
        PACKAGE,
        "--message-format",
        "json-render-diagnostics",
    ]);
    if profile != Profile::Debug {
        // The help for the editor stays out of games.
        command.args(["--release", "--no-default-features"]);
    }
    if profile == Profile::Counting {
        command.args(["--features", "count-allocations"]);
    }
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo build --package {PACKAGE} failed ({})", output.status);
    }
    built_library(&String::from_utf8_lossy(&output.stdout))
        .with_context(|| format!("cargo built no library for {PACKAGE}"))
}

/// Builds the libraries and brings the addon with them into `projects`. What has not changed is not touched.
///
/// # Errors
/// When the build fails or a file cannot be written.
pub fn stage(profiles: &[Profile], projects: &[Project]) -> Result<()> {
    for &profile in profiles {
        let library = build(profile)?;
        for project in projects {
            let staged = project.folder().join(ADDON).join(profile.library());
            replace_if_changed(&library, &staged)?;
        }
    }
    for project in projects {
        mirror(&workspace::addon(), &project.folder().join(ADDON))?;
    }
    Ok(())
}

/// The shared library among cargo's messages, one JSON object a line.
fn built_library(messages: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        target: Option<Target>,
        #[serde(default)]
        filenames: Vec<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }

    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .find_map(|message| {
            let target = message.target?;
            // Some dependencies are shared libraries as well.
            let is_library =
                target.name == LIBRARY && target.kind.iter().any(|kind| kind == "cdylib");
            let mut files = message.filenames.into_iter();
            files.find(|file| {
                is_library
                    && file
                        .extension()
                        .is_some_and(|extension| extension == std::env::consts::DLL_EXTENSION)
            })
        })
}

/// Makes `to` hold the files of `from`, the built libraries and what Godot adds beside a file.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &target)?;
        } else {
            replace_if_changed(&entry.path(), &target)?;
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if !belongs(&entry.path(), from) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn belongs(staged: &Path, source_folder: &Path) -> bool {
    let Some(name) = staged.file_name() else {
        return false;
    };
    let added_by_godot = staged
        .extension()
        .is_some_and(|extension| extension == "import" || extension == "uid");
    let source = if added_by_godot {
        staged.file_stem()
    } else {
        Some(name)
    };
    name == LIBRARIES
        || source_folder.join(name).exists()
        || source.is_some_and(|source| source_folder.join(source).exists())
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

/// Copies a file by renaming, so that a running engine keeps the library that it has open.
pub(crate) fn replace_if_changed(from: &Path, to: &Path) -> Result<()> {
    if same_content(from, to)? {
        return Ok(());
    }
    let folder = to.parent().context("a file needs a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    let mut source =
        fs::File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
    io::copy(&mut source, &mut new)?;
    fs::set_permissions(new.path(), source.metadata()?.permissions())?;
    new.persist(to)
        .with_context(|| format!("cannot replace {}", to.display()))?;
    Ok(())
}

fn same_content(left: &Path, right: &Path) -> Result<bool> {
    let Ok(right_metadata) = fs::metadata(right) else {
        return Ok(false);
    };
    let left_metadata =
        fs::metadata(left).with_context(|| format!("cannot read {}", left.display()))?;
    if left_metadata.len() != right_metadata.len() {
        return Ok(false);
    }
    Ok(fs::read(left)? == fs::read(right)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_among_the_messages() {
        let extension = std::env::consts::DLL_EXTENSION;
        let messages = format!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"other","kind":["lib","cdylib"]}},"filenames":["/t/libother.{extension}"]}}
{{"reason":"compiler-artifact","target":{{"name":"metaverse","kind":["cdylib"]}},"filenames":["/t/libmetaverse.d","/t/libmetaverse.{extension}"]}}
{{"reason":"build-finished","success":true}}
"#
        );
        assert_eq!(
            built_library(&messages),
            Some(PathBuf::from(format!("/t/libmetaverse.{extension}")))
        );
        assert_eq!(
            built_library("{\"reason\":\"build-finished\",\"success\":true}\n"),
            None
        );
    }

    #[test]
    fn staging_follows_the_addon_and_keeps_what_others_made() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("ui"))?;
        fs::write(from.join("plugin.gd"), "new")?;
        fs::write(from.join("ui/panel.tscn"), "panel")?;
        fs::create_dir_all(to.join("bin"))?;
        fs::create_dir_all(to.join("old"))?;
        for (name, text) in [
            ("plugin.gd", "old"),
            ("plugin.gd.uid", "id"),
            ("gone.gd", ""),
            ("gone.gd.uid", ""),
            ("bin/library", ""),
        ] {
            fs::write(to.join(name), text)?;
        }

        mirror(&from, &to)?;

        assert_eq!(fs::read_to_string(to.join("plugin.gd"))?, "new");
        assert_eq!(fs::read_to_string(to.join("ui/panel.tscn"))?, "panel");
        assert!(to.join("plugin.gd.uid").exists() && to.join("bin/library").exists());
        assert!(
            !to.join("gone.gd").exists()
                && !to.join("gone.gd.uid").exists()
                && !to.join("old").exists()
        );
        Ok(())
    }

    #[test]
    fn a_file_that_is_the_same_is_not_touched() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::write(&from, "same")?;
        replace_if_changed(&from, &to)?;
        let before = fs::metadata(&to)?.modified()?;
        replace_if_changed(&from, &to)?;
        assert_eq!(fs::metadata(&to)?.modified()?, before);
        Ok(())
    }
}
