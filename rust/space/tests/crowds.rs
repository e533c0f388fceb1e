//! Spaces beyond a full mesh: forwarders, few links, and what goes over them.

mod common;

use std::{collections::BTreeSet, time::Duration};

use bytes::Bytes;
use common::{Who, World, standing};
use glam::{Quat, Vec3};
use metaverse_avatar::{Encoder, Level, Pose, Rig};
use metaverse_protocol::{
    announcement::{Announcement, AnnouncementFrame, AnnouncementKind},
    control::GameMessage,
    datagram::{Crowd, CrowdEntry, PoseEntry},
    id::{AvatarId, MemberNumber, SpaceId},
    lane::Lane,
    name::Name,
    time::{Tick, Time},
};
use metaverse_space::{
    Counters, Viewpoint,
    activity::ActivityProfile,
    io::{Command, Event, Input},
};

const SECOND: Duration = Duration::from_secs(1);
const BEAT: Duration = Duration::from_millis(50);
const MEMBERS: usize = 36;

/// A space of so many that have settled.
fn crowd(seed: u64, count: usize) -> World {
    let mut world = World::meeting(seed, count);
    world.run(10 * SECOND);
    world
}

/// A crowd in a row, two metres apart, at a party.
fn party(seed: u64, count: usize) -> World {
    let mut world = crowd(seed, count);
    attend(&mut world, count);
    world
}

/// Everybody takes a place in the row.
fn attend(world: &mut World, count: usize) {
    for who in 0..count {
        world.show(who, &Rig::humanoid());
        let viewpoint = Some(Viewpoint {
            eye: Vec3::new(place(who), 1.7, 0.0),
            forward: Vec3::Z,
        });
        let profile = ActivityProfile::PARTY;
        world.command(who, Command::Watch { viewpoint, profile });
    }
}

fn place(who: Who) -> f32 {
    2.0 * who as f32
}

/// A figure that waves at its place.
fn waving(time: Time, who: Who) -> Pose {
    let phase = time.0 as f32 / 1e6 * std::f32::consts::TAU;
    let mut pose = standing(place(who));
    let arm = Rig::humanoid().find("LeftUpperArm").expect("an arm");
    pose.rotations[arm] = Quat::from_rotation_z(1.0 + 0.5 * phase.sin());
    pose
}

fn wave(world: &mut World, duration: Duration) {
    let end = world.time + duration;
    while world.time < end {
        for who in living(world) {
            world.pose(who, waving(world.time, who));
        }
        world.run(BEAT);
    }
}

fn living(world: &World) -> Vec<Who> {
    (0..world.people.len())
        .filter(|&who| world.people[who].is_alive)
        .collect()
}

fn links(world: &World, who: Who) -> usize {
    let others = living(world).into_iter();
    others.filter(|&other| world.is_linked(who, other)).count()
}

/// Those through whom the others are linked.
fn forwarders(world: &World) -> Vec<Who> {
    let most = living(world).into_iter();
    most.filter(|&who| links(world, who) > 8).collect()
}

/// How long ago, in milliseconds, what `who` last saw of `of` was captured.
fn age(world: &World, who: Who, of: Who) -> Option<u64> {
    let seen = world.seen(who, of)?;
    let now = world.now(who).time;
    Some(now.since(seen.captured).as_millis() as u64)
}

#[test]
fn a_crowd_takes_few_links() {
    let world = crowd(1, MEMBERS);
    assert!(world.agrees());
    let mut counts: Vec<usize> = (0..MEMBERS).map(|who| links(&world, who)).collect();
    counts.sort_unstable();
    assert!(counts[MEMBERS / 2] <= 3, "{counts:?}");
    assert!((2..5).contains(&forwarders(&world).len()), "{counts:?}");
}

