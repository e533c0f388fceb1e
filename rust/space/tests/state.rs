//! The shared state among machines: who sees what, when, and after which misfortunes.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Who, World};
use metaverse_protocol::{
    id::PeerId,
    lane::Lane,
    limits::{STATE_BYTES, STATE_STAMP_BYTES, STATE_VALUE_BYTES},
    state::{Author, Entry, Key, StateFrame},
};
use metaverse_space::{io::Command, state::StateWriteError};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn state_bytes(world: &World, who: Who) -> usize {
    world.people[who]
        .state_frames
        .iter()
        .map(|(_, bytes)| bytes)
        .sum()
}

#[test]
fn a_write_is_seen_by_everyone_at_once() {
    let mut world = World::meeting(1, 4);
    world.write(2, "door", "open");
    assert_eq!(world.value(2, "door"), Some("open"));
    world.run(Duration::from_millis(15));
    for who in 0..4 {
        assert_eq!(world.value(who, "door"), Some("open"));
    }
    assert_eq!(
        world.people[0].state.changes,
        [("door".to_owned(), Some(world.number(2)))]
    );
    assert!(world.people[2].state.changes.is_empty());
    world.erase(0, "door");
    world.run(SECOND);
    assert!((0..4).all(|who| world.value(who, "door").is_none()));
}

#[test]
fn of_concurrent_writes_everyone_keeps_the_same() {
    let mut world = World::meeting(2, 5);
    for round in 0..50 {
        for who in 0..5 {
            world.write(who, "turn", &format!("{round} of {who}"));
        }
        world.run(Duration::from_millis(round));
    }
    world.run(SECOND);
    assert!(world.shares());
}

#[test]
fn a_key_that_changes_in_each_frame_travels_twenty_times_a_second() {
    let mut world = World::meeting(3, 2);
    let before = world.people[0].state_frames.len();
    for frame in 0..180 {
        world.write(0, "ball", &frame.to_string());
        world.run(Duration::from_micros(16_667));
    }
    let sent = world.people[0].state_frames.len() - before;
    assert!((55..=65).contains(&sent), "{sent} frames in three seconds");
    world.run(SECOND);
    assert_eq!(world.value(1, "ball"), Some("179"));
}

#[test]
fn only_what_changed_travels() {
    let mut world = World::meeting(4, 2);
    for number in 0..2_000 {
        world.write(0, &format!("board/stroke/{number}"), "0123456789abcdef");
    }
    world.run(20 * SECOND);
    let before = state_bytes(&world, 0) + state_bytes(&world, 1);
    for number in 0..1_000 {
        world.write(0, &format!("board/stroke/{number}"), "fedcba9876543210");
        world.run(Duration::from_millis(10));
    }
    let bytes = state_bytes(&world, 0) + state_bytes(&world, 1) - before;
    world.run(SECOND);
    let overhead = bytes / 1_000 - 16;
    assert!(overhead <= 8, "{overhead} bytes a change besides its value");
    assert_eq!(world.counters(0).state_differences, 0);
    assert_eq!(world.counters(1).state_differences, 0);
    assert!(world.shares());
}

#[test]
fn who_comes_late_gets_everything_at_once() {
    let mut world = World::meeting(5, 3);
    for number in 0..3_000 {
        world.write(number % 3, &format!("key/{number}"), &number.to_string());
    }
    world.run(20 * SECOND);
    world.erase(0, "key/0");
    let late = world.join(&world.invite(1));
    let limit = 2 * SECOND;
    world.run_until(limit, |world| world.is_inside(late));
    let took = world.run_until(limit, |world| world.is_synchronized(late));
    assert!(took < Duration::from_millis(300), "{took:?}");
    assert_eq!(world.values(late).len(), 2_999);
    assert!(world.shares());
    let (_, author) = &world.people[late].state.changes[0];
    assert!(author.is_some());
}

