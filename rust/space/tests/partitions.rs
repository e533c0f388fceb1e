//! Members that are cut off from each other for a while: each side goes on, and in the end all are together again.

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::{Who, World};
use metaverse_protocol::{
    control::{Control, Side},
    id::Epoch,
    lane::Lane,
};

const SECOND: Duration = Duration::from_secs(1);
const MEMBERS: usize = 8;
const SEEDS: u64 = 10;

/// Cuts everyone in `some` off from everyone else.
fn cut(world: &mut World, some: &[Who]) {
    for who in 0..world.people.len() {
        for &other in some.iter().filter(|_| !some.contains(&who)) {
            world.cuts.insert((who.min(other), who.max(other)));
        }
    }
}

fn hosts(world: &World) -> BTreeSet<Who> {
    let alive = (0..world.people.len()).filter(|&who| world.people[who].is_alive);
    alive
        .filter(|&who| world.host(who) == Some(world.number(who)))
        .collect()
}

fn members(world: &World) -> impl Iterator<Item = Who> {
    (0..world.people.len()).filter(|&who| world.people[who].is_alive)
}

/// Everyone is there, under one host, and nobody has a number twice.
fn assert_together(world: &mut World) {
    world.run_until(2 * SECOND, World::agrees);
    let numbers: BTreeSet<_> = members(world).map(|who| world.number(who)).collect();
    assert_eq!(numbers.len(), members(world).count());
    assert_eq!(hosts(world).len(), 1);
    world.run_until(10 * SECOND, World::shares);
    world.say(0, None, "together again");
    world.run(SECOND);
    for who in members(world).skip(1) {
        let heard = world.heard(who);
        let count = heard
            .iter()
            .filter(|(_, text)| text == "together again")
            .count();
        assert_eq!(count, 1, "{who}");
    }
    world.run(10 * SECOND);
    assert!(world.agrees(), "and it stays so");
}

/// `some` are cut off for ten seconds, in which both sides write and say something.
fn divided(seed: u64, some: &[Who]) -> World {
    let mut world = World::meeting(seed, MEMBERS);
    world.run(Duration::from_millis(137 * seed));
    cut(&mut world, some);
    world.run(5 * SECOND);
    for who in 0..MEMBERS {
        world.write(who, &format!("of {who}"), "mine");
        world.write(who, "of all", &format!("as {who} has it"));
        world.say(who, None, &format!("{who} is here"));
    }
    world.run(5 * SECOND);
    world
}

fn heals(some: &[Who], next: impl Fn(&World) -> Option<Who>) {
    for seed in 0..SEEDS {
        let mut world = divided(seed, some);
        world.cuts.clear();
        assert_together(&mut world);
        if let Some(next) = next(&world) {
            assert_eq!(hosts(&world), BTreeSet::from([next]), "seed {seed}");
        }
        for who in 0..MEMBERS {
            for other in 0..MEMBERS {
                assert_eq!(world.value(who, &format!("of {other}")), Some("mine"));
            }
        }
    }
}

#[test]
fn three_of_eight_are_cut_off() {
    heals(&[5, 6, 7], |_| Some(0));
}

#[test]
fn three_of_eight_and_most_witnesses_are_cut_off() {
    heals(&[1, 2, 3], |_| Some(0));
}

#[test]
fn the_host_and_two_others_are_cut_off() {
    heals(&[0, 5, 6], |_| None);
    heals(&[0, 1, 2], |_| None);
}

#[test]
fn four_of_eight_are_cut_off() {
    heals(&[4, 5, 6, 7], |_| None);
    heals(&[1, 2, 3, 4], |_| None);
}

#[test]
fn the_host_alone_is_cut_off() {
    heals(&[0], |_| None);
}

#[test]
fn one_member_alone_is_cut_off() {
    heals(&[3], |_| Some(0));
}

#[test]
fn a_liar_that_was_cut_off_moves_nobody() {
    let mut world = World::meeting(20, MEMBERS);
    cut(&mut world, &[3]);
    world.run(5 * SECOND);
    world.cuts.clear();
    // It is back, and boasts.
    let me = world.peer(3);
    let side = Side {
        host: me,
        epoch: Epoch(u32::MAX),
        followers: u16::MAX,
    };
    for who in (0..MEMBERS).filter(|&who| who != 3) {
        world.forge(
            who,
            3,
            Lane::Control,
            Control::Side { side, record: None }.encode(),
        );
    }
    world.run(5 * SECOND);
    for who in (0..MEMBERS).filter(|&who| who != 3) {
        assert_eq!(world.host(who), Some(world.number(0)));
    }
    // Nor does it use up the epochs.
    let host = world.peer(0);
    let side = Side { host, ..side };
    world.forge(
        0,
        3,
        Lane::Control,
        Control::Side { side, record: None }.encode(),
    );
    world.run(SECOND);
    world.kill(0);
    world.run(5 * SECOND);
    assert!(world.agrees());
}

#[test]
fn who_is_lost_for_longer_than_a_minute_is_not_taken_back() {
    let mut world = World::meeting(21, MEMBERS);
    cut(&mut world, &[3]);
    world.run(150 * SECOND);
    world.cuts.clear();
    world.run(20 * SECOND);
    assert_eq!(world.list(0).len(), MEMBERS - 1);
    world.people[3].is_alive = false;
    assert!(world.agrees());
    // It may come in again like anybody.
    let invite = world.invite(0);
    world.join_again(3, &invite);
    world.run(5 * SECOND);
    assert!(world.agrees());
}

#[test]
fn newcomers_of_both_sides_are_members_of_the_whole() {
    const NEWCOMERS: usize = 3;
    let is_of_first = |who: Who| who < 4 || (MEMBERS..MEMBERS + NEWCOMERS).contains(&who);
    for seed in 0..SEEDS {
        let mut world = World::meeting(30 + seed, MEMBERS);
        cut(&mut world, &[4, 5, 6, 7]);
        world.run(9 * SECOND);
        for side in [0, 4] {
            let invite = world.invite(side);
            for _ in 0..NEWCOMERS {
                let new = world.join(&invite);
                let others = (0..new).filter(|&other| is_of_first(other) != is_of_first(new));
                world.cuts.extend(others.map(|other| (other, new)));
            }
        }
        world.run(4 * SECOND);
        assert_eq!(world.list(0).len(), 7);
        assert_eq!(world.list(4).len(), 7);
        world.cuts.clear();
        assert_together(&mut world);
    }
}
