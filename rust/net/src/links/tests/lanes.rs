use metaverse_protocol::limits::{CONTROL_BYTES, MESSAGE_FRAME_BYTES};

use super::*;

#[tokio::test]
async fn frames_keep_their_sequence_and_their_bytes() {
    let (mut one, mut other) = pair().await;
    let lengths = [
        0,
        1,
        100,
        65_535,
        65_536,
        65_537,
        200_000,
        MESSAGE_FRAME_BYTES,
    ];
    let frames: Vec<_> = lengths
        .iter()
        .enumerate()
        .map(|(seed, length)| Bytes::from(noise(seed as u8, *length)))
        .collect();
    for frame in &frames {
        one.links.send(other.id(), Lane::Message, frame.clone());
    }
    let received = async {
        for frame in &frames {
            assert_eq!(other.frame().await, (Lane::Message, frame.clone()));
        }
    };
    tokio::select! { () = received => {}, input = one.next() => panic!("{input:?}") }
    let statistics = one.statistics();
    assert_eq!(statistics.frames_sent, frames.len() as u64);
    assert_eq!(
        statistics.frame_bytes_sent,
        other.statistics().frame_bytes_received
    );
}

fn noise(seed: u8, length: usize) -> Vec<u8> {
    (0..length)
        .map(|place| seed.wrapping_add((place % 251) as u8))
        .collect()
}

#[tokio::test]
async fn a_large_message_does_not_delay_the_space_s_order() {
    let (mut one, mut other) = pair().await;
    for _ in 0..3 {
        one.links.send(
            other.id(),
            Lane::Message,
            Bytes::from(vec![0; MESSAGE_FRAME_BYTES]),
        );
        one.links
            .send(other.id(), Lane::Bulk, Bytes::from(vec![0; 64 * 1024]));
    }
    one.links.send(
        other.id(),
        Lane::Control,
        Bytes::from(vec![1; CONTROL_BYTES]),
    );
    let mut before = 0;
    while other.frame().await.0 != Lane::Control {
        before += 1;
    }
    assert!(before < 6, "it came last");
}

#[tokio::test]
async fn without_room_only_messages_wait() {
    let (mut one, mut other) = pair().await;
    other.room.send_replace(false);
    for number in 0..50 {
        one.links
            .send(other.id(), Lane::Message, Bytes::from(vec![number]));
    }
    one.links
        .send(other.id(), Lane::Control, Bytes::from_static(b"control"));
    assert_eq!(other.frame().await.0, Lane::Control);
    one.links
        .send(other.id(), Lane::Bulk, Bytes::from_static(b"bulk"));
    assert_eq!(other.frame().await.0, Lane::Bulk);
    one.links
        .send_datagram(other.id(), Bytes::from_static(b"datagram"));
    assert!(matches!(other.next().await, Input::Datagram { .. }));
    other.room.send_replace(true);
    for number in 0..50 {
        assert_eq!(
            other.frame().await,
            (Lane::Message, Bytes::from(vec![number]))
        );
    }
}

#[tokio::test]
async fn a_message_counts_until_it_has_arrived() {
    let (mut one, mut other) = pair().await;
    let frame = one.backlog.admit(vec![0; 1_000]).expect("room");
    one.links.send(other.id(), Lane::Message, frame);
    assert_eq!(one.backlog.waiting().messages, 1);
    assert_eq!(other.frame().await.1.len(), 1_000);
    let acknowledged = async {
        while one.backlog.waiting().messages > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LONG, acknowledged)
        .await
        .expect("it is taken off the books");
}