#[test]
fn what_is_written_while_a_snapshot_is_under_way_is_not_lost() {
    let mut world = World::meeting(6, 3);
    let large = Bytes::from(vec![7; 4_000]);
    for number in 0..900 {
        world
            .try_write(0, &format!("key/{number}"), Some(large.clone()))
            .expect("room");
    }
    world.run(20 * SECOND);
    let late = world.join(&world.invite(1));
    world.run_until(2 * SECOND, |world| world.is_inside(late));
    for number in 0..40 {
        world.write(number % 3, &format!("key/{number}"), "new");
        world.write(number % 3, &format!("zzz/{number}"), "new");
        world.write(late, &format!("late/{number}"), "new");
        world.run(Duration::from_millis(3));
    }
    world.run_until(5 * SECOND, |world| {
        world.is_synchronized(late) && world.shares()
    });
}

#[test]
fn a_large_snapshot_waits_for_who_takes_it_slowly() {
    let mut world = World::meeting(7, 1);
    for number in 0..60 {
        let value = Bytes::from(vec![number; STATE_VALUE_BYTES]);
        world
            .try_write(0, &format!("{number}"), Some(value))
            .expect("room");
    }
    let late = world.join(&world.invite(0));
    world.slow.insert((0, late));
    world.run_until(2 * SECOND, |world| world.is_inside(late));
    let from = world.time;
    world.run_until(MINUTE, |world| world.is_synchronized(late));
    assert!(world.shares());
    let frames = &world.people[0].state_frames;
    for pair in frames.windows(8) {
        let bytes: usize = pair.iter().map(|(_, bytes)| bytes).sum();
        let passed = pair[7].0.since(pair[0].0);
        assert!(
            bytes < 400_000 || passed >= Duration::from_millis(50) || pair[0].0 < from,
            "{bytes} bytes within {passed:?}"
        );
    }
}

#[test]
fn a_newcomer_whose_host_dies_gets_the_rest_from_another() {
    let mut world = World::meeting(8, 4);
    for number in 0..60 {
        let value = Bytes::from(vec![number; STATE_VALUE_BYTES]);
        world
            .try_write(0, &format!("{number}"), Some(value))
            .expect("room");
    }
    world.run(20 * SECOND);
    let late = world.join(&world.invite(1));
    world.slow.insert((0, late));
    world.run_until(3 * SECOND, |world| !world.values(late).is_empty());
    assert!(!world.is_synchronized(late));
    world.kill(0);
    world.run_until(MINUTE, |world| {
        world.is_synchronized(late) && world.shares()
    });
    assert_eq!(world.values(late).len(), 60);
}

#[test]
fn a_write_that_reached_some_reaches_all() {
    let mut world = World::meeting(9, 5);
    world.slow.insert((0, 3));
    world.slow.insert((0, 4));
    for number in 0..20 {
        world.write(0, &format!("last/{number}"), "word");
    }
    world.run(Duration::from_millis(15));
    assert_eq!(world.value(1, "last/19"), Some("word"));
    assert_eq!(world.value(3, "last/19"), None);
    world.kill_with_frames(0);
    world.run_until(MINUTE, |world| world.shares() && world.agrees());
    assert_eq!(world.value(4, "last/19"), Some("word"));
    world.write(1, "after", "the host");
    world.run_until(SECOND, World::shares);
}

#[test]
fn a_link_that_breaks_within_a_frame_loses_nothing() {
    let mut world = World::meeting(10, 3);
    let mut left = 40;
    while left > 0 {
        left -= 1;
        for who in 0..3 {
            world.write(who, &format!("{who}/{}", left % 10), &left.to_string());
            world.write(who, "all", &format!("{left} of {who}"));
        }
        world.run(Duration::from_millis(8));
        if left % 8 == 0 {
            world.break_link(1, 2);
        }
        world.run(Duration::from_millis(500));
    }
    world.run_until(MINUTE, World::shares);
    assert!(world.agrees());
}

