//! One connection, as one of its two ends has it.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use metaverse_protocol::{lane::Lane, time::Time};
use metaverse_space::io::CloseReason;

use crate::wire::{Piece, Place, SEGMENT_BYTES};

/// The round trip that is assumed as long as none was measured.
const FIRST_ROUND_TRIP: Duration = Duration::from_millis(200);
/// How long an acknowledgement may take besides the way (QUIC's `max_ack_delay`).
pub(crate) const ACK_DELAY: Duration = Duration::from_millis(25);
/// Times that the patience with an acknowledgement is doubled at most.
const DOUBLINGS: u32 = 4;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Stage {
    /// Its dialler has not heard anything.
    Dialling,
    /// Its dialler has been answered, but the other side has not chosen it yet.
    Finishing,
    Open,
    /// What was sent is still to arrive, and then this is to be told.
    Closing(CloseReason),
}

pub(crate) struct Link {
    pub(crate) id: u64,
    pub(crate) stage: Stage,
    /// Whether it goes over other members.
    pub(crate) is_over: bool,
    /// When the stage began.
    pub(crate) since: Time,
    /// When anything was heard.
    pub(crate) heard: Time,
    round_trip: Duration,
    sent: [u32; Lane::ALL.len()],
    taken: [Stream; Lane::ALL.len()],
    /// Segments that were not acknowledged.
    waiting: BTreeMap<Place, Segment>,
    pub(crate) is_resending: bool,
    /// Packets to acknowledge, since when, and the segments among what was in them.
    pub(crate) owed: u32,
    pub(crate) owed_since: Time,
    owed_places: Vec<Place>,
}

struct Segment {
    bytes: Bytes,
    is_last: bool,
    sent: Option<Time>,
    tries: u32,
}

/// The segments of a lane put together again.
#[derive(Default)]
struct Stream {
    next: u32,
    early: BTreeMap<u32, (bool, Bytes)>,
    partial: Vec<u8>,
}

impl Link {
    pub(crate) fn new(id: u64, stage: Stage, is_over: bool, now: Time) -> Self {
        Self {
            id,
            stage,
            is_over,
            since: now,
            heard: now,
            round_trip: FIRST_ROUND_TRIP,
            sent: [0; Lane::ALL.len()],
            taken: Default::default(),
            waiting: BTreeMap::new(),
            is_resending: false,
            owed: 0,
            owed_since: now,
            owed_places: Vec::new(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// Whether segments are on their way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Cuts a frame into segments, which are to be sent.
    pub(crate) fn cut(&mut self, lane: Lane, frame: &Bytes) -> impl Iterator<Item = Place> + use<> {
        let sent = &mut self.sent[usize::from(lane.tag())];
        let first = *sent;
        let count = frame.len().div_ceil(SEGMENT_BYTES).max(1);
        for part in 0..count {
            let from = part * SEGMENT_BYTES;
            let bytes = frame.slice(from..frame.len().min(from + SEGMENT_BYTES));
            let segment = Segment {
                bytes,
                is_last: part + 1 == count,
                sent: None,
                tries: 0,
            };
            self.waiting.insert((lane, *sent), segment);
            *sent += 1;
        }
        (first..*sent).map(move |number| (lane, number))
    }

    /// A segment to send now; `None` if it has arrived meanwhile.
    pub(crate) fn send(&mut self, now: Time, place: Place) -> Option<Piece> {
        let segment = self.waiting.get_mut(&place)?;
        segment.sent = Some(now);
        segment.tries += 1;
        Some(Piece::Segment(
            place,
            segment.is_last,
            segment.bytes.clone(),
        ))
    }

    /// The segments that are to be sent again, and when the next ones will be.
    pub(crate) fn overdue(&self, now: Time) -> (Vec<Place>, Option<Time>) {
        let patience = self.round_trip * 3 / 2 + ACK_DELAY;
        let due = |segment: &Segment| {
            let doubled = patience * (1 << segment.tries.saturating_sub(1).min(DOUBLINGS));
            segment.sent.map(|sent| sent + doubled)
        };
        let is_overdue = |segment: &Segment| due(segment).is_some_and(|due| due <= now);
        let overdue = self
            .waiting
            .iter()
            .filter(|(_, segment)| is_overdue(segment));
        let later = self
            .waiting
            .values()
            .filter_map(due)
            .filter(|due| *due > now);
        (
            overdue.map(|(place, _)| *place).collect(),
            later.min().or(self.is_busy().then_some(now + patience)),
        )
    }

    /// Takes in what the other side has got.
    pub(crate) fn acknowledged(&mut self, now: Time, places: &[Place]) {
        for segment in places.iter().filter_map(|place| self.waiting.remove(place)) {
            if let (Some(sent), 1) = (segment.sent, segment.tries) {
                self.round_trip = (self.round_trip * 7 + now.since(sent)) / 8;
            }
        }
    }

    /// Takes in a segment, and notes that it is to be acknowledged.
    pub(crate) fn take(&mut self, (lane, number): Place, is_last: bool, bytes: Bytes) {
        self.owed_places.push((lane, number));
        let stream = &mut self.taken[usize::from(lane.tag())];
        if number >= stream.next {
            stream.early.insert(number, (is_last, bytes));
        }
    }

    /// The next frame of a lane that is whole.
    pub(crate) fn frame(&mut self, lane: Lane) -> Option<Bytes> {
        let stream = &mut self.taken[usize::from(lane.tag())];
        while let Some((is_last, bytes)) = stream.early.remove(&stream.next) {
            stream.next += 1;
            if is_last && stream.partial.is_empty() {
                return Some(bytes);
            }
            stream.partial.extend_from_slice(&bytes);
            if is_last {
                return Some(std::mem::take(&mut stream.partial).into());
            }
        }
        None
    }

    /// The segments to acknowledge, if anything is.
    pub(crate) fn take_owed(&mut self) -> Option<Piece> {
        if self.owed == 0 {
            return None;
        }
        self.owed = 0;
        Some(Piece::Ack(std::mem::take(&mut self.owed_places)))
    }
}
