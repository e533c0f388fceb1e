//! Links with latency, walls between them, and what the transport does when nothing gets across.

use std::time::Duration;

use metaverse_protocol::{id::PeerId, time::Time};
use metaverse_space::io::{CloseReason, DialError, Input, PathKind};

use super::{LATENCY, TRANSPORT_PATIENCE, Who, World};

/// How often the transport tries to get something across.
const RETRY: Duration = Duration::from_millis(20);
/// How long a dial over others may take.
const DIAL_PATIENCE: Duration = Duration::from_secs(3);

pub enum Delivery {
    Dial {
        from: Who,
        tries: u32,
    },
    Connected {
        by: Who,
        link: u64,
        is_last: bool,
    },
    DialFailed {
        peer: PeerId,
    },
    Input {
        link: u64,
        from: Who,
        input: Input,
    },
    Wake {
        at: Time,
    },
    /// The transport tries again to get across what did not arrive.
    TryAgain {
        from: Who,
        link: u64,
    },
}

/// What the transports of two without a straight way say to each other.
pub enum Packet {
    Dial,
    Accept { link: u64 },
    Input { link: u64, input: Input },
}

impl World {
    /// Gone without a word.
    pub fn kill(&mut self, who: Who) {
        self.people[who].space = None;
        self.people[who].is_alive = false;
        self.links.retain(|&(of, _), _| of != who);
    }

    /// What of `who`'s frames was sent within the last `time` arrives nowhere, and its links break.
    pub fn kill_with_frames(&mut self, who: Who) {
        self.deliveries.retain(
            |_, (_, delivery)| !matches!(delivery, Delivery::Input { from, .. } if *from == who),
        );
        self.kill(who);
    }

    /// Breaks the link between two, as a router that forgets does, and tells both.
    pub fn break_link(&mut self, a: Who, b: Who) {
        self.give_up(a, b);
        self.give_up(b, a);
    }

    /// Somebody's transport gives up the link to another, which has yet to notice.
    pub fn give_up(&mut self, who: Who, other: Who) {
        let Some(&link) = self.links.get(&(who, other)) else {
            return;
        };
        let peer = self.peer(other);
        let input = Input::Disconnected {
            peer,
            reason: CloseReason::Failed,
        };
        let delivery = Delivery::Input {
            link,
            from: other,
            input,
        };
        self.deliver(who, Duration::ZERO, delivery);
    }

    /// Whether both have a link to each other.
    pub fn is_linked(&self, a: Who, b: Who) -> bool {
        self.links.contains_key(&(a, b)) && self.links.contains_key(&(b, a))
    }

    /// Hands a packet of the transport to the machine, to be carried by others.
    pub(super) fn pack(&mut self, who: Who, to: Who, packet: Packet) {
        let length = match &packet {
            Packet::Input {
                input: Input::Frame { bytes, .. } | Input::Datagram { bytes, .. },
                ..
            } => bytes.len().min(1_200),
            _ => 1_200,
        };
        let id = self.next;
        self.next += 1;
        self.packets.insert(id, (who, packet));
        let mut bytes = id.to_le_bytes().to_vec();
        bytes.resize(bytes.len() + length, 0);
        let to = self.peer(to);
        self.input(
            who,
            Input::Packet {
                to,
                bytes: bytes.into(),
            },
        );
    }

    pub(super) fn take_packet(&mut self, who: Who, from: PeerId, bytes: &[u8]) {
        let id = bytes.first_chunk().map(|id| u64::from_le_bytes(*id));
        let Some((sender, packet)) = id.and_then(|id| self.packets.remove(&id)) else {
            return;
        };
        assert_eq!(self.peer(sender), from, "carried from whom it came");
        let link = match packet {
            Packet::Input { link, input } => {
                return self.arrive(
                    who,
                    Delivery::Input {
                        link,
                        from: sender,
                        input,
                    },
                );
            }
            Packet::Accept { link } => {
                self.dials.remove(&pair(who, sender));
                link
            }
            Packet::Dial => self.next,
        };
        self.links.insert((who, sender), link);
        if matches!(packet, Packet::Dial) {
            self.pack(who, sender, Packet::Accept { link });
        }
        self.input(who, Input::Connected { peer: from });
        self.input(
            who,
            Input::Path {
                peer: from,
                kind: PathKind::Forwarded,
            },
        );
    }

    pub(super) fn dial(&mut self, who: Who, peer: PeerId) {
        let Some(other) = self
            .who(peer)
            .filter(|other| !self.links.contains_key(&(who, *other)))
        else {
            return;
        };
        // Of two that dial each other at once one is enough.
        let is_first = self.dials.insert(pair(who, other));
        let is_walled = self.walls.contains(&pair(who, other));
        if is_walled || !is_first {
            self.deliver(who, DIAL_PATIENCE, Delivery::DialFailed { peer });
        }
        match (is_first, is_walled) {
            (true, true) => self.pack(who, other, Packet::Dial),
            (true, false) => {
                let dial = Delivery::Dial {
                    from: who,
                    tries: 6,
                };
                self.deliver(other, LATENCY, dial);
            }
            (false, _) => {}
        }
    }

