//! People come in, see each other and talk.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{TODAY, World, standing};
use metaverse_avatar::Rig;
use metaverse_protocol::{
    id::{ContentHash, MemberNumber},
    name::Name,
    time::UnixSeconds,
};
use metaverse_space::io::{Command, Event, JoinError};

const SECOND: Duration = Duration::from_secs(1);

fn join_error(world: &World, who: common::Who) -> Option<JoinError> {
    world.people[who]
        .events
        .iter()
        .find_map(|event| match event {
            Event::JoinFailed { error, .. } => Some(*error),
            _ => None,
        })
}

#[test]
fn two_people_meet() {
    let mut world = World::new(1);
    let ann = world.create(32);
    let invite = world.invite(ann);
    let bob = world.join(&invite);
    let took = world.run_until(SECOND, World::agrees);
    assert!(took <= 6 * common::LATENCY, "{took:?}");
    assert_eq!(world.host(bob), Some(world.number(ann)));
    assert_eq!(
        world.list(bob)[&world.number(ann)].name,
        Name::clean("Person 0")
    );
    assert_eq!(
        world.list(ann)[&world.number(bob)].name,
        Name::clean("Person 1")
    );
}

#[test]
fn forty_people_all_see_one_another() {
    let world = World::meeting(2, 40);
    for who in 0..40 {
        assert_eq!(world.list(who).len(), 40);
    }
}

#[test]
fn messages_reach_everyone_once_and_in_order() {
    let mut world = World::meeting(3, 5);
    for round in 0..200 {
        for who in 0..5 {
            world.say(who, None, &format!("{who}:{round}"));
        }
        world.run(Duration::from_millis(3));
    }
    world.run(SECOND);
    for who in 0..5 {
        for other in (0..5).filter(|&other| other != who) {
            let number = world.number(other);
            let from: Vec<String> = world
                .heard(who)
                .into_iter()
                .filter(|(from, _)| *from == number)
                .map(|(_, text)| text)
                .collect();
            let all: Vec<String> = (0..200).map(|round| format!("{other}:{round}")).collect();
            assert_eq!(from, all);
        }
    }
}

#[test]
fn a_message_to_one_reaches_only_that_one() {
    let mut world = World::meeting(4, 3);
    let bob = world.number(1);
    world.say(0, Some(bob), "psst");
    world.run(SECOND);
    assert_eq!(world.heard(1), [(world.number(0), "psst".to_owned())]);
    assert_eq!(world.heard(2), []);
}

#[test]
fn nothing_is_lost_or_repeated_when_a_link_breaks() {
    let mut world = World::meeting(5, 4);
    for round in 0..300 {
        world.say(1, None, &round.to_string());
        world.run(Duration::from_millis(7));
        if round % 140 == 30 {
            world.break_link(1, 2);
        }
    }
    world.run(5 * SECOND);
    let heard: Vec<String> = world.heard(2).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        heard,
        (0..300).map(|round| round.to_string()).collect::<Vec<_>>()
    );
    assert!(world.agrees());
}

#[test]
fn what_is_said_before_the_link_is_open_arrives() {
    let mut world = World::meeting(6, 3);
    let invite = world.invite(0);
    let newcomer = world.join(&invite);
    world.run_until(SECOND, |world| world.list(1).len() == 4);
    world.say(1, None, "welcome");
    world.run(SECOND);
    assert_eq!(
        world.heard(newcomer),
        [(world.number(1), "welcome".to_owned())]
    );
}

#[test]
fn a_member_that_hears_of_the_newcomer_before_it_is_welcomed_is_met_as_well() {
    let mut world = World::meeting(21, 3);
    let invite = world.invite(1);
    world.slow.insert((0, 3));
    let newcomer = world.join(&invite);
    world.run(Duration::from_secs(1));
    world.say(1, None, "hello");
    world.say(newcomer, None, "hi");
    world.run(Duration::from_secs(1));
    assert_eq!(
        world.heard(newcomer),
        [(world.number(1), "hello".to_owned())]
    );
    assert_eq!(world.heard(1), [(world.number(newcomer), "hi".to_owned())]);
}

#[test]
fn one_image_worn_by_many_is_fetched_once() {
    let mut world = World::new(7);
    let image = Bytes::from_static(b"an image");
    world.create(32);
    let invite = world.invite(0);
    for _ in 0..5 {
        world.join_with_image(&invite, Some(image.clone()));
    }
    world.run(2 * SECOND);
    let seen = world.people[0]
        .events
        .iter()
        .filter(|event| matches!(event, Event::Image { .. }))
        .count();
    assert_eq!(seen, 1);
    assert_eq!(
        world.people[0].bulk_frames, 1,
        "one request, and nobody asks for what it has"
    );
}

#[test]
fn a_new_name_and_image_reach_everyone() {
    let mut world = World::meeting(8, 3);
    let image = Bytes::from_static(b"new");
    world.command(
        1,
        Command::SetProfile {
            name: Name::clean("Zoe"),
            image: Some(image.clone()),
        },
    );
    world.run(SECOND);
    for who in [0, 1, 2] {
        let view = &world.list(who)[&world.number(1)];
        assert_eq!(view.name, Name::clean("Zoe"));
        assert_eq!(view.image, Some(ContentHash::of(&image)));
        assert!(
            world.people[who]
                .events
                .iter()
                .any(|event| matches!(event, Event::Image { bytes, .. } if *bytes == image))
        );
    }
    // Who comes later sees it as well.
    let invite = world.invite(0);
    let late = world.join(&invite);
    world.run(SECOND);
    assert_eq!(world.list(late)[&world.number(1)].name, Name::clean("Zoe"));
}

