use super::*;

const ROUNDS: u8 = 60;
const FRAMES: u8 = 20;

/// What one side saw of one round.
#[derive(Default, Debug, PartialEq, Eq)]
struct Seen {
    connected: usize,
    frames: Vec<u8>,
}

impl Seen {
    fn is_whole(&self) -> bool {
        self.frames.len() == usize::from(FRAMES)
    }
}

async fn see(node: &mut Node, other: PeerId, seen: &mut Seen) {
    match node.next().await {
        Input::Connected { peer } => {
            assert_eq!(peer, other);
            seen.connected += 1;
            for number in 0..FRAMES {
                node.links
                    .send(other, Lane::Control, Bytes::from(vec![number]));
            }
        }
        Input::Frame { bytes, .. } => seen.frames.push(bytes[0]),
        unexpected => panic!("{unexpected:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_dials_at_once_one_link_comes_and_nothing_on_it_is_lost() {
    let (mut one, mut other) = (Node::new().await, Node::new().await);
    let (one_id, other_id) = (one.id(), other.id());
    for round in 0..ROUNDS {
        one.dial(&other);
        // The second dial comes at all stages of the first one.
        sleep(Duration::from_micros(100 * u64::from(round))).await;
        other.dial(&one);
        let (mut at_one, mut at_other) = (Seen::default(), Seen::default());
        while !at_one.is_whole() || !at_other.is_whole() {
            tokio::select! {
                () = see(&mut one, other_id, &mut at_one) => {}
                () = see(&mut other, one_id, &mut at_other) => {}
            }
        }
        let whole = Seen {
            connected: 1,
            frames: (0..FRAMES).collect(),
        };
        assert_eq!((&at_one, &at_other), (&whole, &whole), "in round {round}");
        settle(&mut one, &mut other).await;
        one.links.close(other_id, CloseReason::Done);
        assert_eq!(other.disconnected().await, (one_id, CloseReason::Done));
    }
}

/// Waits until nothing is left of the connection that was given up.
async fn settle(one: &mut Node, other: &mut Node) {
    let is_settled = |node: &Node| {
        node.links
            .meetings
            .values()
            .all(|m| m.held.is_none() && m.dial.is_none())
    };
    while !is_settled(one) || !is_settled(other) {
        let notice = async {
            tokio::select! {
                notice = one.links.notices.recv() => (true, notice),
                notice = other.links.notices.recv() => (false, notice),
            }
        };
        let (is_one, notice) = timeout(LONG, notice).await.expect("it settles");
        let node = if is_one { &mut *one } else { &mut *other };
        node.links.handle(notice.expect("the table holds a sender"));
        let unexpected: Vec<_> = node
            .links
            .ready
            .iter()
            .filter(|input| !matches!(input, Input::Path { .. } | Input::Addresses(_)))
            .collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
    }
}

#[tokio::test]
async fn a_peer_that_has_lost_its_side_gets_a_new_link() {
    let (mut node, rogue) = (Node::new().await, Rogue::new(ALPN).await);
    let first = rogue.link(&mut node).await;
    let second = rogue.link(&mut node).await;
    first.closed().await;
    let frame = [&1_u32.to_le_bytes()[..], b"x"].concat();
    let _stream = lane(&second, Lane::Control, &frame).await;
    assert_eq!(
        node.frame().await,
        (Lane::Control, Bytes::from_static(b"x"))
    );
    assert_eq!(node.links.count(), 1);
}

#[tokio::test]
async fn a_second_connection_that_is_given_up_leaves_the_first_alone() {
    let (mut node, rogue) = (Node::new().await, Rogue::new(ALPN).await);
    let first = rogue.link(&mut node).await;
    rogue.connect(&node).await.close(0_u32.into(), b"crossed");
    let frame = [&1_u32.to_le_bytes()[..], b"x"].concat();
    let _stream = lane(&first, Lane::Control, &frame).await;
    assert_eq!(
        node.frame().await,
        (Lane::Control, Bytes::from_static(b"x"))
    );
    assert!(first.close_reason().is_none());
}
