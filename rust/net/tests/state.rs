//! The shared state between real peers.

mod common;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::{FRAME, LONG, Player, two};
use metaverse_protocol::state::Key;
use metaverse_space::{io::Event, state::Mirror};

/// A player's view of the shared state, as a game would keep it.
#[derive(Default)]
struct Seen {
    mirror: Mirror,
    news: Vec<(Key, metaverse_space::state::StateNews)>,
}

impl Seen {
    fn take(&mut self, player: &Player) {
        while player.peer.take_state(1_000, &mut self.news) {}
        for (key, news) in self.news.drain(..) {
            self.mirror.take(&key, news);
        }
    }

    fn write(&mut self, player: &Player, name: &str, value: Option<&[u8]>) {
        let value = value.map(Bytes::copy_from_slice);
        let is_new = self.mirror.write(&key(name), value.clone());
        if is_new.expect("within the limits") {
            let written = player.peer.write_state(key(name), value);
            written.expect("in a space");
        }
    }

    fn until(&mut self, player: &Player, what: &str, holds: impl Fn(&Mirror) -> bool) -> Duration {
        let since = Instant::now();
        loop {
            self.take(player);
            if holds(&self.mirror) {
                return since.elapsed();
            }
            assert!(
                since.elapsed() < LONG,
                "{what}: {:#?}",
                player.peer.statistics()
            );
            sleep(FRAME);
        }
    }

    fn until_value(&mut self, player: &Player, name: &str, value: Option<&[u8]>) {
        self.until(player, name, |mirror| {
            mirror.get(&key(name)).map(|value| &value[..]) == value
        });
    }
}

fn key(name: &str) -> Key {
    Key::new(name).expect("a key")
}

#[test]
fn what_one_writes_the_other_sees() {
    let (ada, _, ben, _) = two();
    let (mut at_ada, mut at_ben) = (Seen::default(), Seen::default());
    at_ada.write(&ada, "door", Some(b"open"));
    at_ben.until_value(&ben, "door", Some(b"open"));
    at_ben.write(&ben, "door", Some(b"shut"));
    at_ada.until_value(&ada, "door", Some(b"shut"));
    at_ada.write(&ada, "door", None);
    at_ben.until_value(&ben, "door", None);
    let large = vec![7; 64 * 1024];
    at_ben.write(&ben, "picture", Some(&large));
    at_ada.until_value(&ada, "picture", Some(&large));
    assert_eq!(ada.peer.statistics().frames_dropped, 0);
}

#[test]
fn who_comes_late_has_ten_thousand_keys_soon() {
    let (ada, _, _ben, _) = two();
    let mut at_ada = Seen::default();
    for number in 0..10_000_u32 {
        at_ada.write(
            &ada,
            &format!("object/{number}/place"),
            Some(&number.to_le_bytes()),
        );
    }
    let late = Player::start("late");
    late.join(&ada.invite());
    let mut at_late = Seen::default();
    let took = at_late.until(&late, "a snapshot", |mirror| mirror.len() == 10_000);
    assert!(took < Duration::from_secs(5), "{took:?}");
    late.space("the end of the snapshot", |event| {
        matches!(event, Event::StateSynchronized).then_some(())
    });
}

#[test]
fn the_last_word_of_who_leaves_arrives() {
    for _ in 0..5 {
        let (ada, _, ben, _) = two();
        let (mut at_ada, mut at_ben) = (Seen::default(), Seen::default());
        at_ada.write(&ada, "first", Some(b"word"));
        at_ada.write(&ada, "last", Some(&vec![1; 60_000]));
        ada.peer.leave_space();
        ada.left();
        at_ben.until_value(&ben, "last", Some(&vec![1; 60_000]));
    }
}

#[test]
fn four_megabytes_arrive() {
    let (ada, _, ben, _) = two();
    let (mut at_ada, mut at_ben) = (Seen::default(), Seen::default());
    for number in 0..63_u8 {
        let value = vec![number; 64 * 1024];
        at_ada.write(&ada, &number.to_string(), Some(&value));
    }
    at_ben.until(&ben, "everything", |mirror| mirror.len() == 63);
    let late = Player::start("late");
    late.join(&ben.invite());
    Seen::default().until(&late, "a snapshot", |mirror| mirror.len() == 63);
}

#[test]
fn nothing_is_written_outside_a_space() {
    let ada = Player::start("Ada");
    ada.online();
    assert!(ada.peer.write_state(key("k"), None).is_err());
    ada.create();
    assert!(ada.peer.write_state(key("k"), None).is_ok());
}
