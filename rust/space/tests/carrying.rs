//! Members that have no straight way to each other: a third carries for them.

mod common;

use std::time::Duration;

use common::{World, place_bundle, standing};
use metaverse_avatar::Rig;
use metaverse_protocol::datagram::Datagram;
use metaverse_space::{
    Traffic,
    io::{Event, Input, PathKind},
};

/// Four people; between the last two there is a wall.
fn divided(seed: u64) -> World {
    let mut world = World::new(seed);
    world.create(16);
    let invite = world.invite(0);
    world.walls.insert((2, 3));
    for _ in 1..4 {
        world.join(&invite);
    }
    world.run_until(Duration::from_secs(5), |world| {
        (0..4).all(|who| world.is_inside(who))
    });
    world
}

fn path(world: &World, who: usize, of: usize) -> Option<PathKind> {
    let of = world.number(of);
    world.people[who]
        .events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::PathChanged { number, path } if *number == of => Some(*path),
            _ => None,
        })
}

#[test]
fn two_behind_walls_meet_over_a_third() {
    let mut world = divided(1);
    world.run_until(Duration::from_secs(5), |world| {
        path(world, 2, 3) == Some(PathKind::Forwarded)
            && path(world, 3, 2) == Some(PathKind::Forwarded)
    });
    assert_eq!(path(&world, 1, 3), Some(PathKind::Direct));

    world.say(2, None, "can you hear me?");
    world.show(2, &Rig::default());
    world.pose(2, standing(3.0));
    world.run(Duration::from_secs(1));
    assert_eq!(world.heard(3).len(), 1);
    let seen = world.seen(3, 2).expect("a pose over the wall");
    assert!((seen.pose.root.position().x - 3.0).abs() < 0.02);
}
#[test]
fn when_the_carrier_is_gone_another_carries() {
    let mut world = divided(2);
    world.run(Duration::from_secs(3));
    world.kill(0);
    world.run(Duration::from_secs(2));
    world.say(2, None, "still there?");
    world.run(Duration::from_secs(1));
    assert_eq!(
        world.heard(3).len(),
        1,
        "before the carrier is known to be dead"
    );
    world.run(Duration::from_secs(10));
    assert!(world.is_linked(2, 3));
}

/// Walks for a while, and returns for how long at most `by` saw nothing new of `of`.
fn longest_gap(world: &mut World, of: usize, by: usize, seconds: u32) -> Duration {
    let (mut longest, mut since) = (Duration::ZERO, world.time);
    let mut seen = world.people[by].poses.len();
    for step in 0..seconds * 20 {
        world.pose(of, standing(step as f32 * 0.07));
        world.run(Duration::from_millis(50));
        let poses = world.people[by].poses.len();
        if poses > seen {
            since = world.time;
        }
        seen = poses;
        longest = longest.max(world.time.since(since));
    }
    longest
}

#[test]
fn a_link_that_dies_silently_is_routed_around_within_a_second() {
    for seed in 0..10 {
        let mut world = World::meeting(seed, 5);
        world.show(1, &Rig::default());
        assert!(longest_gap(&mut world, 1, 2, 3) < Duration::from_millis(200));
        world.dead.extend([(1, 2), (2, 1)]);
        let gap = longest_gap(&mut world, 1, 2, 3);
        assert!(gap < Duration::from_secs(1), "{gap:?}");
        assert_eq!(path(&world, 1, 2), Some(PathKind::Forwarded));
    }
}

#[test]
fn a_link_that_dies_in_one_direction_is_routed_around_too() {
    let mut world = World::meeting(3, 5);
    world.show(1, &Rig::default());
    longest_gap(&mut world, 1, 2, 3);
    world.dead.insert((1, 2));
    let gap = longest_gap(&mut world, 1, 2, 3);
    assert!(gap < Duration::from_secs(1), "{gap:?}");
}

#[test]
fn a_link_that_works_again_is_used_again() {
    let mut world = World::meeting(4, 4);
    world.show(1, &Rig::default());
    longest_gap(&mut world, 1, 2, 2);
    world.dead.extend([(1, 2), (2, 1)]);
    longest_gap(&mut world, 1, 2, 2);
    assert_eq!(path(&world, 1, 2), Some(PathKind::Forwarded));
    world.dead.clear();
    longest_gap(&mut world, 1, 2, 6);
    assert_eq!(path(&world, 1, 2), Some(PathKind::Direct));
}

#[test]
fn who_is_heard_over_others_is_not_lost_with_its_connection() {
    for (a, b) in [(0, 2), (1, 2)] {
        let mut world = World::meeting(9, 5);
        world.dead.extend([(a, b), (b, a)]);
        world.run(Duration::from_secs(3));
        // The transport gives up, and finds no other straight way.
        world.dead.clear();
        world.walls.insert((a, b));
        world.break_link(a, b);
        world.run(Duration::from_secs(10));
        assert!(world.agrees(), "nobody is lost");
        assert_eq!(world.host(b), Some(world.number(0)));
        assert!(world.is_linked(a, b));
        world.say(a, None, "over a third");
        world.run(Duration::from_secs(1));
        assert_eq!(world.heard(b).len(), 1);
    }
}

#[test]
fn who_begins_anew_before_the_host_misses_anything_stays() {
    let mut world = World::meeting(10, 5);
    world.dead.extend([(0, 2), (2, 0)]);
    world.run(Duration::from_secs(3));
    world.dead.clear();
    world.walls.insert((0, 2));
    world.give_up(2, 0);
    world.run(Duration::from_secs(5));
    let left = |event: &Event| matches!(event, Event::MemberLeft { .. } | Event::Left { .. });
    assert!(
        world
            .people
            .iter()
            .all(|person| !person.events.iter().any(left))
    );
    assert!(world.agrees() && world.is_linked(0, 2));
}

#[test]
fn a_much_quicker_way_over_another_is_taken() {
    let mut world = World::meeting(5, 4);
    world.show(1, &Rig::default());
    world.slow.insert((1, 2));
    longest_gap(&mut world, 1, 2, 20);
    assert_eq!(path(&world, 1, 2), Some(PathKind::Forwarded));
    let map = world.people[1]
        .space
        .as_ref()
        .expect("alive")
        .routing_map(world.now(1));
    let to = world.number(2);
    let route = map
        .routes
        .iter()
        .find(|route| route.to == to && route.traffic == Traffic::Realtime)
        .expect("a route");
    let round_trip = route.round_trip.expect("measured").as_secs_f64();
    assert!((round_trip / 0.04 - 1.0).abs() < 0.1, "{round_trip}");
}

#[test]
fn nobody_is_believed_to_hand_on_from_somebody_who_says_nothing_of_it() {
    let mut world = World::meeting(6, 4);
    world.show(1, &Rig::default());
    longest_gap(&mut world, 1, 2, 2);
    let (liar, victim) = (world.peer(3), world.number(1));
    let pose = place_bundle(40, 0, 0);
    let forged = Datagram::Forwarded {
        from: victim,
        bytes: &pose,
    };
    let mut believed = 0;
    for _ in 0..600 {
        // The victim stands still, so that it is silent between pings.
        let before = world.people[2].poses.len();
        let bytes = forged.encode().into();
        world.input(2, Input::Datagram { from: liar, bytes });
        believed += world.people[2].poses.len() - before;
        world.run(Duration::from_millis(50));
    }
    let counters = world.people[2].space.as_ref().expect("alive").counters();
    assert!(counters.unbelieved_datagrams >= 590, "{counters:?}");
    assert!(believed <= 2, "{believed}");
}
