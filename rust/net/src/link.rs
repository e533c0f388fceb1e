//! A link: one chosen connection to a peer, with its lanes and its datagrams.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use iroh::endpoint::{Connection, ConnectionError, Path, RecvStream, SendDatagramError};
use metaverse_protocol::{
    id::PeerId,
    lane::{LENGTH_BYTES, Lane},
};
use metaverse_space::io::{CloseReason, PathKind};
use n0_future::StreamExt;
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    backlog::Backlog,
    closing,
    config::{CLOSE_TIMEOUT, DRAIN_TIMEOUT, FRAME_BURST, FRAMES_PER_SECOND},
    lane_reader::{self, End, Malformed},
    lane_writer::{self, Full, LaneQueue, LaneSender, LaneWriter, Opening, Stopped},
    notice::{Happening, Notice, Serial},
    over_members,
    pacer::Pacer,
    statistics::Counters,
};

/// What all links of a peer share.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) notices: mpsc::Sender<Notice>,
    /// False while the game must fetch its messages before more are read.
    pub(crate) room: watch::Receiver<bool>,
    /// Bytes of whole frames that wait for the machine.
    pub(crate) transit: Arc<Semaphore>,
    pub(crate) backlog: Arc<Backlog>,
    pub(crate) counters: Arc<Counters>,
}

/// A connection that was chosen.
pub(crate) struct Chosen {
    pub(crate) connection: Connection,
    /// The control lane, where the other side has chosen and thereby opened it.
    pub(crate) control: Option<RecvStream>,
}

/// The handle of a link. The link's task goes on until it is closed.
pub(crate) struct Link {
    pub(crate) serial: Serial,
    connection: Connection,
    lanes: Vec<LaneSender>,
    close: oneshot::Sender<CloseReason>,
}

impl Link {
    /// Begins a link on `chosen`; its task joins `tasks`.
    pub(crate) fn open(
        serial: Serial,
        peer: PeerId,
        chosen: Chosen,
        common: &Common,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        common.counters.links_opened.increment();
        let (lanes, queues) = lane_writer::queues();
        let (close, close_asked) = oneshot::channel();
        let connection = chosen.connection.clone();
        let pacer = Arc::new(Pacer::new(FRAMES_PER_SECOND, FRAME_BURST));
        let notifier = Notifier {
            pacer,
            peer,
            link: serial,
            common: common.clone(),
        };
        tasks.spawn(run(chosen, queues, notifier, close_asked));
        Self {
            serial,
            connection,
            lanes,
            close,
        }
    }

    /// Queues a frame.
    pub(crate) fn send(&self, lane: Lane, frame: Bytes) -> Result<(), Full> {
        self.lanes[usize::from(lane.tag())].send(frame)
    }

    /// Sends a datagram now, or not at all.
    pub(crate) fn send_datagram(&self, bytes: Bytes) -> Result<(), SendDatagramError> {
        self.connection.send_datagram(bytes)
    }

    /// Closes the link once what was queued has arrived, or after a short while.
    pub(crate) fn close(self, reason: CloseReason) {
        // The task is gone if the connection is; then there is nothing to close.
        let _ = self.close.send(reason);
    }

    /// Closes the link at once, because another one takes its place.
    pub(crate) fn replace(self) {
        closing::close_with(&self.connection, closing::DUPLICATE);
    }
}

/// Tells the actor what happens on one link.
#[derive(Clone)]
struct Notifier {
    peer: PeerId,
    link: Serial,
    pacer: Arc<Pacer>,
    common: Common,
}

impl Notifier {
    async fn tell(&self, happening: Happening) {
        let notice = Notice::Link {
            peer: self.peer,
            link: self.link,
            happening,
        };
        // The actor is gone only when all is being closed.
        let _ = self.common.notices.send(notice).await;
    }
}

/// How a link ends.
enum Ending {
    /// This side closes it.
    Asked(CloseReason),
    /// The connection is gone.
    Lost(ConnectionError),
    /// The other side has done what nobody may do.
    Fault(CloseReason),
}