#[test]
fn what_is_said_to_all_is_heard_by_all_once() {
    let mut world = crowd(2, MEMBERS);
    for who in 0..MEMBERS {
        world.say(who, None, &format!("I am {who}"));
    }
    world.run(2 * SECOND);
    let all: BTreeSet<String> = (0..MEMBERS).map(|who| format!("I am {who}")).collect();
    for who in 0..MEMBERS {
        let heard = world.heard(who);
        assert_eq!(heard.len(), MEMBERS - 1, "{who}");
        let texts: BTreeSet<String> = heard.into_iter().map(|(_, text)| text).collect();
        let missing: Vec<_> = all.difference(&texts).collect();
        assert_eq!(missing, [&format!("I am {who}")]);
    }
}

#[test]
fn what_is_said_to_one_takes_a_link_of_its_own_for_a_while() {
    let mut world = crowd(3, MEMBERS);
    let outsiders: Vec<Who> = (0..MEMBERS)
        .filter(|who| !forwarders(&world).contains(who))
        .collect();
    let (one, other) = (outsiders[0], outsiders[1]);
    assert!(!world.is_linked(one, other));
    let to = world.number(other);
    world.say(one, Some(to), "between us");
    world.run(SECOND);
    assert_eq!(
        world.heard(other),
        [(world.number(one), "between us".to_owned())]
    );
    let others = living(&world).into_iter().filter(|&who| who != other);
    assert!(others.clone().all(|who| world.heard(who).is_empty()));
    world.run(10 * SECOND);
    assert!(!world.is_linked(one, other));
}

#[test]
fn who_is_near_is_seen_over_a_link_and_the_others_over_forwarders() {
    let mut world = party(4, MEMBERS);
    wave(&mut world, 8 * SECOND);
    let forwarders = forwarders(&world);
    for who in 0..MEMBERS {
        for other in (0..MEMBERS).filter(|&other| other != who) {
            let age = age(&world, who, other).unwrap_or_else(|| panic!("{who} sees {other}"));
            let level = world.seen(who, other).map(|seen| seen.level);
            // Beside one, they are out of view and count as twice as far.
            let away = (place(who) - place(other)).abs();
            let (expected, most) = match away {
                ..3.5 => (Level::Near, 150),
                5.0..12.0 => (Level::Middle, 400),
                15.0.. => (Level::Far, 3_200),
                _ => continue,
            };
            assert_eq!(level, Some(expected), "{who} sees {other}, {away} m");
            assert!(age <= most, "{who} sees {other}, {away} m, {age} ms");
            if expected == Level::Near {
                assert!(world.is_linked(who, other), "{who} {other}");
            } else if !forwarders.contains(&who) && !forwarders.contains(&other) {
                assert!(!world.is_linked(who, other), "{who} {other}");
            }
        }
    }
}

#[test]
fn a_forwarder_that_vanishes_is_missed_by_nobody() {
    for seed in 0..2 {
        let mut world = party(50 + seed, MEMBERS);
        wave(&mut world, 4 * SECOND);
        let victim = *forwarders(&world).last().expect("forwarders");
        assert_ne!(victim, 0);
        world.kill(victim);
        wave(&mut world, SECOND);
        let others = living(&world);
        let reached = |world: &World| {
            for &who in &others {
                for &other in others.iter().filter(|&&other| other != who) {
                    let age = age(world, who, other).expect("seen");
                    assert!(age < 4_000, "{who} sees {other}, {age} ms");
                }
            }
        };
        reached(&world);
        world.say(others[5], None, "still here");
        let took = world.run_until(9 * SECOND, World::agrees);
        assert!(took < 9 * SECOND, "{took:?}");
        for &who in others.iter().filter(|&&who| who != others[5]) {
            assert_eq!(world.heard(who).len(), 1, "{who}");
        }
        wave(&mut world, 3 * SECOND);
        reached(&world);
    }
}

#[test]
fn whoever_vanishes_is_off_all_lists_within_ten_seconds() {
    for seed in 0..2 {
        let mut world = crowd(60 + seed, MEMBERS);
        let forwarders = forwarders(&world);
        let victim = (0..MEMBERS).rev().find(|who| !forwarders.contains(who));
        world.kill(victim.expect("an outsider"));
        let took = world.run_until(10 * SECOND, World::agrees);
        assert!(took < 10 * SECOND, "{took:?}");
    }
}

