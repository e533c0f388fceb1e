//! Members that have no straight way to each other: a third carries for them.

mod common;

use std::time::Duration;

use common::{World, standing};
use metaverse_avatar::Rig;
use metaverse_space::io::{Event, PathKind};

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
