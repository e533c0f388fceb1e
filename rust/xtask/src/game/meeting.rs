//! Automated players that meet in one space.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::engine::display::Display;
use crate::game::report::{CRASHED, PlayerReport};
use crate::game::{Entry, Game, Player, PlayerOptions, WINDOW_SIZE};

/// Players beyond this number share the machine's cores, so that each draws fewer frames.
const FEW_PLAYERS: u32 = 4;
const MAX_FPS_OF_FEW: u32 = 60;
const MAX_FPS_OF_MANY: u32 = 30;

/// The file in a meeting's folder with the invite to it.
pub const INVITE: &str = "invite.txt";

/// Seconds that companions stay at a tour, unless it ends before.
const COMPANY: u32 = 300;

/// Who meets where.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// How many players.
    pub players: u32,
    /// How many bots they expect besides.
    pub bots: u32,
    /// How long they stay, counted from when everyone is there.
    pub seconds: u32,
    /// The most frames a second; none: what suits the number of players.
    pub max_fps: Option<u32>,
    /// Name of the space's scene: `classroom` or `garden`.
    pub space: String,
}

/// What came of one player.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The name that others saw.
    pub name: String,
    /// What the player reported.
    pub report: PlayerReport,
    /// All that its game printed.
    pub log: PathBuf,
}

impl Meeting {
    /// The players: the first creates the space, the others join it.
    pub fn plan(&self, folder: &Path) -> Vec<PlayerOptions> {
        (0..self.players)
            .map(|index| self.player(index, folder))
            .collect()
    }

    /// Plays the meeting without windows, with the players' files in `folder`.
    ///
    /// # Errors
    /// When a process cannot be started or watched. Errors of players are in their reports.
    pub fn play(&self, game: &Game, folder: &Path) -> Result<Vec<Visit>> {
        let plans = self.plan(folder);
        let players = plans
            .iter()
            .map(|plan| game.start(plan, &folder.join(&plan.name), None))
            .collect::<Result<Vec<_>>>()?;
        plans
            .into_iter()
            .zip(players)
            .map(|(plan, player)| finish(plan, player))
            .collect()
    }

    /// The first player goes through every screen on `display` and writes pictures; the others keep it company, and are
    /// only told of when they had errors.
    ///
    /// # Errors
    /// When a process cannot be started or watched. Errors of players are in their reports.
    pub fn tour(
        &self,
        game: &Game,
        folder: &Path,
        pictures: &Path,
        display: &Display,
    ) -> Result<Vec<Visit>> {
        let mut plans = self.plan(folder).into_iter();
        let Some(mut guide) = plans.next() else {
            return Ok(Vec::new());
        };
        guide.screenshots = Some(pictures.to_path_buf());
        let guide_player = game.start(&guide, &folder.join(&guide.name), Some(display))?;
        let company = plans
            .map(|mut plan| {
                plan.seconds = COMPANY;
                let player = game.start(&plan, &folder.join(&plan.name), None)?;
                Ok((plan, player))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut visits = vec![finish(guide, guide_player)?];
        for (plan, player) in company {
            visits.extend(dismiss(plan, player)?);
        }
        Ok(visits)
    }

    fn player(&self, index: u32, folder: &Path) -> PlayerOptions {
        let invite = folder.join(INVITE);
        let entry = if index == 0 {
            Entry::Create {
                space: self.space.clone(),
                invite,
            }
        } else {
            Entry::Join {
                invite,
                invite_out: None,
            }
        };
        PlayerOptions {
            name: format!("Player {}", index + 1),
            entry,
            seconds: self.seconds,
            members: self.players - 1 + self.bots,
            bots: self.bots,
            max_fps: self.max_fps.unwrap_or(usual_max_fps(self.players)),
            picture: None,
            screenshots: None,
            window_size: WINDOW_SIZE,
        }
    }
}

fn usual_max_fps(players: u32) -> u32 {
    if players > FEW_PLAYERS {
        MAX_FPS_OF_MANY
    } else {
        MAX_FPS_OF_FEW
    }
}

fn finish(plan: PlayerOptions, player: Player) -> Result<Visit> {
    let log = player.log_path().to_path_buf();
    Ok(Visit {
        name: plan.name,
        report: player.finish()?,
        log,
    })
}

fn dismiss(plan: PlayerOptions, player: Player) -> Result<Option<Visit>> {
    let log = player.log_path().to_path_buf();
    let errors = player.dismiss()?;
    if errors.is_empty() {
        return Ok(None);
    }
    let report = PlayerReport::without_visit(CRASHED, errors);
    Ok(Some(Visit {
        name: plan.name,
        report,
        log,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(players: u32, max_fps: Option<u32>) -> Meeting {
        Meeting {
            players,
            bots: 0,
            seconds: 20,
            max_fps,
            space: "garden".into(),
        }
    }

    #[test]
    fn the_first_player_invites_all_others() {
        let plans = meeting(3, None).plan(Path::new("/run"));
        assert!(matches!(&plans[0].entry, Entry::Create { space, invite }
            if space == "garden" && invite == Path::new("/run/invite.txt")));
        for guest in &plans[1..] {
            assert!(
                matches!(&guest.entry, Entry::Join { invite, .. } if invite == Path::new("/run/invite.txt"))
            );
        }
        assert!(plans.iter().all(|plan| plan.members == 2));
    }

    #[test]
    fn many_players_draw_fewer_frames_unless_told_otherwise() {
        let max_fps =
            |players, max_fps| meeting(players, max_fps).plan(Path::new("/run"))[0].max_fps;
        assert_eq!((max_fps(4, None), max_fps(5, None)), (60, 30));
        assert_eq!(max_fps(16, Some(60)), 60);
    }
}
