//! The close button ends the game in any state, and without a trace.

use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::{
    game::closing::{Place, State, close_in},
    prepare,
};

/// `cargo xtask bench closing` holds the two seconds; here a loaded machine without a graphics card takes its time.
const CLOSE: Duration = Duration::from_secs(10);

fn close(state: State) -> Result<()> {
    let game = prepare::demo()?;
    let taken = close_in(state, Duration::ZERO, &game, &Place::windowed(&game)?)?;
    ensure!(taken <= CLOSE, "closing took {taken:?}");
    Ok(())
}

#[test]
fn in_the_lobby() -> Result<()> {
    close(State::Lobby)
}

#[test]
fn while_joining() -> Result<()> {
    close(State::Joining)
}

#[test]
fn while_entering() -> Result<()> {
    close(State::Entering)
}

#[test]
fn as_host_with_a_guest() -> Result<()> {
    close(State::Host)
}

#[test]
fn as_guest() -> Result<()> {
    close(State::Guest)
}

#[test]
fn without_a_window() -> Result<()> {
    let game = prepare::demo()?;
    let taken = close_in(State::Guest, Duration::ZERO, &game, &Place::headless())?;
    ensure!(taken <= CLOSE, "closing took {taken:?}");
    Ok(())
}
