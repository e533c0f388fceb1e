//! What waits for the game to fetch it: bounded, because a minimised game may not fetch for hours.

use std::collections::{HashMap, VecDeque};

use metaverse_protocol::id::{ContentHash, MemberNumber, PeerId};
use metaverse_space::io::Event;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::{MOST_WAITING_EVENTS, WAITING_BYTES, WAITING_EVENTS};

/// Something the game is told.
#[derive(Clone, PartialEq, Debug)]
pub enum PeerEvent {
    /// The peer has an endpoint and can enter a space. Told again for each fresh identity.
    Online {
        /// Its id.
        peer: PeerId,
    },
    /// Something in the space; all but [`Event::Image`].
    Space(Event),
    /// An image that members wear, ready to be shown.
    Image {
        /// Its hash, by which members name it.
        hash: ContentHash,
        /// Pixels from left to right.
        width: u32,
        /// Pixels from top to bottom.
        height: u32,
        /// `4 * width * height` bytes, row by row from the top left.
        rgba: Vec<u8>,
    },
    /// Shared values are another's: to be fetched with [`crate::Peer::take_state`], all of them, before this is told again.
    StateChanged,
    /// Something that was asked for did not succeed; a sentence for the player.
    Failed(String),
    /// The peer has ended. Nothing follows.
    Stopped,
}

/// Too much waits: the game has not fetched anything for very long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Overflow;

/// The queue from the network to the game.
#[derive(Debug)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    room: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<PeerEvent>,
    /// How many events were ever fetched: the sequence number of the first that waits.
    fetched: usize,
    /// Where each member's newest round trip waits, by sequence number.
    round_trips: HashMap<MemberNumber, usize>,
    message_bytes: usize,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            room: watch::Sender::new(true),
        }
    }

    /// Lets an event wait for the game. The last words of a space always find room.
    pub(crate) fn push(&self, event: PeerEvent) -> Result<(), Overflow> {
        let mut state = self.state.lock();
        if state.replaces_round_trip(&event) {
            return Ok(());
        }
        if state.events.len() >= MOST_WAITING_EVENTS && !is_last(&event) {
            return Err(Overflow);
        }
        state.push(event);
        self.tell_room(&state);
        Ok(())
    }

    /// The event that has waited longest.
    pub(crate) fn next(&self) -> Option<PeerEvent> {
        let mut state = self.state.lock();
        let event = state.pop()?;
        self.tell_room(&state);
        Some(event)
    }

    /// True while there is room for messages.
    pub(crate) fn room(&self) -> watch::Receiver<bool> {
        self.room.subscribe()
    }

    /// Events that wait, and the bytes of messages among them.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.events.len(), state.message_bytes)
    }

    fn tell_room(&self, state: &State) {
        let has_room = state.events.len() < WAITING_EVENTS && state.message_bytes < WAITING_BYTES;
        self.room
            .send_if_modified(|room| std::mem::replace(room, has_room) != has_room);
    }
}

impl State {
    fn push(&mut self, event: PeerEvent) {
        let sequence = self.fetched.wrapping_add(self.events.len());
        match &event {
            PeerEvent::Space(Event::RoundTrip { number, .. }) => {
                self.round_trips.insert(*number, sequence);
            }
            // The number may soon be somebody else's.
            PeerEvent::Space(Event::MemberLeft { number, .. }) => {
                self.round_trips.remove(number);
            }
            PeerEvent::Space(Event::Joined { .. } | Event::Left { .. }) => self.round_trips.clear(),
            _ => {}
        }
        self.message_bytes += message_bytes(&event);
        self.events.push_back(event);
    }

    fn pop(&mut self) -> Option<PeerEvent> {
        let event = self.events.pop_front()?;
        if let PeerEvent::Space(Event::RoundTrip { number, .. }) = &event
            && self.round_trips.get(number) == Some(&self.fetched)
        {
            self.round_trips.remove(number);
        }
        self.fetched = self.fetched.wrapping_add(1);
        self.message_bytes -= message_bytes(&event);
        Some(event)
    }

