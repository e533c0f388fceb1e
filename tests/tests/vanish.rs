//! Players that are killed, hosts among them.

use std::time::Duration;

use anyhow::Result;
use xtask::{
    game::party::{Party, all_see_one_another},
    prepare,
    process::wait_until,
};

const MEET: Duration = Duration::from_secs(30);
/// It only has to happen here: a loaded machine takes its time, and `cargo xtask bench vanish` holds the five seconds.
const NOTICE: Duration = Duration::from_secs(20);

#[test]
fn slow_a_killed_host_is_followed_and_someone_new_still_enters() -> Result<()> {
    let game = prepare::exported_demo()?;
    let party = Party::new(&game)?;
    let mut ann = party.host("Ann", None)?;
    let bob = party.guest("Bob", "Ann", None)?;
    let cleo = party.guest("Cleo", "Ann", None)?;
    wait_until("the three meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob), ("Cleo", &cleo)])
    })?;
    ann.kill()?;
    wait_until("the host is missed", NOTICE, || {
        all_see_one_another(&[("Bob", &bob), ("Cleo", &cleo)])
    })?;
    // Cleo wrote this invite while Ann was host; it names Cleo and Bob as well.
    let dora = party.guest("Dora", "Cleo", None)?;
    wait_until("someone new enters", MEET, || {
        all_see_one_another(&[("Bob", &bob), ("Cleo", &cleo), ("Dora", &dora)])
    })?;
    Ok(())
}

#[test]
fn a_killed_member_leaves_every_list() -> Result<()> {
    let game = prepare::demo()?;
    let party = Party::new(&game)?;
    let ann = party.host("Ann", None)?;
    let bob = party.guest("Bob", "Ann", None)?;
    let mut cleo = party.guest("Cleo", "Ann", None)?;
    wait_until("the three meet", MEET, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob), ("Cleo", &cleo)])
    })?;
    cleo.kill()?;
    wait_until("Cleo is missed", NOTICE, || {
        all_see_one_another(&[("Ann", &ann), ("Bob", &bob)])
    })?;
    Ok(())
}
