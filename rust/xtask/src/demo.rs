//! `cargo xtask demo`: the demo for people, for tests and for pictures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::engine::display::Display;
use crate::game::meeting::{INVITE, Meeting, Visit};
use crate::game::report::PlayerReport;
use crate::game::{self, Game};
use crate::process::{self, Running};
use crate::{log, prepare, workspace};

const DEFAULT_AUTOMATED_PLAYERS: u32 = 2;
const DEFAULT_TOUR_PLAYERS: u32 = 3;
/// The program that plays bots, and how long it may take to make a space.
const BOTS: &str = "metaverse-bots";
const BOTS_START: Duration = Duration::from_secs(30);

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
    /// Members that replay motion, besides the players; without automated players they make a space of their own
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
}

impl Options {
    /// Starts the bots, if there are to be any. They end when what is returned is dropped.
    fn start_bots(&self, invite: &Path, makes_space: bool) -> Result<Option<Running>> {
        if self.bots == 0 {
            return Ok(None);
        }
        let mut command = workspace::cargo();
        command.args(["run", "--release", "--package", BOTS, "--"]);
        // They end with their input.
        command.stdin(Stdio::piped());
        command.arg("--bots").arg(self.bots.to_string());
        command.arg("--invite").arg(std::path::absolute(invite)?);
        if makes_space {
            command.arg("--create").arg(&self.space);
        }
        for motion in &self.motion {
            command.arg("--motion").arg(std::path::absolute(motion)?);
        }
        Ok(Some(Running::start(&mut command, false)?))
    }
}

#[derive(Serialize)]
struct Reports {
    players: Vec<PlayerReport>,
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
        let invite = folder.join(INVITE);
        let bots = options.start_bots(&invite, true)?;
        if bots.is_some() {
            process::wait_until("the bots have a space", BOTS_START, || Ok(invite.exists()))?;
            println!(
                "The bots' space, to be pasted in the lobby:\n{}",
                fs::read_to_string(&invite)?
            );
        }
        play_in_windows(&game, options.players.unwrap_or(1), &folder)?;
    }
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn meet(game: &Game, options: &Options, folder: &Path) -> Result<()> {
    let meeting = options.meeting(DEFAULT_AUTOMATED_PLAYERS);
    println!(
        "{} automated players meet for {} s.",
        meeting.players, meeting.seconds
    );
    let _bots = options.start_bots(&folder.join(INVITE), false)?;
    tell(meeting.play(game, folder)?, options.json)
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
    let _bots = options.start_bots(&folder.join(INVITE), false)?;
    let visits = meeting.tour(game, folder, &pictures, &display)?;
    println!("The pictures are in {}.", pictures.display());
    tell(visits, options.json)
}

/// Tells what each player saw, and fails when one had errors.
fn tell(visits: Vec<Visit>, as_json: bool) -> Result<()> {
    for visit in &visits {
        println!("{}", visit.report.in_words(&visit.name));
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
        println!("{}", serde_json::to_string(&Reports { players })?);
    }
    if faulty > 0 {
        bail!("players with errors: {faulty}");
    }
    Ok(())
}

fn play_in_windows(game: &Game, number: u32, folder: &Path) -> Result<()> {
    let display = Display::open(game.engine())?;
    let windows = (1..=number)
        .map(|index| game.start_window(&folder.join(format!("player-{index}")), &display))
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
    Ok(())
}
