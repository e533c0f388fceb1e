//! What an engine's output says about its health.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// A line with one of these tells of a fault, whatever the exit status says.
const FAULTS: &[&str] = &[
    "SCRIPT ERROR",
    "ERROR:",
    "Can't open dynamic library",
    "ObjectDB instances leaked",
    "panicked",
];

/// Debian's release template prints this for every child of a container that goes, in any project, with or without an
/// addon: its containers, and its synchronizers, do not find again the connections that they have made. The debug template has no such fault.
const DEBIAN_TEMPLATE_FAULT: &str = "ERROR: Attempt to disconnect a nonexistent connection from";
const DEBIAN_TEMPLATE_SIGNALS: &[&str] = &[
    "Signal: 'size_flags_changed', callable: ''.",
    "Signal: 'visibility_changed', callable: ''.",
    "Signal: 'tree_exited', callable: ''.",
];

/// How much of a log is shown when something went wrong.
const SHOWN_LINES: usize = 20;

/// The lines of `log` that tell of a fault.
pub fn faults(log: &str) -> Vec<&str> {
    log.lines()
        .map(str::trim)
        .filter(|line| FAULTS.iter().any(|fault| line.contains(fault)) && !is_debian_fault(line))
        .collect()
}

fn is_debian_fault(line: &str) -> bool {
    line.starts_with(DEBIAN_TEMPLATE_FAULT)
        && DEBIAN_TEMPLATE_SIGNALS
            .iter()
            .any(|signal| line.ends_with(signal))
}

/// Reads a log. Bytes that are no text are replaced.
///
/// # Errors
/// When there is no such file.
pub fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Fails when the log at `path` has a fault; the error shows it.
///
/// # Errors
/// When there is a fault, or no such file.
pub fn require_clean(path: &Path) -> Result<()> {
    let log = read(path)?;
    if !faults(&log).is_empty() {
        bail!("{}", summary(path, &log));
    }
    Ok(())
}

/// The log's path, its faults and its last lines, for a person to read.
pub fn summary(path: &Path, log: &str) -> String {
    let mut text = format!("log: {}", path.display());
    for fault in faults(log) {
        let _ = write!(text, "\n  fault: {fault}");
    }
    let lines: Vec<&str> = log.lines().collect();
    let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    let _ = write!(text, "\n  its last {} lines:", last.len());
    for line in last {
        let _ = write!(text, "\n  | {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_fault_of_the_template_is_passed_over() {
        let known = "ERROR: Attempt to disconnect a nonexistent connection from 'Row:<HBoxContainer#1>'. Signal: 'visibility_changed', callable: ''.";
        assert!(faults(known).is_empty());
        let other = "ERROR: Attempt to disconnect a nonexistent connection from 'A:<Node#1>'. Signal: 'pressed', callable: 'Node::run'.";
        assert_eq!(faults(other), [other]);
    }

    #[test]
    fn every_kind_of_fault_is_found() {
        let log = "\
Godot Engine v4.6.3
SCRIPT ERROR: Invalid call.
   at: _ready (res://main.gd:3)
ERROR: 2 resources still in use at exit.
ERROR: Can't open dynamic library: libmetaverse.so.
WARNING: ObjectDB instances leaked at exit
thread 'main' panicked at src/lib.rs:1:1:
goodbye
";
        assert_eq!(faults(log).len(), 5);
        assert_eq!(faults(log)[0], "SCRIPT ERROR: Invalid call.");
    }

    #[test]
    fn warnings_and_words_are_no_faults() {
        assert!(
            faults("WARNING: a warning\nno errors\nerror: lower case is the game's own text\n")
                .is_empty()
        );
        assert!(faults("").is_empty());
    }

    #[test]
    fn a_summary_shows_the_faults_and_the_end() {
        let log: String = (0..100).fold("ERROR: first\n".to_owned(), |log, line| {
            format!("{log}line {line}\n")
        });
        let summary = summary(Path::new("player.log"), &log);
        assert!(summary.starts_with("log: player.log\n  fault: ERROR: first\n"));
        assert!(summary.contains("| line 80\n"));
        assert!(!summary.contains("| line 79\n"));
        assert!(summary.ends_with("| line 99"));
    }
}
