//! Strangers who know where a space is, and come to disturb it.

mod common;

use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{Player, two};
use iroh::{
    Endpoint, EndpointAddr, EndpointId, TransportAddr,
    endpoint::{Connection, presets},
};
use metaverse_protocol::{ALPN, invite::Invite, lane::Lane, time::UnixSeconds};

async fn connect(invite: &str) -> (Endpoint, Connection) {
    let contact = Invite::from_text(invite, UnixSeconds(0))
        .expect("an invite")
        .contacts
        .remove(0);
    let id = EndpointId::from_bytes(&contact.peer.0).expect("a key");
    let address =
        EndpointAddr::from_parts(id, contact.addresses.into_iter().map(TransportAddr::Ip));
    let endpoint = Endpoint::bind(presets::Minimal).await.expect("a socket");
    let connection = endpoint.connect(address, ALPN).await.expect("a connection");
    (endpoint, connection)
}

fn assert_unharmed(ada: &Player, ben: &Player) {
    ada.send("still", b"here", None);
    assert_eq!(ben.message().1, "still");
    ben.send("me", b"too", None);
    assert_eq!(ada.message().1, "me");
}

#[test]
fn a_flood_of_datagrams_and_frames_harms_nobody() {
    let (ada, _, ben, _) = two();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let (endpoint, connection) = runtime.block_on(connect(&ada.invite()));
    let flood = runtime.spawn(async move {
        for number in 0..200_000_u32 {
            let datagram = Bytes::from(number.to_le_bytes().repeat(200));
            if connection.send_datagram_wait(datagram).await.is_err() {
                break;
            }
        }
        connection.closed().await;
        drop(endpoint);
    });
    let begun = Instant::now();
    while !flood.is_finished() {
        assert_unharmed(&ada, &ben);
        assert!(
            begun.elapsed() < common::LONG,
            "the flood goes on: {:#?}",
            ada.peer.statistics()
        );
    }
    let statistics = ada.peer.statistics();
    assert!(
        statistics.datagrams_received > 0 && statistics.space.peers_closed >= 1,
        "{statistics:#?}"
    );
    assert_unharmed(&ada, &ben);
}

#[test]
fn a_stranger_that_speaks_garbage_is_sent_away() {
    let (ada, _, ben, _) = two();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    for lane in Lane::ALL {
        runtime.block_on(async {
            let (_endpoint, connection) = connect(&ada.invite()).await;
            let mut stream = connection.open_uni().await.expect("a stream");
            let frame = [&[lane.tag()][..], &64_u32.to_le_bytes(), &[0xA5; 64]].concat();
            stream.write_all(&frame).await.expect("room");
            tokio::time::timeout(Duration::from_secs(10), connection.closed())
                .await
                .expect("sent away");
        });
        assert_unharmed(&ada, &ben);
    }
}

#[test]
fn a_stranger_that_says_nothing_is_sent_away() {
    let (ada, _, ben, _) = two();
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let (_endpoint, connection) = connect(&ada.invite()).await;
        tokio::time::timeout(Duration::from_secs(10), connection.closed())
            .await
            .expect("sent away");
    });
    assert_unharmed(&ada, &ben);
}
