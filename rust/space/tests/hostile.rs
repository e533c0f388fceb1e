//! Peers that lie, flood, stall or send nonsense: it is counted, they go, and the others are unharmed.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{World, place_bundle, secret};
use metaverse_protocol::{
    control::{Bulk, Control, GameMessage},
    datagram::Datagram,
    id::{ContentHash, Epoch, MemberNumber, PeerId},
    lane::Lane,
    name::Name,
    profile::Profile,
    rights::Chain,
    sign::{Identity, Signed},
    time::{Tick, Time},
};
use metaverse_space::{
    Counters,
    config::{
        CONTROL_PER_SECOND, DATAGRAMS_PER_SECOND, JOINS_PER_PEER, JOINS_PER_SECOND,
        OUTBOX_MESSAGES, STRANGERS,
    },
    io::{CloseReason, Event, Input},
};

const SECOND: Duration = Duration::from_secs(1);

fn counters(world: &World, who: usize) -> Counters {
    world.people[who].space.as_ref().expect("inside").counters()
}

/// Nobody but `gone` is missing, and messages still pass among the others.
fn others_are_unharmed(world: &mut World, gone: usize) {
    world.people[gone].is_alive = false;
    world.people[gone].space = None;
    world.run(6 * SECOND);
    assert!(world.agrees());
    let others: Vec<usize> = (0..world.people.len()).filter(|&who| who != gone).collect();
    world.say(others[0], None, "still here");
    world.run(SECOND);
    for &who in &others[1..] {
        assert_eq!(
            world.heard(who).last().map(|(_, text)| text.as_str()),
            Some("still here")
        );
    }
}

#[test]
fn nonsense_on_any_lane_ends_the_link() {
    for lane in Lane::ALL {
        let mut world = World::meeting(1, 4);
        world.forge(0, 3, lane, vec![0xFF; 40]);
        assert_eq!(counters(&world, 0).malformed_frames, 1);
        assert_eq!(counters(&world, 0).peers_closed, 1);
        let number = world.number(3);
        assert!(
            !world.list(0).contains_key(&number),
            "the host sends it away"
        );
        others_are_unharmed(&mut world, 3);
    }
}

#[test]
fn nonsense_in_datagrams_is_counted() {
    let mut world = World::meeting(2, 2);
    let from = world.peer(1);
    for bytes in [&b""[..], &[0], &[3, 1], &[100; 50], &[1; 1_101]] {
        world.input(
            0,
            Input::Datagram {
                from,
                bytes: Bytes::copy_from_slice(bytes),
            },
        );
    }
    assert_eq!(counters(&world, 0).malformed_datagrams, 5);
    assert!(world.agrees());
}

#[test]
fn a_flood_of_datagrams_is_dropped() {
    let mut world = World::meeting(3, 3);
    let from = world.peer(2);
    let before = world.people[0].poses.len();
    for number in 0..50_000_u32 {
        let bytes = place_bundle(number as u8, number as u16, 0);
        world.input(0, Input::Datagram { from, bytes });
    }
    assert!(world.people[0].poses.len() - before <= DATAGRAMS_PER_SECOND as usize);
    assert!(
        counters(&world, 0).flooded_datagrams >= 50_000 - u64::from(DATAGRAMS_PER_SECOND) - 1_000
    );
}

#[test]
fn a_flood_of_control_messages_ends_the_link() {
    let mut world = World::meeting(4, 4);
    let vote = Control::HostLost { epoch: Epoch(9) }.encode();
    for _ in 0..=CONTROL_PER_SECOND {
        world.forge(0, 3, Lane::Control, vote.clone());
    }
    assert_eq!(counters(&world, 0).peers_closed, 1);
    others_are_unharmed(&mut world, 3);
}

