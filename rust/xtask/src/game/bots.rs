//! Members that replay motion, besides the players.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::process::{self, Running};
use crate::workspace;

/// The program that plays bots.
const PACKAGE: &str = "metaverse-bots";
/// How long they may take to make a space, and to end.
const START: Duration = Duration::from_secs(30);
const END: Duration = Duration::from_secs(10);

/// How many bots, and what they do.
#[derive(Clone, Debug)]
pub struct BotsOptions {
    /// How many.
    pub count: u32,
    /// The BVH files that they replay in turn; none: they move by themselves.
    pub motion: Vec<PathBuf>,
    /// The file with the invite that they follow, or write.
    pub invite: PathBuf,
    /// The scene of the space that they make; none: they follow the invite.
    pub create: Option<String>,
    /// The network namespace that they live in; none: that of everybody else.
    pub namespace: Option<String>,
}

/// What one bot tells about its visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BotReport {
    /// The name that others saw.
    pub name: String,
    /// Other members that it saw.
    pub members_seen: u32,
    /// Other members that have gone.
    pub members_gone: u32,
    /// Other members whose place it saw.
    pub avatars_seen: u32,
    /// Poses that it has shown.
    pub poses: u64,
    /// Metres that it has walked.
    pub metres: f64,
    /// The longest time in which nothing new came of another member, in milliseconds.
    pub longest_gap_ms: f64,
    /// Other members that it reached over somebody else.
    pub forwarded: u32,
    /// Packets and datagrams of others that it carried.
    pub carried: u64,
    /// From the request to join until it was in the space, in milliseconds; null for one that created it.
    pub join_ms: Option<f64>,
}

impl BotReport {
    /// The report as one sentence.
    pub fn in_words(&self) -> String {
        format!(
            "{} saw {} other members, showed {} poses and walked {:.0} m.",
            self.name, self.members_seen, self.poses, self.metres
        )
    }
}

/// Running bots. They end when this value is dropped, as their input does.
pub struct Bots {
    running: Running,
    report: PathBuf,
}

impl Bots {
    /// Builds the bots and starts them, if there are to be any. Those that make a space have done so when this returns.
    ///
    /// # Errors
    /// When a file is missing, they cannot be built or started, or they make no space in time.
    pub fn start(options: &BotsOptions, folder: &Path) -> Result<Option<Self>> {
        if options.count == 0 {
            return Ok(None);
        }
        if let Some(missing) = options.motion.iter().find(|file| !file.is_file()) {
            bail!("there is no file {}", missing.display());
        }
        process::run(workspace::cargo().args(["build", "--quiet", "--package", PACKAGE]))?;
        let report = folder.join("bots.json");
        let mut command = workspace::cargo();
        if let Some(namespace) = &options.namespace {
            command = process::in_namespace(namespace, &command);
        }
        command.args(["run", "--quiet", "--package", PACKAGE, "--"]);
        command.stdin(Stdio::piped());
        command.arg("--bots").arg(options.count.to_string());
        command.arg("--invite").arg(&options.invite);
        command.arg("--report").arg(&report);
        if let Some(scene) = &options.create {
            command.arg("--create").arg(scene);
        }
        for motion in &options.motion {
            command.arg("--motion").arg(std::path::absolute(motion)?);
        }
        let mut bots = Self {
            running: Running::start(&mut command, false)?,
            report,
        };
        if options.create.is_some() {
            bots.wait_for_space(&options.invite)?;
        }
        Ok(Some(bots))
    }

    /// Ends the bots, and returns what they saw.
    ///
    /// # Errors
    /// When they had ended before, or tell nothing.
    pub fn finish(mut self) -> Result<Vec<BotReport>> {
        if let Some(status) = self.running.try_wait()? {
            bail!("the bots had ended with {status}");
        }
        self.running.close_input();
        if self.running.wait(END)?.is_none() {
            bail!("the bots did not end within {} s", END.as_secs());
        }
        let reports = self.reports()?;
        ensure!(!reports.is_empty(), "the bots wrote no report");
        Ok(reports)
    }

    /// What they have seen so far; nothing before they are in the space.
    ///
    /// # Errors
    /// When what they tell is wrong.
    pub fn reports(&self) -> Result<Vec<BotReport>> {
        let Ok(text) = std::fs::read_to_string(&self.report) else {
            return Ok(Vec::new());
        };
        serde_json::from_str(&text).with_context(|| format!("the bots' report is wrong: {text}"))
    }

    fn wait_for_space(&mut self, invite: &Path) -> Result<()> {
        process::wait_until("the bots have a space", START, || {
            if let Some(status) = self.running.try_wait()? {
                bail!("the bots ended with {status}");
            }
            Ok(invite.exists())
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_and_told() -> Result<()> {
        let text = r#"{"name":"Bot 2","members_seen":3,"members_gone":0,"avatars_seen":3,"poses":400,"metres":24.6,"longest_gap_ms":80.5,"forwarded":1,"carried":7,"join_ms":31.5}"#;
        let report: BotReport = serde_json::from_str(text)?;
        assert_eq!(
            report.in_words(),
            "Bot 2 saw 3 other members, showed 400 poses and walked 25 m."
        );
        assert_eq!(serde_json::to_string(&report)?, text);
        Ok(())
    }
}
