//! `cargo xtask demo`: the demo for people, for tests and for pictures.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::engine::display::Display;
use crate::game::bots::{BotReport, Bots, BotsOptions};
use crate::game::meeting::{INVITE, Meeting, Visit};
use crate::game::report::PlayerReport;
use crate::game::{self, Game};
use crate::{log, prepare};

const DEFAULT_AUTOMATED_PLAYERS: u32 = 2;
const DEFAULT_TOUR_PLAYERS: u32 = 3;

/// What to play.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many players: by default one window, two players without windows, or three on a tour
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    players: Option<u32>,
    /// Automated players without windows
    #[arg(long)]
    headless: bool,
    /// How long automated players stay in the space
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Write pictures of each screen into this folder, and end
    #[arg(long, value_name = "FOLDER", conflicts_with = "headless")]
    screenshot: Option<PathBuf>,
    /// End the output with the automated players' reports, as one line of JSON
    #[arg(long)]
    json: bool,
    /// Play the exported game
    #[arg(long)]
    exported: bool,
    /// The most frames a second of automated players
    #[arg(long)]
    max_fps: Option<u32>,
    /// Members that replay motion, besides the players; people in windows find themselves in a space with them
    #[arg(long, default_value_t = 0)]
    bots: u32,
    /// A BVH file that the bots replay; may be given several times
    #[arg(long, value_name = "FILE", requires = "bots")]
    motion: Vec<PathBuf>,
    /// The space that automated players meet in
    #[arg(long, default_value = "classroom", value_parser = ["classroom", "garden"])]
    space: String,
}

impl Options {
    fn meeting(&self, default_players: u32) -> Meeting {
        Meeting {
            players: self.players.unwrap_or(default_players),
            bots: self.bots,
            seconds: self.seconds,
            max_fps: self.max_fps,
            space: self.space.clone(),
        }
    }

    /// Starts the bots, if there are to be any.
    fn start_bots(&self, folder: &Path, makes_space: bool) -> Result<Option<Bots>> {
        let options = BotsOptions {
            namespace: None,
            count: self.bots,
            motion: self.motion.clone(),
            invite: std::path::absolute(folder.join(INVITE))?,
            create: makes_space.then(|| self.space.clone()),
        };
        Bots::start(&options, folder)
    }
}

#[derive(Serialize)]
struct Reports {
    players: Vec<PlayerReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bots: Vec<BotReport>,
}

/// Plays.
///
/// # Errors
/// When the game cannot be prepared or started, or a player had errors.
pub fn run(options: &Options) -> Result<()> {
    let game = if options.exported {
        prepare::exported_demo()?
    } else {
        prepare::demo()?
    };
    let folder = game::new_folder()?;
    if let Some(pictures) = &options.screenshot {
        tour(&game, options, pictures, &folder)?;
    } else if options.headless || !Display::exists() {
        meet(&game, options, &folder)?;
    } else {
        play_in_windows(&game, options, &folder)?;
    }
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn meet(game: &Game, options: &Options, folder: &Path) -> Result<()> {
    let meeting = options.meeting(DEFAULT_AUTOMATED_PLAYERS);
    println!(
        "{} automated players meet for {} s.",
        meeting.players, meeting.seconds
    );
    let bots = options.start_bots(folder, false)?;
    let visits = meeting.play(game, folder)?;
    tell(visits, finish(bots)?, options.json)
}

fn tour(game: &Game, options: &Options, pictures: &Path, folder: &Path) -> Result<()> {
    let meeting = options.meeting(DEFAULT_TOUR_PLAYERS);
    let pictures = std::path::absolute(pictures)?;
    fs::create_dir_all(&pictures)
        .with_context(|| format!("cannot create {}", pictures.display()))?;
    let display = Display::open(game.engine())?;
    println!(
        "{} automated players go through every screen.",
        meeting.players
    );
    let bots = options.start_bots(folder, false)?;
    let visits = meeting.tour(game, folder, &pictures, &display)?;
    println!("The pictures are in {}.", pictures.display());
    tell(visits, finish(bots)?, options.json)
}

fn finish(bots: Option<Bots>) -> Result<Vec<BotReport>> {
    bots.map_or(Ok(Vec::new()), Bots::finish)
}

/// Tells what each player and each bot saw, and fails when a player had errors.
fn tell(visits: Vec<Visit>, bots: Vec<BotReport>, as_json: bool) -> Result<()> {
    for visit in &visits {
        println!("{}", visit.report.in_words(&visit.name));
    }
    for bot in &bots {
        println!("{}", bot.in_words());
    }
    let faulty: Vec<&Visit> = visits
        .iter()
        .filter(|visit| !visit.report.errors.is_empty())
        .collect();
    for visit in &faulty {
        eprintln!(
            "{}, {}",
            visit.name,
            log::summary(&visit.log, &log::read(&visit.log)?)
        );
    }
    let faulty = faulty.len();
    if as_json {
        let players = visits.into_iter().map(|visit| visit.report).collect();
        println!("{}", serde_json::to_string(&Reports { players, bots })?);
    }
    if faulty > 0 {
        bail!("players with errors: {faulty}");
    }
    Ok(())
}

/// Windows for people: in the lobby, or in the bots' space if there are bots.
fn play_in_windows(game: &Game, options: &Options, folder: &Path) -> Result<()> {
    let bots = options.start_bots(folder, true)?;
    let invite = bots.as_ref().map(|_| folder.join(INVITE));
    let display = Display::open(game.engine())?;
    let windows = (1..=options.players.unwrap_or(1))
        .map(|index| {
            let own = folder.join(format!("player-{index}"));
            game.start_window(&own, &display, invite.as_deref())
        })
        .collect::<Result<Vec<_>>>()?;
    let mut faulty = 0;
    for (mut window, log) in windows {
        let status = window.wait_for_end()?;
        let text = log::read(&log)?;
        if !status.success() || !log::faults(&text).is_empty() {
            eprintln!("A game ended with {status}\n{}", log::summary(&log, &text));
            faulty += 1;
        }
    }
    if faulty > 0 {
        bail!("games with errors: {faulty}");
    }
    finish(bots)?;
    Ok(())
}
