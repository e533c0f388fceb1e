//! What a game spends on showing a crowd: 200 avatars of others, of which some are near, some in the middle distance and the
//! rest far, whose poses come over the network (UDP on loopback) from members in this process. One exported game without a
//! window watches them at 60 frames a second; its library is the one for games, except that it counts its allocations.

mod crowd;

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use xtask::{extension::Profile, prepare};

use self::crowd::Crowd;
use crate::{machine::Machine, program::Program};

const MAX_FPS: &str = "60";
/// To start, to play without a network, to meet, to settle and to be measured; as long as an overloaded machine takes.
const PLAYING: Duration = Duration::from_mins(4);
/// The least part of the poses asked for that must come: else the game shows less than it should.
const POSES_LEAST: f64 = 0.9;

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    /// Processes that wanted to run in the minute before: what else the machine did.
    load_before: String,
    avatars: usize,
    /// Avatars by what the newest pose of each had.
    near: usize,
    middle: usize,
    far: usize,
    /// CPU time that the extension's code takes on the main thread in a frame: to take over what has come, to sample all
    /// playbacks, and to write places and bones, with the engine's part of these calls. Not in it: the engine's calls of the
    /// nodes, and what it does later with what was written.
    main_thread_ms_p50: f64,
    main_thread_ms_p95: f64,
    /// Allocations of the extension in the same time, the mean over all frames.
    allocations_per_frame: f64,
    /// CPU time of the main thread for the whole frame, with all that the engine does; and the same before anybody was
    /// there, with the same figures at rest.
    frame_ms_p50: f64,
    frame_ms_p95: f64,
    idle_frame_ms_p50: f64,
    idle_frame_ms_p95: f64,
    poses_per_second: f64,
    frames_per_second: f64,
}

/// What the game has measured of itself.
#[derive(Debug, Deserialize)]
struct Report {
    near: f64,
    middle: f64,
    far: f64,
    bodies: usize,
    bones_moved: usize,
    extension_ms_p50: f64,
    extension_ms_p95: f64,
    frame_ms_p50: f64,
    frame_ms_p95: f64,
    idle_frame_ms_p50: f64,
    idle_frame_ms_p95: f64,
    /// From the first frame to the first that is measured.
    allocations_before: f64,
    allocations_per_frame: f64,
    poses_per_second: f64,
    frames_per_second: f64,
}

/// Plays a crowd to an exported game.
///
/// # Errors
/// When the game does not see the crowd as it should.
pub fn run() -> Result<Figures> {
    let (engine, program) = prepare::exported_bench(Profile::Counting)?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let folder = tempfile::tempdir()?;
    let mut crowd = Crowd::gather()?;
    let invite = crowd.invite()?;
    let game = Program::start(
        &engine,
        &program,
        MAX_FPS,
        "playback",
        folder.path(),
        |command| {
            command
                .args(["--invite", &invite])
                .args(["--members", &crowd::MEMBERS.to_string()])
                .args(["--avatars", &crowd::AVATARS_EACH.to_string()])
                .args(["--near", &crowd::NEAR.to_string()])
                .args(["--middle", &crowd::MIDDLE.to_string()]);
        },
    )?;
    let since = Instant::now();
    while !game.has_reported()? {
        if since.elapsed() > PLAYING {
            bail!("the game does not come to an end: {}", game.in_words());
        }
        crowd.move_on()?;
    }
    let report: Report = game.finish()?;
    check(&report).with_context(|| format!("{report:?}"))?;
    Ok(Figures {
        machine: Machine::here(),
        load_before: load.split(' ').next().unwrap_or_default().to_owned(),
        avatars: crowd::AVATARS,
        near: report.near as usize,
        middle: report.middle as usize,
        far: report.far as usize,
        main_thread_ms_p50: report.extension_ms_p50,
        main_thread_ms_p95: report.extension_ms_p95,
        allocations_per_frame: report.allocations_per_frame,
        frame_ms_p50: report.frame_ms_p50,
        frame_ms_p95: report.frame_ms_p95,
        idle_frame_ms_p50: report.idle_frame_ms_p50,
        idle_frame_ms_p95: report.idle_frame_ms_p95,
        poses_per_second: report.poses_per_second,
        frames_per_second: report.frames_per_second,
    })
}

/// Whether the game has seen who was to be seen, as they were to be seen.
fn check(report: &Report) -> Result<()> {
    let seen = [report.near, report.middle, report.far].map(|count| count as usize);
    ensure!(
        seen == [crowd::NEAR, crowd::MIDDLE, crowd::FAR],
        "the levels of detail are not those to be measured"
    );
    ensure!(
        report.bodies == crowd::NEAR + crowd::MIDDLE,
        "not all bodies are shown that should be"
    );
    ensure!(
        report.bones_moved >= crowd::bones_near(),
        "not all bones of those near have moved"
    );
    ensure!(
        report.allocations_before > 0.0,
        "the allocations are not counted: even the first frames have none"
    );
    ensure!(
        report.poses_per_second >= POSES_LEAST * crowd::poses_per_second(),
        "poses are missing"
    );
    Ok(())
}
