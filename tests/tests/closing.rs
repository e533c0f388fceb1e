//! The close button ends the game in any state, and without a trace.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use metaverse_tests::{Party, all_see_one_another, wait_until, window::Desktop};
use xtask::{engine::display::Display, game::Player, log, prepare};

const OPEN: Duration = Duration::from_mins(1);
const MEET: Duration = Duration::from_mins(1);
/// Without a graphics card the frame that is being drawn takes seconds; a hang takes for ever.
const CLOSE: Duration = Duration::from_secs(20);
const TITLE: &str = "Metaverse Demo";

fn close(desktop: &Desktop, mut player: Player) -> Result<()> {
    let window = desktop.window(TITLE)?.context("the game has no window")?;
    desktop.close(window)?;
    let status = player
        .wait(CLOSE)?
        .context("the game does not end when its window is closed")?;
    ensure!(
        status.success(),
        "the game ended with {status}\n{}",
        player.log()?
    );
    log::require_clean(player.log_path())
}

#[test]
fn in_the_lobby() -> Result<()> {
    let party = Party::new(prepare::demo()?)?;
    let display = Display::open_private(party.game().engine())?;
    let desktop = Desktop::open(&display)?;
    // Waits for an invite that nobody writes.
    let bob = party.guest("Bob", "Nobody", Some(&display))?;
    wait_until("the lobby", OPEN, || {
        Ok(desktop.window(TITLE)?.is_some() && bob.log()?.contains("state: online"))
    })?;
    close(&desktop, bob)
}

#[test]
fn while_joining() -> Result<()> {
    let party = Party::new(prepare::demo()?)?;
    let display = Display::open_private(party.game().engine())?;
    let desktop = Desktop::open(&display)?;
    // An invite of somebody who is gone: the guest goes on trying.
    let mut ann = party.host("Ann", None)?;
    wait_until("an invite", OPEN, || Ok(party.invite_of("Ann").exists()))?;
    ann.kill()?;
    let bob = party.guest("Bob", "Ann", Some(&display))?;
    wait_until("Bob is joining", OPEN, || {
        Ok(bob.log()?.contains("state: joining"))
    })?;
    close(&desktop, bob)
}

#[test]
fn as_host_with_a_guest() -> Result<()> {
    let party = Party::new(prepare::demo()?)?;
    let display = Display::open_private(party.game().engine())?;
    let desktop = Desktop::open(&display)?;
    let ann = party.host("Ann", Some(&display))?;
    let bob = party.guest("Bob", "Ann", None)?;
    wait_until("the two meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob)])
    })?;
    close(&desktop, ann)?;
    // Said farewell, not found dead.
    wait_until("Ann is gone", Duration::from_secs(3), || {
        all_see_one_another(&[("Bob", &bob)])
    })?;
    Ok(())
}

#[test]
fn as_guest() -> Result<()> {
    let party = Party::new(prepare::demo()?)?;
    let display = Display::open_private(party.game().engine())?;
    let desktop = Desktop::open(&display)?;
    let ann = party.host("Ann", None)?;
    let bob = party.guest("Bob", "Ann", Some(&display))?;
    wait_until("the two meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob)])
    })?;
    close(&desktop, bob)?;
    wait_until("Bob is gone", Duration::from_secs(3), || {
        all_see_one_another(&[("Ann", &ann)])
    })?;
    Ok(())
}
