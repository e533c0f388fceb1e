//! The transport over other members: what iroh seals for a peer that has no straight way here goes to the machine, which
//! has it carried, and what others carry here comes back to iroh. So a link over a member is a link like any other, whose
//! content no carrier can read, and iroh lifts it to a straight path as soon as there is one.

use std::{
    fmt, io,
    num::NonZeroUsize,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use iroh::{
    TransportAddr,
    endpoint::transports::{
        Addr, CustomEndpoint, CustomSender, CustomTransport, FourTuple, PathSelection,
        PathSelectionContext, PathSelectionData, PathSelector, RecvInfo, Transmit,
    },
};
use iroh_base::CustomAddr;
use metaverse_protocol::{id::PeerId, limits::PACKET_BYTES};
use n0_watcher::Watchable;
use noq_udp::RecvMeta;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::{
    config::{CARRIED_WAITING, PATH_GAIN},
    statistics::Counters,
};

/// Tells the addresses of this transport from those of others.
const TRANSPORT: u64 = 0x006d_6574_6176_6572;

/// A packet, and the peer that it is for or from.
pub(crate) type Packet = (PeerId, Bytes);

/// The machine's end.
#[derive(Debug)]
pub(crate) struct Crossing {
    sent: mpsc::Receiver<Packet>,
    arrived: mpsc::Sender<Packet>,
    counters: Arc<Counters>,
}

impl Crossing {
    /// The next packet to be carried. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Packet {
        match self.sent.recv().await {
            Some(packet) => packet,
            // The endpoint has ended.
            None => std::future::pending().await,
        }
    }

    /// Hands in a packet that was carried here; too many at once are dropped, as by any network.
    pub(crate) fn arrived(&self, from: PeerId, bytes: Bytes) {
        if self.arrived.try_send((from, bytes)).is_err() {
            self.counters.carried_dropped.increment();
        }
    }
}

/// The endpoint's end.
pub(crate) struct OverMembers {
    local: CustomAddr,
    sender: Arc<Sender>,
    arrivals: Mutex<Option<mpsc::Receiver<Packet>>>,
}

/// Both ends, for the endpoint of `local`.
pub(crate) fn over_members(local: PeerId, counters: &Arc<Counters>) -> (OverMembers, Crossing) {
    let (to_machine, sent) = mpsc::channel(CARRIED_WAITING);
    let (arrived, arrivals) = mpsc::channel(CARRIED_WAITING);
    let transport = OverMembers {
        local: address(local),
        sender: Arc::new(Sender {
            to_machine,
            counters: Arc::clone(counters),
        }),
        arrivals: Mutex::new(Some(arrivals)),
    };
    let crossing = Crossing {
        sent,
        arrived,
        counters: Arc::clone(counters),
    };
    (transport, crossing)
}

/// Where a peer is reached over members: it is told apart by who it is.
pub(crate) fn address(peer: PeerId) -> CustomAddr {
    CustomAddr::from_parts(TRANSPORT, &peer.0)
}

fn peer(address: &CustomAddr) -> Option<PeerId> {
    let id = <[u8; 32]>::try_from(address.data()).ok()?;
    (address.id() == TRANSPORT).then_some(PeerId(id))
}

impl fmt::Debug for OverMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverMembers").finish_non_exhaustive()
    }
}

impl CustomTransport for OverMembers {
    fn bind(&self) -> io::Result<Box<dyn CustomEndpoint>> {
        let arrivals = self.arrivals.lock().take();
        let arrivals = arrivals.ok_or_else(|| io::Error::other("bound already"))?;
        Ok(Box::new(Bound {
            addresses: Watchable::new(vec![self.local.clone()]),
            sender: Arc::clone(&self.sender),
            arrivals,
        }))
    }
}

#[derive(Debug)]
struct Bound {
    addresses: Watchable<Vec<CustomAddr>>,
    sender: Arc<Sender>,
    arrivals: mpsc::Receiver<Packet>,
}

