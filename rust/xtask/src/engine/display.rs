//! A display to draw on: the person's own, or a private X server without a screen.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::engine::Engine;
use crate::process::Running;

const STOP_TIME_LIMIT: Duration = Duration::from_secs(2);

/// Where windows appear. A private display ends with this value.
pub struct Display {
    private: Option<PrivateDisplay>,
}

struct PrivateDisplay {
    server: Running,
    name: String,
}

impl Display {
    /// Whether a person sees windows that programs open here.
    pub fn exists() -> bool {
        if !cfg!(target_os = "linux") {
            return true;
        }
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    /// The person's own display, or else a private one of 1920 x 1080 pixels.
    ///
    /// # Errors
    /// When a private display is needed and its server does not start.
    pub fn open(engine: &Engine) -> Result<Self> {
        if Self::exists() {
            return Ok(Self { private: None });
        }
        Self::open_private(engine)
    }

    /// A private display of 1920 x 1080 pixels.
    ///
    /// # Errors
    /// When its server does not start.
    pub fn open_private(engine: &Engine) -> Result<Self> {
        let mut command = engine.display_server();
        command
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1920x1080x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Running::start(&mut command, engine.is_sandboxed())
            .context("no display, and no Xvfb to stand in for it: apt-get install xvfb")?;
        let stdout = server.take_stdout().context("the X server has no output")?;
        let mut number = String::new();
        // The server writes its number once it accepts connections, and closes its output when it fails.
        BufReader::new(stdout).read_line(&mut number)?;
        if number.trim().is_empty() {
            bail!("the X server without a screen (Xvfb) did not start");
        }
        Ok(Self {
            private: Some(PrivateDisplay {
                server,
                name: format!(":{}", number.trim()),
            }),
        })
    }

    /// The name of a private display, by which X clients reach it.
    pub fn private_name(&self) -> Option<&str> {
        self.private.as_ref().map(|private| private.name.as_str())
    }

    /// Makes `command` draw here.
    pub fn apply(&self, command: &mut Command) {
        let Some(private) = &self.private else { return };
        command
            .env("DISPLAY", &private.name)
            .env_remove("WAYLAND_DISPLAY");
        // A private display has no sound to go with it.
        command.args(["--audio-driver", "Dummy"]);
    }
}

impl Drop for PrivateDisplay {
    fn drop(&mut self) {
        // Asked politely, the server removes its lock and its socket.
        if self.server.terminate().is_ok() {
            let _ = self.server.wait(STOP_TIME_LIMIT);
        }
    }
}
