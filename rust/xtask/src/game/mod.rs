//! Plays the demo: starts player processes, waits for their reports, ends them.

pub mod bots;
pub mod closing;
pub mod meeting;
pub mod party;
mod player;
pub mod report;

pub use player::Player;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::engine::Engine;
use crate::engine::display::Display;
use crate::process::{Running, log_to};
use crate::workspace::{self, Project};

/// How a player comes into the space.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Creates a space and writes its invite.
    Create {
        /// Name of the space's scene: `classroom` or `garden`.
        space: String,
        /// The file for the invite.
        invite: PathBuf,
    },
    /// Waits for an invite, then joins.
    Join {
        /// The file with the invite.
        invite: PathBuf,
        /// A file for an invite of its own, once it is inside.
        invite_out: Option<PathBuf>,
    },
}

/// One automated player.
#[derive(Clone, Debug)]
pub struct PlayerOptions {
    /// The name that others see.
    pub name: String,
    /// How it comes into the space.
    pub entry: Entry,
    /// How long it stays, counted from when everyone is there.
    pub seconds: u32,
    /// How many others it expects.
    pub members: u32,
    /// How many of them are bots, which share nothing.
    pub bots: u32,
    /// The most frames a second.
    pub max_fps: u32,
    /// An image file; none: the game's own choice.
    pub picture: Option<PathBuf>,
    /// A folder for pictures of each screen; none: no pictures.
    pub screenshots: Option<PathBuf>,
    /// Width and height of its window in pixels, if it has one.
    pub window_size: (u32, u32),
}

/// What most people see at least.
pub const WINDOW_SIZE: (u32, u32) = (1280, 720);

impl PlayerOptions {
    /// The arguments that the game reads.
    fn arguments(&self, report: &Path, close_file: &Path) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            vec!["--auto".into(), "--name".into(), self.name.clone().into()];
        match &self.entry {
            Entry::Create { space, invite } => {
                arguments.extend([
                    "--create".into(),
                    space.into(),
                    "--invite-out".into(),
                    invite.into(),
                ]);
            }
            Entry::Join { invite, invite_out } => {
                arguments.extend(["--invite-file".into(), invite.into()]);
                if let Some(own) = invite_out {
                    arguments.extend(["--invite-out".into(), own.into()]);
                }
            }
        }
        arguments.extend(["--seconds".into(), self.seconds.to_string().into()]);
        arguments.extend(["--members".into(), self.members.to_string().into()]);
        if self.bots > 0 {
            arguments.extend(["--bots".into(), self.bots.to_string().into()]);
        }
        arguments.extend(["--report".into(), report.into()]);
        arguments.extend(["--close-file".into(), close_file.into()]);
        if let Some(picture) = &self.picture {
            arguments.extend(["--picture".into(), picture.into()]);
        }
        if let Some(folder) = &self.screenshots {
            arguments.extend(["--screenshot".into(), folder.into()]);
        }
        arguments
    }

    /// How long its process may take: to start beside all the others, to stay, and to leave.
    pub fn time_limit(&self) -> Duration {
        const START: u32 = 30;
        const START_OF_EACH_OTHER: u32 = 4;
        const TOUR: u32 = 240;
        const LEAVE: u32 = 30;
        let tour = if self.screenshots.is_some() { TOUR } else { 0 };
        Duration::from_secs(u64::from(
            START + START_OF_EACH_OTHER * self.members + tour + self.seconds + LEAVE,
        ))
    }
}

/// A new folder for the files of one run: logs, reports, the players' settings. It stays until someone removes it.
///
/// # Errors
/// When it cannot be created.
pub fn new_folder() -> Result<PathBuf> {
    let scratch = workspace::scratch()?;
    fs::create_dir_all(&scratch)?;
    Ok(tempfile::Builder::new()
        .prefix("run-")
        .tempdir_in(scratch)?
        .keep())
}

/// The demo, as a project or as an exported game.
pub struct Game {
    engine: Engine,
    exported: Option<PathBuf>,
}

impl Game {
    /// The demo project, run by the engine; it must be staged and imported.
    pub fn project(engine: Engine) -> Self {
        Self {
            engine,
            exported: None,
        }
    }

    /// An exported game.
    pub fn exported(engine: Engine, game: PathBuf) -> Self {
        Self {
            engine,
            exported: Some(game),
        }
    }

