use std::time::Instant;

use super::*;

#[tokio::test]
async fn two_peers_meet_and_talk_on_every_lane() {
    let (mut one, mut other) = pair().await;
    assert_alive(&mut one, &mut other).await;
    assert_eq!((one.links.count(), other.links.count()), (1, 1));
}

#[tokio::test]
async fn a_link_carries_datagrams_and_tells_its_path() {
    let (one, mut other) = pair().await;
    one.links
        .send_datagram(other.id(), Bytes::from_static(b"pose"));
    match other.next().await {
        Input::Datagram { from, bytes } => assert_eq!((from, &bytes[..]), (one.id(), &b"pose"[..])),
        unexpected => panic!("{unexpected:?}"),
    }
    let (mut one, mut other) = (Node::new().await, Node::new().await);
    one.dial(&other);
    let path = async {
        loop {
            if let Input::Path { peer, kind } = one.links.next().await {
                return (peer, kind);
            }
        }
    };
    let (path, _) = tokio::join!(timeout(LONG, path), other.connected());
    assert_eq!(
        path.expect("a path"),
        (other.id(), metaverse_space::io::PathKind::Direct)
    );
}

#[tokio::test]
async fn an_address_that_is_silent_does_not_hide_one_that_answers() {
    let (mut one, mut other) = (Node::new().await, Node::new().await);
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let mut addresses = vec![silent.local_addr().expect("bound")];
    addresses.extend(other.addresses());
    one.links.dial(other.id(), addresses, false);
    let (at_one, _) = tokio::join!(one.connected(), other.connected());
    assert_eq!(at_one, other.id());
}

#[tokio::test]
async fn where_nobody_is_nobody_is_reached() {
    let mut node = Node::new().await;
    let gone = Node::new().await;
    let (id, addresses) = (gone.id(), gone.addresses());
    gone.links.shut_down().await;
    let begun = Instant::now();
    node.links.dial(id, addresses, false);
    assert_unreachable(&mut node, id).await;
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_silent_address_and_an_impostor_are_unreachable() {
    let (mut node, impostor) = (Node::new().await, Node::new().await);
    let nobody = PeerId(*SecretKey::from_bytes(&[7; 32]).public().as_bytes());
    node.links.dial(nobody, impostor.addresses(), false);
    assert_unreachable(&mut node, nobody).await;
    assert_eq!(impostor.links.count(), 0);
}

#[tokio::test]
async fn nonsense_is_unreachable_at_once() {
    let mut node = Node::new().await;
    for peer in [PeerId([0xff; 32]), node.id()] {
        node.links.dial(peer, node.addresses(), false);
        assert_unreachable(&mut node, peer).await;
    }
    let nowhere = PeerId(*SecretKey::from_bytes(&[7; 32]).public().as_bytes());
    node.links.dial(nowhere, Vec::new(), false);
    assert_unreachable(&mut node, nowhere).await;
    assert_eq!(node.statistics().dials_failed, 3);
}

async fn assert_unreachable(node: &mut Node, wanted: PeerId) {
    match node.next().await {
        Input::DialFailed { peer, error } => {
            assert_eq!((peer, error), (wanted, DialError::Unreachable));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_version_is_incompatible_whoever_dials() {
    let (mut node, other) = (Node::new().await, Rogue::new(b"metaverse/999").await);
    let endpoint = other.endpoint.clone();
    let accepting = tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            assert!(incoming.await.is_err());
        }
    });
    node.links.dial(other.id(), other.addresses(), false);
    match node.next().await {
        Input::DialFailed { peer, error } => {
            assert_eq!((peer, error), (other.id(), DialError::Incompatible));
        }
        unexpected => panic!("{unexpected:?}"),
    }
    assert_eq!(node.statistics().incompatible, 1);

    assert!(
        other
            .endpoint
            .connect(address(&node), b"metaverse/999")
            .await
            .is_err()
    );
    let counted = async {
        while node.statistics().incompatible < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, counted).await.expect("it is counted");
    assert_eq!(node.links.count(), 0);
    accepting.abort();
}

#[tokio::test]
async fn an_endpoint_that_dials_nobody_sends_nothing() {
    let endpoint = bound().await;
    assert!(endpoint.addr().relay_urls().next().is_none());
    // Net reports, port mapping and look-ups would begin with the first addresses, and end within this time.
    let mut watcher = endpoint.watch_addr();
    let _ = timeout(Duration::from_secs(3), async {
        while watcher.updated().await.is_ok() {}
    })
    .await;
    let socket = &endpoint.metrics().socket;
    assert_eq!(
        (
            socket.send_ipv4.get(),
            socket.send_ipv6.get(),
            socket.send_relay.get()
        ),
        (0, 0, 0)
    );
}
