//! One attempt to reach a peer: done when the peer has chosen the connection.

use std::net::SocketAddr;

use iroh::{
    Endpoint, EndpointAddr, EndpointId, TransportAddr,
    endpoint::{ConnectError, ConnectingError, Connection, ConnectionError, RecvStream},
};
use metaverse_protocol::{ALPN, id::PeerId, lane::Lane};
use metaverse_space::io::{CloseReason, DialError};
use tokio::time::timeout;

use crate::{
    closing,
    config::{DIAL_TIMEOUT, STRAIGHT_HEAD_START},
    lane_reader, over_members,
};

/// A connection that the other side has chosen, and the control lane by which it has told so.
pub(crate) struct Dialled {
    pub(crate) connection: Connection,
    pub(crate) control: RecvStream,
}

/// Dials `peer` at all `addresses` at once, and, where there are members that may carry, soon over these too.
pub(crate) async fn dial(
    endpoint: &Endpoint,
    peer: PeerId,
    addresses: Vec<SocketAddr>,
    has_carriers: bool,
) -> Result<Dialled, DialError> {
    let Ok(id) = EndpointId::from_bytes(&peer.0) else {
        tracing::debug!(?peer, "the id of the peer to dial is not a key");
        return Err(DialError::Unreachable);
    };
    let address = EndpointAddr::from_parts(id, addresses.into_iter().map(TransportAddr::Ip));
    let dialling = async {
        if has_carriers {
            meet_somehow(endpoint, address).await
        } else {
            meet(endpoint, address).await
        }
    };
    let Ok(result) = timeout(DIAL_TIMEOUT, dialling).await else {
        tracing::debug!(?peer, "nobody answered the dial");
        return Err(DialError::Unreachable);
    };
    result
}

/// Tries the straight way first, and then the way over members beside it (as RFC 8305 does with two families of addresses).
async fn meet_somehow(endpoint: &Endpoint, address: EndpointAddr) -> Result<Dialled, DialError> {
    let over = PeerId(*address.id.as_bytes());
    let over = TransportAddr::Custom(over_members::address(over));
    let everywhere =
        EndpointAddr::from_parts(address.id, address.addrs.iter().cloned().chain([over]));
    let straight = meet(endpoint, address);
    tokio::pin!(straight);
    match timeout(STRAIGHT_HEAD_START, &mut straight).await {
        Ok(met @ (Ok(_) | Err(DialError::Incompatible))) => return met,
        Ok(Err(_)) => return meet(endpoint, everywhere).await,
        Err(_) => {}
    }
    tokio::select! {
        Ok(dialled) = &mut straight => Ok(dialled),
        Ok(dialled) = meet(endpoint, everywhere) => Ok(dialled),
        else => Err(DialError::Unreachable),
    }
}

async fn meet(endpoint: &Endpoint, address: EndpointAddr) -> Result<Dialled, DialError> {
    let peer = address.id;
    let connection = endpoint.connect(address, ALPN).await.map_err(|error| {
        tracing::debug!(%peer, error = format!("{error:#}"), "the dial failed");
        dial_error(&error)
    })?;
    let mut control = connection.accept_uni().await.map_err(|error| {
        tracing::debug!(%peer, %error, "the dialled connection was not chosen");
        DialError::Unreachable
    })?;
    let Ok(Lane::Control) = lane_reader::read_tag(&mut control).await else {
        closing::close(&connection, CloseReason::Malformed);
        return Err(DialError::Unreachable);
    };
    Ok(Dialled {
        connection,
        control,
    })
}

fn dial_error(error: &ConnectError) -> DialError {
    let is_incompatible = connection_error(error).is_some_and(closing::is_incompatible);
    if is_incompatible {
        DialError::Incompatible
    } else {
        DialError::Unreachable
    }
}

fn connection_error(error: &ConnectError) -> Option<&ConnectionError> {
    match error {
        ConnectError::Connection { source, .. }
        | ConnectError::Connecting {
            source: ConnectingError::ConnectionError { source, .. },
            ..
        } => Some(source),
        _ => None,
    }
}
