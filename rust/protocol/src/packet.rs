//! Packets of one member's transport that others carry to another member: in one datagram, or in two where they are
//! longer than one. What is in them is encrypted from end to end, and no carrier's business.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::limits::{PACKET_BYTES, PACKET_PART_BYTES, PACKETS_IN_PARTS};

const SPLIT: u8 = 0x80;
const SECOND: u8 = 0x40;

/// A packet, or one of its two parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PacketPart<'a> {
    /// Which part of which packet it is: the packet's number in the low six bits.
    pub(crate) header: u8,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// Cuts `packet` into one or two parts; none if it is empty or longer than [`PACKET_BYTES`]. `number` tells it from the
/// packets before it and wraps.
pub fn split(number: u8, packet: &[u8]) -> impl Iterator<Item = PacketPart<'_>> {
    let number = number & (SECOND - 1);
    let is_packet = packet.len() <= PACKET_BYTES;
    let is_split = packet.len() > PACKET_PART_BYTES;
    packet
        .chunks(PACKET_PART_BYTES)
        .filter(move |_| is_packet)
        .enumerate()
        .map(move |(place, bytes)| PacketPart {
            header: number | if is_split { SPLIT } else { 0 } | if place > 0 { SECOND } else { 0 },
            bytes,
        })
}

/// Puts the parts of one member's packets together again.
#[derive(Debug, Default)]
pub struct Assembler {
    waiting: VecDeque<(u8, Bytes)>,
}

impl Assembler {
    /// Takes a part in; returns the packet that is whole with it.
    pub fn take(&mut self, part: PacketPart<'_>) -> Option<Bytes> {
        if part.header & SPLIT == 0 {
            return Some(Bytes::copy_from_slice(part.bytes));
        }
        let other = self
            .waiting
            .iter()
            .position(|(header, _)| *header == part.header ^ SECOND);
        let Some((_, other)) = other.and_then(|place| self.waiting.remove(place)) else {
            if self.waiting.len() == PACKETS_IN_PARTS {
                self.waiting.pop_front();
            }
            let bytes = Bytes::copy_from_slice(part.bytes);
            self.waiting.push_back((part.header, bytes));
            return None;
        };
        let (first, second) = if part.header & SECOND == 0 {
            (part.bytes, &other[..])
        } else {
            (&other[..], part.bytes)
        };
        Some([first, second].concat().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_packet_is_not_cut() {
        assert_eq!(split(0, &[]).count(), 0);
        assert_eq!(split(0, &[0; PACKET_BYTES + 1]).count(), 0);
        assert_eq!(split(0, &[0; PACKET_BYTES]).count(), 2);
    }

    #[test]
    fn parts_without_their_other_half_are_forgotten_in_the_end() {
        let mut assembler = Assembler::default();
        let packet = vec![1; PACKET_BYTES];
        for number in 0..100 {
            let first = split(number, &packet).next().expect("a part");
            assert_eq!(assembler.take(first), None);
        }
        assert_eq!(assembler.waiting.len(), PACKETS_IN_PARTS);
    }

    proptest! {
        #[test]
        fn packets_come_out_as_they_went_in(
            lengths in prop::collection::vec(1..=PACKET_BYTES, 1..8),
            swap in any::<bool>(),
        ) {
            let mut assembler = Assembler::default();
            for (number, length) in lengths.into_iter().enumerate() {
                let packet: Vec<u8> = (0..length).map(|place| (place + number) as u8).collect();
                let mut parts: Vec<_> = split(number as u8, &packet).collect();
                if swap {
                    parts.reverse();
                }
                let whole: Vec<Bytes> = parts.into_iter().filter_map(|part| assembler.take(part)).collect();
                prop_assert_eq!(whole, [Bytes::from(packet)]);
            }
        }
    }
}
