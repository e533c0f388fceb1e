//! What a member has to do, in the order of time.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, VecDeque},
};

use metaverse_protocol::time::Time;

use crate::{net::Who, wire::Piece};

/// A piece on its way.
pub(crate) struct Arrival {
    pub(crate) from: Who,
    pub(crate) link: u64,
    /// Bytes that it takes on the receiver's link, with its share of the packet's headers.
    pub(crate) bytes: usize,
    /// Whether it is the first of its packet.
    pub(crate) begins_packet: bool,
    pub(crate) piece: Piece,
}

/// Something to do.
pub(crate) enum Task {
    /// A piece has come to the router before the home.
    Arrive(Arrival),
    /// A piece has come into the home.
    Take(Arrival),
    /// An acknowledgement to somebody is due, unless it has gone with something else.
    Acknowledge(Who),
    /// The alarm of the machine.
    Wake,
    /// The game captures a pose.
    Capture,
    /// The game tells where the player looks from.
    Watch,
    /// The player says something.
    Say,
    /// Segments that wait for room may go.
    Pump,
    /// A segment may have got lost.
    Resend(Who, u64),
    /// A link is to be looked after.
    Tend(Who, u64),
    /// A liar does what it does.
    Lie,
}

struct Due {
    at: Time,
    order: u64,
    task: Task,
}

/// All of it. What keeps its order by itself waits in rows of its own, which are cheaper than the heap.
#[derive(Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Reverse<Due>>,
    inside: VecDeque<(Time, Arrival)>,
    owed: VecDeque<(Time, Who)>,
    next: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at: Time, task: Task) {
        let order = self.next;
        self.next += 1;
        self.heap.push(Reverse(Due { at, order, task }));
    }

    /// Adds a piece that is through the member's own link, not before any that was added this way.
    pub(crate) fn add_inside(&mut self, at: Time, arrival: Arrival) {
        self.inside.push_back((at, arrival));
    }

    /// Adds an acknowledgement, not before any that was added.
    pub(crate) fn add_owed(&mut self, at: Time, to: Who) {
        self.owed.push_back((at, to));
    }

    /// The next thing to do before `until`, and when.
    pub(crate) fn next(&mut self, until: Time) -> Option<(Time, Task)> {
        let never = until;
        let heap = self.heap.peek().map_or(never, |Reverse(due)| due.at);
        let inside = self.inside.front().map_or(never, |(at, _)| *at);
        let owed = self.owed.front().map_or(never, |(at, _)| *at);
        let first = heap.min(inside).min(owed);
        if first >= until {
            return None;
        }
        if first == inside {
            let (at, arrival) = self.inside.pop_front()?;
            return Some((at, Task::Take(arrival)));
        }
        if first == owed {
            let (at, to) = self.owed.pop_front()?;
            return Some((at, Task::Acknowledge(to)));
        }
        let Reverse(due) = self.heap.pop()?;
        Some((due.at, due.task))
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Due {}
