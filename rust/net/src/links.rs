//! All links of one identity: dials, accepts, and keeps one connection with each peer. Without a space it is only
//! bytes in, bytes out.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use iroh::{Endpoint, Watcher, endpoint::Connection};
use metaverse_protocol::{id::PeerId, lane::Lane};
use metaverse_space::io::{CloseReason, DialError, Input};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    Reach,
    accept::{self, Door},
    backlog::Backlog,
    closing,
    config::{CLOSE_TIMEOUT, CONNECTIONS, NOTICES, SECOND_CONNECTION_PATIENCE, TRANSIT_BYTES},
    dial::{self, Dialled},
    endpoint,
    link::{Chosen, Common, Link},
    meeting::{self, Dial, Held, Meeting, Verdict},
    notice::{Happening, Notice, Serial},
    statistics::Counters,
};

/// The table of links. Dropping it ends all its tasks and closes all connections.
pub(crate) struct Links {
    endpoint: Endpoint,
    local: PeerId,
    reach: Reach,
    is_open: Arc<AtomicBool>,
    common: Common,
    notices: mpsc::Receiver<Notice>,
    meetings: HashMap<PeerId, Meeting>,
    /// What is to be told before anything else.
    ready: VecDeque<Input>,
    /// The tasks of links; when they are closing, they go on for a short while.
    link_tasks: JoinSet<()>,
    /// All other tasks.
    tasks: JoinSet<()>,
    serials: u64,
}

impl Links {
    /// Begins to accept connections on `endpoint`, once opened. `room` tells whether there is room for messages.
    pub(crate) fn new(
        endpoint: Endpoint,
        reach: Reach,
        room: watch::Receiver<bool>,
        backlog: Arc<Backlog>,
        counters: Arc<Counters>,
    ) -> Self {
        let (sender, notices) = mpsc::channel(NOTICES);
        let transit = Arc::new(Semaphore::new(TRANSIT_BYTES));
        let common = Common {
            notices: sender,
            room,
            transit,
            backlog,
            counters,
        };
        let is_open = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let door = Door {
            reach,
            is_open: Arc::clone(&is_open),
            counters: Arc::clone(&common.counters),
        };
        tasks.spawn(accept_all(endpoint.clone(), door, common.notices.clone()));
        tasks.spawn(watch_addresses(
            endpoint.clone(),
            reach,
            common.notices.clone(),
        ));
        Self {
            local: endpoint::peer_id(&endpoint),
            endpoint,
            reach,
            is_open,
            common,
            notices,
            meetings: HashMap::new(),
            ready: VecDeque::new(),
            link_tasks: JoinSet::new(),
            tasks,
            serials: 0,
        }
    }

    /// The local peer's id.
    pub(crate) fn local(&self) -> PeerId {
        self.local
    }