    /// Puts a round trip in the place of an older one that still waits.
    fn replaces_round_trip(&mut self, event: &PeerEvent) -> bool {
        let PeerEvent::Space(Event::RoundTrip { number, time }) = event else {
            return false;
        };
        let Some(sequence) = self.round_trips.get(number) else {
            return false;
        };
        let place = sequence.wrapping_sub(self.fetched);
        let Some(PeerEvent::Space(Event::RoundTrip { time: older, .. })) =
            self.events.get_mut(place)
        else {
            return false;
        };
        *older = *time;
        true
    }
}

fn message_bytes(event: &PeerEvent) -> usize {
    match event {
        PeerEvent::Space(Event::Message { topic, data, .. }) => topic.len() + data.len(),
        _ => 0,
    }
}

fn is_last(event: &PeerEvent) -> bool {
    matches!(
        event,
        PeerEvent::Space(Event::Left { .. } | Event::JoinFailed { .. }) | PeerEvent::Stopped
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    fn message(bytes: usize) -> PeerEvent {
        let data = Bytes::from(vec![0; bytes]);
        PeerEvent::Space(Event::Message {
            from: MemberNumber(1),
            topic: String::new(),
            private: false,
            data,
        })
    }

    fn round_trip(number: u16, millis: u64) -> PeerEvent {
        PeerEvent::Space(Event::RoundTrip {
            number: MemberNumber(number),
            time: Duration::from_millis(millis),
        })
    }

    fn left(number: u16) -> PeerEvent {
        PeerEvent::Space(Event::MemberLeft {
            number: MemberNumber(number),
            reason: String::new(),
        })
    }

    #[test]
    fn room_ends_with_bytes_and_comes_back() {
        let inbox = Inbox::new();
        let room = inbox.room();
        inbox
            .push(message(WAITING_BYTES))
            .expect("bounded only by number");
        assert!(!*room.borrow());
        assert_eq!(inbox.waiting(), (1, WAITING_BYTES));
        assert!(inbox.next().is_some());
        assert!(*room.borrow());
    }

    #[test]
    fn room_ends_with_many_events() {
        let inbox = Inbox::new();
        for _ in 0..WAITING_EVENTS {
            assert!(*inbox.room().borrow());
            inbox.push(message(1)).expect("room");
        }
        assert!(!*inbox.room().borrow());
    }

    #[test]
    fn only_the_last_words_find_room_in_a_full_inbox() {
        let inbox = Inbox::new();
        for _ in 0..MOST_WAITING_EVENTS {
            inbox.push(left(1)).expect("room");
        }
        assert_eq!(inbox.push(left(1)), Err(Overflow));
        inbox
            .push(PeerEvent::Space(Event::Left {
                reason: "full".to_owned(),
            }))
            .expect("always");
    }

    #[test]
    fn only_the_newest_round_trip_waits() {
        let inbox = Inbox::new();
        for millis in 0..100 {
            inbox.push(round_trip(1, millis)).expect("room");
            inbox.push(round_trip(2, millis)).expect("room");
        }
        assert_eq!(inbox.next(), Some(round_trip(1, 99)));
        inbox.push(round_trip(1, 100)).expect("room");
        assert_eq!(inbox.next(), Some(round_trip(2, 99)));
        assert_eq!(inbox.next(), Some(round_trip(1, 100)));
        assert_eq!(inbox.next(), None);
    }

    #[test]
    fn a_round_trip_stays_behind_the_departure_of_the_number_s_last_owner() {
        let inbox = Inbox::new();
        inbox.push(round_trip(1, 5)).expect("room");
        inbox.push(left(1)).expect("room");
        inbox.push(round_trip(1, 9)).expect("room");
        assert_eq!(inbox.next(), Some(round_trip(1, 5)));
        assert_eq!(inbox.next(), Some(left(1)));
        assert_eq!(inbox.next(), Some(round_trip(1, 9)));
    }
}
