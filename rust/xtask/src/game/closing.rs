//! Games that are closed in every state, as a person closes them.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::engine::desktop::Desktop;
use crate::engine::display::Display;
use crate::game::party::{Party, all_see_one_another};
use crate::game::{Game, Player};
use crate::log;
use crate::process::wait_until;

const OPEN: Duration = Duration::from_mins(1);
const MEET: Duration = Duration::from_mins(1);
/// A hang takes for ever; everything else is for whoever reads the time.
const HANG: Duration = Duration::from_secs(30);
/// Members that left are gone at once; those who were found dead take longer.
const FAREWELL: Duration = Duration::from_secs(3);
const TITLE: &str = "Metaverse Demo";

/// Where a game is when it is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In the lobby.
    Lobby,
    /// Joining a space in which nobody is any more.
    Joining,
    /// In a space of its own from the moment on in which it is there, while the scene is drawn for the first time.
    Entering,
    /// Host of a space with a guest.
    Host,
    /// Guest in a space.
    Guest,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Lobby,
        Self::Joining,
        Self::Entering,
        Self::Host,
        Self::Guest,
    ];
}

/// Where games are drawn, if at all, and where their close buttons are.
pub struct Place {
    window: Option<(Display, Desktop)>,
}

impl Place {
    /// A private display, where games have windows.
    ///
    /// # Errors
    /// When there is no X server for it.
    pub fn windowed(game: &Game) -> Result<Self> {
        let display = Display::open_private(game.engine())?;
        let desktop = Desktop::open(&display)?;
        Ok(Self {
            window: Some((display, desktop)),
        })
    }

    /// No display: games run without windows.
    pub fn headless() -> Self {
        Self { window: None }
    }

    fn display(&self) -> Option<&Display> {
        self.window.as_ref().map(|(display, _)| display)
    }

    fn is_shown(&self) -> Result<bool> {
        let Some((_, desktop)) = &self.window else {
            return Ok(true);
        };
        Ok(desktop.window(TITLE)?.is_some())
    }

    /// Closes the only game that is here, and says how long its process took to end.
    fn close(&self, mut player: Player, after: Duration) -> Result<Duration> {
        thread::sleep(after);
        let window = match &self.window {
            Some((_, desktop)) => Some((
                desktop,
                desktop.window(TITLE)?.context("no window is open")?,
            )),
            None => None,
        };
        let asked = Instant::now();
        match window {
            Some((desktop, window)) => desktop.close(window)?,
            None => player.request_close()?,
        }
        let status = player
            .wait(HANG)?
            .context("the game does not end when it is closed")?;
        let taken = asked.elapsed();
        ensure!(
            status.success(),
            "the game ended with {status}\n{}",
            player.log()?
        );
        log::require_clean(player.log_path())?;
        Ok(taken)
    }
}

/// Brings a game into `state`, closes it when it has been there for the time `after`, and says how long its process took
/// to end.
///
/// # Errors
/// When the game does not get there, does not end, ends with a fault, or leaves a space without a farewell.
pub fn close_in(state: State, after: Duration, game: &Game, place: &Place) -> Result<Duration> {
    let party = Party::new(game)?;
    match state {
        State::Lobby => in_the_lobby(&party, place, after),
        State::Joining => while_joining(&party, place, after),
        State::Entering => while_entering(&party, place, after),
        State::Host => as_host(&party, place, after),
        State::Guest => as_guest(&party, place, after),
    }
}

fn in_the_lobby(party: &Party<'_>, place: &Place, after: Duration) -> Result<Duration> {
    // Waits for an invite that nobody writes.
    let bob = party.guest("Bob", "Nobody", place.display())?;
    wait_until("the lobby", OPEN, || {
        Ok(place.is_shown()? && bob.log()?.contains("state: online"))
    })?;
    place.close(bob, after)
}

fn while_joining(party: &Party<'_>, place: &Place, after: Duration) -> Result<Duration> {
    // An invite of somebody who is gone: the guest goes on trying.
    let mut ann = party.host("Ann", None)?;
    wait_until("an invite", OPEN, || Ok(party.invite_of("Ann").exists()))?;
    ann.kill()?;
    let bob = party.guest("Bob", "Ann", place.display())?;
    wait_until("Bob is joining", OPEN, || {
        Ok(bob.log()?.contains("state: joining"))
    })?;
    place.close(bob, after)
}

fn while_entering(party: &Party<'_>, place: &Place, after: Duration) -> Result<Duration> {
    let ann = party.host("Ann", place.display())?;
    wait_until("Ann is inside", OPEN, || {
        Ok(ann.log()?.contains("state: in_space"))
    })?;
    place.close(ann, after)
}

fn as_host(party: &Party<'_>, place: &Place, after: Duration) -> Result<Duration> {
    let ann = party.host("Ann", place.display())?;
    let bob = party.guest("Bob", "Ann", None)?;
    wait_until("the two meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob)])
    })?;
    let taken = place.close(ann, after)?;
    wait_until("Ann is gone", FAREWELL, || {
        all_see_one_another(&[("Bob", &bob)])
    })?;
    Ok(taken)
}

fn as_guest(party: &Party<'_>, place: &Place, after: Duration) -> Result<Duration> {
    let ann = party.host("Ann", None)?;
    let bob = party.guest("Bob", "Ann", place.display())?;
    wait_until("the two meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob)])
    })?;
    let taken = place.close(bob, after)?;
    wait_until("Bob is gone", FAREWELL, || {
        all_see_one_another(&[("Ann", &ann)])
    })?;
    Ok(taken)
}
