//! What was moved and what was lost, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// Declares the counters twice: as atomics that everybody adds to, and as the plain numbers that are handed out.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// The counters of one peer.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter),* }

        /// What a peer has moved and lost since it started.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        #[non_exhaustive]
        pub struct Statistics {
            $($(#[$doc])* pub $name: u64,)*
            /// Links that are open.
            pub links: u64,
            /// Events that wait for the game.
            pub events_waiting: u64,
            /// Bytes of messages that wait for the game.
            pub event_bytes_waiting: u64,
            /// Messages of the game that are not delivered to everybody yet.
            pub messages_waiting: u64,
            /// Their bytes.
            pub message_bytes_waiting: u64,
            /// What the space has counted; of the latest space.
            pub space: metaverse_space::Counters,
        }

        impl Statistics {
            /// Each number with its name.
            pub fn entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
                let gauges = [
                    ("links", self.links),
                    ("events_waiting", self.events_waiting),
                    ("event_bytes_waiting", self.event_bytes_waiting),
                    ("messages_waiting", self.messages_waiting),
                    ("message_bytes_waiting", self.message_bytes_waiting),
                ];
                let counted = [$((stringify!($name), self.$name)),*];
                counted.into_iter().chain(gauges).chain(self.space.entries())
            }
        }

        impl Counters {
            /// The numbers of this moment, without the gauges.
            pub(crate) fn read(&self) -> Statistics {
                Statistics { $($name: self.$name.get(),)* ..Statistics::default() }
            }
        }
    };
}

counters! {
    /// Datagrams handed to QUIC.
    datagrams_sent,
    /// Their bytes.
    datagram_bytes_sent,
    /// Datagrams that could not be sent: no link, or too large for the path.
    datagrams_dropped,
    /// Datagrams received.
    datagrams_received,
    /// Their bytes.
    datagram_bytes_received,
    /// Frames handed to QUIC.
    frames_sent,
    /// Their bytes.
    frame_bytes_sent,
    /// Frames dropped because there was no link, or too much waited on it.
    frames_dropped,
    /// Frames received.
    frames_received,
    /// Their bytes.
    frame_bytes_received,
    /// Packets dropped because too many were to be carried by other members, or were carried here, at once.
    carried_dropped,
    /// Links opened.
    links_opened,
    /// Dials that reached nobody.
    dials_failed,
    /// Connections refused: too many at once, from beyond the reach, or while in no space.
    incoming_refused,
    /// Connections of peers that speak another version, dialled by them or by us.
    incompatible,
    /// Connections that did not complete their handshake.
    handshakes_failed,
    /// Second connections of a pair that were given up.
    duplicates_closed,
    /// Links closed because the other side broke the rules of lanes and frames.
    closed_malformed,
    /// Links closed because the other side did not take what was sent to it.
    closed_not_reading,
    /// Messages refused because too many wait.
    messages_busy,
    /// Poses of the game dropped: too large, or of too many avatars.
    poses_dropped,
    /// Received poses that were not readable, or of too many avatars.
    poses_rejected,
    /// Received poses replaced by newer ones before the game took them.
    poses_overwritten,
    /// Received images that could not be shown.
    images_rejected,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: usize) {
        self.0.fetch_add(amount as u64, Ordering::Relaxed);
    }

    pub(crate) fn increment(&self) {
        self.add(1);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
