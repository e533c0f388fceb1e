//! How soon two exported games meet, how old the poses are that they see, and what sixteen of them cost the main thread.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use xtask::{
    game::{
        Game,
        meeting::{Meeting, Visit},
        report::PlayerReport,
    },
    prepare,
};

use crate::{machine::Machine, quantile::quantile};

const ROUNDS: usize = 20;
/// Long enough for sixty poses each way.
const ROUND_SECONDS: u32 = 3;
const PAIR_FPS: u32 = 60;
const CROWD: u32 = 16;
const CROWD_SECONDS: u32 = 20;
/// Sixteen engines on few cores: each draws half as often.
const CROWD_FPS: u32 = 30;

/// All times are in milliseconds.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    rounds: usize,
    join_ms_p50: f64,
    join_ms_p95: f64,
    first_avatar_ms_p50: f64,
    first_avatar_ms_p95: f64,
    /// Of the players' own medians and 95th percentiles the median and, beside it, the worst.
    pose_latency_ms_p50: f64,
    pose_latency_ms_p95: f64,
    pose_latency_ms_p95_worst: f64,
    crowd: Crowd,
}

#[derive(Debug, Serialize)]
struct Crowd {
    players: u32,
    fewest_members_seen: u32,
    fewest_avatars_seen: u32,
    join_ms_p95: f64,
    /// The worst of the players.
    extension_frame_ms_p95: f64,
    pose_latency_ms_p95: f64,
}

/// Plays twenty meetings of two and one of sixteen.
///
/// # Errors
/// When a game cannot be started or one of them reports an error.
pub fn run() -> Result<Figures> {
    let game = prepare::exported_demo()?;
    let folder = tempfile::tempdir()?;
    let mut joined = Vec::new();
    let mut everyone = Vec::new();
    for round in 0..ROUNDS {
        let reports = play(
            &game,
            2,
            ROUND_SECONDS,
            PAIR_FPS,
            &folder.path().join(round.to_string()),
        )?;
        eprintln!("round {}: {}", round + 1, reports[1].in_words("the guest"));
        joined.push(reports[1].clone());
        everyone.extend(reports);
    }
    let crowd = play(
        &game,
        CROWD,
        CROWD_SECONDS,
        CROWD_FPS,
        &folder.path().join("crowd"),
    )?;
    let pose_p95 = samples(&everyone, |report| report.pose_latency_ms_p95);
    Ok(Figures {
        machine: Machine::here(),
        rounds: ROUNDS,
        join_ms_p50: of(&joined, |report| report.join_ms, 0.5)?,
        join_ms_p95: of(&joined, |report| report.join_ms, 0.95)?,
        first_avatar_ms_p50: of(&joined, |report| report.first_avatar_ms, 0.5)?,
        first_avatar_ms_p95: of(&joined, |report| report.first_avatar_ms, 0.95)?,
        pose_latency_ms_p50: of(&everyone, |report| report.pose_latency_ms_p50, 0.5)?,
        pose_latency_ms_p95: quantile(&pose_p95, 0.5).context("no pose was seen")?,
        pose_latency_ms_p95_worst: quantile(&pose_p95, 1.0).context("no pose was seen")?,
        crowd: Crowd {
            players: CROWD,
            fewest_members_seen: crowd
                .iter()
                .map(|report| report.members_seen)
                .min()
                .unwrap_or(0),
            fewest_avatars_seen: crowd
                .iter()
                .map(|report| report.avatars_seen)
                .min()
                .unwrap_or(0),
            join_ms_p95: of(&crowd, |report| report.join_ms, 0.95)?,
            extension_frame_ms_p95: of(&crowd, |report| report.extension_frame_ms_p95, 1.0)?,
            pose_latency_ms_p95: of(&crowd, |report| report.pose_latency_ms_p95, 0.5)?,
        },
    })
}

/// One meeting of headless players.
fn play(
    game: &Game,
    players: u32,
    seconds: u32,
    max_fps: u32,
    folder: &Path,
) -> Result<Vec<PlayerReport>> {
    let meeting = Meeting {
        players,
        bots: 0,
        seconds,
        max_fps: Some(max_fps),
        space: "garden".to_owned(),
    };
    let visits = meeting.play(game, folder)?;
    for Visit { name, report, .. } in &visits {
        ensure!(
            report.errors.is_empty(),
            "{name} had errors: {}",
            report.errors.join("; ")
        );
    }
    Ok(visits.into_iter().map(|visit| visit.report).collect())
}

fn samples(reports: &[PlayerReport], value: impl Fn(&PlayerReport) -> Option<f64>) -> Vec<f64> {
    reports.iter().filter_map(value).collect()
}

fn of(
    reports: &[PlayerReport],
    value: impl Fn(&PlayerReport) -> Option<f64>,
    q: f64,
) -> Result<f64> {
    quantile(&samples(reports, value), q).context("a player measured nothing")
}