#[test]
fn only_the_host_admits_and_removes() {
    let mut world = World::meeting(5, 4);
    let number = world.number(2);
    let removal = Control::Removed {
        number,
        may_return: false,
        reason: "I say so".to_owned(),
    }
    .encode();
    world.forge(1, 3, Lane::Control, removal.clone());
    world.forge(2, 3, Lane::Control, removal);
    world.run(SECOND);
    assert!(world.list(1).contains_key(&number));
    assert!(world.is_inside(2));
    assert_eq!(counters(&world, 1).unauthorized, 1);
}

#[test]
fn nobody_becomes_host_by_saying_so() {
    let mut world = World::meeting(6, 4);
    let space = world.invite(0).space;
    let liar = world.people[3].identity.clone();
    let self_made = Chain::default()
        .delegate(&liar, space, liar.peer_id())
        .expect("short");
    world.forge(
        1,
        3,
        Lane::Control,
        Control::HostClaim {
            epoch: Epoch(5),
            chain: self_made,
            votes: Vec::new(),
        }
        .encode(),
    );
    world.run(SECOND);
    assert_eq!(world.host(1), Some(world.number(0)));
    assert_eq!(counters(&world, 1).unauthorized, 1);
}

#[test]
fn a_stranger_learns_nothing_and_is_turned_away() {
    let mut world = World::meeting(7, 2);
    let stranger = Identity::from_secret(&secret(77)).peer_id();
    world.input(0, Input::Connected { peer: stranger });
    let said = GameMessage {
        topic: "chat".to_owned(),
        private: false,
        data: b"hi".to_vec(),
    };
    world.input(
        0,
        Input::Frame {
            from: stranger,
            lane: Lane::Message,
            bytes: said.encode().into(),
        },
    );
    world.input(
        0,
        Input::Datagram {
            from: stranger,
            bytes: place_bundle(0, 1, 0),
        },
    );
    let claim = Control::Leave {
        reason: String::new(),
    };
    world.input(
        0,
        Input::Frame {
            from: stranger,
            lane: Lane::Control,
            bytes: claim.encode().into(),
        },
    );
    assert_eq!(world.heard(0), []);
    assert!(world.people[0].poses.is_empty());
    assert_eq!(counters(&world, 0).unauthorized, 3);
    assert_eq!(counters(&world, 0).peers_closed, 1);
}

/// A newcomer with the right to come in, whose machine does as it likes.
fn asks(world: &mut World, seed: [u8; 2]) -> (PeerId, Bytes) {
    let mut key = secret(seed[0]);
    key[..2].copy_from_slice(&[201, seed[1]]);
    let identity = Identity::from_secret(&key);
    let invite = world.invite(0);
    let profile = Profile {
        revision: 0,
        name: Name::clean("Mallory"),
        image: None,
        addresses: Vec::new(),
    };
    let join = Control::Join {
        space: invite.space,
        permission: invite.permission,
        profile: Signed::new(&identity, &profile),
    };
    (identity.peer_id(), join.encode().into())
}

fn ask(world: &mut World, (from, bytes): (PeerId, Bytes)) {
    let lane = Lane::Control;
    world.input(0, Input::Frame { from, lane, bytes });
}

#[test]
fn who_asks_again_and_again_to_be_admitted_is_sent_away() {
    let mut world = World::meeting(18, 2);
    let newcomer = asks(&mut world, [1, 1]);
    world.input(0, Input::Connected { peer: newcomer.0 });
    for _ in 0..=JOINS_PER_PEER {
        ask(&mut world, newcomer.clone());
    }
    assert_eq!(counters(&world, 0).flooded_joins, 1);
    assert_eq!(counters(&world, 0).peers_closed, 1);
    assert_eq!(world.list(0).len(), 2);
    assert!(world.agrees());
}

