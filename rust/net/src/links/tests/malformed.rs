use std::net::UdpSocket;

use super::*;

/// Two peers that behave, and one that is about to do something else.
struct Scene {
    node: Node,
    friend: Node,
    rogue: Rogue,
    connection: Connection,
}

impl Scene {
    async fn new() -> Self {
        let (mut node, friend) = pair().await;
        let rogue = Rogue::new(ALPN).await;
        let connection = rogue.link(&mut node).await;
        Self {
            node,
            friend,
            rogue,
            connection,
        }
    }

    /// The rogue is sent away for breaking the rules, and nobody else notices.
    async fn assert_sent_away(mut self) {
        assert_eq!(
            self.node.disconnected().await,
            (self.rogue.id(), CloseReason::Malformed)
        );
        self.connection.closed().await;
        assert_eq!(self.node.statistics().closed_malformed, 1);
        assert_alive(&mut self.node, &mut self.friend).await;
    }
}

#[tokio::test]
async fn an_unknown_lane() {
    let scene = Scene::new().await;
    let _stream = stream(&scene.connection, &[Lane::ALL.len() as u8]).await;
    scene.assert_sent_away().await;
}

#[tokio::test]
async fn a_second_lane_of_a_kind() {
    let scene = Scene::new().await;
    let _first = lane(&scene.connection, Lane::Bulk, &[]).await;
    let _second = lane(&scene.connection, Lane::Bulk, &[]).await;
    scene.assert_sent_away().await;
}

#[tokio::test]
async fn a_frame_that_is_too_long() {
    for (kind, length) in Lane::ALL
        .into_iter()
        .flat_map(|lane| [(lane, lane.frame_limit() + 1), (lane, 1 << 31)])
    {
        let scene = Scene::new().await;
        let _stream = lane(&scene.connection, kind, &(length as u32).to_le_bytes()).await;
        scene.assert_sent_away().await;
    }
}

#[tokio::test]
async fn a_frame_that_ends_early() {
    for bytes in [&b""[..], &[9, 0], &[9, 0, 0, 0], &[9, 0, 0, 0, 1, 2, 3]] {
        let scene = Scene::new().await;
        let mut stream = lane(
            &scene.connection,
            Lane::Message,
            &[&[0, 0, 0, 0], bytes].concat(),
        )
        .await;
        if bytes.is_empty() {
            // Whole frames, and then the end: that is how a lane may end.
            stream.finish().expect("open");
            assert_lives_on(scene).await;
            continue;
        }
        stream.finish().expect("open");
        let mut scene = scene;
        assert_eq!(scene.node.frame().await, (Lane::Message, Bytes::new()));
        scene.assert_sent_away().await;
    }
}

async fn assert_lives_on(mut scene: Scene) {
    assert_eq!(scene.node.frame().await, (Lane::Message, Bytes::new()));
    let _stream = lane(&scene.connection, Lane::Control, &[1, 0, 0, 0, 7]).await;
    assert_eq!(
        scene.node.frame().await,
        (Lane::Control, Bytes::from_static(&[7]))
    );
}

#[tokio::test]
async fn a_stream_without_a_lane() {
    let scene = Scene::new().await;
    let mut stream = scene.connection.open_uni().await.expect("a stream");
    stream.finish().expect("open");
    scene.assert_sent_away().await;
}

#[tokio::test]
async fn a_lane_that_is_reset() {
    let scene = Scene::new().await;
    let mut stream = lane(&scene.connection, Lane::Control, &[200, 0, 0, 0, 1]).await;
    stream.reset(0_u32.into()).expect("open");
    scene.assert_sent_away().await;
}

#[tokio::test]
async fn garbage_for_a_stream() {
    let scene = Scene::new().await;
    let garbage: Vec<_> = (1..4_096_u32)
        .flat_map(|n| n.wrapping_mul(0x9E37_79B9).to_le_bytes())
        .collect();
    let _stream = lane(&scene.connection, Lane::Bulk, &garbage).await;
    scene.assert_sent_away().await;
}

#[tokio::test]
async fn an_announced_length_is_not_allocated_before_its_bytes_come() {
    let mut scene = Scene::new().await;
    let limit = Lane::Message.frame_limit() as u32;
    let mut stream = lane(&scene.connection, Lane::Message, &limit.to_le_bytes()).await;
    let body = vec![5; limit as usize];
    let (written, received) = tokio::join!(stream.write_all(&body), scene.node.frame());
    written.expect("all taken");
    assert_eq!(received, (Lane::Message, Bytes::from(body)));
}

#[tokio::test]
async fn a_stream_of_a_kind_that_is_not_used_cannot_be_opened() {
    let scene = Scene::new().await;
    assert!(
        timeout(Duration::from_millis(200), scene.connection.open_bi())
            .await
            .is_err()
    );
    let mut lanes = Vec::new();
    for kind in Lane::ALL {
        lanes.push(lane(&scene.connection, kind, &[]).await);
    }
    assert!(
        timeout(Duration::from_millis(200), scene.connection.open_uni())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn packets_that_are_not_quic_change_nothing() {
    let mut scene = Scene::new().await;
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let target = scene
        .node
        .addresses()
        .into_iter()
        .find(SocketAddr::is_ipv4)
        .expect("IPv4");
    for seed in 0..2_000_u32 {
        let bytes: Vec<_> = (0..seed % 1_400)
            .map(|n| n.wrapping_mul(seed).to_le_bytes()[1])
            .collect();
        socket.send_to(&bytes, target).expect("sent");
    }
    assert_alive(&mut scene.node, &mut scene.friend).await;
    let _stream = lane(&scene.connection, Lane::Control, &[1, 0, 0, 0, 7]).await;
    assert_eq!(
        scene.node.frame().await,
        (Lane::Control, Bytes::from_static(&[7]))
    );
}
