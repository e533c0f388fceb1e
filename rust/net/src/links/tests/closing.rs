use std::time::Instant;

use super::*;
use crate::config::{CLOSE_TIMEOUT, CONNECTION_SILENCE};

#[tokio::test]
async fn what_was_sent_before_a_close_arrives_before_it() {
    for reason in [CloseReason::Done, CloseReason::Unauthorized] {
        let (mut one, mut other) = pair().await;
        for number in 0..100_u8 {
            one.links
                .send(other.id(), Lane::Control, Bytes::from(vec![number; 1_000]));
            one.links
                .send(other.id(), Lane::Message, Bytes::from(vec![number; 1_000]));
        }
        one.links.close(other.id(), reason);
        let mut frames = 0;
        let end = loop {
            match other.next().await {
                Input::Frame { .. } => frames += 1,
                Input::Disconnected { peer, reason } => break (peer, reason),
                unexpected => panic!("{unexpected:?}"),
            }
        };
        assert_eq!((frames, end), (200, (one.id(), reason)));
        assert_eq!((one.links.count(), other.links.count()), (0, 0));
    }
}

#[tokio::test]
async fn closing_does_not_wait_for_somebody_who_does_not_read() {
    let (mut node, rogue) = (Node::new().await, Rogue::new(ALPN).await);
    let connection = rogue.link(&mut node).await;
    for _ in 0..10 {
        node.links
            .send(rogue.id(), Lane::Control, Bytes::from(vec![0; 100 * 1024]));
    }
    let begun = Instant::now();
    node.links.close(rogue.id(), CloseReason::Done);
    connection.closed().await;
    assert!(
        begun.elapsed() < 3 * CLOSE_TIMEOUT,
        "it took {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_table_that_shuts_down_says_so() {
    let (mut one, mut other) = pair().await;
    one.links
        .send(other.id(), Lane::Control, Bytes::from_static(b"farewell"));
    let id = one.id();
    let begun = Instant::now();
    one.links.shut_down().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "it took {:?}",
        begun.elapsed()
    );
    assert_eq!(other.frame().await.1, Bytes::from_static(b"farewell"));
    assert_eq!(other.disconnected().await, (id, CloseReason::Done));
}

#[test]
fn a_peer_that_is_killed_is_silent_and_then_gone() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads")
    };
    let (here, there) = (runtime(), runtime());
    let (mut node, victim) = here.block_on(async {
        let mut node = Node::new().await;
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let target = address(&node);
        there.spawn(async move {
            let rogue = Rogue::new(ALPN).await;
            let connection = rogue
                .endpoint
                .connect(target, ALPN)
                .await
                .expect("a connection");
            let _ = sender.send(rogue.id());
            connection.closed().await;
        });
        let victim = receiver.await.expect("it lives");
        assert_eq!(node.connected().await, victim);
        (node, victim)
    });
    // Its threads stop where they are: nothing is sent any more, as if the process were killed.
    there.shutdown_background();
    let begun = Instant::now();
    let (peer, reason) = here.block_on(node.disconnected());
    assert_eq!(peer, victim);
    assert!(
        matches!(reason, CloseReason::Silent | CloseReason::Failed),
        "{reason:?}"
    );
    assert!(
        begun.elapsed() < CONNECTION_SILENCE + Duration::from_secs(1),
        "it took {:?}",
        begun.elapsed()
    );
    let _entered = here.enter();
    drop(node);
}