#[test]
fn a_flood_of_newcomers_is_let_in_by_and_by() {
    let mut world = World::meeting(19, 3);
    let crowd: Vec<_> = (0..JOINS_PER_SECOND as u8 + 30)
        .map(|seed| asks(&mut world, [seed, 2]))
        .collect();
    for (peer, join) in crowd.iter().cloned() {
        world.input(0, Input::Connected { peer });
        ask(&mut world, (peer, join));
    }
    assert_eq!(world.list(0).len(), 3 + JOINS_PER_SECOND as usize);
    assert_eq!(counters(&world, 0).flooded_joins, 30);
    world.say(0, None, "still here");
    world.run(SECOND);
    assert_eq!(world.heard(1).len(), 1);
    for newcomer in crowd.into_iter().skip(JOINS_PER_SECOND as usize) {
        ask(&mut world, newcomer);
    }
    assert_eq!(world.list(0).len(), 33 + JOINS_PER_SECOND as usize);
    assert_eq!(counters(&world, 0).peers_closed, 0);
}

#[test]
fn silent_strangers_do_not_pile_up() {
    let mut world = World::meeting(8, 2);
    for seed in 0..=STRANGERS as u8 {
        let mut key = secret(seed);
        key[0] = 200;
        world.input(
            0,
            Input::Connected {
                peer: Identity::from_secret(&key).peer_id(),
            },
        );
    }
    assert_eq!(
        counters(&world, 0).peers_closed,
        1,
        "one more than there is room for"
    );
    world.run(4 * SECOND);
    assert_eq!(counters(&world, 0).peers_closed, 1 + STRANGERS as u64);
    assert!(world.agrees());
}

#[test]
fn a_profile_of_somebody_else_is_not_taken() {
    let mut world = World::meeting(9, 3);
    let liar = Identity::from_secret(&world.people[2].identity.secret());
    let profile = Profile {
        revision: 9,
        name: Name::clean("Mallory"),
        image: None,
        addresses: Vec::new(),
    };
    // Signed by the liar, sent over the link of its victim; and the other way round.
    world.forge(
        0,
        1,
        Lane::Control,
        Control::Profile(Signed::new(&liar, &profile)).encode(),
    );
    assert_eq!(
        world.list(0)[&world.number(1)].name,
        Name::clean("Person 1")
    );
    assert_eq!(
        world.list(0)[&world.number(2)].name,
        Name::clean("Person 2")
    );
}

#[test]
fn an_image_that_is_not_what_its_hash_says_is_refused() {
    let mut world = World::new(10);
    world.create(32);
    let invite = world.invite(0);
    let liar = world.join_with_image(&invite, Some(Bytes::from_static(b"true")));
    // Before the true answer comes, the liar sends another.
    world.run_until(SECOND, |world| world.people[0].bulk_frames == 1);
    let hash = ContentHash::of(b"true");
    world.forge(
        0,
        liar,
        Lane::Bulk,
        Bulk::Image {
            hash,
            bytes: b"false".to_vec(),
        }
        .encode(),
    );
    assert_eq!(counters(&world, 0).rejected_images, 1);
    assert!(
        !world.people[0]
            .events
            .iter()
            .any(|event| matches!(event, Event::Image { .. }))
    );
}

#[test]
fn an_image_nobody_asked_for_is_not_kept() {
    let mut world = World::meeting(11, 2);
    let hash = ContentHash::of(b"junk");
    world.forge(
        0,
        1,
        Lane::Bulk,
        Bulk::Image {
            hash,
            bytes: b"junk".to_vec(),
        }
        .encode(),
    );
    assert!(
        !world.people[0]
            .events
            .iter()
            .any(|event| matches!(event, Event::Image { .. }))
    );
    assert!(world.agrees());
}

#[test]
fn asking_for_images_without_end_is_not_answered() {
    let mut world = World::meeting(12, 2);
    let request = Bulk::Request(ContentHash::of(b"nothing")).encode();
    for _ in 0..1_500 {
        world.forge(0, 1, Lane::Bulk, request.clone());
    }
    assert!(world.people[0].bulk_frames <= 512);
    assert!(counters(&world, 0).flooded_requests >= 900);
}

