//! Two processes that keep avatars in step, measured once.

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xtask::{engine::Engine, extension::Profile, prepare, process::wait_until};

use super::{BONES, Sync};
use crate::{namespace::received_ip_bytes, program::Program};

const MAX_FPS: &str = "60";
const MEASURED: Duration = Duration::from_secs(20);
/// To start, to play without a network, to meet and to settle; as long as an overloaded machine takes.
const MEET: Duration = Duration::from_mins(2);

/// Who keeps the avatars in step.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// This addon.
    Addon,
    /// The engine's own.
    Engine,
}

/// How many avatars of the two are kept in step, and how.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    pub way: Way,
    pub host_avatars: u32,
    pub guest_avatars: u32,
}

/// What one process has measured of itself.
#[derive(Debug, Deserialize)]
struct Report {
    idle_frame_ms: f64,
    busy_frame_ms: f64,
    frames_per_second: f64,
    poses_per_second: f64,
    /// None where nothing came.
    latency_ms_p50: Option<f64>,
    latency_ms_p95: Option<f64>,
    bones_moved: u32,
}

impl Round {
    /// Plays it once.
    pub fn play(&self) -> Result<Sync> {
        let (engine, program) = prepare::exported_bench(Profile::Release)?;
        let folder = tempfile::tempdir()?;
        let start = |role| self.start(&engine, &program, role, folder.path());
        let both = [start("host")?, start("guest")?];
        wait_until("both measure", MEET, || {
            Ok(both[0].is_measuring()? && both[1].is_measuring()?)
        })
        .with_context(|| both[0].in_words())
        .with_context(|| both[1].in_words())?;

        let before = received_ip_bytes()?;
        let since = Instant::now();
        sleep(MEASURED);
        let bytes = (received_ip_bytes()? - before) as f64;
        let seconds = since.elapsed().as_secs_f64();

        fs::write(folder.path().join("end"), "")?;
        let [host, guest] = both.map(Program::finish::<Report>);
        let (host, guest) = (host?, guest?);
        ensure!(
            guest.bones_moved == self.host_avatars * BONES
                && host.bones_moved == self.guest_avatars * BONES,
            "bones of others did not move: {host:?}, {guest:?}"
        );
        let avatars = f64::from(self.host_avatars + self.guest_avatars);
        Ok(Sync {
            udp_bytes_per_avatar_second: bytes / seconds / avatars,
            send_frame_ms: host.busy_frame_ms - host.idle_frame_ms,
            receive_frame_ms: guest.busy_frame_ms - guest.idle_frame_ms,
            latency_ms_p50: guest.latency_ms_p50.context("no pose came")?,
            latency_ms_p95: guest.latency_ms_p95.context("no pose came")?,
            poses_per_second: guest.poses_per_second,
            frames_per_second: host.frames_per_second.min(guest.frames_per_second),
        })
    }

    fn start(&self, engine: &Engine, program: &Path, role: &str, shared: &Path) -> Result<Program> {
        let way = match self.way {
            Way::Addon => "addon",
            Way::Engine => "engine",
        };
        let folder = shared.join(role);
        Program::start(engine, program, MAX_FPS, "godot_sync", &folder, |command| {
            command
                .args(["--way", way, "--role", role])
                .args(["--host-avatars", &self.host_avatars.to_string()])
                .args(["--guest-avatars", &self.guest_avatars.to_string()])
                .arg("--meeting")
                .arg(shared.join("meeting"))
                .arg("--end")
                .arg(shared.join("end"));
        })
    }
}
