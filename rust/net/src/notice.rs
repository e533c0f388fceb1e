//! What the tasks of a peer tell its actor.

use std::net::SocketAddr;

use bytes::Bytes;
use iroh::endpoint::Connection;
use metaverse_protocol::{id::PeerId, lane::Lane};
use metaverse_space::io::{CloseReason, DialError, PathKind};
use tokio::sync::OwnedSemaphorePermit;

use crate::dial::Dialled;

/// Tells dials, connections and links of one peer, one after the other, apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Serial(pub(crate) u64);

/// Something that happened.
pub(crate) enum Notice {
    /// Somebody has dialled and shaken hands.
    Arrived(Connection),
    /// A dial has ended.
    Dialled {
        peer: PeerId,
        dial: Serial,
        result: Result<Dialled, DialError>,
    },
    /// A connection was held for long enough, or is gone.
    HeldLongEnough { peer: PeerId, held: Serial },
    /// Something happened on a link.
    Link {
        peer: PeerId,
        link: Serial,
        happening: Happening,
    },
    /// The endpoint is reached at other addresses.
    Addresses(Vec<SocketAddr>),
}

/// What happened on a link.
pub(crate) enum Happening {
    /// A frame is here. The permit stands for its bytes until it was handled.
    Frame {
        lane: Lane,
        bytes: Bytes,
        transit: OwnedSemaphorePermit,
    },
    /// A datagram is here.
    Datagram(Bytes),
    /// The link goes another way.
    Path(PathKind),
    /// The link is gone.
    Closed(CloseReason),
}
