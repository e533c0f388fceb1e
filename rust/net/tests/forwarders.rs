//! More members than a full mesh takes, on real links: they have few, and still everybody hears everybody.

mod common;

use std::{
    collections::BTreeSet,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{FRAME, Player, settings};
use metaverse_net::SpaceSettings;
use metaverse_protocol::limits::FULL_MESH;
use metaverse_space::io::Event;

const MEMBERS: usize = FULL_MESH + 4;
/// The machine may be slow, and has all of them to carry.
const PATIENCE: Duration = Duration::from_mins(1);

/// So many in one space, all of whom know all.
fn crowd() -> Vec<Player> {
    let host = Player::start("host");
    host.peer.create_space(SpaceSettings {
        capacity: 64,
        ..settings()
    });
    host.joined();
    let invite = host.invite();
    let mut crowd = vec![host];
    for number in 1..MEMBERS {
        let player = Player::start(&number.to_string());
        player.peer.join_space(&invite);
        crowd.push(player);
    }
    for (place, player) in crowd.iter().enumerate() {
        let mut known = if place == 0 {
            1
        } else {
            player.joined().members.len()
        };
        while known < MEMBERS {
            player.member_joined();
            known += 1;
        }
    }
    crowd
}

/// How many links members have, the median first of all.
fn links(crowd: &[Player]) -> (u64, Vec<u64>) {
    let mut links: Vec<u64> = crowd
        .iter()
        .map(|player| player.peer.statistics().links)
        .collect();
    links.sort_unstable();
    (links[links.len() / 2], links)
}

fn everybody_hears_everybody(crowd: &[Player], topic: &str) {
    for player in crowd {
        player.send(topic, b"", None);
    }
    for player in crowd {
        let mut heard = BTreeSet::new();
        while heard.len() < crowd.len() - 1 {
            let (from, what, _) = player.message();
            assert_eq!(what, topic);
            assert!(heard.insert(from), "twice from {from:?}");
        }
    }
}

#[test]
fn a_crowd_has_few_links_and_hears_all_and_goes_on_without_its_host() {
    let mut crowd = crowd();
    let deadline = Instant::now() + PATIENCE;
    while links(&crowd).0 > 3 {
        assert!(Instant::now() < deadline, "{:?} links", links(&crowd));
        sleep(FRAME);
    }
    everybody_hears_everybody(&crowd, "all here");
    drop(crowd.remove(0));
    for player in &crowd {
        player.space("a new host", |event| match event {
            Event::HostChanged { host } => Some(host),
            _ => None,
        });
    }
    everybody_hears_everybody(&crowd, "still here");
}