#[test]
fn who_confirms_what_was_never_sent_is_sent_away() {
    let mut world = World::meeting(13, 3);
    world.forge(
        0,
        2,
        Lane::Control,
        Control::Received { count: 1_000 }.encode(),
    );
    assert_eq!(counters(&world, 0).peers_closed, 1);
    others_are_unharmed(&mut world, 2);
}

#[test]
fn a_member_that_takes_nothing_does_not_hold_up_the_others() {
    let mut world = World::meeting(14, 3);
    // Member 2 answers pings and nothing else: what is sent to it is never confirmed.
    let stuck = world.people[2].space.take();
    let number = world.number(2);
    for round in 0..(OUTBOX_MESSAGES as u64 + 10) {
        world.say(0, None, &round.to_string());
        let pong = Datagram::Ping { sent: Time(round) }.encode();
        let from = world.peer(2);
        world.input(
            0,
            Input::Datagram {
                from,
                bytes: pong.into(),
            },
        );
    }
    for _ in 0..30 {
        world.run(Duration::from_millis(100));
        let ping = Datagram::Ping { sent: Time(1) }.encode();
        let from = world.peer(2);
        world.input(
            0,
            Input::Datagram {
                from,
                bytes: ping.into(),
            },
        );
    }
    drop(stuck);
    assert!(counters(&world, 0).lost_messages > OUTBOX_MESSAGES as u64);
    assert!(!world.list(0).contains_key(&number));
    assert_eq!(world.heard(1).len(), OUTBOX_MESSAGES + 10);
}

#[test]
fn poses_out_of_order_are_counted() {
    let mut world = World::meeting(15, 2);
    let from = world.peer(1);
    let start = Tick::from(world.now(1).time).0;
    for (sequence, millis) in [5, 9, 7, 9, 10].into_iter().enumerate() {
        let bytes = place_bundle(sequence as u8, start.wrapping_sub(20) + millis, 0);
        world.input(0, Input::Datagram { from, bytes });
    }
    assert_eq!(counters(&world, 0).late_poses, 2);
}

#[test]
fn absurd_clocks_do_not_break_the_dating_of_poses() {
    let mut world = World::meeting(16, 2);
    let from = world.peer(1);
    for received in [0, u64::MAX, 1 << 63, (1 << 63) + 1_000_000] {
        let pong = Datagram::Pong {
            sent: world.now(0).time,
            received: Time(received),
        };
        world.input(
            0,
            Input::Datagram {
                from,
                bytes: pong.encode().into(),
            },
        );
        let bytes = place_bundle(0, (received as u32 / 2 + 1) as u16, 1);
        world.input(0, Input::Datagram { from, bytes });
    }
    for pose in &world.people[0].poses {
        assert!(pose.captured <= world.now(0).time);
    }
}

#[test]
fn links_that_were_never_opened_are_not_missed() {
    let mut world = World::meeting(17, 2);
    let peer = Identity::from_secret(&secret(5)).peer_id();
    world.input(
        0,
        Input::Disconnected {
            peer,
            reason: CloseReason::Failed,
        },
    );
    world.forge(
        0,
        1,
        Lane::Control,
        Control::Admitted(record_of(&world)).encode(),
    );
    assert!(world.agrees());
    assert_eq!(world.list(0).len(), 2);
}

/// A record that is well-formed and that nobody with the right to it has signed.
fn record_of(world: &World) -> metaverse_protocol::profile::MemberRecord {
    let liar = world.people[1].identity.clone();
    let admission = metaverse_protocol::rights::Admission {
        space: world.invite(0).space,
        peer: liar.peer_id(),
        number: MemberNumber(99),
        standing: metaverse_protocol::rights::Standing::default(),
    };
    let profile = Profile {
        revision: 0,
        name: Name::clean("x"),
        image: None,
        addresses: Vec::new(),
    };
    metaverse_protocol::profile::MemberRecord {
        admission: metaverse_protocol::rights::Certificate::new(
            Chain::default(),
            &liar,
            &admission,
        ),
        profile: Signed::new(&liar, &profile),
    }
}
