use std::time::Instant;

use super::*;
use crate::config::{BACKLOG_BYTES, CONTROL_FRAMES, CONTROL_PATIENCE, CROWDED_PATIENCE};

#[tokio::test]
async fn a_peer_that_reads_no_control_frames_is_left() {
    let (mut node, mut friend) = pair().await;
    let rogue = Rogue::new(ALPN).await;
    let connection = rogue.link(&mut node).await;
    let begun = Instant::now();
    // More than the other side's window takes, less than the queue does.
    for _ in 0..8 {
        node.links
            .send(rogue.id(), Lane::Control, Bytes::from(vec![0; 200 * 1024]));
        assert_alive(&mut node, &mut friend).await;
    }
    assert_eq!(
        node.disconnected().await,
        (rogue.id(), CloseReason::NotReading)
    );
    assert!(
        begun.elapsed() < 2 * CONTROL_PATIENCE,
        "it took {:?}",
        begun.elapsed()
    );
    assert_eq!(node.statistics().closed_not_reading, 1);
    connection.closed().await;
    assert_alive(&mut node, &mut friend).await;
}

#[tokio::test]
async fn more_control_frames_than_may_wait_end_the_link_at_once() {
    let (mut node, mut friend) = pair().await;
    let rogue = Rogue::new(ALPN).await;
    let _connection = rogue.link(&mut node).await;
    for _ in 0..=CONTROL_FRAMES {
        node.links
            .send(rogue.id(), Lane::Control, Bytes::from_static(b"x"));
    }
    assert_eq!(
        node.disconnected().await,
        (rogue.id(), CloseReason::NotReading)
    );
    assert_eq!(
        (node.statistics().closed_not_reading, node.links.count()),
        (1, 1)
    );
    assert_alive(&mut node, &mut friend).await;
}

#[tokio::test]
async fn images_that_nobody_reads_are_dropped() {
    let (mut node, mut friend) = pair().await;
    let rogue = Rogue::new(ALPN).await;
    let _connection = rogue.link(&mut node).await;
    for _ in 0..64 {
        node.links
            .send(rogue.id(), Lane::Bulk, Bytes::from(vec![0; 64 * 1024]));
    }
    assert!(node.statistics().frames_dropped > 0);
    assert_eq!(node.links.count(), 2);
    assert_alive(&mut node, &mut friend).await;
}

#[tokio::test]
async fn one_that_holds_up_everybody_s_messages_is_left_soon() {
    let (mut node, mut friend) = pair().await;
    let rogue = Rogue::new(ALPN).await;
    let _connection = rogue.link(&mut node).await;
    let begun = Instant::now();
    while let Some(frame) = node.backlog.admit(vec![0; 256 * 1024]) {
        node.links.send(rogue.id(), Lane::Message, frame.clone());
        node.links.send(friend.id(), Lane::Message, frame);
        assert_eq!(friend.frame().await.0, Lane::Message);
    }
    assert!(node.backlog.is_crowded());
    assert_eq!(
        node.disconnected().await,
        (rogue.id(), CloseReason::NotReading)
    );
    assert!(
        begun.elapsed() < 2 * CROWDED_PATIENCE,
        "it took {:?}",
        begun.elapsed()
    );
    let emptied = async {
        while node.backlog.waiting().bytes > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LONG, emptied).await.expect("room again");
    assert!(node.backlog.admit(vec![0; BACKLOG_BYTES]).is_some());
}

#[tokio::test]
async fn one_that_holds_up_nobody_has_more_time() {
    let (mut node, rogue) = (Node::new().await, Rogue::new(ALPN).await);
    let connection = rogue.link(&mut node).await;
    // More than the other side's window takes, less than crowds the backlog.
    let (frames, length) = (7, 256 * 1024);
    for _ in 0..frames {
        let frame = node.backlog.admit(vec![0; length]).expect("room");
        node.links.send(rogue.id(), Lane::Message, frame);
    }
    let asleep = timeout(CROWDED_PATIENCE + Duration::from_secs(1), node.next()).await;
    assert!(asleep.is_err(), "{asleep:?}");

    let read = async {
        let mut control = connection.accept_uni().await.expect("the control lane");
        control.read_exact(&mut [0]).await.expect("its tag");
        let mut messages = connection.accept_uni().await.expect("the message lane");
        messages
            .read_exact(&mut vec![0; 1 + frames * (4 + length)])
            .await
            .expect("all of it");
    };
    timeout(LONG, read)
        .await
        .expect("all comes once it is read");
    assert!(connection.close_reason().is_none());
}