#[test]
fn whoever_leaves_is_off_all_lists_at_once() {
    let mut world = crowd(70, MEMBERS);
    world.command(MEMBERS - 1, Command::Leave);
    world.people[MEMBERS - 1].is_alive = false;
    let took = world.run_until(SECOND, World::agrees);
    assert!(took < SECOND / 5, "{took:?}");
}

#[test]
fn a_killed_host_is_followed_and_goes_on_admitting() {
    for seed in 0..2 {
        let mut world = crowd(80 + seed, MEMBERS);
        let invite = world.invite(7);
        world.kill(0);
        let host = world.host(7);
        let took = world.run_until(SECOND, |world| {
            (1..MEMBERS).all(|who| world.host(who) == world.host(1) && world.host(who) != host)
        });
        assert!(took < SECOND, "{took:?}");
        for who in 1..MEMBERS {
            world.say(who, None, "still here");
        }
        world.run(8 * SECOND);
        for who in 1..MEMBERS {
            assert_eq!(world.heard(who).len(), MEMBERS - 2, "{who}");
        }
        let newcomer = world.join(&invite);
        let took = world.run_until(12 * SECOND, World::agrees);
        assert!(took < 12 * SECOND, "{took:?}");
        world.say(newcomer, None, "new here");
        world.run(SECOND);
        for who in 1..MEMBERS {
            assert_eq!(
                world.heard(who).last().map(|(_, text)| text.as_str()),
                Some("new here")
            );
        }
    }
}

#[test]
fn a_crowd_that_shrinks_is_a_full_mesh_again() {
    let mut world = crowd(90, MEMBERS);
    for who in 16..MEMBERS {
        world.command(who, Command::Leave);
        world.people[who].is_alive = false;
    }
    world.run(5 * SECOND);
    assert!(world.agrees());
    for who in 0..16 {
        assert_eq!(links(&world, who), 15, "{who}");
    }
    world.say(3, None, "few again");
    world.run(SECOND);
    for who in (0..16).filter(|&who| who != 3) {
        assert_eq!(world.heard(who).len(), 1, "{who}");
    }
}

#[test]
fn shared_values_reach_a_whole_crowd_and_whoever_comes_late() {
    let mut world = crowd(91, MEMBERS);
    for who in 0..MEMBERS {
        world.write(who, &format!("of {who}"), "value");
    }
    world.run(2 * SECOND);
    let newcomer = world.join(&world.invite(9));
    world.run(5 * SECOND);
    for who in (0..MEMBERS).chain([newcomer]) {
        assert_eq!(world.values(who).len(), MEMBERS, "{who}");
    }
}

#[test]
fn walls_between_members_keep_nobody_from_being_seen() {
    let mut world = World::new(92);
    // One pair in five has no straight way.
    for a in 0..MEMBERS {
        for b in 1 + a.max(1)..MEMBERS {
            if (a * 31 + b * 17) % 5 == 0 && a > 0 {
                world.walls.insert((a, b));
            }
        }
    }
    world.fill(MEMBERS);
    world.run(10 * SECOND);
    assert!(world.agrees());
    attend(&mut world, MEMBERS);
    wave(&mut world, 8 * SECOND);
    for who in 0..MEMBERS {
        for other in (0..MEMBERS).filter(|&other| other != who) {
            let age = age(&world, who, other).unwrap_or_else(|| panic!("{who} sees {other}"));
            let away = (place(who) - place(other)).abs();
            let most = match away {
                ..3.5 => 300,
                ..12.0 => 500,
                _ => 3_500,
            };
            assert!(age <= most, "{who} sees {other}, {away} m, {age} ms");
        }
    }
}

