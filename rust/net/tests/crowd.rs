//! More than two: everybody sees and hears everybody, and the space survives its hosts.

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::{Joined, Player};
use metaverse_net::PeerEvent;
use metaverse_space::io::Event;

/// A host and those who have come in one after the other, all of whom know all.
fn crowd(count: usize) -> Vec<(Player, Joined)> {
    let host = Player::start("0");
    let joined = host.create();
    let invite = host.invite();
    let mut crowd = vec![(host, joined)];
    for number in 1..count {
        let player = Player::start(&number.to_string());
        let joined = player.join(&invite);
        assert_eq!(joined.members.len(), number + 1);
        for (other, _) in &crowd {
            assert_eq!(other.member_joined().number, joined.local);
        }
        crowd.push((player, joined));
    }
    crowd
}

#[test]
fn everybody_hears_everybody() {
    let crowd = crowd(6);
    for (player, joined) in &crowd {
        player.send("from", &joined.local.0.to_le_bytes(), None);
    }
    for (player, joined) in &crowd {
        let mut heard = BTreeSet::new();
        while heard.len() < crowd.len() - 1 {
            let (from, _, data) = player.message();
            assert_eq!(data, from.0.to_le_bytes());
            assert!(heard.insert(from), "twice from {from:?}");
        }
        assert!(!heard.contains(&joined.local));
    }
}

#[test]
fn those_who_come_at_once_all_find_each_other() {
    let host = Player::start("host");
    host.create();
    let invite = host.invite();
    let players: Vec<_> = (0..6)
        .map(|number| Player::start(&number.to_string()))
        .collect();
    for player in &players {
        player.peer.join_space(&invite);
    }
    for player in &players {
        let mut known = player.joined().members.len();
        while known < players.len() + 1 {
            player.member_joined();
            known += 1;
        }
    }
    for player in &players {
        player.send("hello", b"", None);
    }
    for player in &players {
        let from: BTreeSet<_> = (1..players.len()).map(|_| player.message().0).collect();
        assert_eq!(from.len(), players.len() - 1);
    }
}

#[test]
fn when_the_host_leaves_the_next_one_lets_people_in() {
    let mut crowd = crowd(3);
    let (host, host_joined) = crowd.remove(0);
    let invite = crowd[0].0.invite();
    host.peer.leave_space();
    for (player, _) in &crowd {
        let next = player.space("a new host", |event| match event {
            Event::HostChanged { host } => Some(host),
            _ => None,
        });
        assert_eq!(next, crowd[0].1.local);
        assert_ne!(next, host_joined.local);
    }
    let late = Player::start("late");
    let joined = late.join(&invite);
    assert_eq!((joined.host, joined.members.len()), (crowd[0].1.local, 3));
    late.send("hello", b"", None);
    for (player, _) in &crowd {
        assert_eq!(player.message().0, joined.local);
    }
}

#[test]
fn whoever_has_left_can_come_back_with_a_fresh_identity() {
    let (host, player) = (Player::start("host"), Player::start("again"));
    host.create();
    let invite = host.invite();
    let mut ids = BTreeSet::new();
    for round in 0..5 {
        assert!(ids.insert(player.online()), "the same id in round {round}");
        player.join(&invite);
        let seen = host.member_joined();
        assert!(ids.contains(&seen.peer));
        player.send("round", &[round], None);
        assert_eq!(
            host.message(),
            (seen.number, "round".to_owned(), vec![round])
        );
        player.peer.leave_space();
        assert_eq!(player.left(), "");
        assert_eq!(host.member_left(), seen.number);
    }
}

#[test]
fn a_lasting_identity_stays_the_same() {
    let host = Player::start("host");
    host.create();
    let options = metaverse_net::Options {
        secret: Some([42; 32]),
        ..Default::default()
    };
    let player = Player::with(options);
    let first = player.online();
    for _ in 0..3 {
        player.join(&host.invite());
        assert_eq!(host.member_joined().peer, first);
        player.peer.leave_space();
        player.left();
        host.member_left();
        assert_eq!(player.online(), first);
    }
}

#[test]
fn a_full_space_says_so() {
    let host = Player::start("host");
    host.peer.create_space(metaverse_net::SpaceSettings {
        capacity: 2,
        ..common::settings()
    });
    host.joined();
    let (first, second) = (Player::start("first"), Player::start("second"));
    first.join(&host.invite());
    second.peer.join_space(&host.invite());
    let (error, message) = second.join_failed();
    assert_eq!(error, metaverse_space::io::JoinError::Full);
    assert!(message.ends_with('.'), "{message}");
}

#[test]
fn a_game_that_is_frozen_keeps_its_place_and_misses_nothing() {
    let mut crowd = crowd(3);
    let (frozen, _) = crowd.remove(2);
    let (sender, sender_joined) = &crowd[0];
    let other = &crowd[1].0;
    // For longer than a silent peer is kept, and with more than its queue to the game takes.
    let rounds = 44_u32;
    for round in 0..rounds {
        for part in 0..100_u32 {
            sender.send("count", &(100 * round + part).to_le_bytes(), None);
        }
        for part in 0..100_u32 {
            assert_eq!(other.message().2, (100 * round + part).to_le_bytes());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let statistics = frozen.peer.statistics();
    assert!(statistics.events_waiting >= 4_096, "{statistics:#?}");
    for number in 0..100 * rounds {
        let (from, _, data) = frozen.message();
        assert_eq!(
            (from, data),
            (sender_joined.local, number.to_le_bytes().to_vec())
        );
    }
    let lost = std::iter::from_fn(|| sender.peer.next_event())
        .find(|event| matches!(event, PeerEvent::Space(Event::MemberLeft { .. })));
    assert_eq!(lost, None);
}
