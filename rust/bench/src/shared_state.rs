//! What a change of the shared state costs on the wire, how soon a newcomer has everything, and whether all have the same
//! after losses and a change of the host. Real peers, in a network namespace of their own, whose counters are the kernel's.

mod faults;
mod nft;
mod player;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use metaverse_protocol::state::Key;
use serde::{Deserialize, Serialize};

use self::{
    faults::Faults,
    player::{Player, key},
};
use crate::{
    machine::Machine,
    namespace::{self, received_ip_bytes},
    quantile::quantile,
};

const KEYS: usize = 10_000;
const VALUE_BYTES: usize = 16;
const CHANGES_PER_SECOND: u32 = 100;
const CHANGES: u32 = 3_000;
const SNAPSHOTS: usize = 7;
/// Longer than anything takes.
const LONG: Duration = Duration::from_mins(1);

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    #[serde(flatten)]
    measured: Measured,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    keys: usize,
    value_bytes: usize,
    changes_per_second: u32,
    /// IP bytes both ways, acknowledgements included, for each change and receiver, less what the idle space takes in the
    /// same time, and less the value.
    bytes_per_change: f64,
    idle_bytes_per_second: f64,
    /// The median, from `join_space()` to the frame of a game at 60 frames a second that has all keys.
    snapshot_ms: f64,
    snapshot_ms_worst: f64,
    /// Whether all have the same after losses and a change of the host; null where packets cannot be lost on this machine.
    equal_after_faults: Option<bool>,
    faults: Option<Faults>,
}

/// Measures, in a namespace made for it.
///
/// # Errors
/// When there is no namespace to be had, or what has to happen does not.
pub fn run() -> Result<Figures> {
    let measured = if namespace::is_inside() {
        inside()?
    } else {
        let fetched = tempfile::tempdir()?;
        namespace::run_inside(&nft::provide(fetched.path()))?
    };
    Ok(Figures {
        machine: Machine::here(),
        measured,
    })
}

fn inside() -> Result<Measured> {
    if faults::is_the_host() {
        faults::host()?;
    }
    namespace::set_up()?;
    let mut host = Player::create()?;
    for number in 0..KEYS {
        host.write(&object(number), &[0; VALUE_BYTES])?;
    }
    let (snapshot_ms, snapshot_ms_worst) = snapshots(&mut host)?;
    let (bytes_per_change, idle_bytes_per_second) = changes(&mut host)?;
    drop(host);
    eprintln!(
        "{bytes_per_change:.1} bytes a change besides its value; a snapshot in {snapshot_ms:.0} ms"
    );
    let faults = nft::find().as_ref().map(faults::run).transpose()?;
    if faults.is_none() {
        eprintln!("no packets are lost, as there is no `nft`: install nftables");
    }
    Ok(Measured {
        keys: KEYS,
        value_bytes: VALUE_BYTES,
        changes_per_second: CHANGES_PER_SECOND,
        bytes_per_change,
        idle_bytes_per_second,
        snapshot_ms,
        snapshot_ms_worst,
        equal_after_faults: faults.as_ref().map(|faults| faults.are_equal),
        faults,
    })
}

fn object(number: usize) -> Key {
    key(&format!("object/{number:05}/transform"))
}

/// The median and the worst milliseconds of some newcomers.
fn snapshots(host: &mut Player) -> Result<(f64, f64)> {
    let mut all = Vec::new();
    for _ in 0..SNAPSHOTS {
        let since = Instant::now();
        let mut late = Player::join(&host.invite()?)?;
        late.until("the snapshot", |mirror| mirror.len() == KEYS)?;
        all.push(since.elapsed().as_secs_f64() * 1000.0);
        late.leave()?;
    }
    let quantiles = (quantile(&all, 0.5), quantile(&all, 1.0));
    let (Some(median), Some(worst)) = quantiles else {
        anyhow::bail!("no snapshots");
    };
    Ok((median, worst))
}

/// Bytes for each change, and a second of idleness.
fn changes(host: &mut Player) -> Result<(f64, f64)> {
    let mut receiver = Player::join(&host.invite()?)?;
    receiver.until("the snapshot", |mirror| mirror.len() == KEYS)?;
    // The path's properties are found out and the clocks are read within the first seconds.
    receiver.play(Duration::from_secs(15));
    let idle = received_ip_bytes()?;
    let since = Instant::now();
    receiver.play(Duration::from_secs(20));
    let idle_rate = (received_ip_bytes()? - idle) as f64 / since.elapsed().as_secs_f64();

    let before = received_ip_bytes()?;
    let since = Instant::now();
    for number in 0..CHANGES {
        let due = since + Duration::from_secs(1) * number / CHANGES_PER_SECOND;
        receiver.play(due.saturating_duration_since(Instant::now()));
        let mut value = [0x5a; VALUE_BYTES];
        value[..4].copy_from_slice(&number.to_le_bytes());
        // Each tenth of a second another part of the keys, as things move about.
        host.write(&object(number as usize * 7_919 % KEYS), &value)?;
    }
    let last = key(&format!(
        "object/{:05}/transform",
        (CHANGES as usize - 1) * 7_919 % KEYS
    ));
    let expected = host
        .value(&last)
        .context("the host has what it has written")?;
    receiver.until("the last change", |mirror| {
        mirror.get(&last) == Some(&expected)
    })?;
    let elapsed = since.elapsed().as_secs_f64();
    let bytes = (received_ip_bytes()? - before) as f64 - idle_rate * elapsed;
    Ok((bytes / f64::from(CHANGES) - VALUE_BYTES as f64, idle_rate))
}
