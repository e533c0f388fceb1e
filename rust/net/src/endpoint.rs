//! The QUIC endpoint of one identity. It knows no relay and no look-up service: it sends to nobody but given addresses.

use std::{net::SocketAddr, sync::Arc};

use iroh::{
    Endpoint, RelayMode, SecretKey,
    endpoint::{BindError, QuicTransportConfig, VarInt, presets},
};
use metaverse_protocol::{ALPN, id::PeerId, lane::Lane};

use crate::{
    Reach,
    config::{
        CONNECTION_SILENCE, CONNECTION_WINDOW, DATAGRAM_RECEIVE_BYTES, DATAGRAM_SEND_BYTES,
        KEEP_ALIVE, LANE_WINDOW, PATH_SILENCE, SEND_WINDOW,
    },
    over_members::{OverMembers, StraightFirst},
};

/// Binds an endpoint for the identity that grows from `secret`.
pub(crate) async fn bind(
    secret: &[u8; 32],
    over_members: OverMembers,
) -> Result<Endpoint, BindError> {
    Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(secret))
        .alpns(vec![ALPN.to_vec()])
        .relay_mode(RelayMode::Disabled)
        .add_custom_transport(Arc::new(over_members))
        .path_selector(Arc::new(StraightFirst))
        .transport_config(transport_config())
        .bind()
        .await
}

/// The endpoint's id.
pub(crate) fn peer_id(endpoint: &Endpoint) -> PeerId {
    PeerId(*endpoint.id().as_bytes())
}

/// Where others reach the endpoint.
pub(crate) fn addresses(endpoint: &Endpoint, reach: Reach) -> Vec<SocketAddr> {
    let address = endpoint.addr();
    reach.told(address.ip_addrs().copied(), &endpoint.bound_sockets())
}

fn transport_config() -> QuicTransportConfig {
    QuicTransportConfig::builder()
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(Lane::ALL.len() as u32))
        .stream_receive_window(VarInt::from_u32(LANE_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(SEND_WINDOW)
        .datagram_send_buffer_size(DATAGRAM_SEND_BYTES)
        .datagram_receive_buffer_size(Some(DATAGRAM_RECEIVE_BYTES))
        .keep_alive_interval(KEEP_ALIVE)
        .default_path_keep_alive_interval(KEEP_ALIVE)
        .default_path_max_idle_timeout(PATH_SILENCE)
        .max_idle_timeout(CONNECTION_SILENCE.try_into().ok())
        .build()
}
