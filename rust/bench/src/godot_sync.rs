//! What full-body avatars cost with this addon and with Godot's own `MultiplayerSynchronizer`: bytes on the wire, the main
//! thread's time, and how late they are. Two exported programs play the same motion, in a network namespace of their own.

mod round;

use std::fs;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use xtask::{extension::Profile, prepare};

use self::round::{Round, Way};
use crate::{machine::Machine, namespace};

const AVATARS: u32 = 30;
const BONES: u32 = 56;

/// What was measured, and how much less ours takes.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    #[serde(flatten)]
    measured: Measured,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    /// Processes that wanted to run in the minute before: what else the machine did.
    load_before: String,
    /// 30 avatars of one peer, seen by another.
    ours: Sync,
    /// The same with a property for each bone, unreliably, over `ENet` without compression, as Godot's editor sets it up.
    godot: Sync,
    /// One avatar of each of two peers. Each both sends and receives: the host's frames stand for sending, the guest's for
    /// receiving.
    ours_single: Sync,
    /// Bytes of Godot's own for each of ours.
    times_fewer_bytes: f64,
    times_fewer_bytes_single: f64,
    /// Our part of the main thread's time that Godot's own takes, sending and receiving together.
    share_of_main_thread: f64,
}

/// One way's figures.
#[derive(Debug, Serialize, Deserialize)]
struct Sync {
    /// IP bytes both ways, headers and acknowledgements included, for each avatar that is sent: counted by the kernel.
    udp_bytes_per_avatar_second: f64,
    /// CPU time of the sender's main thread for each frame, less what it takes with the same motion and nothing that is
    /// sent: of windows of 60 frames the median.
    send_frame_ms: f64,
    /// The same of the receiver's, less what it takes with the same figures at rest.
    receive_frame_ms: f64,
    /// From the sender's frame to the receiver's frame that has the value, before anything is smoothed.
    latency_ms_p50: f64,
    latency_ms_p95: f64,
    poses_per_second: f64,
    frames_per_second: f64,
}

/// Measures, in a namespace made for it.
///
/// # Errors
/// When there is no namespace to be had, or what has to happen does not.
pub fn run() -> Result<Figures> {
    let measured = if namespace::is_inside() {
        inside()?
    } else {
        // What is missing is fetched while there is a network to fetch it from.
        prepare::exported_bench(Profile::Release)?;
        let (variable, value) = prepare::done_variable();
        namespace::run_inside(&[(variable.to_owned(), value.into())])?
    };
    Ok(Figures {
        machine: Machine::here(),
        measured,
    })
}

fn inside() -> Result<Measured> {
    namespace::set_up()?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let play = |way, host_avatars, guest_avatars| {
        let round = Round {
            way,
            host_avatars,
            guest_avatars,
        };
        let sync = round.play()?;
        eprintln!("{round:?}: {sync:?}");
        anyhow::Ok(sync)
    };
    let ours = play(Way::Addon, AVATARS, 0)?;
    let godot = play(Way::Engine, AVATARS, 0)?;
    let ours_single = play(Way::Addon, 1, 1)?;
    Ok(Measured {
        load_before: load.split(' ').next().unwrap_or_default().to_owned(),
        times_fewer_bytes: godot.udp_bytes_per_avatar_second / ours.udp_bytes_per_avatar_second,
        times_fewer_bytes_single: godot.udp_bytes_per_avatar_second
            / ours_single.udp_bytes_per_avatar_second,
        share_of_main_thread: (ours.send_frame_ms + ours.receive_frame_ms)
            / (godot.send_frame_ms + godot.receive_frame_ms),
        ours,
        godot,
        ours_single,
    })
}