#[test]
fn two_that_do_not_reach_each_other_share_over_a_third() {
    let mut world = World::meeting(11, 3);
    world.cuts.insert((1, 2));
    world.run(6 * SECOND);
    world.write(1, "from one", "side");
    world.write(2, "from the other", "side");
    world.write(1, "both", "first");
    world.run(20 * Duration::from_millis(1));
    world.write(2, "both", "second");
    world.run_until(MINUTE, World::shares);
    assert_eq!(world.value(1, "both"), Some("second"));
    assert_eq!(world.values(2).len(), 3);
    world.cuts.clear();
    world.run(20 * SECOND);
    world.write(1, "from one", "again");
    world.run_until(SECOND, World::shares);
}

#[test]
fn the_erased_do_not_come_back() {
    let mut world = World::meeting(12, 3);
    for number in 0..50 {
        world.write(0, &number.to_string(), "here");
    }
    world.run(SECOND);
    world.cuts.insert((1, 2));
    world.run(5 * SECOND);
    for number in 0..50 {
        world.erase(1, &number.to_string());
    }
    world.cuts.clear();
    world.run_until(MINUTE, World::shares);
    assert!(world.values(0).is_empty());
    // Long after everyone has forgotten that they ever were.
    world.run(12 * MINUTE);
    let late = world.join(&world.invite(2));
    world.run(5 * SECOND);
    assert!(world.is_synchronized(late));
    assert!(world.values(late).is_empty() && world.shares());
    let differences: u64 = (0..3)
        .map(|who| world.counters(who).state_differences)
        .sum();
    world.run(2 * MINUTE);
    let later: u64 = (0..3)
        .map(|who| world.counters(who).state_differences)
        .sum();
    assert_eq!(
        differences, later,
        "nobody keeps what the others have forgotten"
    );
    world.write(late, "7", "again");
    world.run_until(SECOND, World::shares);
}

#[test]
fn clocks_years_apart_do_not_matter() {
    let mut world = World::meeting(13, 4);
    world.skew = 90_000_000_000_000;
    let ahead = world.join(&world.invite(0));
    world.run(10 * SECOND);
    for turn in 0..20 {
        for who in [ahead, 0, 1] {
            world.write(who, "k", &format!("{turn} of {who}"));
            world.run(Duration::from_millis(60));
            assert_eq!(
                world.value(0, "k"),
                Some(format!("{turn} of {who}").as_str())
            );
        }
    }
    assert_eq!(world.counters(0).values_from_the_future, 0);
    // As a host it hands its own time on.
    for who in 0..4 {
        world.kill(who);
    }
    let next = world.join(&world.invite(ahead));
    world.run_until(MINUTE, |world| {
        world.is_synchronized(next) && world.agrees()
    });
    world.write(next, "k", "last");
    world.run_until(SECOND, World::shares);
}

fn entry(key: &str, time: u64, value: &[u8]) -> Entry<Option<Bytes>> {
    Entry {
        id: 90_000,
        key: Some(Key::new(key).expect("a key")),
        time,
        counter: 0,
        author: Author::New(200, PeerId([9; 32])),
        content: Some(Bytes::copy_from_slice(value)),
    }
}

#[test]
fn stamps_from_the_far_future_are_dropped_and_counted() {
    let mut world = World::meeting(14, 3);
    let far = entry("k", 1 << 40, b"for ever");
    world.forge(0, 2, Lane::State, StateFrame::Changes(vec![far]).encode());
    assert_eq!(world.counters(0).values_from_the_future, 1);
    assert_eq!(world.value(0, "k"), None);
    world.write(1, "k", "now");
    world.run(SECOND);
    assert_eq!(world.value(0, "k"), Some("now"));
    assert!(world.agrees() && world.shares());
}

#[test]
fn two_who_fill_the_space_at_once_end_up_with_the_same() {
    let mut world = World::meeting(15, 4);
    let value = Bytes::from(vec![1; STATE_VALUE_BYTES]);
    let most = STATE_BYTES / (STATE_VALUE_BYTES + 3 + STATE_STAMP_BYTES);
    for number in 0..most {
        for who in [1, 2] {
            world
                .try_write(who, &format!("{who}{number:02}"), Some(value.clone()))
                .expect("room, as far as it knows");
        }
    }
    world.run(MINUTE);
    assert!(world.shares());
    let values = world.values(3);
    assert_eq!(values.len(), most);
    // What was written first is still there.
    assert!(values.contains_key("100") && values.contains_key("200"));
    assert!(world.agrees());
    let refused = world.try_write(3, "one more", Some(value));
    assert!(matches!(refused, Err(StateWriteError::Full(_))));
    world.erase(3, "100");
    world.write(3, "small", "fits");
    world.run(20 * SECOND);
    assert!(world.shares());
}

