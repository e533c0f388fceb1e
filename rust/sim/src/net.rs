//! The network between homes: who is how far from whom, what gets lost on the way, and what carries nothing at all.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use metaverse_protocol::{id::PeerId, time::Time};

use crate::{
    Scenario,
    chance::{self, Chance},
    scenario::{Loss, Place},
};

/// Whoever takes part, by the order of creation.
pub(crate) type Who = usize;

/// Metres that light goes in a second in fibre.
const FIBRE_SPEED: f64 = 2.0e8;
/// The mean radius of the Earth in metres.
const EARTH_RADIUS: f64 = 6.371e6;

/// All that members share of the network. It changes only between two windows of time.
pub(crate) struct Net {
    seed: u64,
    walls: f64,
    detour: [f64; 2],
    pub(crate) loss: Loss,
    /// Seconds that light takes from one place to another, in rows.
    distances: Vec<f64>,
    weights: Vec<f64>,
    homes: Vec<Home>,
    peers: HashMap<PeerId, Who>,
    /// Links, by direction, that carry nothing.
    pub(crate) dead: HashSet<(Who, Who)>,
    /// The share of members that is cut off from the others, and what tells who they are.
    pub(crate) parted: Option<(f64, u64)>,
}

struct Home {
    peer: PeerId,
    place: usize,
    last_mile: f64,
}

impl Net {
    pub(crate) fn new(scenario: &Scenario, seed: u64) -> Self {
        let places = &scenario.places;
        let from = |a: &Place| places.iter().map(|b| distance(a, b)).collect::<Vec<_>>();
        Self {
            seed,
            walls: scenario.walls,
            detour: scenario.detour,
            loss: scenario.loss,
            distances: places.iter().flat_map(from).collect(),
            weights: places.iter().map(|place| place.weight).collect(),
            homes: Vec::new(),
            peers: HashMap::new(),
            dead: HashSet::new(),
            parted: None,
        }
    }

    /// Somebody moves in somewhere.
    pub(crate) fn add(&mut self, peer: PeerId, last_mile_ms: f64, chance: &mut Chance) -> Who {
        let who = self.homes.len();
        let mut left = chance.share() * self.weights.iter().sum::<f64>();
        let passed = |weight: &&f64| {
            left -= **weight;
            left >= 0.0
        };
        let place = self.weights.iter().take_while(passed).count();
        self.homes.push(Home {
            peer,
            place: place.min(self.weights.len() - 1),
            last_mile: last_mile_ms / 1_000.0,
        });
        self.peers.insert(peer, who);
        who
    }

    pub(crate) fn who(&self, peer: PeerId) -> Option<Who> {
        self.peers.get(&peer).copied()
    }

    pub(crate) fn peer(&self, who: Who) -> PeerId {
        self.homes[who].peer
    }

    /// How long a packet takes without any queue.
    pub(crate) fn delay(&self, a: Who, b: Who) -> Duration {
        let (from, to) = (&self.homes[a], &self.homes[b]);
        let distance = self.distances[from.place * self.weights.len() + to.place];
        let [least, most] = self.detour;
        let detour = least + (most - least) * self.draw(a, b, 1);
        Duration::from_secs_f64(from.last_mile + to.last_mile + detour * distance)
    }

    /// Whether two cannot reach each other directly.
    pub(crate) fn is_walled(&self, a: Who, b: Who) -> bool {
        self.draw(a, b, 2) < self.walls
    }

    /// Whether anything that is sent arrives.
    pub(crate) fn carries(&self, from: Who, to: Who) -> bool {
        !self.is_walled(from, to)
            && (self.dead.is_empty() || !self.dead.contains(&(from, to)))
            && self.is_beyond(from) == self.is_beyond(to)
    }

    fn is_beyond(&self, who: Who) -> bool {
        self.parted
            .is_some_and(|(share, salt)| chance::share(chance::mix(salt, who as u64)) < share)
    }

    /// What was drawn once and for all for a pair.
    fn draw(&self, a: Who, b: Who, what: u64) -> f64 {
        let pair = (a.min(b) as u64) << 32 | a.max(b) as u64;
        chance::share(chance::mix(chance::mix(self.seed, what), pair))
    }
}

