//! Six peers that all write at once while one of ten packets is lost, and whose host is killed in the middle of it.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde::{Deserialize, Serialize};

use super::{
    LONG,
    nft::Nft,
    player::{Player, key},
};

const HOST: &str = "METAVERSE_BENCH_HOST";
const PEERS: usize = 5;
const KEYS: u32 = 500;
const WRITING: Duration = Duration::from_secs(20);
/// Between two writes of one peer.
const PAUSE: Duration = Duration::from_millis(10);

/// What was survived.
#[derive(Debug, Serialize, Deserialize)]
pub struct Faults {
    peers: usize,
    writes: u32,
    packets_lost: u64,
    /// Comparisons that found a difference.
    differences: u64,
    keys: usize,
    /// From the last write to all having the same.
    seconds_to_equal: f64,
    pub are_equal: bool,
}

/// Whether this process is the host that will be killed.
pub fn is_the_host() -> bool {
    env::var_os(HOST).is_some()
}

/// Creates the space and writes until it is killed.
pub fn host() -> Result<()> {
    let mut player = Player::create()?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", player.invite()?)?;
    out.flush()?;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    loop {
        write(&mut player, &mut rng)?;
        player.play(PAUSE);
    }
}

fn write(player: &mut Player, rng: &mut ChaCha8Rng) -> Result<()> {
    let name = format!("object/{}", rng.next_u32() % KEYS);
    player.write(&key(&name), &rng.next_u64().to_le_bytes())
}

/// Kills the host's process when it is dropped, whatever else goes wrong.
struct Host(Child);

impl Host {
    fn start() -> Result<(Self, String)> {
        let mut child = Command::new(env::current_exe()?)
            .args(env::args_os().skip(1))
            .env(HOST, "1")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("the host has no output")?;
        let host = Self(child);
        let mut invite = String::new();
        BufReader::new(out).read_line(&mut invite)?;
        Ok((host, invite))
    }

    fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It is gone already unless something else has failed.
        let _ = self.kill();
    }
}

/// Loses packets and the host, and waits until all have the same.
pub fn run(nft: &Nft) -> Result<Faults> {
    let (mut host, invite) = Host::start()?;
    let mut players = Vec::new();
    for _ in 0..PEERS {
        players.push(Player::join(invite.trim())?);
    }
    until(&mut players, "all see all", |players| {
        players.iter().all(|player| player.members() == PEERS + 1)
    })?;
    nft.lose_packets()?;

    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut writes, mut is_host_alive) = (0, true);
    let since = Instant::now();
    while since.elapsed() < WRITING {
        for player in &mut players {
            write(player, &mut rng)?;
            player.frame();
            writes += 1;
        }
        if is_host_alive && since.elapsed() > WRITING / 2 {
            host.kill()?;
            is_host_alive = false;
        }
        players[0].play(PAUSE);
    }
    let since = Instant::now();
    let equal = until(&mut players, "all have the same", |players| {
        let first = players[0].values();
        players
            .iter()
            .all(|player| player.members() == PEERS && player.values() == first)
    });
    ensure!(!is_host_alive, "the host was to be killed");
    Ok(Faults {
        peers: PEERS + 1,
        writes,
        packets_lost: nft.lost_packets()?,
        differences: players.iter().map(Player::differences).sum(),
        keys: players[0].values().len(),
        seconds_to_equal: since.elapsed().as_secs_f64(),
        are_equal: equal.is_ok(),
    })
}

fn until(players: &mut [Player], what: &str, holds: impl Fn(&[Player]) -> bool) -> Result<()> {
    let since = Instant::now();
    while !holds(players) {
        ensure!(since.elapsed() < LONG, "{what}: not within {LONG:?}");
        for player in players.iter_mut() {
            player.frame();
        }
        players[0].play(Duration::from_millis(10));
    }
    Ok(())
}