async fn run(
    chosen: Chosen,
    queues: Vec<LaneQueue>,
    notifier: Notifier,
    close_asked: oneshot::Receiver<CloseReason>,
) {
    let connection = chosen.connection.clone();
    let mut writing = write_lanes(&chosen, queues, &notifier.common);
    let mut reading = JoinSet::new();
    reading.spawn(watch_paths(connection.clone(), notifier.clone()));
    reading.spawn(read_datagrams(connection.clone(), notifier.clone()));
    reading.spawn(read_lanes(chosen, notifier.clone()));
    match ending(&connection, &mut reading, &mut writing, close_asked).await {
        Ending::Asked(reason) => {
            // What still comes in is read, and ignored: a stream that is not read would look like a fault of ours.
            let all_written = async { while writing.join_next().await.is_some() {} };
            let _ = timeout(CLOSE_TIMEOUT, async {
                tokio::select! { () = all_written => {}, _ = connection.closed() => {} }
            })
            .await;
            closing::close(&connection, reason);
        }
        Ending::Lost(error) => {
            // What came before the end is still handed on.
            let _ = timeout(DRAIN_TIMEOUT, async {
                while reading.join_next().await.is_some() {}
            })
            .await;
            let reason = closing::reason(&error);
            tracing::debug!(peer = ?notifier.peer, %error, ?reason, "a link is gone");
            if matches!(error, ConnectionError::TransportError(_))
                && reason == CloseReason::Malformed
            {
                notifier.common.counters.closed_malformed.increment();
            }
            notifier.tell(Happening::Closed(reason)).await;
        }
        Ending::Fault(reason) => {
            tracing::warn!(peer = ?notifier.peer, ?reason, "closing a link for what the other side does");
            match reason {
                CloseReason::NotReading => notifier.common.counters.closed_not_reading.increment(),
                _ => notifier.common.counters.closed_malformed.increment(),
            }
            closing::close(&connection, reason);
            notifier.tell(Happening::Closed(reason)).await;
        }
    }
}

async fn ending(
    connection: &Connection,
    reading: &mut JoinSet<Option<Malformed>>,
    writing: &mut JoinSet<Stopped>,
    mut close_asked: oneshot::Receiver<CloseReason>,
) -> Ending {
    loop {
        tokio::select! {
            asked = &mut close_asked => return Ending::Asked(asked.unwrap_or(CloseReason::Done)),
            error = connection.closed() => return Ending::Lost(error),
            Some(ended) = reading.join_next(), if !reading.is_empty() => match ended {
                Ok(None) => {}
                Ok(Some(malformed)) => {
                    tracing::debug!(%malformed, "a peer breaks the rules");
                    return Ending::Fault(CloseReason::Malformed);
                }
                Err(error) => return broken(&error),
            },
            Some(ended) = writing.join_next(), if !writing.is_empty() => match ended {
                Ok(Stopped::Done) => {}
                Ok(Stopped::NotReading) => return Ending::Fault(CloseReason::NotReading),
                Err(error) => return broken(&error),
            },
        }
    }
}

/// A task of ours has panicked: the link cannot go on without it.
fn broken(error: &tokio::task::JoinError) -> Ending {
    tracing::error!(%error, "a link's task has failed");
    Ending::Fault(CloseReason::Failed)
}

fn write_lanes(chosen: &Chosen, queues: Vec<LaneQueue>, common: &Common) -> JoinSet<Stopped> {
    let mut writing = JoinSet::new();
    for queue in queues {
        let is_chosen_by_us = chosen.control.is_none();
        let writer = LaneWriter {
            connection: chosen.connection.clone(),
            backlog: Arc::clone(&common.backlog),
            counters: Arc::clone(&common.counters),
            opening: if is_chosen_by_us && queue.lane() == Lane::Control {
                Opening::Now
            } else {
                Opening::WithFirstFrame
            },
        };
        writing.spawn(writer.run(queue));
    }
    writing
}

