//! One running player.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::game::report::{CRASHED, HUNG, PlayerReport};
use crate::log;
use crate::process::Running;

/// The process of an automated player. It is killed when this value is dropped, and when the thread ends that started it.
pub struct Player {
    running: Running,
    report: PathBuf,
    log: PathBuf,
    close_file: PathBuf,
    deadline: Instant,
}

impl Player {
    pub(super) fn new(
        running: Running,
        report: PathBuf,
        log: PathBuf,
        close_file: PathBuf,
        time_limit: Duration,
    ) -> Self {
        Self {
            running,
            report,
            log,
            close_file,
            deadline: Instant::now() + time_limit,
        }
    }

    /// The id of the game's own process.
    ///
    /// # Errors
    /// When it has ended.
    pub fn pid(&self) -> Result<u32> {
        self.running.pid()
    }

    /// Kills the game at once (SIGKILL).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self) -> Result<()> {
        self.running.kill()
    }

    /// Asks the game to end (SIGTERM).
    ///
    /// # Errors
    /// When it has ended already.
    pub fn terminate(&self) -> Result<()> {
        self.running.terminate()
    }

    /// Waits until the process ends; none when it still runs after `time_limit`.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn wait(&mut self, time_limit: Duration) -> Result<Option<ExitStatus>> {
        self.running.wait(time_limit)
    }

    /// The file with all that the game printed.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// What the game has printed so far.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn log(&self) -> Result<String> {
        log::read(&self.log)
    }

    /// The names of the others on the player's list, as its log tells last.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn others(&self) -> Result<Vec<String>> {
        let log = self.log()?;
        let list = log
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("members: "));
        Ok(list.map_or_else(Vec::new, |list| {
            list.split(", ")
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        }))
    }

    /// Asks a game without a window to end, as the close button of one with a window does.
    ///
    /// # Errors
    /// When the file that tells it cannot be written.
    pub fn request_close(&self) -> Result<()> {
        Ok(fs::write(&self.close_file, "")?)
    }

    /// Waits for the player's end, at most for its time limit, and returns its report.
    /// A crash, a hang and every fault in the log are among its errors.
    ///
    /// # Errors
    /// When the system does not tell about the process, or the log cannot be read.
    pub fn finish(mut self) -> Result<PlayerReport> {
        let time_left = self.deadline.saturating_duration_since(Instant::now());
        let status = self.running.wait(time_left)?;
        let mut report = match status {
            None => {
                let _ = self.running.kill();
                PlayerReport::without_visit(
                    HUNG,
                    vec!["the process did not end in time and was killed".to_owned()],
                )
            }
            Some(_) => PlayerReport::read(&self.report).unwrap_or_else(|error| {
                PlayerReport::without_visit(CRASHED, vec![format!("{error:#}")])
            }),
        };
        if let Some(status) = status.filter(|status| !status.success()) {
            CRASHED.clone_into(&mut report.state);
            report
                .errors
                .push(format!("the process ended with {status}"));
        }
        report
            .errors
            .extend(log::faults(&self.log()?).into_iter().map(str::to_owned));
        Ok(report)
    }

    /// Ends a player that is needed no longer, and returns what went wrong until then.
    ///
    /// # Errors
    /// When the system does not tell about the process, or the log cannot be read.
    pub fn dismiss(mut self) -> Result<Vec<String>> {
        // It may have left by itself, as a guest does when a space ends.
        if self.running.try_wait()?.is_some() {
            return Ok(self.finish()?.errors);
        }
        self.running.kill()?;
        Ok(log::faults(&self.log()?)
            .into_iter()
            .map(str::to_owned)
            .collect())
    }
}
