//! One lane of a link, inward: whole frames out of a stream of untrusted bytes.

use bytes::Bytes;
use iroh::endpoint::{ReadError, ReadExactError, RecvStream};
use metaverse_protocol::lane::{self, FrameTooLong, LENGTH_BYTES, Lane};
use thiserror::Error;

use crate::config::FRAME_BUFFER_BYTES;

/// What the other side did that nobody may do.
#[derive(Debug, Error)]
pub(crate) enum Malformed {
    #[error("no lane has the tag {0}")]
    UnknownLane(u8),
    #[error("a second {0:?} lane")]
    SecondLane(Lane),
    #[error(transparent)]
    FrameTooLong(#[from] FrameTooLong),
    #[error("the stream ended within a frame")]
    Truncated,
    #[error("the stream was reset")]
    Reset,
}

/// Why there are no more frames.
#[derive(Debug, Error)]
pub(crate) enum End {
    /// The stream ended where it may end, or the connection did.
    #[error("the stream has ended")]
    Ended,
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Reads which lane a stream is.
pub(crate) async fn read_tag(stream: &mut RecvStream) -> Result<Lane, End> {
    let mut tag = [0];
    read(stream, &mut tag, Finish::Truncates).await?;
    Lane::from_tag(tag[0]).ok_or(End::Malformed(Malformed::UnknownLane(tag[0])))
}

/// Reads the next frame.
pub(crate) async fn read_frame(lane: Lane, stream: &mut RecvStream) -> Result<Bytes, End> {
    let mut header = [0; LENGTH_BYTES];
    read(stream, &mut header, Finish::Ends).await?;
    let length = lane::frame_length(lane, header).map_err(Malformed::from)?;
    let mut frame = vec![0; length.min(FRAME_BUFFER_BYTES)];
    let mut filled = 0;
    while filled < length {
        if filled == frame.len() {
            let grown = length.min(2 * filled);
            frame.reserve_exact(grown - filled);
            frame.resize(grown, 0);
        }
        read(stream, &mut frame[filled..], Finish::Truncates).await?;
        filled = frame.len();
    }
    Ok(frame.into())
}

/// What it means if the stream is finished before the next byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finish {
    Ends,
    Truncates,
}

async fn read(stream: &mut RecvStream, buffer: &mut [u8], finish: Finish) -> Result<(), End> {
    match stream.read_exact(buffer).await {
        Ok(()) => Ok(()),
        Err(ReadExactError::FinishedEarly(0)) if finish == Finish::Ends => Err(End::Ended),
        Err(ReadExactError::FinishedEarly(_)) => Err(Malformed::Truncated.into()),
        Err(ReadExactError::ReadError(ReadError::Reset(_))) => Err(Malformed::Reset.into()),
        Err(ReadExactError::ReadError(_)) => Err(End::Ended),
    }
}
