//! Child processes: with a time limit, a log file, and an end that reaches the real process.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const POLL: Duration = Duration::from_millis(20);

/// A child process that is killed when this value is dropped.
pub struct Running {
    child: Child,
    is_wrapped: bool,
}

impl Running {
    /// Starts `command`. `is_wrapped` says that it is a wrapper, whose only child is the real process.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn start(command: &mut Command, is_wrapped: bool) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", command.get_program().display()))?;
        Ok(Self { child, is_wrapped })
    }

    /// The process id of the real process, below its wrapper.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn pid(&self) -> Result<u32> {
        if !self.is_wrapped {
            return Ok(self.child.id());
        }
        child_of(self.child.id())?
            .with_context(|| format!("process {} has no child", self.child.id()))
    }

    /// The output of a process that was started with a pipe.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Ends the input of a process that was started with a pipe.
    pub fn close_input(&mut self) {
        self.child.stdin.take();
    }

    /// How the process ended; none while it runs.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until the process ends; none when it still runs after `time_limit`.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn wait(&mut self, time_limit: Duration) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + time_limit;
        loop {
            let status = self.try_wait()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            thread::sleep(POLL);
        }
    }

    /// Waits until the process ends, however long that takes.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn wait_for_end(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Kills the real process at once (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// When the process has ended already.
    pub fn kill(&mut self) -> Result<()> {
        signal(self.pid()?, Signal::Kill)?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the real process to end (SIGTERM).
    ///
    /// # Errors
    /// When the process has ended already.
    pub fn terminate(&self) -> Result<()> {
        signal(self.pid()?, Signal::Terminate)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The sandbox takes its child along, and both may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end with its output in the file `log`.
///
/// # Errors
/// When it cannot be run, or still runs after `time_limit`; then it is killed.
pub fn run_logged(command: &mut Command, log: &Path, time_limit: Duration) -> Result<ExitStatus> {
    log_to(command, log)?;
    let mut running = Running::start(command, false)?;
    let Some(status) = running.wait(time_limit)? else {
        bail!(
            "{} was stopped after {} s",
            command.get_program().display(),
            time_limit.as_secs()
        );
    };
    Ok(status)
}

/// Waits until `condition` holds, and says how long that took.
///
/// # Errors
/// When it does not hold within `limit`, or cannot be evaluated.
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result<Duration> {
    let start = Instant::now();
    while !condition()? {
        if start.elapsed() > limit {
            bail!("{what}: not within {limit:?}");
        }
        thread::sleep(POLL);
    }
    Ok(start.elapsed())
}

/// The same `command`, with its folder and its environment, in a network namespace.
pub fn in_namespace(namespace: &str, command: &Command) -> Command {
    let mut inside = Command::new("ip");
    inside.args(["netns", "exec", namespace]);
    inside.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        inside.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside
}

/// Sends all output of `command` to the new file `log`, and gives it no input.
///
/// # Errors
/// When the file cannot be created.
pub fn log_to(command: &mut Command, log: &Path) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file);
    Ok(())
}

/// Runs `command` with the terminal's input and output.
///
/// # Errors
/// When it cannot be run or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !status.success() {
        let arguments: Vec<_> = command
            .get_args()
            .map(|argument| argument.to_string_lossy())
            .collect();
        bail!(
            "{} {} failed ({status})",
            command.get_program().display(),
            arguments.join(" ")
        );
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Signal {
    Kill,
    Terminate,
}

#[cfg(unix)]
fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .context("no such process")?;
    let signal = match signal {
        Signal::Kill => rustix::process::Signal::KILL,
        Signal::Terminate => rustix::process::Signal::TERM,
    };
    Ok(rustix::process::kill_process(pid, signal)?)
}

#[cfg(not(unix))]
fn signal(pid: u32, signal: Signal) -> Result<()> {
    let mut command = Command::new("taskkill");
    if matches!(signal, Signal::Kill) {
        command.arg("/F");
    }
    run(command.arg("/PID").arg(pid.to_string()))
}

fn child_of(parent: u32) -> Result<Option<u32>> {
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // Other processes come and go meanwhile.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        if parent_in_stat(&stat) == Some(parent) {
            return Ok(Some(pid));
        }
    }
    Ok(None)
}

/// The parent's id in `/proc/PID/stat`: `PID (NAME) STATE PARENT ...`, where the name may hold anything.
fn parent_in_stat(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_read_behind_any_name() {
        assert_eq!(parent_in_stat("42 (godot) S 7 42 1 0"), Some(7));
        assert_eq!(parent_in_stat("42 (a) S 3 (b)) R 8 42"), Some(8));
        assert_eq!(parent_in_stat(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_below_a_wrapper_is_found_and_killed() -> Result<()> {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60; true"]);
        let mut running = Running::start(&mut shell, true)?;
        let deadline = Instant::now() + Duration::from_secs(5);
        while running.pid().is_err() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        assert_ne!(running.pid()?, running.child.id());
        running.kill()?;
        assert!(running.try_wait()?.is_some());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_process_past_its_time_limit_is_stopped() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let error = run_logged(
            Command::new("sleep").arg("60"),
            &folder.path().join("log"),
            Duration::from_millis(50),
        )
        .err()
        .context("it should not end by itself")?;
        assert_eq!(error.to_string(), "sleep was stopped after 0 s");
        Ok(())
    }
}
