//! One lane of a link, outward: a bounded queue of frames into a stream, piece by piece, so that a receiver that does
//! not read is noticed.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use iroh::endpoint::{Connection, SendStream};
use metaverse_protocol::lane::{self, LENGTH_BYTES, Lane};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};

use crate::{
    backlog::Backlog,
    config::{
        ANNOUNCEMENT_BYTES, ANNOUNCEMENT_FRAMES, BULK_BYTES, BULK_FRAMES, CONTROL_BYTES,
        CONTROL_FRAMES, CONTROL_PATIENCE, CROWDED_PATIENCE, PATIENCE, PATIENCE_CHECK, PIECE_BYTES,
        PIECE_FRAMES, STATE_BYTES, STATE_FRAMES,
    },
    statistics::Counters,
};

/// The frame was not taken: too much waits on this lane already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

/// The end of a lane where frames go in.
pub(crate) struct LaneSender {
    lane: Lane,
    frames: mpsc::UnboundedSender<Bytes>,
    waiting: Arc<Waiting>,
}

/// The end of a lane where frames come out, for the task that writes them.
pub(crate) struct LaneQueue {
    lane: Lane,
    frames: mpsc::UnboundedReceiver<Bytes>,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    frames: AtomicUsize,
    bytes: AtomicUsize,
}

/// A queue for the frames of one lane.
pub(crate) fn queue(lane: Lane) -> (LaneSender, LaneQueue) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Arc::new(Waiting::default());
    (
        LaneSender {
            lane,
            frames: sender,
            waiting: Arc::clone(&waiting),
        },
        LaneQueue {
            lane,
            frames: receiver,
            waiting,
        },
    )
}

/// A queue for each lane, in the order of their tags.
pub(crate) fn queues() -> (Vec<LaneSender>, Vec<LaneQueue>) {
    Lane::ALL.map(queue).into_iter().unzip()
}

impl LaneSender {
    /// Queues a frame.
    pub(crate) fn send(&self, frame: Bytes) -> Result<(), Full> {
        let frames = self.waiting.frames.load(Ordering::Relaxed);
        let bytes = self.waiting.bytes.load(Ordering::Relaxed) + frame.len();
        if is_full(self.lane, frames, bytes) {
            return Err(Full);
        }
        self.waiting.frames.fetch_add(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_add(frame.len(), Ordering::Relaxed);
        // A link whose writer is gone is about to be reported as closed.
        self.frames.send(frame).map_err(|_| Full)
    }
}

/// The message lane needs no bound of its own: its frames are bounded together, for all links, by the backlog.
fn is_full(lane: Lane, frames: usize, bytes: usize) -> bool {
    match lane {
        Lane::Control => frames >= CONTROL_FRAMES || bytes > CONTROL_BYTES,
        Lane::Message => false,
        Lane::Announcement => frames >= ANNOUNCEMENT_FRAMES || bytes > ANNOUNCEMENT_BYTES,
        Lane::State => frames >= STATE_FRAMES || bytes > STATE_BYTES,
        Lane::Bulk => frames >= BULK_FRAMES || bytes > BULK_BYTES,
    }
}

impl LaneQueue {
    /// Which lane it is.
    pub(crate) fn lane(&self) -> Lane {
        self.lane
    }

    /// The next frames, as many as make a piece; none when the lane is to end.
    async fn next(&mut self, frames: &mut Vec<Bytes>) {
        frames.clear();
        let Some(first) = self.frames.recv().await else {
            return;
        };
        let mut bytes = self.take(first, frames);
        while bytes < PIECE_BYTES && frames.len() < PIECE_FRAMES {
            let Ok(frame) = self.frames.try_recv() else {
                break;
            };
            bytes += self.take(frame, frames);
        }
    }

    fn take(&self, frame: Bytes, frames: &mut Vec<Bytes>) -> usize {
        let length = frame.len();
        self.waiting.frames.fetch_sub(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_sub(length, Ordering::Relaxed);
        frames.push(frame);
        length
    }
}

/// Why a lane is not written any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stopped {
    /// All that was queued has arrived, or the connection is gone.
    Done,
    /// The other side does not take what is sent to it.
    NotReading,
}

/// When the lane's stream begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Opening {
    /// At once: it tells the dialer that the connection is chosen.
    Now,
    /// With the first frame.
    WithFirstFrame,
}

/// Writes a lane of one connection.
pub(crate) struct LaneWriter {
    pub(crate) connection: Connection,
    pub(crate) backlog: Arc<Backlog>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) opening: Opening,
}

impl LaneWriter {
    /// Writes what is queued until the queue's other end is dropped, and then waits until all has arrived.
    pub(crate) async fn run(self, mut queue: LaneQueue) -> Stopped {
        match self.write(&mut queue).await {
            Ok(()) => Stopped::Done,
            Err(stopped) => stopped,
        }
    }

