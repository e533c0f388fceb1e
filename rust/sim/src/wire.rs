//! What the transports of two members say to each other: as little of QUIC as a space depends on.

use bytes::{BufMut, Bytes, BytesMut};
use metaverse_protocol::lane::Lane;
use metaverse_space::io::CloseReason;

/// Bytes of a packet besides what is said in it: 20 of IPv4, 8 of UDP, 28 of QUIC (flags, connection, number, seal, and
/// the header of the first frame).
pub(crate) const PACKET_BYTES: usize = 56;
/// Bytes of QUIC in a packet that is carried over members.
const SEAL_BYTES: usize = 28;
/// Bytes that all frames of a packet may take, so that it is no longer than 1,200 bytes.
pub(crate) const PACKET_ROOM: usize = 1_200 - PACKET_BYTES;
/// Bytes of the header of a further frame.
pub(crate) const FRAME_BYTES: usize = 3;
/// Bytes of an acknowledgement.
pub(crate) const ACK_BYTES: usize = 10;
/// Bytes of a lane that are sent at once.
pub(crate) const SEGMENT_BYTES: usize = 1_100;
/// The header of a stream's frame, and the length of a lane's.
const SEGMENT_HEADER_BYTES: usize = 8;

/// A piece of a lane, by its place in it.
pub(crate) type Place = (Lane, u32);

/// One thing that is said.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// A handshake's four steps, by turns of the dialler and the other side.
    Handshake(u8),
    Datagram(Bytes),
    /// A part of what goes on a lane, and whether a frame of the lane ends with it.
    Segment(Place, bool, Bytes),
    /// Segments that have come; datagrams are acknowledged by the bytes alone.
    Ack(Vec<Place>),
    Close(CloseReason),
    /// There is no such link.
    Reset,
    /// Looks for a straight path of a link that goes over members, or answers such a look.
    Probe(bool),
}

impl Piece {
    /// Bytes that it takes in a packet.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Handshake(0 | 1) => PACKET_ROOM,
            Self::Handshake(_) => 100,
            Self::Datagram(bytes) => bytes.len(),
            Self::Segment(_, _, bytes) => SEGMENT_HEADER_BYTES + bytes.len(),
            Self::Ack(places) => ACK_BYTES + 2 * places.len(),
            Self::Close(_) | Self::Reset | Self::Probe(_) => 12,
        }
    }

    /// Whether the other side acknowledges it.
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self, Self::Datagram(_) | Self::Segment(..))
    }

    /// As a packet of `link` that others carry.
    pub(crate) fn seal(&self, link: u64) -> Bytes {
        let mut out = BytesMut::with_capacity(SEAL_BYTES + 16 + self.length());
        out.put_u64(link);
        match self {
            Self::Handshake(step) => out.put_slice(&[0, *step]),
            Self::Datagram(bytes) => {
                out.put_u8(1);
                out.put_slice(bytes);
            }
            Self::Segment(place, is_last, bytes) => {
                out.put_u8(2);
                put_place(&mut out, *place);
                out.put_u8(u8::from(*is_last));
                out.put_slice(bytes);
            }
            Self::Ack(places) => {
                out.put_u8(3);
                for place in places {
                    put_place(&mut out, *place);
                }
            }
            Self::Close(reason) => out.put_slice(&[4, *reason as u8]),
            Self::Reset => out.put_u8(5),
            Self::Probe(is_answer) => out.put_slice(&[6, u8::from(*is_answer)]),
        }
        let length = out.len() as u16;
        // As long as it would be if it were sealed.
        let sealed = SEAL_BYTES + self.length();
        out.resize(sealed.max(out.len() + 2) - 2, 0);
        out.put_u16(length);
        out.freeze()
    }

    /// The link and what is said on it; `None` if no transport has sent that.
    pub(crate) fn open(packet: &Bytes) -> Option<(u64, Self)> {
        let (rest, length) = packet.split_last_chunk()?;
        let said = packet.slice(..usize::from(u16::from_be_bytes(*length)).min(rest.len()));
        let (link, body) = said.split_first_chunk()?;
        let (&kind, body) = body.split_first()?;
        let piece = match (kind, body) {
            (0, [step]) => Self::Handshake(*step),
            (1, _) => Self::Datagram(said.slice_ref(body)),
            (2, _) => {
                let (place, body) = take_place(body)?;
                let (&is_last, body) = body.split_first()?;
                Self::Segment(place, is_last == 1, said.slice_ref(body))
            }
            (3, _) => Self::Ack(
                body.chunks(5)
                    .map(|place| Some(take_place(place)?.0))
                    .collect::<Option<_>>()?,
            ),
            (4, [reason]) => Self::Close(close_reason(*reason)?),
            (5, []) => Self::Reset,
            (6, [is_answer]) => Self::Probe(*is_answer == 1),
            _ => return None,
        };
        Some((u64::from_be_bytes(*link), piece))
    }
}

fn put_place(out: &mut BytesMut, (lane, number): Place) {
    out.put_u8(lane.tag());
    out.put_u32(number);
}

fn take_place(bytes: &[u8]) -> Option<(Place, &[u8])> {
    let (&lane, bytes) = bytes.split_first()?;
    let (number, bytes) = bytes.split_first_chunk()?;
    Some(((Lane::from_tag(lane)?, u32::from_be_bytes(*number)), bytes))
}

fn close_reason(number: u8) -> Option<CloseReason> {
    use CloseReason::{Done, Failed, Flooding, Malformed, NotReading, Silent, Unauthorized};
    let all = [
        Done,
        Silent,
        Malformed,
        Flooding,
        NotReading,
        Unauthorized,
        Failed,
    ];
    all.into_iter().find(|reason| *reason as u8 == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_as_it_was_and_has_its_length() {
        let bytes = Bytes::from(vec![7; SEGMENT_BYTES]);
        let pieces = [
            Piece::Handshake(1),
            Piece::Datagram(bytes.clone()),
            Piece::Segment((Lane::State, 70_000), true, bytes),
            Piece::Ack(vec![(Lane::Control, 1), (Lane::Bulk, 2)]),
            Piece::Close(CloseReason::Silent),
            Piece::Reset,
            Piece::Probe(true),
        ];
        for piece in pieces {
            let sealed = piece.seal(1 << 40);
            let (link, opened) = Piece::open(&sealed).expect("sealed here");
            assert_eq!(
                (link, format!("{opened:?}")),
                (1 << 40, format!("{piece:?}"))
            );
            assert_eq!(sealed.len(), SEAL_BYTES + piece.length());
            assert!(sealed.len() <= metaverse_protocol::limits::PACKET_BYTES);
        }
        assert!(Piece::open(&Bytes::from_static(b"noise")).is_none());
    }
}
