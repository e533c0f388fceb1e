//! The Godot engine: finds it, or gets it, and runs it.

mod apt;
mod debian;
pub mod desktop;
pub mod display;
mod sandbox;
pub mod version;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::engine::sandbox::Sandbox;
use crate::engine::version::{OLDEST, Version};

/// A Godot 4.6 or later that runs on this machine.
pub struct Engine {
    version: Version,
    kind: Kind,
}

enum Kind {
    Native(PathBuf),
    Sandboxed(Sandbox),
}

impl Engine {
    /// Finds Godot: `$GODOT`, then `godot` or `godot4` on the path, then the packages of the
    /// distribution, which it downloads into the user's cache folder the first time.
    ///
    /// # Errors
    /// When `$GODOT` is set and is no Godot 4.6 or later, or when no engine was found and none can be got.
    pub fn find() -> Result<Self> {
        if let Some(program) = std::env::var_os("GODOT") {
            return Self::from_variable(PathBuf::from(program));
        }
        if let Some(engine) = Self::on_the_path() {
            return Ok(engine);
        }
        if !debian::is_available() {
            bail!(
                "Godot {OLDEST} or later is missing: get it from the Godot web site's download page, then put it on the path as `godot`, or set GODOT to the program"
            );
        }
        let sandbox = debian::install()?;
        let version = read_version(sandbox.godot())
            .context("the downloaded Godot does not start in a sandbox on this machine: allow user namespaces, or install Godot and set GODOT to the program")?;
        Ok(Self {
            version,
            kind: Kind::Sandboxed(sandbox),
        })
    }

    /// Major and minor version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// A command that runs the engine; add its arguments.
    pub fn command(&self) -> Command {
        match &self.kind {
            Kind::Native(program) => Command::new(program),
            Kind::Sandboxed(sandbox) => sandbox.godot(),
        }
    }

    /// A command that runs an exported game where this engine runs; add its arguments.
    pub fn game_command(&self, game: &Path) -> Command {
        match &self.kind {
            Kind::Native(_) => Command::new(game),
            Kind::Sandboxed(sandbox) => sandbox.program(game),
        }
    }

    /// Whether the engine's commands are wrappers, whose child is the real process.
    pub fn is_sandboxed(&self) -> bool {
        matches!(self.kind, Kind::Sandboxed(_))
    }

    /// A command that runs an X server without a screen; add its arguments.
    fn display_server(&self) -> Command {
        match &self.kind {
            Kind::Native(_) => Command::new("Xvfb"),
            Kind::Sandboxed(sandbox) => sandbox.program(Path::new("/usr/bin/Xvfb")),
        }
    }

    /// The data folder with the export templates that belong to this engine; none: the user's own.
    pub fn template_data_folder(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Native(_) => None,
            Kind::Sandboxed(sandbox) => Some(sandbox.data_folder()),
        }
    }

    fn from_variable(program: PathBuf) -> Result<Self> {
        let version = read_version(Command::new(&program))
            .with_context(|| format!("GODOT is set to {}", program.display()))?;
        if version < OLDEST {
            bail!(
                "GODOT is set to Godot {version}, and {OLDEST} or later is needed: set GODOT to another one, or unset it"
            );
        }
        Ok(Self {
            version,
            kind: Kind::Native(program),
        })
    }

    fn on_the_path() -> Option<Self> {
        ["godot", "godot4"].into_iter().find_map(|name| {
            let version = read_version(Command::new(name)).ok()?;
            (version >= OLDEST).then(|| Self {
                version,
                kind: Kind::Native(PathBuf::from(name)),
            })
        })
    }
}

fn read_version(mut program: Command) -> Result<Version> {
    let output = program
        .arg("--version")
        .output()
        .with_context(|| format!("cannot run {}", name_of(&program)))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Version::parse(&text).with_context(|| {
        format!(
            "{} --version names no version: {}",
            name_of(&program),
            String::from_utf8_lossy(&output.stderr).trim()
        )
    })
}

fn name_of(program: &Command) -> String {
    program.get_program().to_string_lossy().into_owned()
}
