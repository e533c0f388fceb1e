//! A process that plays a scene of the benches, and what it has measured.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use xtask::{
    engine::Engine,
    log,
    process::{Running, log_to},
};

/// How long a process may take to end.
const END: Duration = Duration::from_secs(20);
/// What a process prints when it begins to measure.
const MEASURING: &str = "MEASURING";

/// A process that runs.
pub struct Program {
    running: Running,
    log: PathBuf,
    report: PathBuf,
}

impl Program {
    /// Starts the exported `program` with the scene of `bench` and its `arguments`, without a window and at `max_fps`, with
    /// all that it writes in `folder`.
    pub fn start(
        engine: &Engine,
        program: &Path,
        max_fps: &str,
        bench: &str,
        folder: &Path,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let (log, report) = (folder.join("log.txt"), folder.join("report.json"));
        let mut command = engine.game_command(program);
        command
            .args(["--headless", "--max-fps", max_fps, "--"])
            .args(["--bench", bench])
            .arg("--report")
            .arg(&report)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env_remove("RUST_BACKTRACE");
        arguments(&mut command);
        log_to(&mut command, &log)?;
        Ok(Self {
            running: Running::start(&mut command, engine.is_sandboxed())?,
            log,
            report,
        })
    }

    /// Whether it has begun to measure.
    pub fn is_measuring(&self) -> Result<bool> {
        log::require_clean(&self.log)?;
        Ok(log::read(&self.log)?.contains(MEASURING))
    }

    /// Whether its report is there.
    pub fn has_reported(&self) -> Result<bool> {
        log::require_clean(&self.log)?;
        Ok(self.report.exists())
    }

    /// Waits for its end and reads its report.
    pub fn finish<T: DeserializeOwned>(mut self) -> Result<T> {
        let status = self.running.wait(END)?;
        log::require_clean(&self.log)?;
        let status = status.with_context(|| self.in_words())?;
        ensure!(status.success(), "{status}: {}", self.in_words());
        let text = fs::read_to_string(&self.report).context("a process wrote no report")?;
        serde_json::from_str(&text).with_context(|| format!("a process reported {text}"))
    }

    /// What it has said, for whoever looks for a fault.
    pub fn in_words(&self) -> String {
        log::read(&self.log).map_or_else(
            |error| format!("{error:#}"),
            |text| log::summary(&self.log, &text),
        )
    }
}