    /// Where the local peer is reached.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        endpoint::addresses(&self.endpoint, self.reach)
    }

    /// Lets others in from now on.
    pub(crate) fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// How many links are open.
    pub(crate) fn count(&self) -> usize {
        self.meetings
            .values()
            .filter(|meeting| meeting.link.is_some())
            .count()
    }

    /// Opens a link. Answered by [`Input::Connected`] or [`Input::DialFailed`].
    /// `has_carriers`: whether there are members that may carry.
    pub(crate) fn dial(&mut self, peer: PeerId, addresses: Vec<SocketAddr>, has_carriers: bool) {
        let serial = self.next_serial();
        let (endpoint, notices) = (self.endpoint.clone(), self.common.notices.clone());
        let addresses = self.reach.dialled(addresses);
        let task = self.tasks.spawn(async move {
            let result = dial::dial(&endpoint, peer, addresses, has_carriers).await;
            let _ = notices
                .send(Notice::Dialled {
                    peer,
                    dial: serial,
                    result,
                })
                .await;
        });
        self.meetings.entry(peer).or_default().dial = Some(Dial { serial, task });
    }

    /// Queues a frame. A link whose control lane is full is closed, and so is one whose state or announcement lane is:
    /// each of their frames follows those before it.
    pub(crate) fn send(&mut self, peer: PeerId, lane: Lane, frame: Bytes) {
        let Some(link) = self
            .meetings
            .get(&peer)
            .and_then(|meeting| meeting.link.as_ref())
        else {
            self.common.counters.frames_dropped.increment();
            return;
        };
        if link.send(lane, frame).is_ok() {
            return;
        }
        self.common.counters.frames_dropped.increment();
        if matches!(lane, Lane::Control | Lane::Announcement | Lane::State) {
            self.common.counters.closed_not_reading.increment();
            self.close(peer, CloseReason::NotReading);
            self.ready.push_back(Input::Disconnected {
                peer,
                reason: CloseReason::NotReading,
            });
        }
    }

    /// Sends a datagram, now or never.
    pub(crate) fn send_datagram(&self, peer: PeerId, bytes: Bytes) {
        let counters = &self.common.counters;
        let length = bytes.len();
        let link = self
            .meetings
            .get(&peer)
            .and_then(|meeting| meeting.link.as_ref());
        match link.map(|link| link.send_datagram(bytes)) {
            Some(Ok(())) => {
                counters.datagrams_sent.increment();
                counters.datagram_bytes_sent.add(length);
            }
            Some(Err(_)) | None => counters.datagrams_dropped.increment(),
        }
    }

    /// Closes the link to `peer` once what was sent on it has arrived, and gives up a dial of it.
    pub(crate) fn close(&mut self, peer: PeerId, reason: CloseReason) {
        let Some(meeting) = self.meetings.remove(&peer) else {
            return;
        };
        if let Some(link) = meeting.link {
            link.close(reason);
        }
        if let Some(held) = meeting.held {
            closing::close(&held.release(), reason);
        }
    }

    /// What happens next. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Input {
        loop {
            if let Some(input) = self.ready.pop_front() {
                return input;
            }
            // The table holds a sender itself, so the channel never ends.
            let Some(notice) = self.notices.recv().await else {
                std::future::pending().await
            };
            self.handle(notice);
            self.forget_ended_tasks();
        }
    }

    /// Closes all links, gives what was sent a short while to arrive, and closes the endpoint.
    pub(crate) async fn shut_down(mut self) {
        self.is_open.store(false, Ordering::Relaxed);
        self.tasks.abort_all();
        let peers: Vec<_> = self.meetings.keys().copied().collect();
        for peer in peers {
            self.close(peer, CloseReason::Done);
        }
        let Self {
            mut link_tasks,
            mut notices,
            endpoint,
            ..
        } = self;
        let all_closed = async { while link_tasks.join_next().await.is_some() {} };
        // Nobody handles what still comes in, and nobody shall wait for it.
        let ignore_notices = async { while notices.recv().await.is_some() {} };
        let _ = timeout(CLOSE_TIMEOUT + CLOSE_TIMEOUT / 5, async {
            tokio::select! { () = all_closed => {}, () = ignore_notices => {} }
        })
        .await;
        endpoint.close().await;
    }

    fn handle(&mut self, notice: Notice) {
        match notice {
            Notice::Arrived(connection) => self.arrived(connection),
            Notice::Dialled { peer, dial, result } => self.dialled(peer, dial, result),
            Notice::HeldLongEnough { peer, held } => self.held_long_enough(peer, held),
            Notice::Link {
                peer,
                link,
                happening,
            } => self.happened(peer, link, happening),
            Notice::Addresses(addresses) => self.ready.push_back(Input::Addresses(addresses)),
        }
    }

    fn arrived(&mut self, connection: Connection) {
        let peer = PeerId(*connection.remote_id().as_bytes());
        if self.meetings.len() >= CONNECTIONS && !self.meetings.contains_key(&peer) {
            self.common.counters.incoming_refused.increment();
            closing::close_with(&connection, closing::BUSY);
            return;
        }
        let meeting = self.meetings.entry(peer).or_default();
        match meeting::judge(
            self.local,
            peer,
            meeting.dial.is_some(),
            meeting.link.is_some(),
        ) {
            Verdict::Choose => self.choose(
                peer,
                Chosen {
                    connection,
                    control: None,
                },
            ),
            Verdict::Hold => self.hold(peer, connection),
        }
    }

    fn dialled(&mut self, peer: PeerId, dial: Serial, result: Result<Dialled, DialError>) {
        let current = self
            .meetings
            .get_mut(&peer)
            .filter(|meeting| meeting.dial.as_ref().is_some_and(|d| d.serial == dial));
        let Some(meeting) = current else {
            if let Ok(Dialled { connection, .. }) = result {
                self.common.counters.duplicates_closed.increment();
                closing::close_with(&connection, closing::DUPLICATE);
            }
            return;
        };
        meeting.dial = None;
        match result {
            Ok(Dialled {
                connection,
                control,
            }) => self.choose(
                peer,
                Chosen {
                    connection,
                    control: Some(control),
                },
            ),
            Err(error) => self.dial_failed(peer, error),
        }
    }

    fn dial_failed(&mut self, peer: PeerId, error: DialError) {
        if self.choose_held(peer) {
            return;
        }
        self.common.counters.dials_failed.increment();
        if error == DialError::Incompatible {
            self.common.counters.incompatible.increment();
        }
        self.ready.push_back(Input::DialFailed { peer, error });
        self.forget_if_over(peer);
    }

    fn hold(&mut self, peer: PeerId, connection: Connection) {
        let serial = self.next_serial();
        let (watched, notices) = (connection.clone(), self.common.notices.clone());
        let is_linked = self
            .meetings
            .get(&peer)
            .is_some_and(|meeting| meeting.link.is_some());
        let patience = self.tasks.spawn(async move {
            tokio::select! {
                _ = watched.closed() => {}
                () = sleep(SECOND_CONNECTION_PATIENCE), if is_linked => {}
            }
            let _ = notices
                .send(Notice::HeldLongEnough { peer, held: serial })
                .await;
        });
        let held = Held {
            serial,
            connection,
            patience,
        };
        if let Some(older) = self.meetings.entry(peer).or_default().held.replace(held) {
            self.give_up(&older.release());
        }
    }

    fn held_long_enough(&mut self, peer: PeerId, held: Serial) {
        let Some(meeting) = self.meetings.get_mut(&peer) else {
            return;
        };
        let Some(held) = meeting.held.take_if(|current| current.serial == held) else {
            return;
        };
        let connection = held.release();
        if connection.close_reason().is_none() {
            tracing::debug!(
                ?peer,
                "a peer has lost its side of the link, which is replaced"
            );
            self.choose(
                peer,
                Chosen {
                    connection,
                    control: None,
                },
            );
            return;
        }
        self.forget_if_over(peer);
    }

    /// Makes the held connection the link, if there is one that lives.
    fn choose_held(&mut self, peer: PeerId) -> bool {
        let held = self
            .meetings
            .get_mut(&peer)
            .and_then(|meeting| meeting.held.take());
        let Some(connection) = held.map(Held::release) else {
            return false;
        };
        if connection.close_reason().is_some() {
            return false;
        }
        self.choose(
            peer,
            Chosen {
                connection,
                control: None,
            },
        );
        true
    }

    /// Makes a connection the link, in the place of everything else there is with that peer.
    fn choose(&mut self, peer: PeerId, chosen: Chosen) {
        let serial = self.next_serial();
        let link = Link::open(serial, peer, chosen, &self.common, &mut self.link_tasks);
        let meeting = self.meetings.entry(peer).or_default();
        meeting.dial = None;
        let (older, held) = (meeting.link.replace(link), meeting.held.take());
        if let Some(older) = older {
            older.replace();
        }
        if let Some(held) = held {
            self.give_up(&held.release());
        }
        self.ready.push_back(Input::Connected { peer });
    }

    fn give_up(&self, connection: &Connection) {
        self.common.counters.duplicates_closed.increment();
        closing::close_with(connection, closing::DUPLICATE);
    }

    fn happened(&mut self, peer: PeerId, link: Serial, happening: Happening) {
        let Some(meeting) = self.meetings.get_mut(&peer) else {
            return;
        };
        if meeting
            .link
            .as_ref()
            .is_none_or(|current| current.serial != link)
        {
            return;
        }
        let input = match happening {
            Happening::Frame {
                lane,
                bytes,
                transit,
            } => {
                drop(transit);
                Input::Frame {
                    from: peer,
                    lane,
                    bytes,
                }
            }
            Happening::Datagram(bytes) => Input::Datagram { from: peer, bytes },
            Happening::Path(kind) => Input::Path { peer, kind },
            Happening::Closed(reason) => {
                meeting.link = None;
                self.ready.push_back(Input::Disconnected { peer, reason });
                self.choose_held(peer);
                self.forget_if_over(peer);
                return;
            }
        };
        self.ready.push_back(input);
    }

    fn forget_if_over(&mut self, peer: PeerId) {
        if self.meetings.get(&peer).is_some_and(Meeting::is_over) {
            self.meetings.remove(&peer);
        }
    }

    fn forget_ended_tasks(&mut self) {
        while self.link_tasks.try_join_next().is_some() {}
        while self.tasks.try_join_next().is_some() {}
    }

    fn next_serial(&mut self) -> Serial {
        self.serials += 1;
        Serial(self.serials)
    }
}

async fn accept_all(endpoint: Endpoint, door: Door, notices: mpsc::Sender<Notice>) {
    let arrived = move |connection| {
        let notices = notices.clone();
        async move {
            let _ = notices.send(Notice::Arrived(connection)).await;
        }
    };
    accept::accept(endpoint, door, arrived).await;
}

async fn watch_addresses(endpoint: Endpoint, reach: Reach, notices: mpsc::Sender<Notice>) {
    let mut watcher = endpoint.watch_addr();
    let mut latest = endpoint::addresses(&endpoint, reach);
    while watcher.updated().await.is_ok() {
        let addresses = endpoint::addresses(&endpoint, reach);
        if addresses != latest {
            latest.clone_from(&addresses);
            let _ = notices.send(Notice::Addresses(addresses)).await;
        }
    }
}

#[cfg(test)]
mod tests;