#[test]
fn the_newest_pose_greets_who_comes_later() {
    let mut world = World::meeting(9, 2);
    world.show(0, &Rig::default());
    world.pose(0, standing(3.0));
    let invite = world.invite(1);
    let late = world.join(&invite);
    world.run_until(SECOND, |world| world.seen(late, 0).is_some());
    let place = world.seen(late, 0).expect("just seen").pose.root.position();
    assert!((place.x - 3.0).abs() < 0.01, "{place}");
}

#[test]
fn a_pose_is_dated_on_the_receivers_clock() {
    let mut world = World::meeting(10, 2);
    world.show(0, &Rig::default());
    let sent = world.time;
    world.pose(0, standing(0.0));
    world.run(SECOND);
    let captured = world.seen(1, 0).expect("sent").captured;
    let error = captured.micros_after(metaverse_protocol::time::Time(
        sent.0 + world.people[1].clock,
    ));
    assert!(error.abs() <= 1_100, "{error} us: ticks are milliseconds");
}

#[test]
fn a_full_space_is_full() {
    let mut world = World::new(11);
    world.create(2);
    let invite = world.invite(0);
    world.join(&invite);
    world.run(SECOND);
    let third = world.join(&invite);
    world.run(SECOND);
    assert_eq!(join_error(&world, third), Some(JoinError::Full));
}

#[test]
fn an_invite_for_two_admits_two() {
    let mut world = World::new(12);
    world.create(32);
    let invite = world.invite_with(0, 5, Some(2), None);
    world.join(&invite);
    world.join(&invite);
    world.run(SECOND);
    let third = world.join(&invite);
    world.run(SECOND);
    assert_eq!(join_error(&world, third), Some(JoinError::Expired));
    // The count outlives the host.
    world.kill(0);
    world.run(6 * SECOND);
    let fourth = world.join(&metaverse_protocol::invite::Invite {
        contacts: world.invite(1).contacts,
        ..invite
    });
    world.run(2 * SECOND);
    assert_eq!(join_error(&world, fourth), Some(JoinError::Expired));
}

#[test]
fn an_invite_expires() {
    let mut world = World::new(13);
    world.create(32);
    let invite = world.invite_with(0, 5, None, Some(UnixSeconds(TODAY + 60)));
    world.run(120 * SECOND);
    let late = world.join(&invite);
    world.run(SECOND);
    assert_eq!(join_error(&world, late), Some(JoinError::Expired));
}

#[test]
fn an_invite_into_another_space_does_not_open_this_one() {
    let mut world = World::new(14);
    world.create(32);
    let mut other = World::new(15);
    other.create(32);
    let mut foreign = other.invite(0);
    foreign.space = metaverse_protocol::sign::Identity::from_secret(&[9; 32]).space_id();
    let stranger = world.join(&foreign);
    world.run(SECOND);
    assert_eq!(join_error(&world, stranger), Some(JoinError::InvalidInvite));
}

#[test]
fn nobody_there_is_said_within_ten_seconds() {
    let mut world = World::new(16);
    world.create(32);
    let invite = world.invite(0);
    world.kill(0);
    let late = world.join(&invite);
    let took = world.run_until(Duration::from_secs(10), |world| world.people[late].ended);
    assert!(took < Duration::from_secs(10));
    assert_eq!(join_error(&world, late), Some(JoinError::Unreachable));
}

#[test]
fn joining_can_be_cancelled() {
    let mut world = World::new(17);
    world.create(32);
    let invite = world.invite(0);
    let hasty = world.join(&invite);
    world.command(hasty, Command::Leave);
    world.run(SECOND);
    assert_eq!(join_error(&world, hasty), Some(JoinError::Cancelled));
    assert_eq!(world.list(0).len(), 1);
}

#[test]
fn who_leaves_is_off_all_lists_at_once() {
    let mut world = World::meeting(18, 4);
    let number = world.number(2);
    world.command(2, Command::Leave);
    world.people[2].is_alive = false;
    let took = world.run_until(SECOND, World::agrees);
    assert!(took <= 3 * common::LATENCY, "{took:?}");
    assert!(!world.list(0).contains_key(&number));
    assert!(world.people[2].events.contains(&Event::Left {
        reason: String::new()
    }));
}

#[test]
fn numbers_are_not_given_twice() {
    let mut world = World::meeting(19, 3);
    world.command(2, Command::Leave);
    world.people[2].is_alive = false;
    world.run(SECOND);
    let invite = world.invite(0);
    let next = world.join(&invite);
    world.run(SECOND);
    assert_eq!(world.number(next), MemberNumber(4));
}

#[test]
fn the_same_person_can_come_back_before_it_is_missed() {
    let mut world = World::meeting(20, 4);
    let invite = world.invite(0);
    world.kill(3);
    world.run(Duration::from_millis(500));
    world.join_again(3, &invite);
    world.run(8 * SECOND);
    assert!(world.agrees());
    world.say(3, None, "again");
    world.say(1, None, "hello again");
    world.run(SECOND);
    assert_eq!(
        world.heard(1).last(),
        Some(&(world.number(3), "again".to_owned()))
    );
    assert_eq!(
        world.heard(3).last(),
        Some(&(world.number(1), "hello again".to_owned()))
    );
}
