//! Reliable traffic: five lanes a link and direction, each a stream of frames with a length before it.

use thiserror::Error;

use crate::limits::{
    ANNOUNCEMENT_FRAME_BYTES, BULK_FRAME_BYTES, CONTROL_BYTES, MESSAGE_FRAME_BYTES,
    STATE_FRAME_BYTES,
};

/// A stream of frames. Lanes do not wait for one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Lane {
    /// The space's own order. First in priority.
    Control,
    /// The game's messages.
    Message,
    /// What a member says to all, on its way over forwarders.
    Announcement,
    /// The shared state.
    State,
    /// Images. Last in priority.
    Bulk,
}

impl Lane {
    /// All lanes, by priority.
    pub const ALL: [Self; 5] = [
        Self::Control,
        Self::Message,
        Self::Announcement,
        Self::State,
        Self::Bulk,
    ];

    /// The byte that opens the lane's stream.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The lane whose stream `tag` opens.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.get(usize::from(tag)).copied()
    }

    /// The most bytes of one frame.
    pub fn frame_limit(self) -> usize {
        match self {
            Self::Control => CONTROL_BYTES,
            Self::Message => MESSAGE_FRAME_BYTES,
            Self::Announcement => ANNOUNCEMENT_FRAME_BYTES,
            Self::State => STATE_FRAME_BYTES,
            Self::Bulk => BULK_FRAME_BYTES,
        }
    }
}

/// Bytes of the length before a frame: 32 bits, little-endian.
pub const LENGTH_BYTES: usize = 4;

/// A frame longer than its lane carries.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a frame of {length} bytes on the {lane:?} lane, which carries at most {limit}")]
pub struct FrameTooLong {
    /// The lane.
    pub lane: Lane,
    /// Bytes announced.
    pub length: usize,
    /// Bytes allowed.
    pub limit: usize,
}

/// The length to write before a frame.
///
/// # Errors
/// When the frame is longer than its lane carries.
pub fn frame_header(lane: Lane, length: usize) -> Result<[u8; LENGTH_BYTES], FrameTooLong> {
    check(lane, length)?;
    Ok((length as u32).to_le_bytes())
}

/// The length of the frame that follows `header`.
///
/// # Errors
/// When the frame is longer than its lane carries.
pub fn frame_length(lane: Lane, header: [u8; LENGTH_BYTES]) -> Result<usize, FrameTooLong> {
    let length = u32::from_le_bytes(header) as usize;
    check(lane, length)?;
    Ok(length)
}

fn check(lane: Lane, length: usize) -> Result<(), FrameTooLong> {
    let limit = lane.frame_limit();
    if length > limit {
        return Err(FrameTooLong {
            lane,
            length,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_their_lanes() {
        for lane in Lane::ALL {
            assert_eq!(Lane::from_tag(lane.tag()), Some(lane));
        }
        assert_eq!(Lane::from_tag(5), None);
    }

    #[test]
    fn lengths_are_held_to_the_lane() {
        let limit = Lane::Bulk.frame_limit();
        let header = frame_header(Lane::Bulk, limit).expect("at the limit");
        assert_eq!(frame_length(Lane::Bulk, header), Ok(limit));
        assert!(frame_header(Lane::Bulk, limit + 1).is_err());
        assert!(frame_length(Lane::Bulk, u32::MAX.to_le_bytes()).is_err());
    }
}