impl CustomEndpoint for Bound {
    fn watch_local_addrs(&self) -> n0_watcher::Direct<Vec<CustomAddr>> {
        self.addresses.watch()
    }

    fn create_sender(&self) -> Arc<dyn CustomSender> {
        Arc::clone(&self.sender) as Arc<dyn CustomSender>
    }

    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
        metas: &mut [RecvMeta],
        recv_infos: &mut [RecvInfo],
    ) -> Poll<io::Result<usize>> {
        let mut count = 0;
        let places = bufs.iter_mut().zip(metas).zip(recv_infos);
        for ((buffer, meta), info) in places {
            let (from, bytes) = match self.arrivals.poll_recv(cx) {
                Poll::Ready(Some(packet)) => packet,
                Poll::Ready(None) | Poll::Pending => break,
            };
            // A longer packet is not from a transport like this one; an empty one is passed over.
            let length = if bytes.len() <= buffer.len() {
                bytes.len()
            } else {
                0
            };
            buffer[..length].copy_from_slice(&bytes[..length]);
            // Used before for packets of sockets.
            *meta = RecvMeta::default();
            meta.len = length;
            meta.stride = length;
            *info = RecvInfo::new(address(from), None);
            count += 1;
        }
        if count == 0 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(count))
    }

    /// As many as there are, so that sockets may send several at once: all transports keep to the least.
    fn max_transmit_segments(&self) -> NonZeroUsize {
        NonZeroUsize::MAX
    }
}

#[derive(Debug)]
struct Sender {
    to_machine: mpsc::Sender<Packet>,
    counters: Arc<Counters>,
}

impl CustomSender for Sender {
    fn is_valid_send_addr(&self, addr: &CustomAddr) -> bool {
        peer(addr).is_some()
    }

    /// Never waits: what is too much is dropped, as by any network.
    fn poll_send(
        &self,
        _: &mut Context<'_>,
        dst: &CustomAddr,
        _: Option<&CustomAddr>,
        transmit: &Transmit<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(to) = peer(dst) else {
            return Poll::Ready(Err(io::Error::other("not an address over members")));
        };
        let segment = transmit.segment_size.unwrap_or(transmit.contents.len());
        for packet in transmit.contents.chunks(segment.max(1)) {
            let is_sent = packet.len() <= PACKET_BYTES
                && self
                    .to_machine
                    .try_send((to, Bytes::copy_from_slice(packet)))
                    .is_ok();
            if !is_sent {
                self.counters.carried_dropped.increment();
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Whether a path goes over members.
pub(crate) fn is_over_members(address: &TransportAddr) -> bool {
    matches!(address, TransportAddr::Custom(custom) if custom.id() == TRANSPORT)
}

/// Prefers straight paths, then relays, then members, and of each kind the quickest: nobody is troubled without need.
#[derive(Debug)]
pub(crate) struct StraightFirst;

impl PathSelector for StraightFirst {
    fn select(&self, context: &PathSelectionContext<'_>) -> PathSelection {
        let mut selection = PathSelection::none();
        let candidates: Vec<_> = context
            .paths()
            .filter_map(|path| Some((rank(&path, context.current())?, path)))
            .collect();
        if let Some((_, best)) = candidates.iter().min_by_key(|(rank, _)| *rank) {
            selection.set(best);
        }
        selection
    }
}

/// The least is the best. The present path counts as a little quicker, so that paths do not flap.
fn rank(path: &PathSelectionData<'_>, current: Option<&FourTuple>) -> Option<(u8, u128)> {
    let round_trip = path.stats()?.rtt;
    let address = path.network_path();
    let kind = match address.remote() {
        Addr::Ip(_) => 0,
        Addr::Relay(..) => 1,
        Addr::Custom(_) => 2,
    };
    let gain = if Some(address) == current {
        PATH_GAIN
    } else {
        Duration::ZERO
    };
    Some((kind, round_trip.saturating_sub(gain).as_micros()))
}