    /// A dial arrives, or is tried again like any handshake that is not answered.
    fn dialled(&mut self, who: Who, from: Who, tries: u32) {
        if self.people[who].space.is_some() && !self.cuts.contains(&pair(who, from)) {
            let link = self.next;
            self.deliver(
                who,
                Duration::ZERO,
                Delivery::Connected {
                    by: from,
                    link,
                    is_last: false,
                },
            );
            return self.deliver(
                from,
                LATENCY,
                Delivery::Connected {
                    by: who,
                    link,
                    is_last: true,
                },
            );
        }
        if tries > 0 {
            return self.deliver(
                who,
                Duration::from_millis(500),
                Delivery::Dial {
                    from,
                    tries: tries - 1,
                },
            );
        }
        let peer = self.peer(who);
        self.deliver(from, Duration::ZERO, Delivery::DialFailed { peer });
    }

    pub(super) fn send(&mut self, from: Who, to: PeerId, input: Input) {
        let Some(to) = self.who(to) else { return };
        if self.dead.contains(&(from, to)) {
            return;
        }
        if let Some(&link) = self.links.get(&(from, to)) {
            if self.walls.contains(&pair(from, to)) {
                return self.pack(from, to, Packet::Input { link, input });
            }
            let slowness = if self.slow.contains(&pair(from, to)) {
                self.slowness
            } else {
                1
            };
            self.deliver(
                to,
                slowness * LATENCY,
                Delivery::Input { link, from, input },
            );
        }
    }

    pub(super) fn arrive(&mut self, to: Who, delivery: Delivery) {
        match delivery {
            Delivery::Dial { from, tries } => self.dialled(to, from, tries),
            Delivery::Connected { by, link, is_last } => {
                if is_last {
                    self.dials.remove(&pair(to, by));
                }
                if self.people[to].space.is_some() {
                    self.links.insert((to, by), link);
                    let peer = self.peer(by);
                    self.input(to, Input::Connected { peer });
                    self.input(
                        to,
                        Input::Path {
                            peer,
                            kind: PathKind::Direct,
                        },
                    );
                }
            }
            Delivery::DialFailed { peer } => self.dial_failed(to, peer),
            Delivery::Input { link, from, input } => {
                if self.links.get(&(to, from)) != Some(&link) {
                    return;
                }
                let is_cut = self.cuts.contains(&pair(to, from));
                let is_frame = matches!(input, Input::Frame { .. });
                if is_frame && (is_cut || self.held.contains_key(&(to, from, link))) {
                    return self.hold(to, from, link, input);
                }
                if is_cut && matches!(input, Input::Datagram { .. }) {
                    return;
                }
                if matches!(input, Input::Disconnected { .. }) {
                    self.links.remove(&(to, from));
                }
                self.input(to, input);
            }
            Delivery::TryAgain { from, link } => self.try_again(to, from, link),
            Delivery::Wake { at } => {
                if self.people[to].wake == Some(at) {
                    self.people[to].wake = None;
                    self.input(to, Input::Wake);
                }
            }
        }
    }

    fn dial_failed(&mut self, who: Who, peer: PeerId) {
        let other = self.who(peer).expect("was dialled");
        self.dials.remove(&pair(who, other));
        if !self.links.contains_key(&(who, other)) {
            let error = DialError::Unreachable;
            self.input(who, Input::DialFailed { peer, error });
        }
    }

    /// Keeps a frame that cannot arrive, and all after it, until they can.
    fn hold(&mut self, to: Who, from: Who, link: u64, input: Input) {
        let held = self.held.entry((to, from, link));
        let (_, held) = held.or_insert((self.time, Vec::new()));
        held.push(input);
        if held.len() == 1 {
            self.deliver(to, RETRY, Delivery::TryAgain { from, link });
        }
    }

    fn try_again(&mut self, to: Who, from: Who, link: u64) {
        let is_open = self.links.get(&(to, from)) == Some(&link);
        let (since, held) = self.held.remove(&(to, from, link)).expect("is held");
        if is_open && self.cuts.contains(&pair(to, from)) {
            if self.time.since(since) < TRANSPORT_PATIENCE {
                self.held.insert((to, from, link), (since, held));
                return self.deliver(to, RETRY, Delivery::TryAgain { from, link });
            }
            return self.break_link(to, from);
        }
        for input in held {
            self.arrive(to, Delivery::Input { link, from, input });
        }
    }
}

fn pair(a: Who, b: Who) -> (Who, Who) {
    (a.min(b), a.max(b))
}