    async fn write(&self, queue: &mut LaneQueue) -> Result<(), Stopped> {
        let lane = queue.lane;
        let mut stream = match self.opening {
            Opening::Now => Some(self.open(lane).await?),
            Opening::WithFirstFrame => None,
        };
        let mut frames = Vec::with_capacity(PIECE_FRAMES);
        loop {
            queue.next(&mut frames).await;
            if frames.is_empty() {
                break;
            }
            let stream = match &mut stream {
                Some(stream) => stream,
                empty => empty.insert(self.open(lane).await?),
            };
            self.write_frames(lane, stream, &mut frames).await?;
        }
        let Some(mut stream) = stream else {
            return Ok(());
        };
        stream.finish().map_err(|_| Stopped::Done)?;
        match stream.stopped().await {
            Ok(Some(_)) => Err(Stopped::NotReading),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    async fn open(&self, lane: Lane) -> Result<SendStream, Stopped> {
        let mut stream = self
            .patiently(lane, self.connection.open_uni())
            .await?
            .map_err(|_| Stopped::Done)?;
        stream
            .set_priority(priority(lane))
            .map_err(|_| Stopped::Done)?;
        self.write_piece(
            lane,
            &mut stream,
            &mut [Bytes::copy_from_slice(&[lane.tag()])],
        )
        .await?;
        Ok(stream)
    }

    async fn write_frames(
        &self,
        lane: Lane,
        stream: &mut SendStream,
        frames: &mut Vec<Bytes>,
    ) -> Result<(), Stopped> {
        let mut piece = Vec::with_capacity(2 * frames.len());
        for frame in frames.drain(..) {
            let Ok(header) = lane::frame_header(lane, frame.len()) else {
                tracing::error!(
                    ?lane,
                    bytes = frame.len(),
                    "a frame of ours is too long and was dropped"
                );
                self.counters.frames_dropped.increment();
                continue;
            };
            self.counters.frames_sent.increment();
            self.counters
                .frame_bytes_sent
                .add(LENGTH_BYTES + frame.len());
            piece.push(Bytes::copy_from_slice(&header));
            piece.push(frame);
        }
        for part in pieces(piece) {
            self.write_piece(lane, stream, &mut { part }).await?;
        }
        Ok(())
    }

    async fn write_piece(
        &self,
        lane: Lane,
        stream: &mut SendStream,
        piece: &mut [Bytes],
    ) -> Result<(), Stopped> {
        use iroh::endpoint::WriteError;
        match self.patiently(lane, stream.write_all_chunks(piece)).await? {
            Ok(()) => Ok(()),
            Err(WriteError::Stopped(_)) => Err(Stopped::NotReading),
            Err(_) => Err(Stopped::Done),
        }
    }

    /// Waits for `step`, but no longer than the lane's patience lasts.
    async fn patiently<T>(&self, lane: Lane, step: impl Future<Output = T>) -> Result<T, Stopped> {
        let begun = Instant::now();
        let mut step = pin!(step);
        loop {
            tokio::select! {
                biased;
                result = &mut step => return Ok(result),
                () = sleep(PATIENCE_CHECK) => {}
            }
            if begun.elapsed() >= self.patience(lane) {
                tracing::debug!(?lane, "the other side does not read");
                return Err(Stopped::NotReading);
            }
        }
    }

    fn patience(&self, lane: Lane) -> Duration {
        match lane {
            Lane::Control => CONTROL_PATIENCE,
            _ if self.backlog.is_crowded() => CROWDED_PATIENCE,
            _ => PATIENCE,
        }
    }
}

fn priority(lane: Lane) -> i32 {
    -i32::from(lane.tag())
}

/// The same bytes in runs of at most [`PIECE_BYTES`], without a copy.
fn pieces(chunks: Vec<Bytes>) -> Vec<Vec<Bytes>> {
    let mut pieces = Vec::new();
    let (mut piece, mut room) = (Vec::new(), PIECE_BYTES);
    for mut chunk in chunks {
        while chunk.len() > room {
            piece.push(chunk.split_to(room));
            pieces.push(std::mem::take(&mut piece));
            room = PIECE_BYTES;
        }
        room -= chunk.len();
        piece.push(chunk);
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_bounded_and_lose_nothing() {
        let lengths = [4, 10, 4, PIECE_BYTES - 18, 4, 3 * PIECE_BYTES + 5, 4, 0];
        let chunks: Vec<_> = lengths
            .iter()
            .enumerate()
            .map(|(n, length)| Bytes::from(vec![n as u8; *length]))
            .collect();
        let whole = chunks.concat();
        let pieces = pieces(chunks);
        assert!(
            pieces
                .iter()
                .all(|piece| piece.iter().map(Bytes::len).sum::<usize>() <= PIECE_BYTES)
        );
        assert_eq!(pieces.concat().concat(), whole);
    }

    #[test]
    fn all_lanes_but_the_messages_fill_up() {
        for (lane, most) in [
            (Lane::Control, CONTROL_FRAMES),
            (Lane::Announcement, ANNOUNCEMENT_FRAMES),
            (Lane::State, STATE_FRAMES),
            (Lane::Bulk, BULK_FRAMES),
        ] {
            let (sender, _queue) = queue(lane);
            for _ in 0..most {
                sender.send(Bytes::from_static(b"x")).expect("room");
            }
            assert_eq!(sender.send(Bytes::from_static(b"x")), Err(Full));
        }
    }
}
