//! How soon killed players are missed by all others, and that a space survives its host.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use xtask::{
    game::{
        Game, Player,
        party::{Party, all_see_one_another},
    },
    prepare,
    process::wait_until,
};

use crate::{machine::Machine, quantile::Times};

const ROUNDS: usize = 5;
const HOST: &str = "Ann";
const MEMBERS: [&str; 3] = ["Bob", "Cleo", "Dora"];
/// Enters last, so that its invite names the others; it is killed first.
const VICTIM: &str = "Eve";
const NEWCOMER: &str = "Finn";
const MEET: Duration = Duration::from_mins(1);
const MISS: Duration = Duration::from_secs(30);
/// How often the players' logs are looked at: the resolution of the figures.
const POLL: Duration = Duration::from_millis(5);

/// All times are from the kill until one player's list is without the killed one, over all players and rounds.
#[derive(Debug, Serialize)]
pub struct Figures {
    machine: Machine,
    players: usize,
    rounds: usize,
    member_missed: Times,
    host_missed: Times,
    /// Newcomers that entered by the invite of the killed member, after the host was killed as well.
    newcomers_entered: usize,
    /// From the newcomer's request to join until it is inside.
    newcomer_joined: Times,
}

/// What one round took.
struct Round {
    member_missed: Vec<Duration>,
    host_missed: Vec<Duration>,
    newcomer_joined: Duration,
}

/// Kills a member and then the host, several times.
///
/// # Errors
/// When the players do not meet, do not miss somebody, or nobody new can enter.
pub fn run() -> Result<Figures> {
    let game = prepare::exported_demo()?;
    let rounds = (1..=ROUNDS)
        .map(|round| {
            let taken = play(&game).with_context(|| format!("round {round}"))?;
            eprintln!(
                "round {round}: a member was missed after {:.2?}, the host after {:.2?}, someone new joined in {:.2?}",
                taken.member_missed, taken.host_missed, taken.newcomer_joined
            );
            Ok(taken)
        })
        .collect::<Result<Vec<_>>>()?;
    let member_missed: Vec<_> = rounds
        .iter()
        .flat_map(|r| r.member_missed.clone())
        .collect();
    let host_missed: Vec<_> = rounds.iter().flat_map(|r| r.host_missed.clone()).collect();
    let newcomer_joined: Vec<_> = rounds.iter().map(|r| r.newcomer_joined).collect();
    Ok(Figures {
        machine: Machine::here(),
        players: MEMBERS.len() + 2,
        rounds: ROUNDS,
        member_missed: Times::of(&member_missed).context("nobody missed the member")?,
        host_missed: Times::of(&host_missed).context("nobody missed the host")?,
        newcomers_entered: newcomer_joined.len(),
        newcomer_joined: Times::of(&newcomer_joined).context("nobody new came")?,
    })
}

fn play(game: &Game) -> Result<Round> {
    let party = Party::new(game)?;
    let mut host = party.host(HOST, None)?;
    let members = MEMBERS
        .iter()
        .map(|name| Ok((*name, party.guest(name, HOST, None)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut all = with_names(&members);
    all.push((HOST, &host));
    wait_until("the first meet", MEET, || all_see_one_another(&all))?;
    let mut victim = party.guest(VICTIM, HOST, None)?;
    all.push((VICTIM, &victim));
    wait_until("the last comes", MEET, || {
        Ok(all_see_one_another(&all)? && party.invite_of(VICTIM).exists())
    })?;

    let killed = Instant::now();
    victim.kill()?;
    let mut others = with_names(&members);
    others.push((HOST, &host));
    let member_missed = wait_until_missed(VICTIM, killed, &others)?;

    let killed = Instant::now();
    host.kill()?;
    let host_missed = wait_until_missed(HOST, killed, &with_names(&members))?;

    // Neither the one who wrote this invite nor the host is there any more: it names the others as well.
    let newcomer = party.guest(NEWCOMER, VICTIM, None)?;
    let newcomer_joined = time_to_join(&newcomer)?;
    let mut all = with_names(&members);
    all.push((NEWCOMER, &newcomer));
    wait_until("all see the newcomer", MEET, || all_see_one_another(&all))?;
    Ok(Round {
        member_missed,
        host_missed,
        newcomer_joined,
    })
}

fn with_names<'a>(members: &'a [(&'a str, Player)]) -> Vec<(&'a str, &'a Player)> {
    members
        .iter()
        .map(|(name, player)| (*name, player))
        .collect()
}

/// For each of `players` the time since `killed` after which its list is without `name`.
fn wait_until_missed(
    name: &str,
    killed: Instant,
    players: &[(&str, &Player)],
) -> Result<Vec<Duration>> {
    let mut waiting: Vec<_> = players.iter().map(|(_, player)| *player).collect();
    let mut times = Vec::new();
    while !waiting.is_empty() {
        if killed.elapsed() > MISS {
            bail!("{} players still list {name}", waiting.len());
        }
        let mut still = Vec::new();
        for player in waiting {
            if player.others()?.iter().any(|other| other == name) {
                still.push(player);
            } else {
                times.push(killed.elapsed());
            }
        }
        waiting = still;
        thread::sleep(POLL);
    }
    Ok(times)
}

/// As the newcomer itself tells.
fn time_to_join(newcomer: &Player) -> Result<Duration> {
    let mut taken = None;
    wait_until("someone new enters", MEET, || {
        let log = newcomer.log()?;
        let line = log.lines().find_map(|line| line.strip_prefix("join_ms: "));
        taken = line.map(str::parse::<f64>).transpose()?;
        Ok(taken.is_some())
    })?;
    let milliseconds = taken.context("no time was told")?;
    Ok(Duration::from_secs_f64(milliseconds / 1000.0))
}