/// Seconds along the great circle (the haversine formula).
fn distance(a: &Place, b: &Place) -> f64 {
    let [from, to] = [a.latitude.to_radians(), b.latitude.to_radians()];
    let across = (b.longitude - a.longitude).to_radians();
    let chord =
        ((to - from) / 2.0).sin().powi(2) + from.cos() * to.cos() * (across / 2.0).sin().powi(2);
    2.0 * EARTH_RADIUS * chord.sqrt().min(1.0).asin() / FIBRE_SPEED
}

/// One direction of a home's link: bytes go one after the other, and what would wait too long is dropped.
pub(crate) struct Queue {
    nanos_per_byte: f64,
    most: u64,
    /// When all that waits is through, in nanoseconds.
    free: u64,
}

impl Queue {
    pub(crate) fn new(mbit: f64, buffer_ms: f64) -> Self {
        Self {
            nanos_per_byte: 8_000.0 / mbit,
            most: (buffer_ms * 1e6) as u64,
            free: 0,
        }
    }

    /// When so many bytes are through; `None` if there is no room for them.
    pub(crate) fn pass(&mut self, now: Time, bytes: usize) -> Option<Time> {
        let begin = self.free.max(now.0 * 1_000);
        if begin - now.0 * 1_000 > self.most {
            return None;
        }
        self.free = begin + (self.nanos_per_byte * bytes as f64) as u64;
        Some(Time(self.free.div_ceil(1_000)))
    }

    /// When no more than half of the room is taken.
    pub(crate) fn half_free(&self) -> Time {
        Time(self.free.saturating_sub(self.most / 2) / 1_000)
    }
}

/// Whether one direction of a link loses everything at the moment: a Markov chain in continuous time with two states,
/// looked at when something is sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Burst {
    is_on: bool,
    seen: Time,
}

impl Burst {
    /// Whether what is sent now is lost.
    pub(crate) fn takes(&mut self, now: Time, loss: Loss, chance: &mut Chance) -> bool {
        if loss.share <= 0.0 {
            return false;
        }
        let passed = now.since(self.seen).as_secs_f64() * 1_000.0;
        let memory = (-passed / (loss.burst_ms * (1.0 - loss.share))).exp();
        let before = if self.is_on { 1.0 } else { 0.0 };
        self.is_on = chance.share() < loss.share + (before - loss.share) * memory;
        self.seen = now;
        self.is_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zurich_is_as_far_from_new_york_as_maps_say() {
        let [zurich, new_york] = [(47.4, 8.5), (40.7, -74.0)].map(|(latitude, longitude)| Place {
            latitude,
            longitude,
            weight: 1.0,
        });
        let metres = distance(&zurich, &new_york) * FIBRE_SPEED;
        assert!((metres - 6.32e6).abs() < 0.05e6, "{metres}");
    }

    #[test]
    fn a_queue_takes_its_time_and_drops_what_is_too_much() {
        let mut queue = Queue::new(8.0, 10.0);
        assert_eq!(queue.pass(Time(5), 1_000), Some(Time(1_005)));
        assert_eq!(queue.pass(Time(5), 10_000), Some(Time(11_005)));
        assert_eq!(queue.pass(Time(5), 1), None);
        assert_eq!(queue.half_free(), Time(6_005));
        assert!(queue.pass(Time(1_005), 1).is_some());
    }

    #[test]
    fn loss_has_the_share_and_the_length_that_were_asked_for() {
        let loss = Loss {
            share: 0.1,
            burst_ms: 40.0,
        };
        let (mut burst, mut chance) = (Burst::default(), Chance::new(1, 1));
        let states: Vec<bool> = (0..200_000)
            .map(|packet| burst.takes(Time(packet * 1_000), loss, &mut chance))
            .collect();
        let taken = states.iter().filter(|is_taken| **is_taken).count();
        let bursts = states.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        assert!((taken as f64 / 200_000.0 - 0.1).abs() < 0.01, "{taken}");
        let length = taken as f64 / bursts as f64;
        assert!((length - 40.0).abs() < 4.0, "{length} ms");
    }
}
