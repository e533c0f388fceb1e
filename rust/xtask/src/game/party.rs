//! Players in one space that are started one by one and ended from outside.

use std::path::PathBuf;

use anyhow::Result;
use tempfile::TempDir;

use crate::engine::display::Display;
use crate::game::{Entry, Game, Player, PlayerOptions};

/// Frames a second of the players: enough to move, and light on a small machine.
const MAX_FPS: u32 = 30;

/// Small, because machines that test often draw without a graphics card.
const WINDOW_SIZE: (u32, u32) = (320, 180);

/// Longer than any test or bench: the players are ended from outside.
const STAY_SECONDS: u32 = 600;

/// Players in one space, started one by one. Their files end with this value.
pub struct Party<'a> {
    game: &'a Game,
    folder: TempDir,
}

impl<'a> Party<'a> {
    /// Nobody yet.
    ///
    /// # Errors
    /// When there is no room for files.
    pub fn new(game: &'a Game) -> Result<Self> {
        Ok(Self {
            game,
            folder: tempfile::tempdir()?,
        })
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
            seconds: STAY_SECONDS,
            members: 0,
            bots: 0,
            max_fps: MAX_FPS,
            picture: None,
            screenshots: None,
            window_size: WINDOW_SIZE,
        };
        self.game
            .start(&options, &self.folder.path().join(name), display)
    }
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
        if player.others()? != expected {
            return Ok(false);
        }
    }
    Ok(true)
}