    /// The engine that runs it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Starts an automated player, on `display` or without a window. Its files are in `folder`, which no other player may use.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(
        &self,
        options: &PlayerOptions,
        folder: &Path,
        display: Option<&Display>,
    ) -> Result<Player> {
        let mut command = self.command(folder, display, options.window_size)?;
        command.args(["--max-fps", &options.max_fps.to_string()]);
        let report = folder.join("report.json");
        let close_file = folder.join("close");
        command
            .arg("--")
            .args(options.arguments(&report, &close_file));
        let log = folder.join("log.txt");
        log_to(&mut command, &log)?;
        let running = Running::start(&mut command, self.engine.is_sandboxed())?;
        Ok(Player::new(
            running,
            report,
            log,
            close_file,
            options.time_limit(),
        ))
    }

    /// Starts the game in a window for a person, who enters the space of the file `invite` if there is one. Its files are in
    /// `folder`, which no other player may use.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start_window(
        &self,
        folder: &Path,
        display: &Display,
        invite: Option<&Path>,
    ) -> Result<(Running, PathBuf)> {
        let mut command = self.command(folder, Some(display), WINDOW_SIZE)?;
        if let Some(invite) = invite {
            command.args(["--", "--invite-file"]).arg(invite);
        }
        let log = folder.join("log.txt");
        log_to(&mut command, &log)?;
        Ok((
            Running::start(&mut command, self.engine.is_sandboxed())?,
            log,
        ))
    }

    fn program(&self) -> Command {
        if let Some(game) = &self.exported {
            return self.engine.game_command(game);
        }
        let mut command = self.engine.command();
        command.arg("--path").arg(Project::Demo.folder());
        command
    }

    /// Each player has settings, caches and an identity of its own.
    fn command(
        &self,
        folder: &Path,
        display: Option<&Display>,
        (width, height): (u32, u32),
    ) -> Result<Command> {
        let mut command = self.program();
        // With it the debug library records a backtrace whenever it borrows an object, which would be measured as well.
        command.env_remove("RUST_BACKTRACE");
        for (variable, name) in [
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            let own = folder.join(name);
            fs::create_dir_all(&own)?;
            command.env(variable, own);
        }
        match display {
            Some(display) => {
                let size = format!("{width}x{height}");
                command.args(["--rendering-driver", "opengl3", "--resolution", &size]);
                display.apply(&mut command);
            }
            None => {
                command.arg("--headless");
            }
        }
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(entry: Entry) -> PlayerOptions {
        PlayerOptions {
            name: "Anna".into(),
            entry,
            seconds: 20,
            members: 1,
            bots: 0,
            max_fps: 60,
            picture: None,
            screenshots: None,
            window_size: WINDOW_SIZE,
        }
    }

    fn arguments(options: &PlayerOptions) -> String {
        let arguments = options.arguments(Path::new("/r.json"), Path::new("/close"));
        arguments
            .iter()
            .map(|argument| argument.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_creator_gets_a_space_and_a_place_for_the_invite() {
        let creator = options(Entry::Create {
            space: "garden".into(),
            invite: "/i.txt".into(),
        });
        assert_eq!(
            arguments(&creator),
            "--auto --name Anna --create garden --invite-out /i.txt --seconds 20 --members 1 --report /r.json --close-file /close"
        );
    }

    #[test]
    fn a_guest_gets_an_invite_and_what_else_it_needs() {
        let mut guest = options(Entry::Join {
            invite: "/i.txt".into(),
            invite_out: Some("/o.txt".into()),
        });
        guest.bots = 1;
        guest.picture = Some("/p.png".into());
        guest.screenshots = Some("/s".into());
        assert_eq!(
            arguments(&guest),
            "--auto --name Anna --invite-file /i.txt --invite-out /o.txt --seconds 20 --members 1 --bots 1 --report /r.json --close-file /close --picture /p.png --screenshot /s"
        );
    }

    #[test]
    fn more_players_and_a_tour_take_longer() {
        let pair = options(Entry::Join {
            invite: "/i.txt".into(),
            invite_out: None,
        });
        assert_eq!(pair.time_limit(), Duration::from_secs(84));
        let crowd = PlayerOptions {
            members: 15,
            ..pair.clone()
        };
        assert!(crowd.time_limit() > pair.time_limit());
        let tour = PlayerOptions {
            screenshots: Some("/s".into()),
            ..pair.clone()
        };
        assert!(tour.time_limit() > pair.time_limit());
    }
}
