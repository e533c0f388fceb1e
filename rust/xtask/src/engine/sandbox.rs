//! Runs programs of one distribution on another: the whole machine, with another `/usr` in place.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The dynamic loader's file name, below the folder of the machine's libraries.
const LOADER: &str = if cfg!(target_arch = "aarch64") {
    "ld-linux-aarch64.so.1"
} else {
    "ld-linux-x86-64.so.2"
};

/// A folder of unpacked packages, and `bwrap` to put its `/usr` in the machine's place.
pub struct Sandbox {
    root: PathBuf,
    data_folder: PathBuf,
    machine_has_bwrap: bool,
}

impl Sandbox {
    /// `root` holds the unpacked packages; `data_folder` is a user data folder with the engine's export templates.
    pub fn new(root: PathBuf, data_folder: PathBuf) -> Self {
        Self {
            root,
            data_folder,
            machine_has_bwrap: runs(Command::new("bwrap").arg("--version")),
        }
    }

    /// A command that runs the packaged engine.
    pub fn godot(&self) -> Command {
        self.program(Path::new("/usr/bin/godot"))
    }

    /// A command that runs any program with the packages' libraries.
    /// The program ends when the command or the thread that started it ends.
    pub fn program(&self, program: &Path) -> Command {
        let mut command = self.bwrap();
        command
            .args(["--die-with-parent", "--dev-bind", "/", "/", "--ro-bind"])
            .arg(self.root.join("usr"))
            .arg("/usr")
            // Containers often keep their sources there.
            .args(["--dev-bind-try", "/usr/src", "/usr/src", "--"])
            .arg(program)
            .env("FONTCONFIG_PATH", self.root.join("etc/fonts"))
            // Cargo sets it for the machine's own libraries.
            .env_remove("LD_LIBRARY_PATH");
        command
    }

    /// The user data folder with the engine's export templates.
    pub fn data_folder(&self) -> &Path {
        &self.data_folder
    }

    /// The machine's own `bwrap` where it has one: some systems allow only that one to make namespaces.
    fn bwrap(&self) -> Command {
        if self.machine_has_bwrap {
            return Command::new("bwrap");
        }
        // The packaged one needs the packaged libc, so the packaged loader starts it.
        let libraries = self
            .root
            .join("usr/lib")
            .join(format!("{}-linux-gnu", std::env::consts::ARCH));
        let mut command = Command::new(libraries.join(LOADER));
        command
            .arg("--library-path")
            .arg(&libraries)
            .arg(self.root.join("usr/bin/bwrap"));
        command
    }
}

fn runs(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
