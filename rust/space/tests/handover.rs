//! Hosts that give their office away.

mod common;

use std::time::Duration;

use common::{LATENCY, Who, World, standing};
use metaverse_avatar::Rig;
use metaverse_protocol::id::MemberNumber;
use metaverse_space::{
    config::{OFFICE_PATIENCE, OFFICE_TERM},
    io::{Command, Event, JoinError},
};

const SECOND: Duration = Duration::from_secs(1);
const MEMBERS: usize = 8;

fn leave(world: &mut World, who: Who) {
    world.command(who, Command::Leave);
    world.people[who].is_alive = false;
}

/// Whether everyone inside has a host that it lists.
fn everyone_has_a_host(world: &World) -> bool {
    (0..world.people.len())
        .filter(|&who| world.is_inside(who))
        .all(|who| {
            let host = world.host(who).expect("a host");
            world.list(who).contains_key(&host)
        })
}

fn run_watched(world: &mut World, duration: Duration) {
    let end = world.time + duration;
    while world.time < end {
        world.run(Duration::from_millis(1));
        assert!(everyone_has_a_host(world));
    }
}

#[test]
fn a_host_that_leaves_is_followed_at_once() {
    for seed in 0..10 {
        let mut world = World::meeting(seed, MEMBERS);
        world.run(Duration::from_millis(53 * seed));
        leave(&mut world, 0);
        run_watched(&mut world, 2 * LATENCY);
        assert!(world.agrees());
    }
}

#[test]
fn hosts_may_leave_one_after_the_other() {
    let mut world = World::meeting(1, MEMBERS);
    for gone in 0..MEMBERS - 1 {
        leave(&mut world, gone);
        run_watched(&mut world, SECOND);
        assert!(world.agrees());
    }
}

#[test]
fn who_comes_as_the_host_leaves_gets_in() {
    // The host is asked, or its answer is under way, or it has just told the others.
    for pause in 0..8 {
        let mut world = World::meeting(10 + pause, MEMBERS);
        // Made when nobody else was there: it names the host alone.
        let mut invite = world.invite(0);
        invite.contacts.truncate(1);
        world.join(&invite);
        let other_door = world.invite(1);
        world.join(&other_door);
        world.run(Duration::from_millis(10 * pause + 21));
        leave(&mut world, 0);
        run_watched(&mut world, 3 * SECOND);
        assert!(world.agrees(), "{pause}");
        let numbers: Vec<_> = (1..MEMBERS + 2).map(|who| world.number(who)).collect();
        assert!(
            numbers
                .iter()
                .all(|number| world.list(1).contains_key(number))
        );
    }
}

#[test]
fn messages_and_poses_go_on_while_the_host_leaves() {
    const BEATS: usize = 40;
    let mut world = World::meeting(20, 4);
    world.show(3, &Rig::default());
    for beat in 0..BEATS {
        if beat == BEATS / 2 {
            leave(&mut world, 0);
        }
        world.pose(3, standing(beat as f32));
        world.say(1, None, &beat.to_string());
        run_watched(&mut world, Duration::from_millis(50));
        if beat > 2 {
            let seen = world.seen(2, 3).expect("a pose").pose.root.position().x;
            assert!(beat as f32 - seen < 2.5, "beat {beat}: {seen}");
        }
    }
    let all: Vec<String> = (0..BEATS).map(|beat| beat.to_string()).collect();
    for who in [2, 3] {
        let texts: Vec<String> = world.heard(who).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, all);
    }
}

#[test]
fn how_often_permissions_were_used_is_not_lost() {
    let mut world = World::meeting(30, 4);
    let invite = world.invite_with(1, 77, Some(2), None);
    world.join(&invite);
    world.run(SECOND);
    let second = world.join(&invite);
    // The second is let in by a host that is gone a moment later.
    world.run_until(SECOND, |world| world.list(0).len() == 6);
    leave(&mut world, 0);
    world.run(SECOND);
    assert!(world.is_inside(second));
    let third = world.join(&invite);
    world.run(SECOND);
    assert!(world.people[third].events.iter().any(|event| matches!(
        event,
        Event::JoinFailed {
            error: JoinError::Expired,
            ..
        }
    )));
}

#[test]
fn numbers_given_are_not_given_again() {
    let mut world = World::meeting(31, 4);
    let invite = world.invite(1);
    world.join(&invite);
    world.run_until(SECOND, |world| world.list(0).len() == 5);
    leave(&mut world, 0);
    world.join(&invite);
    world.run(2 * SECOND);
    assert!(world.agrees());
    assert_ne!(world.number(4), world.number(5));
}

/// Everything to and from the host takes longer and longer.
fn slow_host(world: &mut World) {
    world.slow.extend((1..MEMBERS).map(|other| (0, other)));
    for slowness in (5..=25).step_by(5) {
        world.slowness = slowness;
        world.run(5 * SECOND);
    }
}

#[test]
fn a_host_that_is_clearly_worse_gives_its_office_away_in_the_end() {
    let mut world = World::meeting(40, MEMBERS);
    slow_host(&mut world);
    world.run(OFFICE_TERM.saturating_sub(35 * SECOND));
    assert_eq!(world.host(3), Some(MemberNumber(1)), "not before its term");
    run_watched(&mut world, 15 * SECOND);
    assert!(world.agrees());
    let next = world.host(3);
    assert_ne!(next, Some(MemberNumber(1)));
    assert!(world.is_inside(0), "the host of before stays");
    world.run(2 * OFFICE_TERM);
    assert_eq!(world.host(3), next, "and no other is better");
}

#[test]
fn a_host_that_is_worse_for_a_while_stays() {
    let mut world = World::meeting(41, MEMBERS);
    world.run(2 * OFFICE_TERM);
    for _ in 0..4 {
        slow_host(&mut world);
        assert!(world.agrees());
        world.slow.clear();
        world.run(OFFICE_PATIENCE);
    }
    assert_eq!(world.host(3), Some(MemberNumber(1)));
}
