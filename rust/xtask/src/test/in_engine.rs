//! The tests that run inside the engine.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::engine::Engine;
use crate::log;
use crate::process::run_logged;
use crate::test::tally::Tally;
use crate::workspace::{self, Project};

const TIME_LIMIT: Duration = Duration::from_mins(5);
const RUNNER: &str = "res://tests/runner.tscn";

/// Runs the tests whose names hold `filter`.
///
/// # Errors
/// When a test fails, the engine fails, or its log has a fault.
pub fn run(engine: &Engine, filter: Option<&str>) -> Result<Tally> {
    let log = workspace::scratch()?.join("in-engine-tests.log");
    let mut command = engine.command();
    command
        .args(["--headless", "--path"])
        .arg(Project::Tests.folder())
        .arg(RUNNER);
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    let outcome = run_logged(&mut command, &log, TIME_LIMIT);
    let text = log::read(&log)?;
    print!("{text}");
    let verdict = match verdict(outcome?, &text) {
        // A filter for other tests leaves none here.
        Err(_) if filter.is_some() && Tally::of_engine(&text) == Some(Tally::default()) => {
            Ok(Tally::default())
        }
        verdict => verdict,
    };
    verdict.map_err(|reason| anyhow!("{reason}\n{}", log::summary(&log, &text)))
}

/// A run passes with the line of success, exit status 0 and no fault in the log.
fn verdict(status: ExitStatus, log: &str) -> Result<Tally, String> {
    if let Some(fault) = log::faults(log).first() {
        return Err(format!("the log has a fault: {fault}"));
    }
    let tally = Tally::of_engine(log).ok_or_else(|| format!("the tests did not end ({status})"))?;
    if tally.failed > 0 {
        return Err(tally.to_string());
    }
    if !status.success() {
        return Err(format!("the engine ended with {status}"));
    }
    Ok(tally)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const PASSED: &str = "ALL TESTS PASSED (3)\n";

    fn told(wait_status: i32, log: &str) -> String {
        verdict(ExitStatus::from_raw(wait_status), log)
            .map_or_else(|reason| reason, |tally| tally.to_string())
    }

    #[test]
    fn only_a_clean_run_passes() {
        assert_eq!(told(0, PASSED), "3 passed, 0 failed");
        assert_eq!(told(1 << 8, PASSED), "the engine ended with exit status: 1");
        assert!(told(11, PASSED).starts_with("the engine ended with signal: 11"));
        assert_eq!(
            told(0, "ok     spaces.test_a (1 ms)\n"),
            "the tests did not end (exit status: 0)"
        );
        let leaked = format!("{PASSED}WARNING: ObjectDB instances leaked at exit\n");
        assert_eq!(
            told(0, &leaked),
            "the log has a fault: WARNING: ObjectDB instances leaked at exit"
        );
    }

    #[test]
    fn failed_tests_are_no_success_whatever_the_exit_status() {
        let verdict = verdict(ExitStatus::from_raw(0), "FAILED 1 OF 3: spaces.test_a\n");
        assert_eq!(verdict, Err("2 passed, 1 failed".to_owned()));
    }
}
