//! What the tests across processes share: players that are started one by one, and conditions that are waited for.

pub mod window;

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tempfile::TempDir;
use xtask::{
    engine::display::Display,
    game::{Entry, Game, Player, PlayerOptions},
};

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(20);

/// Frames a second of the players: enough to move, and light on a small machine.
const MAX_FPS: u32 = 30;

/// Small, because machines that test often draw without a graphics card: a frame of a large window takes a second there.
const WINDOW_SIZE: (u32, u32) = (320, 180);

/// Waits until `condition` holds, and says how long that took.
///
/// # Errors
/// When it does not hold within `limit`, or cannot be evaluated.
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut condition: impl FnMut() -> Result<bool>,
) -> Result<Duration> {
    let start = Instant::now();
    while !condition()? {
        if start.elapsed() > limit {
            bail!("{what}: not within {limit:?}");
        }
        thread::sleep(POLL);
    }
    Ok(start.elapsed())
}

/// Players in one space, started one by one. Their files end with this value.
pub struct Party {
    game: Game,
    folder: TempDir,
}

impl Party {
    /// Nobody yet.
    ///
    /// # Errors
    /// When there is no room for files.
    pub fn new(game: Game) -> Result<Self> {
        Ok(Self {
            game,
            folder: tempfile::tempdir()?,
        })
    }

    /// The game that is played.
    pub fn game(&self) -> &Game {
        &self.game
    }

    /// Where `name` writes its invite.
    pub fn invite_of(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.invite"))
    }

    /// Starts a player that creates the space.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn host(&self, name: &str, display: Option<&Display>) -> Result<Player> {
        let entry = Entry::Create {
            space: "garden".to_owned(),
            invite: self.invite_of(name),
        };
        self.start(name, entry, display)
    }

    /// Starts a player that joins with the invite of `inviter`, and then writes one of its own.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn guest(&self, name: &str, inviter: &str, display: Option<&Display>) -> Result<Player> {
        let entry = Entry::Join {
            invite: self.invite_of(inviter),
            invite_out: Some(self.invite_of(name)),
        };
        self.start(name, entry, display)
    }

    fn start(&self, name: &str, entry: Entry, display: Option<&Display>) -> Result<Player> {
        let options = PlayerOptions {
            name: name.to_owned(),
            entry,
            // Longer than any test: the players are ended from outside.
            seconds: 600,
            members: 0,
            max_fps: MAX_FPS,
            picture: None,
            screenshots: None,
            window_size: WINDOW_SIZE,
        };
        self.game
            .start(&options, &self.folder.path().join(name), display)
    }
}

/// The names of the others on a player's list, as its log tells last.
///
/// # Errors
/// When the log cannot be read.
pub fn others(player: &Player) -> Result<Vec<String>> {
    let log = player.log()?;
    let list = log
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("members: "));
    Ok(list.map_or_else(Vec::new, |list| {
        list.split(", ")
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }))
}

/// Whether each of `players`, with its name, lists exactly all the others.
///
/// # Errors
/// When a log cannot be read.
pub fn all_see_one_another(players: &[(&str, &Player)]) -> Result<bool> {
    for (name, player) in players {
        let mut expected: Vec<&str> = players
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| other != name)
            .collect();
        expected.sort_unstable();
        if others(player)? != expected {
            return Ok(false);
        }
    }
    Ok(true)
}