#[test]
fn an_image_reaches_those_who_have_no_link_to_its_wearer() {
    let mut world = crowd(93, MEMBERS);
    let forwarders = forwarders(&world);
    let wearer = (0..MEMBERS)
        .find(|who| !forwarders.contains(who))
        .expect("an outsider");
    let (name, image) = (
        Name::clean("Painted"),
        Some(Bytes::from_static(b"an image")),
    );
    world.command(wearer, Command::SetProfile { name, image });
    world.run(5 * SECOND);
    for who in (0..MEMBERS).filter(|&who| who != wearer) {
        let has =
            |event: &Event| matches!(event, Event::Image { bytes, .. } if bytes == "an image");
        assert!(world.people[who].events.iter().any(has), "{who}");
    }
}

/// An outsider, and those it is linked to: its home and the one in reserve.
fn outsider(world: &World) -> (Who, Vec<Who>) {
    let forwarders = forwarders(world);
    let mut members = living(world).into_iter();
    let who = members
        .find(|who| !forwarders.contains(who))
        .expect("an outsider");
    let linked = forwarders
        .into_iter()
        .filter(|&other| world.is_linked(who, other));
    (who, linked.collect())
}

fn space(world: &World) -> SpaceId {
    let id = |event: &Event| match event {
        Event::Joined { description, .. } => Some(description.id),
        _ => None,
    };
    world.people[0]
        .events
        .iter()
        .find_map(id)
        .expect("inside a space")
}

fn counters(world: &World, who: Who) -> Counters {
    world.people[who].space.as_ref().expect("alive").counters()
}

#[test]
fn nobody_says_anything_in_the_name_of_another() {
    let mut world = crowd(94, MEMBERS);
    let (who, linked) = outsider(&world);
    let liar = linked[0];
    // Somebody who has said nothing to all yet.
    let other = MEMBERS - 1;
    assert!(other != who && other != liar);
    let message = GameMessage {
        topic: "chat".to_owned(),
        private: false,
        data: b"lies".to_vec(),
    };
    let said = Announcement::new(
        &world.people[liar].identity,
        space(&world),
        world.number(other),
        0,
        AnnouncementKind::Message,
        message.encode(),
    );
    let before = counters(&world, who).unauthorized;
    let frame = AnnouncementFrame::Said(said).encode();
    world.forge(who, liar, Lane::Announcement, frame);
    assert_eq!(counters(&world, who).unauthorized, before + 1);
    assert_eq!(world.heard(who), []);
}

#[test]
fn poses_of_many_are_believed_of_the_home_alone() {
    let mut world = crowd(95, MEMBERS);
    let (who, linked) = outsider(&world);
    let mut believed = 0;
    for &by in &linked {
        let mut encoder = Encoder::new(Rig::default());
        let tick = Tick::from(world.now(by).time);
        encoder.push(tick, &standing(3.0)).expect("a pose");
        let mut payload = Vec::new();
        encoder.encode(Level::Far, &[], &mut payload);
        for member in [world.number(30), MemberNumber(9_999)] {
            let mut crowd = Crowd::new(tick);
            let pose = PoseEntry {
                avatar: AvatarId(0),
                level: Level::Far.number(),
                payload: &payload,
            };
            assert!(crowd.push(&CrowdEntry {
                member,
                age: 0,
                captured: tick,
                pose,
            }));
            let from = world.peer(by);
            let before = counters(&world, who).unbelieved_datagrams;
            let bytes = crowd.finish().into();
            world.input(who, Input::Datagram { from, bytes });
            believed += usize::from(counters(&world, who).unbelieved_datagrams == before);
        }
    }
    assert_eq!((linked.len(), believed), (2, 1));
}

#[test]
fn whoever_asks_for_the_same_again_and_again_gets_it_a_few_times() {
    let mut world = party(96, MEMBERS);
    world.run(SECOND);
    let (who, linked) = outsider(&world);
    let home = linked[0];
    world.say(home, None, &"x".repeat(10_000));
    world.run(SECOND);
    let before = world.people[home].sent_bytes;
    for _ in 0..100 {
        let heard = AnnouncementFrame::Heard(Vec::new()).encode();
        world.forge(home, who, Lane::Announcement, heard);
    }
    assert!(counters(&world, home).flooded_requests >= 60);
    let sent = world.people[home].sent_bytes - before;
    assert!(sent < 40 * 20_000, "{sent} bytes");
}