async fn watch_paths(connection: Connection, notifier: Notifier) -> Option<Malformed> {
    let mut latest = PathKind::Unknown;
    let mut lists = connection.paths_stream();
    while let Some(paths) = lists.next().await {
        let Some(selected) = paths.iter().find(Path::is_selected).map(|path| kind(&path)) else {
            continue;
        };
        if std::mem::replace(&mut latest, selected) != selected {
            notifier.tell(Happening::Path(selected)).await;
        }
    }
    None
}

fn kind(path: &Path<'_>) -> PathKind {
    if over_members::is_over_members(path.remote_addr()) {
        PathKind::Forwarded
    } else if path.is_relay() {
        PathKind::Relay
    } else {
        PathKind::Direct
    }
}

async fn read_datagrams(connection: Connection, notifier: Notifier) -> Option<Malformed> {
    while let Ok(bytes) = connection.read_datagram().await {
        notifier.common.counters.datagrams_received.increment();
        notifier
            .common
            .counters
            .datagram_bytes_received
            .add(bytes.len());
        notifier.tell(Happening::Datagram(bytes)).await;
    }
    None
}

/// Which lanes the other side has opened.
type Seen = [AtomicBool; Lane::ALL.len()];

/// Reads all lanes that the other side opens, until the connection ends.
async fn read_lanes(chosen: Chosen, notifier: Notifier) -> Option<Malformed> {
    let Chosen {
        connection,
        control,
    } = chosen;
    let seen: Arc<Seen> = Arc::default();
    let mut lanes = JoinSet::new();
    if let Some(stream) = control {
        seen[usize::from(Lane::Control.tag())].store(true, Ordering::Relaxed);
        lanes.spawn(read_lane(Lane::Control, stream, notifier.clone()));
    }
    let mut is_accepting = true;
    while is_accepting || !lanes.is_empty() {
        tokio::select! {
            stream = connection.accept_uni(), if is_accepting => match stream {
                Ok(stream) => {
                    lanes.spawn(read_stream(stream, Arc::clone(&seen), notifier.clone()));
                }
                Err(_) => is_accepting = false,
            },
            Some(ended) = lanes.join_next(), if !lanes.is_empty() => match ended {
                Ok(Ok(never)) => match never {},
                Ok(Err(End::Ended)) => {}
                Ok(Err(End::Malformed(malformed))) => return Some(malformed),
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => return None,
                },
            },
        }
    }
    None
}

async fn read_stream(
    mut stream: RecvStream,
    seen: Arc<Seen>,
    notifier: Notifier,
) -> Result<std::convert::Infallible, End> {
    let lane = lane_reader::read_tag(&mut stream).await?;
    if seen[usize::from(lane.tag())].swap(true, Ordering::Relaxed) {
        return Err(Malformed::SecondLane(lane).into());
    }
    read_lane(lane, stream, notifier).await
}

async fn read_lane(
    lane: Lane,
    mut stream: RecvStream,
    mut notifier: Notifier,
) -> Result<std::convert::Infallible, End> {
    loop {
        let bytes = lane_reader::read_frame(lane, &mut stream).await?;
        notifier.common.counters.frames_received.increment();
        notifier
            .common
            .counters
            .frame_bytes_received
            .add(LENGTH_BYTES + bytes.len());
        if lane != Lane::Control {
            notifier.pacer.turn().await;
        }
        if lane == Lane::Message {
            notifier
                .common
                .room
                .wait_for(|has_room| *has_room)
                .await
                .map_err(|_| End::Ended)?;
        }
        let transit = Arc::clone(&notifier.common.transit);
        let transit = transit
            .acquire_many_owned(bytes.len() as u32)
            .await
            .map_err(|_| End::Ended)?;
        notifier
            .tell(Happening::Frame {
                lane,
                bytes,
                transit,
            })
            .await;
    }
}
