//! What one player tells about its visit to a space.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The state of a player that ended in an unplanned way.
pub const CRASHED: &str = "crashed";

/// The state of a player that did not end in time.
pub const HUNG: &str = "hung";

/// One player's report. Times are in milliseconds, null where there was nothing to measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerReport {
    /// The state that the player reached, [`CRASHED`] or [`HUNG`].
    pub state: String,
    /// Other members that it saw.
    pub members_seen: u32,
    /// Other members' avatars that it saw.
    pub avatars_seen: u32,
    /// Other members of whom it saw what they share: a note, a line on the board and a moved seat.
    pub marks_seen: u32,
    /// From the request to join until it was in the space; null for the creator.
    pub join_ms: Option<f64>,
    /// From the request to join until another's name, picture and position were there; null for the creator.
    pub first_avatar_ms: Option<f64>,
    /// From the sender's frame to the frame in which a pose arrived: median.
    pub pose_latency_ms_p50: Option<f64>,
    /// From the sender's frame to the frame in which a pose arrived: 95th percentile.
    pub pose_latency_ms_p95: Option<f64>,
    /// The extension's time on the main thread per frame: 95th percentile.
    pub extension_frame_ms_p95: Option<f64>,
    /// What went wrong, in words.
    pub errors: Vec<String>,
}

impl PlayerReport {
    /// Reads the file that a player wrote.
    ///
    /// # Errors
    /// When there is no such file, or it is no report.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).context("the player wrote no report")?;
        serde_json::from_str(&text).with_context(|| format!("the player's report is wrong: {text}"))
    }

    /// The report of a player that wrote none.
    pub fn without_visit(state: &str, errors: Vec<String>) -> Self {
        Self {
            state: state.to_owned(),
            members_seen: 0,
            avatars_seen: 0,
            marks_seen: 0,
            join_ms: None,
            first_avatar_ms: None,
            pose_latency_ms_p50: None,
            pose_latency_ms_p95: None,
            extension_frame_ms_p95: None,
            errors,
        }
    }

    /// The report as one sentence.
    pub fn in_words(&self, name: &str) -> String {
        if !self.errors.is_empty() {
            return format!(
                "{name} had errors ({}): {}",
                self.state,
                self.errors.join("; ")
            );
        }
        let entered = match self.join_ms {
            None => "created the space".to_owned(),
            Some(time) => format!("joined in {time:.0} ms"),
        };
        let first_avatar = self
            .first_avatar_ms
            .map(|time| format!(", the first after {time:.0} ms"))
            .unwrap_or_default();
        let latency = match (self.pose_latency_ms_p50, self.pose_latency_ms_p95) {
            (Some(median), Some(slowest)) => {
                format!("; they moved {median:.0} ms behind their owners (95 %: {slowest:.0} ms)")
            }
            _ => String::new(),
        };
        format!(
            "{name} {entered} and saw {} and {}{first_avatar}{latency}.",
            counted(self.members_seen, "other member"),
            counted(self.avatars_seen, "avatar")
        )
    }
}

fn counted(number: u32, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOINED: &str = r#"{"state":"in_space","members_seen":1,"avatars_seen":2,"marks_seen":1,"join_ms":21.5,"first_avatar_ms":80,
        "pose_latency_ms_p50":3.5,"pose_latency_ms_p95":17.0,"extension_frame_ms_p95":0.1,"errors":[]}"#;

    fn read(text: &str) -> Result<PlayerReport> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("report.json");
        fs::write(&path, text)?;
        PlayerReport::read(&path)
    }

    #[test]
    fn a_report_is_read_and_told() -> Result<()> {
        let report = read(JOINED)?;
        assert_eq!(report.join_ms, Some(21.5));
        assert_eq!(
            report.in_words("Anna"),
            "Anna joined in 22 ms and saw 1 other member and 2 avatars, the first after 80 ms; they moved 4 ms behind their owners (95 %: 17 ms)."
        );
        Ok(())
    }

    #[test]
    fn the_creator_has_no_time_to_join() -> Result<()> {
        let report = read(&JOINED.replace("21.5", "null").replace("80", "null"))?;
        assert_eq!((report.join_ms, report.first_avatar_ms), (None, None));
        assert!(
            report
                .in_words("Ben")
                .starts_with("Ben created the space and saw 1 other member")
        );
        Ok(())
    }

    #[test]
    fn a_missing_or_wrong_report_is_an_error() {
        assert!(PlayerReport::read(Path::new("/no/such/report.json")).is_err());
        assert!(read("").is_err());
        assert!(read(&JOINED.replace("\"state\"", "\"status\"")).is_err());
        assert!(read(&JOINED.replace("\"members_seen\":1", "\"members_seen\":-1")).is_err());
    }

    #[test]
    fn the_keys_are_those_of_the_contract() -> Result<()> {
        let text = serde_json::to_string(&read(JOINED)?)?;
        assert_eq!(
            text,
            r#"{"state":"in_space","members_seen":1,"avatars_seen":2,"marks_seen":1,"join_ms":21.5,"first_avatar_ms":80.0,"pose_latency_ms_p50":3.5,"pose_latency_ms_p95":17.0,"extension_frame_ms_p95":0.1,"errors":[]}"#
        );
        Ok(())
    }
}