#[test]
fn a_flood_beyond_all_limits_harms_nobody_else() {
    let mut world = World::meeting(16, 4);
    world.write(1, "mine", "stays");
    world.run(SECOND);
    for number in 0..200 {
        let mut large = entry(
            &format!("flood/{number}"),
            1_000,
            &vec![0; STATE_VALUE_BYTES],
        );
        large.id = number;
        for to in [0, 1, 2] {
            let frame = StateFrame::Changes(vec![large.clone()]).encode();
            world.forge(to, 3, Lane::State, frame);
        }
    }
    assert!(world.counters(0).refused_values > 0);
    world.kill(3);
    world.run(MINUTE);
    assert!(world.agrees() && world.shares());
    world.write(2, "small", "finds room");
    world.run(SECOND);
    assert_eq!(world.value(0, "small"), Some("finds room"));
}

#[test]
fn whoever_asks_without_end_is_not_answered_without_end() {
    let mut world = World::meeting(17, 3);
    for number in 0..500 {
        world.write(1, &format!("key/{number}"), "value");
    }
    world.run(20 * SECOND);
    let before = state_bytes(&world, 0);
    for _ in 0..100 {
        world.forge(0, 2, Lane::State, StateFrame::AskSnapshot.encode());
        let digest = StateFrame::Digest {
            origin: i64::MIN,
            step: 0,
            root: 1,
        };
        world.forge(0, 2, Lane::State, digest.encode());
        let buckets = StateFrame::Buckets {
            step: 0,
            digests: Box::new([9; 256]),
        };
        world.forge(0, 2, Lane::State, buckets.encode());
    }
    assert!(world.counters(0).flooded_requests > 150);
    let sent = state_bytes(&world, 0) - before;
    assert!(sent < 6 * 20_000, "{sent} bytes");
    assert!(world.agrees());
}

#[test]
fn confirming_what_was_never_sent_ends_the_link() {
    let mut world = World::meeting(18, 3);
    let taken = StateFrame::Taken { bytes: 1 << 60 };
    world.forge(0, 2, Lane::State, taken.encode());
    assert_eq!(world.counters(0).malformed_frames, 1);
    assert_eq!(world.counters(0).peers_closed, 1);
}

#[test]
fn who_leaves_is_remembered_by_what_they_wrote() {
    let mut world = World::meeting(19, 3);
    world.slow.insert((1, 2));
    world.write(2, "note", "I was here");
    world.command(2, Command::FlushState);
    world.run_until(SECOND, |world| world.people[2].is_state_taken);
    assert_eq!(world.value(1, "note"), Some("I was here"));
    world.command(2, Command::Leave);
    world.people[2].is_alive = false;
    world.run(MINUTE);
    let late = world.join(&world.invite(1));
    world.run(5 * SECOND);
    assert_eq!(world.value(late, "note"), Some("I was here"));
    let (_, author) = &world.people[late].state.changes[0];
    assert_eq!(*author, None);
}

#[test]
fn the_state_outlives_every_host() {
    let mut world = World::meeting(20, 2);
    world.write(0, "first", "host's");
    for generation in 0..4 {
        world.run(5 * SECOND);
        let next = world.join(&world.invite(generation));
        world.run_until(10 * SECOND, |world| {
            world.is_synchronized(next) && world.agrees()
        });
        world.write(next, &format!("by {next}"), "member");
        world.run(SECOND);
        world.kill(generation);
        world.run_until(30 * SECOND, World::agrees);
    }
    assert!(world.shares());
    assert_eq!(world.values(5).len(), 5);
}
